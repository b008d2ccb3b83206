"""A bag (BagIt 1.0, RFC 8493): payload, manifests, tags, written once from front to back, gone on with after a stop.

Memory stays flat however many members there are: what was written is kept in a journal beside the target.
"""

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.kernel.blobs import Damaged, Reader, WriteBack
from fairwitness.kernel.refusals import StoreFull, Unavailable, WrongState
from fairwitness.packages.digesting import Digesting
from fairwitness.packages.targets import Done, Target

# After so many bytes, seconds or members what was written is made durable and noted: no stop costs more than that.
DURABLE_BYTES = 512 * 1024 * 1024
DURABLE_SECONDS = 10.0
DURABLE_MEMBERS = 4096
# What is smaller is read at once.
SMALL = 1024 * 1024
# How a manifest writes what would end its line (RFC 8493, 2.1.3); in this order, so that it is read back in the other.
ESCAPED = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
Progress = Callable[[int], None]


@dataclass(frozen=True)
class Member:
    """A file of the package whose bytes are known by size and digest; `open` gives them."""

    path: str
    size: int
    sha256: str
    open: Callable[[], Reader] | None = None
    data: bytes = b""


@dataclass(frozen=True)
class Streamed:
    """A file of the package that is made while it is written. `settled`: made again it would be the same."""

    path: str
    chunks: Callable[[], Iterable[bytes]]
    settled: bool = False


@dataclass(frozen=True)
class Finished:
    """A whole bag: the SHA-256 of its tag manifest, from which every byte in it follows; how much payload it has."""

    sha256: str
    members: int
    octets: int


class Busy(WrongState):
    """Somebody writes this package already."""


class Differs(Damaged):
    """What should go into the package is not what its digest says; `details` has its path."""


def of_bytes(path: str, data: bytes) -> Member:
    """A small file that is at hand."""
    return Member(path, len(data), hashlib.sha256(data).hexdigest(), data=data)


