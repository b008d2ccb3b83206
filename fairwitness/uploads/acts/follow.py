"""The digest of an upload as it comes: a thread follows what is written and hashes it; after a restart it reads once."""

import contextlib
import hashlib
import os
import threading
import time
import uuid
from collections import OrderedDict
from pathlib import Path

from fairwitness.kernel.blobs import HASH_STEP

# A follower waits so long for more before its thread ends; the next piece starts it again where it was.
LINGER = 1.0  # seconds
# So many uploads are followed at a time; of others the whole is read when they are sealed.
MOST = 1024
# Hashing gives way to answering pages, and leaves a processor to them.
NICENESS = 10
HASHING = threading.BoundedSemaphore(max(1, (os.cpu_count() or 2) - 1))


class Follower:
    """SHA-256 of staged bytes from the first on, as far as they were followed."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._upto = self._goal = 0
        self._running = self._broken = self._over = False
        self._more = threading.Condition()

    @property
    def goal(self) -> int:
        """How far it was told to follow: bytes before this are never asked for again."""
        return self._goal

    def follow(self, path: Path, upto: int) -> None:
        """Hash on to `upto`, some time soon; the bytes before it must not change any more."""
        with self._more:
            self._goal = upto
            if self._running:
                self._more.notify_all()
            elif not self._broken:
                self._running = True
                threading.Thread(target=self._run, args=(path,), name="follow", daemon=True).start()

    def digest(self, size: int, within: float) -> str:
        """The digest of `size` bytes in hex, or empty where it is not known within so many seconds."""
        until = time.monotonic() + within
        with self._more:
            while self._upto < size and self._running and (rest := until - time.monotonic()) > 0:
                self._more.wait(rest)
            # Nothing more comes: the thread need not wait, and lets go of the file.
            self._over = True
            self._more.notify_all()
            return self._hash.hexdigest() if self._upto == size and not self._broken else ""

    def _run(self, path: Path) -> None:
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        try:
            # Opened anew: a copy of the writer's descriptor would share, and so prolong, its lock.
            with path.open("rb", buffering=0) as file:
                while self._more_to_do():
                    self._hash_on(file.fileno(), self._goal)
        except OSError:
            with self._more:
                self._broken, self._running = True, False
                self._more.notify_all()

    def _more_to_do(self) -> bool:
        with self._more:
            self._more.notify_all()
            if self._upto == self._goal and not self._over:
                self._more.wait(LINGER)
            # Said while the lock is held: whoever comes later starts another thread.
            self._running = self._upto < self._goal
            return self._running

    def _hash_on(self, descriptor: int, goal: int) -> None:
        buffer = bytearray(HASH_STEP)
        view = memoryview(buffer)
        while self._upto < goal:
            with HASHING:
                count = os.preadv(descriptor, [view[: min(HASH_STEP, goal - self._upto)]], self._upto)
                self._hash.update(view[:count])
            if count == 0:
                raise OSError("the staged file ended early")
            self._upto += count


_followed: OrderedDict[uuid.UUID, Follower] = OrderedDict()
_lock = threading.Lock()


def follower(pk: uuid.UUID, start: int) -> Follower:
    """The follower of an upload that goes on at `start`; a new one where none is known, or it followed further."""
    with _lock:
        found = _followed.pop(pk, None)
        if found is None or found.goal > start:
            found = Follower()
        _followed[pk] = found
        while len(_followed) > MOST:
            _followed.popitem(last=False)
    return found


def forget(pk: uuid.UUID) -> None:
    """Nothing more comes of this upload, or what came is in doubt."""
    with _lock:
        _followed.pop(pk, None)
