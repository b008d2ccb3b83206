"""The drills: stored bytes are edited as an intruder edits them, and what is wrong is said, where it is wrong.

Nothing here goes through our own code: files are written as files, rows by a bare connection of their owner, who
can take the triggers away. Each drill asks `fairwitness log verify` and, where a stranger could see it, the
verifier that knows nothing of the house.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from fairwitness.evidence.acts import probe, view
from fairwitness.evidence.acts.note import add_note
from fairwitness.evidence.acts.seal import attach, settle_owner
from fairwitness.evidence.models import Note, Recording, Viewing
from fairwitness.kernel import blobs
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.publiclog import files
from fairwitness.publiclog.models import Leaf
from fairwitness.publiclog.publish import publish
from fairwitness.storage.models import Copy
from tests.evidence.made import BY, answer, nowhere, run, sealed, stored
from tests.evidence.snapshots import Snapshot
from tests.publiclog.made import faults, log_verify, stranger
from tests.world import World, build

Sql = Callable[..., None]


@dataclass(frozen=True)
class Kept:
    """What was sealed and published, and the checkpoint that a stranger kept."""

    world: World
    recording: Recording
    note: Note
    viewing: Viewing
    checkpoint: Path


def _make() -> Kept:
    world = build()
    recording = sealed(b"what the camera saw", device="AX-0101", row={"owner": "Whitfield"})
    probe.note_probe(recording.pk, answer(), by=BY)
    probe.keep_derivative(recording.pk, "filmstrip", stored(b"pictures"), "image/jpeg", {}, by=BY)
    attach(stored(b"the vendor's word"), "audit_trail.csv", recording, nowhere, by=BY)
    note = add_note(recording.pk, 1000, "He runs.", by=world.actor("ruiz"))
    viewing = view.view(recording.pk, "audit", view.session_mark("x"), by=world.actor("sato"))
    publish()
    recording.refresh_from_db()
    return Kept(world, recording, note, viewing, files.folder() / "checkpoint")


PUBLISHED = Snapshot("published", _make)


@pytest.fixture
def kept(own_database: str, database_server: str, home: Path, tmp_path: Path) -> Kept:
    made = PUBLISHED.lay(database_server, home)
    checkpoint = tmp_path / "checkpoint-that-a-stranger-kept"
    checkpoint.write_bytes(files.fetch("checkpoint"))
    return replace(made, checkpoint=checkpoint)


@pytest.fixture
def intruder(own_database: str) -> Sql:
    """Runs statements as the owner of the tables, with all triggers away, and puts them back afterwards."""

    def run_sql(statement: str, *values: object) -> None:
        table = re.findall(r"(?:UPDATE|FROM|INTO) (\w+)", statement)[0]
        with psycopg.connect(own_database, autocommit=True) as owner:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            changed = owner.execute(statement, values).rowcount
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        assert changed, "the drill itself must hit something"

    return run_sql


def flip(path: Path, at: int = -1) -> None:
    """Change one bit of a stored file, whatever its mode says."""
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.unlink()
    path.write_bytes(data)


def entry_of(kept: Kept, event: str = "evidence.recording_sealed") -> Entry:
    about = EntrySubject.objects.filter(kind="evidence.recording", subject=kept.recording.pk)
    return Entry.objects.get(pk__in=about.values("entry_id"), event=event)


def place_of(entry: Entry) -> int:
    return Leaf.objects.get(entry_id=entry.pk).index


def test_nothing_is_wrong_before(kept: Kept, tmp_path: Path) -> None:
    done = log_verify()
    assert (done.code, done.lines[0]) == (0, "Every entry is published.")
    assert done.lines[1].startswith(f"All is well: {Entry.objects.count()} entries in the log, ")
    assert stranger(tmp_path, "--since", kept.checkpoint).holds


def test_what_waits_to_be_published_is_no_fault_and_is_counted(kept: Kept) -> None:
    sealed(b"another")
    done = log_verify()
    assert done.code == 0
    assert re.match(r"1 entries are not yet published; the oldest has waited \d+ seconds?", done.lines[0])


class TestBytes:
    """A blob is what its name says, or it is named."""

    def test_a_flipped_byte(self, kept: Kept, tmp_path: Path) -> None:
        path = blobs.store().first.path(kept.recording.sha256)
        flip(path)
        found = hashlib.sha256(path.read_bytes()).hexdigest()
        name = f"Recording {kept.recording.number}"
        changed = f"its bytes were changed; they hash to {found} and were sealed as {kept.recording.sha256}."
        assert faults() == [f"{name}: {changed}"]
        assert stranger(tmp_path).holds, "the log itself is whole"

    def test_a_flipped_byte_of_a_derivative_and_of_an_attachment(self, kept: Kept) -> None:
        flip(blobs.store().first.path(hashlib.sha256(b"pictures").hexdigest()))
        flip(blobs.store().first.path(hashlib.sha256(b"the vendor's word").hexdigest()))
        said = faults()
        assert len(said) == 2
        assert any(
            s.startswith(f"The filmstrip of recording {kept.recording.number}: its bytes") for s in said
        )
        assert any(s.startswith("The attached file ") for s in said)

    def test_a_removed_blob(self, kept: Kept) -> None:
        blobs.store().first.path(kept.recording.sha256).unlink()
        assert faults() == [
            f"Recording {kept.recording.number}: the store does not hold its bytes ({kept.recording.sha256})."
        ]

    def test_a_blob_that_no_record_names(self, kept: Kept) -> None:
        blob = stored(b"put there by somebody")
        (said,) = faults()
        assert said.startswith(f"The store holds {blob.sha256}, which no record names")

    def test_bytes_can_be_left_unread(self, kept: Kept) -> None:
        flip(blobs.store().first.path(kept.recording.sha256))
        assert run("log", "verify", "--no-blobs").code == 0


class TestChangedRows:
    """What a row says is bound by the entry that wrote it, and the entry by its leaf."""

    @pytest.mark.parametrize(
        "change",
        ["sha256 = repeat('0', 64)", "size = size + 1", "number = 'R-2026-999999'", "status = 'refused'"],
    )
    def test_of_a_sealed_recording(self, kept: Kept, intruder: Sql, change: str) -> None:
        intruder(f"UPDATE evidence_recording SET {change}")
        entry, number = entry_of(kept), Recording.objects.get().number
        assert f"Recording {number} is not what entry {entry.pk} says: its row was changed." in faults()

    def test_of_who_wore_the_camera(self, kept: Kept, intruder: Sql) -> None:
        intruder("UPDATE evidence_recording SET owner_id = %s", kept.world.id("haddad"))
        assert faults() == [
            f"Recording {kept.recording.number}: who wore the camera is not what its entries say: its row was changed."
        ]

    def test_of_when_it_was(self, kept: Kept, intruder: Sql) -> None:
        intruder("UPDATE evidence_recording SET started = started + interval '1 second'")
        assert faults() == [
            f"Recording {kept.recording.number}: when it was recorded is not what its entries say: its row was changed."
        ]

    def test_of_what_the_source_said(self, kept: Kept, intruder: Sql) -> None:
        intruder("""UPDATE evidence_recording SET delivered = '{"owner": "Okoye"}'""")
        assert faults() == [f"Recording {kept.recording.number}: what the source said of it was changed."]

    def test_of_a_note_an_attachment_a_derivative_a_viewing(self, kept: Kept, intruder: Sql) -> None:
        intruder("UPDATE evidence_note SET text = 'He stands.'")
        intruder("UPDATE evidence_attachment SET sha256 = repeat('0', 64)")
        intruder("UPDATE evidence_derivative SET sha256 = repeat('0', 64)")
        intruder("UPDATE evidence_viewing SET member_id = %s", kept.world.id("costa"))
        changed = [said for said in faults() if said.endswith("its row was changed.")]
        assert [said.split(" is not ")[0] for said in changed] == [
            f"The attached file {kept.recording.attachments.get().pk}",
            f"Note {kept.note.pk} of recording {kept.recording.number}",
            f"Viewing {kept.viewing.pk} of recording {kept.recording.number}",
            f"The filmstrip of recording {kept.recording.number}",
        ]

    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE kernel_entry SET actor = 'member:somebody-else' WHERE id = %s",
            "UPDATE kernel_entry SET at = at - interval '1 microsecond' WHERE id = %s",
            "UPDATE kernel_entry SET event = 'evidence.upload_refused' WHERE id = %s",
            "UPDATE kernel_entry SET caused_by = id WHERE id = %s",
            """UPDATE kernel_entryprivate SET facts = facts || '{"size": 1}' WHERE entry_id = %s""",
            """UPDATE kernel_entryprivate SET facts = facts || '{"size": 0.5}' WHERE entry_id = %s""",
            "UPDATE kernel_entryprivate SET salt = sha256('x') WHERE entry_id = %s",
            "UPDATE kernel_entryprivate SET salt = 'x' WHERE entry_id = %s",
            "UPDATE kernel_entrysubject SET kind = 'evidence.viewing' WHERE entry_id = %s",
            "UPDATE kernel_entrysubject SET subject = gen_random_uuid() WHERE entry_id = %s",
        ],
    )
    def test_of_an_entry(self, kept: Kept, intruder: Sql, statement: str) -> None:
        entry = entry_of(kept)
        intruder(statement, entry.pk)
        entry.refresh_from_db()
        what = f"Entry {entry.pk} (place {place_of(entry)}, {entry.event})"
        assert f"{what} is not what was published: its row was changed." in faults()

    def test_of_the_index(self, kept: Kept, intruder: Sql, tmp_path: Path) -> None:
        entry = entry_of(kept)
        intruder("UPDATE publiclog_leaf SET data = data || '\\x20' WHERE entry_id = %s", entry.pk)
        said = faults()
        assert f"Place {place_of(entry)} of the published log holds something else than the index." in said
        assert stranger(tmp_path).holds, "what was published is as it was"

    def test_of_an_entry_that_waits(self, kept: Kept, intruder: Sql) -> None:
        """Not yet bound by a leaf, but it no longer agrees with what it wrote."""
        recording = sealed(b"another")
        about = EntrySubject.objects.get(kind="evidence.recording", subject=recording.pk)
        intruder(
            """UPDATE kernel_entryprivate SET facts = facts || '{"size": 1}' WHERE entry_id = %s""",
            about.entry_id,
        )
        assert faults() == [
            f"Recording {recording.number} is not what entry {about.entry_id} says: its row was changed."
        ]


class TestRemovedRows:
    """What is gone is missed."""

    def test_a_recording(self, kept: Kept, intruder: Sql) -> None:
        recording = sealed(b"nothing hangs on it")
        publish()
        intruder("DELETE FROM evidence_recording WHERE id = %s", recording.pk)
        said = faults()
        first = EntrySubject.objects.get(subject=recording.pk).entry_id
        assert f"evidence.Recording {recording.pk}, of which entry {first} speaks, was removed." in said
        assert any(s.startswith(f"The store holds {recording.sha256}, which no record names") for s in said)

    def test_a_note(self, kept: Kept, intruder: Sql) -> None:
        intruder("DELETE FROM evidence_note")
        (said,) = faults()
        assert re.fullmatch(rf"evidence\.Note {kept.note.pk}, of which entry \S+ speaks, was removed\.", said)

    def test_a_published_entry(self, kept: Kept, intruder: Sql, tmp_path: Path) -> None:
        entry, place = entry_of(kept), place_of(entry_of(kept))
        intruder("DELETE FROM kernel_entry WHERE id = %s", entry.pk)
        said = faults()
        assert f"Entry {entry.pk} (place {place}) was published and is no longer in the ledger." in said
        assert (
            f"Entry {entry.pk} was removed from the ledger; kernel_entryprivate still speaks of it." in said
        )
        assert stranger(tmp_path).holds

    def test_the_facts_of_an_entry(self, kept: Kept, intruder: Sql) -> None:
        entry = entry_of(kept)
        intruder("DELETE FROM kernel_entryprivate WHERE entry_id = %s", entry.pk)
        what = f"Entry {entry.pk} (place {place_of(entry)})"
        assert f"{what}: its salt and facts are gone, and no erasure by rule is recorded." in faults()

    def test_what_an_entry_is_about(self, kept: Kept, intruder: Sql) -> None:
        entry = entry_of(kept)
        intruder("DELETE FROM kernel_entrysubject WHERE entry_id = %s", entry.pk)
        said = faults()
        assert any(s.startswith(f"Entry {entry.pk} (place {place_of(entry)}, ") for s in said)
        assert (
            f"Recording {kept.recording.number} has no entry that wrote it (evidence.recording_sealed)."
            in said
        )

    def test_a_place_in_the_index(self, kept: Kept, intruder: Sql) -> None:
        entry, place = entry_of(kept), place_of(entry_of(kept))
        intruder("DELETE FROM publiclog_leaf WHERE entry_id = %s", entry.pk)
        assert faults() == [
            f"The index of the log has nothing at {place}: rows were removed.",
            f"Entry {entry.pk} ({entry.event}) is neither published nor waiting to be: it was taken out of the queue.",
        ]

    def test_a_place_in_the_queue(self, kept: Kept, intruder: Sql) -> None:
        recording = sealed(b"to be kept quiet")
        entry = EntrySubject.objects.get(subject=recording.pk).entry_id
        intruder("DELETE FROM kernel_outbox")
        what = f"Entry {entry} (evidence.recording_sealed)"
        assert faults() == [f"{what} is neither published nor waiting to be: it was taken out of the queue."]

    def test_an_entry_with_its_place_in_the_queue(self, kept: Kept, intruder: Sql) -> None:
        """Before it was published, with every trace in the ledger: the record that it wrote misses it."""
        recording = sealed(b"to be kept quiet")
        entry = EntrySubject.objects.get(subject=recording.pk).entry_id
        copy = Copy.objects.get(sha256=recording.sha256)
        intruder("DELETE FROM kernel_outbox WHERE entry_id = %s", entry)
        for table in ("kernel_entrysubject", "kernel_entryprivate"):
            intruder(f"DELETE FROM {table} WHERE entry_id = %s", entry)
        intruder("DELETE FROM kernel_entry WHERE id = %s", entry)
        assert faults() == [
            f"evidence.Recording {recording.pk} was last written by entry {entry}, which the ledger does not hold.",
            f"storage.Copy {copy.pk} was last written by entry {entry}, which the ledger does not hold.",
            f"Recording {recording.number} has no entry that wrote it (evidence.recording_sealed).",
        ]


class TestPublishedFiles:
    """Anyone sees it, without asking us."""

    def test_a_changed_tile(self, kept: Kept, tmp_path: Path) -> None:
        size = Leaf.objects.count()
        path = settings.FAIRWITNESS_HOME / "log" / "tile" / "0" / f"000.p/{size}"
        flip(path, 32 * 5)
        assert faults() == [f"Hash tile tile/0/000.p/{size} is not what the entries hash to."]
        outcome = stranger(tmp_path)
        assert not outcome.holds
        assert any("tile/0/000" in fault for fault in outcome.faults)

    def test_a_changed_bundle(self, kept: Kept, tmp_path: Path) -> None:
        size = Leaf.objects.count()
        path = settings.FAIRWITNESS_HOME / "log" / "tile" / "entries" / f"000.p/{size}"
        flip(path, 20)
        assert faults() == [
            "The entries published do not have the root that the log signed.",
            f"Hash tile tile/0/000.p/{size} is not what the entries hash to.",
            "Place 0 of the published log holds something else than the index.",
        ]
        outcome = stranger(tmp_path)
        assert not outcome.holds
        assert any("entries/000" in fault for fault in outcome.faults)

    @pytest.mark.parametrize("what", ["tile/0", "tile/entries"])
    def test_a_removed_file(self, kept: Kept, tmp_path: Path, what: str) -> None:
        shutil.rmtree(settings.FAIRWITNESS_HOME / "log" / what)
        (said,) = faults()
        assert "cannot be read" in said
        assert not stranger(tmp_path).holds

    @pytest.mark.parametrize("at", [3, 40, -5])
    def test_a_changed_checkpoint(self, kept: Kept, tmp_path: Path, at: int) -> None:
        flip(settings.FAIRWITNESS_HOME / "log" / "checkpoint", at)
        said = faults()
        assert said[0].startswith("The published checkpoint is damaged: ")
        assert not stranger(tmp_path).holds

    def test_a_removed_checkpoint(self, kept: Kept, tmp_path: Path) -> None:
        (settings.FAIRWITNESS_HOME / "log" / "checkpoint").unlink()
        size = Leaf.objects.count()
        assert faults() == [
            f"The index of the log has {size} entries, and no checkpoint that is signed covers any of them."
        ]
        assert not stranger(tmp_path).holds


class TestTheWholeLog:
    """What somebody can do who has the machine, the tables and the key."""

    def test_a_truncated_tail(self, kept: Kept, intruder: Sql, tmp_path: Path) -> None:
        """The last leaves are taken from the index and from the files; the checkpoint still counts them."""
        size = Leaf.objects.count()
        last = list(Leaf.objects.order_by("-index")[:3])
        intruder('DELETE FROM publiclog_leaf WHERE "index" >= %s', size - 3)
        for path in ("0/000", "entries/000"):
            folder = settings.FAIRWITNESS_HOME / "log" / "tile" / f"{path}.p"
            whole = (folder / str(size)).read_bytes()
            cut = (
                whole[: 32 * (size - 3)] if path == "0/000" else whole[: -sum(len(x.data) + 2 for x in last)]
            )
            shutil.rmtree(folder)
            folder.mkdir()
            (folder / str(size - 3)).write_bytes(cut)
        said = faults()
        assert said[0].startswith("Entry bundle 0 (entries 0 to 255) cannot be read: ")
        assert (
            f"The log was published with {size} entries; the index has only {size - 3}: its tail is gone."
            in said
        )
        for leaf in last:
            assert any(
                s.startswith(f"Entry {leaf.entry_id} (") and "taken out of the queue" in s for s in said
            )
        assert not stranger(tmp_path).holds

    def test_a_truncated_tail_that_was_signed_anew(self, kept: Kept, intruder: Sql, tmp_path: Path) -> None:
        size = Leaf.objects.count()
        intruder('DELETE FROM publiclog_leaf WHERE "index" >= %s', size - 3)
        self.sign_anew()
        assert len([s for s in faults() if "taken out of the queue" in s]) == 3
        assert stranger(tmp_path).holds, "who has no memory sees a log that is whole"
        outcome = stranger(tmp_path, "--since", kept.checkpoint)
        assert outcome.faults == [
            f"The log was cut short: the old checkpoint has {size:,} entries, it now has {size - 3:,}."
        ]

    def test_a_log_rewritten_from_the_start_with_the_right_key(
        self, kept: Kept, intruder: Sql, tmp_path: Path
    ) -> None:
        """An entry is taken out with all its traces, and everything is published anew and signed."""
        entry = entry_of(kept, "evidence.viewing_begun")
        size = Leaf.objects.count()
        for table in ("publiclog_leaf", "kernel_entrysubject", "kernel_entryprivate"):
            intruder(f"DELETE FROM {table} WHERE entry_id = %s", entry.pk)
        intruder("DELETE FROM kernel_entry WHERE id = %s", entry.pk)
        intruder("DELETE FROM evidence_viewing")
        intruder('UPDATE publiclog_leaf SET "index" = "index" + 1000000')
        intruder(
            'UPDATE publiclog_leaf SET "index" = n FROM (SELECT entry_id AS e, row_number() OVER (ORDER BY "index")'
            " - 1 AS n FROM publiclog_leaf) o WHERE o.e = entry_id"
        )
        self.sign_anew()
        assert faults() == [], "who rewrote everything rewrote what we check ourselves against"
        assert stranger(tmp_path).holds
        outcome = stranger(tmp_path, "--since", kept.checkpoint)
        assert outcome.faults == [
            f"The log was cut short: the old checkpoint has {size:,} entries, it now has {size - 1:,}."
        ]
        sealed(b"more")
        publish()
        outcome = stranger(tmp_path, "--since", kept.checkpoint)
        assert outcome.faults == [
            "The log was rewritten: the old checkpoint has the same size and another root."
        ]
        sealed(b"and more")
        publish()
        outcome = stranger(tmp_path, "--since", kept.checkpoint)
        assert "The log was rewritten, or its tiles were" in outcome.faults[0]

    def test_the_witness_refuses_a_log_that_was_rewritten(
        self, kept: Kept, intruder: Sql, tmp_path: Path
    ) -> None:
        """It asks the log itself here; how it is asked by the publisher is in test_witnesses."""
        program = shutil.copy(
            Path(__file__).parents[2] / "verify" / "fairwitness_witness.py", tmp_path / "witness.py"
        )
        log = settings.FAIRWITNESS_HOME / "log"

        def witness(*words: object) -> "subprocess.CompletedProcess[str]":
            line = [sys.executable, "-I", "-S", program, *map(str, words), "--dir", str(tmp_path / "memory")]
            return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)

        assert witness("init", "--name", "witness.example/w1", "--log", log / "key").returncode == 0
        assert witness("watch", "--log", log).returncode == 0
        intruder("UPDATE publiclog_leaf SET data = data || '\\x20' WHERE \"index\" = 0")
        self.sign_anew()
        refused = witness("watch", "--log", log)
        assert refused.returncode == 1
        assert "FORK" in refused.stdout

    def sign_anew(self) -> None:
        """Publish what the index holds now as if it were the first time, with the log's own key."""
        log = settings.FAIRWITNESS_HOME / "log"
        shutil.rmtree(log / "tile")
        (log / "checkpoint").unlink()
        publish()


