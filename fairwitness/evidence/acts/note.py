"""Notes: what somebody writes about a moment of a recording, kept also when it is withdrawn."""

import uuid

from fairwitness.evidence import doors, events
from fairwitness.evidence.models import Note
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from fairwitness.rules.canonical import named_digest, nfc

LONGEST = 2000


def add_note(recording_id: uuid.UUID, at_ms: int, text: str, *, by: Actor) -> Note:
    """Write a note at a moment (milliseconds from the start). The ledger binds its text by digest alone."""
    text = nfc(text.replace("\x00", "")).strip()
    if not text:
        raise Invalid("Write something in the note.", field="text")
    if len(text) > LONGEST:
        raise Invalid(f"A note has at most {LONGEST} characters; this has {len(text)}.", field="text")
    with change(events.NOTE_ADDED, by=by) as entry:
        recording = doors.recording(by, recording_id, "note", lock=True)
        if not 0 <= at_ms <= max(recording.duration_ms or 0, 0):
            raise Invalid("That moment is not in the recording.", field="at_ms")
        note = Note(recording=recording, author_id=by.person, at_ms=at_ms, text=text, made_at=clock.now())
        note.save(force_insert=True)
        entry.about(recording, note, note_id=note.pk, at_ms=at_ms, text_sha256=named_digest(text))
    return note


def withdraw_note(note_id: uuid.UUID, *, by: Actor) -> Note:
    """Withdraw a note of one's own. It stays in the record, marked."""
    with change(events.NOTE_WITHDRAWN, by=by) as entry:
        rows = Note.objects.filter(pk=note_id)
        if (found := rows.first()) is None:
            raise NotFound("There is no such note, or it is not one that you may see.")
        recording = doors.recording(by, found.recording_id, "note", lock=True)
        note = rows.select_for_update(of=("self",)).get()
        if note.author_id != by.member_id:
            raise Forbidden("Only the author can withdraw a note.")
        if note.withdrawn_at:
            raise WrongState("This note was withdrawn before.")
        note.withdrawn_at = clock.now()
        note.save(update_fields=["withdrawn_at"])
        entry.about(recording, note, note_id=note.pk)
    return note
