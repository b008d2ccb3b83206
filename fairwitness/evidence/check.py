"""The check of evidence: every sealed row against its entry, every blob against its name."""

from collections.abc import Callable, Iterator

from django.db import connection

from fairwitness.evidence.models import Attachment, Derivative, Recording
from fairwitness.kernel.blobs import FileStore, digest_of
from fairwitness.kernel.refusals import NotFound

# What the row says, beside what the entry that sealed it said.
SEALED = """
SELECT r.number, r.sha256, r.size, e.id, p.facts ->> 'sha256', (p.facts ->> 'size')::bigint, p.facts ->> 'number'
  FROM evidence_recording r
  LEFT JOIN kernel_entrysubject s ON s.kind = 'evidence.recording' AND s.subject = r.id
        AND s.entry_id IN (SELECT id FROM kernel_entry WHERE event = 'evidence.recording_sealed')
  LEFT JOIN kernel_entry e ON e.id = s.entry_id
  LEFT JOIN kernel_entryprivate p ON p.entry_id = e.id
 WHERE r.status = 'sealed' ORDER BY r.number
"""

LOST = """
SELECT e.id, p.facts ->> 'number' FROM kernel_entry e
  JOIN kernel_entrysubject s ON s.entry_id = e.id AND s.kind = 'evidence.recording'
  LEFT JOIN kernel_entryprivate p ON p.entry_id = e.id
  LEFT JOIN evidence_recording r ON r.id = s.subject
 WHERE e.event IN ('evidence.recording_sealed', 'evidence.upload_refused') AND r.id IS NULL
"""


def check_rows() -> Iterator[str]:
    """Faults between recordings and the entries that sealed them: removed, changed, never sealed."""
    with connection.cursor() as cursor:
        cursor.execute(SEALED)
        for number, sha256, size, entry_id, said, said_size, said_number in cursor:
            if entry_id is None:
                yield f"Recording {number} has no entry that sealed it."
            elif said is not None and (f"sha256:{sha256}", size, number) != (said, said_size, said_number):
                yield f"Recording {number} is not what entry {entry_id} sealed: its row was changed."
        cursor.execute(LOST)
        for entry_id, number in cursor.fetchall():
            yield f"Entry {entry_id} speaks of recording {number or '(erased)'}, whose row was removed."


def check_blobs(store: FileStore, progress: Callable[[int], None] | None = None) -> Iterator[str]:
    """Faults of the stored bytes, each read whole: missing, damaged, or named by no record."""
    named = dict(_named())
    for digest, whose in named.items():
        try:
            with store.open(digest) as file:
                found = digest_of(file)
                size = file.tell()
        except NotFound:
            yield f"{whose}: the store does not hold its bytes ({digest})."
            continue
        if found != digest:
            yield f"{whose}: its bytes were changed; they hash to {found} and were sealed as {digest}."
        if progress:
            progress(size)
    for digest in store.digests():
        if digest not in named:
            yield (
                f"The store holds {digest}, which no record names: left by a delivery that broke off (bring it in "
                "again), or its record was removed."
            )


def _named() -> Iterator[tuple[str, str]]:
    """Every digest that a record names, with the record's name."""
    for digest, recording, kind in Derivative.objects.values_list("sha256", "recording__number", "kind"):
        yield digest, f"The {kind} of recording {recording}"
    for digest, pk in Attachment.objects.values_list("sha256", "pk"):
        yield digest, f"The attached file {pk}"
    for digest, number in Recording.objects.values_list("sha256", "number"):
        yield digest, f"Recording {number}"
