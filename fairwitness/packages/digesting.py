"""Digests that are reckoned beside the copying, on other processors, from the very buffers that are copied."""

import hashlib
import queue
import threading
import zlib
from collections.abc import Callable

STEP = 256 * 1024  # small enough to stay in the processor's cache
BUFFERS = 12
Filled = tuple[memoryview, int]
Buffers = queue.SimpleQueue[memoryview]


class Digesting:
    """SHA-256 and CRC-32 of what is fed, each by a thread of its own: take a buffer, fill it, feed it; it comes back."""

    def __init__(self) -> None:
        self._sha256, self._crc = hashlib.sha256(), 0
        self._free: Buffers = queue.SimpleQueue()
        for _ in range(BUFFERS):
            self._free.put(memoryview(bytearray(STEP)))
        # A buffer goes from the one to the other, and is free again.
        self._last = _Stage(self._check, lambda filled: self._free.put(filled[0]))
        self._first = _Stage(self._sha256.update, self._last.feed)

    def _check(self, data: memoryview) -> None:
        self._crc = zlib.crc32(data, self._crc)

    def buffer(self) -> memoryview:
        """One to fill; waits until one is free."""
        return self._free.get()

    def feed(self, buffer: memoryview, count: int) -> None:
        """Its first `count` bytes come next."""
        self._first.feed((buffer, count))

    def finish(self) -> tuple[str, int]:
        """Of all that was fed: the SHA-256 in lower-case hex, and the CRC-32 that ZIP has."""
        self._first.finish()
        self._last.finish()
        return self._sha256.hexdigest(), self._crc


class _Stage:
    """A thread that reads one buffer after the other and hands each on."""

    def __init__(self, read: Callable[[memoryview], None], hand_on: Callable[[Filled], None]) -> None:
        self._read, self._hand_on = read, hand_on
        self._queue: queue.SimpleQueue[Filled | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="digest", daemon=True)
        self._thread.start()

    def feed(self, filled: Filled) -> None:
        self._queue.put(filled)

    def finish(self) -> None:
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while filled := self._queue.get():
            buffer, count = filled
            self._read(buffer[:count])
            self._hand_on(filled)
