"""The change: the transaction that an act opens, which cannot end without an entry in the ledger."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.events import Event
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Outbox, Record, open_entry
from fairwitness.kernel.refusals import HouseRule, WrongState
from fairwitness.rules.canonical import canonical, nfc

SALT_BYTES = 32


class OpenEntry:
    """The entry while its change is open: an act says what it is about, and with which facts."""

    def __init__(self, event: Event, by: Actor, caused_by: uuid.UUID | None) -> None:
        self.id = new_id()
        self.event = event
        self.by = by
        self.caused_by = caused_by
        self.at = clock.now()
        self.subjects: set[tuple[str, uuid.UUID]] = set()
        self.facts: dict[str, Any] = {}

    def about(self, *records: Record, **facts: Any) -> None:
        """Add subjects, and facts that the event declares. Facts are chosen: ids, digests, codes, counts, times."""
        self.event.check(facts)
        self.subjects.update((kind_of(record), record.pk) for record in records)
        self.facts.update({name: _fact(value) for name, value in facts.items() if value is not None})

    def mention(self, kind: str, pk: uuid.UUID) -> None:
        """Add a subject by kind and key, where the row itself is not at hand."""
        self.subjects.add((kind, pk))

    def _write(self) -> None:
        if not self.subjects:
            raise HouseRule(f"{self.event.name}: a change must say what it was about")
        canonical(self.facts)  # refuses what could not be hashed, before it is too late to say so
        public = {name: self.facts[name] for name in sorted(self.event.public) if name in self.facts}
        Entry(
            id=self.id,
            event=self.event.name,
            at=self.at,
            actor=self.by.key,
            caused_by=self.caused_by,
            public=public or None,
        ).save()
        EntrySubject.objects.bulk_create(
            EntrySubject(entry_id=self.id, kind=kind, subject=pk) for kind, pk in sorted(self.subjects)
        )
        EntryPrivate(entry_id=self.id, salt=os.urandom(SALT_BYTES), facts=self.facts).save()
        Outbox.objects.create(entry_id=self.id)


def kind_of(record: Record) -> str:
    """The name of a record's kind in the ledger, such as `evidence.recording`."""
    return record._meta.label_lower


def _fact(value: Any) -> Any:
    if isinstance(value, uuid.UUID):
        return str(value)
    if hasattr(value, "astimezone"):
        return clock.rfc3339(value)
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return nfc(value)


@contextmanager
def change(event: Event, *, by: Actor) -> Iterator[OpenEntry]:
    """Open the change in which records may be written; one entry is its last write.

    Inside another change it joins that transaction by savepoint and its entry carries `caused_by`.
    Raises HouseRule, and rolls back, when the change ends without a subject.
    """
    outer = open_entry.get()
    entry = OpenEntry(event, by, caused_by=outer)
    with transaction.atomic():
        _announce(entry.id)
        token = open_entry.set(entry.id)
        try:
            yield entry
            entry._write()
        finally:
            open_entry.reset(token)
        # A savepoint does not end SET LOCAL: without this, later statements of the outer transaction could write.
        _announce(outer)


def _announce(entry_id: uuid.UUID | None) -> None:
    """Tell the database which change is open; its statement triggers refuse writes while none is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('fairwitness.change', %s, true)", [str(entry_id or "")])


def move(record: Record, to: str, **columns: Any) -> None:
    """Set the record's status, and columns that go with it, if its MOVES allow that from where it is.

    Raises WrongState otherwise.
    """
    now: str = record.status  # type: ignore[attr-defined]
    if to not in record.MOVES.get(now, frozenset()):
        raise WrongState(f"This is {now}, so it cannot become {to}.", status=now, wanted=to)
    for name, value in {"status": to, **columns}.items():
        setattr(record, name, value)
    record.save(update_fields=["status", *columns])  # type: ignore[misc]
