"""Taking something out: a list as CSV, a receipt. Each is an act, with an entry that binds what was taken."""

import uuid
from typing import Any, BinaryIO

from fairwitness.evidence import doors, events
from fairwitness.evidence.models import Attachment, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.kernel.tables import write_csv
from fairwitness.publiclog import receipts

HEADER = (
    "number",
    "state",
    "readable",
    "started",
    "clock",
    "duration_ms",
    "officer",
    "badge",
    "unit",
    "camera",
    "incident",
    "label",
    "title",
    "external_id",
    "size",
    "sha256",
    "sealed_at",
    "by_hand",
)


def export_list(filters: doors.Filters, into: BinaryIO, *, by: Actor) -> int:
    """Write the list as CSV into a file, with flat memory; the entry binds its SHA-256. Answers how many rows."""
    if doors.far(by, "export") == Reach.NONE:
        raise Forbidden("Your role does not let you export recordings.")
    count, sha256 = write_csv(HEADER, map(_row, doors.every(by, filters)), into)
    with change(events.LIST_EXPORTED, by=by) as entry:
        # About the person who took it: a list has no row of its own, and their history is where it is looked for.
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count


def _row(recording: Recording) -> tuple[Any, ...]:
    owner, unit, camera = recording.owner, recording.unit, recording.camera
    return (
        recording.number,
        recording.status,
        recording.readable,
        clock.rfc3339(recording.started),
        recording.clock,
        recording.duration_ms,
        owner.name if owner else "",
        owner.badge if owner else "",
        unit.name if unit else "",
        camera.serial if camera else "",
        recording.incident,
        recording.label,
        recording.title,
        recording.external_id,
        recording.size,
        recording.sha256,
        clock.rfc3339(recording.sealed_at),
        "yes" if recording.by_hand else "",
    )


def issue_receipt(recording_id: uuid.UUID, *, by: Actor) -> dict[str, Any]:
    """The receipt of the entry that sealed a recording (docs/reference/receipt.md); taking it is recorded."""
    recording = doors.recording(by, recording_id, "receipt")
    sealed = sealing_entry(recording)
    made = receipts.receipt(sealed.pk)
    with change(events.RECEIPT_ISSUED, by=by) as entry:
        entry.about(recording, index=made["index"])
    return made


def sealing_entry(recording: Recording) -> Entry:
    """The entry that sealed a recording. Raises NotFound for what was refused."""
    about = EntrySubject.objects.filter(kind="evidence.recording", subject=recording.pk).values("entry_id")
    found: Entry | None = Entry.objects.filter(pk__in=about, event=events.RECORDING_SEALED.name).first()
    if found is None:
        raise NotFound("This was never sealed, so there is no receipt.")
    return found


def take_attachment(attachment_id: uuid.UUID, *, by: Actor) -> Attachment:
    """Take out a file that came with a recording: protected like the footage, so the taking is recorded first."""
    with change(events.ATTACHMENT_TAKEN, by=by) as entry:
        found = doors.attachment(by, attachment_id)
        entry.about(found, *([found.recording] if found.recording else []), sha256=f"sha256:{found.sha256}")
    return found
