"""Blobs: bytes named by their SHA-256, written once, never changed, behind one small interface.

A blob is on disk, file and folder synced, before any change names it; it goes only after the change that lets it go.
"""

import contextlib
import errno
import fcntl
import hashlib
import io
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Invalid, NotFound, StoreFull, Unavailable

COPY_STEP = 8 * 1024 * 1024
# Small enough to stay in the processor's cache; larger buffers measured slower.
HASH_STEP = 256 * 1024
YOUNG = 60  # seconds
SHA256 = re.compile(r"[0-9a-f]{64}")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class Blob:
    """What a store says of bytes it holds: lower-case hex SHA-256 of the stored bytes, size in bytes."""

    sha256: str
    size: int
    was_there: bool


class SourceUnreadable(Invalid):
    """What was to be stored cannot be read to its end; the store itself is well."""


class FileStore:
    """A folder of blobs: `ab/cd/<sha256>`, mode 0444, with a staging folder on the same file system."""

    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.root = root
        self.read_only = read_only

    def put(self, source: BinaryIO, progress: Callable[[int], None] | None = None) -> Blob:
        """Store the bytes of `source` from its present position to its end.

        The digest is computed from the stored bytes, not from the source. When it returns, bytes and folder are
        synced. `progress` is called with the number of bytes of each step. Raises SourceUnreadable where the source
        fails, StoreFull or Unavailable where the store does; then nothing is left behind, the source is untouched.
        """
        if self.read_only:
            raise Unavailable("The store of recordings is set to read only; nothing was taken in.")
        try:
            staged = self._staging() / f"{new_id()}.part"
            try:
                digest, size = _write(source.fileno(), staged, progress)
                return Blob(digest, size, self._settle(staged, digest))
            finally:
                staged.unlink(missing_ok=True)
        except OSError as error:
            raise _refusal(error) from error

    def _settle(self, staged: Path, digest: str) -> bool:
        """Give the staged bytes their name; True when they already had it."""
        final = self.path(digest)
        for folder in (final.parent.parent, final.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        was_there = False
        try:
            os.link(staged, final)
        except FileExistsError:
            was_there = True
        # Every time and all of them: who made a folder may not have come to sync it when we find it there.
        for folder in (final.parent, final.parent.parent, self.root):
            sync_folder(folder)
        return was_there

    def open(self, digest: str) -> io.BufferedReader:
        """The blob's bytes, for reading. Raises NotFound when the store does not hold it."""
        try:
            return self.path(digest).open("rb")
        except FileNotFoundError as error:
            raise NotFound("The store does not hold these bytes.") from error

    def holds(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def path(self, digest: str) -> Path:
        """Where the blob lies, whether or not it is there. Raises Invalid for what is no digest."""
        if not SHA256.fullmatch(digest):
            raise Invalid("That is not a SHA-256 in lower-case hex.")
        return self.root / digest[:2] / digest[2:4] / digest

    def _staging(self) -> Path:
        folder = self.root / "staging"
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            sync_folder(self.root.parent)
        return folder

    def sweep_staging(self) -> int:
        """Remove what killed processes left half-written; what is still being written is left alone. Returns how many."""
        swept = 0
        for part in (self.root / "staging").glob("*.part"):
            with contextlib.suppress(FileNotFoundError), part.open("rb") as file:
                try:
                    _lock(file.fileno())
                except BlockingIOError:
                    continue
                # Between its making and its locking, for less than a minute, a part is nobody's and yet not left.
                if time.time() - os.fstat(file.fileno()).st_mtime > YOUNG:
                    part.unlink()
                    swept += 1
        return swept

    def digests(self) -> Iterator[str]:
        """Every digest the store holds, in order."""
        for folder in sorted(p for p in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]") if p.is_dir()):
            yield from sorted(p.name for p in folder.iterdir() if SHA256.fullmatch(p.name))


def store() -> FileStore:
    """The store that the settings name."""
    return FileStore(settings.FAIRWITNESS_HOME / "blobs", read_only=settings.FAIRWITNESS_STORE_READ_ONLY)


def digest_of(file: io.BufferedReader) -> str:
    """SHA-256 of a file from its present position, in lower-case hex."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, as fsync of a file makes its bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _write(source: int, staged: Path, progress: Callable[[int], None] | None) -> tuple[str, int]:
    """Copy, and let a second thread hash the stored bytes right behind, so that fsync overlaps the last hashing."""
    target = os.open(staged, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        _lock(target)
        trail = _Trail(target)
        try:
            size = _copy(source, target, trail, progress)
            os.fchmod(target, 0o444)
            os.fsync(target)
        finally:
            trail.finish()
        return trail.digest(), size
    finally:
        os.close(target)


def _copy(source: int, target: int, trail: "_Trail", progress: Callable[[int], None] | None) -> int:
    size, in_kernel = 0, True
    while True:
        try:
            count = os.copy_file_range(source, target, COPY_STEP) if in_kernel else _copy_step(source, target)
        except OSError as error:
            # Across file systems, or from a pipe, the kernel cannot copy by itself; reading and writing can, and they
            # tell which of the two sides is damaged.
            if not in_kernel or error.errno in NO_ROOM:
                raise
            in_kernel = False
            continue
        if in_kernel and count == 0 and size == 0:
            # Some file systems (such as /proc) answer 0 although there are bytes; ask again by reading.
            in_kernel = False
            continue
        if count == 0:
            return size
        size += count
        trail.advance(size)
        if progress:
            progress(count)


def _copy_step(source: int, target: int) -> int:
    try:
        data = os.read(source, HASH_STEP)
    except OSError as error:
        raise SourceUnreadable(f"It cannot be read: {error.strerror}.") from error
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]
    return len(data)


class _Trail:
    """A thread that hashes a file as far as it has been written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._hash = hashlib.sha256()
        self._written = 0
        self._done = False
        self._error: OSError | None = None
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._follow, name="hash", daemon=True)
        self._thread.start()

    def advance(self, written: int) -> None:
        with self._more:
            self._written = written
            self._more.notify()

    def finish(self) -> None:
        with self._more:
            self._done = True
            self._more.notify()
        self._thread.join()

    def digest(self) -> str:
        if self._error:
            raise self._error
        return self._hash.hexdigest()

    def _follow(self) -> None:
        buffer = bytearray(HASH_STEP)
        view, at = memoryview(buffer), 0
        try:
            while True:
                with self._more:
                    while at == self._written and not self._done:
                        self._more.wait()
                    upto = self._written
                if at == upto:
                    return
                while at < upto:
                    count = os.preadv(self._descriptor, [view[: min(HASH_STEP, upto - at)]], at)
                    if count == 0:
                        raise OSError(errno.EIO, "the stored file ended early")
                    self._hash.update(view[:count])
                    at += count
        except OSError as error:
            self._error = error


def _refusal(error: OSError) -> Exception:
    if error.errno in NO_ROOM:
        return StoreFull("The store of recordings is full. Nothing was kept half; the original is untouched.")
    return Unavailable(
        f"The store of recordings did not take the bytes: {error.strerror}. The original is untouched."
    )
