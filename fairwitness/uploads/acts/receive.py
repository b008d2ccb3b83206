"""Receiving a piece: what an offset acknowledges is on disk, in file and in database, before it is answered."""

import contextlib
import ctypes
import fcntl
import hashlib
import hmac
import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs.blob import NO_ROOM
from fairwitness.kernel.refusals import Gone, Refusal, StoreFull, TooMany, Unavailable
from fairwitness.uploads.acts import staged, watch
from fairwitness.uploads.acts.announce import finish_upload
from fairwitness.uploads.acts.follow import Follower, follower, forget
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Progress, Upload

STEP = 256 * 1024
# Written pages are sent to the disk at this rhythm, so that little is left to wait for at the end of a piece.
WRITE_BACK = 4 * 1024 * 1024
SYNC_FILE_RANGE_WRITE = 2
# At so many pieces at a time the site still has threads for pages; one sender may have a few of them.
MOST_AT_ONCE, MOST_OF_ONE = 96, 8
# So long the last piece waits for the digest of the whole; where that takes longer, sealing reads the bytes instead.
DIGEST_WITHIN = 5.0  # seconds
# Writing takes turns, so that fifty docks leave the processor to the pages between them.
TURNS = threading.BoundedSemaphore(max(2, (os.cpu_count() or 2) // 2))


class WrongOffset(Refusal):
    """The piece does not begin where the upload ends (tus 1.0, PATCH)."""

    code = "wrong_offset"
    status = 409


class TooLong(Refusal):
    """More is sent than was announced (tus 1.0)."""

    code = "too_long"
    status = 413


class ChecksumMismatch(Refusal):
    """The piece does not have the checksum that came with it; nothing of it was kept (tus 1.0, checksum)."""

    code = "checksum_mismatch"
    status = 460


class StoodStill(Refusal):
    """Nothing came for too long (RFC 9110, 15.5.9)."""

    code = "stood_still"
    status = 408


@dataclass(frozen=True)
class Checksum:
    """What a piece must hash to: `algorithm` is one of ALGORITHMS."""

    algorithm: str
    digest: bytes

    ALGORITHMS = ("sha256", "sha1")


Read = Callable[[int], bytes]


def receive(
    upload_id: uuid.UUID, offset: int, length: int, read: Read, *, checksum: Checksum | None = None, by: Actor
) -> Upload:
    """Take in `length` bytes from `read` at `offset`, and finish the upload when these were its last.

    Without checksum whatever arrived of a broken-off piece is kept; with one, all or nothing. Raises WrongOffset,
    TooLong, ChecksumMismatch, staged.Busy, TooMany, StoreFull, StoodStill, Gone and what the door raises.
    """
    upload = doors.sent(by, upload_id)
    _check(upload, offset, length, offset_of(upload))
    with _place_of(by), staged.held(upload_id, make=True) as descriptor:
        # Looked at again: only from here on is nobody else writing.
        upload = doors.sent(by, upload_id)
        start = offset_of(upload)
        _check(upload, offset, length, start)
        if not doors.disk().has(length):
            watch.watch_room()
            raise StoreFull(_("There is no room for more at the moment. What came is kept."), retry_after=300)
        # What was written and never acknowledged, by whoever died over it.
        os.ftruncate(descriptor, start)
        piece = _Piece(upload_id, descriptor, start, checksum)
        _give_connection_back()
        with _watched(piece):
            piece.take(length, read)
            upto = piece.end()
        if upto < upload.size:
            return doors.sent(by, upload_id)
        digest = piece.follower.digest(upto, DIGEST_WITHIN)
        forget(upload_id)
        return finish_upload(upload_id, sha256=digest, by=by)


def offset_of(upload: Upload) -> int:
    """How far an upload came: what is acknowledged, or less where the disk has lost some of it since."""
    known = doors.offset(upload)
    return min(known, staged.size_of(upload.pk)) if upload.status == Upload.Status.ANNOUNCED else known


def finish_empty(upload: Upload, *, by: Actor) -> Upload:
    """An upload of no bytes is complete as it is announced; it will be refused, and seen."""
    with staged.held(upload.pk, make=True):
        return finish_upload(upload.pk, sha256=hashlib.sha256().hexdigest(), by=by)


def _check(upload: Upload, offset: int, length: int, start: int) -> None:
    if upload.status != Upload.Status.ANNOUNCED:
        raise Gone(_("This upload is complete; nothing more can be added to it."))
    if offset != start:
        raise WrongOffset(
            _("The upload goes on at byte {start}, not at {offset}.").format(start=start, offset=offset),
            offset=start,
        )
    if offset + length > upload.size:
        raise TooLong(_("More is sent than the {size} bytes that were announced.").format(size=upload.size))


_busy: Counter[str] = Counter()
_counting = threading.Lock()


@contextlib.contextmanager
def _place_of(by: Actor) -> Iterator[None]:
    """One of the places for pieces under way: so many in all, fewer for one sender."""
    with _counting:
        if _busy[by.key] >= MOST_OF_ONE:
            raise TooMany(_("You are sending too many pieces at once. Send fewer at a time."), retry_after=5)
        if _busy.total() >= MOST_AT_ONCE:
            raise Unavailable(_("Too many are sending at the moment. Try again soon."), retry_after=5)
        _busy[by.key] += 1
    try:
        yield
    finally:
        with _counting:
            _busy[by.key] -= 1
            if not _busy[by.key]:
                del _busy[by.key]


class _Piece:
    """A piece under way. It is ended once: by its own thread, or by the watch when its sender stands still."""

    def __init__(self, pk: uuid.UUID, descriptor: int, start: int, checksum: Checksum | None) -> None:
        self.pk = pk
        self.follower: Follower = follower(pk, start)
        self.moved = time.monotonic()
        self._descriptor = descriptor
        self._start = self._at = self._sent_back = start
        self._checksum = checksum
        self._hash: Any = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._complete = self._ended = False
        self._lock = threading.Lock()

    def take(self, length: int, read: Read) -> None:
        """Write what is read, until there are `length` bytes or the sender is gone."""
        left = length
        while left:
            try:
                data = read(min(STEP, left))
            except OSError:  # such as Django's UnreadablePostError
                return
            if not data:
                return
            left -= len(data)
            with self._lock:
                if self._ended:
                    raise StoodStill(
                        _("Nothing came for too long. Ask for the offset, and go on from there.")
                    )
                self._write(data)
                self.moved = time.monotonic()
        self._complete = True

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            with TURNS:
                while view:
                    count = os.pwrite(self._descriptor, view, self._at)
                    self._at += count
                    view = view[count:]
                if self._hash:
                    self._hash.update(data)
        except OSError as error:
            raise _refusal(error) from error
        if self._at - self._sent_back >= WRITE_BACK:
            _write_back(self._descriptor, self._sent_back, self._at - self._sent_back)
            self._sent_back = self._at
            if self._checksum is None:
                self.follower.follow(staged.path_of(self.pk), self._at)

    def end(self) -> int:
        """Make what is to be kept durable and answer how far the upload came. Raises ChecksumMismatch and Gone."""
        with self._lock:
            if self._ended:
                raise StoodStill(_("Nothing came for too long. Ask for the offset, and go on from there."))
            self._ended = True
            return self._settle()

    def let_go(self) -> None:
        """End it from outside, as its sender stands still; another may then hold the bytes. Busy pieces are left."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if self._ended or time.monotonic() - self.moved < settings.FAIRWITNESS_UPLOAD_HUNG:
                return
            self._ended = True
            with contextlib.suppress(Refusal):
                self._settle()
            fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            self._lock.release()

    def _settle(self) -> int:
        matches = self._checksum is None or (
            self._complete and hmac.compare_digest(self._hash.digest(), self._checksum.digest)
        )
        if not matches:
            os.ftruncate(self._descriptor, self._start)
            if self._complete:
                raise ChecksumMismatch(
                    _("The piece does not have its checksum; nothing of it was kept. Send it again.")
                )
            return self._start
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            # What the system could not write it may have dropped: nothing of this piece counts.
            forget(self.pk)
            raise _refusal(error) from error
        self.follower.follow(staged.path_of(self.pk), self._at)
        _note_progress(self.pk, self._at)
        return self._at


def _note_progress(pk: uuid.UUID, offset: int) -> None:
    """One row, by key; committed and on disk before the offset is answered. No entry: the upload's end has one."""
    if not Progress.objects.filter(upload=pk).update(offset=offset, seen_at=clock.now()):
        raise Gone(_("This upload was closed meanwhile."))


_pieces: set[_Piece] = set()
_watching = threading.Lock()


@contextlib.contextmanager
def _watched(piece: _Piece) -> Iterator[None]:
    """Within the block somebody looks whether the piece still moves, for its own thread waits for the sender."""
    with _watching:
        if not _pieces:
            threading.Thread(target=_watch, name="uploads", daemon=True).start()
        _pieces.add(piece)
    try:
        yield
    finally:
        with _watching:
            _pieces.discard(piece)


def _watch() -> None:
    while True:
        time.sleep(0.5)
        with _watching:
            now = list(_pieces)
            if not now:
                return
        for piece in now:
            if time.monotonic() - piece.moved > settings.FAIRWITNESS_UPLOAD_HUNG:
                piece.let_go()
                connection.close()


def _give_connection_back() -> None:
    """A slow sender keeps a file open, and no place in the database."""
    if not connection.in_atomic_block:
        connection.close()


def _write_back(descriptor: int, start: int, count: int) -> None:
    """Begin to write pages to the disk, without waiting; where the system has no such call nothing is lost."""
    if _sync_file_range is not None:
        _sync_file_range(descriptor, ctypes.c_int64(start), ctypes.c_int64(count), SYNC_FILE_RANGE_WRITE)


_sync_file_range = getattr(ctypes.CDLL(None), "sync_file_range", None)


def _refusal(error: OSError) -> Refusal:
    if error.errno in NO_ROOM:
        return StoreFull(_("There is no room for more at the moment. What came is kept."), retry_after=300)
    return Unavailable(_("The disk did not take the bytes. Try again later."), retry_after=60)
