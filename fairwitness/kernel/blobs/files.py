"""A store in a folder."""

import contextlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from fairwitness.kernel.blobs.blob import (
    ENCRYPTED,
    STORED,
    Blob,
    Damaged,
    Reader,
    Staged,
    checked_name,
    refusal,
    sync_folder,
)
from fairwitness.kernel.blobs.staging import lock, staged, sweep
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import NotFound, Unavailable

# A store that the settings name is believed to be there when this lies in it: an empty mount point has none.
MARK = ".fairwitness-store"


class FileStore:
    """A folder of blobs: `ab/cd/<sha256>`, mode 0444, with a staging folder on the same file system."""

    kind = "file"
    erasing = "the file's names were removed; its place on the disk was not overwritten"

    def __init__(
        self, root: Path, *, name: str = "main", read_only: bool = False, marked: bool = False
    ) -> None:
        self.root = root
        self.name = name
        self.read_only = read_only
        self.marked = marked

    @property
    def place(self) -> str:
        return str(self.root)

    @property
    def staging(self) -> Path:
        """The folder in which bytes lie until they have their name."""
        return self.root / "staging"

    def put(self, source: BinaryIO, progress: Callable[[int], None] | None = None) -> Blob:
        """Store the bytes of `source` from its present position to its end, plain, in this store alone.

        The digest is computed from the stored bytes, not from the source. When it returns, bytes and folder are
        synced. `progress` is called with the number of bytes of each step. Raises SourceUnreadable where the source
        fails, StoreFull or Unavailable where the store does; then nothing is left behind, the source is untouched.
        """
        self.check_writable()
        try:
            with staged(self.staging, source, progress) as bytes_:
                return Blob(bytes_.sha256, bytes_.size, self.take(bytes_), (self.name,))
        except OSError as error:
            raise refusal(error) from error

    def check_writable(self) -> None:
        """Raise Unavailable where nothing may be put now."""
        if self.read_only:
            raise Unavailable("The store of recordings is set to read only; nothing was taken in.")
        self.check()

    def take(self, staged: Staged) -> bool:
        """Give the staged bytes their name; True when they already had it. What has the name and another size goes."""
        self.check_writable()
        try:
            size = staged.path.stat().st_size
            if staged.path.parent == self.staging:
                return self._settle(staged.path, staged.name, size)
            with self._brought(staged) as path:
                return self._settle(path, staged.name, size)
        except OSError as error:
            raise refusal(error) from error

    @contextlib.contextmanager
    def _brought(self, from_elsewhere: Staged) -> Iterator[Path]:
        """A copy of bytes that were staged for another store; read back and compared before it counts."""
        self.staging.mkdir(mode=0o700, exist_ok=True)
        path = self.staging / f"{new_id()}.part"
        try:
            with from_elsewhere.path.open("rb") as source, path.open("x+b") as target:
                lock(target.fileno())
                while data := source.read(1 << 20):
                    target.write(data)
                os.fchmod(target.fileno(), 0o444)
                target.flush()
                os.fsync(target.fileno())
                source.seek(0)
                target.seek(0)
                while data := source.read(1 << 20):
                    if target.read(1 << 20) != data:
                        raise Damaged(f"The store {self.name} gave other bytes back than it was given.")
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _settle(self, path: Path, name: str, size: int) -> bool:
        final = self.path(name)
        for folder in (final.parent.parent, final.parent):
            folder.mkdir(mode=0o700, exist_ok=True)
        was_there = False
        try:
            os.link(path, final)
        except FileExistsError:
            was_there = final.stat().st_size == size
            if not was_there:
                self.set_aside(name)
                os.link(path, final)
        # Every time and all of them: who made a folder may not have come to sync it when we find it there.
        for folder in (final.parent, final.parent.parent, self.root):
            sync_folder(folder)
        return was_there

    def raw(self, name: str) -> Reader:
        """What is kept under `name`. Raises NotFound; Unavailable where the folder or its disk does not answer."""
        try:
            return FileReader(os.open(self.path(name), os.O_RDONLY | os.O_CLOEXEC))
        except FileNotFoundError as error:
            self.check()
            raise NotFound("The store does not hold these bytes.") from error
        except OSError as error:
            raise Unavailable(f"The store {self.name} cannot be read: {error.strerror}.") from error

    def open(self, digest: str) -> Reader:
        """The plain blob's bytes, for reading. Raises NotFound when the store does not hold it."""
        return self.raw(digest)

    def holds(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def path(self, name: str) -> Path:
        """Where the blob lies, whether or not it is there. Raises Invalid for what is no digest."""
        checked_name(name)
        return self.root / name[:2] / name[2:4] / name

    def set_aside(self, name: str) -> None:
        """Damaged bytes are kept, under `aside/`, where nobody takes them for the blob."""
        aside = self.root / "aside"
        aside.mkdir(mode=0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            self.path(name).rename(aside / f"{name}.{new_id()}")
            sync_folder(self.path(name).parent)
            sync_folder(aside)

    def erase(self, digest: str) -> None:
        """Remove every name of these bytes. Overwriting is not tried: on disks that copy on write it proves nothing."""
        self.check_writable()
        try:
            for path in self._names_of(digest):
                path.unlink(missing_ok=True)
                sync_folder(path.parent)
        except OSError as error:
            raise Unavailable(f"The store {self.name} did not erase: {error.strerror}.") from error

    def absent(self, digest: str) -> bool:
        self.check()
        try:
            return not self._names_of(digest)
        except OSError as error:
            raise Unavailable(f"The store {self.name} cannot be read: {error.strerror}.") from error

    def _names_of(self, digest: str) -> list[Path]:
        """Where these bytes lie: plain, encrypted, set aside."""
        plain, aside = self.path(digest), self.root / "aside"
        found = [path for path in (plain, self.path(digest + ENCRYPTED)) if _lies(path)]
        return found + (sorted(aside.glob(f"{digest}.*")) if _lies(aside) else [])

    def sweep_staging(self) -> int:
        """Remove what killed processes left half-written; what is being written is left alone. Returns how many."""
        return sweep(self.staging)

    def names(self) -> Iterator[str]:
        for folder in sorted(p for p in self.root.glob("[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]") if p.is_dir()):
            yield from sorted(p.name for p in folder.iterdir() if STORED.fullmatch(p.name))

    def digests(self) -> Iterator[str]:
        """Every digest the store holds, in order."""
        last = ""
        for name in self.names():
            if name[:64] != last:
                last = name[:64]
                yield last

    def check(self) -> None:
        if self.marked and not (self.root / MARK).is_file():
            raise Unavailable(
                f"The store {self.name} is not there: its folder is missing, or has not been begun "
                "(`fairwitness storage begin`)."
            )

    def kept_for(self) -> str:
        return ""

    def begin(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.root / MARK).touch(mode=0o600)
        sync_folder(self.root)
        sync_folder(self.root.parent)


def _lies(path: Path) -> bool:
    """Whether there is something under this path. Raises OSError where the disk does not say."""
    try:
        path.lstat()
    except FileNotFoundError:
        return False
    return True


class FileReader(Reader):
    """The bytes of a file that is open for reading."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self.descriptor = descriptor
        self.size = os.fstat(descriptor).st_size

    def pread(self, count: int, at: int) -> bytes:
        try:
            return os.pread(self._open(), count, at)
        except OSError as error:
            raise Unavailable(f"The stored bytes cannot be read: {error.strerror}.") from error

    def pread_into(self, buffer: memoryview, at: int) -> int:
        try:
            return os.preadv(self._open(), [buffer], at)
        except OSError as error:
            raise Unavailable(f"The stored bytes cannot be read: {error.strerror}.") from error

    def _open(self) -> int:
        if self.descriptor is None:
            raise ValueError("read of a blob that was closed")
        return self.descriptor

    def close(self) -> None:
        if self.descriptor is not None:
            os.close(self.descriptor)
            self.descriptor = None
        super().close()
