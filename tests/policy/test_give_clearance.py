"""The act give_clearance."""

import pytest

from fairwitness.kernel.refusals import NotFound, WrongState
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Clearance
from tests.department.ledger import latest, sentence
from tests.policy.made import approve, draft, in_force, keeping, propose, proposed, read_again, rule
from tests.world import World


def test_it_works(world: World) -> None:
    version = proposed(world, keeping())
    assert doors.clearances_missing(version) == [Clearance.What.RETENTION]
    acts.give_clearance(version_id=version.pk, what="retention", by=world.actor("park"))
    assert doors.clearances_missing(version) == []
    assert latest()[0] == "policy.clearance_given"
    assert latest()[2]["sha256"] == f"sha256:{version.digest}"
    words = "cleared version 1 of T-1: what it would make due was shown and approved"
    assert sentence() == f"Chief Elena Park {words}"


def test_twice_is_once(world: World) -> None:
    version = proposed(world, keeping())
    one = acts.give_clearance(version_id=version.pk, what="retention", by=world.actor("park"))
    assert acts.give_clearance(version_id=version.pk, what="retention", by=world.actor("hale")) == one


def test_a_text_that_changed_is_not_cleared(world: World) -> None:
    version = draft(world, keeping())
    acts.give_clearance(version_id=version.pk, what="retention", by=world.actor("park"))
    acts.change_rule(
        version_id=version.pk, rule=keeping(keep="181 days"), was="t.keep", by=world.actor("costa")
    )
    assert doors.clearances_missing(read_again(version)) == [Clearance.What.RETENTION]
    again = approve(world, propose(world, read_again(version)))
    with pytest.raises(WrongState, match="what it would make due was shown"):
        acts.bring_into_force(version_id=again.pk, by=world.actor("park"))


@pytest.mark.parametrize(
    ("rules", "wanted"),
    [
        ([rule()], False),
        ([keeping()], True),
        ([rule(kind="category", parameters={"code": "x", "words": "X", "access": "ordinary"})], True),
    ],
)
def test_when_one_is_wanted(world: World, rules: list[dict[str, object]], wanted: bool) -> None:
    assert bool(doors.clearances_missing(draft(world, *rules))) is wanted


def test_words_alone_want_none(world: World) -> None:
    in_force(world, keeping())
    new = acts.begin_version(number="T-1", by=world.actor("costa"))
    new = acts.change_rule(
        version_id=new.pk, rule=keeping(text="So long."), was="t.keep", by=world.actor("costa")
    )
    assert doors.clearances_missing(new) == []
    new = acts.remove_rule(version_id=new.pk, rule_id="t.keep", by=world.actor("costa"))
    assert doors.clearances_missing(new) == [Clearance.What.RETENTION]


def test_what_is_not_on_its_way(world: World) -> None:
    with pytest.raises(WrongState, match="nothing to clear"):
        acts.give_clearance(version_id=in_force(world).pk, what="retention", by=world.actor("park"))
    with pytest.raises(NotFound):
        acts.give_clearance(version_id=world.id("park"), what="retention", by=world.actor("park"))
