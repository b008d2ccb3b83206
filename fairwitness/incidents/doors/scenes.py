"""The doors to who was where: units' times on current versions of events, and shifts."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from fairwitness.incidents.doors.reach import check_may, may, only_theirs
from fairwitness.incidents.models import Incident, Response, Shift
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.clock import now
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound

# Where nobody wrote down that a unit was free again, it is not thought to have stayed longer.
LONGEST = dt.timedelta(hours=12)
# No unit is looked for on an event to which it was sent longer ago.
AGO = dt.timedelta(hours=36)


class OnScene(NamedTuple):
    """A unit at an incident: from its arrival (else when it was sent) until it was free (else the end of the event)."""

    member_id: uuid.UUID | None
    call_sign: str
    begin: dt.datetime
    end: dt.datetime | None


@dataclass(frozen=True)
class Scene:
    """The same with the incident, for looking from a member's side. `end` is bounded where it is not known."""

    incident: Incident
    member_id: uuid.UUID
    call_sign: str
    begin: dt.datetime
    end: dt.datetime


def _current() -> Any:
    """Responses of events as they stand now: no replaced version, no cancelled event; with `begin` and `end`."""
    return (
        Response.objects.filter(event__replaced_by=None, event__cancelled=False)
        .annotate(
            begin=Coalesce("arrived", "dispatched", "en_route"), end=Coalesce("cleared", "event__ended")
        )
        .exclude(begin=None)
    )


def scenes_at(found: "QuerySet[Incident]") -> Any:
    """The known members' times at these incidents as rows with `begin` and a bounded `end`; for filters."""
    rows = _current().filter(event__incident__in=found).exclude(member=None)
    return rows.annotate(last=Coalesce("end", F("begin") + Value(LONGEST)))


def on_scene(incident_id: uuid.UUID) -> list[OnScene]:
    """Who was at an incident, in order of time, as the current versions of its events say."""
    rows = _current().filter(event__incident=incident_id).order_by("begin", "call_sign", "id")
    found = rows.values_list("member", "call_sign", "begin", "end")
    return [OnScene(m, c, begin, max(begin, end) if end else None) for m, c, begin, end in found]


def members_on_scene(incident_id: uuid.UUID) -> set[uuid.UUID]:
    """The members who were at an incident, as far as they are known."""
    return {scene.member_id for scene in on_scene(incident_id) if scene.member_id}


def incidents_of_member_between(member_id: uuid.UUID, begin: dt.datetime, end: dt.datetime) -> list[Incident]:
    """The incidents at which a member was within a span, in the order in which they came there."""
    found = scenes_between([(member_id, begin, end)])
    return list({scene.incident.pk: scene.incident for scene in found}.values())


def scenes_between(spans: Iterable[tuple[uuid.UUID, dt.datetime, dt.datetime]]) -> list[Scene]:
    """Where members were within spans of their own, in one query: (member, begin, end) each, ends excluded."""
    wanted, spans = Q(pk__in=[]), list(spans)
    for member_id, begin, end in spans:
        wanted |= Q(member=member_id, at__gte=begin - AGO, at__lt=end)
    rows = _current().filter(wanted).select_related("event__incident").order_by("begin", "id")
    scenes = [_scene(row) for row in rows]
    return [scene for scene in scenes if any(_within(scene, span) for span in spans)]


def scenes_in(
    begin: dt.datetime, end: dt.datetime
) -> list[tuple[uuid.UUID, uuid.UUID, dt.datetime, dt.datetime]]:
    """Where any member was within one span: (incident, member, begin, end) each, in one query. For many at once."""
    rows = _current().filter(member__isnull=False, at__gte=begin - AGO, at__lt=end)
    found = rows.values_list("event__incident", "member", "begin", "end")
    return [(i, m, b, max(b, e or b + LONGEST)) for i, m, b, e in found.iterator(chunk_size=5000)]


def _scene(row: Any) -> Scene:
    begin, end = row.begin, row.end
    return Scene(row.event.incident, row.member_id, row.call_sign, begin, max(begin, end or begin + LONGEST))


def _within(scene: Scene, span: tuple[uuid.UUID, dt.datetime, dt.datetime]) -> bool:
    member_id, begin, end = span
    return scene.member_id == member_id and scene.begin < end and scene.end > begin


def shifts_on(actor: Actor, day: dt.date, *, withdrawn: bool = False) -> QuerySet[Shift]:
    """The shifts of a day that `actor` may see: those that begin, go on or end on it. Raises Forbidden.

    Or those among them that were withdrawn, by hand or by a later import.
    """
    check_may(actor, "list_shifts")
    begin = dt.datetime.combine(day, dt.time(), agency().tz)
    end = begin + dt.timedelta(days=1) if day < dt.date.max else begin
    found = Shift.objects.filter(withdrawn_at__isnull=not withdrawn, begins__lt=end, ends__gt=begin)
    if (own := only_theirs(actor, "list_shifts")) is not None:
        found = found.filter(member=own)
    return found.select_related("member").order_by("begins", "call_sign", "id")


def shift(actor: Actor, pk: uuid.UUID, act: str = "list_shifts", *, lock: bool = False) -> Shift:
    """One shift for one act. Raises NotFound where the actor may not see it, Forbidden where they may not do it."""
    found = Shift.objects.select_related("member").filter(pk=pk)
    if lock:
        require_change("locking a shift")
        found = found.select_for_update(of=("self",))
    if not may(actor, "list_shifts"):
        found = found.none()
    elif (own := only_theirs(actor, "list_shifts")) is not None:
        found = found.filter(member=own)
    one = found.first()
    if one is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    check_may(actor, act)
    return one


def latest_shift_day(actor: Actor) -> dt.date:
    """The last day up to today on which somebody whom `actor` may see had a shift; today where there was none."""
    today = now().astimezone(agency().tz).date()
    found = Shift.objects.filter(withdrawn_at=None, begins__lte=now())
    if (own := only_theirs(actor, "list_shifts")) is not None:
        found = found.filter(member=own)
    begins = found.order_by("-begins").values_list("begins", flat=True).first()
    return begins.astimezone(agency().tz).date() if begins else today


def shifts_of(found: Incident, ends: dt.datetime) -> list[Shift]:
    """The shifts under whose call signs units were sent to an incident, as they were then."""
    signs = set(
        Response.objects.filter(event__incident=found, event__replaced_by=None).values_list(
            "call_sign", flat=True
        )
    )
    rows = shifts_with(signs, found.opened, ends)
    return sorted(rows, key=lambda shift: (shift.begins, shift.call_sign))


def shifts_with(signs: Iterable[str], begin: dt.datetime, end: dt.datetime) -> list[Shift]:
    """The shifts under any of these call signs within a span, whose ends are included; in one query."""
    rows = Shift.objects.filter(withdrawn_at=None, begins__lte=end, ends__gt=begin, call_sign__in=set(signs))
    return list(rows.select_related("member"))
