#!/usr/bin/env python3
"""The dock agent: it sees what cameras hold, sends it in, and forgets nothing; one file, with nothing installed.

    python3 fairwitness_dock.py run    [--config FILE]
    python3 fairwitness_dock.py check  [--config FILE]
    python3 fairwitness_dock.py status [--config FILE]

It watches a folder into which cameras are put, one sub-folder each, and sends every finished file by tus 1.0. Its own
list, a small SQLite file, says what each camera holds and what became of it; the server's word, by SHA-256, says what
is sealed. It may be killed, unplugged or cut off at any moment and goes on where it was. It never deletes from a
camera, unless `release = true` stands in its settings, and then only a file that was read again and
of whose very digest the server says, at that moment, that it is sealed and kept.

It needs Python 3.11, its standard library, and Linux or another POSIX system.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import dataclasses
import email.utils
import errno
import fcntl
import fnmatch
import hashlib
import html
import http.client
import json
import os
import random
import signal
import socket
import sqlite3
import ssl
import stat
import sys
import threading
import time
import tomllib
import urllib.parse
from collections import deque
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

AGENT = "fairwitness-dock 1"
BLOCK = 1 << 20  # bytes read at once while a file is hashed
SENT_AT_ONCE = 1 << 16  # bytes, so that a limit on bandwidth is kept smoothly
TURN = 64 << 20  # bytes of one camera before another has its turn
LONGEST_ANSWER = 1 << 20
DEEPEST = 12  # folders below a camera's own
MOST_CAMERAS = 200  # in a report, as the server takes it
MOST_FILES = 500  # on one page of a report
MOST_HELD = 100_000  # files of one camera
LONGEST_PAUSE = 300.0  # seconds between two tries
LONGEST_RETRY_AFTER = 3600.0
ASK_AGAIN_AFTER = 900.0  # seconds without a word about what was sent whole
TOKEN_AGAIN_AFTER = 600.0  # seconds after which a refused token is shown once more
KEPT_OPEN = 4.0  # seconds for which an idle connection is used again
LEAST_FREE = 32 << 20  # bytes, of the agent's own disk
SETTLED = ("sealed", "refused")


# ---- what can go wrong, each as a sentence for people ----


class Fault(Exception):
    """Something that somebody has to mend, in a sentence."""


class Taken(Fault):
    """Another agent is at work here."""


class Vanished(Exception):
    """The file is not what it was: the camera was pulled out, or is still writing."""


class Later(Exception):
    """The server cannot take it now; `wait` is how long it asks for, in seconds, or None. `away`: it did not answer."""

    def __init__(self, sentence: str, wait: float | None = None, *, away: bool = False) -> None:
        super().__init__(sentence)
        self.wait = wait
        self.away = away


class TokenRefused(Exception):
    """The server does not take this token (any more)."""


class Forgotten(Exception):
    """The server does not know, or no longer takes, this upload: it is begun again."""


class Declined(Exception):
    """The server will not take this file as it is offered."""


def shown(text: object, most: int = 200) -> str:
    """Text that others wrote, made safe to show: one line, of printable characters, not too long."""
    line = "".join(letter if letter.isprintable() else "?" for letter in str(text))
    return line if len(line) <= most else line[: most - 1] + "…"


def say(sentence: str) -> None:
    """One line for the journal. No names of files: what a file is called may say who is on it."""
    print(sentence, file=sys.stderr, flush=True)


# ---- settings ----


@dataclasses.dataclass(frozen=True)
class Settings:
    """What one TOML file says; every name there is a field here."""

    server: str
    token_file: Path
    watch: Path
    # "folders": one sub-folder of `watch` for each camera; "mount": `watch` itself is the camera.
    layout: str = "folders"
    state: Path = Path("/var/lib/fairwitness-dock")
    include: tuple[str, ...] = ("*.mp4", "*.mov", "*.avi", "*.mkv", "*.ts", "*.m4v", "*.m4a", "*.wav", "*.mp3",
                                "*.jpg", "*.jpeg")  # fmt: skip
    ignore: tuple[str, ...] = (".*", "~*", "*.tmp", "*.part", "*.partial", "*.crdownload")
    steady_seconds: float = 10
    scan_seconds: float = 3
    report_seconds: float = 60
    side_by_side: int = 2
    chunk_mib: int = 8
    bandwidth_kib: int = 0  # a second, over all cameras; 0 is no limit
    timeout_seconds: float = 60
    ca_file: str = ""
    page: str = "127.0.0.1:8765"  # empty: no page
    release: bool = False

    @property
    def book(self) -> Path:
        """Where the agent keeps its list."""
        return self.state / "dock.sqlite"


_BOUNDS: dict[str, tuple[float, float]] = {
    "steady_seconds": (0, 3600),
    "scan_seconds": (0.05, 600),
    "report_seconds": (1, 3600),
    "side_by_side": (1, 16),
    "chunk_mib": (1, 64),
    "bandwidth_kib": (0, 1 << 30),
    "timeout_seconds": (1, 3600),
}


def settings_from(path: Path) -> Settings:
    """Read the settings. Raises Fault that says what is wrong with which of them."""
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise Fault(f"The settings {path} cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise Fault(f"The settings {path} are not valid TOML: {error}") from error
    fields = {field.name: field for field in dataclasses.fields(Settings)}
    if unknown := said.keys() - fields.keys():
        raise Fault(f"Settings that are not known: {', '.join(sorted(unknown))}.")
    if missing := {"server", "token_file", "watch"} - said.keys():
        raise Fault(f"Settings that are missing: {', '.join(sorted(missing))}.")
    if "state" not in said and os.environ.get("STATE_DIRECTORY"):
        said["state"] = os.environ["STATE_DIRECTORY"].split(":")[0]
    return _checked(Settings(**{name: _typed(name, fields[name], value) for name, value in said.items()}))


def _typed(name: str, field: dataclasses.Field[Any], value: Any) -> Any:
    kinds: dict[str, type | tuple[type, ...]] = {"bool": bool, "int": int, "float": (int, float)}
    kind = str(field.type)
    if kind.startswith("tuple"):
        if isinstance(value, list) and all(isinstance(each, str) for each in value):
            return tuple(value)
    elif isinstance(value, kinds.get(kind, str)) and isinstance(value, bool) == (kind == "bool"):
        return Path(str(value)).expanduser() if kind == "Path" else value
    raise Fault(f"The setting {name} is not of the kind that it must be ({kind}).")


def _checked(settings: Settings) -> Settings:
    for name, (least, most) in _BOUNDS.items():
        if not least <= getattr(settings, name) <= most:
            raise Fault(f"The setting {name} must lie between {least:g} and {most:g}.")
    if settings.layout not in ("folders", "mount"):
        raise Fault('The setting layout must be "folders" or "mount".')
    address = urllib.parse.urlsplit(settings.server)
    if address.scheme not in ("http", "https") or not address.hostname or address.query or address.username:
        raise Fault("The setting server must be an address such as https://fairwitness.example.")
    if address.scheme == "http" and address.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise Fault(
            "The server must be asked by https: recordings and the token would cross the network in clear."
        )
    if settings.page:
        page_address(settings.page)
    return settings


def page_address(text: str) -> tuple[str, int]:
    """Host and port of the agent's own page. Raises Fault."""
    host, _colon, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise Fault("The setting page must be host and port, such as 127.0.0.1:8765.")
    return host.strip("[]"), int(port)


