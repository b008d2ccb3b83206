"""The act propose_version."""

import hashlib

import pytest

from fairwitness.kernel import notices
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.policy import acts
from tests.department.ledger import latest, sentence
from tests.policy.made import draft, in_force, propose, read_again, rule
from tests.world import World


def test_it_works(world: World) -> None:
    version = draft(world)
    acts.propose_version(version_id=version.pk, because=" It rained.\r\nOften. ", by=world.actor("nair"))
    kept = read_again(version)
    assert (kept.status, kept.because, kept.proposer_id) == (
        "proposed",
        "It rained.\nOften.",
        world.id("nair"),
    )
    assert kept.proposed_at
    event, _subjects, facts = latest()
    assert event == "policy.version_proposed"
    assert facts["because_sha256"] == "sha256:" + hashlib.sha256(b"It rained.\nOften.").hexdigest()
    assert facts["sha256"] == f"sha256:{kept.digest}"
    assert sentence() == "Priya Nair proposed version 1 of T-1"


def test_whoever_may_approve_is_told(world: World) -> None:
    propose(world, draft(world))
    for key in ("hale", "park"):
        assert [n.sentence for n in notices.unread(world.id(key))] == [
            "Version 1 of T-1 waits for your decision."
        ]
    assert not notices.unread(world.id("nair"))
    propose_by_hale = draft(world, rule("t.two"), number="T-2")
    acts.propose_version(version_id=propose_by_hale.pk, because="Rain.", by=world.actor("hale"))
    assert len(notices.unread(world.id("hale"))) == 1


@pytest.mark.parametrize(
    ("because", "words"),
    [
        ("", "Say why"),
        (" \n", "Say why"),
        ("a\0", "cannot be shown"),
        ("\ud800", "cannot be shown"),
        ("x" * 2001, "2000"),
    ],
)
def test_a_reason_is_needed(world: World, because: str, words: str) -> None:
    version = draft(world)
    with pytest.raises(Invalid, match=words) as refused:
        acts.propose_version(version_id=version.pk, because=because, by=world.actor("nair"))
    assert "because" in refused.value.details
    assert read_again(version).status == "draft"


def test_what_says_just_what_is_in_force_is_not_proposed(world: World) -> None:
    in_force(world)
    new = acts.begin_version(number="T-1", by=world.actor("costa"))
    with pytest.raises(Invalid, match="just what is in force"):
        propose(world, new)


def test_twice(world: World) -> None:
    version = propose(world, draft(world))
    with pytest.raises(WrongState, match="is proposed"):
        propose(world, version)
