"""The demo's dispatch: shifts and two exports that fit the clips; the second moves one event and cancels another."""

import csv
import datetime as dt
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from fairwitness.department import doors as department
from fairwitness.department.models import Camera, Member
from fairwitness.incidents import acts
from fairwitness.incidents.acts import Reading
from fairwitness.kernel import actors
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.roles import Role
from tests.clips.make_clips import ClipFacts

SHIFTS = ("Badge", "Call sign", "Date", "Begins", "Ends")
DISPATCH = ("Incident", "Date", "Time", "Type", "Address", "Unit", "Dispatched", "En route", "Arrived", "Cleared",
            "Disposition")  # fmt: skip
KINDS = {
    "traffic stop": "Traffic stop",
    "search": "Search warrant",
    "patrol": "Directed patrol",
    "interview": "Follow-up interview",
}
PLACES = (
    "Elm St and Third St",
    "14 Harbor Row",
    "Mill Pond Rd",
    "200 Station Sq",
    "7 Orchard Ln",
    "Front St, by the bridge",
)
# A unit of another agency: nobody here had this call sign.
STRANGER = "STATE7"
# So many incidents of the last days come with the second export only: their recordings are here before them.
LATER = 4


@dataclass(frozen=True)
class Call:
    """One incident as dispatch knew it: when it was opened, and its units with the clips that they filmed."""

    number: str
    opened: dt.datetime
    clips: tuple[ClipFacts, ...]

    def rows(self, *, late: dt.timedelta = dt.timedelta(), said: str = "") -> Iterator[list[str]]:
        """One row for each unit. `late`: the whole call that much later than it was."""
        local = (self.opened + late).astimezone(agency().tz)
        head = [self.number, f"{local:%m/%d/%Y}", f"{local:%H:%M:%S}", self.kind, self.place]
        for clip in self.clips:
            ends = clip.started_at + dt.timedelta(seconds=clip.seconds)
            moments = (
                self.opened + dt.timedelta(seconds=95),
                self.opened + dt.timedelta(seconds=150),
                clip.started_at - dt.timedelta(seconds=40),
                ends + dt.timedelta(minutes=18),
            )
            clocks = [f"{(each + late).astimezone(agency().tz):%H:%M:%S}" for each in moments]
            yield [*head, clip.unit, *clocks, said]

    @property
    def kind(self) -> str:
        shows = self.clips[0].kind.replace("_", " ")
        return KINDS.get(shows, shows.capitalize())

    @property
    def place(self) -> str:
        return PLACES[sum(map(ord, self.number)) % len(PLACES)]


def calls(clips: Iterable[ClipFacts]) -> list[Call]:
    """The incidents behind the clips, in order of time."""
    by_number: dict[str, list[ClipFacts]] = {}
    for clip in sorted(clips, key=lambda clip: clip.started_at):
        by_number.setdefault(clip.incident, []).append(clip)
    return [
        Call(number, (same[0].started_at - dt.timedelta(minutes=9)).replace(microsecond=0), tuple(same))
        for number, same in by_number.items()
    ]


def before(clips: list[ClipFacts]) -> None:
    """Shifts and the first export: the second event stands an hour too early, another will be called off."""
    by, known = _by(), calls(clips)
    bring_in("shifts", SHIFTS, _shifts(clips), by)
    bring_in("dispatch", DISPATCH, [*_first(known), *_called_off(known[1], "")], by)


def after(clips: list[ClipFacts]) -> None:
    """The second export: everything again as it turned out, and what came since."""
    known = calls(clips)
    rows = [row for call in known for row in call.rows()]
    rows += [[*rows[0][:5], STRANGER, *rows[0][6:]], *_called_off(known[1], "CANCELLED BY CALLER")]
    bring_in("dispatch", DISPATCH, rows, _by())


def _first(known: list[Call]) -> Iterator[list[str]]:
    for place, call in enumerate(known[: len(known) - LATER] or known):
        yield from call.rows(late=-dt.timedelta(hours=1) if place == 1 else dt.timedelta())
    local = known[0].opened.astimezone(agency().tz)
    # As every real export has one: a row whose day nobody can read.
    yield [f"{local:%y}-000000", "N/A", "", "Test call", "", "", "", "", "", "", ""]


def _called_off(near: Call, said: str) -> Iterator[list[str]]:
    """A call that is cancelled before anybody is there."""
    local = (near.opened - dt.timedelta(minutes=50)).astimezone(agency().tz)
    sent = local + dt.timedelta(minutes=2)
    yield [f"{local:%y}-000017", f"{local:%m/%d/%Y}", f"{local:%H:%M:%S}", "Alarm", PLACES[0], near.clips[0].unit,
           f"{sent:%H:%M:%S}", "", "", "", said]  # fmt: skip


def _shifts(clips: Iterable[ClipFacts]) -> list[list[str]]:
    """By day or by night, under the call sign that the clip shows, of whoever wore its camera then."""
    rows = {}
    for clip in clips:
        wearer = _wearer(clip)
        local = clip.started_at.astimezone(agency().tz)
        by_day = 7 <= local.hour < 19
        day = local.date() if by_day or local.hour >= 19 else local.date() - dt.timedelta(days=1)
        begins, ends = ("07:00", "19:00") if by_day else ("19:00", "07:00")
        if wearer:
            rows[wearer.badge, day, begins] = [wearer.badge, clip.unit, day.isoformat(), begins, ends]
    return [rows[key] for key in sorted(rows, key=str)]


def _wearer(clip: ClipFacts) -> Member | None:
    camera: Camera | None = department.camera_by_serial(clip.camera)
    return department.wearer_at(camera.pk, clip.started_at) if camera else None


def _by() -> Actor:
    """Ana Costa of the BWC Unit."""
    return actors.member(Member.objects.get(badge="P301").pk, frozenset({Role.BWC_UNIT}))


def bring_in(purpose: str, header: Iterable[str], rows: Iterable[Iterable[str]], by: Actor) -> None:
    """Import rows as a file, as the page does it."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    columns = guess_columns(list(header), acts.COLUMNS[purpose])
    act = acts.import_dispatch if purpose == "dispatch" else acts.import_shifts
    name = "Regional dispatch" if purpose == "dispatch" else "Watch roster"
    act(data=text.getvalue().encode(), reading=Reading(columns, "month_first", name=name), by=by)
