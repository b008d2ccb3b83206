"""Publishing: every committed entry gets one place for ever, under a checkpoint that goes on from the last."""

import hashlib
import json
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, connections, transaction

from fairwitness.department.models import Unit
from fairwitness.kernel.models import Entry, EntryPrivate, Outbox
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import files, keys, sequence
from fairwitness.publiclog.models import Leaf
from fairwitness.publiclog.publish import Published, note_well, publish, run_for_ever
from fairwitness.rules import merkle, notes, tiles
from fairwitness.rules.canonical import canonical
from tests.evidence.made import run
from tests.evidence.snapshots import Snapshot
from tests.kernel.test_locks import make_unit
from tests.publiclog.made import check_all_published, checkpoint, entries, root_of, stranger

pytestmark = pytest.mark.usefixtures("own_database")


def test_it_works(tmp_path: Path, home: Path) -> None:
    entries(3)
    assert publish() == Published(sequenced=3, size=3, cosigned=0, refusals=())
    check_all_published()
    assert not Outbox.objects.exists()
    assert root_of([bytes(leaf.data) for leaf in Leaf.objects.order_by("index")]) in str(checkpoint())
    assert stranger(tmp_path).holds
    assert (home / "keys" / "log.key").stat().st_mode & 0o777 == 0o600


def test_the_leaf_is_the_commitment_of_the_house(home: Path) -> None:
    """SHA-256(salt ‖ RFC 8785 JSON of the whole entry), computed here by hand."""
    (entry,) = entries(1)
    publish()
    private = EntryPrivate.objects.get(entry_id=entry.pk)
    whole = canonical(
        {
            "id": str(entry.pk),
            "event": "test.done",
            "time": entry.at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "actor": "system:test",
            "subjects": [{"kind": "department.unit", "id": str(Unit.objects.get().pk)}],
            "facts": {},
        }
    )
    commitment = hashlib.sha256(bytes(private.salt) + whole).hexdigest()
    assert bytes(Leaf.objects.get().data) == b'{"c":"%s","v":1}' % commitment.encode()


def test_an_empty_log_is_published_too(tmp_path: Path) -> None:
    assert publish().size == 0
    assert checkpoint().root == merkle.EMPTY_ROOT
    assert stranger(tmp_path).holds


def test_a_round_without_news_changes_nothing(home: Path) -> None:
    entries(3)
    publish()
    was = {p: p.read_bytes() for p in (home / "log").rglob("*") if p.is_file()}
    assert publish() == Published(sequenced=0, size=3, cosigned=0, refusals=())
    assert {p: p.read_bytes() for p in (home / "log").rglob("*") if p.is_file()} == was


def test_it_goes_on_from_what_was_signed(tmp_path: Path, home: Path) -> None:
    """Over the edge of a tile, by 1, 254, 1, 1 and 300 entries; each checkpoint continues all earlier ones."""
    seen: list[tuple[notes.Checkpoint, Path]] = []
    for count in (1, 254, 1, 1, 300):
        entries(count)
        publish()
        kept = tmp_path / f"checkpoint-{count}-{len(seen)}"
        kept.write_bytes(files.fetch("checkpoint"))
        seen.append((checkpoint(), kept))
    new = seen[-1][0]
    tree = tiles.Tree(new.size, files.fetch)
    for old, kept in seen[:-1]:
        proof = tree.consistency_proof(old.size)
        assert merkle.verify_consistency(old.size, new.size, old.root, new.root, proof)
        assert stranger(tmp_path, "--since", kept).holds
    check_all_published()
    left = {str(p.relative_to(home / "log")) for p in (home / "log").rglob("*") if p.is_file()}
    assert left >= {"checkpoint", "key", *tiles.paths(new.size)}
    assert not [path for path in left if path.endswith(".part")]
    assert not (home / "log" / "tile" / "0" / "000.p").exists(), "what was outgrown is removed"


def test_entries_are_placed_as_they_are_committed(own_database: str) -> None:
    """A change that began first and commits last comes last, and is not skipped."""
    slow = psycopg.connect(os.environ["DATABASE_URL"])
    with slow.transaction():
        slow.execute("SELECT set_config('fairwitness.change', 'x', true)")
        slow.execute(
            "INSERT INTO kernel_entry (id, event, at, actor) "
            "VALUES ('00000000-0000-7000-8000-000000000001', 'test.done', now(), 'system:slow')"
        )
        slow.execute(
            "INSERT INTO kernel_entryprivate VALUES ('00000000-0000-7000-8000-000000000001', sha256('x'), '{}')"
        )
        slow.execute("INSERT INTO kernel_outbox (entry_id) VALUES ('00000000-0000-7000-8000-000000000001')")
        quick = entries(2)
        assert publish().size == 2
    slow.close()
    assert publish().size == 3
    assert Leaf.objects.get(index=2).entry_id.hex.endswith("0001")
    assert {leaf.entry_id for leaf in Leaf.objects.filter(index__lt=2)} == {e.pk for e in quick}
    check_all_published()


