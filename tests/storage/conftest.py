"""A home of each test's own, and two stores in it."""

from pathlib import Path
from typing import Any

import pytest

from fairwitness.kernel import blobs
from tests.evidence.conftest import clips, home, own_world
from tests.world import World

__all__ = ["clips", "home", "own_world"]


@pytest.fixture
def two(home: Path, settings: Any, world: World) -> Path:
    """Two folders as stores, both begun; sealing needs both."""
    settings.FAIRWITNESS_STORES = f"one={home}/one two={home}/two"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    return home
