"""The act leave."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.department.models import Assignment, Member
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    okoye, today = world.id("okoye"), doors.today()
    browser = world.sign_in("okoye")
    acts.leave(member_id=okoye, by=world.actor("chen"))
    member = Member.objects.get(pk=okoye)
    assert (member.left_on, member.user and member.user.is_active) == (today, False)
    assert doors.roles_today(okoye) == frozenset()
    assert doors.unit_on(okoye, today) is None
    assert not Assignment.objects.filter(member=okoye, until=None).exists()
    assert okoye not in doors.chain_below(world.id("ruiz"))
    assert doors.actor_of(member.user) == PUBLIC
    assert browser.get("/people/").status_code != 200, "the open session opens nothing more"
    facts = {"member_id": str(okoye), "left_on": today.isoformat(), "roles_ended": 1, "cameras_returned": 1}
    assert latest() == (
        "department.member_left",
        {("department.member", okoye), ("department.camera", world.cameras["AX-0102"].pk)},
        facts,
    )


def test_while_others_report_to_them_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="3 members report"):
        acts.leave(member_id=world.id("ruiz"), by=world.actor("chen"))


def test_on_a_day_to_come_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="not before"):
        acts.leave(member_id=world.id("li"), on=doors.today() + dt.timedelta(days=1), by=world.actor("chen"))


def test_twice_is_refused(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="has left"):
        acts.leave(member_id=world.id("li"), by=world.actor("chen"))


def test_ones_own_is_refused(world: World) -> None:
    with pytest.raises(Forbidden, match="their own"):
        acts.leave(member_id=world.id("chen"), by=world.actor("chen"))


def test_the_bwc_unit_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.leave(member_id=world.id("li"), by=world.actor("costa"))