def test_several_publishers_at_once_are_one() -> None:
    """Four publish in turns while three write; nothing is placed twice, no checkpoint goes back."""
    sizes: list[int] = []
    done = threading.Event()

    def each(work: Callable[[], None]) -> threading.Thread:
        def closing() -> None:
            try:
                work()
            finally:
                connections.close_all()

        thread = threading.Thread(target=closing)
        thread.start()
        return thread

    def keep_publishing() -> None:
        while not done.is_set():
            publish()
            sizes.append(checkpoint().size)

    publishers = [each(keep_publishing) for _ in range(4)]

    def write() -> None:
        for n in range(40):
            make_unit(code=f"{threading.get_ident() % 10**9}-{n}")

    for writer in [each(write) for _ in range(3)]:
        writer.join()
    done.set()
    for publisher in publishers:
        publisher.join()
    publish()
    assert Entry.objects.count() == 120
    check_all_published()


def _three_hundred() -> None:
    entries(300)
    publish()
    entries(5)


THREE_HUNDRED = Snapshot("three_hundred", _three_hundred)


class TestNothingIsSigned:
    """When what is stored is not what was signed last, or the key is not the one it was signed with."""

    @pytest.fixture(autouse=True)
    def published(self, own_database: str, database_server: str, home: Path) -> bytes:
        THREE_HUNDRED.lay(database_server, home)
        return files.fetch("checkpoint")

    def refused(self, home: Path, sentence: str) -> bool:
        was = (home / "log" / "checkpoint").read_bytes()
        with pytest.raises(Unavailable, match=sentence):
            publish()
        assert (home / "log" / "checkpoint").read_bytes() == was
        done = run("publisher", "--once")
        assert (done.code, done.lines) == (1, [])
        assert done.last_words.startswith("fairwitness publisher: ")
        return True

    @pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/001.p/44"])
    def test_a_changed_file_at_the_edge(self, home: Path, path: str) -> None:
        data = bytearray((home / "log" / path).read_bytes())
        data[7] ^= 1
        (home / "log" / path).write_bytes(data)
        assert self.refused(home, "nothing was signed")

    @pytest.mark.parametrize("path", ["tile/0/001.p/44", "tile/entries/001.p/44"])
    def test_a_cut_file_at_the_edge(self, home: Path, path: str) -> None:
        (home / "log" / path).write_bytes((home / "log" / path).read_bytes()[:-1])
        assert self.refused(home, "nothing was signed")

    def test_a_removed_file_at_the_edge(self, home: Path) -> None:
        (home / "log" / "tile/0/001.p/44").unlink()
        assert self.refused(home, "nothing was signed")

    def test_a_changed_checkpoint(self, home: Path, published: bytes) -> None:
        (home / "log" / "checkpoint").write_bytes(published.replace(b"\n300\n", b"\n301\n"))
        assert self.refused(home, "The published checkpoint is damaged")

    def test_a_lost_key(self, home: Path) -> None:
        (home / "keys" / "log.key").unlink()
        assert self.refused(home, "The signing key of the log is not there")
        assert not (home / "keys" / "log.key").exists(), "no new one is made in its place"

    def test_another_key(self, home: Path) -> None:
        (home / "keys" / "log.key").write_bytes(bytes(32))
        assert self.refused(home, "The signing key is not the one that this log is published with")

    @pytest.mark.parametrize("text", [b"", b"no key", b"\xff\xfe"])
    def test_a_damaged_public_key(self, home: Path, text: bytes) -> None:
        (home / "log" / "key").write_bytes(text)
        assert self.refused(home, "The published key of the log is damaged")

    def test_an_entry_that_was_changed_so_that_it_cannot_be_hashed(
        self, home: Path, own_database: str
    ) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            owner.execute("ALTER TABLE kernel_entryprivate DISABLE TRIGGER USER")
            owner.execute("UPDATE kernel_entryprivate SET facts = '{\"x\": 0.5}'")
        waiting = Outbox.objects.count()
        assert self.refused(home, "was changed before it was published")
        assert Outbox.objects.count() == waiting

    def test_a_gap_in_the_index(self, home: Path, own_database: str) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            sequence.sequence()
            owner.execute("ALTER TABLE publiclog_leaf DISABLE TRIGGER USER")
            owner.execute('DELETE FROM publiclog_leaf WHERE "index" = 302')
        assert self.refused(home, "The index of the public log has a gap")

    def test_a_database_older_than_the_log(self, home: Path, own_database: str) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            owner.execute("ALTER TABLE publiclog_leaf DISABLE TRIGGER USER")
            owner.execute('DELETE FROM publiclog_leaf WHERE "index" >= 200')
        assert self.refused(home, "it is older than the log")


