"""The import of a shift roster: who served under which call sign from when to when."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from fairwitness.department.models import Member
from fairwitness.incidents import doors, events
from fairwitness.incidents.acts.columns import SHIFTS, Reading
from fairwitness.incidents.acts.rows import Row, call_sign, on_day, rows_of, short
from fairwitness.incidents.acts.said import FAULTY, UNCHANGED, Outcome
from fairwitness.incidents.acts.writing import (
    BATCH,
    Result,
    TakenBack,
    cells_of,
    check_agreed,
    in_words,
    keep_import,
    like,
    members_by_badge,
    whole_table,
)
from fairwitness.incidents.models import Mapping, Response, Shift
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.columns import check_columns
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.refusals import Forbidden, Invalid, Refusal, WrongState
from fairwitness.kernel.tables import Table
from fairwitness.rules.dispatch_times import NO_SLACK

# Nobody serves for longer without a break: what says so has its days wrong.
LONGEST = dt.timedelta(hours=36)


@dataclass
class _Plan:
    """Shifts that are to be written, and those whose place they take."""

    new: list[Shift] = field(default_factory=list)
    withdrawn: list[Shift] = field(default_factory=list)
    # What each member has, of those recorded and of those that are to be written.
    theirs: dict[object, list[Shift]] = field(default_factory=lambda: defaultdict(list))


def preview_shifts(*, data: bytes, reading: Reading, by: Actor) -> Result:
    """What `import_shifts` would do with the same arguments. Writes nothing."""
    result = Result()
    with suppress(TakenBack), change(events.SHIFTS_IMPORTED, by=by):
        _take(result, whole_table(data), reading, by)
        raise TakenBack
    return result


def import_shifts(*, data: bytes, reading: Reading, agreed: str | None = None, by: Actor) -> Result:
    """Import a CSV or XLSX file of shifts, and name by them the units of events whose members were not known.

    A shift with the same member and beginning as one that is recorded takes its place; the earlier stays, withdrawn.
    One that overlaps another of the member is faulty. `agreed` and what is raised are as in `import_dispatch`.
    """
    result = Result()
    with change(events.SHIFTS_IMPORTED, by=by) as entry:
        table = whole_table(data)
        _take(result, table, reading, by)
        check_agreed(result, agreed)
        keep_import(entry, result, data, table, reading, Mapping.Purpose.SHIFTS)
        entry.about(named=result.named)
        enqueue("evidence.retain_anew", queue="rounds", once=True)
    return result


def withdraw_shift(shift_id: uuid.UUID, *, by: Actor) -> Shift:
    """Withdraw a shift that nobody served. It stays, marked; units that had their member by it have none any more.

    Raises NotFound, Forbidden, also for one's own (being on scene locks out), WrongState when it was withdrawn before.
    """
    with change(events.SHIFT_WITHDRAWN, by=by) as entry:
        doors.lock_imports()
        shift = doors.shift(by, shift_id, "withdraw_shift", lock=True)
        if shift.member_id == by.member_id:
            raise Forbidden(_("Somebody else withdraws a shift of yours."))
        if shift.withdrawn_at:
            raise WrongState(_("This shift was withdrawn before."))
        plan = _Plan(withdrawn=[shift])
        served = [one for one in _served(_responses([shift]), shift) if one.how == Response.How.SHIFT]
        _write(plan)
        _name(plan)
        entry.about(
            shift,
            shift_id=shift.pk,
            member_id=shift.member_id,
            begins=shift.begins,
            ends=shift.ends,
            unnamed=sum(one.member_id == shift.member_id for one in served),
        )
        # Who was on scene decides which recordings belong to an incident, and so until when they are kept.
        enqueue("evidence.retain_anew", queue="rounds", once=True)
    return shift


def _take(result: Result, table: Table, reading: Reading, by: Actor) -> None:
    doors.check_may(by, "import_shifts")
    check_columns(reading.columns, SHIFTS, len(table.header))
    doors.lock_imports()
    members = members_by_badge(cells_of(table, reading.columns, "badge"))
    read = [_read(row, members) for row in rows_of(table, reading.columns, reading.in_force)]
    plan = _Plan()
    for shift in _recorded([each for each in read if isinstance(each, _Said)]):
        plan.theirs[shift.member_id].append(shift)
    result.outcomes += [each if isinstance(each, Outcome) else _outcome(plan, each) for each in read]
    _write(plan)
    result.named = _name(plan)
    result.touched += plan.new


@dataclass(frozen=True)
class _Said:
    """One row that could be read."""

    line: int
    member: Member
    call_sign: str
    begins: dt.datetime
    ends: dt.datetime

    @property
    def label(self) -> str:
        return f"{self.call_sign} {self.member.badge} {self.begins:%Y-%m-%d %H:%M}"


def _read(row: Row, members: dict[str, Member]) -> "_Said | Outcome":
    try:
        return _said(row, members)
    except Refusal as refusal:
        label = short(f"{row['call_sign']} {row['badge']}".strip())
        return Outcome(row.line, label, FAULTY, (refusal.sentence,))


def _said(row: Row, members: dict[str, Member]) -> _Said:
    row.check_width()
    sign, badge = call_sign(row["call_sign"]), row.text("badge", _("Badge"), 20)
    if not sign:
        raise Invalid(_("The call sign is missing."))
    if badge not in members:
        raise Invalid(_("Nobody has the badge “{badge}”.").format(badge=badge))
    if not row["begins"] or not row["ends"]:
        raise Invalid(_("Beginning or end is missing."))
    begins = on_day(row, row["date"], row["begins"])[0] if row["date"] else row.moment(row["begins"], None)
    ends = row.moment(row["ends"], begins, NO_SLACK)
    if not dt.timedelta() < ends - begins <= LONGEST:
        raise Invalid(_("A shift ends after it begins, and within 36 hours."))
    return _Said(row.line, members[badge], sign, begins, ends)


def _recorded(said: list[_Said]) -> Iterable[Shift]:
    """The shifts of these members about that time, in one query."""
    if not said:
        return []
    begins, ends = min(each.begins for each in said), max(each.ends for each in said)
    found = Shift.objects.select_for_update(of=("self",)).filter(
        withdrawn_at=None,
        member__in={each.member.pk for each in said},
        begins__lt=ends,
        ends__gt=begins,
    )
    return list(found.order_by("pk"))


def _outcome(plan: _Plan, said: _Said) -> Outcome:
    """What one row comes to, beside what is recorded and what the rows before it said."""
    theirs = plan.theirs[said.member.pk]
    meeting = [each for each in theirs if each.begins < said.ends and each.ends > said.begins]
    same = next((each for each in meeting if each.begins == said.begins), None)
    if same and (same.call_sign, same.ends) == (said.call_sign, said.ends):
        return Outcome(said.line, said.label, UNCHANGED)
    others = [each for each in meeting if each is not same or each in plan.new]
    if others:
        words = _("It overlaps a shift of the same member from {begins} to {ends}.")
        words = words.format(begins=in_words(others[0].begins), ends=in_words(others[0].ends))
        return Outcome(said.line, said.label, FAULTY, (words,))
    shift = Shift(
        pk=new_id(),
        member=said.member,
        call_sign=said.call_sign,
        begins=said.begins,
        ends=said.ends,
    )
    if same:
        theirs.remove(same)
        plan.withdrawn.append(same)
    plan.new.append(shift)
    theirs.append(shift)
    words = _("{name}, until {ends}").format(name=said.member.name, ends=in_words(said.ends))
    return Outcome(said.line, said.label, "changed" if same else "added", (words,))


def _write(plan: _Plan) -> None:
    now = clock.now()
    for shift in plan.withdrawn:
        shift.withdrawn_at = now
    Shift.objects.bulk_update(plan.withdrawn, ["withdrawn_at"], batch_size=BATCH)
    Shift.objects.bulk_create(plan.new, batch_size=BATCH)


def _name(plan: _Plan) -> int:
    """Name the units of current events by the new shifts, and no longer by those that were withdrawn."""
    responses = _responses([*plan.new, *plan.withdrawn])
    changed: dict[object, Response] = {}
    for shift in plan.withdrawn:
        for one in _served(responses, shift):
            if one.member_id == shift.member_id and one.how == Response.How.SHIFT:
                one.member_id, one.how = None, Response.How.UNKNOWN
                changed[one.pk] = one
    further, named = [], 0
    for shift in plan.new:
        for one in _crewless(_served(responses, shift), shift):
            if one.member_id is not None:
                one = like(one)
                further.append(one)
                responses[one.call_sign].append(one)
            else:
                changed[one.pk] = one
            one.member_id, one.how = shift.member_id, Response.How.SHIFT
            named += 1
    added = {one.pk for one in further}
    Response.objects.bulk_update(
        [one for pk, one in changed.items() if pk not in added], ["member", "how"], batch_size=BATCH
    )
    Response.objects.bulk_create(further, batch_size=BATCH)
    return named


def _responses(shifts: list[Shift]) -> dict[str, list[Response]]:
    """The responses of current events under these call signs about that time, in one query."""
    found: dict[str, list[Response]] = defaultdict(list)
    if shifts:
        rows = Response.objects.filter(
            event__replaced_by=None,
            call_sign__in={shift.call_sign for shift in shifts},
            at__gte=min(shift.begins for shift in shifts),
            at__lt=max(shift.ends for shift in shifts),
        )
        for row in rows.select_for_update(of=("self",)).order_by("pk"):
            found[row.call_sign].append(row)
    return found


def _served(responses: dict[str, list[Response]], shift: Shift) -> list[Response]:
    return [one for one in responses[shift.call_sign] if shift.begins <= one.at < shift.ends]


def _crewless(served: list[Response], shift: Shift) -> list[Response]:
    """Of each sending of the unit one response that is free for the shift's member; none where they have one."""
    sendings: dict[tuple[object, ...], list[Response]] = defaultdict(list)
    for one in served:
        key = (one.event_id, one.dispatched, one.en_route, one.arrived, one.cleared)
        sendings[key].append(one)
    free = []
    for ones in sendings.values():
        named = any(one.member_id == shift.member_id or one.how == Response.How.BADGE for one in ones)
        if not named:
            free.append(next((one for one in ones if one.member_id is None), ones[0]))
    return free
