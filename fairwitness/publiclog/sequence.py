"""First step of publishing: give each waiting entry its index for ever, and keep the exact bytes of its leaf."""

import datetime as dt
import json
import uuid
from typing import Any

from django.db import connection, transaction

from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import files
from fairwitness.rules.canonical import commitment, leaf

BATCH = 10_000
# One writer in the whole world: whoever else tries waits for nothing and does nothing.
LOCK = 0x6661_6972  # "fair"

WAITING = """
SELECT o.id, e.id, e.event, e.at, e.actor, e.caused_by, e.public, p.salt, p.facts,
       (SELECT array_agg(s.kind || ' ' || s.subject ORDER BY s.kind COLLATE "C", s.subject)
          FROM kernel_entrysubject s WHERE s.entry_id = e.id)
  FROM kernel_outbox o
  JOIN kernel_entry e ON e.id = o.entry_id
  JOIN kernel_entryprivate p ON p.entry_id = e.id
 ORDER BY o.id LIMIT %s
"""

UNPUBLISHED = """
SELECT count(*), min(e.at)
  FROM (SELECT entry_id FROM kernel_outbox UNION ALL SELECT entry_id FROM publiclog_leaf WHERE "index" >= %s) w
  LEFT JOIN kernel_entry e ON e.id = w.entry_id
"""


def sequence(limit: int = BATCH) -> int:
    """Move up to `limit` entries from the outbox into the log's index, in one transaction. Answers how many."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            return 0
        cursor.execute(WAITING, [limit])
        rows = cursor.fetchall()
        if not rows:
            return 0
        cursor.execute('SELECT coalesce(max("index") + 1, 0) FROM publiclog_leaf')
        start = cursor.fetchone()[0]
        # The index is written outside any act, by this function alone; the triggers are told so.
        cursor.execute("SELECT set_config('fairwitness.change', 'publiclog.sequence', true)")
        with cursor.copy('COPY publiclog_leaf ("index", entry_id, data) FROM STDIN') as copy:
            for offset, row in enumerate(rows):
                copy.write_row((start + offset, row[1], _leaf(row[1:])))
        cursor.execute("DELETE FROM kernel_outbox WHERE id = ANY(%s)", [[row[0] for row in rows]])
        cursor.execute("SELECT set_config('fairwitness.change', '', true)")
    return len(rows)


def _leaf(row: tuple[Any, ...]) -> bytes:
    try:
        return leaf_of_row(row)
    except ValueError as error:
        raise Unavailable(
            f"Entry {row[0]} was changed before it was published: {error}. Nothing was placed."
        ) from error


def leaf_of_row(row: tuple[Any, ...]) -> bytes:
    """The leaf data of one row of WAITING (without the outbox id)."""
    pk, event, at, actor, caused_by, public, salt, facts, subjects = row
    facts, public = _loaded(facts), _loaded(public)
    pairs = [tuple(subject.split(" ")) for subject in subjects or ()]
    return leaf(commitment(bytes(salt), whole(pk, event, at, actor, caused_by, pairs, facts)), public)


def whole(
    pk: uuid.UUID,
    event: str,
    at: dt.datetime,
    actor: str,
    caused_by: uuid.UUID | None,
    subjects: list[tuple[str, ...]],
    facts: dict[str, Any],
) -> dict[str, object]:
    """The whole entry as it is hashed and as a receipt shows it."""
    entry: dict[str, object] = {
        "id": str(pk),
        "event": event,
        "time": clock.rfc3339(at),
        "actor": actor,
        "subjects": [{"kind": kind, "id": key} for kind, key in subjects],
        "facts": facts,
    }
    if caused_by:
        entry["caused_by"] = str(caused_by)
    return entry


def entry_as_hashed(entry: Entry) -> tuple[dict[str, object], bytes] | None:
    """An entry with its private facts and its salt; None when facts or salt were erased by rule."""
    private = EntryPrivate.objects.filter(entry_id=entry.pk).first()
    if private is None:
        return None
    subjects = sorted((s.kind, str(s.subject)) for s in EntrySubject.objects.filter(entry_id=entry.pk))
    facts = whole(
        entry.pk, entry.event, entry.at, entry.actor, entry.caused_by, list(subjects), private.facts
    )
    return facts, bytes(private.salt)


def _loaded(value: Any) -> Any:
    """Django leaves jsonb of a bare cursor as text."""
    return json.loads(value) if isinstance(value, str) else value


def waiting() -> tuple[int, dt.timedelta]:
    """How many entries no signed checkpoint covers, in the outbox or already in the index; the oldest one's age."""
    try:
        size = files.checkpoint().size
    except Unavailable:
        size = 0  # nobody can trust what lies there
    with connection.cursor() as cursor:
        cursor.execute(UNPUBLISHED, [size])
        count, oldest = cursor.fetchone()
    return count, clock.now() - oldest if oldest else dt.timedelta(0)
