"""What tests of cases share: a home of their own, and a case that is led by a detective."""

import pytest

from fairwitness.cases.models import Case
from tests.cases.made import opened
from tests.evidence.conftest import home
from tests.world import World

__all__ = ["home"]


@pytest.fixture
def case(world: World) -> Case:
    """A case that the BWC Unit opened for a detective."""
    return opened(world)
