"""The change: it writes one entry or nothing, and it closes behind itself."""

import pytest
from django.db import DatabaseError, connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department.models import Unit
from fairwitness.kernel import jobs, numbers
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Outbox
from fairwitness.kernel.refusals import HouseRule
from tests.kernel.test_locks import BY, DONE, make_unit

pytestmark = pytest.mark.django_db


def test_it_works() -> None:
    unit = make_unit()
    entry = Entry.objects.get()
    assert (entry.event, entry.actor, entry.caused_by) == ("test.done", "system:test", None)
    assert EntrySubject.objects.get().subject == unit.pk
    assert Outbox.objects.get().entry_id == entry.id
    private = EntryPrivate.objects.get()
    assert (private.facts, len(private.salt)) == ({}, 32)
    assert unit.written_by == entry.id


def test_a_change_without_a_subject_is_rolled_back() -> None:
    with pytest.raises(HouseRule, match="must say what it was about"), change(DONE, by=BY):
        Unit(code="x", name="x").save()
    assert (Unit.objects.count(), Entry.objects.count()) == (0, 0)


def test_an_undeclared_fact_is_refused() -> None:
    unit = make_unit()
    with pytest.raises(HouseRule, match="may not carry"), change(DONE, by=BY) as entry:
        entry.about(unit, name="a name never enters an entry")


def test_a_float_is_refused_and_nothing_is_written() -> None:
    unit = make_unit()
    with pytest.raises(Exception, match="float"), change(DONE, by=BY) as entry:
        entry.about(unit, count=0.5)
    assert Entry.objects.count() == 1


def test_an_inner_change_says_what_caused_it() -> None:
    unit = make_unit()
    with change(DONE, by=BY) as outer:
        outer.about(unit)
        with change(DONE, by=BY) as inner:
            inner.about(unit)
        unit.name = "still inside the outer change"
        unit.save()
    assert Entry.objects.get(pk=inner.id).caused_by == outer.id
    unit.refresh_from_db()
    assert unit.written_by == outer.id


def test_the_database_closes_behind_a_change_inside_a_longer_transaction() -> None:
    make_unit()
    with (
        pytest.raises(DatabaseError, match="outside a change"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("UPDATE department_unit SET name = 'x'")


def test_a_rolled_back_change_leaves_no_job() -> None:
    with pytest.raises(HouseRule), change(DONE, by=BY):
        jobs.enqueue("evidence.probe", recording_id="x")
    assert ProcrastinateJob.objects.count() == 0
    with pytest.raises(HouseRule, match="leaving a job outside a change"):
        jobs.enqueue("evidence.probe", recording_id="x")


def test_numbers_have_no_gaps() -> None:
    unit = make_unit()
    with pytest.raises(HouseRule), change(DONE, by=BY):
        numbers.next_numbers("R", 2026)
    with change(DONE, by=BY) as entry:
        entry.about(unit)
        assert numbers.next_numbers("R", 2026) == ["R-2026-000001"]
        assert numbers.next_numbers("R", 2026, 2) == ["R-2026-000002", "R-2026-000003"]
        assert numbers.next_numbers("R", 2027) == ["R-2027-000001"]
