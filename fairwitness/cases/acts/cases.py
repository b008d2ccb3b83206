"""Cases: opened, called rightly, closed, opened again; and the list of them taken out."""

import uuid
from collections.abc import Iterator
from typing import Any, BinaryIO

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.cases import doors, events
from fairwitness.cases.acts.writing import to_be_named
from fairwitness.cases.models import Case, CaseMember, Closing
from fairwitness.evidence.acts.hold import cleaned, digest_of
from fairwitness.evidence.acts.view import end_closed_viewings_of
from fairwitness.kernel import clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.roles import Reach
from fairwitness.kernel.tables import write_csv

LONGEST_TITLE, LONGEST_REFERENCE, LONGEST_REASON = 200, 80, 1000
HEADER = ("number", "title", "kind", "reference", "status", "opened_at", "closed_at", "leads", "items")
LEAD, MEMBER = CaseMember.Role.LEAD, CaseMember.Role.MEMBER


def open_case(
    *, title: str, kind: str, reference: str = "", lead_id: uuid.UUID | None = None, by: Actor
) -> Case:
    """Open a case, led by `lead_id`, or by who opens it. Whoever reaches only some cases works on it too.

    Raises Forbidden for who may not, Invalid without a title or kind, or for a lead who cannot be named in a case.
    """
    said = _said(title, kind, reference)
    with change(events.CASE_OPENED, by=by) as entry:
        doors.check_may(by, "open_case")
        now = clock.now()
        case = Case(
            number=numbers.next_numbers("C", now.astimezone(agency().tz).year)[0],
            opened_at=now,
            opened_by_id=by.member_id,
            **said,
        )
        case.save(force_insert=True)
        lead = lead_id or by.member_id
        if lead:
            _name(case, lead, LEAD, by)
        if by.member_id and by.member_id != lead and doors.far(by, "open_case") < Reach.ALL:
            _name(case, by.member_id, MEMBER, by)
        entry.about(case, case_id=case.pk, case_kind=case.kind, number=case.number, **_digests(case))
    return case


def put_in(entry: OpenEntry, case: Case, member_id: uuid.UUID, role: str, *, by: Actor) -> CaseMember:
    """Name somebody in a case, under the entry that is open; they are told. Raises Invalid."""
    member = to_be_named(member_id)
    row = CaseMember(case=case, member=member, role=role, since=clock.now())
    row.save(force_insert=True)
    entry.about(case, case_id=case.pk, member_id=member.pk, case_part=role)
    entry.mention("department.member", member.pk)
    if member.pk != by.member_id:
        sentence = _("You are named in the case {number}.").format(number=case.number)
        notify([member.pk], sentence, reverse("case", args=[case.pk]))
    return row


def _name(case: Case, member_id: uuid.UUID, role: str, by: Actor) -> None:
    with change(events.MEMBER_ADDED, by=by) as entry:
        put_in(entry, case, member_id, role, by=by)


def change_case(case_id: uuid.UUID, *, title: str, kind: str, reference: str = "", by: Actor) -> Case:
    """Correct what a case is called and what it is about. Raises Invalid, NotFound, Forbidden, WrongState."""
    said = _said(title, kind, reference)
    with change(events.CASE_CHANGED, by=by) as entry:
        case = doors.case(by, case_id, "change_case", lock=True)
        doors.check_open(case)
        for name, value in said.items():
            setattr(case, name, value)
        case.save(update_fields=list(said))
        entry.about(case, case_id=case.pk, case_kind=case.kind, **_digests(case))
    return case


def close_case(case_id: uuid.UUID, because: str, *, by: Actor) -> Case:
    """Close a case: it keeps nothing from disposal any more, and opens nothing to those named in it.

    Raises Invalid without a reason, WrongState where it is closed.
    """
    because = cleaned(because, LONGEST_REASON, "because", needed=True)
    with change(events.CASE_CLOSED, by=by) as entry:
        case = doors.case(by, case_id, "close_case", lock=True)
        doors.check_open(case)
        move(case, Case.Status.CLOSED, closed_at=clock.now(), closed_because=because)
        _closing(case, by).save(force_insert=True)
        entry.about(case, case_id=case.pk, because_sha256=digest_of(because))
        for row in doors.members_of(case):
            end_closed_viewings_of(row.member_id, by=by)
    return case


def reopen_case(case_id: uuid.UUID, because: str, *, by: Actor) -> Case:
    """Open a closed case again; why it was closed, and why it is open again, stays. What was erased meanwhile is gone.

    Raises Invalid, WrongState.
    """
    because = cleaned(because, LONGEST_REASON, "because", needed=True)
    with change(events.CASE_REOPENED, by=by) as entry:
        case = doors.case(by, case_id, "reopen_case", lock=True)
        doors.check_closed(case)
        # What came from another system closed has no row of its closing yet.
        row = case.closings.filter(reopened_at=None).first() or _closing(case, None)
        row.reopened_at, row.reopened_by_id, row.reopened_because = clock.now(), by.member_id, because
        row.save()
        move(case, Case.Status.OPEN, closed_at=None, closed_because="")
        entry.about(case, case_id=case.pk, because_sha256=digest_of(because))
    return case


def _closing(case: Case, by: Actor | None) -> Closing:
    member_id = by.member_id if by else None
    assert case.closed_at  # as the database has it of every closed case
    return Closing(case=case, closed_at=case.closed_at, closed_by_id=member_id, because=case.closed_because)


def _said(title: str, kind: str, reference: str) -> dict[str, str]:
    if kind not in Case.Kind.values:
        raise Invalid(_("Choose what the case is about."), kind=[_("Choose what the case is about.")])
    title = " ".join(cleaned(title, LONGEST_TITLE, "title", needed=True).split())
    reference = " ".join(cleaned(reference, LONGEST_REFERENCE, "reference").split())
    return {"title": title, "kind": kind, "reference": reference}


def _digests(case: Case) -> dict[str, str | None]:
    return {"title_sha256": digest_of(case.title), "reference_sha256": digest_of(case.reference)}


def export_cases(sought: doors.Sought, file: BinaryIO, *, by: Actor) -> int:
    """Write the cases that `by` may find and seeks as CSV; answers how many. Raises Forbidden."""
    with change(events.CASES_EXPORTED, by=by) as entry:
        doors.check_may(by, "export")
        count, sha256 = write_csv(HEADER, _rows(sought, by), file)
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count


def _rows(sought: doors.Sought, by: Actor) -> Iterator[tuple[Any, ...]]:
    found = doors.list_cases(by, sought).order_by("-opened_at", "-id")
    for each in found.iterator(chunk_size=1000):
        yield (
            each.number,
            each.title,
            each.kind,
            each.reference,
            each.status,
            clock.rfc3339(each.opened_at),
            clock.rfc3339(each.closed_at) if each.closed_at else "",
            "; ".join(row.member.name for row in doors.leads(each).select_related("member")),
            doors.items(each).count(),
        )
