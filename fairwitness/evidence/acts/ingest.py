"""Bringing in a delivery: files from folders, with what the source says of them, one after the other, safe to repeat."""

import datetime as dt
import os
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from fairwitness.evidence import events
from fairwitness.evidence.acts.seal import Delivery, Said, attach, clean, seal
from fairwitness.evidence.models import Ingest, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import Blob, SourceUnreadable, Stores
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, Unavailable, WrongState


@dataclass(frozen=True)
class Found:
    """A file of the delivery: where it lies, and whether it is a recording or the vendor's audit trail of some."""

    path: Path
    audit_trail: bool = False


@dataclass
class Outcome:
    """What became of one file. `status` is sealed, duplicate or refused; `reason` is a sentence or empty."""

    path: Path
    status: str
    sha256: str = ""
    recording: Recording | None = None
    reason: str = ""
    attachment: bool = False


def begin_ingest(source: str, *, by: Actor) -> Ingest:
    """Open a delivery, so that its recordings can say where they came from."""
    with change(events.INGEST_BEGUN, by=by) as entry:
        ingest = Ingest(source=clean(source, 200), begun=clock.now(), by=by.key)
        ingest.save(force_insert=True)
        entry.about(ingest, ingest_id=ingest.pk)
    return ingest


def end_ingest(ingest: Ingest, outcomes: dict[str, int], *, by: Actor) -> Ingest:
    """Close a delivery with its counts."""
    with change(events.INGEST_ENDED, by=by) as entry:
        counts = {status: outcomes.get(status, 0) for status in ("sealed", "duplicate", "refused")}
        ingest.sealed, ingest.duplicate, ingest.refused = counts.values()
        ingest.ended = clock.now()
        ingest.save()
        entry.about(ingest, ingest_id=ingest.pk, **counts)
    return ingest


def take_in(
    found: Found,
    said: Said,
    store: Stores,
    delivery: Delivery,
    *,
    recording: Recording | None = None,
    progress: Callable[[int], None] | None = None,
    by: Actor,
) -> Outcome:
    """Store one file and seal it. The store has the bytes, synced, before the change that names them begins.

    `delivery` is asked only when something new is written, so that a repeated run adds nothing, not even a delivery.
    """
    try:
        descriptor = os.open(found.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        return Outcome(found.path, "refused", reason=f"It cannot be opened: {error.strerror}.")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        return Outcome(found.path, "refused", reason="It is not an ordinary file.")
    with os.fdopen(descriptor, "rb") as file:
        try:
            blob = store.put(file, progress)
        except SourceUnreadable as refusal:
            return Outcome(found.path, "refused", reason=refusal.sentence)
    try:
        return _written(found, blob, said, delivery, recording, by)
    except ValueError as error:
        # Such as Uncanonical: words that the source says of this file, and not of the next.
        return Outcome(
            found.path, "refused", blob.sha256, reason=f"What is said of it cannot be kept: {error}."
        )
    except (Unavailable, WrongState) as refusal:
        # It, or its recording, is being erased under a rule: the other files of the delivery come in.
        return Outcome(found.path, "refused", blob.sha256, reason=refusal.sentence)


def _written(
    found: Found, blob: Blob, said: Said, delivery: Delivery, recording: Recording | None, by: Actor
) -> Outcome:
    if found.audit_trail:
        _attachment, new = attach(blob, found.path.name, recording, delivery, by=by)
        return Outcome(found.path, "sealed" if new else "duplicate", blob.sha256, recording, attachment=True)
    sealed = seal(blob, said, delivery, by=by)
    refused = sealed.recording.status == Recording.Status.REFUSED
    status = "refused" if refused else "sealed" if sealed.new else "duplicate"
    return Outcome(found.path, status, blob.sha256, sealed.recording, sealed.recording.refusal)


def walk(path: Path) -> Iterator[Path]:
    """Every file at or below `path`, in the order of names; links and devices are answered too, to be refused."""
    if not os.path.lexists(path):
        raise Invalid(f"There is nothing at {path}.")
    yield from _at_or_below(path)


def _at_or_below(path: Path) -> Iterator[Path]:
    try:
        inside = sorted(path.iterdir()) if stat.S_ISDIR(path.lstat().st_mode) else None
    except OSError:
        inside = None  # it is answered itself, and refused with the reason when it is opened
    if inside is None:
        yield path
    else:
        for each in inside:
            yield from _at_or_below(each)


def file_date(path: Path) -> dt.datetime | None:
    """The file's own date in UTC, the weakest of all clocks."""
    try:
        return dt.datetime.fromtimestamp(path.lstat().st_mtime, dt.UTC)
    except (OSError, OverflowError, ValueError):
        return None
