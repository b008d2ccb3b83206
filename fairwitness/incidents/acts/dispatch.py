"""The import of a dispatch export: one act, one change, one entry; what it moves or cancels has an entry of its own."""

import datetime as dt
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from fairwitness.department.models import Member
from fairwitness.incidents import doors, events
from fairwitness.incidents.acts.columns import DISPATCH, Reading
from fairwitness.incidents.acts.said import UNCHANGED, Outcome, SaidEvent, what_it_says
from fairwitness.incidents.acts.units import STEPS, Unit
from fairwitness.incidents.acts.writing import (
    BATCH,
    Result,
    TakenBack,
    cells_of,
    check_agreed,
    in_words,
    keep_import,
    members_by_badge,
    name_by_shifts,
    whole_table,
)
from fairwitness.incidents.models import Event, Incident, Mapping, Response
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.kernel.columns import check_columns
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.tables import Table

Cause = Event.Cause
# What a version of an event comes to, as its row's outcome says it.
OUTCOMES = {
    Cause.FIRST: "added",
    Cause.MOVED: "moved",
    Cause.CANCELLED: "cancelled",
    Cause.CHANGED: "changed",
}


@dataclass
class _Version:
    """A version of an event that is to be written, with the one that it replaces."""

    said: SaidEvent
    event: Event
    earlier: Event | None
    words: list[str]
    responses: list[Response] = field(default_factory=list)


@dataclass
class _Plan:
    """What is to be written, before anything is."""

    incidents: dict[str, Incident]
    new: list[Incident] = field(default_factory=list)
    changed: dict[str, Incident] = field(default_factory=dict)
    versions: list[_Version] = field(default_factory=list)


def preview_dispatch(*, data: bytes, reading: Reading, by: Actor) -> Result:
    """What `import_dispatch` would do with the same arguments. Writes nothing."""
    result = Result()
    with suppress(TakenBack), change(events.DISPATCH_IMPORTED, by=by):
        _take(result, whole_table(data), reading, by)
        raise TakenBack
    return result


def import_dispatch(*, data: bytes, reading: Reading, agreed: str | None = None, by: Actor) -> Result:
    """Import a CSV or XLSX file of events and units. Faulty rows are left out whole, each with its reason.

    An event that a later file moves or cancels gets a new version and an entry of its own; the earlier stays.
    `agreed` is the digest of a preview: WrongState is raised when the import would no longer do the same. Raises
    Invalid for a file that breaks off or is damaged, and where nothing in it is new.
    """
    result = Result()
    with change(events.DISPATCH_IMPORTED, by=by) as entry:
        table = whole_table(data)
        _take(result, table, reading, by)
        check_agreed(result, agreed)
        keep_import(entry, result, data, table, reading, Mapping.Purpose.DISPATCH)
        enqueue("evidence.match_incidents", queue="rounds", entry_id=str(entry.id))
        enqueue("evidence.retain_anew", queue="rounds", once=True)
    return result


def _take(result: Result, table: Table, reading: Reading, by: Actor) -> None:
    doors.check_may(by, "import_dispatch")
    check_columns(reading.columns, DISPATCH, len(table.header))
    doors.lock_imports()
    members = members_by_badge(cells_of(table, reading.columns, "badge"))
    said = what_it_says(table, reading, members)
    result.outcomes += said.outcomes
    plan = _planned(result, list(said.events.values()), members)
    _name_units(plan)
    _write(plan, by)
    result.touched += [*plan.new, *{v.event.incident_id: v.event.incident for v in plan.versions}.values()]
    result.outcomes.sort(key=lambda outcome: outcome.line)


# What differs


def _planned(result: Result, said: list[SaidEvent], members: dict[str, Member]) -> _Plan:
    plan = _Plan(doors.lock_by_numbers(each.incident for each in said))
    current = doors.current_events(each.number for each in said)
    now = clock.now()
    for each in said:
        version = _version(plan, each, current.get(each.key), members, now)
        kind = OUTCOMES[Cause(version.event.cause)] if version else UNCHANGED
        words = tuple(version.words) if version else ()
        result.outcomes += [Outcome(line, each.number, kind, words) for line in each.lines]
        if version:
            plan.versions.append(version)
    return plan


