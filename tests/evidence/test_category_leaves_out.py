"""A version that leaves out a category which recordings still carry: refused by name wherever it would go on."""

import pytest

from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import acts as policy
from fairwitness.policy import doors
from fairwitness.policy.models import Version
from tests.evidence.made import sealed
from tests.policy.made import approve, propose
from tests.world import World

CODE = "traffic-stop"


def without(world: World, code: str = CODE) -> Version:
    """A draft of the document that has the category, without it and without its retention."""
    holder = doors.categories_at()[code]
    by = world.actor("costa")
    version = policy.begin_version(number=holder.number, by=by)
    for rule in doors.rules_of(version):
        if code in (getattr(rule.parameters, "code", None), getattr(rule.parameters, "category", None)):
            version = policy.remove_rule(version_id=version.pk, rule_id=rule.id, by=by)
    return version


def test_it_is_refused_when_it_is_proposed_and_said_how_many_carry_it(world: World) -> None:
    for n in range(2):
        add_category(sealed(bytes([n])).pk, CODE, by=world.actor("costa"))
    version = without(world)
    with pytest.raises(WrongState, match=r"traffic-stop \(2\)"):
        propose(world, version)
    assert Version.objects.get(pk=version.pk).status == "draft"


def test_one_that_is_withdrawn_does_not_count(world: World) -> None:
    carried = add_category(sealed().pk, CODE, by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    assert propose(world, without(world)).status == "proposed"


def test_what_is_categorised_meanwhile_stops_it_at_every_step(world: World) -> None:
    version = propose(world, without(world))
    carried = add_category(sealed().pk, CODE, by=world.actor("costa"))
    with pytest.raises(WrongState, match=r"traffic-stop \(1\)"):
        approve(world, version)
    withdraw_category(carried.pk, by=world.actor("costa"))
    version = approve(world, version)
    for what in doors.clearances_missing(version):
        policy.give_clearance(version_id=version.pk, what=what, by=world.actor("hale"))
    add_category(sealed(b"another").pk, CODE, by=world.actor("costa"))
    with pytest.raises(WrongState, match=r"traffic-stop \(1\)"):
        policy.bring_into_force(version_id=version.pk, by=world.actor("park"))
    assert CODE in doors.categories_at()


def test_having_no_category_is_one_too(world: World) -> None:
    sealed()
    with pytest.raises(WrongState, match="uncategorised"):
        propose(world, without(world, "uncategorised"))