def token_from(path: Path) -> str:
    """The token, from a file that nobody else may read. Raises Fault."""
    try:
        with path.open("rb") as file:
            about = os.fstat(file.fileno())
            token = file.read(200).decode("ascii", "replace").strip()
    except OSError as error:
        raise Fault(f"The token file {path} cannot be read: {error.strerror}.") from error
    if stat.S_IMODE(about.st_mode) & 0o077:
        raise Fault(f"The token file {path} can be read by others: chmod 600 {path}")
    if not token or not token.isascii() or any(not letter.isprintable() or letter == " " for letter in token):
        raise Fault(f"The token file {path} does not hold a token.")
    return token


# ---- waiting ----


def pause(tries: int, chance: float) -> float:
    """Seconds before try number `tries` + 1: doubled each time up to LONGEST_PAUSE, less up to half by `chance` (0–1)."""
    return min(LONGEST_PAUSE, 2.0 ** min(tries, 16)) * (1 - chance / 2)


def retry_after(value: str | None, now: float) -> float | None:
    """Seconds that `Retry-After` asks for (RFC 9110, 10.2.3), at most LONGEST_RETRY_AFTER; None where it says nothing."""
    if not value:
        return None
    if value.strip().isascii() and value.strip().isdecimal():
        return min(float(value.strip()[:9]), LONGEST_RETRY_AFTER)
    try:
        wanted = email.utils.parsedate_to_datetime(value).timestamp() - now
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(0.0, wanted), LONGEST_RETRY_AFTER)


class Pace:
    """Keeps all senders together below a number of bytes a second; 0 is no limit."""

    def __init__(self, bytes_per_second: int) -> None:
        self.rate = bytes_per_second
        self.free_at = 0.0
        self.lock = threading.Lock()

    def wait(self, count: int, stop: threading.Event) -> None:
        """Wait until `count` more bytes may be sent."""
        if not self.rate:
            return
        with self.lock:
            begin = max(self.free_at, time.monotonic())
            self.free_at = begin + count / self.rate
        stop.wait(begin - time.monotonic()) if begin > time.monotonic() else None


# ---- the list ----


class File(NamedTuple):
    """A file on a camera, as the list has it. `offset` is how much of it the server said to have."""

    id: int
    serial: str
    raw: bytes
    size: int
    mtime_ns: int
    sha256: str
    state: str
    url: str
    offset: int
    tries: int
    error: str
    released: int

    @property
    def name(self) -> str:
        """The path below the camera's folder, as it can be shown and sent."""
        return name_of(self.raw)


def name_of(raw: bytes) -> str:
    """A file's name as text of at most 255 letters; one that is not plain text carries a part of its digest."""
    text = raw.decode("utf-8", "backslashreplace")
    plain = "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)
    if plain.encode("utf-8", "replace") == raw and len(plain) <= 255:
        return plain
    return f"{plain[-220:]} ~{hashlib.sha256(raw).hexdigest()[:16]}"


_SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
  id INTEGER PRIMARY KEY,
  serial TEXT NOT NULL,
  raw BLOB NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  sha256 TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'seen',
  url TEXT NOT NULL DEFAULT '',
  offset INTEGER NOT NULL DEFAULT 0,
  tries INTEGER NOT NULL DEFAULT 0,
  error TEXT NOT NULL DEFAULT '',
  released INTEGER NOT NULL DEFAULT 0,
  told INTEGER NOT NULL DEFAULT 0,
  UNIQUE (serial, raw)
) STRICT;
CREATE INDEX IF NOT EXISTS file_digest ON file (sha256);
CREATE INDEX IF NOT EXISTS file_state ON file (state);
"""
_COLUMNS = ", ".join(File._fields)


class Book:
    """The agent's own list of what each camera holds; every change is on disk before it counts."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self.lock = threading.RLock()
        if read_only:
            self.db = sqlite3.connect(f"file:{urllib.parse.quote(str(path))}?mode=ro", uri=True)
            return
        try:
            self.db = self._open(path)
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                raise
            # What the server has is not lost by this: it says by digest what is sealed.
            aside = path.with_name(f"{path.name}.damaged-{int(time.time())}")
            say(f"The list was damaged; it is kept as {aside.name}, and a new one is begun.")
            path.rename(aside)
            for more in ("-wal", "-shm"):
                path.with_name(path.name + more).unlink(missing_ok=True)
            self.db = self._open(path)

    @staticmethod
    def _open(path: Path) -> sqlite3.Connection:
        db = sqlite3.connect(path, check_same_thread=False, timeout=30)
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        if db.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
            db.close()
            raise sqlite3.DatabaseError("damaged")
        db.executescript(_SCHEMA)
        return db

    def files(self, where: str = "1", *values: Any) -> list[File]:
        """The files for which `where` holds."""
        with self.lock:
            rows = self.db.execute(f"SELECT {_COLUMNS} FROM file WHERE {where}", values).fetchall()  # noqa: S608
        return [File(*row) for row in rows]

    def file(self, pk: int) -> File | None:
        """One file."""
        return next(iter(self.files("id = ?", pk)), None)

    def sealed(self) -> dict[str, int]:
        """How many files of each camera are sealed."""
        query = "SELECT serial, count(*) FROM file WHERE state = 'sealed' GROUP BY serial"
        with self.lock:
            return dict(self.db.execute(query).fetchall())

    def write(self, statement: str, *values: Any) -> None:
        """Change the list; it is on disk when this returns."""
        with self.lock, self.db:
            self.db.execute(statement, values)

    def see(self, serial: str, raw: bytes, size: int, mtime_ns: int) -> bool:
        """Note a finished file; answers whether that is new. One that differs from what was noted begins anew."""
        with self.lock, self.db:
            done = self.db.execute(
                "INSERT INTO file (serial, raw, size, mtime_ns) VALUES (?, ?, ?, ?) ON CONFLICT (serial, raw) "
                "DO UPDATE SET size = excluded.size, mtime_ns = excluded.mtime_ns, sha256 = '', state = 'seen', "
                "url = '', offset = 0, tries = 0, error = '', released = 0, told = 0 "
                "WHERE size <> excluded.size OR mtime_ns <> excluded.mtime_ns",
                (serial, raw, size, mtime_ns),
            ).rowcount
            back = self.db.execute(
                "UPDATE file SET state = iif(url = '', 'seen', 'uploading'), told = 0, error = '' "
                "WHERE serial = ? AND raw = ? AND state = 'gone'",
                (serial, raw),
            ).rowcount
        return done > 0 or back > 0

    def lose(self, file: File) -> None:
        """Note that a file is no longer on its camera; what the server was sent whole may still be sealed."""
        self.write(
            "UPDATE file SET state = 'gone', told = 0 WHERE id = ? AND state IN ('seen', 'uploading')",
            file.id,
        )

    def hashed(self, file: File, sha256: str) -> None:
        """Note a file's digest."""
        self.write("UPDATE file SET sha256 = ? WHERE id = ?", sha256, file.id)

    def begun(self, file: File, url: str) -> None:
        """Note where a file is being sent to."""
        self.write(
            "UPDATE file SET url = ?, offset = 0, state = 'uploading' WHERE id = ? AND state IN ('seen', 'uploading')",
            url, file.id,
        )  # fmt: skip

    def advanced(self, file: File, offset: int) -> None:
        """Note how much of a file the server has; the whole of it is `uploaded`."""
        self.write(
            "UPDATE file SET offset = ?, error = '', state = iif(? >= size, 'uploaded', 'uploading') "
            "WHERE id = ? AND state IN ('seen', 'uploading', 'uploaded')",
            offset, offset, file.id,
        )  # fmt: skip

    def begin_again(self, file: File, why: str) -> None:
        """Forget where a file was being sent to: it is sent anew."""
        self.write(
            "UPDATE file SET url = '', offset = 0, state = 'seen', tries = tries + 1, error = ? "
            "WHERE id = ? AND state IN ('seen', 'uploading', 'uploaded')",
            shown(why), file.id,
        )  # fmt: skip

    def unsettle(self, file: File) -> None:
        """What was said to be sealed is so no more: it is sent again, and reported until it is sealed anew."""
        self.write(
            "UPDATE file SET url = '', offset = 0, state = 'seen', error = ? WHERE id = ? AND state = 'sealed'",
            "The server no longer says that it is sealed; it is sent again.", file.id,
        )  # fmt: skip

    def failed(self, file: File, why: str) -> None:
        """Note why a file could not be sent this time."""
        if file.error != shown(why):
            self.write("UPDATE file SET error = ? WHERE id = ?", shown(why), file.id)

    def settle(self, word: str, sha256: str) -> int:
        """Keep the server's word about everything with this digest; answers how many files it was news of.

        What was refused is read and sent once more: it may have been misread. Nothing is refused that was not sent.
        """
        sealed = "UPDATE file SET state = 'sealed', error = '' WHERE sha256 = ? AND state <> 'sealed'"
        refused = "UPDATE file SET state = 'refused', error = '' WHERE sha256 = ? AND state = 'uploaded' AND tries > 0"
        again = (
            "UPDATE file SET state = 'seen', sha256 = '', url = '', offset = 0, tries = 1 "
            "WHERE sha256 = ? AND state = 'uploaded' AND tries = 0"
        )
        with self.lock, self.db:
            return sum(
                self.db.execute(statement, (sha256,)).rowcount
                for statement in ([sealed] if word == "sealed" else [refused, again])
            )


