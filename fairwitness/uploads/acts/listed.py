"""Taking the list of uploads out as CSV: an act, with an entry that binds what was taken."""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach
from fairwitness.kernel.tables import csv_text
from fairwitness.uploads import events
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Upload

HEADER = (
    *("number", "state", "since", "begun", "file", "size", "offset", "camera", "worn_by", "dock", "by_hand"),
    *("recording", "was_here", "reason", "declared_sha256"),
)


def export_uploads(sought: doors.Sought, into: BinaryIO, *, by: Actor) -> int:
    """Write the list into a file, with flat memory; the entry binds its SHA-256. Answers how many rows."""
    if doors.far(by, "export_uploads") == Reach.NONE:
        raise Forbidden("Your role does not let you export uploads.")
    digest, count = hashlib.sha256(), 0

    def rows() -> Iterator[tuple[Any, ...]]:
        nonlocal count
        for upload in doors.list_uploads(by, sought).order_by("pk").iterator(chunk_size=1000):
            count += 1
            yield _row(upload)

    for text in csv_text(HEADER, rows()):
        data = text.encode()
        digest.update(data)
        into.write(data)
    with change(events.UPLOADS_EXPORTED, by=by) as entry:
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=f"sha256:{digest.hexdigest()}")
    return count


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
