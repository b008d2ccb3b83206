"""Loading a large world for measurements: true records with true entries, in one change, in a bench database alone."""

import datetime as dt
import itertools
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _
from psycopg import sql
from psycopg.types.json import Jsonb

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import SALT_BYTES, OpenEntry, change, kind_of
from fairwitness.kernel.events import Event, event
from fairwitness.kernel.models import Record
from fairwitness.kernel.refusals import HouseRule
from fairwitness.rules.canonical import canonical

LOADED = event("kernel.world_loaded", _("{actor} loaded {count} records for a measurement"), "count")
# One COPY at a time goes through a connection, so each table of a batch waits in memory for its turn.
BATCH = 20_000

LEDGER: dict[str, tuple[str, ...]] = {
    "kernel_entry": ("id", "event", "at", "actor", "caused_by", "public"),
    "kernel_entrysubject": ("entry_id", "kind", "subject"),
    "kernel_entryprivate": ("entry_id", "salt", "facts"),
    "kernel_outbox": ("entry_id",),
}


@dataclass(frozen=True)
class Line:
    """One record not yet saved, and its entry: the event, when, and the facts."""

    record: Record
    event: Event
    at: dt.datetime
    facts: dict[str, Any]


def load(lines: Iterable[Line], *, by: Actor) -> int:
    """Write records of one kind by COPY, each with an entry of its own that waits to be published.

    All of it is one change, whose own entry caused the others; every lock on history stays as it is. Answers how
    many. Raises HouseRule outside a database called `bench` or `bench_…`, or when an entry could not be true.
    """
    check_bench()
    count, rest = 0, iter(lines)
    with change(LOADED, by=by) as whole:
        while batch := list(itertools.islice(rest, BATCH)):
            if not count:
                whole.mention(kind_of(batch[0].record), batch[0].record.pk)
            _write(batch, [_entry(line, whole, by) for line in batch])
            count += len(batch)
        whole.about(count=count)
    return count


def check_bench() -> None:
    """Raise HouseRule unless the database that is connected says itself that it is one for measurements."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        name: str = cursor.fetchone()[0]
    if name != "bench" and not name.startswith("bench_"):
        raise HouseRule(f"worlds are loaded into a database called bench, never into {name}")


def _entry(line: Line, whole: OpenEntry, by: Actor) -> OpenEntry:
    """The entry of one line, checked as `change` checks it."""
    entry = OpenEntry(line.event, by, caused_by=whole.id)
    entry.at = line.at
    entry.about(line.record, **line.facts)
    if line.event.public & entry.facts.keys():
        raise HouseRule(f"{line.event.name} has public facts, which are not loaded in bulk")
    canonical(entry.facts)
    line.record.written_by = entry.id
    return entry


def _write(batch: Sequence[Line], entries: Sequence[OpenEntry]) -> None:
    # The entries first: a trigger asks that each row names one that this change caused.
    for table, rows in zip(LEDGER, _ledger(entries), strict=True):
        _copy(table, LEDGER[table], rows)
    model = type(batch[0].record)
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    _copy(
        model._meta.db_table,
        [str(field.column) for field in fields],
        ([_adapted(getattr(line.record, name)) for name in names] for line in batch),
    )


def _ledger(entries: Sequence[OpenEntry]) -> Iterator[Iterable[Sequence[Any]]]:
    """The rows of the entries in the order of LEDGER."""
    yield ((e.id, e.event.name, e.at, e.by.key, e.caused_by, None) for e in entries)
    yield ((e.id, kind, subject) for e in entries for kind, subject in e.subjects)
    yield ((e.id, os.urandom(SALT_BYTES), Jsonb(e.facts)) for e in entries)
    yield ((e.id,) for e in entries)


def _adapted(value: Any) -> Any:
    """What psycopg does not adapt by itself: values of JSON columns."""
    return Jsonb(value) if isinstance(value, dict | list) else value


def _copy(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
