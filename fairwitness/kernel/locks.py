"""The second and third lock on history: triggers on every record table, and two database roles.

`install` is run by the owner after each migration. It is idempotent, and derives everything from the models:
a new record is locked because it is a Record, not because somebody remembered. `fairwitness.change` is no secret:
whoever can reach the database as the service can set it; that is why a row must also name an entry, and the entry stand.
"""

from collections.abc import Iterator

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper

from fairwitness.kernel.models import Journal, Ledger, Record

# Each function with its body; `missing` compares the bodies with what the database runs.
FUNCTIONS = {
    # No write of a record while no change is open.
    "fairwitness_require_change": """
BEGIN
  IF coalesce(current_setting('fairwitness.change', true), '') = '' THEN
    RAISE EXCEPTION '% on % outside a change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW001';
  END IF;
  RETURN NULL;
END """,
    # Whoever pretends a change must still name its entry in the row (or an entry that this change caused) ...
    "fairwitness_names_entry": """
BEGIN
  IF NEW.written_by::text = current_setting('fairwitness.change', true) OR EXISTS (
    SELECT 1 FROM kernel_entry e WHERE e.id = NEW.written_by
       AND e.caused_by::text = current_setting('fairwitness.change', true)) THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION '% on % does not name the entry of its change', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW004';
END """,
    # ... and that entry must stand in the ledger when the transaction commits.
    "fairwitness_has_entry": """
BEGIN
  IF EXISTS (SELECT 1 FROM kernel_entry e WHERE e.id = NEW.written_by) THEN
    RETURN NULL;
  END IF;
  RAISE EXCEPTION '% on % without an entry in the ledger', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW005';
END """,
    "fairwitness_never": """
BEGIN
  RAISE EXCEPTION '% on %: the ledger only grows', TG_OP, TG_TABLE_NAME USING ERRCODE = 'FW002';
END """,
    "fairwitness_frozen": """
DECLARE col text;
BEGIN
  FOREACH col IN ARRAY TG_ARGV LOOP
    IF to_jsonb(OLD) -> col IS DISTINCT FROM to_jsonb(NEW) -> col THEN
      RAISE EXCEPTION '%.% is sealed and cannot change', TG_TABLE_NAME, col USING ERRCODE = 'FW003';
    END IF;
  END LOOP;
  RETURN NEW;
END """,
}


def record_models() -> list[type[Record]]:
    """Every record of every room, in name order."""
    return [m for m in _models() if issubclass(m, Record)]


def ledger_models() -> list[type[Ledger]]:
    """The tables of the ledger and of the public log's index."""
    return [m for m in _models() if issubclass(m, Ledger)]


def journal_models() -> list[type[Journal]]:
    """The tables that are only added to, beside the ledger."""
    return [m for m in _models() if issubclass(m, Journal)]


def _models() -> list[type]:
    return sorted(apps.get_models(), key=lambda m: m._meta.label)


def install(*, owner: str, service_role: str) -> None:
    """Put triggers on every record and ledger table, and give `service_role` exactly the rights it needs.

    `owner` is the alias of the owner's connection. Safe to run again; runs in one transaction.
    """
    connection = connections[owner]
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        for name, body in FUNCTIONS.items():
            head = f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql"
            cursor.execute(f"{head} AS $${body}$$")
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
        table = name(record._meta.db_table)
        # No act deletes a record: what ends is marked as ended.
        yield f"REVOKE DELETE, TRUNCATE ON {table} FROM {role}"
        yield from _guard(table, "INSERT OR UPDATE OR DELETE OR TRUNCATE")
        yield from _bind(table)
        yield from _freeze(connection, record)
    for ledger in ledger_models():
        yield from _guard(name(ledger._meta.db_table), "INSERT")
    for grows in (*ledger_models(), *journal_models()):
        table = name(grows._meta.db_table)
        yield f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}"
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


def _bind(table: str) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS fairwitness_names_entry ON {table}"
    yield (
        f"CREATE TRIGGER fairwitness_names_entry BEFORE INSERT OR UPDATE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION fairwitness_names_entry()"
    )
    yield f"DROP TRIGGER IF EXISTS fairwitness_has_entry ON {table}"
    yield (
        f"CREATE CONSTRAINT TRIGGER fairwitness_has_entry AFTER INSERT OR UPDATE ON {table} "
        "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fairwitness_has_entry()"
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
        faults = [*_missing_triggers(cursor), *_changed_functions(cursor), *_owned(cursor)]
        for model in (*ledger_models(), *journal_models()):
            faults += _granted(cursor, model._meta.db_table, ("UPDATE", "DELETE", "TRUNCATE"), "only grow")
        for record in record_models():
            faults += _granted(cursor, record._meta.db_table, ("DELETE", "TRUNCATE"), "lose nothing")
    return faults


def _missing_triggers(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute(
        "SELECT c.relname, t.tgname, p.proname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgname LIKE 'fairwitness_%%' AND t.tgenabled IN ('O', 'A')"
    )
    standing = set(cursor.fetchall())
    for model, trigger, function in _wanted():
        if (model._meta.db_table, trigger, function) not in standing:
            yield f"{model._meta.db_table} has no {trigger} trigger."


def _wanted() -> Iterator[tuple[type[models.Model], str, str]]:
    """Every trigger that must stand: on which table, its name, the function it calls."""
    for model in (*record_models(), *ledger_models()):
        yield model, "fairwitness_change", "fairwitness_require_change"
    for grows in (*ledger_models(), *journal_models()):
        yield grows, "fairwitness_ledger", "fairwitness_never"
    for record in record_models():
        yield record, "fairwitness_names_entry", "fairwitness_names_entry"
        yield record, "fairwitness_has_entry", "fairwitness_has_entry"
        if record.FROZEN:
            yield record, "fairwitness_frozen", "fairwitness_frozen"


def _changed_functions(cursor: CursorWrapper) -> Iterator[str]:
    cursor.execute("SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'fairwitness_%%'")
    standing = dict(cursor.fetchall())
    for name, body in FUNCTIONS.items():
        if standing.get(name) != body:
            yield f"The function {name} is not the one that was set."


def _owned(cursor: CursorWrapper) -> Iterator[str]:
    """Whoever owns a table can give itself every right again and drop its triggers."""
    cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
    if cursor.fetchone()[0]:
        yield "The service runs as a database superuser, for whom no lock holds."
        return
    cursor.execute(
        "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p') AND pg_has_role(current_user, relowner, 'MEMBER') "
        "AND relnamespace = 'public'::regnamespace"
    )
    if cursor.fetchone()[0]:
        yield "The service owns tables, so it could take the locks off: give it a role of its own (DATABASE_URL)."


def _granted(cursor: CursorWrapper, table: str, rights: tuple[str, ...], must: str) -> Iterator[str]:
    cursor.execute(
        "SELECT " + " OR ".join(["has_table_privilege(%s, %s)"] * len(rights)), _pairs(table, rights)
    )
    if cursor.fetchone()[0]:
        yield f"The service may change {table}, which must {must}."


def _pairs(table: str, rights: tuple[str, ...]) -> list[str]:
    return [word for right in rights for word in (table, right)]