def _version(
    plan: _Plan, said: SaidEvent, earlier: Event | None, members: dict[str, Member], now: dt.datetime
) -> _Version | None:
    """The version that an export asks for, or None where it says what is recorded."""
    kind = said.kind if said.kind is not None else earlier.kind if earlier else ""
    place = said.place if said.place is not None else earlier.place if earlier else ""
    if earlier and not (words := _differs(said, earlier, kind, place, members)):
        return None
    incident = _incident(plan, said, earlier, kind, place)
    event = Event(
        incident=incident,
        number=earlier.number if earlier else said.number,
        version=earlier.version + 1 if earlier else 1,
        kind=kind,
        place=place,
        began=said.began,
        ended=said.ended,
        cancelled=said.cancelled,
        cause=_cause(said, earlier),
        noted_at=now,
    )
    words = words if earlier else _first_words(said)
    responses = [_response(event, unit, members) for unit in said.units]
    return _Version(said, event, earlier, words, responses)


def _first_words(said: SaidEvent) -> list[str]:
    units = ", ".join(dict.fromkeys(unit.call_sign for unit in said.units))
    words = [in_words(said.began), units or _("no unit named")]
    return [*words, _("cancelled")] if said.cancelled else words


def _cause(said: SaidEvent, earlier: Event | None) -> str:
    if earlier is None:
        return Cause.FIRST
    if said.cancelled and not earlier.cancelled:
        return Cause.CANCELLED
    elsewhere = said.incident.upper() != earlier.incident.number.upper()
    if elsewhere or earlier.cancelled != said.cancelled:
        return Cause.MOVED
    # What began at midnight of a day on which no time was known yet has not moved when one became known.
    day_alone = earlier.began.astimezone(agency().tz).time() == dt.time()
    return Cause.CHANGED if earlier.began == said.began or day_alone else Cause.MOVED


def _differs(said: SaidEvent, earlier: Event, kind: str, place: str, members: dict[str, Member]) -> list[str]:
    """In what an export differs from what is recorded of its event, in words."""
    words = []
    if said.cancelled != earlier.cancelled:
        words.append(_("Cancelled") if said.cancelled else _("No longer cancelled"))
    if said.incident.upper() != earlier.incident.number.upper():
        words.append(_changed(_("Incident"), earlier.incident.number, said.incident))
    for label, old, new in (
        (_("Kind"), earlier.kind, kind),
        (_("Place"), earlier.place, place),
        (_("Began"), in_words(earlier.began), in_words(said.began)),
        (_("Ended"), _end(earlier.ended), _end(said.ended)),
    ):
        if old != new:
            words.append(_changed(label, old, new))
    return [*words, *_unit_words(said, earlier, members)]


def _changed(label: str, old: str, new: str) -> str:
    return _("{label}: {old} → {new}").format(label=label, old=old or "–", new=new or "–")


def _end(moment: dt.datetime | None) -> str:
    return in_words(moment) if moment else ""


def _unit_words(said: SaidEvent, earlier: Event, members: dict[str, Member]) -> list[str]:
    then = {_as_unit(response) for response in earlier.responses.all()}
    new = {(u.call_sign, _badge_id(u, members), *(getattr(u, s) for s in STEPS)) for u in said.units}
    if then == new:
        return []
    before, after = {str(unit[0]) for unit in then}, {unit[0] for unit in new}
    signs = [f"+{sign}" for sign in sorted(after - before)] + [f"−{sign}" for sign in sorted(before - after)]
    return [_("Units: {signs}").format(signs=", ".join(signs)) if signs else _("Times of units")]


def _as_unit(response: Response) -> tuple[object, ...]:
    named = response.member_id if response.how == Response.How.BADGE else None
    return (response.call_sign, named, *(getattr(response, step) for step in STEPS))


def _badge_id(unit: Unit, members: dict[str, Member]) -> object:
    return members[unit.badge].pk if unit.badge else None


