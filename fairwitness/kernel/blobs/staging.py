"""Staging: bytes are copied, or encrypted, into a file of ours while a second thread hashes what was really stored."""

import contextlib
import ctypes
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
WRITE_BACK = 4 * 1024 * 1024
SYNC_FILE_RANGE_WRITE = 2  # sync_file_range(2)
_sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None)
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


class WriteBack:
    """Sends what is written to the disk at a steady rhythm, so that little is left to wait for when it is synced."""

    def __init__(self, descriptor: int, start: int = 0) -> None:
        self._descriptor, self._sent = descriptor, start

    def upto(self, at: int) -> bool:
        """Begin to write what lies before `at`, where it is enough by now; answers whether it was. Never waits."""
        if at - self._sent < WRITE_BACK:
            return False
        if (
            _sync_file_range is not None
        ):  # where the system has no such call, the sync at the end does all of it
            start, count = ctypes.c_int64(self._sent), ctypes.c_int64(at - self._sent)
            _sync_file_range(self._descriptor, start, count, SYNC_FILE_RANGE_WRITE)
        self._sent = at
        return True


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
    size, in_kernel, write_back = 0, True, WriteBack(target)
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
        write_back.upto(size)
        trail.advance(size)
        if progress:
            progress(count)


def _copy_step(source: int, target: int) -> int:
    data = memoryview(bytearray(HASH_STEP))
    count = _read_into(source, data)
    _write_all(target, data[:count])
    return count


def _read_into(source: int, buffer: memoryview) -> int:
    try:
        return os.readv(source, [buffer])
    except OSError as error:
        raise SourceUnreadable(f"It cannot be read: {error.strerror}.") from error


def _write_all(target: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(target, view) :]


def _encrypt(cipher: BlobCipher, source: int, target: int, trail: "_Trail", progress: Progress | None) -> int:
    """Header, then each chunk as it comes; the last is marked as such, so one chunk is always read ahead."""
    _write_all(target, cipher.header)
    buffer, other = memoryview(bytearray(CHUNK)), memoryview(bytearray(CHUNK))
    size, index, data, write_back = 0, 0, _read_chunk(source, buffer), WriteBack(target)
    while True:
        ahead = _read_chunk(source, other) if len(data) == CHUNK else other[:0]
        _write_all(target, cipher.encrypt(index, data, last=not ahead))
        size += len(data)
        write_back.upto(size)
        trail.advance(size, last=not ahead)
        if progress:
            progress(len(data))
        if not ahead:
            return size
        index, data = index + 1, ahead
        buffer, other = other, buffer


def _read_chunk(source: int, buffer: memoryview) -> memoryview:
    """As much of a chunk as there is, in the buffer."""
    count = 0
    while count < CHUNK and (more := _read_into(source, buffer[count:])):
        count += more
    return buffer[:count]


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
        self._stored, self._plain = memoryview(bytearray(STORED_CHUNK)), memoryview(bytearray(CHUNK))
        super().__init__(descriptor)

    def _take(self, at: int, upto: int) -> int:
        index, count = at // CHUNK, min(CHUNK, upto - at)
        stored = self._stored[: STORED_CHUNK - CHUNK + count]
        got = os.preadv(self._descriptor, [stored], HEADER + index * STORED_CHUNK)
        plain = self._plain[:count]
        self._cipher.decrypt_into(index, stored[:got], plain, last=at + count == self._end)
        self._hash.update(plain)
        return count
