"""The contract of the blob store: bytes named by what was stored, whole or absent, durable when it says so."""

import errno
import hashlib
import multiprocessing
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwitness.kernel import blobs
from fairwitness.kernel.blobs import Blob, FileStore
from fairwitness.kernel.refusals import Invalid, NotFound, StoreFull, Unavailable


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "blobs")


def put(store: FileStore, data: bytes, source: Path | None = None) -> Blob:
    path = source or store.root.parent / "source"
    path.write_bytes(data)
    with path.open("rb") as file:
        return store.put(file)


def files(store: FileStore) -> list[Path]:
    return [p for p in store.root.rglob("*") if p.is_file()]


def test_it_works(store: FileStore) -> None:
    blob = put(store, b"a recording")
    assert blob == Blob(hashlib.sha256(b"a recording").hexdigest(), 11, was_there=False, copies=("main",))
    with store.open(blob.sha256) as file:
        assert file.read() == b"a recording"
    assert store.holds(blob.sha256)
    assert list(store.digests()) == [blob.sha256]
    assert files(store) == [store.path(blob.sha256)], "nothing else is left"
    assert stat.S_IMODE(store.path(blob.sha256).stat().st_mode) == 0o444


def test_the_same_bytes_are_kept_once(store: FileStore) -> None:
    first = put(store, b"same")
    before = store.path(first.sha256).stat()
    assert put(store, b"same") == Blob(first.sha256, 4, was_there=True, copies=("main",))
    assert store.path(first.sha256).stat() == before
    assert len(files(store)) == 1


@pytest.mark.parametrize(
    "size", [0, 1, blobs.HASH_STEP - 1, blobs.HASH_STEP, blobs.HASH_STEP + 1, blobs.COPY_STEP + 1]
)
def test_every_size_is_kept_whole(store: FileStore, size: int) -> None:
    data = os.urandom(size)
    blob = put(store, data)
    assert (blob.sha256, blob.size) == (hashlib.sha256(data).hexdigest(), size)


def test_it_stores_from_where_the_source_stands(store: FileStore) -> None:
    path = store.root.parent / "source"
    path.write_bytes(b"headbody")
    with path.open("rb", buffering=0) as file:
        file.seek(4)
        assert store.put(file).sha256 == hashlib.sha256(b"body").hexdigest()


def test_a_pipe_and_a_file_of_the_kernel_are_stored_too(store: FileStore) -> None:
    """Where the kernel cannot copy by itself, or says 0 although there are bytes."""
    read, write = os.pipe()
    os.write(write, b"through a pipe")
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        assert store.put(pipe).size == 14
    with Path("/proc/self/status").open("rb") as file:
        assert store.put(file).size > 100


def test_progress_is_told_in_steps(store: FileStore) -> None:
    path, steps = store.root.parent / "source", list[int]()
    path.write_bytes(bytes(2 * blobs.COPY_STEP + 5))
    with path.open("rb") as file:
        store.put(file, steps.append)
    assert sum(steps) == 2 * blobs.COPY_STEP + 5
    assert len(steps) >= 3


@pytest.mark.parametrize("name", ["", "x" * 64, "A" * 64, "../" * 21 + "x", "ab" * 31, "é" * 64])
def test_what_is_no_digest_is_refused(store: FileStore, name: str) -> None:
    for ask in (store.open, store.holds, store.path):
        with pytest.raises(Invalid):
            ask(name)


def test_what_is_not_there_is_not_found(store: FileStore) -> None:
    with pytest.raises(NotFound):
        store.open("0" * 64)
    assert not store.holds("0" * 64)
    assert list(store.digests()) == []


def test_read_only_reads_alone(store: FileStore) -> None:
    blob = put(store, b"kept")
    closed = FileStore(store.root, read_only=True)
    with pytest.raises(Unavailable, match="read only"):
        put(closed, b"new")
    assert closed.open(blob.sha256).read() == b"kept"
    assert list(closed.digests()) == [blob.sha256]


