"""A digest that is reckoned beside the copying, on another processor, from the very buffers that are copied."""

import hashlib
import queue
import threading

STEP = 256 * 1024  # small enough to stay in the processor's cache
BUFFERS = 8


class Digesting:
    """SHA-256 of what is fed, by a thread of its own: take a buffer, fill it, feed it; it comes back when it was read."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self._free: queue.SimpleQueue[memoryview] = queue.SimpleQueue()
        self._full: queue.SimpleQueue[tuple[memoryview, int] | None] = queue.SimpleQueue()
        for _ in range(BUFFERS):
            self._free.put(memoryview(bytearray(STEP)))
        self._thread = threading.Thread(target=self._reckon, name="digest", daemon=True)
        self._thread.start()

    def buffer(self) -> memoryview:
        """One to fill; waits until one is free."""
        return self._free.get()

    def feed(self, buffer: memoryview, count: int) -> None:
        """Its first `count` bytes come next."""
        self._full.put((buffer, count))

    def finish(self) -> str:
        """The digest of all that was fed, in lower-case hex."""
        self._full.put(None)
        self._thread.join()
        return self._hash.hexdigest()

    def _reckon(self) -> None:
        while fed := self._full.get():
            buffer, count = fed
            self._hash.update(buffer[:count])
            self._free.put(buffer)
