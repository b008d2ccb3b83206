"""The doors to cameras' clocks: by how much each differs, as people found it, followed from camera to camera."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.models import Offset, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Invalid, NotFound

# A mark against a camera that is marked against another, and so on: no further than this.
DEEPEST = 20


def standing(recording_ids: Collection[uuid.UUID], at: dt.datetime | None = None) -> dict[uuid.UUID, Offset]:
    """What was found about the clocks of these recordings and stands (or stood at a moment), by recording."""
    rows = Offset.objects.filter(recording__in=recording_ids)
    if at is None:
        rows = rows.filter(withdrawn_at=None)
    else:
        rows = rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=at), found_at__lte=at)
    return {row.recording_id: row for row in rows.select_related("other", "found_by").order_by("found_at")}


def leading(recording_ids: Collection[uuid.UUID], at: dt.datetime | None = None) -> dict[uuid.UUID, Offset]:
    """The same, with that of every camera that one of them was marked against."""
    found: dict[uuid.UUID, Offset] = {}
    wanted = set(recording_ids)
    for _deeper in range(DEEPEST):
        new = standing(wanted - found.keys(), at)
        found |= new
        wanted = {row.other_id for row in new.values() if row.other_id} - found.keys()
        if not wanted:
            break
    return found


def in_all(recording_id: uuid.UUID, found: Mapping[uuid.UUID, Offset]) -> int:
    """The offset of a recording in ms, with that of each camera on the way to the last; 0 where nobody found one."""
    total, seen = 0, set[uuid.UUID]()
    here: uuid.UUID | None = recording_id
    while here is not None and here in found and here not in seen:
        seen.add(here)
        total += found[here].offset_ms
        here = found[here].other_id
    return total


def signed(milliseconds: int) -> str:
    """A difference in words: by how much a clock is slow or fast."""
    if milliseconds == 0:
        return _("as it is")
    days, rest = divmod(abs(milliseconds), 86_400_000)
    seconds = rest / 1000
    minutes, left = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [
        _("{n} days").format(n=days) if days > 1 else _("1 day") if days else "",
        _("{n} h").format(n=hours) if hours else "",
        _("{n} min").format(n=minutes) if minutes else "",
        # Of days nobody wants the thousandths.
        "" if days else _("{n} s").format(n=f"{left + seconds % 1:.3f}".rstrip("0").rstrip(".")),
    ]
    words = _("{span} slow") if milliseconds > 0 else _("{span} fast")
    return words.format(span=" ".join(part for part in parts if part and not part.startswith("0 ")) or "0 s")


def leads_to(first: uuid.UUID, last: uuid.UUID) -> bool:
    """Whether the clock of one recording is known by way of another's."""
    found, here = leading([first]), first
    for _step in range(DEEPEST):
        row = found.get(here)
        if row is None or row.other_id is None:
            return False
        if row.other_id == last:
            return True
        here = row.other_id
    return True


def offset(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Offset:
    """One offset, for whoever may find such. Raises NotFound, Forbidden; WrongState where the bytes are gone."""
    found = Offset.objects.filter(pk=pk).select_related("recording").first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    doors.recording(actor, found.recording_id, "align", lock=lock)
    if lock:
        Offset.objects.select_for_update(of=("self",)).get(pk=pk)
        found.refresh_from_db(fields=["withdrawn_at"])
    return found


def check_moment(recording: Recording, at_ms: int, field: str) -> None:
    """Raise Invalid for a moment that is not in a recording."""
    if not 0 <= at_ms <= (recording.duration_ms or 0):
        said = _("That moment is not in the recording {number}.").format(number=recording.number)
        raise Invalid(said, **{field: [said]})


def moment_of(recording: Recording, at_ms: int) -> dt.datetime:
    """The time that the recording's own clock says at a moment of it."""
    return recording.started + dt.timedelta(milliseconds=at_ms)


def history_of(actor: Actor, recording: Recording) -> "QuerySet[Offset]":
    """Everything that was found about a recording's clock, withdrawn rows among them, the latest first."""
    rows = Offset.objects.filter(recording=recording).select_related("other", "found_by")
    return rows.order_by("-found_at", "-id") if doors.may(actor, recording.pk, "find") else rows.none()
