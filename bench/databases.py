"""The databases of the comparisons: an embedded server with fsync on, in a home of its own, never that of a service."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import LiteralString

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from fairwitness.site import embedded

ROOT = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("FAIRWITNESS_BENCH_HOME", ROOT / "bench" / "var")).resolve()
# Small worlds and files, to see that every comparison runs; what they measure says nothing.
SMALL = os.environ.get("FAIRWITNESS_BENCH_SMALL") == "1"

EMPTY = "bench_empty"

_server: list[str] = []
# What this process brought to the present version.
_prepared: set[str] = set()


def sized(full: int, small: int) -> int:
    """A size as the comparison wants it, or as the test of the comparisons does."""
    return small if SMALL else full


@contextmanager
def server() -> Iterator[None]:
    """Within the block the server runs, and the environment leads this process and its children to `bench`."""
    HOME.mkdir(parents=True, exist_ok=True)
    HOME.chmod(0o755)  # as root the embedded database runs as a user of its own
    data = HOME / "db"
    started = not embedded.running(data)
    admin = embedded.start(data)
    _server[:] = [admin]
    embedded.create(admin, "bench")
    os.environ.update(FAIRWITNESS_HOME=str(HOME), DJANGO_SETTINGS_MODULE="fairwitness.site.settings")
    # What is owed at a first sign-in takes a person; it is not what is timed here.
    os.environ["FAIRWITNESS_SECOND_FACTOR"] = "optional"
    os.environ.update(addresses("bench"))
    try:
        yield
    finally:
        connections.close_all()
        if started:
            embedded.stop(data)


def addresses(name: str) -> dict[str, str]:
    """What the environment of a process must say for it to use the database `name`."""
    roles = {"DATABASE_URL": embedded.SERVICE, "DATABASE_OWNER_URL": embedded.OWNER}
    return {variable: embedded.address(_server[0], role, name) for variable, role in roles.items()}


def exists(name: str) -> bool:
    """Whether there is a database `name`."""
    with psycopg.connect(_server[0]) as admin:
        return admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def use(name: str) -> None:
    """Lead this process to the database `name`, made and brought to the present version where that is needed."""
    connections.close_all()
    embedded.create(_server[0], name)
    for alias in ("default", "owner"):
        connections[alias].settings_dict["NAME"] = settings.DATABASES[alias]["NAME"] = name
    if name not in _prepared:
        call_command("prepare", verbosity=0, stdout=io.StringIO())
        _prepared.add(name)


def use_new(name: str, of: str = EMPTY) -> None:
    """Lead this process to a new database `name`, empty or with all that is in the database `of`."""
    use(of)
    connections.close_all()
    _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
    _administer("CREATE DATABASE {} TEMPLATE {} OWNER {}", name, of, embedded.OWNER)
    _prepared.add(name)
    use(name)


def rename(name: str, to: str) -> None:
    """Give the database `name`, which is in use, the name of another, which goes."""
    connections.close_all()
    _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", to)
    _administer("ALTER DATABASE {} RENAME TO {}", name, to)
    _prepared.add(to)
    use(to)


def _administer(statement: LiteralString, *names: str) -> None:
    with psycopg.connect(_server[0], autocommit=True) as admin:
        admin.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def without_indexes(*tables: str) -> Iterator[None]:
    """Within the block the tables have only the indexes that keep them right; at its end the others are made again."""
    with connections["owner"].cursor() as owner:
        owner.execute("SET maintenance_work_mem = '512MB'")
        owner.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index WHERE NOT indisunique "
            "AND indrelid = ANY(%s::regclass[])",
            [list(tables)],
        )
        found = owner.fetchall()
        for name, _made_by in found:
            owner.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        yield
        for _name, made_by in found:
            owner.execute(made_by)


def settle() -> None:
    """What autovacuum does in its own time: statistics and visibility of every table, and all of it on disk."""
    with psycopg.connect(_server[0], dbname=settings.DATABASES["default"]["NAME"], autocommit=True) as admin:
        admin.execute("VACUUM (ANALYZE)")
        admin.execute("CHECKPOINT")
