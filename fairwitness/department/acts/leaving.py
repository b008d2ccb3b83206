"""Acts on leaving: on the day or before it, that somebody stays after all, and what ends with the last day."""

import datetime as dt
import uuid

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors, events
from fairwitness.department.acts.writing import check_serves, end_on
from fairwitness.department.models import Assignment, Member, Posting, RoleHeld
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role


def check_leave(member: Member, on: dt.date, by: Actor) -> None:
    """Raise a refusal unless `by` may record that `member` leaves `on` a day, and nobody reports to them from then."""
    doors.check_may(by, "leave")
    check_serves(member)
    if by.member_id == member.pk:
        raise Forbidden(_("Nobody records their own leaving: they could no longer answer for it."))
    still = Q(until=None) | Q(until__gt=on)
    if count := Posting.objects.filter(still, reports_to=member).count():
        raise WrongState(
            _("{count} members report to {name}: post them first.").format(count=count, name=member.name)
        )


def leave(*, member_id: uuid.UUID, on: dt.date | None = None, by: Actor) -> Member:
    """Record the first day (today) on which a member no longer serves (CJIS AC-2).

    When it has come, posting, roles and assignments end and the sign-in opens nothing more. When it is to come, all
    of that goes on until then, and ends by `end_service`; until then another day may be recorded.
    """
    on = on or doors.today()
    to_come = on > doors.today()
    with change(events.MEMBER_LEAVING if to_come else events.MEMBER_LEFT, by=by) as entry:
        doors.lock_chain()
        member = doors.lock_member(member_id)
        check_leave(member, on, by)
        member.left_on = on
        member.save()
        entry.about(member, member_id=member.pk, left_on=on)
        if not to_come:
            _end_everything(member, entry)
    return member


def stay(*, member_id: uuid.UUID, by: Actor) -> Member:
    """Record that a member who was to leave stays. Raises WrongState when no such day is to come."""
    with change(events.MEMBER_STAYS, by=by) as entry:
        doors.check_may(by, "leave")
        member = doors.lock_member(member_id)
        if member.left_on is None or member.left_on <= doors.today():
            raise WrongState(_("No day is recorded on which {name} is to leave.").format(name=member.name))
        member.left_on = None
        member.save()
        entry.about(member, member_id=member.pk)
    return member


def end_service(*, member_id: uuid.UUID, by: Actor) -> Member:
    """End what is left of the service of a member whose day of leaving has come. Raises WrongState before it."""
    with change(events.MEMBER_LEFT, by=by) as entry:
        doors.lock_chain()
        member = doors.lock_member(member_id)
        if member.left_on is None or member.left_on > doors.today():
            raise WrongState(_("{name} serves.").format(name=member.name))
        entry.about(member, member_id=member.pk, left_on=member.left_on)
        _end_everything(member, entry)
    return member


def _end_everything(member: Member, entry: OpenEntry) -> None:
    on = member.left_on
    assert on is not None
    _tell_of_open_work(member, entry.by)
    still = Q(until=None) | Q(until__gt=on)
    for posting in Posting.objects.filter(still, member=member):
        end_on(posting, on)
    roles = list(RoleHeld.objects.filter(still, member=member))
    for held in roles:
        end_on(held, on)
    worn = Assignment.objects.filter(member=member, until=None)
    cameras = [assignment.camera for assignment in worn.select_related("camera")]
    worn.update(until=clock.now())
    if member.user:
        member.user.is_active = False
        member.user.save(update_fields=["is_active"])
    entry.about(*cameras, roles_ended=len(roles), cameras_returned=len(cameras))


def _tell_of_open_work(member: Member, by: Actor) -> None:
    """Tell their supervisor of the last day what they leave behind; administrators of accounts where there is none."""
    if not doors.open_work(member):
        return
    supervisor = doors.supervisor_of(member, doors.last_day(member))
    administrators = {m.pk for m in doors.members_holding(Role.ACCOUNT_ADMINISTRATOR)} - {by.member_id}
    sentence = _("{name} has left. See what they leave behind.").format(name=member.name)
    link = reverse("member-open-work", args=[member.pk])
    notify({supervisor.pk} if supervisor else administrators, sentence, link)
