"""Where a package is written to: one ZIP file that is never compressed, or a folder such as that of a memory stick."""

import datetime as dt
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from fairwitness.kernel.blobs import sync_folder

# What does not fit into 32 or 16 bits is written in the fields of ZIP64 (APPNOTE 4.3.14, 4.5.3).
FULL32, FULL16 = 0xFFFFFFFF, 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
UTF8 = 1 << 11  # names are UTF-8
STORED = 0
UNIX_FILE = 0o100644 << 16
VERSION = 45  # of the format, the first that knows ZIP64


@dataclass(frozen=True)
class Done:
    """A member that lies whole in its target: its name, where it begins there, its bytes in number, CRC and digest."""

    path: str
    head: int
    size: int
    crc: int
    sha256: str


class Target(Protocol):
    """What a bag is written into, one member after the other."""

    def begin(self, path: str, have: int = 0) -> tuple[int, int, int]:
        """A new member: the open file, where the member's head begins, and where its bytes do.

        With `have` it was begun before, and so many of its bytes lie there already.
        """

    def end(self, done: Done) -> None:
        """All bytes of the member were written."""

    def holds(self, done: Done) -> bool:
        """Whether a member that was whole before a stop lies there still: somebody may have removed what was written."""

    def rewind(self, to: Done | None) -> None:
        """What is begun next follows this member; it is the first, where that is None."""

    def sync(self) -> None:
        """Have the disk keep what was written."""

    def close(self, members: Iterable[Done]) -> None:
        """The package is whole: it gets its name."""

    def leave(self) -> None:
        """Let go of it as it is, to go on later."""


class Zip:
    """A ZIP file of stored members, at `<path>.part` until it is whole."""

    def __init__(self, path: Path, when: dt.datetime) -> None:
        self.path, self._part = path, path.with_name(f"{path.name}.part")
        self._descriptor = os.open(self._part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._at = 0
        self._date = (max(when.year, 1980) - 1980) << 9 | when.month << 5 | when.day
        self._time = when.hour << 11 | when.minute << 5 | when.second // 2

    def begin(self, path: str, have: int = 0) -> tuple[int, int, int]:
        head = self._head(path, 0, 0, 0)
        os.ftruncate(self._descriptor, self._at + len(head) + have)
        _write(self._descriptor, head, self._at)
        return self._descriptor, self._at, self._at + len(head)

    def end(self, done: Done) -> None:
        # Only now are size and CRC known; the head has room for a size of any length.
        head = self._head(done.path, done.size, done.size, done.crc)
        _write(self._descriptor, head, done.head)
        self._at = done.head + len(head) + done.size

    def holds(self, done: Done) -> bool:
        head = self._head(done.path, done.size, done.size, done.crc)
        found = os.pread(self._descriptor, len(head), done.head)
        end = done.head + len(head) + done.size
        return _timeless(found) == _timeless(head) and os.fstat(self._descriptor).st_size >= end

    def rewind(self, to: Done | None) -> None:
        self._at = to.head + len(self._head(to.path, 0, 0, 0)) + to.size if to else 0

    def sync(self) -> None:
        os.fsync(self._descriptor)

    def close(self, members: Iterable[Done]) -> None:
        start, count = self._at, 0
        with os.fdopen(os.dup(self._descriptor), "wb") as file:
            file.truncate(start)
            file.seek(start)
            for done in members:
                file.write(self._entry(done))
                count += 1
            self._at = file.tell()
            file.write(_ends(start, self._at, count))
        self.sync()
        self.leave()
        self._part.replace(self.path)
        sync_folder(self.path.parent)

    def leave(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _head(self, path: str, size: int, stored: int, crc: int) -> bytes:
        name = path.encode()
        extra = struct.pack("<2H2Q", 1, 16, size, stored)
        fixed = _LOCAL.pack(
            *(b"PK\3\4", VERSION, UTF8, STORED, self._time, self._date, crc),
            *(FULL32, FULL32, len(name), len(extra)),
        )
        return fixed + name + extra

    def _entry(self, done: Done) -> bytes:
        name = done.path.encode()
        sizes = (done.size, done.size) if done.size >= FULL32 else ()
        large = (*sizes, *((done.head,) if done.head >= FULL32 else ()))
        extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        size, head = min(done.size, FULL32), min(done.head, FULL32)
        fixed = _CENTRAL.pack(
            *(b"PK\1\2", 3 << 8 | VERSION, VERSION, UTF8, STORED, self._time, self._date, done.crc),
            *(size, size, len(name), len(extra), 0, 0, 0, UNIX_FILE, head),
        )
        return fixed + name + extra


def _timeless(head: bytes) -> bytes:
    """The head of a member without the time in it: what goes on may have been begun at another."""
    return head[:10] + head[14:]


def _ends(start: int, end: int, count: int) -> bytes:
    size, few = end - start, min(count, FULL16)
    large = b""
    if count >= FULL16 or size >= FULL32 or start >= FULL32:
        record = _END64.pack(b"PK\6\6", 44, 3 << 8 | VERSION, VERSION, 0, 0, count, count, size, start)
        large = record + _LOCATOR.pack(b"PK\6\7", 0, end, 1)
    short = _END.pack(b"PK\5\6", 0, 0, few, few, min(size, FULL32), min(start, FULL32), 0)
    return large + short


class Folder:
    """A folder of plain files; what is being written ends in `.part`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._now: tuple[int, Path] | None = None
        self._dirty: set[Path] = set()

    def begin(self, path: str, have: int = 0) -> tuple[int, int, int]:
        final = self.path / path
        final.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = final.with_name(f"{final.name}.part")
        self.leave()
        self._now = (os.open(part, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), part)
        os.ftruncate(self._now[0], have)
        return self._now[0], 0, 0

    def end(self, done: Done) -> None:
        if self._now is None:
            raise ValueError("no member was begun")
        descriptor, part = self._now
        os.ftruncate(descriptor, done.size)
        os.fsync(descriptor)
        self.leave()
        part.replace(self.path / done.path)
        self._dirty.add(part.parent)

    def holds(self, done: Done) -> bool:
        final = self.path / done.path
        return final.is_file() and final.stat().st_size == done.size

    def rewind(self, to: Done | None) -> None:
        if self._now:
            # It was begun and given up: nothing of it stays among what is whole.
            self._now[1].unlink(missing_ok=True)
        self.leave()

    def sync(self) -> None:
        if self._now:
            os.fsync(self._now[0])
        for folder in self._dirty:
            sync_folder(folder)
        self._dirty.clear()

    def close(self, members: Iterable[Done]) -> None:
        self.leave()
        self.sync()

    def leave(self) -> None:
        if self._now:
            os.close(self._now[0])
            self._now = None


def _write(descriptor: int, data: bytes, at: int) -> None:
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, at)
        view, at = view[count:], at + count
