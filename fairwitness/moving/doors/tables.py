"""Every table of the database as lines of JSON: what is taken out, what is left and why, what is blanked.

The database itself writes the lines (`row_to_json`) and reads them (`json_populate_recordset`), so that each value
comes back exactly as it was: times in UTC with microseconds, bytes as `\\x…`, keys as text.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, connections, models
from psycopg import sql

from fairwitness.kernel import ids
from fairwitness.kernel.models import Journal, Ledger, Record

# What an export leaves out, table by table, with the reason that it gives.
LEFT_OUT: dict[str, str] = {
    "django_migrations": "says which version made the tables; the schema states it",
    "django_content_type": "made by the program itself",
    "auth_permission": "made by the program itself; roles are records",
    "auth_group": "not used; roles are records",
    "auth_group_permissions": "not used; roles are records",
    "auth_user_groups": "not used; roles are records",
    "auth_user_user_permissions": "not used; roles are records",
    "django_session": "sign-ins that are open; people sign in again",
    "accounts_session": "sign-ins that are open; people sign in again",
    "account_emailconfirmation": "links that were sent and are not used",
    "mfa_authenticator": "secrets of second factors; people enrol again",
    "socialaccount_socialapp": "settings of the agency's own sign-in, with a secret",
    "socialaccount_socialtoken": "secrets of the agency's own sign-in",
    "kernel_blobkey": "keys of encrypted bytes; the export has the bytes themselves",
    "kernel_joberror": "goes with its job",
    "kernel_jobtally": "figures of a week",
    "uploads_progress": "how far what was still coming in had come; it goes on where its bytes end",
    "procrastinate_jobs": "the queue; what waits in it is in jobs.jsonl",
    "procrastinate_workers": "programs that run",
    "procrastinate_events": "what became of jobs; the ledger has what they did",
    "procrastinate_periodic_defers": "when periodic jobs ran last",
}
# Columns that are secrets: what stands in their place. No password is "!".
BLANKED: dict[tuple[str, str], str] = {("auth_user", "password"): "!"}
# The jobs that wait, without what a worker knows of them.
JOBS = sql.SQL(
    "SELECT row_to_json(j)::text FROM (SELECT queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at"
    " FROM procrastinate_jobs WHERE status IN ('todo', 'doing') ORDER BY id) j"
)
PUT_JOBS = sql.SQL(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)"
    " SELECT queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at"
    " FROM json_populate_recordset(NULL::procrastinate_jobs, %s::json)"
)
# The live bytes that any room sealed, in the order in which they came, so that an export broken off finds its place.
BLOBS = sql.SQL(
    "SELECT sha256, size FROM (SELECT DISTINCT ON (sha256) sha256, size, id FROM storage_copy"
    " WHERE status NOT IN ('erasing', 'erased') ORDER BY sha256, id) one ORDER BY id"
)
# As rows are written, whatever the session was told before.
PLAINLY = (
    "SET LOCAL TIME ZONE 'UTC'",
    "SET LOCAL datestyle = 'ISO'",
    "SET LOCAL intervalstyle = 'iso_8601'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
)
BATCH = 1000


@dataclass(frozen=True)
class Table:
    """One table that is taken out: its name, its model, the columns in their order."""

    name: str
    model: type[models.Model]
    columns: tuple[str, ...]

    @property
    def path(self) -> str:
        """Where its rows lie in an export."""
        return f"data/records/{self.name}.jsonl"

    @property
    def key(self) -> str:
        """The column by which its rows are ordered."""
        return str(self.model._meta.pk.column)


@dataclass
class Digest:
    """Rows as they pass: how many, and their SHA-256 as JSON Lines."""

    rows: int = 0
    sha256: "hashlib._Hash" = field(default_factory=hashlib.sha256)

    def of(self, lines: Iterable[str]) -> Iterator[bytes]:
        """The same lines as bytes, counted and hashed."""
        for line in lines:
            data = f"{line}\n".encode()
            self.rows += 1
            self.sha256.update(data)
            yield data


def tables() -> list[Table]:
    """Every table that is taken out, in the order of names."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        name = model._meta.db_table
        if name not in LEFT_OUT:
            columns = tuple(
                str(f.column) for f in model._meta.concrete_fields if not getattr(f, "generated", False)
            )
            found.append(Table(name, model, columns))
    return sorted(found, key=lambda each: each.name)


def rows(table: Table, *, alias: str = "default") -> Iterator[str]:
    """The rows of a table as JSON, in the order of their keys, a few at a time. Within a transaction."""
    shown = sql.SQL(", ").join(_shown(table.name, column) for column in table.columns)
    yield from _stream(
        sql.SQL("SELECT (SELECT row_to_json(r) FROM (SELECT {}) r)::text FROM {} t ORDER BY t.{}").format(
            shown, sql.Identifier(table.name), sql.Identifier(table.key)
        ),
        alias,
    )


