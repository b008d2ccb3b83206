"""The act withdraw_shift: a shift that nobody served goes, stays beside the others, and names nobody any more."""

import pytest
from django.urls import reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Shift
from fairwitness.kernel import actors
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest, sentence
from tests.incidents import made
from tests.incidents.made import dispatch, kinds, shifts
from tests.world import CAST, World

ROW = "101,4A12,2026-03-04,19:00,07:00"
DAY = "?day=2026-03-04"


@pytest.fixture
def shift(world: World) -> Shift:
    """Whitfield's, on whose unit an event stands."""
    dispatch("1,3/4/2026,20:00,,,4A12,20:01,,,,\n")
    shifts(ROW)
    return Shift.objects.get()


def test_it_works(world: World, shift: Shift) -> None:
    scene = made.incident("1").pk
    assert doors.members_on_scene(scene) == {world.id("whitfield")}
    acts.withdraw_shift(shift.pk, by=world.actor("costa"))
    assert doors.members_on_scene(scene) == set()
    event, subjects, facts = latest()
    assert (event, subjects) == ("incidents.shift_withdrawn", {("incidents.shift", shift.pk)})
    assert (facts["member_id"], facts["unnamed"]) == (str(world.id("whitfield")), 1)
    assert sentence() == (
        "Ana Costa withdrew a shift of Officer Dana Whitfield, "
        "from Mar 4, 2026, 19:00 to Mar 5, 2026, 07:00; it stays, marked"
    )
    costa, day = world.actor("costa"), made.local("2026-03-04T12:00").date()
    assert not doors.shifts_on(costa, day)
    assert [each.pk for each in doors.shifts_on(costa, day, withdrawn=True)] == [shift.pk]


def test_who_was_on_scene_decides_anew_until_when_recordings_are_kept(world: World, shift: Shift) -> None:
    anew = ProcrastinateJob.objects.filter(task_name="evidence.retain_anew")
    anew.filter(status="todo")._raw_delete("default")
    acts.withdraw_shift(shift.pk, by=world.actor("costa"))
    assert anew.count() == 1


def test_nobody_withdraws_their_own(world: World) -> None:
    """Being on scene locks out of a critical incident: who is locked out does not undo it."""
    shifts(ROW)
    own = actors.member(world.id("whitfield"), frozenset({Role.BWC_UNIT}))
    with pytest.raises(Forbidden, match="Somebody else"):
        acts.withdraw_shift(Shift.objects.get().pk, by=own)
    assert Shift.objects.get().withdrawn_at is None


def test_a_roster_in_which_it_stands_brings_it_again(world: World, shift: Shift) -> None:
    acts.withdraw_shift(shift.pk, by=world.actor("costa"))
    assert kinds(shifts(ROW)) == [(2, "added")]
    assert doors.members_on_scene(made.incident("1").pk) == {world.id("whitfield")}


def test_one_that_begins_at_another_time_can_then_be_imported(world: World, shift: Shift) -> None:
    moved = ROW.replace("19:00", "20:00")
    assert kinds(shifts(moved, preview=True)) == [(2, "faulty")]
    acts.withdraw_shift(shift.pk, by=world.actor("costa"))
    assert kinds(shifts(moved)) == [(2, "added")]


def test_a_badge_in_the_export_still_counts(world: World) -> None:
    dispatch("incident,date,time,unit,badge,dispatched\n1,3/4/2026,20:00,4A12,101,20:01\n")
    shifts(ROW)
    acts.withdraw_shift(Shift.objects.get().pk, by=world.actor("costa"))
    assert doors.members_on_scene(made.incident("1").pk) == {world.id("whitfield")}
    assert latest()[2]["unnamed"] == 0


def test_refusals(world: World, shift: Shift) -> None:
    with pytest.raises(NotFound):
        acts.withdraw_shift(new_id(), by=world.actor("costa"))
    with pytest.raises(Forbidden):
        acts.withdraw_shift(shift.pk, by=world.actor("ruiz"))
    with pytest.raises(NotFound):
        acts.withdraw_shift(shift.pk, by=world.actor("okoye"))
    acts.withdraw_shift(shift.pk, by=world.actor("costa"))
    with pytest.raises(WrongState, match="withdrawn before"):
        acts.withdraw_shift(shift.pk, by=world.actor("costa"))


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_its_page_for_every_role(world: World, shift: Shift, part: object) -> None:
    key = part.key  # type: ignore[attr-defined]
    browser, address = world.sign_in(key), reverse("shift-withdraw", args=[shift.pk])
    unseen = {"adeyemi", "novak", "chen", "okoye", "li", "haddad", "lindqvist"}
    expected = 200 if key in {"costa", "nair"} else 404 if key in unseen else 403
    assert browser.get(address).status_code == expected
    if expected != 403 and expected != 404:
        assert address in browser.get(reverse("shifts") + DAY).content.decode()
        assert browser.post(address)["Location"] == reverse("shifts") + DAY
        page = browser.get(reverse("shifts") + DAY).content.decode()
        assert "Withdrawn" in page and address not in page
        assert browser.post(address).status_code == 422
    else:
        assert browser.post(address).status_code == expected
        shift.refresh_from_db()
        assert shift.withdrawn_at is None
