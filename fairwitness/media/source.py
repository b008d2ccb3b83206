"""The untrusted bytes, read through the one descriptor that was handed in, and the handed-out descriptors written to."""

import importlib
import os
import pkgutil
import struct
from typing import Protocol

import av
from av.container import InputContainer

# PyAV imports parts of itself at first use, and behind the walls no file can be opened any more.
_NOT_NEEDED = {"av.__main__", "av.datasets", "av.device"}
for _part in pkgutil.walk_packages(av.__path__, "av."):
    if _part.name not in _NOT_NEEDED:
        importlib.import_module(_part.name)

# The machine's limits at work, which say nothing about the recording: no memory, or no thread.
EXHAUSTED = (MemoryError, av.error.BlockingIOError)
# What PyAV raises at bytes that are not as they should be.
FAULTY = (av.FFmpegError, ValueError)

# One read of the descriptor; demuxers skip about in small steps, so more would be read twice.
_BUFFER = 64 * 1024


class Handed(Protocol):
    """The source as it was handed in, by one way or the other."""

    size: int

    def pread(self, most: int, at: int) -> bytes:
        """At most so many bytes from a position; none at the end."""


class HandedFile:
    """A file that is open for reading."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def pread(self, most: int, at: int) -> bytes:
        return os.pread(self._descriptor, most, at)


class HandedPipes:
    """Two pipes: where the bytes lie encrypted or far away, the parent is asked for each range and answers it."""

    _QUESTION, _LENGTH = struct.Struct("=QI"), struct.Struct("=I")
    # Asking costs more than reading a file: the steps of a demuxer are answered from what was asked for before.
    _AHEAD = 1 << 20

    def __init__(self, ask: int, answer: int, size: int) -> None:
        self._ask, self._answer, self.size = ask, answer, size
        self._from, self._window = 0, b""

    def pread(self, most: int, at: int) -> bytes:
        wanted = min(most, self.size - at)
        if not self._from <= at <= self._from + len(self._window) - wanted:
            os.write(self._ask, self._QUESTION.pack(at, max(most, self._AHEAD)))
            (length,) = self._LENGTH.unpack(self._exactly(self._LENGTH.size))
            self._from, self._window = at, self._exactly(length)
        return self._window[at - self._from :][:most]

    def _exactly(self, count: int) -> bytes:
        parts = []
        while count:
            part = os.read(self._answer, count)
            if not part:
                raise OSError("the parent answers no more")
            parts.append(part)
            count -= len(part)
        return b"".join(parts)


def handed(wish: int | dict[str, int]) -> Handed:
    """The source that the parent's wish speaks of."""
    return HandedFile(wish) if isinstance(wish, int) else HandedPipes(**wish)


class SourceBytes:
    """A read-only file over what was handed in, with a position of its own: the parent's position is never moved."""

    def __init__(self, source: Handed) -> None:
        self._source = source
        self._position = 0
        self.size = source.size

    def read(self, most: int) -> bytes:
        # A position far beyond the end comes from sizes that the file itself claims.
        found = self._source.pread(most, self._position) if most > 0 and self._position < self.size else b""
        self._position += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def tell(self) -> int:
        return self._position


class WrittenBytes:
    """A file over a descriptor that the parent opened for our answer; its size is bounded by the walls."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self.size = 0
        self.failed: OSError | None = None
        self._position = 0

    def write(self, content: bytes) -> int:
        rest = memoryview(content)
        while rest:
            try:
                done = os.pwrite(self._descriptor, rest, self._position)
            except OSError as failed:
                self.failed = failed
                raise
            self._position += done
            rest = rest[done:]
        self.size = max(self.size, self._position)
        return len(content)

    def read(self, most: int) -> bytes:
        found = os.pread(self._descriptor, most, self._position)
        self._position += len(found)
        return found

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}[whence]
        self._position = base + offset
        return self._position

    def tell(self) -> int:
        return self._position


class Unreadable(Exception):
    """The bytes cannot be opened or hold nothing of what was asked for; `reason_code` says why."""

    def __init__(self, reason_code: str) -> None:
        super().__init__(reason_code)
        self.reason_code = reason_code


def open_media(handed_in: Handed) -> InputContainer:
    """Open the bytes as whatever container they look like; raises `Unreadable` where they look like none."""
    source = SourceBytes(handed_in)
    if source.size == 0:
        raise Unreadable("empty")
    try:
        container = _open(source)
    except EXHAUSTED:
        raise
    except EOFError as fault:
        raise Unreadable("cut_short") from fault
    except FAULTY as fault:
        raise Unreadable("not_media") from fault
    for stream in container.streams:
        if stream.type in ("video", "audio") and stream.codec_context is not None:
            stream.codec_context.thread_type = "AUTO"
            stream.codec_context.thread_count = 2
    return container


def _open(source: SourceBytes) -> InputContainer:
    opened: InputContainer = av.open(
        source,
        mode="r",
        metadata_errors="replace",
        buffer_size=_BUFFER,
        # Playlists must not lead to other files; the walls would refuse it as well.
        container_options={"protocol_whitelist": "none"},
    )
    return opened