class TestWhatIsStoredCounts:
    """The digest is that of the bytes on the disk, whatever the source was or became."""

    def test_a_source_that_changes_under_the_copy(
        self, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = store.root.parent / "source"
        path.write_bytes(bytes(3 * blobs.COPY_STEP))
        copy = os.copy_file_range

        def and_then_the_source_changes(source: int, target: int, count: int) -> int:
            copied = copy(source, target, count)
            with path.open("r+b") as file:
                file.write(b"x" * 3 * blobs.COPY_STEP)
            return copied

        monkeypatch.setattr(os, "copy_file_range", and_then_the_source_changes)
        with path.open("rb") as file:
            blob = store.put(file)
        stored = store.open(blob.sha256).read()
        assert hashlib.sha256(stored).hexdigest() == blob.sha256
        assert blob.sha256 != hashlib.sha256(path.read_bytes()).hexdigest()

    def test_bytes_that_are_damaged_on_their_way_to_the_disk(
        self, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def no_copy(source: int, target: int, count: int) -> int:
            raise OSError(errno.EXDEV, "other file systems")

        write = os.write
        monkeypatch.setattr(os, "copy_file_range", no_copy)
        monkeypatch.setattr(os, "write", lambda target, data: write(target, bytes(b ^ 1 for b in data)))
        path = store.root.parent / "source"
        path.write_bytes(b"a recording")
        with path.open("rb") as file:
            blob = store.put(file)
        assert blob.sha256 == hashlib.sha256(bytes(b ^ 1 for b in b"a recording")).hexdigest()
        assert store.path(blob.sha256).read_bytes() == bytes(b ^ 1 for b in b"a recording")


class TestDurable:
    """When `put` returns, the bytes are on disk, and so is every name on the way to them."""

    @pytest.fixture
    def synced(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        said: list[str] = []
        fsync, link = os.fsync, os.link

        def noted_sync(descriptor: int) -> None:
            said.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
            fsync(descriptor)

        def noted_link(source: Path, target: Path) -> None:
            said.append("link")
            link(source, target)

        monkeypatch.setattr(os, "fsync", noted_sync)
        monkeypatch.setattr(os, "link", noted_link)
        yield said

    def test_bytes_before_their_name_and_every_folder_after(
        self, store: FileStore, synced: list[str]
    ) -> None:
        final = store.path(put(store, b"new").sha256)
        assert synced[0] == str(store.root.parent), "the store's own name, when it is made"
        assert synced[1].endswith(".part")
        assert synced[2:] == ["link", *map(str, (final.parent, final.parent.parent, store.root))]

    def test_folders_that_somebody_else_made_a_moment_ago(self, store: FileStore, synced: list[str]) -> None:
        """Who made them may be killed before syncing them; ours must not be lost with theirs."""
        digest = hashlib.sha256(b"new").hexdigest()
        store.path(digest).parent.mkdir(parents=True)
        put(store, b"new")
        assert {str(store.root), str(store.path(digest).parent.parent)} <= set(synced)

    def test_bytes_that_were_there_are_synced_too(self, store: FileStore, synced: list[str]) -> None:
        final = store.path(put(store, b"same").sha256)
        synced.clear()
        put(store, b"same")
        assert str(final.parent) in synced


class TestRefusals:
    """What the disk refuses leaves nothing behind."""

    @pytest.mark.parametrize(
        ("number", "refusal"),
        [
            (errno.ENOSPC, StoreFull),
            (errno.EDQUOT, StoreFull),
            (errno.EFBIG, StoreFull),
            (errno.EIO, Unavailable),
        ],
    )
    @pytest.mark.parametrize("functions", [("copy_file_range", "write"), ("fsync",), ("link",), ("fchmod",)])
    def test_at_every_call(
        self,
        store: FileStore,
        monkeypatch: pytest.MonkeyPatch,
        functions: tuple[str, ...],
        number: int,
        refusal: type[Exception],
    ) -> None:
        put(store, b"earlier")

        def refuse(*words: object) -> None:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patched:
            for function in functions:
                patched.setattr(os, function, refuse)
            with pytest.raises(refusal, match="[Tt]he original is untouched"):
                put(store, b"a recording")
        left = [p for p in files(store) if p != store.path(hashlib.sha256(b"earlier").hexdigest())]
        # Whoever is refused while names are synced has a whole blob, which the next try finds.
        assert all(hashlib.sha256(p.read_bytes()).hexdigest() == p.name for p in left)
        assert not list((store.root / "staging").iterdir())
        assert put(store, b"a recording").size == 11

    def test_a_source_that_cannot_be_read_is_not_the_stores_fault(self, store: FileStore) -> None:
        """A real one: the first page of a process is never mapped, and reading it is an input/output error."""
        with (
            Path("/proc/self/mem").open("rb") as file,
            pytest.raises(blobs.SourceUnreadable, match="It cannot be read: Input/output error."),
        ):
            store.put(file)
        assert files(store) == []

    def test_a_source_that_breaks_off_is_not_kept_half(
        self, store: FileStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A damaged sector in the middle: the kernel copies up to it, then neither copies nor reads."""
        copy, calls = os.copy_file_range, list[int]()

        def refuse(*words: object) -> int:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

        def copy_once(source: int, target: int, count: int) -> int:
            calls.append(count)
            return copy(source, target, count) if len(calls) == 1 else refuse()

        path = store.root.parent / "source"
        path.write_bytes(bytes(blobs.COPY_STEP + 5))
        monkeypatch.setattr(os, "copy_file_range", copy_once)
        monkeypatch.setattr(os, "readv", refuse)
        with path.open("rb") as file, pytest.raises(blobs.SourceUnreadable):
            store.put(file)
        assert len(calls) == 2
        assert files(store) == []

    def test_a_limit_on_the_size_of_files(self, store: FileStore) -> None:
        """A real one, set by the kernel, in a process of its own."""
        program = (
            "import resource, sys; from pathlib import Path; from fairwitness.kernel import blobs, refusals\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
            "store = blobs.FileStore(Path(sys.argv[1]))\n"
            "try: store.put(open(sys.argv[2], 'rb'))\n"
            "except refusals.StoreFull as refusal: print(refusal)\n"
        )
        source = store.root.parent / "source"
        source.write_bytes(bytes(200_000))
        done = subprocess.run(
            [sys.executable, "-c", program, store.root, source], capture_output=True, text=True, check=True
        )
        assert done.stdout.startswith("The store of recordings is full.")
        assert files(store) == []
        assert source.stat().st_size == 200_000

    def test_an_error_while_hashing(self, store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
        def refuse(*words: object) -> None:
            raise OSError(errno.EIO, "the disk does not read")

        monkeypatch.setattr(os, "preadv", refuse)
        with pytest.raises(Unavailable, match="the disk does not read"):
            put(store, b"a recording")
        assert files(store) == []


class TestMany:
    """The same bytes from several sides at once."""

    def test_eight_threads(self, store: FileStore) -> None:
        data, done, start = os.urandom(3_000_000), list[Blob](), threading.Barrier(8)

        def one(number: int) -> None:
            start.wait()
            done.append(put(store, data, store.root.parent / f"source-{number}"))

        threads = [threading.Thread(target=one, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        digest = hashlib.sha256(data).hexdigest()
        assert [blob.sha256 for blob in done] == [digest] * 8
        assert sum(not blob.was_there for blob in done) == 1
        assert files(store) == [store.path(digest)]

    def test_eight_processes(self, store: FileStore) -> None:
        data = os.urandom(300_000)
        with multiprocessing.get_context("forkserver").Pool(8) as pool:
            done = pool.starmap(
                _put_in_a_process, [(store.root, data, number) for number in range(8)], chunksize=1
            )
        assert {blob.sha256 for blob in done} == {hashlib.sha256(data).hexdigest()}
        assert sum(not blob.was_there for blob in done) == 1
        assert len(files(store)) == 1


def _put_in_a_process(root: Path, data: bytes, number: int) -> Blob:
    return put(FileStore(root), data, root.parent / f"source-{number}")


class TestSweep:
    """What killed processes left goes; what is still being written stays."""

    def left(self, store: FileStore, name: str, seconds_ago: float) -> Path:
        part = store.root / "staging" / name
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(b"half")
        os.utime(part, (time.time() - seconds_ago,) * 2)
        return part

    def test_it_works(self, store: FileStore) -> None:
        blob = put(store, b"whole")
        part = self.left(store, "left.part", 3600)
        assert store.sweep_staging() == 1
        assert not part.exists()
        assert store.holds(blob.sha256)

    def test_a_young_one_stays(self, store: FileStore) -> None:
        part = self.left(store, "young.part", 5)
        assert store.sweep_staging() == 0
        assert part.exists()

    def test_one_that_is_being_written_stays(self, store: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
        """Asked in the middle of a put that has already lasted an hour."""
        swept: list[int] = []
        chmod = os.fchmod

        def an_hour_later(descriptor: int, mode: int) -> None:
            os.utime(descriptor, (time.time() - 3600,) * 2)
            swept.append(store.sweep_staging())
            chmod(descriptor, mode)

        monkeypatch.setattr(os, "fchmod", an_hour_later)
        assert store.holds(put(store, b"whole").sha256)
        assert swept == [0]

    def test_an_empty_store_has_nothing_to_sweep(self, store: FileStore) -> None:
        assert store.sweep_staging() == 0
        assert not store.root.exists()


@pytest.mark.slow
def test_memory_stays_flat(tmp_path: Path) -> None:
    """300 MiB take no more memory than 1 MiB does, give or take 16 MiB."""
    program = (
        "import os, resource, sys; from pathlib import Path; from fairwitness.kernel import blobs\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "if sys.argv[3] == 'read':\n"
        "    def no_copy(*words): raise OSError(18, 'other file systems')\n"
        "    os.copy_file_range = no_copy\n"
        "blobs.FileStore(Path(sys.argv[1])).put(open(sys.argv[2], 'rb'))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    source = tmp_path / "source"
    with source.open("wb") as file:
        file.truncate(300 * 2**20)
    for how in ("copy", "read"):
        done = subprocess.run(
            [sys.executable, "-c", program, tmp_path / how, source, how],
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(done.stdout) < 16 * 1024, "KiB"