class Bag:
    """One bag on its way into a target. A second one on the same journal goes on where the first was stopped.

    `top` is the folder that everything lies below, so that unpacking makes one. `progress` is told of bytes as they
    are written, or found written before; what it raises stops the bag, to go on later.
    """

    def __init__(
        self, target: Target, journal: Path, *, top: str = "", progress: Progress | None = None
    ) -> None:
        self._target, self._top = target, f"{top}/" if top else ""
        self._progress = progress or (lambda count: None)
        self._journal = _Journal(journal)
        self._last: Done | None = None
        self._members = self._octets = 0
        self._pending: list[Done] = []
        self._since, self._written = time.monotonic(), 0

    def __enter__(self) -> "Bag":
        return self

    def __exit__(self, *error: object) -> None:
        self._target.leave()
        self._journal.close()

    def add(self, member: Member | Streamed) -> Done:
        """Write a file of the payload; its path begins with `data/`. What was written before is not written again,
        as long as the target holds it still.

        Raises Differs where the bytes are not those of the digest, StoreFull where the disk is full: what was written
        stays. Raises Unavailable where another disk fails.
        """
        with _disk():
            done = self._journal.recall(self._top + member.path, member, self._target.holds)
        if done is None:
            done = self._write(member)
            self._note(done)
        else:
            self._progress(done.size)
        self._last = done
        self._members, self._octets = self._members + 1, self._octets + done.size
        return done

    def finish(self, info: Iterable[tuple[str, str]], tags: Iterable[Member] = ()) -> Finished:
        """Write what a bag says of itself, and give it its name. `tags` lie beside the payload, such as index.html."""
        self._journal.cut()
        self._durable()
        said = [*info, ("Payload-Oxum", f"{self._octets}.{self._members}")]
        written = [
            self._tag(of_bytes("bagit.txt", b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")),
            self._tag(of_bytes("bag-info.txt", "".join(f"{k}: {_line(v)}\n" for k, v in said).encode())),
            *(self._tag(tag) for tag in tags),
            self._tag(Streamed("manifest-sha256.txt", lambda: self._lines(self._journal.dones()))),
        ]
        last = self._tag(Streamed("tagmanifest-sha256.txt", lambda: self._lines(written)))
        with _disk():
            self._target.close(_chain(self._journal.dones(), [*written, last]))
        self._journal.remove()
        return Finished(last.sha256, self._members, self._octets)

    def _lines(self, dones: Iterable[Done]) -> Iterator[bytes]:
        for done in dones:
            path = done.path.removeprefix(self._top)
            for letter, code in ESCAPED:
                path = path.replace(letter, code)
            yield f"{done.sha256}  {path}\n".encode()

    def _tag(self, member: Member | Streamed) -> Done:
        done = self._write(member)
        self._last = done
        return done

    def _write(self, member: Member | Streamed) -> Done:
        path = self._top + member.path
        with _disk():
            self._target.rewind(self._last)
            if isinstance(member, Streamed):
                done = self._streamed(path, member.chunks())
            elif member.open is None or member.size <= SMALL:
                done = self._streamed(path, _whole(member))
            else:
                done = self._copied(path, member)
            if isinstance(member, Member) and (done.sha256, done.size) != (member.sha256, member.size):
                raise _differs(member.path)
            self._target.end(done)
        return done

    def _streamed(self, path: str, chunks: Iterable[bytes]) -> Done:
        descriptor, head, start = self._target.begin(path)
        digest, crc, at = hashlib.sha256(), 0, start
        for chunk in chunks:
            digest.update(chunk)
            crc = zlib.crc32(chunk, crc)
            at += _put(descriptor, chunk, at)
            self._progress(len(chunk))
        return Done(path, head, at - start, crc, digest.hexdigest())

    def _copied(self, path: str, member: Member) -> Done:
        have = self._journal.have(path)
        done = self._copy(path, member, have)
        if have and done.sha256 != member.sha256:
            # What lay there from before is not what was written: the machine stopped, and the disk lost it.
            done = self._copy(path, member, 0)
        return done

    def _copy(self, path: str, member: Member, have: int) -> Done:
        descriptor, head, start = self._target.begin(path, have)
        digesting, at = Digesting(), 0
        back = WriteBack(descriptor, start + have)
        try:
            with member.open() as source:  # type: ignore[misc]
                if source.size != member.size:
                    raise _differs(member.path)
                while at < member.size:
                    buffer = digesting.buffer()
                    # What lies there from before a stop is read again, to see that it is what was written.
                    count = _fill(
                        buffer[: (have if at < have else member.size) - at],
                        source,
                        at,
                        descriptor,
                        start,
                        have,
                    )
                    if at >= have:
                        _put(descriptor, buffer[:count], start + at)
                        back.upto(start + at + count)
                    digesting.feed(buffer, count)
                    at += count
                    self._progress(count)
                    if at > have:
                        self._note_part(path, count, at)
            # While the last of it is digested the disk takes it.
            os.fsync(descriptor)
        finally:
            sha256, crc = digesting.finish()
        return Done(path, head, at, crc, sha256)

    def _note(self, done: Done) -> None:
        self._pending.append(done)
        self._written += done.size
        if self._is_time():
            self._durable()

    def _note_part(self, path: str, count: int, have: int) -> None:
        self._written += count
        if self._is_time():
            self._durable({"path": path, "have": have})

    def _is_time(self) -> bool:
        late = time.monotonic() - self._since > DURABLE_SECONDS
        return late or self._written >= DURABLE_BYTES or len(self._pending) >= DURABLE_MEMBERS

    def _durable(self, part: dict[str, Any] | None = None) -> None:
        """First the bytes, then what speaks of them."""
        with _disk():
            self._target.sync()
            self._journal.append(self._pending, part)
        self._pending, self._since, self._written = [], time.monotonic(), 0


class _Journal:
    """What lies whole and durable in the target, a line each; held by one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("a+b")
        try:
            fcntl.flock(self._file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self._file.close()
            raise Busy(_("Somebody is writing this package already.")) from error
        self._at: int | None = (
            0  # where the next line to compare begins; None once nothing is left to compare
        )
        self._part: dict[str, Any] = {}

    def recall(self, path: str, member: Member | Streamed, lies_there: Callable[[Done], bool]) -> Done | None:
        """The member, if it comes next in what was written before and lies there still; else nothing after this counts
        any more: what the journal says of a target that was removed or has got its name is no member of the next.
        """
        if self._at is None:
            return None
        said, after = self._next(self._at)
        while said and "have" in said:
            self._part, (said, after) = said, self._next(after)
        if said and _same(said, path, member) and lies_there(_done(said)):
            self._at, self._part = after, {}
            return _done(said)
        self.cut()
        return None

    def cut(self) -> None:
        """Forget what stands after the last line that was recalled."""
        if self._at is not None:
            self._file.truncate(self._at)
            self._at = None

    def have(self, path: str) -> int:
        """How many bytes of this member lie there durably, where it was being written when it was stopped."""
        found, self._part = self._part, {}
        return int(found["have"]) if found.get("path") == path else 0

    def append(self, dones: list[Done], part: dict[str, Any] | None) -> None:
        self.cut()
        lines = [vars(done) for done in dones] + ([part] if part else [])
        if lines:
            self._file.write("".join(f"{json.dumps(line)}\n" for line in lines).encode())
            self._file.flush()
            os.fsync(self._file.fileno())

    def dones(self) -> Iterator[Done]:
        """Every member that lies there, in the order in which it was written."""
        with self._path.open("rb") as file:
            for line in file:
                said = json.loads(line)
                if "have" not in said:
                    yield _done(said)

    def _next(self, at: int) -> tuple[dict[str, Any], int]:
        """The line that begins there, and where the next does; empty at the end, or where a line broke off."""
        self._file.seek(at)
        line = self._file.readline()
        try:
            return (json.loads(line), at + len(line)) if line.endswith(b"\n") else ({}, at)
        except ValueError:
            return {}, at

    def close(self) -> None:
        self._file.close()

    def remove(self) -> None:
        self._path.unlink(missing_ok=True)


def _same(said: dict[str, Any], path: str, member: Member | Streamed) -> bool:
    if said["path"] != path:
        return False
    if isinstance(member, Streamed):
        return member.settled
    return bool((said["sha256"], said["size"]) == (member.sha256, member.size))


def _done(said: dict[str, Any]) -> Done:
    return Done(said["path"], said["head"], said["size"], said["crc"], said["sha256"])


def _whole(member: Member) -> Iterator[bytes]:
    if member.open is None:
        yield member.data
        return
    with member.open() as source:
        yield source.readall()


def _fill(buffer: memoryview, source: Reader, at: int, descriptor: int, start: int, have: int) -> int:
    """Bytes of the source from `at`, or of the target where they lie there already; how many. Raises OSError for none."""
    count = os.preadv(descriptor, [buffer], start + at) if at < have else source.pread_into(buffer, at)
    if not count:
        raise OSError(errno.EIO, "the bytes ended early")
    return count


def _put(descriptor: int, data: bytes | memoryview, at: int) -> int:
    view = memoryview(data)
    while view:
        count = os.pwrite(descriptor, view, at)
        view, at = view[count:], at + count
    return len(data)


def _differs(path: str) -> Differs:
    name = path.rsplit("/", 1)[-1]
    return Differs(_("The bytes of {name} are not those that were sealed.").format(name=name), path=path)


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    """What a failing disk means for a package."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(
                _(
                    "The disk for packages is full. What was written stays there, and it goes on once there is room."
                )
            ) from error
        words = _("The disk for packages failed ({why}). What was written stays there.")
        raise Unavailable(words.format(why=error.strerror)) from error


def check_room(folder: Path, needed: int, lies_there: int = 0) -> None:
    """Raise StoreFull, with what is missing, where a package of this size finds no room in a folder."""
    room = os.statvfs(folder)
    free = room.f_bavail * room.f_frsize
    if needed - lies_there > free:
        words = _("The package needs {needed} MiB, and the disk has {free} MiB free. Nothing was written.")
        raise StoreFull(words.format(needed=(needed - lies_there) // 2**20 + 1, free=free // 2**20))


def _line(text: str) -> str:
    """A value of bag-info.txt on one line."""
    return " ".join(text.split())


def _chain(*parts: Iterable[Done]) -> Iterator[Done]:
    for part in parts:
        yield from part
