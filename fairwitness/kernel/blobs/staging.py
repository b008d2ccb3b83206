"""Staging: bytes are copied, or encrypted, into a file of ours while a second thread hashes what was really stored."""

import contextlib
import errno
import fcntl
import functools
import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from fairwitness.kernel.blobs.blob import (
    ENCRYPTED,
    HASH_STEP,
    NO_ROOM,
    Damaged,
    Reader,
    SourceUnreadable,
    Staged,
    sync_folder,
)
from fairwitness.kernel.blobs.encrypted import CHUNK, HEADER, STORED_CHUNK, BlobCipher
from fairwitness.kernel.ids import new_id

COPY_STEP = 8 * 1024 * 1024
YOUNG = 60  # seconds
Progress = Callable[[int], None]


@contextmanager
def staged(
    folder: Path, source: BinaryIO, progress: Progress | None = None, cipher: BlobCipher | None = None
) -> Iterator[Staged]:
    """The bytes of `source`, from its position to its end, staged in `folder` until the block ends.

    The digest is that of the stored bytes (decrypted again where they are encrypted), not of the source. Raises
    SourceUnreadable where the source fails, OSError where the disk does; nothing is left behind.
    """
    path = _staging(folder) / f"{new_id()}.part"
    try:
        digest, size = _write(source.fileno(), path, progress, cipher)
        yield Staged(path, digest, size, digest + (ENCRYPTED if cipher else ""))
    finally:
        path.unlink(missing_ok=True)


@contextmanager
def staged_copy(folder: Path, raw: Reader, digest: str, size: int, name: str) -> Iterator[Staged]:
    """What a store keeps under `name`, byte for byte, staged for another store. The caller verifies it."""
    path = _staging(folder) / f"{new_id()}.part"
    try:
        with path.open("xb") as file:
            lock(file.fileno())
            at = 0
            while part := raw.pread(COPY_STEP, at):
                file.write(part)
                at += len(part)
            os.fchmod(file.fileno(), 0o444)
            file.flush()
            os.fsync(file.fileno())
            yield Staged(path, digest, size, name)
    finally:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> int:
    """Remove what killed processes left half-written; what is still being written is left alone. Returns how many."""
    swept = 0
    for part in folder.glob("*.part"):
        with contextlib.suppress(FileNotFoundError), part.open("rb") as file:
            try:
                lock(file.fileno())
            except BlockingIOError:
                continue
            # Between its making and its locking, for less than a minute, a part is nobody's and yet not left.
            if time.time() - os.fstat(file.fileno()).st_mtime > YOUNG:
                part.unlink()
                swept += 1
    return swept


def lock(descriptor: int) -> None:
    """Hold a staged file, so that sweeping leaves it. Raises BlockingIOError where somebody else does."""
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _staging(folder: Path) -> Path:
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        sync_folder(folder.parent.parent)
    return folder


def _write(source: int, path: Path, progress: Progress | None, cipher: BlobCipher | None) -> tuple[str, int]:
    """Copy, and let a second thread hash the stored bytes right behind, so that fsync overlaps the last hashing."""
    target = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        lock(target)
        trail = _DecryptingTrail(target, cipher) if cipher else _Trail(target)
        try:
            write = functools.partial(_encrypt, cipher) if cipher else _copy
            size = write(source, target, trail, progress)
            os.fchmod(target, 0o444)
            os.fsync(target)
        finally:
            trail.finish()
        return trail.digest(), size
    finally:
        os.close(target)


def _copy(source: int, target: int, trail: "_Trail", progress: Progress | None) -> int:
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
    data = _read(source, HASH_STEP)
    _write_all(target, data)
    return len(data)


def _read(source: int, count: int) -> bytes:
    try:
        return os.read(source, count)
    except OSError as error:
        raise SourceUnreadable(f"It cannot be read: {error.strerror}.") from error


def _write_all(target: int, data: bytes | bytearray | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


def _encrypt(cipher: BlobCipher, source: int, target: int, trail: "_Trail", progress: Progress | None) -> int:
    """Header, then each chunk as it comes; the last is marked as such, so one chunk is always read ahead."""
    _write_all(target, cipher.header)
    size, index, data = 0, 0, _read_chunk(source)
    while True:
        ahead = _read_chunk(source) if len(data) == CHUNK else b""
        _write_all(target, cipher.encrypt(index, data, last=not ahead))
        size += len(data)
        trail.advance(size, last=not ahead)
        if progress:
            progress(len(data))
        if not ahead:
            return size
        index, data = index + 1, ahead


def _read_chunk(source: int) -> bytes:
    data = _read(source, CHUNK)
    while data and len(data) < CHUNK and (more := _read(source, CHUNK - len(data))):
        data += more
    return data


class _Trail:
    """A thread that hashes a file as far as it has been written."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._hash = hashlib.sha256()
        self._written = 0
        self._end = -1
        self._done = False
        self._error: Exception | None = None
        self._more = threading.Condition()
        self._view = memoryview(bytearray(HASH_STEP))
        self._thread = threading.Thread(target=self._follow, name="hash", daemon=True)
        self._thread.start()

    def advance(self, written: int, *, last: bool = False) -> None:
        with self._more:
            self._written = written
            if last:
                self._end = written
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
        at = 0
        try:
            while True:
                with self._more:
                    while at == self._written and not self._done:
                        self._more.wait()
                    upto = self._written
                if at == upto:
                    return
                while at < upto:
                    at += self._take(at, upto)
        except (OSError, Damaged) as error:
            self._error = error

    def _take(self, at: int, upto: int) -> int:
        """Hash what was written at `at`; how many bytes that was."""
        count = os.preadv(self._descriptor, [self._view[: min(HASH_STEP, upto - at)]], at)
        if count == 0:
            raise OSError(errno.EIO, "the stored file ended early")
        self._hash.update(self._view[:count])
        return count


class _DecryptingTrail(_Trail):
    """The same for what was encrypted: positions are those of the plain bytes, which are written chunk by chunk."""

    def __init__(self, descriptor: int, cipher: BlobCipher) -> None:
        self._cipher = cipher
        super().__init__(descriptor)

    def _take(self, at: int, upto: int) -> int:
        index, count = at // CHUNK, min(CHUNK, upto - at)
        stored = os.pread(self._descriptor, STORED_CHUNK - CHUNK + count, HEADER + index * STORED_CHUNK)
        self._hash.update(self._cipher.decrypt(index, stored, last=at + count == self._end))
        return count
