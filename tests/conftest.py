"""What every test may use: a database with both roles and all locks, as in service."""

import copy
import os
import shutil
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from xdist.scheduler import LoadFileScheduling

from fairwitness.site import embedded
from tests.world import Kept, World

# What takes minutes begins first: else all processes but one would wait for it at the end. Files go whole to one process,
# and all that sit before the running product to one: it is started once.
BROWSER = "tests/browser/"
LONG = (
    "tests/bench/",
    "tests/browser/test_every_page.py",
    BROWSER,
    "tests/dock/test_site.py",
    "tests/uploads/test_clients.py",
    "tests/publiclog/test_crash.py",
    "tests/site/test_no_recognition.py",
)
# The browser's library leaves an event loop in the thread of the tests. Django would keep the connections of before and
# after it apart, and lead only some of them to another database: ours are those of the thread, as without a loop.
connections._connections = threading.local()  # type: ignore[attr-defined]
SHARED = Path(__file__).resolve().parents[2] / "shared"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the files of LONG first, in that order; the rest stays as it was found."""
    items.sort(
        key=lambda item: next((n for n, start in enumerate(LONG) if item.nodeid.startswith(start)), len(LONG))
    )


class _Files(LoadFileScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return BROWSER if nodeid.startswith(BROWSER) else str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Which tests go to one process together."""
    return _Files(config, log)


def shared(path: str) -> Path:
    """A real input from the folder beside the checkout, or a visible skip where it is absent."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"needs ../shared/{path}, which is not here")
    return found


@pytest.fixture(scope="session")
def database_server() -> Iterator[str]:
    """An embedded server of this test process, without fsync; answers the administrator's address."""
    data = Path(os.environ["FAIRWITNESS_HOME"]) / "db"
    admin = embedded.start(data)
    with psycopg.connect(admin, autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield admin
    connections.close_all()
    embedded.stop(data)


def point_at(admin: str, name: str) -> None:
    """Lead Django's two aliases to the database `name`."""
    for alias, role in (("default", embedded.SERVICE), ("owner", embedded.OWNER)):
        parts = psycopg.conninfo.conninfo_to_dict(embedded.address(admin, role, name))
        connections[alias].close()
        connections[alias].settings_dict.update(NAME=name, USER=role, HOST=parts["host"], PASSWORD="")
        settings.DATABASES[alias].update(NAME=name, USER=role, HOST=parts["host"], PASSWORD="")
    os.environ["DATABASE_URL"] = embedded.address(admin, embedded.SERVICE, name)
    os.environ["DATABASE_OWNER_URL"] = embedded.address(admin, embedded.OWNER, name)


@pytest.fixture(scope="session")
def django_db_setup(database_server: str, django_db_blocker: Any) -> None:
    """Replaces pytest-django's own: the schema is made by `fairwitness prepare`, as in service."""
    with django_db_blocker.unblock():
        embedded.create(database_server, "template_of_tests")
        point_at(database_server, "template_of_tests")
        call_command("prepare", verbosity=0, without_book=True)
        connections.close_all()
        copy_template(database_server, "tests")
        point_at(database_server, "tests")


def copy_template(admin: str, name: str) -> None:
    """A new database with the schema and all locks, and nothing in it."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_of_tests OWNER {embedded.OWNER}")


@pytest.fixture
def own_database(django_db_setup: None, database_server: str, django_db_blocker: Any) -> Iterator[str]:
    """A database of this test's own, really committed to, also by other processes; answers the owner's address."""
    name = "own_database"
    with django_db_blocker.unblock():
        copy_template(database_server, name)
        point_at(database_server, name)
        yield embedded.address(database_server, embedded.OWNER, name)
        connections.close_all()
        point_at(database_server, "tests")


@pytest.fixture(scope="session")
def open_folder() -> Iterator[Path]:
    """A folder that the embedded database may enter as a user of its own.

    Not below pytest's: whichever pytest starts next closes that to other users, under the running database.
    """
    folder = Path(tempfile.mkdtemp(prefix="fairwitness-home-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


_kept: list[Kept] = []


@pytest.fixture
def world(db: None, settings: Any) -> World:
    """The cast, in the database of this test."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    if _kept:
        return _kept[0].lay()
    _kept.append(Kept())
    return copy.deepcopy(_kept[0].world)
