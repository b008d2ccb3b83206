"""A database and a home as they stand, kept to be laid out again for the next test: made once, copied quickly."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

import psycopg
from django.db import connections

from fairwitness.site import embedded

Made = TypeVar("Made")


class Snapshot(Generic[Made]):
    """What `make` made in own_database and the home, at first use; copied from there ever after."""

    def __init__(self, name: str, make: Callable[[], Made]) -> None:
        self.name, self._make = name, make
        self._made: list[Made] = []

    def lay(self, admin: str, home: Path) -> Made:
        """Have everything as it was made; needs the fixtures own_database, database_server and home."""
        saved = home.parents[1] / self.name
        if not self._made:
            self._made.append(self._make())
            shutil.copytree(home, saved)
            connections.close_all()
            _copy(admin, "own_database", self.name)
        else:
            shutil.copytree(saved, home, dirs_exist_ok=True)
            connections.close_all()
            _copy(admin, self.name, "own_database")
        return self._made[0]


def _copy(admin: str, source: str, target: str) -> None:
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {target} TEMPLATE {source} OWNER {embedded.OWNER}")