def test_what_is_not_caught(kept: Kept, intruder: Sql, tmp_path: Path) -> None:
    """The limit of all this: what was never published, and is taken out with everything that it wrote.

    docs/explain/public-log.md says so; how often the log is published is how long this is possible.
    """
    docs = Path(__file__).parents[2] / "docs" / "explain" / "public-log.md"
    assert (
        "**Entries that wait to be published.**"
        in docs.read_text(encoding="utf-8").split("## What is not caught")[1]
    )
    recording = sealed(b"never published")
    entry = EntrySubject.objects.get(subject=recording.pk).entry_id
    for table in ("kernel_outbox", "kernel_entrysubject", "kernel_entryprivate"):
        intruder(f"DELETE FROM {table} WHERE entry_id = %s", entry)
    intruder("DELETE FROM kernel_entry WHERE id = %s", entry)
    intruder("DELETE FROM evidence_recording WHERE id = %s", recording.pk)
    intruder("DELETE FROM storage_copy WHERE sha256 = %s", recording.sha256)
    blobs.store().first.path(recording.sha256).unlink()
    assert faults() == []
    assert stranger(tmp_path, "--since", kept.checkpoint).holds


def test_settling_an_owner_is_what_the_entries_say(kept: Kept) -> None:
    """What is rightly changed later, by an act with its entry, is no fault."""
    recording = sealed(b"whose is it")
    settle_owner(recording.pk, kept.world.members["haddad"], by=kept.world.actor("costa"))
    publish()
    assert faults() == []
