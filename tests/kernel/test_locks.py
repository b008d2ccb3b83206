"""The three locks on history: each is tested by going around the other two."""

import io
import uuid
from collections.abc import Iterator

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, connections, migrations, transaction
from django.db.migrations.state import ModelState, ProjectState

from fairwitness.department.models import Unit
from fairwitness.kernel import actors, locks
from fairwitness.kernel.change import change
from fairwitness.kernel.events import REGISTER, Event
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Record
from fairwitness.kernel.refusals import HouseRule

Connection = psycopg.Connection[tuple[object, ...]]
BY = actors.system("test")
DONE = REGISTER.get("test.done") or Event("test.done", "{actor} tested", frozenset({"count"}))


def make_unit(code: str = "P1") -> Unit:
    """A unit written by the book."""
    with change(DONE, by=BY) as entry:
        unit = Unit(code=code, name="Patrol 1")
        unit.save()
        entry.about(unit)
    return unit


@pytest.fixture
def service(own_database: str) -> Iterator[Connection]:
    """A bare connection as the service role: no Django, so no ORM guard."""
    make_unit()
    parts = connections["default"].get_connection_params()
    with psycopg.connect(
        host=parts["host"], user=parts["user"], dbname=parts["dbname"], autocommit=True
    ) as bare:
        yield bare


@pytest.fixture
def owner(own_database: str) -> Iterator[Connection]:
    """A bare connection as the owner: neither the ORM guard nor the roles stand in its way, only the triggers."""
    make_unit()
    with psycopg.connect(own_database, autocommit=True) as bare:
        yield bare


def pretend(connection: Connection, entry_id: uuid.UUID, *, with_entry: bool = True) -> None:
    """Do by hand what a change does: announce it, and write its entry."""
    connection.execute("SELECT set_config('fairwitness.change', %s, true)", [str(entry_id)])
    if with_entry:
        connection.execute(
            "INSERT INTO kernel_entry (id, event, at, actor) VALUES (%s, 'test.done', now(), 'system:test')",
            [entry_id],
        )


class TestOrmGuard:
    """The first lock alone: the database is asked inside an announced change, so the triggers let everything pass."""

    @pytest.fixture(autouse=True)
    def triggers_open(self, db: None) -> Iterator[None]:
        self.unit = make_unit()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('fairwitness.change', 'around the trigger', true)")
            yield

    def test_it_works_inside_a_change(self) -> None:
        with change(DONE, by=BY) as entry:
            self.unit.name = "Patrol One"
            self.unit.save()
            entry.about(self.unit, count=1)
        self.unit.refresh_from_db()
        assert (self.unit.name, self.unit.written_by) == ("Patrol One", entry.id)

    def test_save_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="save of Unit outside a change"):
            self.unit.save()

    def test_delete_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="delete of Unit outside a change"):
            self.unit.delete()

    def test_queryset_update_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="update outside a change"):
            Unit.objects.update(name="x")

    def test_queryset_delete_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="delete outside a change"):
            Unit.objects.all().delete()

    def test_bulk_create_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="bulk_create outside a change"):
            Unit.objects.bulk_create([Unit(code="x", name="x")])

    def test_bulk_update_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="bulk_update outside a change"):
            Unit.objects.bulk_update([self.unit], ["name"])

    def test_related_manager_is_refused(self) -> None:
        with pytest.raises(HouseRule, match="outside a change"):
            self.unit.subunits.create(code="y", name="y")

    def test_ledger_refuses_update_even_inside_a_change(self) -> None:
        entry = Entry.objects.get()
        with change(DONE, by=BY) as now:
            now.about(self.unit)
            with pytest.raises(HouseRule, match="never updated"):
                entry.save()
            with pytest.raises(HouseRule, match="never updated"):
                Entry.objects.update(event="x")
            with pytest.raises(HouseRule, match="never deleted"):
                entry.delete()
            with pytest.raises(HouseRule, match="never deleted"):
                EntrySubject.objects.all().delete()
            with pytest.raises(HouseRule, match="never updated"):
                EntryPrivate.objects.bulk_update([EntryPrivate.objects.first()], ["facts"])


