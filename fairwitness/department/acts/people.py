"""Acts on people: units, members, postings, roles, training, and leaving."""

import datetime as dt
import uuid

from django.db.models import Q
from django.utils.translation import gettext as _

from fairwitness.department import doors, events
from fairwitness.department.acts.telling import tell_of_end, tell_of_grant, tell_of_transfer
from fairwitness.department.acts.writing import (
    check_chain,
    check_serves,
    complete,
    end_on,
    hold_role,
    place,
    save_valid,
)
from fairwitness.department.models import Completion, Course, Member, Posting, RoleHeld, Unit
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.kernel.roles import Role


def add_unit(*, code: str, name: str, parent_id: uuid.UUID | None = None, by: Actor) -> Unit:
    """Add a unit, under `parent_id` if given. Raises Invalid when the code is taken."""
    with change(events.UNIT_ADDED, by=by) as entry:
        doors.check_may(by, "add_unit")
        unit = Unit(code=code, name=name, parent=doors.find_unit(parent_id) if parent_id else None)
        save_valid(unit)
        entry.about(unit, unit_id=unit.pk, parent_id=parent_id)
    return unit


def add_member(
    *,
    badge: str,
    given_name: str,
    family_name: str,
    rank: str,
    title: str = "",
    email: str = "",
    joined_on: dt.date | None = None,
    by: Actor,
) -> Member:
    """Add a sworn member or one of the professional staff. Raises Invalid when the badge is taken."""
    with change(events.MEMBER_ADDED, by=by) as entry:
        doors.check_may(by, "add_member")
        member = Member(badge=badge, given_name=given_name, family_name=family_name, rank=rank)
        member.title, member.email, member.joined_on = title, email, joined_on
        save_valid(member)
        entry.about(member, member_id=member.pk, rank=rank)
    return member


def change_member(
    *,
    member_id: uuid.UUID,
    given_name: str,
    family_name: str,
    rank: str,
    title: str = "",
    email: str = "",
    by: Actor,
) -> Member:
    """Correct a member's particulars; the entry names the fields alone. Raises Invalid if none differs."""
    wanted = {
        "given_name": given_name,
        "family_name": family_name,
        "rank": rank,
        "title": title,
        "email": email,
    }
    with change(events.MEMBER_CHANGED, by=by) as entry:
        doors.check_may(by, "change_member")
        member = doors.lock_member(member_id)
        changed = sorted(name for name, value in wanted.items() if getattr(member, name) != value)
        if not changed:
            raise Invalid(_("Nothing differs from what is recorded."))
        for name in changed:
            setattr(member, name, wanted[name])
        save_valid(member)
        entry.about(member, member_id=member.pk, fields=changed)
    return member


def post(
    *,
    member_id: uuid.UUID,
    unit_id: uuid.UUID,
    reports_to: uuid.UUID | None = None,
    since: dt.date | None = None,
    by: Actor,
) -> Posting:
    """Post a member to a unit under a supervisor from `since` (today); the present posting ends that day.

    Raises Invalid when the chain would be a circle or a later posting exists, WrongState when one has left.
    """
    since = since or doors.today()
    with change(events.MEMBER_POSTED, by=by) as entry:
        doors.check_may(by, "post")
        doors.lock_chain()
        member = doors.lock_member(member_id)
        check_serves(member, since)
        supervisor = doors.find_member(reports_to) if reports_to else None
        check_chain(member, supervisor, since)
        posting = place(member, doors.find_unit(unit_id), supervisor, since)
        tell_of_transfer(member, posting, by)
        entry.about(member, member_id=member.pk, unit_id=unit_id, reports_to_id=reports_to, since=since)
    return posting


def check_grant_role(member: Member, by: Actor) -> None:
    """Raise a refusal unless `by` may change the roles of `member`: nobody changes their own."""
    doors.check_may(by, "grant_role")
    if by.member_id == member.pk:
        raise Forbidden(_("Nobody grants or ends roles of their own."))
    check_serves(member)


def grant_role(
    *, member_id: uuid.UUID, role: Role, since: dt.date | None = None, until: dt.date | None = None, by: Actor
) -> RoleHeld:
    """Grant `role` from `since` (today) up to, but not including, `until`."""
    since = since or doors.today()
    with change(events.ROLE_GRANTED, by=by) as entry:
        member = doors.lock_member(member_id)
        check_grant_role(member, by)
        held = hold_role(member, role, since, until)
        tell_of_grant(member, role, by)
        entry.about(member, member_id=member.pk, role=role.value, since=since, until=until)
    return held


def end_role(*, member_id: uuid.UUID, role: Role, until: dt.date | None = None, by: Actor) -> RoleHeld:
    """End `role`: `until` (today) is the first day without it. Raises WrongState when it is not held."""
    until = until or doors.today()
    with change(events.ROLE_ENDED, by=by) as entry:
        member = doors.lock_member(member_id)
        check_grant_role(member, by)
        still = Q(until=None) | Q(until__gt=until)
        held = RoleHeld.objects.filter(still, member=member, role=role).order_by("since").first()
        if held is None:
            raise WrongState(_("{name} does not hold this role.").format(name=member.name))
        end_on(held, until)
        tell_of_end(member, role, by)
        entry.about(member, member_id=member.pk, role=role.value, until=until)
    return held


def add_course(*, code: str, title: str, required_for_camera: bool = False, by: Actor) -> Course:
    """Add a course. Raises Invalid when the code is taken."""
    with change(events.COURSE_ADDED, by=by) as entry:
        doors.check_may(by, "add_course")
        course = Course(code=code, title=title, required_for_camera=required_for_camera)
        save_valid(course)
        entry.about(course, course_id=course.pk, required_for_camera=required_for_camera)
    return course


def complete_course(
    *,
    member_id: uuid.UUID,
    course_id: uuid.UUID,
    on: dt.date | None = None,
    expires_on: dt.date | None = None,
    by: Actor,
) -> Completion:
    """Record that a member completed a course `on` a day (today); it counts only before `expires_on`."""
    on = on or doors.today()
    with change(events.COURSE_COMPLETED, by=by) as entry:
        doors.check_may(by, "complete_course")
        member = doors.lock_member(member_id)
        course = doors.find_course(course_id)
        completion = complete(member, course, on, expires_on)
        entry.about(
            *(member, course),
            member_id=member.pk,
            course_id=course.pk,
            completed_on=on,
            expires_on=expires_on,
        )
    return completion
