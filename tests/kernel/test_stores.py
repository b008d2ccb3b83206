"""Several stores as one: put into enough of them, read from the first that is well, encrypted or not."""

import errno
import hashlib
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.department.events import UNIT_ADDED
from fairwitness.kernel import blobs, child
from fairwitness.kernel.actors import system
from fairwitness.kernel.blobs import Blob, Damaged, FileStore, Reader, Stores, keys
from fairwitness.kernel.blobs.encrypted import (
    CHUNK,
    HEADER,
    STORED_CHUNK,
    BlobCipher,
    DecryptingReader,
    new_key,
)
from fairwitness.kernel.change import change
from fairwitness.kernel.models import BlobKey
from fairwitness.kernel.refusals import HouseRule, Invalid, NotFound, StoreFull, Unavailable
from tests.media.recordings import video

SIZES = (0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 7)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any, db: None) -> Path:
    settings.FAIRWITNESS_HOME = tmp_path
    return tmp_path


def two(home: Path, *, enough: int = 1, encrypt: bool = False) -> Stores:
    stores = tuple(FileStore(home / name, name=name, marked=True) for name in ("one", "two"))
    for store in stores:
        store.begin()
    return Stores(stores, enough, encrypt)


def put(stores: Stores, data: bytes) -> Blob:
    path = stores.first.root.parent / "source"
    path.write_bytes(data)
    with path.open("rb") as file:
        return stores.put(file)


def kept(stores: Stores, store: str, blob: Blob) -> Path:
    """The file in which a store keeps a blob."""
    folder = Path(stores.one(store).place) / blob.sha256[:2] / blob.sha256[2:4]
    (path,) = folder.glob(f"{blob.sha256}*")
    return path


