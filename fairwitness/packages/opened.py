"""A bag that lies somewhere, as folder or ZIP file, read back: untrusted until every digest was found right."""

import hashlib
import os
import re
import shutil
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from fairwitness.kernel.refusals import Invalid
from fairwitness.packages.bag import ESCAPED

STEP = 1024 * 1024
# RFC 8493, 2.1.3: white space of any length, and the star that some programs write.
_LINE = re.compile(r"([0-9a-f]{64})[ \t]+\*?(\S.*)")


class Opened:
    """A bag: what its manifests promise, and its files. Raises Invalid for what is no whole bag."""

    def __init__(self, place: Path) -> None:
        self._files = _Zipped(place) if place.is_file() else _Folder(place)
        manifest, tags = self._read("manifest-sha256.txt"), self._read("tagmanifest-sha256.txt")
        self.digest = hashlib.sha256(tags).hexdigest()
        promised = dict(_entries(tags))
        if promised.get("manifest-sha256.txt") != hashlib.sha256(manifest).hexdigest():
            raise Invalid("Its manifest is not the one that its tag manifest promises. Nothing was written.")
        self.files = dict(_entries(manifest))
        self.info = dict(_said(self._read("bag-info.txt")))

    def _read(self, name: str) -> bytes:
        with self.open(name) as file:
            return file.read()

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """A file of the bag. Raises Invalid where it is missing or cannot be read."""
        try:
            with self._files.open(name) as file:
                yield file
        except (OSError, KeyError, zipfile.BadZipFile, EOFError) as error:
            raise Invalid(
                f"{name} is missing from the export, or cannot be read. Nothing was written."
            ) from error

    def read(self, name: str) -> bytes:
        """A file that is small. Raises Invalid where it is not what the manifest promises."""
        data = self._read(name)
        if hashlib.sha256(data).hexdigest() != self.files.get(name):
            raise _differs(name)
        return data

    def check(self, name: str) -> None:
        """Read a file whole. Raises Invalid where it is not what the manifest promises."""
        digest = hashlib.sha256()
        with self.open(name) as file:
            while block := file.read(STEP):
                digest.update(block)
        if digest.hexdigest() != self.files.get(name):
            raise _differs(name)

    @contextmanager
    def stream(self, name: str) -> Iterator[BinaryIO]:
        """A file of the bag as one that the system itself can read, as stores want it. Raises Invalid."""
        with self.open(name) as file:
            if not isinstance(file, zipfile.ZipExtFile):
                yield file
                return
            here, there = os.pipe()
            feeding = threading.Thread(target=_feed, args=(file, there), daemon=True)
            feeding.start()
            try:
                with os.fdopen(here, "rb", buffering=0) as source:
                    yield source
            finally:
                feeding.join()

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file that was checked."""
        with self.open(name) as file:
            for line in file:
                yield line.decode()

    def below(self, folder: str) -> list[str]:
        """What the manifest promises below a folder, in the order of the manifest."""
        return [name for name in self.files if name.startswith(folder)]


class _Folder:
    def __init__(self, place: Path) -> None:
        self._place = place.resolve()

    def open(self, name: str) -> BinaryIO:
        path = self._place / name
        # Neither it nor a folder above it is a link, and it is no pipe, for whose end nobody should wait.
        if path.resolve() != path or not path.is_file():
            raise KeyError(name)
        return path.open("rb")


class _Zipped:
    def __init__(self, place: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(place)
        except (OSError, zipfile.BadZipFile) as error:
            raise Invalid("This is no ZIP file that can be read. Nothing was written.") from error
        tops = {name.split("/", 1)[0] for name in self._zip.namelist()}
        self._top = f"{tops.pop()}/" if len(tops) == 1 else ""

    def open(self, name: str) -> BinaryIO:
        return self._zip.open(self._top + name)  # type: ignore[return-value]


def _feed(file: zipfile.ZipExtFile, there: int) -> None:
    """What is not read to its end has another digest, which is found out by whoever stores it."""
    with suppress(OSError, zipfile.BadZipFile, EOFError), os.fdopen(there, "wb") as pipe:
        shutil.copyfileobj(file, pipe, STEP)


def _entries(manifest: bytes) -> Iterator[tuple[str, str]]:
    for line in manifest.decode(errors="replace").splitlines():
        found = _LINE.fullmatch(line)
        if not found:
            raise Invalid("Its manifest cannot be read. Nothing was written.")
        path = found[2]
        for letter, code in reversed(ESCAPED):
            path = path.replace(code, letter)
        if not _lies_below(path):
            raise Invalid("Its manifest names a file outside of it. Nothing was written.")
        yield path, found[1]


def _lies_below(path: str) -> bool:
    """Whether a path stays below any folder that it is put after: an empty part would make the rest begin anew."""
    return (
        not path.startswith("~")
        and not {"\\", "\0"} & set(path)
        and not {"", ".", ".."} & set(path.split("/"))
    )


def _said(info: bytes) -> Iterator[tuple[str, str]]:
    for line in info.decode(errors="replace").splitlines():
        name, _colon, value = line.partition(":")
        yield name.strip(), value.strip()


def _differs(name: str) -> Invalid:
    return Invalid(f"{name} is not what the manifest of the export promises. Nothing was written.")
