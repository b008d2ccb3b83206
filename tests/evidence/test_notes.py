"""Notes: written about a moment, bound by digest, withdrawn but kept."""

import hashlib
import uuid

import pytest
from django.db import DatabaseError, connection, transaction

from fairwitness.evidence import doors
from fairwitness.evidence.acts.note import LONGEST, add_note, withdraw_note
from fairwitness.evidence.models import Note, Recording
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest
from tests.evidence.made import grown, readable, rows, sealed
from tests.world import World


@pytest.fixture
def recording(world: World) -> Recording:
    """A minute, made by Whitfield, who reports to Ruiz."""
    return readable(sealed(device="AX-0101"))


def test_it_works(world: World, recording: Recording) -> None:
    note = add_note(recording.pk, 1500, "  He runs.\0 ", by=world.actor("ruiz"))
    assert (note.text, note.at_ms, note.author_id) == ("He runs.", 1500, world.id("ruiz"))
    event, subjects, facts = latest()
    assert event == "evidence.note_added"
    assert subjects == {("evidence.recording", recording.pk), ("evidence.note", note.pk)}
    digest = hashlib.sha256(b"He runs.").hexdigest()
    assert facts == {"note_id": str(note.pk), "at_ms": 1500, "text_sha256": f"sha256:{digest}"}


@pytest.mark.parametrize("at_ms", [-1, 60_001])
def test_a_moment_outside_is_refused(world: World, recording: Recording, at_ms: int) -> None:
    with pytest.raises(Invalid, match="not in the recording"):
        add_note(recording.pk, at_ms, "text", by=world.actor("ruiz"))


@pytest.mark.parametrize("at_ms", [0, 60_000])
def test_first_and_last_moment_are_inside(world: World, recording: Recording, at_ms: int) -> None:
    assert add_note(recording.pk, at_ms, "text", by=world.actor("ruiz"))


@pytest.mark.parametrize("text", ["", "   ", "\0", "x" * (LONGEST + 1)])
def test_nothing_and_too_much_are_refused(world: World, recording: Recording, text: str) -> None:
    before = rows()
    with pytest.raises(Invalid):
        add_note(recording.pk, 0, text, by=world.actor("ruiz"))
    assert grown(before) == {}


@pytest.mark.parametrize(("key", "refusal"), [("sato", Forbidden), ("hale", Forbidden), ("brandt", NotFound)])
def test_who_may_not_write_is_refused(
    world: World, recording: Recording, key: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        add_note(recording.pk, 0, "text", by=world.actor(key))


def test_a_note_never_changes(world: World, recording: Recording) -> None:
    add_note(recording.pk, 0, "text", by=world.actor("ruiz"))
    with pytest.raises(DatabaseError, match="text is sealed"), transaction.atomic():
        cursor = connection.cursor()
        cursor.execute("SELECT set_config('fairwitness.change', 'somebody', true)")
        cursor.execute("UPDATE evidence_note SET text = 'other'")


class TestWithdrawing:
    """One's own, once; it stays in the record."""

    @pytest.fixture
    def note(self, world: World, recording: Recording) -> Note:
        return add_note(recording.pk, 0, "text", by=world.actor("ruiz"))

    def test_it_works(self, world: World, note: Note) -> None:
        withdraw_note(note.pk, by=world.actor("ruiz"))
        kept = Note.objects.get()
        assert (kept.text, kept.withdrawn_at is None) == ("text", False)
        assert doors.notes(kept.recording) == []
        assert latest()[0] == "evidence.note_withdrawn"

    def test_somebody_elses_is_refused(self, world: World, note: Note) -> None:
        with pytest.raises(Forbidden, match="Only the author"):
            withdraw_note(note.pk, by=world.actor("whitfield"))
        with pytest.raises(NotFound):
            withdraw_note(note.pk, by=world.actor("brandt"))

    def test_only_once(self, world: World, note: Note) -> None:
        withdraw_note(note.pk, by=world.actor("ruiz"))
        with pytest.raises(WrongState, match="withdrawn before"):
            withdraw_note(note.pk, by=world.actor("ruiz"))

    def test_what_is_not_there_is_not_found(self, world: World) -> None:
        with pytest.raises(NotFound):
            withdraw_note(uuid.uuid4(), by=world.actor("ruiz"))


def test_notes_come_in_the_order_of_their_moments(world: World, recording: Recording) -> None:
    for at_ms in (5000, 0, 3000):
        add_note(recording.pk, at_ms, f"at {at_ms}", by=world.actor("ruiz"))
    assert [n.at_ms for n in doors.notes(recording)] == [0, 3000, 5000]
