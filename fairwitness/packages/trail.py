"""A thread that reads what was just written and reckons over it: digests cost no time of the copying."""

import errno
import os
import threading
from collections.abc import Callable

STEP = 256 * 1024


class Trail:
    """Feeds `update` the bytes of an open file from `start` on, as far as they have been written."""

    def __init__(self, descriptor: int, start: int, update: Callable[[memoryview], object]) -> None:
        self._descriptor, self._at, self._written, self._update = descriptor, start, start, update
        self._done = False
        self._error: Exception | None = None
        self._more = threading.Condition()
        self._thread = threading.Thread(target=self._follow, name="trail", daemon=True)
        self._thread.start()

    def advance(self, written: int) -> None:
        """Everything before `written` lies there now."""
        with self._more:
            self._written = written
            self._more.notify()

    def finish(self) -> None:
        """Wait until all of it was read. Raises what the disk raised."""
        with self._more:
            self._done = True
            self._more.notify()
        self._thread.join()
        if self._error:
            raise self._error

    def _follow(self) -> None:
        view = memoryview(bytearray(STEP))
        try:
            while upto := self._wait():
                while self._at < upto:
                    count = os.preadv(self._descriptor, [view[: min(STEP, upto - self._at)]], self._at)
                    if count == 0:
                        raise OSError(errno.EIO, "the file that is being written ended early")
                    self._update(view[:count])
                    self._at += count
        except OSError as error:
            self._error = error

    def _wait(self) -> int:
        """Up to where there is something to read; 0 at the end."""
        with self._more:
            while self._at == self._written and not self._done:
                self._more.wait()
            return self._written if self._at < self._written else 0
