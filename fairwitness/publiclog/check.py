"""The check of the log against the ledger: every entry, leaf and tile, and exactly what is wrong where."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db import connection

from fairwitness.kernel.locks import record_models
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import files
from fairwitness.publiclog.sequence import leaf_of_row
from fairwitness.rules import merkle, tiles

ROWS = 5_000
# The subject of an entry that is about nobody known, such as a failed sign-in under a name that is nobody's.
NOBODY = uuid.UUID(int=0)

LEAVES = """
SELECT l."index", l.data, l.entry_id, e.id, e.event, e.at, e.actor, e.caused_by, e.public, p.salt, p.facts,
       (SELECT array_agg(s.kind || ' ' || s.subject ORDER BY s.kind COLLATE "C", s.subject)
          FROM kernel_entrysubject s WHERE s.entry_id = e.id)
  FROM publiclog_leaf l
  LEFT JOIN kernel_entry e ON e.id = l.entry_id
  LEFT JOIN kernel_entryprivate p ON p.entry_id = e.id
 WHERE l."index" >= %s ORDER BY l."index" LIMIT %s
"""


def check_tree() -> Iterator[str]:
    """Faults of the published files: signature, bundles, every hash tile, the root."""
    try:
        point = files.checkpoint()
    except Unavailable as error:
        yield error.sentence
        return
    tree = tiles.Tree(point.size, files.fetch)
    hashes: list[bytes] = []
    for n in range((point.size + tiles.WIDTH - 1) // tiles.WIDTH):
        try:
            hashes += merkle.leaf_hashes(tree.bundle(n))
        except (tiles.DamagedLog, OSError) as error:
            yield f"Entry bundle {n} (entries {n * 256} to {n * 256 + 255}) cannot be read: {error}."
            return
    if merkle.root(hashes) != point.root:
        yield "The entries published do not have the root that the log signed."
    yield from _check_tiles(tree, hashes)


def _check_tiles(tree: tiles.Tree, hashes: list[bytes]) -> Iterator[str]:
    level = 0
    while hashes:
        for n in range((len(hashes) + tiles.WIDTH - 1) // tiles.WIDTH):
            expected = hashes[n * tiles.WIDTH : (n + 1) * tiles.WIDTH]
            try:
                if list(tree.tile(level, n)) != expected:
                    yield f"Hash tile {tiles.tile_path(level, n, len(expected))} is not what the entries hash to."
            except (tiles.DamagedLog, OSError) as error:
                yield f"Hash tile {tiles.tile_path(level, n, len(expected))} cannot be read: {error}."
        full = len(hashes) // tiles.WIDTH
        hashes = [merkle.root(hashes[n * tiles.WIDTH : (n + 1) * tiles.WIDTH]) for n in range(full)]
        level += 1


def check_entries() -> Iterator[str]:
    """Faults between ledger and log: changed, removed or unlisted entries, each by its id and its place."""
    try:
        point = files.checkpoint()
    except Unavailable:
        point = files.empty()  # check_tree says so; the ledger is checked all the same
    published = _Published(point.size)
    expected = 0
    for row in _leaf_rows():
        index, data, entry_id = row[0], bytes(row[1]), row[2]
        if index != expected:
            yield f"The index of the log has nothing at {expected}: rows were removed."
        expected = index + 1
        yield from _check_leaf(index, data, entry_id, row[3:])
        if published.other_than(index, data):
            yield f"Place {index} of the published log holds something else than the index."
    if expected and not point.size:
        yield f"The index of the log has {expected} entries, and no checkpoint that is signed covers any of them."
    if expected < point.size:
        yield f"The log was published with {point.size} entries; the index has only {expected}: its tail is gone."
    yield from _check_unlisted()


def _leaf_rows() -> Iterator[tuple[Any, ...]]:
    start = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(LEAVES, [start, ROWS])
            rows = cursor.fetchall()
        if not rows:
            return
        yield from rows
        start = rows[-1][0] + 1


def _check_leaf(index: int, data: bytes, entry_id: uuid.UUID, entry: tuple[Any, ...]) -> Iterator[str]:
    if entry[0] is None:
        yield f"Entry {entry_id} (place {index}) was published and is no longer in the ledger."
        return
    if entry[6] is None:
        yield f"Entry {entry_id} (place {index}): its salt and facts are gone, and no erasure by rule is recorded."
        return
    try:
        changed = leaf_of_row(entry) != data
    except ValueError:
        changed = True  # such a salt, or such facts, could never have been hashed
    if changed:
        yield f"Entry {entry_id} (place {index}, {entry[1]}) is not what was published: its row was changed."


class _Published:
    """The published entries, read bundle by bundle in the order of their places."""

    def __init__(self, size: int) -> None:
        self._tree = tiles.Tree(size, files.fetch)
        self._number, self._bundle = -1, list[bytes]()

    def other_than(self, index: int, data: bytes) -> bool:
        """Whether the log was published with something else at `index`; what cannot be read is named by check_tree."""
        if index >= self._tree.size:
            return False
        number, place = divmod(index, tiles.WIDTH)
        if number != self._number:
            self._number, self._bundle = number, self._read(number)
        return place < len(self._bundle) and self._bundle[place] != data

    def _read(self, number: int) -> list[bytes]:
        try:
            return self._tree.bundle(number)
        except (tiles.DamagedLog, OSError):
            return []


def _check_unlisted() -> Iterator[str]:
    """Entries that nobody will publish, parts without an entry, and records whose last entry is missing."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.event FROM kernel_entry e WHERE NOT EXISTS (SELECT 1 FROM publiclog_leaf l WHERE "
            "l.entry_id = e.id) AND NOT EXISTS (SELECT 1 FROM kernel_outbox o WHERE o.entry_id = e.id) LIMIT 1000"
        )
        for pk, event in cursor.fetchall():
            yield f"Entry {pk} ({event}) is neither published nor waiting to be: it was taken out of the queue."
        for table in ("kernel_entryprivate", "kernel_entrysubject", "kernel_outbox"):
            cursor.execute(
                f"SELECT DISTINCT t.entry_id FROM {table} t "  # noqa: S608 - the names are those above
                "LEFT JOIN kernel_entry e ON e.id = t.entry_id WHERE e.id IS NULL LIMIT 1000"
            )
            for (pk,) in cursor.fetchall():
                yield f"Entry {pk} was removed from the ledger; {table} still speaks of it."
        for model in record_models():
            table = model._meta.db_table
            cursor.execute(
                f"SELECT r.id, r.written_by FROM {table} r "  # noqa: S608 - names of our own tables
                "LEFT JOIN kernel_entry e ON e.id = r.written_by WHERE e.id IS NULL LIMIT 1000"
            )
            for pk, entry_id in cursor.fetchall():
                yield f"{model._meta.label} {pk} was last written by entry {entry_id}, which the ledger does not hold."
            cursor.execute(
                "SELECT s.subject, min(s.entry_id::text) FROM kernel_entrysubject s "  # noqa: S608 - as above
                f"LEFT JOIN {table} r ON r.id = s.subject WHERE s.kind = %s AND r.id IS NULL AND s.subject <> %s "
                "GROUP BY s.subject LIMIT 1000",
                [model._meta.label_lower, NOBODY],
            )
            for pk, entry_id in cursor.fetchall():
                yield f"{model._meta.label} {pk}, of which entry {entry_id} speaks, was removed."