def _shown(table: str, column: str) -> sql.Composable:
    if (table, column) in BLANKED:
        return sql.SQL("{}::text AS {}").format(sql.Literal(BLANKED[table, column]), sql.Identifier(column))
    return sql.SQL("t.{}").format(sql.Identifier(column))


def jobs() -> Iterator[str]:
    """The jobs that wait, as JSON. Within a transaction."""
    yield from _stream(JOBS, "default")


def blobs_named() -> Iterator[tuple[str, int]]:
    """SHA-256 and size of all live bytes, in the order in which they were first stored. Within a transaction."""
    for row in _fetched(BLOBS, "default"):
        yield row[0], row[1]


def _stream(query: sql.Composable, alias: str) -> Iterator[str]:
    for (line,) in _fetched(query, alias):
        yield line


def _fetched(query: sql.Composable, alias: str) -> Iterator[tuple[Any, ...]]:
    """By a cursor of the server's, so that neither side ever has all of it."""
    connections[alias].ensure_connection()
    with connections[alias].connection.cursor(name=f"moving_{ids.new_id().hex}") as cursor:
        cursor.itersize = BATCH
        cursor.execute(query)
        yield from cursor


def plainly(*, alias: str = "default", frozen: bool = False) -> None:
    """Have the open transaction write values as exports have them; `frozen`: see one and the same moment to its end."""
    with connections[alias].cursor() as cursor:
        if frozen:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        for statement in PLAINLY:
            cursor.execute(statement)


def put(table: Table, lines: Sequence[str], *, alias: str) -> None:
    """Write rows as an export has them."""
    names = sql.SQL(", ").join(map(sql.Identifier, table.columns))
    statement = sql.SQL("INSERT INTO {t} ({c}) SELECT {c} FROM json_populate_recordset(NULL::{t}, %s::json)")
    with connections[alias].cursor() as cursor:
        cursor.execute(statement.format(t=sql.Identifier(table.name), c=names), [f"[{','.join(lines)}]"])


def put_jobs(lines: Sequence[str], *, alias: str) -> None:
    """Have the jobs that waited wait here."""
    with connections[alias].cursor() as cursor:
        cursor.execute(PUT_JOBS, [f"[{','.join(lines)}]"])


def digest_of(table: Table, *, alias: str = "default") -> tuple[int, str]:
    """How many rows a table has, and their SHA-256 as an export has them. Within a transaction."""
    seen = Digest()
    for _line in seen.of(rows(table, alias=alias)):
        pass
    return seen.rows, seen.sha256.hexdigest()


def triggers(table: Table, how: str, *, alias: str) -> None:
    """`DISABLE` or `ENABLE` the locks on a table: the owner alone may, and only to bring a whole history back."""
    with connections[alias].cursor() as cursor:
        statement = sql.SQL("ALTER TABLE {} {} TRIGGER USER")
        cursor.execute(statement.format(sql.Identifier(table.name), sql.SQL(how)))


def check_references(*, alias: str) -> None:
    """Have every row that names another be compared with what is there now. Raises IntegrityError."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def go_on_counting(table: Table, *, alias: str) -> None:
    """Have the sequences of a table go on after its rows."""
    with connections[alias].cursor() as cursor:
        for column in table.columns:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [table.name, column])
            if sequence := cursor.fetchone()[0]:
                last = sql.SQL("SELECT setval(%s, max({c})) FROM {t} HAVING max({c}) IS NOT NULL")
                names = {"c": sql.Identifier(column), "t": sql.Identifier(table.name)}
                cursor.execute(last.format(**names), [sequence])


def migrations() -> list[str]:
    """Which migrations made the tables, as `room.name`: rows fit only where the same ones did."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return [name for (name,) in cursor.fetchall()]


def unknown() -> list[str]:
    """Tables of the database that are neither taken out nor left out with a reason: there must be none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        names = [name for (name,) in cursor.fetchall()]
    return [name for name in names if name not in LEFT_OUT and name not in {each.name for each in tables()}]


def described(table: Table) -> dict[str, Any]:
    """What a table is and what its columns mean, for whoever has the export and nothing else."""
    model = table.model
    words = (model.__doc__ or "").strip().split("\n\n")[0].replace("\n    ", " ")
    return {
        "name": table.name,
        "kind": _kind(model),
        "says": "" if words.startswith(f"{model.__name__}(") else words,
        "columns": [_column(f) for f in model._meta.concrete_fields if f.column in table.columns],
    }


def _kind(model: type[models.Model]) -> str:
    for kind, name in ((Ledger, "ledger"), (Journal, "journal"), (Record, "record")):
        if issubclass(model, kind):
            return name
    return "other"


def _column(found: "models.Field[Any, Any]") -> dict[str, Any]:
    said: dict[str, Any] = {"name": found.column, "type": found.db_type(connection) or ""}
    if found.is_relation and found.related_model:
        said["refers_to"] = found.related_model._meta.db_table
    if found.choices:
        said["codes"] = {str(code): str(words) for code, words in found.flatchoices}
    if found.null:
        said["may_be_absent"] = True
    return said
