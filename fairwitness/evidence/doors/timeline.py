"""Several cameras on one time line: each with its clock set right as far as people found by how much it differs."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from fairwitness.evidence import doors
from fairwitness.evidence.doors import clocks
from fairwitness.evidence.doors.incidents import end_of, recordings_of_incident
from fairwitness.evidence.models import Offset, Recording, Viewing
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import Actor
from fairwitness.rules.side_by_side import together

# So many are played on one clock, and so many lanes are shown; what is beyond is counted.
AT_ONCE = 4
LANES = 100
# Cameras of one incident lie no further apart; what does has a clock that is wrong, and is not moved by itself.
PAUSE = dt.timedelta(hours=12)
# A clock that differs by as much is wrong in its day or its year, and not only slow or fast.
WRONG_DAY = dt.timedelta(hours=20)
Span = tuple[dt.datetime, dt.datetime]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Lane:
    """One camera's recording with its span in true time, as far as that is known.

    `loose`: its clock says that it was far from the others, or says nothing: it lies on no time line until somebody
    finds by how much it differs.
    """

    recording: Recording
    begins: dt.datetime
    ends: dt.datetime
    offset: Offset | None
    offset_ms: int
    loose: bool
    may_open: bool
    # Between its clock and the line, where it is loose.
    away: dt.timedelta = dt.timedelta()

    @property
    def length_ms(self) -> int:
        """How long it is."""
        return (self.ends - self.begins) // dt.timedelta(milliseconds=1)

    @property
    def wrong_day(self) -> bool:
        """Whether its clock has another day than the others."""
        return abs(self.away) >= WRONG_DAY or abs(self.offset_ms) >= WRONG_DAY / dt.timedelta(milliseconds=1)


@dataclass(frozen=True)
class Timeline:
    """The lanes in order of time, and the span of those that lie on the line; `more` were left out."""

    lanes: list[Lane]
    begins: dt.datetime
    ends: dt.datetime
    more: int = 0

    @property
    def length_ms(self) -> int:
        """How long the line is; never nothing."""
        return max(1, (self.ends - self.begins) // dt.timedelta(milliseconds=1))

    def at_ms(self, moment: dt.datetime) -> int:
        """Where a moment lies on the line, in ms from its beginning; it may lie outside."""
        return (moment - self.begins) // dt.timedelta(milliseconds=1)

    def starts_ms(self, lane: Lane) -> int:
        """Where a lane begins; a loose one is laid at the line's beginning until its clock is known."""
        return 0 if lane.loose else self.at_ms(lane.begins)


def timeline(actor: Actor, recording_ids: Collection[uuid.UUID]) -> Timeline | None:
    """The lanes of those of these recordings that the actor may see; None where there are none."""
    rows = doors.seen(actor).filter(pk__in=list(recording_ids)[: 10 * LANES])
    return _laid(actor, rows.select_related("owner").order_by("started", "id"))


def of_incident(actor: Actor, incident_id: uuid.UUID) -> Timeline | None:
    """The lanes of an incident's recordings that the actor may find; None where there are none."""
    incident = Incident.objects.filter(pk=incident_id).values_list("opened", "closed").first()
    span = (incident[0], incident[1] or incident[0]) if incident else None
    return _laid(actor, recordings_of_incident(actor, incident_id), span)


def _laid(actor: Actor, rows: "QuerySet[Recording]", span: Span | None = None) -> Timeline | None:
    sealed = rows.filter(status__in=(Recording.Status.SEALED, Recording.Status.ERASED))
    found = list(sealed.select_related("owner", "camera")[: LANES + 1])
    more = sealed.count() - LANES if len(found) > LANES else 0
    found = found[:LANES]
    if not found:
        return None
    ids = [row.pk for row in found]
    known = clocks.leading(ids)
    openable = set(doors.narrowed(actor, "open").filter(pk__in=ids).values_list("pk", flat=True))
    spans = [_span(row, clocks.in_all(row.pk, known)) for row in found]
    on_line = _on_line(found, spans, known.keys(), span)
    begins = min(spans[place][0] for place in on_line)
    ends = max(spans[place][1] for place in on_line)
    lanes = [
        Lane(
            row,
            *spans[place],
            known.get(row.pk),
            clocks.in_all(row.pk, known),
            place not in on_line,
            row.pk in openable and row.status == Recording.Status.SEALED,
            spans[place][0] - begins if place not in on_line else dt.timedelta(),
        )
        for place, row in enumerate(found)
    ]
    longest = max((lane.ends - lane.begins for lane in lanes if lane.loose), default=dt.timedelta())
    return Timeline(
        sorted(lanes, key=lambda lane: (lane.loose, lane.begins, lane.recording.number)),
        begins,
        max(ends, begins + longest),
        more,
    )


def _span(row: Recording, offset_ms: int) -> Span:
    """When a recording was made in true time; a moment where nobody knows how long it is."""
    later = dt.timedelta(milliseconds=offset_ms)
    return row.started + later, (end_of(row) or row.started) + later


def _on_line(
    found: list[Recording], spans: list[Span], known: Collection[uuid.UUID], near: Span | None
) -> set[int]:
    """The places of those that lie on the line; all of them, where no clock of theirs is believed.

    Of an incident the time that dispatch has of it counts as one camera more.
    """
    believed = [
        place for place, row in enumerate(found) if row.pk in known or row.clock not in Recording.UNBELIEVED
    ] or list(range(len(found)))
    milliseconds = [(_ms(spans[place][0]), _ms(spans[place][1])) for place in believed]
    pause = PAUSE // dt.timedelta(milliseconds=1)
    for more in ([(_ms(near[0]), _ms(near[1]))] if near else [], []):
        chosen = together([*milliseconds, *more], pause) - {len(milliseconds)}
        if chosen:
            break
    return {believed[place] for place in chosen}


def _ms(moment: dt.datetime) -> int:
    return (moment - EPOCH) // dt.timedelta(milliseconds=1)


def open_now(actor: Actor, session: str, recording_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Viewing]:
    """The viewings of these recordings that the actor has open in this sign-in, by recording, while the door agrees."""
    rows = Viewing.objects.filter(member=actor.member_id, session=session, ended=None)
    rows = rows.filter(recording__in=doors.narrowed(actor, "open").filter(pk__in=list(recording_ids)))
    return {row.recording_id: row for row in rows.order_by("begun")}
