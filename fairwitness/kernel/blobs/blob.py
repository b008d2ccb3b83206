"""What every store and every reader of a blob agree on: names, the reader's interface, the store's interface."""

import abc
import errno
import hashlib
import io
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from fairwitness.kernel.refusals import Invalid, StoreFull, Unavailable

# Small enough to stay in the processor's cache; larger buffers measured slower.
HASH_STEP = 256 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")
# How a blob is called in a store: its digest, and this ending where the bytes are encrypted.
ENCRYPTED = ".aes"
STORED = re.compile(r"([0-9a-f]{64})(?:\.aes)?")
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@dataclass(frozen=True)
class Blob:
    """What the stores say of bytes they hold: lower-case hex SHA-256 of the bytes, size in bytes, and who holds them.

    `copies` names the stores in which these bytes were confirmed just now.
    """

    sha256: str
    size: int
    was_there: bool
    copies: tuple[str, ...] = ()


@dataclass(frozen=True)
class Staged:
    """Bytes that lie whole and synced in a staging folder, and the name under which a store will keep them."""

    path: Path
    sha256: str
    size: int
    name: str


class SourceUnreadable(Invalid):
    """What was to be stored cannot be read to its end; the store itself is well."""


class Damaged(Unavailable):
    """A store answers, and not with the bytes that were put there."""


class Reader(io.RawIOBase):
    """The bytes of one blob, wherever and however they lie; a position of its own, any number of threads by `pread`."""

    size: int = 0
    # The open file in which exactly these bytes lie, where there is one: only `kernel.child` may ask.
    descriptor: int | None = None

    def __init__(self) -> None:
        super().__init__()
        self._at = 0

    @abc.abstractmethod
    def pread(self, count: int, at: int) -> bytes:
        """At most `count` bytes from position `at`; fewer where that is handier, none only at the end.

        Raises Damaged or Unavailable.
        """

    def pread_into(self, buffer: memoryview, at: int) -> int:
        """The same into memory of the asker's; answers how many bytes."""
        data = self.pread(len(buffer), at)
        buffer[: len(data)] = data
        return len(data)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any, /) -> int:
        count = self.pread_into(memoryview(buffer).cast("B"), self._at)
        self._at += count
        return count

    def read(self, size: int = -1, /) -> bytes:
        """Exactly `size` bytes, fewer only at the end; everything that is left where it is negative."""
        data = exactly(self, self.size - self._at if size < 0 else size, self._at)
        self._at += len(data)
        return data

    def readall(self) -> bytes:
        return self.read()


def exactly(reader: Reader, count: int, at: int) -> bytes:
    """`count` bytes from `at`, fewer only where the blob ends."""
    parts = []
    while count > 0 and (part := reader.pread(count, at)):
        parts.append(part)
        count -= len(part)
        at += len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def exactly_into(reader: Reader, buffer: memoryview, at: int) -> int:
    """The buffer filled from `at`, less only where the blob ends; answers how many bytes."""
    count = 0
    while count < len(buffer) and (more := reader.pread_into(buffer[count:], at + count)):
        count += more
    return count


class Store(Protocol):
    """One place where blobs lie. What it keeps has the name of the blob, with `.aes` where it is encrypted."""

    name: str
    kind: str

    @property
    def place(self) -> str:
        """Where it is, in words without secrets."""

    def take(self, staged: Staged) -> bool:
        """Keep staged bytes, and confirm them; True when they were there. Raises StoreFull, Unavailable or Damaged."""

    def raw(self, name: str) -> Reader:
        """What is kept under a name, as it is kept. Raises NotFound or Unavailable."""

    def set_aside(self, name: str) -> None:
        """Give damaged bytes another name, under which nobody takes them for the blob. Nothing where none are."""

    def names(self) -> Iterator[str]:
        """Every name that is kept, in order."""

    def check(self) -> None:
        """Raise Unavailable where the store does not answer, or is not the one that was begun."""

    # In words for a certificate: what erasing does here.
    erasing: str

    def erase(self, digest: str) -> None:
        """Erase these bytes under every name that they have here, set aside or in parts too. Raises Unavailable."""

    def absent(self, digest: str) -> bool:
        """Whether nothing of these bytes is here under any name, read back from the place. Raises Unavailable."""

    def kept_for(self) -> str:
        """How long the place itself keeps what is put there, in words; empty where it does not. Raises Unavailable."""

    def begin(self) -> None:
        """Make the store: from now on `check` finds it. Safe to repeat."""


def digest_of(file: Any) -> str:
    """SHA-256 of a file or reader from its present position, in lower-case hex."""
    return hashlib.file_digest(file, "sha256").hexdigest()


def checked_name(name: str) -> str:
    """A stored name, or Invalid."""
    if not STORED.fullmatch(name):
        raise Invalid("That is not a SHA-256 in lower-case hex.")
    return name


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable, as fsync of a file makes its bytes."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def refusal(error: OSError) -> Unavailable | StoreFull:
    """What a failing disk means for whoever brings bytes."""
    if error.errno in NO_ROOM:
        return StoreFull("The store of recordings is full. Nothing was kept half; the original is untouched.")
    return Unavailable(
        f"The store of recordings did not take the bytes: {error.strerror}. The original is untouched."
    )