# ---- cameras ----


class Held(NamedTuple):
    """A file as it lies on a camera now."""

    raw: bytes
    size: int
    mtime_ns: int


class Steady:
    """Tells which files have kept size and date for so many seconds, by a clock that nobody sets."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.since: dict[tuple[str, bytes], tuple[int, int, float]] = {}

    def finished(self, serial: str, held: Held, now: float) -> bool:
        """Whether `held` has not changed for long enough at `now`."""
        key = serial, held.raw
        size, mtime_ns, since = self.since.get(key, (-1, -1, now))
        if (size, mtime_ns) != (held.size, held.mtime_ns):
            self.since[key] = held.size, held.mtime_ns, now
            since = now
        return now - since >= self.seconds

    def forget(self, serial: str) -> None:
        """A camera was taken out: what is on it is looked at anew."""
        self.since = {key: value for key, value in self.since.items() if key[0] != serial}


def serial_of(folder: Path) -> str:
    """A camera's serial number: the first line of the file `serial` in its folder, or else the folder's name."""
    try:
        with (folder / "serial").open(encoding="utf-8") as file:
            said = file.readline(100).strip()
    except (OSError, ValueError):
        said = ""
    return said or folder.resolve().name


def can_be_serial(text: str) -> bool:
    """Whether the server would take this for a serial number."""
    return 0 < len(text.strip()) <= 40 and text.isprintable()


class Cameras(NamedTuple):
    """The cameras that are there, by serial number, and the folders that cannot be told to be one."""

    found: dict[str, Path]
    odd: list[str]


def cameras_in(settings: Settings) -> Cameras:
    """What is in the dock. Raises OSError when the watched folder cannot be read."""
    if settings.layout == "mount":
        folders = [settings.watch]
    else:
        with os.scandir(settings.watch) as entries:
            folders = [Path(e.path) for e in entries if e.is_dir() and not e.name.startswith(".")]
    found: dict[str, Path] = {}
    odd: list[str] = []
    for folder in sorted(folders):
        serial = serial_of(folder)
        if can_be_serial(serial) and serial not in found and len(found) < MOST_CAMERAS:
            found[serial] = folder
        else:
            odd.append(shown(folder.name, 40))
    return Cameras(found, odd)


def files_on(folder: Path, settings: Settings) -> list[Held] | None:
    """Every file on a camera that is a recording by its name; None when nothing at all is there. Raises OSError.

    Links are not followed. A camera that changes places while it is looked at raises, too.
    """
    found: list[Held] = []
    before = folder.stat()
    seen = _walk(folder, "", settings, found, 0)
    after = folder.stat()
    if (before.st_dev, before.st_ino) != (after.st_dev, after.st_ino):
        raise OSError(errno.ESTALE, "another camera is there")
    return found if seen else None


def _walk(folder: Path, below: str, settings: Settings, found: list[Held], depth: int) -> int:
    seen = 0
    with os.scandir(folder / below) as entries:
        for entry in sorted(entries, key=lambda each: each.name):
            seen += 1
            name = entry.name.lower()
            if any(fnmatch.fnmatchcase(name, each) for each in settings.ignore) or len(found) >= MOST_HELD:
                continue
            path = f"{below}/{entry.name}" if below else entry.name
            if entry.is_dir(follow_symlinks=False):
                if depth < DEEPEST:
                    _walk(folder, path, settings, found, depth + 1)
            elif entry.is_file(follow_symlinks=False) and any(
                fnmatch.fnmatchcase(name, each) for each in settings.include
            ):
                about = entry.stat(follow_symlinks=False)
                found.append(Held(os.fsencode(path), about.st_size, _date(about)))
    return seen


def _date(about: os.stat_result) -> int:
    """When a file was changed, in nanoseconds since 1970; what the list cannot hold is as near as it can."""
    return min(max(about.st_mtime_ns, -(2**63)), 2**63 - 1)


class Source:
    """A file on a camera, open for reading; every read says Vanished when it is no longer the file that was noted."""

    def __init__(self, folder: Path, file: File) -> None:
        self.file = file
        self.path = folder / os.fsdecode(file.raw)
        try:
            self.fd = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except OSError as error:
            raise Vanished(_why(error)) from error

    def __enter__(self) -> Source:
        return self

    def __exit__(self, *_error: object) -> None:
        os.close(self.fd)

    def check(self) -> os.stat_result:
        """Raise Vanished unless the open file is the one that was noted."""
        try:
            about = os.fstat(self.fd)
        except OSError as error:
            raise Vanished(_why(error)) from error
        if not stat.S_ISREG(about.st_mode):
            raise Vanished("It is not a file any more.")
        if (about.st_size, _date(about)) != (self.file.size, self.file.mtime_ns):
            raise Vanished("It has changed since it was seen; it is looked at again.")
        return about

    def read(self, offset: int, count: int) -> bytes:
        """Exactly `count` bytes from `offset`."""
        data = b""
        while len(data) < count:
            try:
                more = os.pread(self.fd, count - len(data), offset + len(data))
            except OSError as error:
                raise Vanished(_why(error)) from error
            if not more:
                raise Vanished("It is shorter than it was.")
            data = data + more if data else more
        return data

    def digest(self, stop: threading.Event) -> str:
        """SHA-256 of the whole file, which is the same file before and after."""
        self.check()
        whole = hashlib.sha256()
        for offset in range(0, self.file.size, BLOCK):
            if stop.is_set():
                raise Vanished("The agent is stopping.")
            whole.update(self.read(offset, min(BLOCK, self.file.size - offset)))
        self.check()
        return whole.hexdigest()

    def delete(self, sha256: str, stop: threading.Event, sealed: Callable[[], bool]) -> bool:
        """Delete exactly this file, after it was read again and has this digest, and `sealed` says yes after that.

        False when it says no; whatever it raises passes. Raises Vanished for another file.
        """
        if not sha256 or self.digest(stop) != sha256:
            raise Vanished("It is not what was sealed, so it stays.")
        if not sealed():
            return False
        about = self.check()
        try:
            named = self.path.lstat()
            if (named.st_dev, named.st_ino) != (about.st_dev, about.st_ino):
                raise Vanished("Another file has its name, so it stays.")
            self.path.unlink()
        except OSError as error:
            raise Vanished(_why(error)) from error
        return True


def _why(error: OSError) -> str:
    gone = error.errno in (errno.ENOENT, errno.ENOTDIR, errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE)
    return "The camera was taken out." if gone else f"It cannot be read: {error.strerror}."


# ---- the server ----


class Answer(NamedTuple):
    """What the server answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    def sentence(self) -> str:
        """What the server said about it, for people."""
        try:
            said = json.loads(self.body)["sentence"]
        except (ValueError, KeyError, TypeError):
            return f"The server answered {self.status}."
        return shown(said)


