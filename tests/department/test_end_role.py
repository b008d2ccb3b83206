"""The act end_role."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.department.models import RoleHeld
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    li, today = world.id("li"), doors.today()
    acts.end_role(member_id=li, role=Role.OFFICER, by=world.actor("chen"))
    assert doors.roles_today(li) == frozenset()
    assert doors.roles_on(li, today - dt.timedelta(days=1)) == {Role.OFFICER}
    facts = {"member_id": str(li), "role": "officer", "until": today.isoformat()}
    assert latest() == ("department.role_ended", {("department.member", li)}, facts)


def test_one_granted_today_can_end_today(world: World) -> None:
    li, by = world.id("li"), world.actor("chen")
    acts.grant_role(member_id=li, role=Role.CHIEF, by=by)
    acts.end_role(member_id=li, role=Role.CHIEF, by=by)
    assert Role.CHIEF not in doors.roles_today(li)
    acts.grant_role(member_id=li, role=Role.CHIEF, by=by)
    assert Role.CHIEF in doors.roles_today(li)


def test_one_that_was_yet_to_begin_never_does(world: World) -> None:
    li, by, later = world.id("li"), world.actor("chen"), doors.today() + dt.timedelta(days=9)
    acts.grant_role(member_id=li, role=Role.CHIEF, since=later, by=by)
    acts.end_role(member_id=li, role=Role.CHIEF, by=by)
    held = RoleHeld.objects.get(member=li, role=Role.CHIEF)
    assert (held.since, held.until) == (later, later)
    assert Role.CHIEF not in doors.roles_on(li, later)


def test_one_not_held_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="does not hold"):
        acts.end_role(member_id=world.id("li"), role=Role.CHIEF, by=world.actor("chen"))


def test_of_oneself_is_refused(world: World) -> None:
    with pytest.raises(Forbidden, match="of their own"):
        acts.end_role(member_id=world.id("chen"), role=Role.ACCOUNT_ADMINISTRATOR, by=world.actor("chen"))


def test_the_chief_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.end_role(member_id=world.id("li"), role=Role.OFFICER, by=world.actor("park"))
