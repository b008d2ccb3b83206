"""The act grant_role."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest
from tests.world import World

DAY = dt.timedelta(days=1)


def test_it_works(world: World) -> None:
    sato, today = world.id("sato"), doors.today()
    acts.grant_role(member_id=sato, role=Role.RECORDS_OFFICER, until=today + DAY, by=world.actor("chen"))
    assert doors.roles_today(sato) == {Role.INTERNAL_AUDITOR, Role.RECORDS_OFFICER}
    assert doors.roles_on(sato, today + DAY) == {Role.INTERNAL_AUDITOR}
    event, subjects, facts = latest()
    assert (event, subjects) == ("department.role_granted", {("department.member", sato)})
    assert facts == {
        "member_id": str(sato),
        "role": "records_officer",
        "since": today.isoformat(),
        "until": (today + DAY).isoformat(),
    }


def test_it_may_begin_later(world: World) -> None:
    acts.grant_role(
        member_id=world.id("li"), role=Role.SUPERVISOR, since=doors.today() + DAY, by=world.actor("chen")
    )
    assert doors.roles_today(world.id("li")) == {Role.OFFICER}


def test_to_oneself_is_refused(world: World) -> None:
    with pytest.raises(Forbidden, match="of their own"):
        acts.grant_role(member_id=world.id("chen"), role=Role.CHIEF, by=world.actor("chen"))


def test_twice_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="already"):
        acts.grant_role(member_id=world.id("li"), role=Role.OFFICER, by=world.actor("chen"))


def test_an_end_before_the_beginning_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="after the first"):
        acts.grant_role(
            member_id=world.id("li"), role=Role.CHIEF, until=doors.today(), by=world.actor("chen")
        )


def test_to_one_who_left_is_refused(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="has left"):
        acts.grant_role(member_id=world.id("li"), role=Role.CHIEF, by=world.actor("chen"))


def test_the_chief_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.grant_role(member_id=world.id("li"), role=Role.SUPERVISOR, by=world.actor("park"))
