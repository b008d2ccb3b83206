"""What tests of moving share: a home of their own, the cast committed, and another, empty system beside it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from tests.conftest import copy_template, point_at
from tests.evidence.conftest import home, own_world

__all__ = ["home", "own_world"]


@pytest.fixture
def elsewhere(
    own_database: str, database_server: str, tmp_path: Path, settings: Any
) -> Iterator[Callable[[], None]]:
    """A function that leads everything to an empty system: a database and a home of its own."""

    def go() -> None:
        copy_template(database_server, "other_database")
        point_at(database_server, "other_database")
        settings.FAIRWITNESS_HOME = tmp_path / "other"
        settings.FAIRWITNESS_HOME.mkdir(exist_ok=True)

    yield go
    connections.close_all()