class Server:
    """The server's end: tus 1.0 and the report. One connection for each thread; nothing leads it to another host."""

    def __init__(
        self, settings: Settings, stop: threading.Event, sent: Callable[[int], object] = lambda n: None
    ) -> None:
        self.settings = settings
        self.address = urllib.parse.urlsplit(settings.server)
        self.root = self.address.path.rstrip("/")
        self.pace = Pace(settings.bandwidth_kib * 1024)
        self.stop = stop
        self.sent = sent
        self.mine = threading.local()

    def create(self, file: File, token: str) -> str:
        """Begin an upload; answers its path on the server (tus 1.0, creation)."""
        said = {
            "filename": file.name,
            "sha256": file.sha256,
            "device": file.serial,
            "started": _rfc3339(file.mtime_ns),
        }
        words = ",".join(f"{key} {_base64(value.encode())}" for key, value in said.items() if value)
        headers = {"Upload-Length": str(file.size), "Upload-Metadata": words, "Content-Length": "0"}
        answer = _judged(self._ask("POST", f"{self.root}/api/uploads", token, headers))
        path = urllib.parse.urlsplit(answer.headers.get("Location", "")).path
        if answer.status != 201 or not path.startswith("/"):
            raise Later("The server did not say where to send it.")
        return path

    def offset(self, file: File, token: str) -> int:
        """How much of the file the server has (tus 1.0, HEAD). Raises Forgotten where what it says cannot be."""
        answer = _judged(self._ask("HEAD", file.url, token, {}))
        offset, length = _number(answer, "Upload-Offset"), _number(answer, "Upload-Length")
        if offset is None or offset > file.size or length not in (None, file.size):
            raise Forgotten("What the server says about this upload cannot be.")
        return offset

    def patch(self, file: File, offset: int, data: bytes, token: str) -> int:
        """Send one chunk with its checksum; answers how much the server has now. Raises Forgotten if that cannot be."""
        headers = {
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(data)),
            "Upload-Offset": str(offset),
            "Upload-Checksum": f"sha256 {_base64(hashlib.sha256(data).digest())}",
        }
        answer = _judged(self._ask("PATCH", file.url, token, headers, data))
        now = _number(answer, "Upload-Offset")
        if now is None or not offset < now <= offset + len(data):
            raise Forgotten("What the server says about this upload cannot be.")
        return now

    def report(self, said: dict[str, Any], token: str) -> dict[str, Any]:
        """Say what cameras hold; answers the server's time and its word on digests."""
        body = json.dumps(said).encode()
        headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        answer = _judged(self._ask("POST", f"{self.root}/api/docks/report", token, headers, body))
        try:
            heard = json.loads(answer.body)
            return {
                "time": int(heard["time"]),
                "received": {str(k): str(v) for k, v in heard["received"].items()},
            }
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise Later("The server's answer to the report cannot be read.") from error

    def sealed(self, sha256: str, token: str) -> bool:
        """Whether the server says, now, that exactly this is sealed and kept. Raises Declined if it says neither."""
        answer = _judged(self._ask("GET", f"{self.root}/api/docks/sealed/{sha256}", token, {}))
        try:
            said = json.loads(answer.body)
            if said["sha256"] == sha256 and isinstance(said["sealed"], bool):
                return bool(said["sealed"])
        except (ValueError, KeyError, TypeError):
            pass
        raise Declined("The server does not say whether it is sealed.")

    def extensions(self) -> str:
        """What of tus the server can (tus 1.0, OPTIONS)."""
        answer = self._ask("OPTIONS", f"{self.root}/api/uploads", "", {})
        if "1.0.0" not in answer.headers.get("Tus-Version", ""):
            raise Later("The server answers, but not as one that takes uploads.")
        return answer.headers.get("Tus-Extension", "")

    def _ask(self, method: str, path: str, token: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """One request and its answer. Raises Later when there is none."""
        headers = {"Tus-Resumable": "1.0.0", "User-Agent": AGENT, "Accept": "application/json", **headers}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        connection = self._connection()
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                # A server that refuses may answer before it has read everything: its answer is still read.
                connection.request(method, path, self._paced(body) if body else None, headers)
            answer = connection.getresponse()
            data = answer.read(LONGEST_ANSWER)
            self.mine.used_at = time.monotonic()
            if not answer.isclosed() or answer.will_close:
                self.close()
            return Answer(answer.status, answer.headers, data)
        except ssl.SSLCertVerificationError as error:
            self.close()
            raise Later(
                f"The server's certificate is not good: {error.verify_message}.", away=True
            ) from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            reason = getattr(error, "strerror", "") or type(error).__name__
            raise Later(f"The server does not answer ({shown(reason)}).", away=True) from error

    def _paced(self, body: bytes) -> Iterator[memoryview]:
        view = memoryview(body)
        for at in range(0, len(body), SENT_AT_ONCE):
            part = view[at : at + SENT_AT_ONCE]
            self.pace.wait(len(part), self.stop)
            yield part
            self.sent(len(part))

    def _connection(self) -> http.client.HTTPConnection:
        known: http.client.HTTPConnection | None = getattr(self.mine, "connection", None)
        if known is not None and time.monotonic() < self.mine.used_at + KEPT_OPEN:
            return known
        self.close()  # the server may have closed it by now, and would not say so in time
        host, port, wait = str(self.address.hostname), self.address.port, self.settings.timeout_seconds
        if self.address.scheme == "https":
            context = ssl.create_default_context(cafile=self.settings.ca_file or None)
            known = http.client.HTTPSConnection(host, port, timeout=wait, context=context)
        else:
            known = http.client.HTTPConnection(host, port, timeout=wait)
        self.mine.connection, self.mine.used_at = known, time.monotonic()
        return known

    def close(self) -> None:
        """Give up this thread's connection."""
        known: http.client.HTTPConnection | None = getattr(self.mine, "connection", None)
        if known is not None:
            known.close()
        self.mine.connection = None


def _judged(answer: Answer) -> Answer:
    """The answer, when it is a good one; otherwise what it means is raised."""
    status = answer.status
    if 200 <= status < 300:
        return answer
    wait = retry_after(answer.headers.get("Retry-After"), time.time())
    if status in (401, 403):
        raise TokenRefused(answer.sentence())
    if status in (404, 410):
        raise Forgotten(answer.sentence())
    if status == 507:
        raise Later("The server has no room. Nothing is lost: it is sent when there is.", wait or 60.0)
    # Another offset, another that holds the upload, a chunk that arrived damaged: asked anew where it stands.
    if status in (408, 409, 423, 425, 429, 460) or status >= 500:
        raise Later(answer.sentence(), wait)
    raise Declined(answer.sentence())


def _number(answer: Answer, name: str) -> int | None:
    text = answer.headers.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _rfc3339(mtime_ns: int) -> str:
    try:
        moment = datetime.fromtimestamp(mtime_ns // 10**9, UTC)
    except (OverflowError, ValueError, OSError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment.year >= 1000 else ""


# ---- the agent ----


class Rate:
    """How many bytes were sent lately, a second."""

    SPAN = 20.0

    def __init__(self) -> None:
        self.sent: deque[tuple[float, int]] = deque()
        self.lock = threading.Lock()

    def add(self, count: int) -> None:
        """So many more bytes were sent."""
        with self.lock:
            self.sent.append((time.monotonic(), count))

    def now(self) -> float:
        """Bytes a second, over the last SPAN seconds."""
        with self.lock:
            while self.sent and self.sent[0][0] < time.monotonic() - self.SPAN:
                self.sent.popleft()
            return sum(count for _at, count in self.sent) / self.SPAN


class Agent:
    """One agent: a thread that watches, some that send, one that reports, and its page."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.stop = threading.Event()
        self.rate = Rate()
        self.server = Server(settings, self.stop, self.rate.add)
        self.book = Book(settings.book)
        self.steady = Steady(settings.steady_seconds)
        self.chance = random.Random()
        self.cameras: dict[str, Path] = {}  # those that are in the dock
        self.missing: set[int] = set()  # files that were not there at the last look
        self.served: dict[str, float] = {}  # when each camera last had its turn
        self.busy: set[str] = set()
        self.retry_at: dict[int, float] = {}
        self.lock = threading.Lock()
        self.work = threading.Condition(self.lock)
        self.news = threading.Event()  # something that the server should hear of
        self.telling = threading.Lock()
        self.pause_until = 0.0
        self.away = False
        self.failures = 0
        self.refused: dict[str, tuple[str, float]] = {}  # for what which token was refused when
        self.shown = threading.local()  # the digest of the token that this thread was given last
        self.contact: float | None = None  # when the server last answered, by time.monotonic
        self.ahead: int | None = None  # seconds by which this clock is ahead of the server's
        self.faults: dict[str, str] = {}  # what is wrong now, by what it is about

    # -- watching --

    def look(self) -> None:
        """Look at every camera once: note what is finished, what changed, what is no longer there."""
        present: dict[str, Path] = {}
        now = time.monotonic()
        for serial, folder in self._cameras().items():
            known = self.book.files("serial = ?", serial)
            try:
                held = files_on(folder, self.settings)
            except PermissionError:
                self.faults[f"camera {serial}"] = (
                    f"The camera {shown(serial)} cannot be read: permission denied."
                )
                continue
            except OSError:
                continue  # it is being taken out: nothing is concluded from what cannot be read to the end
            self.faults.pop(f"camera {serial}", None)
            if held is None and (
                self.settings.layout == "mount" or any(f.state not in SETTLED for f in known)
            ):
                continue  # the place is there, the camera is not
            present[serial] = folder
            self._compare(serial, held or [], known, now)
        with self.work:
            if present.keys() != self.cameras.keys():
                for serial in self.cameras.keys() - present.keys():
                    self.steady.forget(serial)
                self.news.set()
            self.cameras = present
            self.work.notify_all()

    def _cameras(self) -> dict[str, Path]:
        """The cameras that are there; what stands in the way of seeing them is said."""
        found: dict[str, Path] = {}
        odd: list[str] = []
        unread = ""
        try:
            found, odd = cameras_in(self.settings)
        except OSError as error:
            unread = f"The folder {self.settings.watch} cannot be read: {error.strerror}."
        self._fault("watch", unread)
        said = f"Not looked at, for want of a serial number of its own: {', '.join(odd[:5])}."
        self._fault("odd", said if odd else "")
        return found

    def _fault(self, about: str, sentence: str) -> None:
        """Something is wrong, or, with no sentence, is so no more."""
        if sentence:
            self.faults[about] = sentence
        else:
            self.faults.pop(about, None)

    def _compare(self, serial: str, held: list[Held], known: list[File], now: float) -> None:
        noted = {file.raw: file for file in known}
        for each in held:
            file = noted.get(each.raw)
            same = file is not None and (file.size, file.mtime_ns) == (each.size, each.mtime_ns)
            if file is not None:
                self.missing.discard(file.id)
            if (
                not (same and file is not None and file.state != "gone")
                and self.steady.finished(serial, each, now)
                and self.book.see(serial, each.raw, each.size, each.mtime_ns)
            ):
                if file is not None:
                    self.retry_at.pop(file.id, None)
                self.news.set()
        there = {each.raw for each in held}
        for file in known:
            if file.raw in there or file.state not in ("seen", "uploading"):
                continue
            # Believed when two looks agree: a camera that is being pulled out shows strange things.
            if file.id in self.missing:
                self.book.lose(file)
                self.news.set()
            self.missing.add(file.id)

    # -- sending --

    def turn(self) -> bool:
        """Serve the camera that waited longest; False when there is nothing to do now."""
        with self.work:
            chosen = self._choose()
            if chosen is None:
                return False
            file, folder = chosen
            self.busy.add(file.serial)
        try:
            self._serve(file, folder)
        finally:
            with self.work:
                self.busy.discard(file.serial)
                self.served[file.serial] = time.monotonic()
                self.work.notify_all()
        return True

    def _choose(self) -> tuple[File, Path] | None:
        now = time.monotonic()
        if now < self.pause_until:
            return None
        waiting = sorted(self.cameras.keys() - self.busy, key=lambda serial: self.served.get(serial, 0.0))
        for serial in waiting:
            files = self.book.files(
                "serial = ? AND (state IN ('seen', 'uploading', 'uploaded') "
                "OR (state = 'sealed' AND NOT released AND ?)) "
                "ORDER BY state = 'uploading' DESC, state = 'seen' DESC, mtime_ns, id",
                serial, self.settings.release,
            )  # fmt: skip
            for file in files:
                if self.retry_at.get(file.id, 0.0) <= now and file.id not in self.missing:
                    return file, self.cameras[serial]
        return None

    def _serve(self, file: File, folder: Path) -> None:
        try:
            if file.state == "sealed":
                self._release(file, folder)
            elif file.state == "uploaded":
                self._ask_after(file)
            else:
                self._send(file, folder)
        except Vanished as why:
            self._wait(file, str(why), 5.0)
        except Forgotten as why:
            self.book.begin_again(file, str(why))
            self._wait(file, str(why), pause(file.tries, self.chance.random()))
        except Declined as why:
            self._wait(file, str(why), LONGEST_PAUSE)
        except TokenRefused as why:
            self._token_refused("send", str(why))
        except Later as why:
            self._pause(str(why), why.wait, away=why.away)
            # The next to be tried is another one: it may be this file alone that the server cannot take.
            self._wait(file, str(why), 0.0 if why.away else self.pause_until - time.monotonic() + 5.0)

    def _send(self, file: File, folder: Path) -> None:
        """Send the next part of a file: as much as one turn holds."""
        with Source(folder, file) as source:
            source.check()
            if not file.sha256:
                self.book.hashed(file, source.digest(self.stop))
                self.tell()  # it may be here already, by another way
            token = self.token("send")
            now = self.book.file(file.id)
            if now is None or now.state not in ("seen", "uploading") or now.sha256 == "":
                return
            file = now
            if not file.url:
                self.book.begun(file, self.server.create(file, token))
                file, offset = self.book.file(file.id) or file, 0
            else:
                offset = self.server.offset(file, token)
            self.book.advanced(file, offset)
            most = min(file.size, offset + TURN)
            while offset < most and not self.stop.is_set():
                data = source.read(offset, min(self.settings.chunk_mib << 20, file.size - offset))
                source.check()
                offset = self.server.patch(file, offset, data, token)
                self.book.advanced(file, offset)
                self._answered()
        if offset >= file.size:
            self.retry_at[file.id] = time.monotonic() + ASK_AGAIN_AFTER
            self.news.set()

    def _ask_after(self, file: File) -> None:
        """The server has had the whole for long and has said nothing: ask where it stands."""
        offset = self.server.offset(file, self.token("send"))
        self._answered()
        if offset < file.size:
            self.book.advanced(file, offset)
        self.retry_at[file.id] = time.monotonic() + ASK_AGAIN_AFTER

    def _release(self, file: File, folder: Path) -> None:
        try:
            with Source(folder, file) as source:
                # What was said once may be long ago: asked before the file is read, and again before it goes.
                if not (
                    self._sealed(file) and source.delete(file.sha256, self.stop, lambda: self._sealed(file))
                ):
                    self.book.unsettle(file)
                    self.news.set()
                    return
            say(f"Released from the camera {shown(file.serial)}: sha256:{file.sha256}")
        except Vanished as why:
            if os.path.lexists(folder / os.fsdecode(file.raw)):
                self._wait(file, str(why), 3600.0)
                return
        self.book.write("UPDATE file SET released = 1, error = '' WHERE id = ?", file.id)

    def _sealed(self, file: File) -> bool:
        try:
            said = self.server.sealed(file.sha256, self.token("report"))
        except (TokenRefused, Forgotten) as why:
            # Nothing is wrong with what is sent: this file stays and is asked about later.
            raise Declined(f"The server does not say whether it is sealed: {why}") from why
        self.contact = time.monotonic()
        return said

    def _wait(self, file: File, why: str, seconds: float) -> None:
        self.book.failed(file, why)
        self.retry_at[file.id] = time.monotonic() + seconds

    def _pause(self, why: str, wait: float | None, *, away: bool) -> None:
        with self.work:
            self.failures += 1
            seconds = max(wait or 0.0, pause(self.failures, self.chance.random()))
            self.pause_until = time.monotonic() + seconds
            self.away = away
            self.faults["server"] = why

    def _answered(self) -> None:
        """The server answers and takes what is sent."""
        self.contact = time.monotonic()
        self.failures = 0
        self.refused.pop("send", None)
        self.faults.pop("server", None)
        self.faults.pop("contact", None)

    # -- the token --

    def token(self, purpose: str) -> str:
        """The token to show. Raises TokenRefused while the server does not want it, Later when there is none to show."""
        try:
            token = token_from(self.settings.token_file)
        except Fault as fault:
            self.faults["token"] = str(fault)
            raise Later(str(fault), 30.0) from fault
        self.shown.digest = _digest(token)
        digest, at = self.refused.get(purpose, ("", 0.0))
        if digest == self.shown.digest and time.monotonic() < at + TOKEN_AGAIN_AFTER:
            raise TokenRefused(self.faults.get("token", ""))
        return token

    def _token_refused(self, purpose: str, why: str) -> None:
        # What was shown, not what the file holds now: a new token may have been put there while the old one was refused.
        now, digest = time.monotonic(), getattr(self.shown, "digest", "")
        before, at = self.refused.get(purpose, ("", 0.0))
        if digest != before or now >= at + TOKEN_AGAIN_AFTER:
            say(
                f"The server refuses this dock's token: {why} It is asked again later; the cameras are watched on."
            )
            self.refused[purpose] = digest, now
        self.faults["token"] = why or "The server refuses this dock's token."
        with self.work:
            self.pause_until = time.monotonic() + min(5.0, self.settings.report_seconds)

    # -- reporting --

    def tell(self) -> None:
        """Report everything that is not settled, page by page, and keep what the server says of it."""
        with self.telling:
            try:
                for page, gone in self.pages():
                    heard = self.server.report(page, self.token("report"))
                    self._heard(heard)
                    for pk in gone:
                        self.book.write("UPDATE file SET told = 1 WHERE id = ?", pk)
            except TokenRefused as why:
                self._token_refused("report", str(why))
            except (Declined, Forgotten) as why:
                self.faults["report"] = f"The server does not take this dock's report: {why}"
            except Later as why:
                # That nobody answered is true until somebody does, whatever is asked for.
                self.faults["contact" if why.away else "report"] = str(why)

    def _heard(self, heard: dict[str, Any]) -> None:
        self.contact = time.monotonic()
        self.ahead = round(time.time() - heard["time"])
        self.refused.pop("report", None)
        self.faults.pop("report", None)
        self.faults.pop("contact", None)
        if not self.refused:
            self.faults.pop("token", None)
        with self.work:
            if self.away:  # it is back: no use in waiting on
                self.away, self.pause_until = False, 0.0
                self.faults.pop("server", None)
            self.work.notify_all()
        for sha256, word in heard["received"].items():
            if word in SETTLED:
                concerned = self.book.files("sha256 = ?", sha256)
                if self.book.settle(word, sha256):
                    for file in concerned:
                        self.retry_at.pop(file.id, None)

    def pages(self) -> Iterator[tuple[dict[str, Any], list[int]]]:
        """The pages of a report, each naming all cameras and some files, with the files on it that are gone."""
        files = self.book.files(
            "state <> 'sealed' AND NOT (state = 'gone' AND told) ORDER BY serial, mtime_ns, id"
        )
        present = set(self.cameras)
        serials = (sorted(present) + sorted({file.serial for file in files} - present))[:MOST_CAMERAS]
        files = [file for file in files if file.serial in serials]
        waiting = {serial: [f for f in files if f.serial == serial and _waits(f)] for serial in serials}
        for at in range(0, max(1, len(files)), MOST_FILES):
            some = files[at : at + MOST_FILES]
            yield (
                {
                    "agent": AGENT,
                    "time": _seconds(time.time()),
                    "free_bytes": free_bytes(self.settings.state),
                    "cameras": [
                        {
                            "serial": serial,
                            "connected": serial in present,
                            "waiting": len(waiting[serial]),
                            "waiting_bytes": sum(file.size for file in waiting[serial]),
                            "files": [_said(file) for file in some if file.serial == serial],
                        }
                        for serial in serials
                    ],
                },
                [file.id for file in some if file.state == "gone"],
            )

    # -- running --

    def run(self) -> None:
        """Run until told to stop."""
        threads = [
            threading.Thread(target=self._again_and_again, args=(what,), daemon=True)
            for what in (self._watching, self._reporting, *[self._sending] * self.settings.side_by_side)
        ]
        page = None
        try:
            page = serve_page(self) if self.settings.page else None
        except Fault as fault:
            say(str(fault))  # recordings matter more than the page
        for thread in threads:
            thread.start()
        say(f"{AGENT}: watching for cameras.")
        self.stop.wait()
        with self.work:
            self.work.notify_all()
        self.news.set()
        if page:
            page.shutdown()
        for thread in threads:
            thread.join(5)

    def _again_and_again(self, work: Callable[[], object]) -> None:
        """Do `work` until told to stop; whatever goes wrong is said, and it goes on."""
        while not self.stop.is_set():
            try:
                work()
                self.faults.pop("self", None)
            except Exception as error:
                full = (
                    isinstance(error, sqlite3.OperationalError) or getattr(error, "errno", 0) == errno.ENOSPC
                )
                sentence = (
                    "This dock's own disk is full, or cannot be written to. Nothing is lost; make room."
                    if full
                    else f"Something went wrong inside the agent ({type(error).__name__}). It goes on."
                )
                if self.faults.get("self") != sentence:
                    say(f"{sentence} {shown(error)}")
                self.faults["self"] = sentence
                self.stop.wait(5)

    def _watching(self) -> None:
        self.look()
        little = (free_bytes(self.settings.state) or LEAST_FREE) < LEAST_FREE
        self._fault("disk", "This dock's own disk is nearly full. Make room." if little else "")
        self.stop.wait(self.settings.scan_seconds)

    def _sending(self) -> None:
        if not self.turn():
            with self.work:
                self.work.wait(1.0)

    def _reporting(self) -> None:
        self.news.wait(self.settings.report_seconds)
        if self.stop.is_set():
            return
        # What happens at about the same time goes into one report.
        self.stop.wait(min(1.0, self.settings.report_seconds / 4))
        self.news.clear()
        self.tell()
        # What was sent whole is sealed in a moment: ask soon.
        if self.book.files("state = 'uploaded' LIMIT 1") and "server" not in self.faults:
            self.stop.wait(min(5.0, self.settings.report_seconds))
            self.tell()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _waits(file: File) -> bool:
    return file.state in ("seen", "uploading", "uploaded")


def _said(file: File) -> dict[str, Any]:
    return {
        "name": file.name,
        "size": file.size,
        "modified": _seconds(file.mtime_ns / 10**9),
        "sha256": file.sha256,
        "gone": file.state == "gone",
    }


def _seconds(moment: float) -> int:
    """Whole seconds as the server takes them; a clock that is wrong beyond all measure is said as near as can be."""
    return int(min(max(moment, 0), 253_370_764_799))


def free_bytes(folder: Path) -> int | None:
    """Free space where the agent keeps its list, in bytes, or None when that cannot be told."""
    try:
        about = os.statvfs(folder)
    except OSError:
        return None
    return about.f_bavail * about.f_frsize


# ---- its page ----


def size_words(count: float) -> str:
    """A count of bytes in decimal units."""
    for unit in ("bytes", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "bytes" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def ago_words(seconds: float | None) -> str:
    """How long ago something was."""
    if seconds is None:
        return "not yet"
    if seconds < 90:
        return f"{seconds:.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 5400 else f"{seconds / 3600:.0f} h ago"


def recordings(count: int) -> str:
    """A number of recordings in words."""
    return "1 recording" if count == 1 else f"{count} recordings"


STATE_WORDS = {
    "seen": "waiting",
    "uploading": "being sent",
    "uploaded": "sent, being checked",
    "sealed": "sealed",
    "refused": "refused by the server",
    "gone": "no longer on the camera, never sent",
}

_STYLE = """
:root{color-scheme:light dark;--ink:#1b1b1f;--soft:#5c5f66;--paper:#fff;--ground:#f4f5f7;--line:#dcdee3;--done:#00704a;
--wait:#1a4fa3;--bad:#a3281b}
@media (prefers-color-scheme:dark){:root{--ink:#ececf0;--soft:#a9adb6;--paper:#1e2025;--ground:#131418;--line:#33363d;
--done:#5fd1a3;--wait:#8db8ff;--bad:#ff9c8f}}
*{box-sizing:border-box}body{margin:0;font:1rem/1.5 system-ui,sans-serif;background:var(--ground);color:var(--ink)}
main{max-width:44rem;margin:0 auto;padding:1rem}h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}
h2{font-size:1.1rem;margin:0}
a{color:var(--wait)}section{background:var(--paper);border:1px solid var(--line);border-radius:.5rem;
padding:.9rem 1rem;margin:.8rem 0}.top{display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap;
align-items:baseline}
.soft{color:var(--soft);font-size:.9rem}.done{color:var(--done)}.wait{color:var(--wait)}.bad{color:var(--bad)}
ul{list-style:none;margin:.5rem 0 0;padding:0}li{border-top:1px solid var(--line);padding:.45rem 0;display:flex;
justify-content:space-between;gap:.8rem;flex-wrap:wrap}li span:first-child{overflow-wrap:anywhere;min-width:0}
progress{width:100%;height:.6rem;accent-color:var(--wait)}
dl{display:grid;grid-template-columns:auto 1fr;gap:.2rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}.fault{border-left:.35rem solid var(--bad)}
"""


def page_of(agent: Agent, *, still: bool = False) -> str:
    """The whole page, as HTML that needs nothing else; it is asked for again by itself unless it shall be `still`."""
    present = dict(agent.cameras)
    files = agent.book.files("state NOT IN ('sealed') ORDER BY serial, mtime_ns")
    sealed = agent.book.sealed()
    waiting = [file for file in files if _waits(file) and file.serial in present]
    left = sum(file.size - file.offset for file in waiting)
    rate = agent.rate.now()
    if not present:
        headline, tone = "No camera is in this dock.", "soft"
    elif waiting:
        headline, tone = f"{recordings(len(waiting))} on the way, {size_words(left)} to send.", "wait"
    elif any(file.state in ("refused", "gone") for file in files):
        headline, tone = "Something needs a look.", "bad"
    else:
        headline, tone = "Everything on these cameras is received and sealed.", "done"
    since = None if agent.contact is None else time.monotonic() - agent.contact
    facts = {
        "Server": str(agent.server.address.hostname),
        "Last contact": ago_words(since),
        "Sending": f"{size_words(rate)} a second" if rate else "nothing at the moment",
        "Clock": _clock_words(agent.ahead),
    }
    serials = sorted(present) + sorted({file.serial for file in files} - present.keys())
    faults = sorted(set(dict(agent.faults).values()))
    parts = [
        *(f'<section class="fault" role="status"><p>{html.escape(fault)}</p></section>' for fault in faults),
        *(
            _camera(
                serial, serial in present, [f for f in files if f.serial == serial], sealed.get(serial, 0)
            )
            for serial in serials
        ),
    ]
    rows = "".join(
        f"<dt>{html.escape(key)}</dt><dd>{html.escape(value)}</dd>" for key, value in facts.items()
    )
    way = '<a href="/">Show it as it changes</a>' if still else '<a href="/still">Hold this page still</a>'
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1"><title>This dock</title>'
        f"<style>{_STYLE}</style></head><body><main>"
        f'<h1 class="{tone}">{html.escape(headline)}</h1>{"".join(parts)}'
        f'<section><h2>This dock</h2><dl>{rows}</dl></section><p class="soft">{way}</p></main></body></html>'
    )


def _camera(serial: str, connected: bool, files: list[File], sealed: int) -> str:
    size, done = sum(file.size for file in files if _waits(file)), sum(f.offset for f in files if _waits(f))
    state = '<span class="done">in the dock</span>' if connected else '<span class="soft">taken out</span>'
    bar = (
        f'<progress max="{size}" value="{done}" aria-label="Sent from {html.escape(shown(serial))}"></progress>'
        if size and connected
        else ""
    )
    rows = "".join(_file_row(file) for file in files[:30])
    more = f'<p class="soft">and {len(files) - 30} more</p>' if len(files) > 30 else ""
    summary = f"{recordings(sealed)} sealed" if sealed else "none sealed yet"
    if not connected and any(_waits(file) for file in files):
        summary += " · put it back: it still holds what was not sent"
    return (
        f'<section><div class="top"><h2>{html.escape(shown(serial))}</h2>{state}</div>{bar}'
        f'<p class="soft">{summary}</p>{f"<ul>{rows}</ul>" if rows else ""}{more}</section>'
    )


def _file_row(file: File) -> str:
    tone = {"refused": "bad", "gone": "bad", "seen": "soft"}.get(file.state, "wait")
    percent = f" {100 * file.offset // file.size}%" if file.state == "uploading" and file.size else ""
    error = f'<br><span class="soft">{html.escape(file.error)}</span>' if file.error else ""
    return (
        f'<li><span>{html.escape(shown(file.name, 80))} <span class="soft">{size_words(file.size)}</span>{error}</span>'
        f'<span class="{tone}">{STATE_WORDS[file.state]}{percent}</span></li>'
    )


def _clock_words(ahead: int | None) -> str:
    if ahead is None:
        return "not compared yet"
    if abs(ahead) <= 5:
        return "agrees with the server's"
    return f"{abs(ahead)} s {'ahead of' if ahead > 0 else 'behind'} the server's: set it right"


def serve_page(agent: Agent) -> ThreadingHTTPServer:
    """Serve the agent's page, and nothing else."""
    host, port = page_address(agent.settings.page)

    class Page(BaseHTTPRequestHandler):
        """Answers one address with the page."""

        timeout = 10
        server_version = "fairwitness-dock"
        sys_version = ""

        def do_GET(self) -> None:
            here = {"localhost", "127.0.0.1", "[::1]"}
            asked = self.headers.get("Host", "").rpartition(":")[0] or self.headers.get("Host", "")
            if host in ("127.0.0.1", "::1", "localhost") and asked not in here:
                self.send_error(421)  # another site's name was led here (DNS rebinding)
                return
            if self.path not in ("/", "/still"):
                self.send_error(404)
                return
            still = self.path == "/still"
            body = page_of(agent, still=still).encode()
            self.send_response(200)
            for name, value in {
                "Content-Type": "text/html; charset=utf-8",
                "Content-Length": str(len(body)),
                "Cache-Control": "no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            }.items():
                self.send_header(name, value)
            if not still:
                self.send_header("Refresh", "5")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            """Who looks at the page is of no interest."""

    class Pages(ThreadingHTTPServer):
        """By the family of the address that was set."""

        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        daemon_threads = True

    try:
        page = Pages((host, port), Page)
    except OSError as error:
        raise Fault(f"The page cannot be shown on {agent.settings.page}: {error.strerror}.") from error
    threading.Thread(target=page.serve_forever, daemon=True).start()
    return page


# ---- commands ----


@contextlib.contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Hold the state folder and the watched folder; raises Fault when another agent has one of them."""
    try:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Fault(f"The folder {settings.state} cannot be made: {error.strerror}.") from error
    held = []
    try:
        for folder, what in ((settings.state, "this list"), (settings.watch, "these cameras")):
            try:
                held.append(os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC))
            except OSError as error:
                raise Fault(f"The folder {folder} cannot be opened: {error.strerror}.") from error
            try:
                fcntl.flock(held[-1], fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                raise Taken(f"Another agent already looks after {what} ({folder}).") from error
        yield
    finally:
        for each in held:
            os.close(each)


def run(settings: Settings) -> int:
    """Run the agent until a signal says to stop."""
    with alone(settings):
        agent = Agent(settings)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_signal: agent.stop.set())
        agent.run()
    return 0


def check(settings: Settings) -> int:
    """Say in plain words what is well and what is wrong; 0 when all is well."""
    wrong = 0
    stop = threading.Event()
    server = Server(settings, stop)

    def settled(what: str, how: Callable[[], str]) -> bool:
        nonlocal wrong
        try:
            print(f"good   {what}: {how()}")
        except (Fault, Later, TokenRefused, Forgotten, Declined, OSError, sqlite3.Error) as error:
            wrong += 1
            print(f"wrong  {what}: {error}")
            return False
        return True

    def folder() -> str:
        found, odd = cameras_in(settings)
        if odd:
            raise Fault(f"Not looked at, for want of a serial number of its own: {', '.join(odd)}.")
        return f"{settings.watch} can be read; cameras there now: {', '.join(map(shown, found)) or 'none'}"

    def state() -> str:
        try:
            with alone(settings):
                Book(settings.book).db.close()
        except Taken:
            return "the agent is running"
        return f"{settings.state} can be written"

    def reached() -> str:
        can = server.extensions()
        lacks = {"creation", "checksum"} - set(can.split(","))
        if lacks:
            raise Fault(f"The server lacks {', '.join(sorted(lacks))}.")
        return f"{settings.server} takes uploads"

    def report() -> str:
        agent = Agent(settings)
        agent.cameras = cameras_in(settings).found
        page, _gone = next(agent.pages())
        for camera in page["cameras"]:
            camera["files"] = []
        heard = server.report(page, token_from(settings.token_file))
        ahead = round(time.time() - heard["time"])
        if abs(ahead) > 60:
            raise Fault(f"The token is good, but this clock is {_clock_words(ahead)}.")
        return f"the server takes this dock's token; the clock {_clock_words(ahead)}"

    settled("cameras", folder)
    listed = settled("own list", state)
    token = settled(
        "token", lambda: f"{settings.token_file} {'holds one' if token_from(settings.token_file) else ''}"
    )
    if settled("server", reached) and token and listed:
        settled("contact", report)
    print("All is well." if not wrong else "Mend what is wrong, then check again.")
    return 1 if wrong else 0


def status(settings: Settings) -> int:
    """Say what each camera holds, as the list has it."""
    if not settings.book.exists():
        raise Fault("There is no list yet: the agent has not run here.")
    book = Book(settings.book, read_only=True)
    present = cameras_in(settings).found
    for serial in sorted({*present, *(file.serial for file in book.files())}):
        files = book.files("serial = ?", serial)
        counts = {state: sum(file.state == state for file in files) for state in STATE_WORDS}
        words = ", ".join(f"{count} {STATE_WORDS[state]}" for state, count in counts.items() if count)
        print(f"{shown(serial)} ({'in the dock' if serial in present else 'not here'}): {words or 'nothing'}")
        for file in files:
            if file.error:
                print(f"  {shown(file.name, 80)}: {file.error}")
    if not present:
        print("No camera is in this dock.")
    return 0


def main(words: list[str] | None = None) -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="fairwitness dock", description=str(__doc__).split("\n")[0])
    parser.add_argument("command", choices=("run", "check", "status"))
    parser.add_argument(
        "--config",
        type=Path,
        default=Path(os.environ.get("FAIRWITNESS_DOCK_CONFIG", "/etc/fairwitness/dock.toml")),
        help="the settings, a TOML file",
    )
    asked = parser.parse_args(words)
    try:
        return {"run": run, "check": check, "status": status}[asked.command](settings_from(asked.config))
    except (Fault, sqlite3.Error, OSError) as fault:
        print(f"fairwitness dock: {fault}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
