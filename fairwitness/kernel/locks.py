"""The second and third lock on history: triggers on every record table, and two database roles.

`install` is run by the owner after each migration. It is idempotent, and derives everything from the models:
a new record is locked because it is a Record, not because somebody remembered.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from fairwitness.kernel.models import Ledger, Record

FUNCTIONS = """
CREATE OR REPLACE FUNCTION fairwitness_require_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF coalesce(current_setting('fairwitness.change', true), '') = '' THEN
    RAISE EXCEPTION '% on % outside a change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW001';
  END IF;
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION fairwitness_never() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% on %: the ledger only grows', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW002';
END $$;
CREATE OR REPLACE FUNCTION fairwitness_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE col text;
BEGIN
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF to_jsonb(OLD) -> col IS DISTINCT FROM to_jsonb(NEW) -> col THEN
      RAISE EXCEPTION '%.% is sealed and cannot change', TG_TABLE_NAME, col USING ERRCODE = 'FW003';
    END IF;
  END LOOP;
  RETURN NEW;
END $$;
"""


def record_models() -> list[type[Record]]:
    """Every record of every room, in name order."""
    return [m for m in _models() if issubclass(m, Record)]


def ledger_models() -> list[type[Ledger]]:
    """The tables of the ledger and of the public log's index."""
    return [m for m in _models() if issubclass(m, Ledger)]


def _models() -> list[type]:
    return sorted(apps.get_models(), key=lambda m: m._meta.label)


def install(*, owner: str, service_role: str) -> None:
    """Put triggers on every record and ledger table, and give `service_role` exactly the rights it needs.

    `owner` is the alias of the owner's connection. Safe to run again; runs in one transaction.
    """
    connection = connections[owner]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(FUNCTIONS)
        for statement in _statements(connection, service_role):
            cursor.execute(statement)
        cursor.execute("COMMIT")


def _statements(connection: BaseDatabaseWrapper, service_role: str) -> Iterator[str]:
    name = connection.ops.quote_name
    role = name(service_role)
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}"
    yield f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}"
    yield f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {role}"
    yield f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}"
    for record in record_models():
        yield from _guard(name(record._meta.db_table), "INSERT OR UPDATE OR DELETE OR TRUNCATE")
        yield from _freeze(connection, record)
    for ledger in ledger_models():
        table = name(ledger._meta.db_table)
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"
        yield from _guard(table, "INSERT")
        yield f"DROP TRIGGER IF EXISTS fairwitness_ledger ON {table}"
        yield (
            f"CREATE TRIGGER fairwitness_ledger BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION fairwitness_never()"
        )


def _guard(table: str, operations: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS fairwitness_change ON {table}"
    yield (
        f"CREATE TRIGGER fairwitness_change BEFORE {operations} ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION fairwitness_require_change()"
    )


def _freeze(connection: BaseDatabaseWrapper, record: type[Record]) -> Iterator[str]:
    table = connection.ops.quote_name(record._meta.db_table)
    yield f"DROP TRIGGER IF EXISTS fairwitness_frozen ON {table}"
    if record.FROZEN:
        columns = ", ".join(f"'{record._meta.get_field(f).column}'" for f in record.FROZEN)  # type: ignore[union-attr]
        yield (
            f"CREATE TRIGGER fairwitness_frozen BEFORE UPDATE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION fairwitness_frozen({columns})"
        )


def missing(alias: str = "default") -> list[str]:
    """Which locks do not stand, as sentences; asked of the database's own catalogue, not of this module."""
    with connections[alias].cursor() as cursor:
        faults = list(_missing_triggers(cursor))
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone()[0]:
            faults.append("The service runs as a database superuser, for whom no lock holds.")
        for ledger in ledger_models():
            table = ledger._meta.db_table
            cursor.execute(
                "SELECT has_table_privilege(%s, 'UPDATE') OR has_table_privilege(%s, 'DELETE') "
                "OR has_table_privilege(%s, 'TRUNCATE')",
                [table, table, table],
            )
            if cursor.fetchone()[0]:
                faults.append(f"The service may change {table}, which must only grow.")
    return faults


def _missing_triggers(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE t.tgname LIKE 'fairwitness_%%' AND t.tgenabled IN ('O', 'A')"
    )
    standing = set(cursor.fetchall())
    wanted = [(m, "fairwitness_change") for m in (*record_models(), *ledger_models())]
    wanted += [(m, "fairwitness_ledger") for m in ledger_models()]
    wanted += [(m, "fairwitness_frozen") for m in record_models() if m.FROZEN]
    for model, trigger in wanted:
        if (model._meta.db_table, trigger) not in standing:
            yield f"{model._meta.db_table} has no {trigger} trigger."
