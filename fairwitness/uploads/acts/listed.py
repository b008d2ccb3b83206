"""Taking a list out as CSV, of uploads or of what cameras hold: an act, with an entry that binds what was taken."""

from collections.abc import Iterable, Sequence
from typing import Any, BinaryIO

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.events import Event
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach
from fairwitness.kernel.tables import write_csv
from fairwitness.uploads import doors as held
from fairwitness.uploads import events
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Upload

HEADER = (
    *("number", "state", "since", "begun", "file", "size", "offset", "camera", "worn_by", "dock", "by_hand"),
    *("recording", "was_here", "reason", "declared_sha256"),
)

HELD_HEADER = (
    *("camera", "worn_by", "badge", "file", "size", "recorded", "first_seen", "last_seen", "dock", "state"),
    "sha256",
)


def export_uploads(sought: doors.Sought, into: BinaryIO, *, by: Actor) -> int:
    """Write the list into a file, with flat memory; the entry binds its SHA-256. Answers how many rows."""
    if doors.far(by, "export_uploads") == Reach.NONE:
        raise Forbidden("Your role does not let you export uploads.")
    uploads = doors.list_uploads(by, sought).order_by("pk").iterator(chunk_size=1000)
    return _export(events.UPLOADS_EXPORTED, HEADER, map(_row, uploads), into, by)


def export_held(sought: held.HeldSought, into: BinaryIO, *, by: Actor) -> int:
    """Write what was recorded and never uploaded into a file; the entry binds its SHA-256. Answers how many rows."""
    if not held.may_see_held(by):
        raise Forbidden("Your role does not let you see what cameras hold.")
    rows = held.list_held(by, sought).iterator(chunk_size=1000)
    return _export(events.HOLDINGS_EXPORTED, HELD_HEADER, map(_held_row, rows), into, by)


def _export(
    what: Event, header: Sequence[str], rows: Iterable[Sequence[object]], into: BinaryIO, by: Actor
) -> int:
    count, sha256 = write_csv(header, rows, into)
    with change(what, by=by) as entry:
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count


def _held_row(row: Any) -> tuple[object, ...]:
    """A sighting with `last_seen`, as doors.list_held annotates it."""
    return (
        row.serial,
        *((row.wearer.name, row.wearer.badge) if row.wearer else ("", "")),
        row.name,
        row.size,
        clock.rfc3339(row.modified),
        clock.rfc3339(row.first_seen),
        clock.rfc3339(row.last_seen) if row.last_seen else "",
        row.dock.name,
        row.status,
        row.sha256,
    )


def _row(upload: Upload) -> tuple[Any, ...]:
    return (
        upload.number,
        upload.status,
        clock.rfc3339(upload.status_since),
        clock.rfc3339(upload.begun),
        upload.source_name,
        upload.size,
        doors.offset(upload),
        upload.camera.serial if upload.camera else upload.said.get("device", ""),
        upload.holder.name if upload.holder else "",
        upload.dock.name if upload.dock else "",
        "yes" if upload.by_hand else "",
        upload.recording.number if upload.recording else "",
        "yes" if upload.was_here else "",
        upload.reason,
        upload.sha256,
    )
