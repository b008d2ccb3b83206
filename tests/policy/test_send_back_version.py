"""The act send_back_version."""

import pytest

from fairwitness.kernel import notices
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.policy import acts
from tests.department.ledger import latest, sentence
from tests.policy.made import draft, proposed, read_again
from tests.world import World


def test_it_works(world: World) -> None:
    version = proposed(world)
    acts.send_back_version(version_id=version.pk, by=world.actor("park"))
    assert read_again(version).status == "draft"
    assert latest()[0] == "policy.version_sent_back"
    assert sentence() == "Chief Elena Park sent version 1 of T-1 back to its author"
    for key in ("costa", "nair"):
        assert [n.sentence for n in notices.unread(world.id(key))] == [
            "Version 1 of T-1 was sent back to you."
        ]


def test_it_can_be_changed_and_proposed_again(world: World) -> None:
    version = proposed(world)
    acts.send_back_version(version_id=version.pk, by=world.actor("park"))
    acts.remove_rule(version_id=version.pk, rule_id="t.one", by=world.actor("costa"))
    again = acts.propose_version(version_id=version.pk, because="Dry.", by=world.actor("weber"))
    assert (again.status, again.because, again.proposer_id) == ("proposed", "Dry.", world.id("weber"))


def test_a_draft_is_with_its_author_already(world: World) -> None:
    with pytest.raises(WrongState):
        acts.send_back_version(version_id=draft(world).pk, by=world.actor("park"))


def test_whoever_proposed_it_may_not(world: World) -> None:
    version = proposed(world)
    with pytest.raises(Forbidden):
        acts.send_back_version(version_id=version.pk, by=world.actor("nair"))
    assert read_again(version).status == "proposed"
