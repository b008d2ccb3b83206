"""The act remove_rule."""

import pytest

from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.policy import acts
from tests.department.ledger import latest, sentence
from tests.policy.made import draft, in_force, propose, read_again, rule
from tests.world import World


def test_it_works(world: World) -> None:
    version = draft(world, rule(), rule("t.two"))
    acts.remove_rule(version_id=version.pk, rule_id="t.one", by=world.actor("weber"))
    assert [each.id for each in read_again(version).says().rules] == ["t.two"]
    assert (latest()[2]["what"], latest()[2]["rule"]) == ("rule_removed", "t.one")
    assert sentence() == "Jonas Weber changed the draft of version 1 of T-1: a rule taken out"


def test_what_is_in_force_keeps_it(world: World) -> None:
    now = in_force(world)
    new = acts.begin_version(number="T-1", by=world.actor("costa"))
    acts.remove_rule(version_id=new.pk, rule_id="t.one", by=world.actor("costa"))
    assert read_again(now).says().rules
    assert not read_again(new).says().rules


@pytest.mark.parametrize("rule_id", ["t.two", "", "\0"])
def test_a_rule_that_is_not_there(world: World, rule_id: str) -> None:
    version = draft(world)
    with pytest.raises(NotFound):
        acts.remove_rule(version_id=version.pk, rule_id=rule_id, by=world.actor("costa"))


def test_what_is_proposed_stays_and_who_may_not(world: World) -> None:
    version = draft(world)
    with pytest.raises(Forbidden):
        acts.remove_rule(version_id=version.pk, rule_id="t.one", by=world.actor("sato"))
    propose(world, version)
    with pytest.raises(WrongState, match="only a draft"):
        acts.remove_rule(version_id=version.pk, rule_id="t.one", by=world.actor("costa"))
