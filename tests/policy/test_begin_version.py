"""The act begin_version."""

import pytest

from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Version
from tests.department.ledger import latest, sentence
from tests.policy.made import approved, draft, in_force, propose, read_again, rule, soon
from tests.world import World


def test_it_works(world: World) -> None:
    now = in_force(world)
    new = acts.begin_version(number="T-1", by=world.actor("weber"))
    assert (new.n, new.status, new.author_id, new.digest) == (2, "draft", world.id("weber"), now.digest)
    assert doors.in_force(now.document) == now
    assert latest()[0] == "policy.version_begun"
    assert sentence() == "Jonas Weber began version 2 of T-1"


def test_a_second_version_on_its_way_is_refused(world: World) -> None:
    version = draft(world)
    with pytest.raises(WrongState, match="Version 1 of this document is on its way already"):
        acts.begin_version(number="T-1", by=world.actor("costa"))
    propose(world, version)
    with pytest.raises(WrongState, match="on its way"):
        acts.begin_version(number="T-1", by=world.actor("costa"))
    approved(world, rule("t.two"), number="T-2", at=soon())
    with pytest.raises(WrongState, match="on its way"):
        acts.begin_version(number="T-2", by=world.actor("costa"))


def test_after_one_was_withdrawn_it_begins_with_what_is_in_force(world: World) -> None:
    now = in_force(world)
    first = acts.begin_version(number="T-1", by=world.actor("costa"))
    acts.remove_rule(version_id=first.pk, rule_id="t.one", by=world.actor("costa"))
    acts.withdraw_version(version_id=first.pk, by=world.actor("costa"))
    again = acts.begin_version(number="T-1", by=world.actor("costa"))
    assert (again.n, again.digest, read_again(first).status) == (3, now.digest, "withdrawn")


def test_where_nothing_is_in_force_it_begins_with_the_last(world: World) -> None:
    first = draft(world)
    acts.withdraw_version(version_id=first.pk, by=world.actor("costa"))
    assert acts.begin_version(number="T-1", by=world.actor("costa")).digest == first.digest


def test_an_unknown_number_and_a_role_without_the_right(world: World) -> None:
    with pytest.raises(NotFound):
        acts.begin_version(number="nowhere\0", by=world.actor("costa"))
    in_force(world)
    with pytest.raises(Forbidden):
        acts.begin_version(number="T-1", by=world.actor("whitfield"))
    assert Version.objects.filter(document__number="T-1").count() == 1
