"""The act withdraw_version."""

import pytest

from fairwitness.kernel import notices
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.policy import acts
from tests.department.ledger import latest, sentence
from tests.policy.made import approved, in_force, proposed, read_again
from tests.world import World


def test_it_works(world: World) -> None:
    version = proposed(world)
    acts.withdraw_version(version_id=version.pk, by=world.actor("weber"))
    assert read_again(version).status == "withdrawn"
    assert latest()[0] == "policy.version_withdrawn"
    assert sentence() == "Jonas Weber withdrew version 1 of T-1"
    for key in ("costa", "nair"):
        assert [n.sentence for n in notices.unread(world.id(key))] == ["Version 1 of T-1 was withdrawn."]


def test_what_was_approved_goes_no_further(world: World) -> None:
    version = approved(world)
    acts.withdraw_version(version_id=version.pk, by=world.actor("costa"))
    with pytest.raises(WrongState):
        acts.bring_into_force(version_id=version.pk, by=world.actor("park"))


def test_what_is_in_force_is_not_withdrawn(world: World) -> None:
    version = in_force(world)
    with pytest.raises(WrongState):
        acts.withdraw_version(version_id=version.pk, by=world.actor("costa"))


def test_an_officer_may_not(world: World) -> None:
    version = proposed(world)
    with pytest.raises(Forbidden):
        acts.withdraw_version(version_id=version.pk, by=world.actor("whitfield"))
