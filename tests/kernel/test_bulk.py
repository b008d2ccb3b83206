"""Loading a world: true entries for every record, and only where measuring is all that is done."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connections, transaction

from fairwitness.department.models import Unit
from fairwitness.kernel import bulk, clock
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Outbox
from fairwitness.kernel.refusals import HouseRule
from fairwitness.publiclog import files
from fairwitness.publiclog.check import check_entries
from fairwitness.publiclog.publish import publish
from tests.conftest import point_at
from tests.kernel.test_locks import BY, DONE


@pytest.fixture
def bench_database(own_database: str, database_server: str) -> Iterator[None]:
    """The database of this test under a name that allows loading."""
    name = "bench_test"
    connections.close_all()
    with psycopg.connect(database_server, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        admin.execute(f"ALTER DATABASE own_database RENAME TO {name}")
    point_at(database_server, name)
    yield
    connections.close_all()


def units(count: int) -> Iterator[bulk.Line]:
    for number in range(count):
        yield bulk.Line(Unit(code=f"U{number}", name=f"Unit {number}"), DONE, clock.now(), {"count": number})


def test_it_works(bench_database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 2)
    assert bulk.load(units(5), by=BY) == 5
    whole = Entry.objects.get(event="kernel.world_loaded")
    entries = {e.pk: e for e in Entry.objects.filter(event=DONE.name)}
    assert {e.caused_by for e in entries.values()} == {whole.pk}
    for unit in Unit.objects.all():
        assert EntrySubject.objects.get(entry_id=unit.written_by).subject == unit.pk
        private = EntryPrivate.objects.get(entry_id=unit.written_by)
        assert (private.facts, len(private.salt)) == ({"count": int(unit.code[1:])}, 32)
        del entries[unit.written_by]
    assert not entries
    assert Outbox.objects.count() == 6


def test_what_was_loaded_is_published_and_verifies(bench_database: None) -> None:
    bulk.load(units(300), by=BY)
    publish()
    assert files.checkpoint().size == 301
    assert list(check_entries()) == []


def test_loading_anywhere_else_is_refused(own_database: str) -> None:
    with pytest.raises(HouseRule, match="never into own_database"):
        bulk.load(units(1), by=BY)
    assert (Unit.objects.count(), Entry.objects.count()) == (0, 0)


def test_loading_nothing_is_refused(bench_database: None) -> None:
    with pytest.raises(HouseRule, match="must say what it was about"):
        bulk.load(units(0), by=BY)


def test_an_undeclared_fact_is_refused_and_nothing_is_written(bench_database: None) -> None:
    lines = [*units(1), bulk.Line(Unit(code="x", name="x"), DONE, clock.now(), {"name": "a name"})]
    with pytest.raises(HouseRule, match="may not carry"):
        bulk.load(lines, by=BY)
    assert (Unit.objects.count(), Entry.objects.count()) == (0, 0)


def test_the_database_closes_behind_the_loading(bench_database: None) -> None:
    with transaction.atomic():
        bulk.load(units(1), by=BY)
        with pytest.raises(psycopg.Error, match="outside a change"), transaction.atomic():
            bulk._copy("department_unit", ["id", "code", "name", "written_by"], [])