def flip(path: Path, at: int) -> None:
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("encrypt", [False, True])
class TestTwo:
    """Two folders, with and without encryption."""

    @pytest.mark.parametrize("size", SIZES)
    def test_every_size_comes_back(self, home: Path, encrypt: bool, size: int) -> None:
        stores, data = two(home, enough=2, encrypt=encrypt), os.urandom(size)
        blob = put(stores, data)
        assert (blob.sha256, blob.size) == (hashlib.sha256(data).hexdigest(), size)
        assert blob.copies == ("one", "two") and not blob.was_there
        for name in blob.copies:
            with stores.open_in(name, blob.sha256) as file:
                assert file.size == size
                assert file.read() == data
        assert put(stores, data).was_there
        assert BlobKey.objects.count() == encrypt
        assert list(stores.digests()) == [blob.sha256]

    def test_ranges(self, home: Path, encrypt: bool) -> None:
        stores, data = two(home, encrypt=encrypt), os.urandom(2 * CHUNK + 100)
        with stores.open(put(stores, data).sha256) as file:
            for at, count in ((0, 1), (CHUNK - 1, 1), (CHUNK, 5), (2 * CHUNK, 100), (5, 10), (len(data), 5)):
                assert file.pread(count, at) == data[at : at + count]
            file.seek(-50, os.SEEK_END)
            assert (file.tell(), file.read(20), file.read()) == (len(data) - 50, data[-50:-30], data[-30:])

    def test_too_few_stores(self, home: Path, encrypt: bool) -> None:
        stores = two(home, enough=2, encrypt=encrypt)
        (home / "two" / ".fairwitness-store").unlink()
        with pytest.raises(Unavailable, match="Only 1 of 2 stores took the bytes. Nothing was sealed"):
            put(stores, b"a recording")
        stores.one("two").begin()
        assert put(stores, b"a recording").copies == ("one", "two")
        assert stores.open(hashlib.sha256(b"a recording").hexdigest()).read() == b"a recording"

    def test_a_full_store_gives_way_to_the_next(
        self, home: Path, encrypt: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        stores, data, sync = two(home, encrypt=encrypt), os.urandom(CHUNK + 1), os.fsync

        def full(descriptor: int) -> None:
            if str(home / "one") in str(Path(f"/proc/self/fd/{descriptor}").readlink()):
                raise OSError(errno.ENOSPC, "full")
            sync(descriptor)

        monkeypatch.setattr(os, "fsync", full)
        blob = put(stores, data)
        assert blob.copies == ("two",)
        assert stores.open(blob.sha256).read() == data
        with pytest.raises(StoreFull):
            put(Stores(stores.all[:1], 1, encrypt), b"another")
        assert not list((home / "one" / "staging").iterdir())

    def test_reading_falls_back(self, home: Path, encrypt: bool) -> None:
        stores = two(home, enough=2, encrypt=encrypt)
        blob = put(stores, b"a recording")
        kept(stores, "one", blob).unlink()
        assert stores.open(blob.sha256).read() == b"a recording"
        (home / "one" / ".fairwitness-store").unlink()
        assert stores.open(blob.sha256).read() == b"a recording"
        kept(stores, "two", blob).unlink()
        with pytest.raises(Unavailable, match="The store one is not there"):
            stores.open(blob.sha256)
        stores.one("one").begin()
        with pytest.raises(NotFound):
            stores.open(blob.sha256)

    def test_a_copy_is_made_from_the_other(self, home: Path, encrypt: bool) -> None:
        stores, data = two(home, encrypt=encrypt), os.urandom(CHUNK + 9)
        blob = put(stores, data)
        assert blob.copies == ("one",)
        assert stores.copy(blob.sha256, "one", "two") == len(data)
        assert stores.open_in("two", blob.sha256).read() == data
        flip(kept(stores, "one", blob), 40)
        with pytest.raises(Damaged):
            stores.copy(blob.sha256, "one", "two")
        assert stores.open_in("two", blob.sha256).read() == data, "what was good is still there"
        stores.copy(blob.sha256, "two", "one")
        assert stores.open_in("one", blob.sha256).read() == data
        (aside,) = (home / "one" / "aside").iterdir()
        assert aside.name.startswith(blob.sha256), "the damaged bytes are kept aside"

    def test_the_child_reads_it(self, home: Path, encrypt: bool) -> None:
        clip = video(home / "clip.mp4", range(0, 8000, 40))
        stores = two(home, encrypt=encrypt)
        with clip.open("rb") as file:
            blob = stores.put(file)
        with clip.open("rb") as file, stores.open(blob.sha256) as source:
            assert (source.descriptor is None) == encrypt
            assert child.read_media("probe", source) == child.read_media("probe", file)
            strip = child.read_media("filmstrip", source, {"picture": home / "strip.jpg"})
        assert strip["made"] and (home / "strip.jpg").stat().st_size > 100


class TestEncrypted:
    """What is encrypted can be read with its key alone, and not one bit of it can be changed unseen."""

    def test_nothing_plain_is_on_the_disk(self, home: Path) -> None:
        stores = two(home, enough=2, encrypt=True)
        blob = put(stores, b"the words of a witness" * 1000)
        (home / "source").unlink()
        for path in home.rglob("*"):
            if path.is_file():
                assert b"witness" not in path.read_bytes()
        assert kept(stores, "one", blob).read_bytes() == kept(stores, "two", blob).read_bytes()

    @pytest.mark.parametrize("at", [0, 9, 16, 31, HEADER, HEADER + CHUNK, HEADER + STORED_CHUNK, -1])
    def test_a_flipped_bit_is_seen_and_the_other_copy_read(self, home: Path, at: int) -> None:
        stores, data = two(home, enough=2, encrypt=True), os.urandom(2 * CHUNK + 5)
        blob = put(stores, data)
        flip(kept(stores, "one", blob), at)
        with pytest.raises(Damaged):
            stores.open_in("one", blob.sha256).read()
        assert stores.open(blob.sha256).read() == data

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_no_rearrangement_of_chunks_passes(self, data: Any) -> None:
        """Chunks cut off, swapped, repeated, appended, or of another blob."""
        cipher = BlobCipher.new(new_key())
        count = data.draw(st.integers(1, 4))
        plain = [bytes([n]) * CHUNK for n in range(count - 1)] + [b"end"]
        chunks = [bytes(cipher.encrypt(n, p, last=n == count - 1)) for n, p in enumerate(plain)]
        order = data.draw(st.lists(st.integers(0, count - 1), max_size=5))
        stored = cipher.header + b"".join(chunks[n] for n in order)
        if order == list(range(count)):
            assert DecryptingReader(_Held(stored), cipher).read() == b"".join(plain)
        else:
            with pytest.raises(Damaged):
                DecryptingReader(_Held(stored), cipher).read()

    def test_another_blobs_bytes(self, home: Path) -> None:
        stores = two(home, encrypt=True)
        one, other = put(stores, b"a recording"), put(stores, b"another one")
        kept(stores, "one", one).unlink()
        target = stores.first.path(one.sha256 + ".aes")
        target.write_bytes(kept(stores, "one", other).read_bytes())
        with pytest.raises(Damaged, match="another blob's"):
            stores.open(one.sha256)

    def test_an_erased_key_ends_every_copy(self, home: Path) -> None:
        stores = two(home, enough=2, encrypt=True)
        blob = put(stores, b"to be disposed of")
        assert keys.erase(blob.sha256) == 1
        with pytest.raises(Damaged, match="the key was erased"):
            stores.open(blob.sha256)
        put(stores, b"to be disposed of")
        assert stores.open(blob.sha256).read() == b"to be disposed of", "brought in again, under a new key"

    def test_a_missing_master_key_is_no_new_one(self, home: Path) -> None:
        stores = two(home, encrypt=True)
        blob = put(stores, b"a recording")
        (master,) = keys.masters()
        assert master.stat().st_mode & 0o077 == 0
        key = master.read_bytes()
        master.unlink()
        keys._master.cache_clear()
        with pytest.raises(Unavailable, match="The master key .* is not there"):
            stores.open(blob.sha256)
        with pytest.raises(Unavailable, match="restore keys/master"):
            put(stores, b"another")
        master.write_bytes(key)
        assert stores.open(blob.sha256).read() == b"a recording"

    def test_a_folder_where_no_master_key_can_be_made(self, home: Path) -> None:
        """As under another user's `keys`: refused in plain words, and nothing is left behind."""
        (home / "keys").write_text("no folder")
        stores = two(home, encrypt=True)
        with pytest.raises(Unavailable, match="The master key of the stores cannot be made in .*keys/master"):
            put(stores, b"a recording")
        assert not list(stores.digests()) and not list((home / "one").glob("staging/*"))

    def test_bytes_are_never_put_inside_a_change(self, home: Path) -> None:
        stores = two(home, encrypt=True)
        with pytest.raises(HouseRule, match="before the change"), change(UNIT_ADDED, by=system("test")):
            put(stores, b"a recording")

    def test_what_was_plain_stays_readable(self, home: Path) -> None:
        blob = put(two(home), b"from before")
        assert two(home, encrypt=True).open(blob.sha256).read() == b"from before"


class _Held(Reader):
    """Bytes in memory."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data, self.size = data, len(data)

    def pread(self, count: int, at: int) -> bytes:
        return self.data[at : at + count]


class _Slow(_Held):
    """Answers short, and notes what it was asked."""

    def pread(self, count: int, at: int) -> bytes:
        return super().pread(min(count, 1000), at)


class _Gone(_Held):
    """Fails after the beginning."""

    def pread(self, count: int, at: int) -> bytes:
        if at > 1000:
            raise Unavailable("The store went away.")
        return super().pread(count, at)


class TestTheChildAsks:
    """The walled child gets ranges of one blob, and nothing else."""

    def test_short_answers_are_put_together(self, home: Path) -> None:
        clip = video(home / "clip.mp4", range(0, 400, 40))
        with clip.open("rb") as file:
            assert child.read_media("probe", _Slow(clip.read_bytes())) == child.read_media("probe", file)

    def test_a_store_that_goes_away_is_no_fault_of_the_recording(self, home: Path) -> None:
        clip = video(home / "clip.mp4", range(0, 4000, 40))
        with pytest.raises(Unavailable, match="The store went away."):
            child.read_media("filmstrip", _Gone(clip.read_bytes()), {"picture": home / "strip.jpg"})
        assert not (home / "strip.jpg").exists()

    @pytest.mark.parametrize(
        "program",
        [
            # Asks, and never listens.
            "[os.write(wish['source']['ask'], b'\\0' * 8 + b'\\xff' * 4) for _ in range(5000)]; time.sleep(60)",
            # Asks beyond the end, for ever.
            "[os.write(wish['source']['ask'], b'\\xff' * 12) for _ in range(5000)]; time.sleep(60)",
            # Asks for half a range.
            "os.write(wish['source']['ask'], b'123'); time.sleep(60)",
            # Hangs up.
            "os.close(wish['source']['ask']); os.close(wish['source']['answer']); time.sleep(60)",
        ],
    )
    def test_a_hostile_child_keeps_nobody_waiting(
        self, monkeypatch: pytest.MonkeyPatch, program: str
    ) -> None:
        monkeypatch.setattr(
            child, "_PROGRAM", f"import json, os, sys, time; wish = json.loads(sys.argv[2]); {program}"
        )
        limits = child.Limits(seconds=2)
        before = len(list(Path("/proc/self/fd").iterdir()))
        with pytest.raises(child.MediaRefused) as refusal:
            child.read_media("probe", _Held(bytes(3_000_000)), limits=limits)
        assert refusal.value.reason_code == "timeout"
        assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_settings_name_stores(home: Path, settings: Any) -> None:
    assert [store.place for store in blobs.store().all] == [str(home / "blobs")]
    settings.FAIRWITNESS_STORES = f"here={home}/a there={home}/b"
    assert [(store.name, store.place) for store in blobs.store().all] == [
        ("here", f"{home}/a"),
        ("there", f"{home}/b"),
    ]
    for wrong in ("here", "=x", "a b=/x", f"a={home}/a a={home}/b"):
        settings.FAIRWITNESS_STORES = wrong
        with pytest.raises(Invalid, match="FAIRWITNESS_STORES"):
            blobs.store()
    settings.FAIRWITNESS_STORES, settings.FAIRWITNESS_COPIES = "", 2
    with pytest.raises(Invalid, match="FAIRWITNESS_COPIES"):
        blobs.store()


def test_many_at_once_keep_one(home: Path) -> None:
    stores, data, done = two(home, enough=2), os.urandom(2_000_000), list[Blob]()

    def one(number: int) -> None:
        path = home / f"source-{number}"
        path.write_bytes(data)
        with path.open("rb") as file:
            done.append(stores.put(file))

    threads = [threading.Thread(target=one, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {blob.copies for blob in done} == {("one", "two")}
    assert len(list(stores.digests())) == 1


def test_killed_between_key_and_name(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that no bytes came to use is left over; the same bytes, brought again, are kept and read."""
    stores, data = two(home, enough=2, encrypt=True), os.urandom(CHUNK + 5)

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Stores, "_spread", die)
        with pytest.raises(KeyboardInterrupt):
            put(stores, data)
    assert BlobKey.objects.count() == 1 and not list(stores.digests())
    blob = put(stores, data)
    assert BlobKey.objects.filter(sha256=blob.sha256).count() == 2
    with stores.open(blob.sha256) as file:
        assert file.read() == data


def test_an_answer_that_was_lost_loses_no_key(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store took the bytes, its answer was lost, and asked again it says that it has them: under our key."""
    stores, data, take = two(home, encrypt=True), os.urandom(CHUNK + 5), FileStore.take

    def asked_twice(store: FileStore, staged: Any) -> bool:
        take(store, staged)
        return take(store, staged)

    with monkeypatch.context() as losing:
        losing.setattr(FileStore, "take", asked_twice)
        blob = put(stores, data)
    with stores.open(blob.sha256) as file:
        assert file.read() == data
