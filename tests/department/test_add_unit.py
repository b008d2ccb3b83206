"""The act add_unit."""

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Unit
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    parent = world.units["headquarters"]
    unit = acts.add_unit(code="K9", name="Canine", parent_id=parent.pk, by=world.actor("chen"))
    assert Unit.objects.get(pk=unit.pk).parent == parent
    facts = {"unit_id": str(unit.pk), "parent_id": str(parent.pk)}
    assert latest() == ("department.unit_added", {("department.unit", unit.pk)}, facts)


def test_a_taken_code_is_refused_and_nothing_is_written(world: World) -> None:
    entries = Entry.objects.count()
    with pytest.raises(Invalid, match="code"):
        acts.add_unit(code="P1", name="Another", by=world.actor("chen"))
    assert (Entry.objects.count(), Unit.objects.count()) == (entries, 7)


def test_an_unknown_parent_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        acts.add_unit(code="K9", name="Canine", parent_id=world.id("ruiz"), by=world.actor("chen"))


def test_a_supervisor_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.add_unit(code="K9", name="Canine", by=world.actor("ruiz"))