class TestForEver:
    """The publisher's loop: a failed round is said and tried again; its last word is left for others."""

    def rounds(self, count: int, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        said: list[str] = []
        left = iter(range(2 * count))
        monkeypatch.setattr("fairwitness.publiclog.publish._rounds", lambda stop, every: iter(range(count)))
        run_for_ever(lambda: next(left, None) is None, said.append)
        return said

    def word(self, home: Path) -> dict[str, str]:
        return dict(json.loads((home / "run" / "publisher.json").read_text()))

    def test_it_works(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        entries(2)
        assert self.rounds(1, monkeypatch) == []
        assert self.word(home) == {
            "at": self.word(home)["at"],
            "error": "",
            "unsigned": 0,
            "size": 2,
            "cosigned": 0,
            "witnesses": 0,
        }

    def test_a_failed_round_is_said_and_tried_again(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entries(2)
        publish()
        good = (home / "log" / "checkpoint").read_bytes()
        (home / "log" / "checkpoint").write_bytes(b"damaged")
        assert "could not be published: The published checkpoint is damaged" in self.rounds(1, monkeypatch)[0]
        assert "damaged" in self.word(home)["error"]
        (home / "log" / "checkpoint").write_bytes(good)
        assert self.rounds(1, monkeypatch) == []
        assert self.word(home)["error"] == ""

    def test_a_full_disk_is_said(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        def full(descriptor: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        entries(2)
        monkeypatch.setattr(os, "write", full)
        assert "No space left on device" in self.rounds(1, monkeypatch)[0]

    def test_a_restarted_database_is_found_again(
        self, home: Path, database_server: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entries(2)
        with psycopg.connect(database_server, autocommit=True) as administrator:
            administrator.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'own_database'"
            )
        assert self.rounds(1, monkeypatch) == []
        assert self.word(home)["size"] == 2

    def test_what_failed_otherwise_is_not_told_to_everyone(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def away() -> None:
            raise DatabaseError("could not connect to host 10.1.2.3 as fairwitness_service")

        monkeypatch.setattr("fairwitness.publiclog.publish.publish", away)
        assert "10.1.2.3" in self.rounds(1, monkeypatch)[0]
        assert self.word(home)["error"] == "the publisher's own log says why"

    def test_a_disk_that_takes_no_word_does_not_end_it(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(path: Path, *args: Any, **kwargs: Any) -> int:
            raise OSError(28, "No space left on device")

        entries(2)
        monkeypatch.setattr(Path, "write_text", full)
        assert "No word could be left" in self.rounds(1, monkeypatch)[-1]

    def test_a_row_far_beyond_the_end_stops_the_signing(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        entries(2)
        publish()
        with connection.cursor() as cursor, transaction.atomic():
            cursor.execute("SELECT set_config('fairwitness.change', 'pretended', true)")
            cursor.execute("INSERT INTO publiclog_leaf VALUES (1000000, gen_random_uuid(), 'x')")
        assert "a place beyond its end" in self.rounds(1, monkeypatch)[0]
        assert "a place beyond its end" in self.word(home)["error"]

    def test_the_word_is_whole_or_the_old_one(self, home: Path) -> None:
        note_well("first", None)
        note_well("second", None)
        assert self.word(home)["error"] == "second"
        assert [p.name for p in (home / "run").iterdir()] == ["publisher.json"]


class TestFiles:
    """Files of the log are whole or absent."""

    def test_a_disk_that_takes_only_a_part(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """A nearly full disk takes some bytes of a write and says so by their number."""
        write = os.write
        monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, bytes(data)[:10]))
        files.write([("tile/0/000", bytes(range(256)))])
        assert files.fetch("tile/0/000") == bytes(range(256))

    def test_a_full_disk_leaves_the_old_file(self, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        files.write([("checkpoint", b"old")])

        def full(descriptor: int, data: bytes) -> int:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patched:
            patched.setattr(os, "write", full)
            with pytest.raises(OSError, match="No space left"):
                files.write([("checkpoint", b"new")])
        assert files.fetch("checkpoint") == b"old"
        files.write([("checkpoint", b"new")])
        assert files.fetch("checkpoint") == b"new"

    def test_bytes_are_on_disk_before_they_get_their_name(
        self, home: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        steps: list[str] = []
        replace = Path.replace

        def named(part: Path, final: Path) -> Path:
            steps.append(f"name {final.name}")
            return replace(part, final)

        monkeypatch.setattr(
            os, "fsync", lambda fd: steps.append("sync " + Path(f"/proc/self/fd/{fd}").readlink().name)
        )
        monkeypatch.setattr(Path, "replace", named)
        files.write([("tile/0/000", b"x"), ("tile/0/001", b"y")])
        assert steps[:4] == ["sync 000.part", "sync 001.part", "name 000", "name 001"]
        assert set(steps[4:]) == {"sync 0", "sync tile", "sync log"}

    def test_many_files_do_not_keep_many_open(self, home: Path) -> None:
        before = len(list(Path("/proc/self/fd").iterdir()))
        files.write((f"tile/0/x{n // 1000:03}/{n % 1000:03}", b"x") for n in range(1500))
        assert len(list(Path("/proc/self/fd").iterdir())) == before
        assert len(list((home / "log" / "tile" / "0").rglob("[0-9]*"))) == 1500


def test_the_key_is_whole_or_absent(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first start that is killed while it makes the key makes it again."""
    (home / "keys").mkdir()
    (home / "keys" / "log.part").write_bytes(b"half")
    assert keys.signing_key().private_bytes_raw() == (home / "keys" / "log.key").read_bytes()
    assert [p.name for p in (home / "keys").iterdir()] == ["log.key"]