class TestTriggers:
    """The second lock alone: the owner's bare connection passes the ORM and the roles."""

    @pytest.mark.parametrize(
        "statement",
        [
            (
                "INSERT INTO department_unit (id, written_by, code, name) "
                "VALUES (gen_random_uuid(), gen_random_uuid(), 'x', 'x')"
            ),
            "UPDATE department_unit SET name = 'x'",
            "DELETE FROM department_unit",
            "TRUNCATE department_unit CASCADE",
        ],
    )
    def test_raw_sql_is_refused(self, owner: Connection, statement: str) -> None:
        with pytest.raises(psycopg.DatabaseError, match="outside a change"):
            owner.execute(statement)

    def test_copy_is_refused(self, owner: Connection) -> None:
        row = f"{uuid.uuid4()}\t{uuid.uuid4()}\tz\tz\n"
        copy = "COPY department_unit (id, written_by, code, name) FROM STDIN"
        with (
            pytest.raises(psycopg.DatabaseError, match="outside a change"),
            owner.cursor().copy(copy) as into,
        ):
            into.write(io.BytesIO(row.encode()).read())

    def test_a_cascade_is_refused(self, owner: Connection) -> None:
        owner.execute("CREATE TABLE outside (id uuid PRIMARY KEY)")
        with owner.transaction():
            entry_id = new_id()
            pretend(owner, entry_id)
            owner.execute("UPDATE department_unit SET parent_id = id, written_by = %s", [entry_id])
            owner.execute("INSERT INTO outside SELECT id FROM department_unit")
        owner.execute(
            "ALTER TABLE department_unit ADD FOREIGN KEY (parent_id) REFERENCES outside (id) ON DELETE CASCADE"
        )
        with pytest.raises(psycopg.DatabaseError, match="DELETE on department_unit outside a change"):
            owner.execute("DELETE FROM outside")

    def test_a_migrations_model_is_refused(self, db: None) -> None:
        make_unit()
        state = ProjectState()
        for model in apps.get_app_config("department").get_models():
            state.add_model(ModelState.from_model(model))
        for model in apps.get_app_config("auth").get_models():
            state.add_model(ModelState.from_model(model))
        state.add_model(ModelState.from_model(apps.get_model("contenttypes", "ContentType")))
        historical = state.apps.get_model("department", "Unit")
        assert not issubclass(historical, Record), "a migration's model has no guard of ours"

        def forwards(registry: object, editor: object) -> None:
            historical._base_manager.all().update(name="by a migration")

        with pytest.raises(DatabaseError, match="outside a change"), transaction.atomic():
            migrations.RunPython(forwards).code(state.apps, None)

    @pytest.mark.parametrize("table", ["kernel_entry", "kernel_entrysubject", "kernel_entryprivate"])
    @pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
    def test_the_ledger_only_grows_even_for_the_owner_in_a_change(
        self, owner: Connection, table: str, statement: str
    ) -> None:
        statement = statement.format(table).replace(
            "id = id", "entry_id = entry_id" if table != "kernel_entry" else "id = id"
        )
        with pytest.raises(psycopg.DatabaseError, match="the ledger only grows"), owner.transaction():
            owner.execute("SELECT set_config('fairwitness.change', 'pretended', true)")
            owner.execute(statement)

    def test_the_ledger_refuses_inserts_outside_a_change(self, owner: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="outside a change"):
            owner.execute(
                "INSERT INTO kernel_entry (id, event, at, actor) VALUES (gen_random_uuid(), 'x', now(), 'x')"
            )


class TestRoles:
    """The third lock alone: the triggers are dropped by their owner, the ORM is not used."""

    @pytest.mark.parametrize(
        "table", ["kernel_entry", "kernel_entrysubject", "kernel_entryprivate", "publiclog_leaf"]
    )
    @pytest.mark.parametrize("statement", ["UPDATE {t} SET {c} = {c}", "DELETE FROM {t}", "TRUNCATE {t}"])
    def test_the_service_may_only_insert_and_read(
        self, own_database: str, service: Connection, table: str, statement: str
    ) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        column = "id" if table == "kernel_entry" else "entry_id"
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            service.execute(statement.format(t=table, c=column))

    def test_the_service_cannot_disable_a_trigger(self, service: Connection) -> None:
        for statement in (
            "ALTER TABLE department_unit DISABLE TRIGGER ALL",
            "DROP TRIGGER fairwitness_change ON department_unit",
            "SET session_replication_role = replica",
            "CREATE OR REPLACE FUNCTION fairwitness_require_change() RETURNS trigger LANGUAGE sql AS 'SELECT 1'",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute(statement)


def test_nothing_is_missing(db: None) -> None:
    assert locks.missing() == []


def test_a_missing_trigger_is_named(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as owner:
        owner.execute("DROP TRIGGER fairwitness_change ON department_unit")
    assert locks.missing() == ["department_unit has no fairwitness_change trigger."]


def test_a_sealed_column_stays_even_inside_a_change(own_database: str) -> None:
    entry_id = new_id()
    with psycopg.connect(own_database, autocommit=True) as owner, owner.transaction():
        pretend(owner, entry_id)
        owner.execute(
            "INSERT INTO department_camera (id, written_by, serial, model, firmware, status) "
            "VALUES (%s, %s, 'S1', 'm', '', 'lost')",
            [new_id(), entry_id],
        )
        owner.execute("UPDATE department_camera SET model = 'n'")
        with pytest.raises(psycopg.DatabaseError, match="serial is sealed"):
            owner.execute("UPDATE department_camera SET serial = 'S2'")


class TestPretendedChange:
    """The service can set `fairwitness.change` itself: then the row must name the entry, and the entry must stand."""

    def test_a_row_that_does_not_name_the_entry_is_refused(self, service: Connection) -> None:
        with pytest.raises(psycopg.DatabaseError, match="does not name the entry"), service.transaction():
            pretend(service, new_id())
            service.execute("UPDATE department_unit SET name = 'x'")

    def test_an_entry_that_is_not_there_is_refused_at_commit(self, service: Connection) -> None:
        entry_id = new_id()
        with (
            pytest.raises(psycopg.DatabaseError, match="without an entry in the ledger"),
            service.transaction(),
        ):
            pretend(service, entry_id, with_entry=False)
            service.execute("UPDATE department_unit SET name = 'x', written_by = %s", [entry_id])

    def test_nothing_is_deleted(self, service: Connection) -> None:
        for statement in ("DELETE FROM department_unit", "TRUNCATE department_unit CASCADE"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), service.transaction():
                pretend(service, new_id())
                service.execute(statement)


def test_a_replaced_function_is_named(own_database: str) -> None:
    with psycopg.connect(own_database, autocommit=True) as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION fairwitness_frozen() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
    assert locks.missing() == ["The function fairwitness_frozen is not the one that was set."]


def test_a_service_that_owns_the_tables_is_named(own_database: str) -> None:
    faults = locks.missing("owner")
    assert (
        "The service owns tables, so it could take the locks off: give it a role of its own (DATABASE_URL)."
        in faults
    )
