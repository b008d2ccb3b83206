"""Who works on a case: named, and no more."""

import uuid

from django.utils.translation import gettext as _

from fairwitness.cases import doors, events
from fairwitness.cases.acts.cases import put_in
from fairwitness.cases.models import CaseMember
from fairwitness.evidence.acts.view import end_closed_viewings_of
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState

LEAD = CaseMember.Role.LEAD


def add_member(case_id: uuid.UUID, member_id: uuid.UUID, role: str, *, by: Actor) -> CaseMember:
    """Name somebody in an open case, or give who is named another part: what it holds opens to them as to their work.

    Raises Forbidden for oneself, Invalid for who cannot be named, WrongState where they have this part already.
    """
    if role not in CaseMember.Role.values:
        raise Invalid(_("Say who leads and who works on it."), role=[_("Choose one.")])
    with change(events.MEMBER_ADDED, by=by) as entry:
        case = doors.case(by, case_id, "add_member", lock=True)
        doors.check_open(case)
        if member_id == by.member_id:
            raise Forbidden(_("Nobody names themselves in a case: somebody else must."), act="add_member")
        standing = case.members.filter(member=member_id, until=None).first()
        if standing and standing.role == role:
            words = _("{name} has this part in the case already.").format(name=standing.member.name)
            raise WrongState(words)
        if standing:
            _check_not_last(standing)
            _end(standing)
        return put_in(entry, case, member_id, role, by=by)


def end_member(row_id: uuid.UUID, *, by: Actor) -> CaseMember:
    """End somebody's work on a case; what they have open by it alone is ended.

    In a closed case too: who is named there goes on reading it. Raises WrongState where it has ended, or for the last
    who leads it.
    """
    with change(events.MEMBER_ENDED, by=by) as entry:
        row = doors.member_row(by, row_id, "end_member", lock=True)
        if row.until:
            raise WrongState(_("They work on this case no more."))
        _check_not_last(row)
        _end(row)
        entry.about(row.case, case_id=row.case_id, member_id=row.member_id)
        entry.mention("department.member", row.member_id)
        end_closed_viewings_of(row.member_id, by=by)
    return row


def check_end(row: CaseMember) -> None:
    """Raise WrongState where somebody's work on a case cannot end now."""
    _check_not_last(row)


def _check_not_last(row: CaseMember) -> None:
    others = doors.leads(row.case).exclude(pk=row.pk)
    # Also of a closed one: it may be opened again, and who opens it cannot name themselves.
    if row.role == LEAD and not others.exists():
        raise WrongState(_("Somebody must lead a case: name another first."))


def _end(row: CaseMember) -> None:
    row.until = clock.now()
    row.save(update_fields=["until"])
