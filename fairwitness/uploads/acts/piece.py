"""A piece under way: written, hashed where it came with a checksum, synced, and only then counted."""

import contextlib
import fcntl
import hashlib
import hmac
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from fairwitness.kernel import clock, turns
from fairwitness.kernel.blobs import WriteBack
from fairwitness.kernel.refusals import Gone, Refusal
from fairwitness.uploads.acts import staged
from fairwitness.uploads.acts.follow import Follower, follower, forget
from fairwitness.uploads.models import Progress

STEP = 256 * 1024
# A piece without checksum is counted at this rhythm already, so that a kill in a long one costs no more than this.
COUNT_EVERY = 64 * 1024 * 1024
WATCH_EVERY = 0.5  # seconds

Read = Callable[[int], bytes]


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


class Piece:
    """It is ended once: by its own thread, or by the watch when its sender stands still."""

    def __init__(
        self,
        pk: uuid.UUID,
        descriptor: int,
        start: int,
        checksum: Checksum | None,
        let_in: Callable[[], None] = lambda: None,
    ) -> None:
        self.pk = pk
        self._let_in = let_in
        self.follower: Follower = follower(pk, start)
        self.moved = time.monotonic()
        self._descriptor = descriptor
        self._start = self._at = self._asked = start
        self._write_back = WriteBack(descriptor, start)
        self._checksum = checksum
        self._hash: Any = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
        self._complete = self._ended = False
        self._lock = threading.Lock()

    def take(self, length: int, read: Read) -> int:
        """Write what is read, until there are `length` bytes or the sender is gone; answers how far the upload came.

        Raises ChecksumMismatch, StoodStill, Gone, what `let_in` raises, and StoreFull or Unavailable of
        the disk: what came before is kept.
        """
        left = length
        try:
            while left and (data := _read(read, min(STEP, left))):
                left -= len(data)
                with self._lock:
                    self._check_not_ended()
                    self._write(data)
                    self.moved = time.monotonic()
            self._complete = left == 0
        except OSError as error:
            with contextlib.suppress(Refusal):
                self._end()
            raise staged.refusal(error) from error
        return self._end()

    def let_go(self) -> None:
        """End it from outside, as its sender stands still; another may then hold the bytes. Busy pieces are left."""
        if not self._lock.acquire(blocking=False):
            return
        try:
            if not self._ended and time.monotonic() - self.moved > settings.FAIRWITNESS_UPLOAD_HUNG:
                self._ended = True
                with contextlib.suppress(Refusal):
                    self._settle()
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        finally:
            self._lock.release()

    def _check_not_ended(self) -> None:
        if self._ended:
            raise StoodStill(_("Nothing came for too long. Ask for the offset, and go on from there."))

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        with turns.machine():
            while view:
                count = os.pwrite(self._descriptor, view, self._at)
                self._at += count
                view = view[count:]
            if self._hash:
                self._hash.update(data)
        if self._write_back.upto(self._at) and self._checksum is None:
            self.follower.follow(staged.path_of(self.pk), self._at)
        if self._at - self._asked >= COUNT_EVERY:
            self._asked = self._at
            if self._checksum is None:
                self._count()
            # A piece may last for hours: whoever may send no more is stopped, and what was counted is kept.
            with turns.machine():
                self._let_in()
            turns.give_connection_back()

    def _end(self) -> int:
        with self._lock:
            self._check_not_ended()
            self._ended = True
            return self._settle()

    def _settle(self) -> int:
        """Keep what is to be kept: all that came, or with a checksum all or nothing."""
        if self._hash and not (self._complete and hmac.compare_digest(self._hash.digest(), self._wanted)):
            os.ftruncate(self._descriptor, self._start)
            if self._complete:
                sentence = _("The piece does not have its checksum; nothing of it was kept. Send it again.")
                raise ChecksumMismatch(sentence)
            return self._start
        self._count()
        return self._at

    @property
    def _wanted(self) -> bytes:
        return self._checksum.digest if self._checksum else b""

    def _count(self) -> None:
        """Sync, then write down how far it came: one row, by key, committed and on disk before it is answered."""
        try:
            os.fdatasync(self._descriptor)
        except OSError as error:
            # What the system could not write it may have dropped: nothing since the last time counts.
            forget(self.pk)
            raise staged.refusal(error) from error
        self.follower.follow(staged.path_of(self.pk), self._at)
        with turns.machine():
            # An upload to which nothing was added is left, however often it is asked for.
            moved = {"seen_at": clock.now()} if self._at > self._start else {}
            known = Progress.objects.filter(upload=self.pk).update(offset=self._at, **moved)
        if not known:
            raise Gone(_("This upload was closed meanwhile."))


def _read(read: Read, count: int) -> bytes:
    try:
        return read(count)
    except OSError:  # the sender is gone, as Django says it
        return b""


_pieces: set[Piece] = set()
_watchers: list[threading.Thread] = []
_lock = threading.Lock()


@contextlib.contextmanager
def watched(piece: Piece) -> Iterator[Piece]:
    """Within the block somebody looks whether the piece still moves, for its own thread waits for the sender."""
    with _lock:
        _pieces.add(piece)
        if not _watchers:
            _watchers.append(threading.Thread(target=_watch, name="uploads", daemon=True))
            _watchers[0].start()
    try:
        yield piece
    finally:
        with _lock:
            _pieces.discard(piece)


def _watch() -> None:
    while True:
        time.sleep(WATCH_EVERY)
        with _lock:
            now = list(_pieces)
            if not now:
                _watchers.clear()
                return
        for piece in now:
            if time.monotonic() - piece.moved > settings.FAIRWITNESS_UPLOAD_HUNG:
                piece.let_go()
                connection.close()
