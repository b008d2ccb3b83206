"""The act approve_version."""

import datetime as dt

import pytest

from fairwitness.kernel import clock, notices
from fairwitness.kernel.actors import system
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.policy import acts, doors
from tests.department.ledger import latest, sentence
from tests.policy.made import approve, draft, in_force, keeping, propose, proposed, read_again, rule, soon
from tests.world import World


def test_it_works(world: World) -> None:
    version, at = proposed(world), soon()
    acts.approve_version(version_id=version.pk, digest=version.digest, in_force_at=at, by=world.actor("hale"))
    kept = read_again(version)
    assert (kept.status, kept.approver_id, kept.in_force_at) == ("approved", world.id("hale"), at)
    assert kept.approved_at
    event, _subjects, facts = latest()
    assert (event, facts["sha256"], facts["in_force_at"]) == (
        "policy.version_approved",
        f"sha256:{kept.digest}",
        clock.rfc3339(at),
    )
    assert sentence().startswith("Deputy Supt. Marcus Hale approved version 1 of T-1, to be in force from ")
    for key in ("costa", "nair"):
        assert [n.sentence for n in notices.unread(world.id(key))] == ["Version 1 of T-1 was approved."]


def test_its_proposer_may_not(world: World) -> None:
    version = draft(world)
    acts.propose_version(version_id=version.pk, because="Rain.", by=world.actor("park"))
    with pytest.raises(Forbidden, match="a second person does"):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("park"))
    assert approve(world, version).status == "approved"


def test_its_author_may_not(world: World) -> None:
    in_force(world)
    version = acts.begin_version(number="T-1", by=world.actor("hale"))
    version = acts.change_rule(version_id=version.pk, rule=rule("t.two"), by=world.actor("costa"))
    propose(world, version)
    with pytest.raises(Forbidden, match="a second person does"):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("hale"))


def test_whoever_changed_a_rule_of_the_draft_may_not(world: World) -> None:
    version = acts.change_rule(version_id=draft(world).pk, rule=rule("t.two"), by=world.actor("park"))
    propose(world, version)
    with pytest.raises(Forbidden, match="a second person does"):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("park"))


def test_whoever_proposed_it_before_it_was_sent_back_may_not(world: World) -> None:
    version = draft(world)
    acts.propose_version(version_id=version.pk, because="Rain.", by=world.actor("hale"))
    acts.send_back_version(version_id=version.pk, by=world.actor("park"))
    propose(world, version)
    with pytest.raises(Forbidden, match="a second person does"):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("hale"))


def test_a_text_that_changed_since_it_was_read(world: World) -> None:
    version = proposed(world)
    acts.send_back_version(version_id=version.pk, by=world.actor("park"))
    acts.change_rule(version_id=version.pk, rule=rule("t.two"), by=world.actor("costa"))
    propose(world, version)
    with pytest.raises(WrongState, match="has changed since you read it"):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=world.actor("hale"))
    assert read_again(version).status == "proposed"


def test_a_day_that_is_past(world: World) -> None:
    version = proposed(world)
    with pytest.raises(Invalid, match="in the past"):
        approve(world, version, clock.now() - dt.timedelta(hours=1))


def test_a_draft_and_the_system_itself(world: World) -> None:
    version = draft(world)
    with pytest.raises(WrongState, match="not proposed"):
        approve(world, version)
    propose(world, version)
    with pytest.raises(Forbidden):
        acts.approve_version(version_id=version.pk, digest=version.digest, by=system("world"))


def test_what_it_would_make_due_may_be_shown_later(world: World) -> None:
    """Approving comes before clearing; coming into force comes after both."""
    version = approve(world, proposed(world, keeping()))
    assert [what.value for what in doors.clearances_missing(version)] == ["retention"]
