"""What tests of sharing share: a home of their own, a case with a stop filmed by three cameras, and its package."""

import pytest

from fairwitness.cases.models import Case
from tests.evidence.conftest import home, own_world
from tests.sharing.made import a_case
from tests.world import World

__all__ = ["home", "own_world"]


@pytest.fixture
def case(world: World) -> Case:
    """A case with three recordings of one stop and a photograph."""
    return a_case(world)
