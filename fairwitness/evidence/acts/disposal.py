"""Disposal up to the erasing: the night proposes, two people approve with exceptions struck out, grace, taking back."""

import datetime as dt
import uuid
from contextlib import suppress
from typing import Any, BinaryIO

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import events
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors.reach import REACH
from fairwitness.evidence.models import Approval, Disposal, DisposalList
from fairwitness.kernel import clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.tables import write_csv
from fairwitness.rules.canonical import named_digest, nfc

Status, ListStatus = Disposal.Status, DisposalList.Status
LONGEST = 1000


class _NothingLeft(Exception):
    """What was due is not any more, or stands on another list: the change that was opened for it is taken back."""


def propose_disposals(*, by: Actor) -> DisposalList | None:
    """Draw a list of what is due; None, and nothing written, where nothing is. At most doors.MOST recordings."""
    today = department.today()
    if not doors.due(today).exists():
        return None
    with suppress(_NothingLeft):
        return _draw(today, by)
    return None


def _draw(today: dt.date, by: Actor) -> DisposalList:
    rule = doors.rule()
    with change(events.DISPOSAL_PROPOSED, by=by) as entry:
        longest_due = list(doors.due(today).values_list("pk", flat=True)[: doors.MOST])
        # Locked in the order in which days are decided, so that neither waits for the other for ever; asked anew then.
        still_due = doors.due(today).filter(pk__in=longest_due).order_by("recording_id")
        rows = list(still_due.select_for_update(of=("self",)))
        if not rows:
            raise _NothingLeft
        now = clock.now()
        number = numbers.next_numbers("D", now.astimezone(agency().tz).year)[0]
        made = DisposalList(number=number, proposed_at=now)
        made.save(force_insert=True)
        Disposal.objects.bulk_create(
            [
                Disposal(
                    list=made,
                    recording_id=row.recording_id,
                    due_on=row.due_on or today,
                    category=row.category,
                    rule=row.rule,
                    version_id=row.version_id,
                )
                for row in rows
            ],
            batch_size=1000,
        )
        _tell(
            made,
            _("The list {number} waits for your approval: {n} recordings whose day has come."),
            len(rows),
        )
        entry.about(
            made,
            list_id=made.pk,
            number=number,
            count=len(rows),
            list_sha256=f"sha256:{doors.digest_of(made)}",
            rule=rule.rule.id,
            version_id=rule.version_id,
        )
    return made


def _tell(found: DisposalList, sentence: str, n: int) -> None:
    """A notice to everybody who may approve lists."""
    told = {m.pk for role in REACH["approve_disposal"] for m in department.members_holding(role)}
    notify(told, sentence.format(number=found.number, n=n), reverse("disposal-list", args=[found.pk]))


def strike_disposal(disposal_id: uuid.UUID, because: str, *, by: Actor) -> Disposal:
    """Strike one recording from a proposed list. Approvals given before are of another list, and count no more."""
    reason = reason_of(because)
    with change(events.DISPOSAL_STRUCK, by=by) as entry:
        found = doors.disposal(by, disposal_id, "strike_disposal")
        _check_proposed(found.list)
        move(found, Status.STRUCK)
        found.because = reason
        found.save(update_fields=["because"])
        _withdraw_approvals(found.list, by)
        entry.about(
            found.recording,
            found.list,
            list_id=found.list_id,
            recording_id=found.recording_id,
            because_sha256=named_digest(reason),
        )
    _end_if_empty(found.list_id, by=by)
    return found


def approve_list(list_id: uuid.UUID, list_sha256: str, *, by: Actor) -> DisposalList:
    """Approve what is left on a list, as it was looked at (`list_sha256`). With enough people its grace begins.

    Two different people have to: the same person twice is refused. What may go no more is taken off first, and the
    list then has to be looked at again. Raises NotFound, Forbidden, WrongState, Invalid.
    """
    doors.check_may(by, "approve_disposal")
    if drop_unfit(list_id, by=by):
        raise WrongState(
            _("Some recordings may go no more and were taken off the list. Look at what is left.")
        )
    with change(events.LIST_APPROVED, by=by) as entry:
        found = doors.disposal_list(by, list_id, "approve_disposal", lock=True)
        _check_proposed(found)
        now_sha256 = doors.digest_of(found)
        if list_sha256 != now_sha256:
            raise WrongState(
                _("The list is not the one that you looked at. Look at it again; nothing was approved.")
            )
        if found.approvals.filter(member=by.person, withdrawn_at=None).exists():
            raise Invalid(_("You have approved this list. It takes another person."), code="same_person")
        approval = Approval(list=found, member_id=by.person, at=clock.now(), digest=now_sha256)
        approval.save(force_insert=True)
        rule = doors.rule()
        needed: int = rule.rule.parameters.approvers  # type: ignore[union-attr]
        given = found.approvals.filter(withdrawn_at=None, digest=now_sha256).count()
        if given >= needed:
            _begin_grace(found, rule.rule.parameters)
        entry.about(
            found,
            approval,
            list_id=found.pk,
            list_sha256=f"sha256:{now_sha256}",
            count=found.disposals.filter(status=Status.PROPOSED).count(),
            approvals=given,
            needed=needed,
            rule=rule.rule.id,
            version_id=rule.version_id,
            erased_from=found.erased_from,
        )
    return found


