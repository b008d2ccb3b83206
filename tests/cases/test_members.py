"""Who works on a case: named, given another part, ended."""

import pytest

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case
from fairwitness.evidence.acts import view
from fairwitness.evidence.models import Viewing
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.cases.made import facts_of, opened, opens, stop
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_works(world: World, case: Case) -> None:
    row = acts.add_member(case.pk, world.id("li"), "member", by=world.actor("lindqvist"))
    assert doors.case(world.actor("li"), case.pk) == case
    acts.end_member(row.pk, by=world.actor("lindqvist"))
    with pytest.raises(NotFound):
        doors.case(world.actor("li"), case.pk)
    assert facts_of("cases.member_ended")["member_id"] == str(world.id("li"))
    assert [each.member_id for each in doors.former_members_of(case)] == [world.id("li")]


def test_nobody_names_themselves(world: World, case: Case) -> None:
    with pytest.raises(Forbidden, match="names themselves"):
        acts.add_member(case.pk, world.id("costa"), "member", by=world.actor("costa"))


@pytest.mark.parametrize("key", ["novak", "sato", "chen", "adeyemi"])
def test_who_cannot_be_named(world: World, case: Case, key: str) -> None:
    with pytest.raises(Invalid):
        acts.add_member(case.pk, world.id(key), "member", by=world.actor("costa"))


def test_twice_and_another_part(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    acts.add_member(case.pk, world.id("li"), "member", by=lead)
    with pytest.raises(WrongState, match="already"):
        acts.add_member(case.pk, world.id("li"), "member", by=lead)
    with pytest.raises(Invalid):
        acts.add_member(case.pk, world.id("okoye"), "boss", by=lead)
    acts.add_member(case.pk, world.id("li"), "lead", by=lead)
    assert {row.member_id for row in doors.leads(case)} == {world.id("li"), world.id("lindqvist")}


def test_the_last_who_leads_stays(world: World, case: Case) -> None:
    costa = world.actor("costa")
    (row,) = doors.members_of(case)
    with pytest.raises(WrongState, match="must lead"):
        acts.end_member(row.pk, by=costa)
    with pytest.raises(WrongState, match="must lead"):
        acts.add_member(case.pk, world.id("lindqvist"), "member", by=costa)
    acts.add_member(case.pk, world.id("li"), "lead", by=costa)
    acts.end_member(row.pk, by=costa)
    with pytest.raises(WrongState, match="no more"):
        acts.end_member(row.pk, by=costa)


def test_who_works_on_it_does_not_name_others(world: World, case: Case) -> None:
    acts.add_member(case.pk, world.id("li"), "member", by=world.actor("costa"))
    with pytest.raises(Forbidden):
        acts.add_member(case.pk, world.id("okoye"), "member", by=world.actor("li"))


def test_what_they_have_open_by_it_alone_is_ended(world: World, case: Case) -> None:
    """By the end of the place, the taking out, and the closing."""
    costa, li = world.actor("costa"), world.actor("li")
    films = stop()
    items = [acts.take_in(case.pk, each.pk, by=costa) for each in films]
    row = acts.add_member(case.pk, world.id("li"), "member", by=costa)

    def begun(n: int) -> Viewing:
        return view.view(films[n].pk, Viewing.Purpose.INVESTIGATION, "s", by=li)

    assert all(opens(li, each) for each in films)
    first = begun(0)
    acts.take_out(items[0].pk, "Not of it", by=costa)
    first.refresh_from_db()
    assert first.ended and not opens(li, films[0])
    second = begun(1)
    acts.close_case(case.pk, "Over", by=costa)
    second.refresh_from_db()
    assert second.ended and not opens(li, films[1])
    acts.reopen_case(case.pk, "Appeal", by=costa)
    third = begun(1)
    acts.end_member(row.pk, by=costa)
    third.refresh_from_db()
    assert third.ended and not opens(li, films[1])


def test_the_opener_of_a_case_opens_nothing_to_themselves(world: World) -> None:
    """An officer who opens a case and leads it takes in only what is open to them anyway."""
    films = stop()
    mine = opened(world, by="li", lead="")
    for each in films:
        with pytest.raises(NotFound):
            acts.take_in(mine.pk, each.pk, by=world.actor("li"))
        assert not opens(world.actor("li"), each)
