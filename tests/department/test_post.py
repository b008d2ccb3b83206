"""The act post, which makes the chain of command."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.department.models import Posting
from fairwitness.kernel import notices
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest, sentence
from tests.world import World

DAY = dt.timedelta(days=1)


def test_it_works(world: World) -> None:
    today, okoye, brandt = doors.today(), world.id("okoye"), world.id("brandt")
    patrol_2 = world.units["patrol_2"]
    acts.post(member_id=okoye, unit_id=patrol_2.pk, reports_to=brandt, by=world.actor("chen"))
    assert doors.unit_on(okoye, today) == patrol_2
    assert doors.unit_on(okoye, today - DAY) == world.units["patrol_1"]
    assert okoye in doors.chain_below(brandt)
    assert okoye not in doors.chain_below(world.id("ruiz"))
    assert okoye in doors.chain_below(world.id("ruiz"), today - DAY)
    event, subjects, facts = latest()
    assert (event, subjects) == ("department.member_posted", {("department.member", okoye)})
    assert facts == {
        "member_id": str(okoye),
        "unit_id": str(patrol_2.pk),
        "reports_to_id": str(brandt),
        "since": today.isoformat(),
    }
    assert "posted Officer Sam Okoye to Patrol 2 (Night)" in sentence()
    assert "reporting to Sgt. Tom Brandt" in sentence()


def told_of_posting(world: World, key: str) -> list[str]:
    return [each.sentence for each in notices.unread(world.id(key)) if "was posted" in each.sentence]


def test_the_other_administrators_of_accounts_are_told(world: World) -> None:
    """CJIS AC-2: whoever keeps accounts hears of a transfer, but not of their own doing."""
    acts.end_role(member_id=world.id("weber"), role=Role.RECORDS_OFFICER, by=world.actor("chen"))
    acts.grant_role(member_id=world.id("weber"), role=Role.ACCOUNT_ADMINISTRATOR, by=world.actor("chen"))
    acts.post(member_id=world.id("okoye"), unit_id=world.units["patrol_2"].pk, by=world.actor("chen"))
    (told,) = told_of_posting(world, "weber")
    assert "Sam Okoye was posted to Patrol 2 (Night)" in told
    assert not told_of_posting(world, "chen") and not told_of_posting(world, "okoye")


def test_a_second_posting_on_the_same_day_is_the_one_that_counts(world: World) -> None:
    okoye, today = world.id("okoye"), doors.today()
    for unit in ("patrol_2", "detectives"):
        acts.post(member_id=okoye, unit_id=world.units[unit].pk, by=world.actor("chen"))
    assert doors.unit_on(okoye, today) == world.units["detectives"]
    assert Posting.objects.filter(member=okoye, since=today).count() == 2


def test_a_posting_may_begin_later(world: World) -> None:
    okoye, later = world.id("okoye"), doors.today() + 10 * DAY
    acts.post(member_id=okoye, unit_id=world.units["detectives"].pk, since=later, by=world.actor("chen"))
    assert doors.unit_on(okoye, doors.today()) == world.units["patrol_1"]
    assert doors.unit_on(okoye, later) == world.units["detectives"]


def test_before_a_later_posting_is_refused(world: World) -> None:
    okoye, unit = world.id("okoye"), world.units["detectives"].pk
    acts.post(member_id=okoye, unit_id=unit, since=doors.today() + DAY, by=world.actor("chen"))
    with pytest.raises(Invalid, match="begins later"):
        acts.post(member_id=okoye, unit_id=unit, by=world.actor("chen"))


def test_under_oneself_is_refused(world: World) -> None:
    ruiz = world.id("ruiz")
    with pytest.raises(Invalid, match="circle"):
        acts.post(member_id=ruiz, unit_id=world.units["patrol_1"].pk, reports_to=ruiz, by=world.actor("chen"))


def test_under_somebody_below_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="circle"):
        acts.post(
            member_id=world.id("okafor"),
            unit_id=world.units["patrol_1"].pk,
            reports_to=world.id("okoye"),
            by=world.actor("chen"),
        )


def test_a_circle_that_would_close_later_is_refused(world: World) -> None:
    """Brandt will stand under Ruiz next week; from then on Ruiz could not stand under Brandt."""
    by, later = world.actor("chen"), doors.today() + 7 * DAY
    unit = world.units["patrol_1"].pk
    acts.post(member_id=world.id("brandt"), unit_id=unit, reports_to=world.id("ruiz"), since=later, by=by)
    with pytest.raises(Invalid, match="circle"):
        acts.post(member_id=world.id("ruiz"), unit_id=unit, reports_to=world.id("brandt"), by=by)


def test_one_who_left_is_refused(world: World) -> None:
    by = world.actor("chen")
    acts.leave(member_id=world.id("li"), by=by)
    with pytest.raises(WrongState, match="has left"):
        acts.post(member_id=world.id("li"), unit_id=world.units["patrol_2"].pk, by=by)


def test_under_one_who_left_is_refused(world: World) -> None:
    by = world.actor("chen")
    acts.leave(member_id=world.id("li"), by=by)
    with pytest.raises(WrongState, match="has left"):
        acts.post(
            member_id=world.id("okoye"), unit_id=world.units["patrol_2"].pk, reports_to=world.id("li"), by=by
        )


def test_a_supervisor_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.post(member_id=world.id("okoye"), unit_id=world.units["patrol_2"].pk, by=world.actor("ruiz"))
