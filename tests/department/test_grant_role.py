"""The act grant_role."""

import datetime as dt
import re
from contextlib import suppress

import pytest
from django.db import transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.department import acts, doors
from fairwitness.department.models import RoleHeld
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


class TestApart:
    """Roles that must not meet in one person (CJIS AC-5), as the agency's profile names them."""

    def test_they_are_refused_on_the_same_days(self, world: World) -> None:
        costa, chen = world.id("costa"), world.actor("chen")
        with pytest.raises(Invalid, match="must not also be “Internal auditor”"):
            acts.grant_role(member_id=costa, role=Role.INTERNAL_AUDITOR, by=chen)
        with pytest.raises(Invalid, match="“BWC Unit”"):
            acts.grant_role(
                member_id=costa, role=Role.ACCOUNT_ADMINISTRATOR, since=doors.today() + DAY, by=chen
            )

    def test_one_after_the_other_is_granted(self, world: World) -> None:
        costa, chen, today = world.id("costa"), world.actor("chen"), doors.today()
        acts.end_role(member_id=costa, role=Role.BWC_UNIT, until=today + DAY, by=chen)
        with pytest.raises(Invalid):
            acts.grant_role(member_id=costa, role=Role.INTERNAL_AUDITOR, by=chen)
        acts.grant_role(member_id=costa, role=Role.INTERNAL_AUDITOR, since=today + DAY, by=chen)
        acts.end_role(member_id=costa, role=Role.INTERNAL_AUDITOR, until=today + DAY, by=chen)
        # What ended as it began holds on no day, and stands in nothing's way.
        acts.grant_role(member_id=costa, role=Role.BWC_UNIT, since=today + DAY, by=chen)

    def test_a_roster_grants_none_of_them_either(self, world: World) -> None:
        data = b"badge,given,family,rank,roles\nP301,Ana,Costa,professional,Internal auditor\n"
        names = ("badge", "given_name", "family_name", "rank", "roles")
        columns = {name: at for at, name in enumerate(names)}
        made = acts.preview_roster(data=data, columns=columns, by=world.actor("chen"))
        assert "must not also be" in " ".join(made.outcomes[0].words)
        assert doors.roles_today(world.id("costa")) == {Role.BWC_UNIT}

    def test_the_page_greys_them_with_the_reason(self, world: World) -> None:
        page = world.sign_in("chen").get(reverse("role-grant", args=[world.id("costa")])).content.decode()
        greyed = re.findall(r'<input type="radio" name="role" value="(\w+)"[^>]* disabled', page)
        assert set(greyed) == {"bwc_unit", "internal_auditor", "external_auditor", "account_administrator"}
        assert "Ana Costa is “BWC Unit”, and whoever is that must not also be" in page

    @given(
        ours=st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)),
        theirs=st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)),
    )
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_they_never_share_a_day(
        self, world: World, ours: tuple[int, int | None], theirs: tuple[int, int | None]
    ) -> None:
        """Granted or refused, whatever the days: no day is ever held with both."""
        start, weber = doors.today(), world.id("weber")
        with transaction.atomic():
            for role, (since, until) in ((Role.BWC_UNIT, ours), (Role.INTERNAL_AUDITOR, theirs)):
                days = [
                    start + dt.timedelta(days=since),
                    None if until is None else start + dt.timedelta(days=until),
                ]
                with suppress(Invalid):
                    acts.grant_role(
                        member_id=weber, role=role, since=days[0], until=days[1], by=world.actor("chen")
                    )
            for day in range(62):
                held = doors.roles_on(weber, start + dt.timedelta(days=day))
                assert not {Role.BWC_UNIT, Role.INTERNAL_AUDITOR} <= held
            asked = (set(_days(ours)), set(_days(theirs)))
            if asked[0] and asked[1]:
                both = RoleHeld.objects.filter(member=weber, role=Role.INTERNAL_AUDITOR).exists()
                assert both is not bool(asked[0] & asked[1])
            transaction.set_rollback(True)


def _days(span: tuple[int, int | None]) -> range:
    return range(span[0], 100 if span[1] is None else span[1])
