"""The chain of command, also in shapes that no act would make."""

import datetime as dt
import uuid

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import composite

from fairwitness.department import acts, doors
from fairwitness.department.models import Member, Posting, Unit
from fairwitness.kernel.change import change
from fairwitness.kernel.events import REGISTER, Event
from fairwitness.kernel.refusals import Refusal
from tests.world import BY, World

TESTED = REGISTER.get("test.done") or Event("test.done", "{actor} tested", frozenset())
SIZE = 7


def test_it_works(world: World) -> None:
    below = doors.chain_below(world.id("okafor"))
    assert below == {
        world.id(key) for key in ("ruiz", "brandt", "whitfield", "okoye", "li", "haddad", "lindqvist")
    }
    above = [member.pk for member in doors.chain_above(world.id("li"))]
    assert above == [world.id(key) for key in ("ruiz", "okafor", "hale", "park")]
    assert doors.chain_below(world.id("li")) == set()
    assert doors.chain_below(world.id("novak")) == set()
    assert doors.chain_below(world.id("okafor"), world.since - dt.timedelta(days=1)) == set()


def test_the_tree_has_everyone_who_is_posted_once(world: World) -> None:
    def all_of(links: list[doors.Link]) -> list[uuid.UUID]:
        return [pk for link in links for pk in (link.member.pk, *all_of(link.below))]

    chain = doors.chain_of_command()
    assert [link.member.pk for link in chain] == [world.id("park")]
    posted = {part for part in world.members if part != "novak"}
    assert sorted(all_of(chain)) == sorted(world.id(key) for key in posted)


@pytest.fixture
def seven(db: None) -> list[Member]:
    """Seven members and one unit, and nobody posted."""
    acts.add_unit(code="U", name="Unit", by=BY)
    return [
        acts.add_member(badge=str(n), given_name="M", family_name=str(n), rank="detective", by=BY)
        for n in range(SIZE)
    ]


def _lay(members: list[Member], bosses: list[int | None]) -> None:
    """Write postings as they are given, circles and all, as no act would."""
    unit, since = Unit.objects.get(), doors.today()
    with change(TESTED, by=BY) as entry:
        entry.about(unit)
        Posting.objects.bulk_create(
            Posting(member=member, unit=unit, since=since, reports_to=None if boss is None else members[boss])
            for member, boss in zip(members, bosses, strict=True)
        )


def _below(bosses: list[int | None], top: int) -> set[int]:
    """The same by brute force: who comes to `top` by going up, at most as often as there are members."""
    found = set()
    for start in range(SIZE):
        place: int | None = start
        for _step in range(SIZE):
            place = bosses[place] if place is not None else None
            if place == top:
                found.add(start)
    return found - {top}


@composite
def shapes(draw: st.DrawFn) -> list[int | None]:
    """For each of seven whom they report to: anyone but themselves, so also in circles."""
    return [draw(st.sampled_from([None, *(boss for boss in range(SIZE) if boss != n)])) for n in range(SIZE)]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bosses=shapes())
def test_any_shape_ends_and_answers_what_walking_does(seven: list[Member], bosses: list[int | None]) -> None:
    with transaction.atomic():
        _lay(seven, bosses)
        for top, member in enumerate(seven):
            assert doors.chain_below(member.pk) == {seven[n].pk for n in _below(bosses, top)}
            assert member.pk not in [above.pk for above in doors.chain_above(member.pk)]
        doors.chain_of_command()
        transaction.set_rollback(True)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    orders=st.lists(
        st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1), st.integers(0, 3)), max_size=20
    )
)
def test_no_order_of_postings_makes_a_circle(seven: list[Member], orders: list[tuple[int, int, int]]) -> None:
    """Posted to whomever, from today or later: on no day does anyone stand below themselves."""
    with transaction.atomic():
        _lay(seven, [None] * SIZE)
        unit, today = Unit.objects.get().pk, doors.today()
        for member, boss, days in orders:
            since = today + dt.timedelta(days=days)
            try:
                acts.post(
                    member_id=seven[member].pk, unit_id=unit, reports_to=seven[boss].pk, since=since, by=BY
                )
            except Refusal:
                continue
        for days in range(5):
            day = today + dt.timedelta(days=days)
            ups = dict(Posting.objects.filter(doors.holding_on(day)).values_list("member", "reports_to"))
            for start in ups:
                place, steps = ups[start], 0
                while place is not None:
                    place, steps = ups.get(place), steps + 1
                    assert steps <= SIZE, "a circle"
        transaction.set_rollback(True)


def test_the_chain_is_locked_while_it_changes(world: World) -> None:
    with change(TESTED, by=BY) as entry:
        entry.about(world.units["patrol_1"])
        doors.lock_chain()
        with connection.cursor() as cursor:
            cursor.execute("SELECT mode FROM pg_locks WHERE relation = 'department_posting'::regclass")
            assert ("ShareRowExclusiveLock",) in cursor.fetchall()