def _begin_grace(found: DisposalList, pauses: Any) -> None:
    """Both pauses in full, whenever it was approved: the list rests, and then it can be taken back."""
    rested = max(clock.now(), found.proposed_at + dt.timedelta(days=pauses.cooling_off_days))
    found.erased_from = rested + dt.timedelta(days=pauses.grace_days)
    found.save(update_fields=["erased_from"])
    move(found, ListStatus.GRACE)
    enqueue("evidence.begin_grace", queue="rounds", list_id=str(found.pk))


def begin_grace(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """One recording of an approved list goes into its grace, under an entry of its own. WrongState where it may not."""
    with change(events.DISPOSAL_APPROVED, by=by) as entry:
        found = doors.locked(disposal_id)
        if found.status != Status.PROPOSED or found.list.status not in (ListStatus.GRACE, ListStatus.ERASING):
            raise WrongState(_("Its list is not approved, or it is in its grace already."))
        if why := doors.why_unfit(found.recording):
            raise WrongState(_("It may go no more."), why=why)
        move(found, Status.GRACE)
        entry.about(
            found.recording,
            found.list,
            list_id=found.list_id,
            list_sha256=f"sha256:{doors.approvals(found.list)[0].digest}",
            rule=found.rule,
            version_id=found.version_id,
            due_on=found.due_on,
            erased_from=found.list.erased_from,
        )
    return found


def drop_unfit(list_id: uuid.UUID, *, by: Actor) -> int:
    """Take off a list what may go no more, each under an entry of its own; how many."""
    rows = Disposal.objects.filter(list=list_id, status__in=(Status.PROPOSED, Status.GRACE))
    dropped = 0
    for pk in list(doors.unfit(rows).values_list("pk", flat=True)):
        with suppress(WrongState):
            drop_if_unfit(pk, by=by)
            dropped += 1
    if dropped:
        _end_if_empty(list_id, by=by)
    return dropped


def drop_if_unfit(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """Look at one again under its lock, and take it off its list where it may go no more. WrongState where it may."""
    with change(events.DISPOSAL_TAKEN_BACK, by=by) as entry:
        found = doors.locked(disposal_id)
        why = doors.why_unfit(found.recording)
        if not why or found.status not in (Status.PROPOSED, Status.GRACE):
            raise WrongState(_("It may go."))
        move(found, Status.TAKEN_BACK)
        found.because = str(events.WHY_BACK[why])
        found.save(update_fields=["because"])
        _withdraw_approvals(found.list, by)
        about = {"list_id": found.list_id, "recording_id": found.recording_id, "why": why}
        entry.about(found.recording, found.list, **about)
    return found


def take_back(disposal_id: uuid.UUID, because: str, *, by: Actor) -> Disposal:
    """Take one recording back within its grace: it is kept, and not proposed again for a while."""
    reason = reason_of(because)
    with change(events.DISPOSAL_TAKEN_BACK, by=by) as entry:
        found = doors.disposal(by, disposal_id, "take_back_disposal")
        _check_in_grace(found)
        move(found, Status.TAKEN_BACK)
        found.because = reason
        found.save(update_fields=["because"])
        entry.about(
            found.recording,
            found.list,
            list_id=found.list_id,
            recording_id=found.recording_id,
            why="person",
            because_sha256=named_digest(reason),
        )
    _end_if_empty(found.list_id, by=by)
    return found


def _check_in_grace(found: Disposal) -> None:
    approved = found.status == Status.PROPOSED and found.list.status == ListStatus.GRACE
    if found.status != Status.GRACE and not approved:
        raise WrongState(_("It is not in its grace, so it cannot be taken back."), status=found.status)


def take_back_list(list_id: uuid.UUID, because: str, *, by: Actor) -> DisposalList:
    """Take a whole list back, proposed or in its grace: from this moment nothing on it is erased.

    A job writes the entry of each recording: a list has up to doors.MOST, and nobody is to wait for that many.
    """
    reason = reason_of(because)
    with change(events.LIST_TAKEN_BACK, by=by) as entry:
        found = doors.disposal_list(by, list_id, "take_back_disposal", lock=True)
        if found.status not in (ListStatus.PROPOSED, ListStatus.GRACE):
            raise WrongState(
                _("This list is being erased, or is over: it cannot be taken back."), status=found.status
            )
        left = found.disposals.filter(status__in=(Status.PROPOSED, Status.GRACE)).count()
        move(found, ListStatus.WITHDRAWN)
        found.ended_at, found.because = clock.now(), reason
        found.save(update_fields=["ended_at", "because"])
        entry.about(found, list_id=found.pk, count=left, because_sha256=named_digest(reason))
        enqueue("evidence.take_back_rest", queue="rounds", list_id=str(found.pk))
    return found


def take_back_with_list(disposal_id: uuid.UUID, *, by: Actor) -> Disposal:
    """Note of one recording that its list was taken back. Raises WrongState where it was not, or it is off already."""
    with change(events.DISPOSAL_TAKEN_BACK, by=by) as entry:
        row = doors.locked(disposal_id)
        if row.list.status != ListStatus.WITHDRAWN or row.status not in (Status.PROPOSED, Status.GRACE):
            raise WrongState(_("Its list was not taken back."))
        move(row, Status.TAKEN_BACK)
        row.because = row.list.because
        row.save(update_fields=["because"])
        entry.about(row.recording, list_id=row.list_id, recording_id=row.recording_id, why="list")
    return row


def _withdraw_approvals(found: DisposalList, by: Actor) -> None:
    """What was approved is not what is left: the approvals of a proposed list count no more."""
    if found.status != ListStatus.PROPOSED:
        return
    standing = found.approvals.filter(withdrawn_at=None)
    if count := standing.count():
        with change(events.APPROVALS_WITHDRAWN, by=by) as entry:
            standing.update(withdrawn_at=clock.now())
            entry.about(found, list_id=found.pk, count=count)


def _end_if_empty(list_id: uuid.UUID, *, by: Actor) -> None:
    """A list from which everything was struck or taken back is over."""
    live = Disposal.objects.filter(list=list_id).exclude(status__in=(Status.STRUCK, Status.TAKEN_BACK))
    open_now = DisposalList.objects.filter(pk=list_id, status__in=(ListStatus.PROPOSED, ListStatus.GRACE))
    if live.exists() or not open_now.exists():
        return
    with change(events.LIST_TAKEN_BACK, by=by) as entry:
        found = doors.locked_list(list_id)
        move(found, ListStatus.WITHDRAWN)
        found.ended_at = clock.now()
        found.save(update_fields=["ended_at"])
        entry.about(found, list_id=found.pk, count=0)


def _check_proposed(found: DisposalList) -> None:
    if found.status != ListStatus.PROPOSED:
        raise WrongState(_("This list is not proposed any more."), status=found.status)


def reason_of(because: str) -> str:
    """A reason in words. Raises Invalid where none is given."""
    text: str = nfc(because.replace("\0", "")).strip()
    if not text or len(text) > LONGEST:
        raise Invalid(_("Say why, in at most {n} characters.").format(n=LONGEST), field="because")
    return text


EXPORTED = (
    "number",
    "state",
    "due_on",
    "category",
    "rule",
    "version",
    "because",
    "size",
    "sha256",
    "certificate",
)


def export_disposals(list_id: uuid.UUID, into: BinaryIO, *, by: Actor) -> DisposalList:
    """Write a list as CSV into a file; the entry binds its SHA-256."""
    found = doors.disposal_list(by, list_id)
    rows = map(_exported, doors.disposals_of(found).iterator(chunk_size=2000))
    count, sha256 = write_csv(EXPORTED, rows, into)
    with change(events.DISPOSALS_EXPORTED, by=by) as entry:
        entry.about(found, list_id=found.pk, count=count, sha256=sha256)
    return found


def _exported(row: Disposal) -> tuple[object, ...]:
    of, document = row.recording, f"{row.version.document.number} {row.version.n}"
    return (
        *(of.number, row.status, row.due_on, row.category, row.rule, document, row.because),
        *(of.size, of.sha256, row.certificate_sha256),
    )