def _response(event: Event, unit: Unit, members: dict[str, Member]) -> Response:
    times = {step: getattr(unit, step) for step in STEPS}
    named = members[unit.badge].pk if unit.badge else None
    return Response(
        pk=new_id(),
        event=event,
        call_sign=unit.call_sign,
        member_id=named,
        how=Response.How.BADGE if named else Response.How.UNKNOWN,
        at=min(unit.times, default=event.began),
        **times,
    )


def _incident(plan: _Plan, said: SaidEvent, earlier: Event | None, kind: str, place: str) -> Incident:
    """The incident of an event: known, or new. What nobody corrected by hand follows the export."""
    key = said.incident.upper()
    known = plan.incidents.get(key)
    if known is None:
        known = Incident(number=said.incident, kind=kind, place=place, opened=said.began, closed=said.ended)
        plan.incidents[key] = known
        plan.new.append(known)
        return known
    before = (known.kind, known.place, known.opened, known.closed)
    if not known.kind or (earlier and known.kind == earlier.kind):
        known.kind = kind
    if not known.place or (earlier and known.place == earlier.place):
        known.place = place
    if earlier and earlier.incident_id == known.pk and known.opened == earlier.began:
        known.opened = said.began
    known.opened = min(known.opened, said.began)
    if earlier and known.closed == earlier.ended:
        known.closed = said.ended
    if known.closed and known.closed < max(known.opened, said.ended or known.opened):
        known.closed = max(known.opened, said.ended or known.opened)
    if before != (known.kind, known.place, known.opened, known.closed) and not known._state.adding:
        plan.changed[key] = known
    return known


# What is written


def _name_units(plan: _Plan) -> None:
    """Who the units were, by the shifts of their time, in one query."""
    unnamed = [r for version in plan.versions for r in version.responses if r.member_id is None]
    if not unnamed:
        return
    times = [response.at for response in unnamed]
    shifts = doors.shifts_with({response.call_sign for response in unnamed}, min(times), max(times))
    _named, further = name_by_shifts(unnamed, shifts)
    by_event = {version.event.pk: version for version in plan.versions}
    for response in further:
        by_event[response.event_id].responses.append(response)


def _write(plan: _Plan, by: Actor) -> None:
    apart = [v for v in plan.versions if v.event.cause in (Cause.MOVED, Cause.CANCELLED)]
    together = [v for v in plan.versions if v.event.cause in (Cause.FIRST, Cause.CHANGED)]
    Incident.objects.bulk_create(plan.new, batch_size=BATCH)
    Incident.objects.bulk_update(
        plan.changed.values(), ["kind", "place", "opened", "closed"], batch_size=BATCH
    )
    replaced = list(_replaced(together))
    Event.objects.bulk_update(replaced, ["replaced_by"], batch_size=BATCH)
    Event.objects.bulk_create([v.event for v in together], batch_size=BATCH)
    Response.objects.bulk_create([r for v in together for r in v.responses], batch_size=BATCH)
    for version in apart:
        _write_apart(version, by)


def _replaced(versions: Iterable[_Version]) -> Iterable[Event]:
    for version in versions:
        if version.earlier:
            # By key: the version itself is written after, and the constraint is looked at when all is written.
            version.earlier.replaced_by_id = version.event.pk
            yield version.earlier


def _write_apart(version: _Version, by: Actor) -> None:
    """A version that moves or cancels an event: an entry of its own, about both versions."""
    event, earlier = version.event, version.earlier
    assert earlier is not None
    cancelled = event.cause == Cause.CANCELLED
    with change(events.EVENT_CANCELLED if cancelled else events.EVENT_MOVED, by=by) as entry:
        earlier.replaced_by_id = event.pk
        earlier.save(update_fields=["replaced_by"])
        event.save(force_insert=True)
        Response.objects.bulk_create(version.responses)
        ids = {"incident_id": event.incident_id, "event_id": event.pk, "earlier_event_id": earlier.pk}
        entry.about(event.incident, earlier.incident, event, earlier, **ids)
        if not cancelled:
            elsewhere = earlier.incident_id if earlier.incident_id != event.incident_id else None
            entry.about(from_incident_id=elsewhere, began=event.began, earlier_began=earlier.began)
