#!/usr/bin/env python3
"""Checks a public log of Fairwitness, a receipt, a recording, a package: one file, for anyone, with nothing installed.

    python3 fairwitness_verify.py --log URL_OR_FOLDER [--key KEY] [--since OLD_CHECKPOINT]
                                  [--receipt FILE [--file MEDIA] [--all]] [--witness FILE [--need N]]
    python3 fairwitness_verify.py --receipt FILE [--file MEDIA] [--key KEY]
    python3 fairwitness_verify.py --certificate FILE [--file MEDIA] [--log URL_OR_FOLDER] [--key KEY]
    python3 fairwitness_verify.py --package FOLDER [--receipt FILE] [--key KEY] [--witness FILE [--need N]]
    python3 fairwitness_verify.py --selftest

It needs Python 3.9 or later and its standard library. It shares no code with the programs that write the log.
It ends with 0 when all that was asked holds, and with 1 when anything does not; each check is one sentence.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import io
import json
import os
import re
import stat
import sys
import time
import urllib.parse
import zlib
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any, NamedTuple, NoReturn, Protocol

# ==== what both programs know: these lines are the same in the other file, and a test keeps them so ====

LARGEST_CHECKPOINT = 2**18  # bytes; room for a hundred witnesses
LARGEST_TILE = 256 * 32
LARGEST_BUNDLE = 256 * (2 + 65535)
MOST_SIGNATURES = 128
MOST_STEPS = 63  # hashes in a proof
SECONDS_TO_WAIT = 30  # for one answer of a server, then for its body


class Fault(Exception):
    """Something that is wrong, in a sentence for people."""


class Missing(Fault):
    """A file that the log does not have."""


def shown(text: object) -> str:
    """Text that others wrote, made safe to print: one line, of printable characters, not too long."""
    line = "".join(letter if letter.isprintable() else "?" for letter in str(text))
    return line if len(line) <= 200 else line[:200] + "…"


# ---- Ed25519 (RFC 8032, section 5.1), in plain integers ----

_P = 2**255 - 19
_L = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, _P - 2, _P) % _P
_SQRT_MINUS_ONE = pow(2, (_P - 1) // 4, _P)

Point = tuple[int, int, int, int]  # X, Y, Z, T with x = X/Z, y = Y/Z, x*y = T/Z


def _point_add(p: Point, q: Point) -> Point:
    a = (p[1] - p[0]) * (q[1] - q[0]) % _P
    b = (p[1] + p[0]) * (q[1] + q[0]) % _P
    c = 2 * p[3] * q[3] * _D % _P
    d = 2 * p[2] * q[2] % _P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _point_times(scalar: int, p: Point) -> Point:
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _point_add(total, p)
        p = _point_add(p, p)
        scalar >>= 1
    return total


def _point_encode(p: Point) -> bytes:
    inverse = pow(p[2], _P - 2, _P)
    x, y = p[0] * inverse % _P, p[1] * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def _point_decode(data: bytes) -> Point | None:
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(_D * y * y + 1, _P - 2, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * _SQRT_MINUS_ONE % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = _P - x
    return x, y, 1, x * y % _P


_BASE = _point_decode((4 * pow(5, _P - 2, _P) % _P).to_bytes(32, "little")) or (0, 1, 1, 0)


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether this is the signature of the message by the public key (32 bytes)."""
    point = _point_decode(public) if len(public) == 32 else None
    scalar = int.from_bytes(signature[32:], "little")
    if point is None or len(signature) != 64 or scalar >= _L:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % _L
    minus = (_P - point[0], point[1], point[2], _P - point[3])
    found = _point_add(_point_times(scalar, _BASE), _point_times(challenge, minus))
    return _point_encode(found) == signature[:32]


# ---- Merkle trees (RFC 6962, RFC 9162) ----


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00, data)."""
    return sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01, left, right)."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: list[bytes]) -> bytes:
    """The root over these hashes: of leaves, or of equal full subtrees with one smaller last."""
    if not hashes:
        return sha256(b"").digest()
    while len(hashes) > 1:
        lone = hashes[-1:] if len(hashes) % 2 else []
        pairs = zip(hashes[::2], hashes[1::2])  # noqa: B905 - Python 3.9 knows no strict
        hashes = [sha256(b"\1" + left + right).digest() for left, right in pairs] + lone
    return hashes[0]


def consistency_ranges(old: int, new: int) -> list[tuple[int, int]]:
    """The subtrees (first leaf, past the last) whose roots prove that the tree `new` goes on from `old`."""
    start, end, found = 0, new, []
    while old and end > old:
        middle = start + (1 << ((end - start - 1).bit_length() - 1))
        if old <= middle:
            found.append((middle, end))
            end = middle
        else:
            found.append((start, middle))
            start = middle
    return ([(start, end)] if start else []) + found[::-1]


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: list[bytes]) -> bool:
    """Whether the tree of size `new` goes on from that of size `old` > 0: RFC 9162, section 2.1.4.2."""
    if old == new:
        return old > 0 and old_root == new_root and not proof
    if not 0 < old < new or not proof:
        return False
    steps = proof if old & (old - 1) else [old_root, *proof]
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


# ---- Signed notes, checkpoints, cosignatures (C2SP) ----

LOG, WITNESS = 1, 4  # kinds of signature


class Key(NamedTuple):
    """A public key and the name it signs under."""

    name: str
    kind: int
    public: bytes

    def id(self) -> bytes:
        """The four bytes before each of its signatures."""
        return sha256(f"{self.name}\n".encode() + bytes([self.kind]) + self.public).digest()[:4]

    def vkey(self) -> str:
        """The key as people pass it on."""
        return f"{self.name}+{self.id().hex()}+{to_base64(bytes([self.kind]) + self.public)}"


class Note(NamedTuple):
    """Text, and under it signatures: name, id of the key, signature."""

    text: str
    signatures: list[tuple[str, bytes, bytes]]

    def by(self, key: Key) -> list[bytes]:
        """The signatures that say they are by this key."""
        return [signed for name, key_id, signed in self.signatures if (name, key_id) == (key.name, key.id())]


class Checkpoint(NamedTuple):
    """What a log signs: its name, how many entries it has, and the root of their tree."""

    origin: str
    size: int
    root: bytes
    note: Note


def to_base64(data: bytes) -> str:
    """Standard base64."""
    return base64.b64encode(data).decode()


def from_base64(text: str, what: str) -> bytes:
    """The bytes of standard base64 in its one spelling."""
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise Fault(f"{what} is not base64") from None
    if to_base64(data) != text:
        raise Fault(f"{what} is not base64 as it is usually written")
    return data


def from_decimal(text: str, what: str) -> int:
    """A size: decimal digits, no zero before them, below 2**63."""
    plain = text.isascii() and text.isdigit() and len(text) < 20 and (text == "0" or text[0] != "0")
    if not plain or int(text) >= 2**63:
        raise Fault(f"{what} is not a plain decimal number")
    return int(text)


def check_name(name: str) -> str:
    """The name of a key, if it may be one."""
    if not name or "+" in name or any(letter.isspace() for letter in name):
        raise Fault("the name of a key is empty or has a space or a plus in it")
    return name


def parse_key(text: str) -> Key:
    """The key in a text such as example.org/log+0a1b2c3d+AbC…"""
    name, _, rest = text.strip().partition("+")
    key_id, _, material = rest.partition("+")
    raw = from_base64(material, "the key")
    if len(raw) != 33 or raw[0] not in (LOG, WITNESS):
        raise Fault("it is not an Ed25519 key of a log or a witness")
    key = Key(check_name(name), raw[0], raw[1:])
    if key.id().hex() != key_id:
        raise Fault("the id in the key is not the id of the key")
    return key


def parse_note(data: bytes) -> Note:
    """The note in these bytes, nothing verified."""
    try:
        whole = data.decode()
    except UnicodeDecodeError:
        raise Fault("it is not UTF-8 text") from None
    if any(letter < " " and letter != "\n" for letter in whole):
        raise Fault("it has control characters")
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or lines.count("\n") > MOST_SIGNATURES:
        raise Fault("it has no blank line with signature lines after it, or too many of them")
    return Note(f"{text}\n", [_parse_signature(line) for line in lines[:-1].split("\n")])


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise Fault("a signature line does not begin with a dash (U+2014) and a space")
    raw = from_base64(encoded, "a signature")
    if len(raw) < 5:
        raise Fault("a signature is too short")
    return check_name(name), raw[:4], raw[4:]


def parse_checkpoint(data: bytes) -> Checkpoint:
    """The checkpoint in these bytes, nothing verified."""
    note = parse_note(data)
    lines = note.text.split("\n")[:-1]
    if len(lines) < 3 or not all(lines):
        raise Fault("it does not have three lines or more, none of them empty")
    root = from_base64(lines[2], "the root")
    if len(root) != 32:
        raise Fault("the root does not have 32 bytes")
    return Checkpoint(lines[0], from_decimal(lines[1], "the size"), root, note)


def check_signature(checkpoint: Checkpoint, keys: list[Key]) -> Key:
    """The one of these keys that signed. A false signature in the name of one is never overlooked."""
    own = [key for key in keys if key.name == checkpoint.origin and key.kind == LOG]
    if not own:
        names = ", ".join(sorted({shown(key.name) for key in keys})) or "nobody"
        raise Fault(f"it is a checkpoint of {shown(checkpoint.origin)}, and the key is of {names}")
    signed = [(key, line) for key in own for line in checkpoint.note.by(key)]
    for key, line in signed:
        if not ed25519_verify(key.public, checkpoint.note.text.encode(), line):
            raise Fault(f"its signature is not by the key {key.vkey()}")
    if not signed:
        raise Fault(f"it is not signed by the key {own[0].vkey()}")
    return signed[0][0]


def cosigned(text: str, seconds: int) -> bytes:
    """What a witness signs (C2SP tlog-cosignature v1): the text of the checkpoint, and when it saw it."""
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


# ---- Where a log lies: a folder or a web server, both unfriendly until shown otherwise ----


class Source(Protocol):
    """Where the files of a log are read."""

    def fetch(self, path: str, most: int) -> bytes:
        """The bytes of a file of the log, at most so many. Raises Missing, Fault."""


_PLAINLY = os.O_RDONLY
for _flag in ("O_NOFOLLOW", "O_NONBLOCK", "O_CLOEXEC", "O_BINARY"):  # as far as this system has them
    _PLAINLY |= getattr(os, _flag, 0)


class Folder:
    """A log in a folder. It opens plain files only, and follows no link at the end of a path."""

    def __init__(self, where: str) -> None:
        self._where = Path(where)
        if not self._where.is_dir():
            raise Fault(f"{shown(where)} is not a folder")

    def fetch(self, path: str, most: int) -> bytes:
        """The bytes of a file of the log, at most so many. Raises Missing, Fault."""
        try:
            handle = os.open(f"{self._where}/{path}", _PLAINLY)
            with os.fdopen(handle, "rb", buffering=0) as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode):
                    raise Fault(f"{path} is not a plain file")
                return _at_most(file.read(min(found.st_size, most) + 1), most, path)
        except (FileNotFoundError, NotADirectoryError):
            raise Missing(f"{path} is missing") from None
        except OSError as error:
            raise Fault(f"{path} cannot be read: {error.strerror}") from None


class Web:
    """A log on a web server. It asks for nothing but the log's files, and is led to no other server."""

    def __init__(self, address: str) -> None:
        try:
            parts = urllib.parse.urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            raise Fault(f"{shown(address)} is not an address") from None
        if parts.scheme not in ("http", "https") or not host:
            raise Fault(f"a log is read from a folder, or by http or https, not from {shown(address)}")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise Fault(f"{shown(address)} must be a plain address: no name, password, question mark or #")
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(host, port, timeout=SECONDS_TO_WAIT)
        self._home = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}/"

    def fetch(self, path: str, most: int) -> bytes:
        """The bytes of a file of the log, at most so many. Raises Missing, Fault."""
        try:
            return self._follow(path, most)
        except Fault:
            self._connection.close()  # what was left unread must not be taken for the next answer
            raise
        except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
            self._connection.close()
            raise Fault(f"{path} could not be fetched: {shown(error) or type(error).__name__}") from None

    def _follow(self, path: str, most: int) -> bytes:
        address = self._home + path
        for _ in range(4):
            response = self._ask(address)
            if response.status not in (301, 302, 303, 307, 308):
                return self._body(response, most, path)
            address = urllib.parse.urljoin(address, response.getheader("Location") or "")
            if urllib.parse.urlsplit(address)[:2] != urllib.parse.urlsplit(self._home)[:2]:
                raise Fault(f"{path} leads to another server, {shown(address)}, which is not followed")
            self._connection.close()
        raise Fault(f"{path} leads from one address to another without end")

    def _ask(self, address: str) -> http.client.HTTPResponse:
        parts = urllib.parse.urlsplit(address)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        headers = {"Accept-Encoding": "gzip, identity", "User-Agent": "fairwitness"}
        try:
            self._connection.request("GET", target, headers=headers)
            return self._connection.getresponse()
        except (ConnectionError, http.client.BadStatusLine):
            self._connection.close()  # the server had ended a connection kept open: once more, on a new one
            self._connection.request("GET", target, headers=headers)
            return self._connection.getresponse()

    def _body(self, response: http.client.HTTPResponse, most: int, path: str) -> bytes:
        if response.status in (404, 410):
            raise Missing(f"{path} is missing")
        if response.status != 200:
            raise Fault(f"{path} could not be fetched: the server answers {response.status}")
        sent = most + most // 1000 + 1000  # compressed, random bytes grow a little
        parts, room, until = [], sent + 1, time.monotonic() + SECONDS_TO_WAIT
        while room and (part := response.read1(room)):
            parts.append(part)
            room -= len(part)
            if time.monotonic() > until:
                raise OSError("the server is too slow")
        if room and response.length:
            raise OSError("the answer was cut short")
        response.close()  # all of it was read: the connection is free for the next
        data = _at_most(b"".join(parts), sent, path)
        if response.getheader("Content-Encoding") == "gzip":
            data = zlib.decompressobj(31).decompress(data, most + 1)
        return _at_most(data, most, path)


def _at_most(data: bytes, most: int, path: str) -> bytes:
    if len(data) > most:
        raise Fault(f"{path} is too large")
    return data


def open_log(where: str) -> Source:
    """The log in a folder or at an http or https address."""
    return Web(where) if "://" in where else Folder(where)


# ---- Tiles (C2SP tlog-tiles) ----


def tile_path(level: int | str, n: int, width: int = 256) -> str:
    """Where tile `n` of a level lies; the level `entries` has the entries themselves."""
    number = f"{n % 1000:03}"
    while n := n // 1000:
        number = f"x{n % 1000:03}/{number}"
    return f"tile/{level}/{number}" + (f".p/{width}" if width < 256 else "")


def split_tile(data: bytes) -> list[bytes]:
    """The hashes in a tile."""
    return [data[at : at + 32] for at in range(0, len(data), 32)]


def split_bundle(data: bytes, path: str) -> list[bytes]:
    """The entries of a bundle, each after its length in two bytes."""
    step = 2 + int.from_bytes(data[:2], "big")
    count, odd = divmod(len(data), step)
    if not odd and data[::step] == data[:1] * count and data[1::step] == data[1:2] * count:
        return [data[at - step + 2 : at] for at in range(step, len(data) + 1, step)]  # all of one length
    entries, at, end = [], 0, len(data)
    while at < end - 1:
        start = at + 2
        at = start + (data[at] << 8 | data[at + 1])
        entries.append(data[start:at])
    if at != end:
        raise Fault(f"{path} ends within its entry {len(entries) - (at > end)}")
    return entries


class Tiles:
    """The tiles of a log at one size. What is read proves nothing until it is held against a signed root."""

    def __init__(self, source: Source, size: int) -> None:
        self._source = source
        self.size = size
        self._read: dict[tuple[int, int], bytes] = {}

    def width(self, level: int, n: int) -> int:
        """How many hashes tile `n` of a level has."""
        return max(0, min(256, (self.size >> 8 * level) - 256 * n))

    def path(self, level: int | str, n: int) -> str:
        """Where tile or bundle `n` lies at this size."""
        return tile_path(level, n, self.width(0 if level == "entries" else int(level), n))

    def tile(self, level: int, n: int) -> bytes:
        """The hashes of a tile, one after the other."""
        if len(self._read) > 64:
            self._read.clear()
        if (level, n) not in self._read:
            path, data = self._fetch(level, n, LARGEST_TILE)
            length = 32 * self.width(level, n)
            if len(data) not in (length, LARGEST_TILE):
                raise Fault(f"{path} has {len(data):,} bytes, not {length:,}")
            self._read[level, n] = data[:length]
        return self._read[level, n]

    def entries(self, n: int) -> list[bytes]:
        """The entries of a bundle."""
        path, data = self._fetch("entries", n, LARGEST_BUNDLE)
        entries, width = split_bundle(data, path), self.width(0, n)
        if len(entries) not in (width, 256):
            raise Fault(f"{path} has {len(entries)} entries, not {width}")
        return entries[:width]

    def consistency_proof(self, old: int) -> list[bytes]:
        """What should prove that this tree goes on from that of size `old`."""
        return [self._root_of(start, end) for start, end in consistency_ranges(old, self.size)]

    def _fetch(self, level: int | str, n: int, most: int) -> tuple[str, bytes]:
        path = self.path(level, n)
        try:
            return path, self._source.fetch(path, most)
        except Missing:
            full = tile_path(level, n)
            if full == path:
                raise
        try:  # a partial tile may be removed once the full one is there
            return full, self._source.fetch(full, most)
        except Missing:
            raise Missing(f"{path} is missing") from None

    def _root_of(self, start: int, end: int) -> bytes:
        """The root over leaves `start` to before `end`, a range that a proof names."""
        found = []
        while start < end:
            height = (end - start).bit_length() - 1
            level, within = divmod(height, 8)
            n, first = divmod(start >> 8 * level, 256)
            hashes = self.tile(level, n)[32 * first : 32 * (first + (1 << within))]
            found.append(fold(split_tile(hashes)))
            start += 1 << height
        while len(found) > 1:
            found[-2:] = [node_hash(found[-2], found[-1])]
        return found[0]


# ==== end of what both programs know ====

# ---- What is said ----

MOST_FAULTS = 50


class TooMany(Exception):
    """So many faults that more would not help."""


class Report:
    """Prints each sentence as it is found, and counts the faults."""

    def __init__(self) -> None:
        self.faults = 0

    def fine(self, sentence: str) -> None:
        """A check that holds."""
        print(f"ok     {sentence}", flush=True)

    def note(self, sentence: str) -> None:
        """What the reader should know about the checks."""
        print(f"note   {sentence}", flush=True)

    def fault(self, sentence: object) -> None:
        """A check that does not hold."""
        print(f"FAULT  {sentence}", flush=True)
        self.faults += 1
        if self.faults >= MOST_FAULTS:
            raise TooMany

    def end(self, proven: str) -> int:
        """The last sentence, and the exit status."""
        if self.faults:
            print(f"Not verified: {count(self.faults, 'fault')} found.", flush=True)
            return 1
        print(f"Verified: {proven}.", flush=True)
        return 0


def count(number: int, thing: str) -> str:
    """1 entry, 2 entries."""
    plural = thing if number == 1 else thing[:-1] + "ies" if thing.endswith("y") else thing + "s"
    return f"{number:,} {plural}"


# ---- The whole log: every entry, every tile, the root ----


class WholeLog:
    """Recomputes the tree from the entries, level by level, and holds each stored tile against it.

    Where the two differ, what lies above decides which of them is as signed: the hash in the tile above, or
    at the right edge the root. The check goes on with that one, so that each fault is reported once.
    """

    def __init__(self, source: Source, checkpoint: Checkpoint, report: Report) -> None:
        self._tiles = Tiles(source, checkpoint.size)
        self._root = checkpoint.root
        self._report = report
        self._edges: list[tuple[bytes, bytes]] = []  # at each level: hashes computed, hashes stored

    def check(self) -> None:
        """Report every entry, tile and root that is not as signed."""
        before, level, below = self._report.faults, 0, list[bytes]()
        while self._tiles.width(level, 0):
            below = self._check_level(level, below)
            level += 1
        self._check_edges()
        if self._report.faults == before:
            entries = count(self._tiles.size, "entry")
            self._report.fine(f"The log is whole: {entries} and every tile lead to the signed root.")

    def _check_level(self, level: int, below: list[bytes]) -> list[bytes]:
        """The roots of the full tiles of this level; `below` has those of the level below."""
        roots, edge, n = [], (b"", b""), 0
        while width := self._tiles.width(level, n):
            computed = below[256 * n : 256 * n + width] if level else self._leaf_hashes(n)
            stored = self._stored(level, n)
            if width == 256:
                roots.append(self._root_of_full(level, n, computed, stored))
            else:
                joined = b"".join(computed)
                edge = (joined or stored, stored or joined)
            n += 1
        self._edges.append(edge)
        return roots

    def _leaf_hashes(self, n: int) -> list[bytes]:
        """The hashes of the entries in a bundle; none, and a fault, when it cannot be read."""
        try:
            return [sha256(b"\0" + entry).digest() for entry in self._tiles.entries(n)]
        except Fault as fault:
            last = 256 * n + self._tiles.width(0, n) - 1
            self._report.fault(f"{fault}; it has the entries {256 * n:,} to {last:,}.")
            return []

    def _stored(self, level: int, n: int) -> bytes:
        """A tile; nothing, and a fault, when it cannot be read."""
        try:
            return self._tiles.tile(level, n)
        except Fault as fault:
            self._report.fault(f"{fault}.")
            return b""

    def _root_of_full(self, level: int, n: int, computed: list[bytes], stored: bytes) -> bytes:
        """The root of a full tile, after a fault where what was computed is not what is stored."""
        joined = b"".join(computed)
        if joined == stored and joined:
            return fold(computed)
        above = self._hash_above(level, n)
        if not joined or not stored:
            return fold(computed or split_tile(stored) or [above])
        if above == fold(split_tile(stored)):
            self._fault_below(level, n, joined, stored)
        elif above == fold(computed):
            self._fault_here(level, n, joined, stored)
        else:
            self._fault_undecided(level, n, joined, stored)
            return fold(computed)
        return above

    def _hash_above(self, level: int, n: int) -> bytes:
        """What the tile above says of a full tile; nothing when that one cannot be read."""
        try:
            return split_tile(self._tiles.tile(level + 1, n // 256))[n % 256]
        except Fault:
            return b""

    def _check_edges(self) -> None:
        computed, stored = (self._root_over([edge[side] for edge in self._edges]) for side in (0, 1))
        fault = self._fault_undecided
        if computed == self._root:
            fault = self._fault_here
        elif stored == self._root:
            fault = self._fault_below
        for level, (found, kept) in enumerate(self._edges):
            if found != kept:
                fault(level, self._tiles.size >> 8 * (level + 1), found, kept)
        if self._root not in (computed, stored):
            self._report.fault(
                f"The root in the checkpoint, {to_base64(self._root)}, is not the root of the log's entries, "
                f"{to_base64(computed)}."
            )

    @staticmethod
    def _root_over(edges: list[bytes]) -> bytes:
        """The root of the tree: at each level full subtrees, and last the smaller one of the levels below."""
        found: list[bytes] = []
        for edge in edges:
            found = [fold(split_tile(edge) + found)] if edge or found else []
        return fold(found)

    def _fault_below(self, level: int, n: int, computed: bytes, stored: bytes) -> None:
        at = _first_difference(computed, stored)
        if level:
            child, here = self._tiles.path(level - 1, 256 * n + at), self._tiles.path(level, n)
            self._report.fault(f"{child} is not the tile that was signed: {here} has another root for it.")
        else:
            bundle = self._tiles.path("entries", n)
            self._report.fault(
                f"Entry {256 * n + at:,}, number {at} in {bundle}, is not the entry that was signed: "
                f"{self._tiles.path(0, n)} has another hash for it."
            )

    def _fault_here(self, level: int, n: int, computed: bytes, stored: bytes) -> None:
        at = _first_difference(computed, stored)
        below = "tile" if level else "entry"
        self._report.fault(
            f"Hash {at} in {self._tiles.path(level, n)} is wrong; the {below} it stands for is as signed."
        )

    def _fault_undecided(self, level: int, n: int, computed: bytes, stored: bytes) -> None:
        at = _first_difference(computed, stored)
        below = f"{self._tiles.path(level - 1, 256 * n + at)}" if level else f"entry {256 * n + at:,}"
        self._report.fault(
            f"Hash {at} in {self._tiles.path(level, n)} is not that of {below}, "
            "and what lies above fits neither: one or both were changed."
        )


def _first_difference(one: bytes, other: bytes) -> int:
    """The first of the hashes in two tiles that is not the same."""
    return next(at for at in range(256) if one[32 * at :][:32] != other[32 * at :][:32])


# ---- Receipts ----

LARGEST_RECEIPT = 2**20
RECEIPT_FIELDS = {"v", "origin", "key", "entry", "public", "salt", "index", "proof", "checkpoint"}
ENTRY_FIELDS = {"id", "event", "time", "actor", "subjects", "facts", "caused_by"}


class Receipt(NamedTuple):
    """What the log's owner handed out about one entry; nothing in it is verified yet."""

    origin: str
    key: Key
    entry: dict[str, Any]
    leaf: bytes  # what the log must hold, if the entry and the salt are true
    place: int  # its index in the log
    proof: list[bytes]
    checkpoint: Checkpoint


def canonical(value: Any) -> str:
    """RFC 8785 JSON of a value without floats."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be", "surrogatepass"))
        return "{" + ",".join(f"{canonical(key)}:{canonical(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


def parse_receipt(data: bytes) -> Receipt:
    """The receipt in these bytes (docs/reference/receipt.md). Raises Fault."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        return _receipt(value)
    except UnicodeError:
        raise Fault("it is not Unicode text") from None
    except RecursionError:
        raise Fault("it is nested too deep") from None
    except ValueError:
        raise Fault("it is not JSON") from None


def _receipt(value: Any) -> Receipt:
    if not isinstance(value, dict) or value.get("v") != 1 or type(value["v"]) is not int:
        raise Fault("it is not a receipt of version 1")
    if not set(value) <= RECEIPT_FIELDS:
        raise Fault(f"it has a field that receipts do not have: {shown(min(set(value) - RECEIPT_FIELDS))}")
    entry = _entry(_part(value, "entry", dict))
    salt = _part(value, "salt", str)
    if not re.fullmatch("[0-9a-f]{64}", salt):
        raise Fault("its salt is not 64 hexadecimal digits")
    steps = [from_base64(step, "a step of its proof") for step in _texts(_part(value, "proof", list))]
    if len(steps) > MOST_STEPS or any(len(step) != 32 for step in steps):
        raise Fault("its proof is not a list of hashes")
    return Receipt(
        origin=_part(value, "origin", str),
        key=parse_key(_part(value, "key", str)),
        entry=entry,
        leaf=_leaf(entry, bytes.fromhex(salt), _part(value, "public", dict) if "public" in value else None),
        place=_part(value, "index", int),
        proof=steps,
        checkpoint=parse_checkpoint(_part(value, "checkpoint", str).encode()),
    )


def _entry(entry: dict[str, Any]) -> dict[str, Any]:
    if not ENTRY_FIELDS - {"caused_by"} <= set(entry) <= ENTRY_FIELDS:
        raise Fault("its entry does not have the fields of an entry")
    _texts([entry[name] for name in ("id", "event", "time", "actor")])
    for subject in _part(entry, "subjects", list):
        if not isinstance(subject, dict) or set(subject) != {"kind", "id"}:
            raise Fault("a subject of its entry is not a kind and an id")
        _texts(list(subject.values()))
    _part(entry, "facts", dict)
    return entry


def _leaf(entry: dict[str, Any], salt: bytes, public: dict[str, Any] | None) -> bytes:
    leaf = {"c": sha256(salt + canonical(entry).encode()).hexdigest(), "v": 1}
    return canonical(leaf if public is None else {**leaf, "public": public}).encode()


def _part(value: dict[str, Any], name: str, kind: type) -> Any:
    if type(value.get(name)) is not kind:
        raise Fault(f"its {name} is missing or not what it should be")
    return value[name]


def _texts(values: list[Any]) -> list[str]:
    if not all(isinstance(value, str) for value in values):
        raise Fault("it has something else where there should be text")
    return values


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise Fault("it has a field twice in one object")
    return value


def _integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) >= 2**53:
        raise Fault("it has an integer beyond 2**53 - 1")
    return int(digits)


def _no_float(_: str) -> NoReturn:
    raise Fault("it has a number that is not an integer")


def verify_inclusion(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    """Whether the leaf hash is at this index of the tree: RFC 9162, section 2.1.3.2."""
    if not 0 <= index < size or len(leaf) != 32:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


# ---- The checks, one for each thing asked ----


def read_file(path: str, most: int) -> bytes:
    """A file that the user named, at most so many bytes."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise Fault(f"{shown(path)} cannot be read: {error.strerror}") from None
    if len(data) > most:
        raise Fault(f"{shown(path)} is larger than {most:,} bytes")
    return data


def parse_keys(data: bytes, kind: int) -> list[Key]:
    """The keys of one kind in a text with one a line; lines that are empty or begin with # say nothing."""
    keys = []
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            try:
                keys.append(parse_key(line))
            except Fault as fault:
                raise Fault(f"line {number}: {fault}") from None
            if keys[-1].kind != kind:
                raise Fault(f"line {number}: it is the key of a {'log' if kind == WITNESS else 'witness'}")
    if not keys:
        raise Fault("it has no key")
    return keys


def given_keys(texts: list[str]) -> list[Key]:
    """The keys that --key gives, each as itself or in a file."""
    keys = []
    for text in texts:
        is_key = re.fullmatch(r"[^+\s]+\+[0-9a-f]{8}\+\S+", text)
        data = text.encode() if is_key else read_file(text, LARGEST_CHECKPOINT)
        try:
            keys += parse_keys(data, LOG)
        except Fault as fault:
            raise Fault(f"The key {shown(text)} cannot be used: {fault}") from None
    return keys


def signed_checkpoint(data: bytes, keys: list[Key], what: str, report: Report) -> Checkpoint:
    """The checkpoint in these bytes, reported as signed. Raises Fault when it is not."""
    try:
        checkpoint = parse_checkpoint(data)
        check_signature(checkpoint, keys)
    except Fault as fault:
        raise Fault(f"{what} cannot be trusted: {fault}.") from None
    report.fine(f"{what} is signed by {shown(checkpoint.origin)}: {count(checkpoint.size, 'entry')}.")
    return checkpoint


def check_continues(source: Source, old: Checkpoint, new: Checkpoint, what: str, report: Report) -> None:
    """Report whether the log at `new` still begins with the log as it was at `old`."""
    if old.size > new.size:
        report.fault(
            f"The log was cut short: {what} has {count(old.size, 'entry')}, it now has {new.size:,}."
        )
    elif old.size == 0:
        report.note(f"Nothing follows from {what}: it is of an empty log.")
    elif old.size == new.size and old.root != new.root:
        report.fault(f"The log was rewritten: {what} has the same size and another root.")
    elif verify_consistency(
        old.size, new.size, old.root, new.root, Tiles(source, new.size).consistency_proof(old.size)
    ):
        report.fine(f"The log still begins with the {count(old.size, 'entry')} of {what}.")
    else:
        report.fault(
            f"The log was rewritten, or its tiles were: they do not lead from {what} "
            f"({count(old.size, 'entry')}) to the log as it is now ({new.size:,})."
        )


def check_witnesses(checkpoint: Checkpoint, witnesses: list[Key], need: int, report: Report) -> None:
    """Report which witnesses cosigned, and whether they are enough; one key counts once."""
    seen = set()
    for key in witnesses:
        for signed in checkpoint.note.by(key):
            when = int.from_bytes(signed[:8], "big")
            message = cosigned(checkpoint.note.text, when)
            if when < 2**63 and ed25519_verify(key.public, message, signed[8:]):
                seen.add(key.public)
                report.fine(f"The witness {shown(key.name)} saw this checkpoint at {moment(when)}.")
            else:
                report.fault(f"The cosignature by {shown(key.name)} is not of this checkpoint.")
    if len(seen) < need:
        report.fault(f"Of the witnesses, {len(seen)} signed this checkpoint; {need} are needed.")


def moment(seconds: int) -> str:
    """A time in UTC."""
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(seconds))
    except (OverflowError, ValueError, OSError):
        return f"{seconds} seconds after 1970"


def check_receipt(receipt: Receipt, keys: list[Key], report: Report) -> None:
    """Report whether the receipt alone holds together: its entry, its proof, its signed checkpoint."""
    checkpoint = receipt.checkpoint
    if receipt.origin != checkpoint.origin:
        report.fault("The origin in the receipt is not that of its checkpoint.")
    try:
        check_signature(checkpoint, keys)
        size = count(checkpoint.size, "entry")
        report.fine(f"The receipt's checkpoint is signed by {shown(checkpoint.origin)}: {size}.")
    except Fault as fault:
        report.fault(f"The receipt's checkpoint cannot be trusted: {fault}.")
    about = f"{shown(receipt.entry['event'])} at {shown(receipt.entry['time'])}"
    if verify_inclusion(
        leaf_hash(receipt.leaf), receipt.place, checkpoint.size, receipt.proof, checkpoint.root
    ):
        report.fine(f"The receipt's entry ({about}) is entry {receipt.place:,} of that checkpoint.")
    else:
        report.fault(
            f"The receipt's entry ({about}) is not proven to be entry {receipt.place:,} of its checkpoint: "
            "the entry, its salt, its public facts, the index or the proof was changed."
        )


def check_receipt_in_log(source: Source, receipt: Receipt, now: Checkpoint, report: Report) -> None:
    """Report whether the log as it is now still holds the receipt's checkpoint and its entry."""
    check_continues(source, receipt.checkpoint, now, "the receipt's checkpoint", report)
    if not 0 <= receipt.place < now.size:
        report.fault(f"The log has no entry {receipt.place:,}, which the receipt is about.")
        return
    tiles, n = Tiles(source, now.size), receipt.place // 256
    if tiles.entries(n)[receipt.place % 256] == receipt.leaf:
        report.fine(f"Entry {receipt.place:,} of the log is the one in the receipt.")
    else:
        bundle = tiles.path("entries", n)
        report.fault(f"Entry {receipt.place:,} of the log, in {bundle}, is not the one in the receipt.")


def check_media(path: str, facts: dict[str, Any], report: Report) -> None:
    """Report whether a file has the digest and the size that the receipt's entry states."""
    stated, size = facts.get("sha256"), facts.get("size")
    if not isinstance(stated, str) or not re.fullmatch("sha256:[0-9a-f]{64}", stated):
        raise Fault("The receipt's entry states no digest of a file (facts.sha256).")
    digest, length = sha256(), 0
    try:
        with Path(path).open("rb") as file:
            while block := file.read(2**20):
                digest.update(block)
                length += len(block)
    except OSError as error:
        raise Fault(f"{shown(path)} cannot be read: {error.strerror}.") from None
    if size is not None and size != length:
        report.fault(f"{shown(path)} has {length:,} bytes; the entry states {shown(size)}.")
    if f"sha256:{digest.hexdigest()}" == stated:
        report.fine(f"{shown(path)} has the digest that the entry states, {stated}.")
    else:
        report.fault(
            f"{shown(path)} is not the file of the entry: its digest is sha256:{digest.hexdigest()}, "
            f"the entry states {stated}."
        )


# ---- Certificates of disposal (docs/reference/certificate.md) ----

LARGEST_CERTIFICATE = 2**21
# What is asked before anything is erased; a certificate that leaves one out certifies nothing.
MUST_BE_ASKED = ("holds", "requests", "cases", "siblings", "rule decided again", "staged")
CERTIFICATE_PARTS = {
    "agency": dict,
    "recording": dict,
    "rule": dict,
    "list": dict,
    "approvers": list,
    "checks": list,
    "stores": list,
    "blobs": list,
    "cannot_reach": list,
    "erased_at": str,
}


def parse_certificate(data: bytes) -> tuple[dict[str, Any], Receipt]:
    """The certificate in these bytes, and the receipt of its entry; nothing is verified. Raises Fault."""
    try:
        value = json.loads(
            data.decode(),
            object_pairs_hook=_object,
            parse_int=_integer,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
        if not isinstance(value, dict) or set(value) != {"v", "certificate", "receipt"} or value["v"] != 1:
            raise Fault("it is not a certificate of version 1 with its receipt")
        said = _part(value, "certificate", dict)
        if (
            said.get("v") != 1
            or said.get("kind") != "disposal"
            or set(said) != {"v", "kind", *CERTIFICATE_PARTS}
        ):
            raise Fault("it is not a certificate of disposal of version 1")
        for name, kind in CERTIFICATE_PARTS.items():
            _part(said, name, kind)
        for name in ("approvers", "checks", "stores", "blobs", "cannot_reach"):
            if not all(isinstance(each, dict) for each in said[name]):
                raise Fault(f"its {name} are not what they should be")
        return said, _receipt(_part(value, "receipt", dict))
    except UnicodeError:
        raise Fault("it is not Unicode text") from None
    except RecursionError:
        raise Fault("it is nested too deep") from None
    except ValueError:
        raise Fault("it is not JSON") from None


def check_certificate(said: dict[str, Any], receipt: Receipt, report: Report) -> None:
    """Report whether the entry of the receipt binds this certificate, and whether it holds together by itself."""
    facts, event = receipt.entry["facts"], receipt.entry["event"]
    if event != "evidence.bytes_erased":
        report.fault(f"The receipt's entry is {shown(event)}, which says of no bytes that they were erased.")
    digest = "sha256:" + sha256(canonical(said).encode()).hexdigest()
    if facts.get("certificate") == digest:
        report.fine(f"The certificate is the one that the entry binds, {digest}.")
    else:
        report.fault(
            f"The certificate is not the one that the entry binds: its digest is {digest}, the entry states "
            f"{shown(facts.get('certificate'))}."
        )
    recording = said["recording"]
    for name in ("sha256", "size"):
        if recording.get(name) != facts.get(name):
            report.fault(f"The certificate and its entry state another {name} of the recording.")
    people = {each.get("member") for each in said["approvers"]}
    if len(people) < 2 or len(people) != len(said["approvers"]):
        report.fault("The certificate does not name two different people who approved.")
    check_what_was_asked(said["checks"], report)
    erased = [each for each in said["blobs"] if each.get("outcome") == "erased"]
    if erased and not said["stores"]:
        report.fault(
            "The certificate says that bytes were erased, and names no store in which they are absent."
        )
    tell_certificate(said, report)


def check_what_was_asked(checks: list[dict[str, Any]], report: Report) -> None:
    """Report what a certificate does not say was asked, and what was answered otherwise than it must be."""
    asked = {each.get("check") for each in checks}
    for name in MUST_BE_ASKED:
        if name not in asked:
            report.fault(
                f"The certificate does not state that {name} were asked before the bytes were erased."
            )
    for each in checks:
        name, result = shown(each.get("check")), each.get("result")
        if each.get("check") in ("holds", "requests") and (each.get("count") or result != "none"):
            report.fault(f"The certificate states that {name} were found that keep the recording.")
        elif each.get("check") == "rule decided again" and result != "kept until a day that is over":
            report.fault(
                "The certificate states that the rules kept the recording longer when they were asked."
            )
        elif each.get("check") == "staged" and result != "none left":
            report.fault("The certificate states that bytes of its uploads were left.")
        elif each.get("check") == "cases" and result not in ("none", "not kept in this system"):
            report.fault("The certificate states that a case kept the recording.")


def tell_certificate(said: dict[str, Any], report: Report) -> None:
    """Say in sentences what a certificate states: it is its issuer's word, which the log only binds."""
    recording, rule = said["recording"], said["rule"]
    report.note(f"It states, in the words of {shown(said['agency'].get('name'))}:")
    report.note(f"  recording {shown(recording.get('number'))}, sealed {shown(recording.get('sealed_at'))},")
    report.note(
        f"  was erased {shown(said['erased_at'])} under {shown(rule.get('title'))} "
        f"({shown(rule.get('document'))}, version {shown(rule.get('version'))}),"
    )
    report.note(f"  which kept it until {shown(rule.get('due_on'))}.")
    report.note("  Approved by " + ", ".join(shown(each.get("name")) for each in said["approvers"]) + ".")
    for each in said["checks"]:
        at = f" at {shown(each['at'])}" if "at" in each else ""
        report.note(f"  Asked before{at}: {shown(each.get('check'))}: {shown(each.get('result'))}.")
    for each in said["stores"]:
        report.note(f"  Absent in the store {shown(each.get('name'))} at {shown(each.get('absent_at'))}.")
    for each in said["blobs"]:
        report.note(f"  {shown(each.get('what'))} {shown(each.get('sha256'))}: {shown(each.get('outcome'))}.")
    for each in said["cannot_reach"]:
        report.note(
            f"  Out of reach: {shown(each.get('what'))}: {shown(each.get('until', each.get('count')))}."
        )


# ---- Packages for court: a bag (BagIt 1.0, RFC 8493) whose items have receipts ----

LARGEST_LIST = 2**28  # bytes of a manifest, or of the table of contents
MANIFEST_LINE = re.compile(r"([0-9a-f]{64})[ \t]+(.+)")
# What computers leave in folders that somebody looked into.
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
# The entry by which each kind of item came to be: under the receipt of another it is not what it is listed as.
MADE_BY = {
    "recording": "evidence.recording_sealed",
    "attachment": "evidence.attachment_sealed",
    "clip": "evidence.clip_made",
    "copy": "evidence.derivative_made",
    "photograph": "cases.file_sealed",
    "report": "cases.file_sealed",
    "document": "cases.file_sealed",
    "other": "cases.file_sealed",
}
# Entries that state the number of what they sealed.
NUMBERED = ("evidence.recording_sealed", "cases.file_sealed")
# Entries about a whole package: they state the SHA-256 of its tagmanifest-sha256.txt.
ABOUT_PACKAGES = ("sharing.package_made", "sharing.package_taken", "sharing.received")
# What lies in every package beside the items.
BESIDE_ITEMS = {
    "data/contents.json",
    "data/contents.pdf",
    "data/case.jsonld",
    "data/log/checkpoint",
    "data/log/key",
    "data/log/witnesses",
    "data/verify/fairwitness_verify.py",
}


class Package:
    """A package in a folder: every file is as its manifests state, every item as its receipt proves.

    Whether the list of the items is the one that was made, only a receipt of the package as a whole can show.
    """

    def __init__(self, folder: str, keys: list[Key], report: Report) -> None:
        self._folder = Path(folder)
        self._keys = keys
        self._report = report
        self._signed: dict[str, bool] = {}
        # Each checkpoint that is signed, by its text; each item, by its number; the numbers of what was left out.
        self._points: dict[str, Checkpoint] = {}
        self._items: dict[str, dict[str, Any]] = {}
        self._left_out: set[str] = set()

    def check(self, whole: Receipt | None) -> None:
        """Files first, then what is said of them. `whole` is a receipt that holds, of an entry about all of it."""
        if not (self._folder / "bagit.txt").is_file():
            raise Fault(f"{shown(self._folder)} is no package: it has no bagit.txt")
        tags = self._manifest("tagmanifest-sha256.txt")
        self._check_whole(whole)
        payload = self._manifest("manifest-sha256.txt")
        if "manifest-sha256.txt" not in tags:
            self._report.fault("tagmanifest-sha256.txt does not name manifest-sha256.txt.")
        self._check_files(tags, "file that leads through it")
        self._check_files(payload, "file in it")
        self._check_strangers({*tags, *payload, "tagmanifest-sha256.txt"})
        said = json.loads(read_file(str(self._folder / "data" / "contents.json"), LARGEST_LIST))
        self._check_list(said, payload)
        self._check_items(payload)
        self._check_log(payload)
        self._check_one_log()
        self._tell_left_out(said["left_out"], said.get("withheld", []))

    def check_witnesses(self, witnesses: list[Key], need: int) -> None:
        """Report which witnesses cosigned each checkpoint that something in the package is proven by."""
        if not self._points:
            self._report.fault("The package has no checkpoint that a witness could have signed.")
        for point in self._points.values():
            if len(self._points) > 1:
                self._report.note(f"The checkpoint of {count(point.size, 'entry')}:")
            check_witnesses(point, witnesses, need, self._report)

    def _check_whole(self, whole: Receipt | None) -> None:
        """From the digest of the tag manifest follows every byte, so an entry that states it speaks of the whole."""
        digest = f"sha256:{_digest_of(self._folder / 'tagmanifest-sha256.txt')}"
        self._report.note(f"The log names a package by the digest of tagmanifest-sha256.txt, here {digest}.")
        if whole is None:
            return
        event, stated = whole.entry["event"], whole.entry["facts"].get("sha256")
        if event not in ABOUT_PACKAGES:
            self._report.fault(f"The receipt's entry is {shown(event)}, which does not speak of a package.")
        elif stated != digest:
            self._report.fault(
                "This is not the package that the log speaks of: something in it was left out, added or changed. "
                f"The entry states {shown(stated)}."
            )
        else:
            self._report.fine(f"This is the package that the log speaks of ({event}).")
        self._keep_point(whole.checkpoint)

    def _manifest(self, name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        data = read_file(str(self._folder / name), LARGEST_LIST).decode("utf-8", "replace")
        for number, line in enumerate(data.splitlines(), 1):
            stated = MANIFEST_LINE.fullmatch(line)
            path = re.sub("%(0[AaDd]|25)", lambda code: chr(int(code[1], 16)), stated[2]) if stated else ""
            if not stated or not _lies_below(path) or path in found:
                raise Fault(f"{name}, line {number}, is not a digest and the path of a file")
            found[path] = stated[1]
        return found

    def _check_files(self, stated: dict[str, str], what: str) -> None:
        good = 0
        for path, digest in stated.items():
            try:
                found = _digest_of(self._folder / path)
            except OSError as error:
                self._report.fault(f"{shown(path)} cannot be read: {error.strerror}.")
                continue
            if found == digest:
                good += 1
            else:
                self._report.fault(f"{shown(path)} was changed: its SHA-256 is {found}, stated is {digest}.")
        if good == len(stated):
            self._report.fine(
                f"Every {what} has the SHA-256 that its manifest states: {count(good, 'file')}."
            )

    def _check_strangers(self, known: set[str]) -> None:
        """What was put beside is named, so that nobody takes it for part of the package."""
        for path in sorted(self._folder.rglob("*")):
            name = path.relative_to(self._folder).as_posix()
            if name in known or (path.is_dir() and not path.is_symlink()):
                continue
            if name.startswith("data/") and path.name not in LEFT_BY_SYSTEMS:
                self._report.fault(f"{shown(name)} is not part of the package: no manifest names it.")
            else:
                self._report.note(f"{shown(name)} lies beside the package and is not part of it.")

    def _check_list(self, said: dict[str, Any], payload: dict[str, str]) -> None:
        """The list names each item once, and everything that lies in the package."""
        named, files = set(BESIDE_ITEMS), set[str]()
        self._left_out = {item["number"] for item in said["left_out"]}
        for item in said["there"]:
            number, path = item["number"], item["path"]
            if number in self._items or path in files:
                self._report.fault(f"contents.json names {shown(number)}, or its file, twice.")
            self._items[number] = item
            files.add(path)
            papers = [each for each in (item["receipt"], item["custody"]) if each]
            for each in papers:
                if each not in payload:
                    self._report.fault(f"{shown(number)}: {shown(each)} is not in the package.")
            named |= {path, *papers, *([_proof_of(item)] if item["kind"] == "clip" else [])}
        for path in payload:
            if path not in named:
                self._report.fault(
                    f"{shown(path)} lies in the package, and contents.json does not speak of it."
                )

    def _check_items(self, payload: dict[str, str]) -> None:
        proven: dict[str, Receipt] = {}
        for number, item in self._items.items():
            if payload.get(item["path"]) != str(item["sha256"]).partition(":")[2]:
                self._report.fault(f"{shown(number)}: contents.json and the manifest state different files.")
            elif not item["receipt"]:
                self._report.fault(f"{shown(number)} has no receipt: nothing shows that it was ever sealed.")
            elif item["receipt"] in payload and (receipt := self._proven(item)):
                proven[number] = receipt
        for number, receipt in proven.items():
            try:
                self._check_item(self._items[number], receipt.entry, proven)
            except Fault as fault:
                self._report.fault(f"{fault}.")
                continue
            about = f"{shown(receipt.entry['event'])} at {shown(receipt.entry['time'])}"
            self._report.fine(f"{shown(number)} is what the log says: {about}, entry {receipt.place:,}.")

    def _check_item(self, item: dict[str, Any], entry: dict[str, Any], proven: dict[str, Receipt]) -> None:
        """Raise Fault where an item is not what its entry says."""
        _check_entry(item, entry)
        kind, facts = item["kind"], entry["facts"]
        if kind == "attachment":
            self._check_came_with(item["number"], facts, proven)
        elif kind in ("clip", "copy"):
            self._check_made_of(item, facts)
        if kind == "clip":
            self._check_proof(item, facts)

    def _check_made_of(self, item: dict[str, Any], facts: dict[str, Any]) -> None:
        number, of = item["number"], item["made_of"]
        if self._is_here(of, number) and facts.get("source") != self._items[of]["sha256"]:
            raise Fault(f"{shown(number)} was not made of {shown(of)}: its entry states another original")

    def _check_came_with(self, number: str, facts: dict[str, Any], proven: dict[str, Receipt]) -> None:
        """What came with a recording has its number, and names it by its key as the recording's own entry does."""
        of = number.rpartition("-attached-")[0]
        if self._is_here(of, number) and of in proven:
            recording = {"kind": "evidence.recording", "id": facts.get("recording_id")}
            if recording not in proven[of].entry["subjects"]:
                raise Fault(
                    f"{shown(number)} did not come with {shown(of)}: its entry states another recording"
                )

    def _is_here(self, of: str, number: str) -> bool:
        """Whether the recording that something is of is in the package. Raises Fault where nothing is said of it."""
        if of in self._items:
            return True
        if of not in self._left_out:
            raise Fault(f"{shown(number)} is of no recording that contents.json speaks of")
        self._report.note(f"{shown(number)} is of {shown(of)}, whose bytes are not here to be compared.")
        return False

    def _check_proof(self, item: dict[str, Any], facts: dict[str, Any]) -> None:
        """Raise Fault where the proof beside a clip is not the one of its entry, or speaks of another original."""
        number = shown(item["number"])
        try:
            proof = json.loads(read_file(str(self._folder / _proof_of(item)), LARGEST_RECEIPT))
            digest = f"sha256:{sha256(canonical(proof).encode()).hexdigest()}"
            original = proof["original"]["number"]
        except (Fault, ValueError, KeyError, TypeError, RecursionError):
            raise Fault(f"The proof of {number} cannot be read: {shown(_proof_of(item))}") from None
        if digest != facts.get("proof_sha256"):
            raise Fault(f"The proof of {number} is not the one that its entry binds")
        if original != item["made_of"]:
            raise Fault(
                f"{number} was not made of {shown(item['made_of'])}: its proof names another original"
            )

    def _proven(self, item: dict[str, Any]) -> Receipt | None:
        """The receipt of an item, after a fault nothing: signed by the log, and its entry in the log's tree."""
        number = shown(item["number"])
        try:
            receipt = parse_receipt(read_file(str(self._folder / item["receipt"]), LARGEST_RECEIPT))
        except Fault as fault:
            self._report.fault(f"The receipt of {number} cannot be read: {fault}.")
            return None
        if not self._is_signed(receipt, number):
            return None
        point = receipt.checkpoint
        if verify_inclusion(leaf_hash(receipt.leaf), receipt.place, point.size, receipt.proof, point.root):
            return receipt
        self._report.fault(
            f"The receipt of {number} is not proven: its entry, salt, index or proof was changed."
        )
        return None

    def _is_signed(self, receipt: Receipt, number: str) -> bool:
        """Whether the checkpoint of a receipt is signed; most receipts share one, which is checked once."""
        if not self._keys:
            self._take_key(receipt.key)
        text = canonical(
            [
                receipt.checkpoint.note.text,
                [[n, i.hex(), s.hex()] for n, i, s in receipt.checkpoint.note.signatures],
            ]
        )
        if text not in self._signed:
            try:
                check_signature(receipt.checkpoint, self._keys)
                self._signed[text] = receipt.origin == receipt.checkpoint.origin
            except Fault as fault:
                self._signed[text] = False
                self._report.fault(f"The checkpoint in the receipt of {number} cannot be trusted: {fault}.")
        if not self._signed[text]:
            self._report.fault(f"Nothing is proven of {number}: its receipt is not signed by the log.")
        elif receipt.key not in self._keys:
            self._report.fault(f"The receipt of {number} names another key than the one given.")
        else:
            self._keep_point(receipt.checkpoint)
            return True
        return False

    def _take_key(self, key: Key) -> None:
        self._keys = [key]
        self._report.note("The log's key is taken from the package; compare it with one that you know:")
        self._report.note(f"  {key.vkey()}")

    def _check_log(self, payload: dict[str, str]) -> None:
        """The log that the package brings along is the one that its receipts are of."""
        if "data/log/checkpoint" not in payload or "data/log/key" not in payload:
            if self._items:
                self._report.fault("The package lacks the log's checkpoint or its key, in data/log.")
            return
        try:
            keys = parse_keys(read_file(str(self._folder / "data/log/key"), LARGEST_CHECKPOINT), LOG)
        except Fault as fault:
            self._report.fault(f"The key in data/log/key cannot be used: {fault}.")
            return
        if not self._keys:
            self._take_key(keys[0])
        if not set(keys) <= set(self._keys):
            self._report.fault("The key in data/log/key is another than the one that all was checked by.")
        try:
            data = read_file(str(self._folder / "data/log/checkpoint"), LARGEST_CHECKPOINT)
            what = "The checkpoint in data/log/checkpoint"
            self._keep_point(signed_checkpoint(data, self._keys, what, self._report))
        except Fault as fault:
            self._report.fault(f"{str(fault).rstrip('.')}.")

    def _check_one_log(self) -> None:
        """A log that is shown differently to different people gives itself away by two roots of one size."""
        roots: dict[int, bytes] = {}
        for point in self._points.values():
            if roots.setdefault(point.size, point.root) != point.root:
                self._report.fault(f"Two checkpoints of {count(point.size, 'entry')} have different roots.")

    def _keep_point(self, point: Checkpoint) -> None:
        """One text is one checkpoint, however many witnesses had signed it when it was written down."""
        known = self._points.setdefault(point.note.text, point)
        more = [each for each in point.note.signatures if each not in known.note.signatures]
        if more:
            note = Note(point.note.text, known.note.signatures + more)
            self._points[point.note.text] = point._replace(note=note)

    def _tell_left_out(self, left_out: list[dict[str, Any]], withheld: list[str]) -> None:
        if left_out:
            left = count(len(left_out), "item")
            self._report.note(f"The package says that it is not everything: {left} of the case was left out.")
            for item in left_out:
                self._report.note(f"  {shown(item['number'])}: {shown(item['because'])}")
        elif withheld:
            self._report.note("The package says that it is not everything that the case held.")
        for sentence in withheld:
            self._report.note(f"  {shown(sentence)}")
        if not left_out and not withheld:
            self._report.note(
                "The package says that it is everything that the case held when it was asked for."
            )


def _check_entry(item: dict[str, Any], entry: dict[str, Any]) -> None:
    """Raise Fault where an item is not what its entry is about: another event, other bytes, another number."""
    number, kind = shown(item["number"]), item["kind"]
    event, facts = entry["event"], entry["facts"]
    if event != MADE_BY.get(kind):
        raise Fault(f"{number} is listed as {shown(kind)}, and its receipt is of {shown(event)}")
    if facts.get("sha256") != item["sha256"]:
        raise Fault(f"{number} is not the file of its receipt")
    if event in NUMBERED and facts.get("number") != item["number"]:
        raise Fault(f"The receipt of {number} is that of {shown(facts.get('number'))}")
    if event == "cases.file_sealed" and facts.get("file_kind") != kind:
        raise Fault(f"{number} is listed as {shown(kind)}, and was sealed as {shown(facts.get('file_kind'))}")
    if kind == "copy" and facts.get("kind") != "viewing_copy":
        raise Fault(f"{number} is listed as copy, and was made as {shown(facts.get('kind'))}")


def _proof_of(clip: dict[str, Any]) -> str:
    return f"{clip['path']}.proof.json"


def _lies_below(path: str) -> bool:
    """Whether a path in a manifest stays within the folder of its package."""
    parts = path.split("/")
    return (
        bool(path)
        and not path.startswith(("/", "~"))
        and "\\" not in path
        and not {"", ".", ".."} & set(parts)
    )


def _digest_of(path: Path) -> str:
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(2**20):
            digest.update(block)
    return digest.hexdigest()


# ---- From the command line ----


class Parser(argparse.ArgumentParser):
    """Ends with 1, not 2, when the command itself is wrong: there are two outcomes."""

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command."""
        print(f"Not verified: {message}. See --help.", flush=True)
        sys.exit(1)


def parse_command(words: list[str] | None) -> argparse.Namespace:
    """What is asked."""
    parser = Parser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--log", metavar="URL_OR_FOLDER", help="the log, where its file `checkpoint` lies")
    parser.add_argument(
        "--receipt",
        metavar="FILE",
        help="check a receipt; without --all only its part of the log; with --package that of the package",
    )
    parser.add_argument(
        "--certificate", metavar="FILE", help="check a certificate of disposal with the receipt that is in it"
    )
    parser.add_argument(
        "--package", metavar="FOLDER", help="check a package for court: every file and every receipt in it"
    )
    parser.add_argument("--file", metavar="MEDIA", help="check that this file is the one of the receipt")
    parser.add_argument(
        "--since", metavar="OLD_CHECKPOINT", help="check that the log still begins with this one"
    )
    parser.add_argument("--witness", metavar="FILE", help="keys of witnesses, one a line")
    parser.add_argument(
        "--need", metavar="N", type=int, help="how many of the witnesses must have signed (all)"
    )
    parser.add_argument(
        "--key",
        metavar="VKEY_OR_FILE",
        action="append",
        help="the log's key; may be given again after a rotation",
    )
    parser.add_argument("--all", action="store_true", help="with --receipt: check the whole log as well")
    parser.add_argument("--selftest", action="store_true", help="check this program against known answers")
    asked = parser.parse_args(words)
    if not (asked.log or asked.receipt or asked.certificate or asked.package or asked.selftest):
        parser.error("nothing to check: give --log, --receipt, --certificate, --package or --selftest")
    if asked.package and (asked.file or asked.certificate or asked.log):
        parser.error("--package is checked by itself; give --receipt, --key and --witness")
    if asked.receipt and asked.certificate:
        parser.error("give --receipt or --certificate, which has its own receipt in it")
    if asked.file and not (asked.receipt or asked.certificate):
        parser.error("--file needs --receipt or --certificate, which says what the file should be")
    if (asked.since or asked.all) and not asked.log:
        parser.error("--since and --all need --log")
    if asked.need is not None and (not asked.witness or asked.need < 1):
        parser.error("--need is a number from 1, with --witness")
    return asked


class Verification:
    """One run: what was asked, what was read, what is said."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self._asked = asked
        self._report = Report()
        self._source: Source | None = None
        self._receipt: Receipt | None = None
        self._certificate: dict[str, Any] | None = None
        self._now: Checkpoint | None = None
        self._package: Package | None = None
        self._receipt_holds = False
        self._keys: list[Key] = []

    def run(self) -> int:
        """Every check asked for; a fault in one does not keep the next from being made."""
        steps = [self._read_receipt, self._read_keys, self._read_log, self._check_receipt, self._check_media]
        steps += [self._check_package, self._check_since, self._check_witnesses, self._check_whole]
        try:
            for step in steps:
                try:
                    step()
                except Fault as fault:
                    self._report.fault(f"{str(fault).rstrip('.')}.")
        except TooMany:
            self._report.note("Stopped here: there may be more.")
        return self._report.end(self._proven())

    def _read_receipt(self) -> None:
        if self._asked.receipt:
            try:
                self._receipt = parse_receipt(read_file(self._asked.receipt, LARGEST_RECEIPT))
            except Fault as fault:
                raise Fault(f"The receipt cannot be read: {fault}") from None
        if self._asked.certificate:
            try:
                read = read_file(self._asked.certificate, LARGEST_CERTIFICATE)
                self._certificate, self._receipt = parse_certificate(read)
            except Fault as fault:
                raise Fault(f"The certificate cannot be read: {fault}") from None

    def _read_keys(self) -> None:
        """The log's key: the one given, else the receipt's, else the one that lies beside the log."""
        if self._asked.log:
            self._source = open_log(self._asked.log)
        if self._asked.key:
            self._keys = given_keys(self._asked.key)
        elif self._receipt:
            self._keys = [self._receipt.key]
            self._report.note("The log's key is taken from the receipt; compare it with one that you know:")
            self._report.note(f"  {self._receipt.key.vkey()}")
        elif self._source:
            self._keys = parse_keys(self._source.fetch("key", LARGEST_CHECKPOINT), LOG)
            self._report.note(
                "The log's key is the one served with the log, so only its consistency is shown."
            )
            self._report.note(f"  Whoever serves the log could serve another key: {self._keys[0].vkey()}")

    def _read_log(self) -> None:
        if self._source and self._keys:
            data = self._source.fetch("checkpoint", LARGEST_CHECKPOINT)
            self._now = signed_checkpoint(data, self._keys, "The log's checkpoint", self._report)

    def _check_receipt(self) -> None:
        if not self._receipt:
            return
        before = self._report.faults
        if self._receipt.key not in self._keys:
            self._report.fault("The receipt names another key than the one given.")
        check_receipt(self._receipt, self._keys, self._report)
        self._receipt_holds = self._report.faults == before
        if self._source and self._now:
            check_receipt_in_log(self._source, self._receipt, self._now, self._report)
        if self._certificate:
            check_certificate(self._certificate, self._receipt, self._report)

    def _check_media(self) -> None:
        if self._asked.file and self._receipt:
            check_media(self._asked.file, self._receipt.entry["facts"], self._report)

    def _check_package(self) -> None:
        if self._asked.package:
            try:
                self._package = Package(self._asked.package, self._keys, self._report)
                self._package.check(self._receipt if self._receipt_holds else None)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                raise Fault(
                    "The table of contents of the package cannot be read: data/contents.json"
                ) from None
            if not self._asked.receipt:
                self._tell_unchecked()

    def _tell_unchecked(self) -> None:
        """Whoever makes the whole bag anew may leave out an item together with every line that speaks of it."""
        for line in (
            "Not checked: whether an item was taken out of the package, and whether what it says beside the items",
            "  (contents, what is left out and why, facts, notes, custody histories, index.html) was changed.",
            "  To check it, give --receipt with the receipt of the package, which lies beside it and never in it:",
            "  whoever handed it over has one, and a guest gets one after the download. Or compare the digest above",
            "  with the one on the package's page.",
        ):
            self._report.note(line)

    def _check_since(self) -> None:
        if self._asked.since and self._source and self._now:
            data = read_file(self._asked.since, LARGEST_CHECKPOINT)
            old = signed_checkpoint(data, self._keys, "The old checkpoint", self._report)
            check_continues(self._source, old, self._now, "the old checkpoint", self._report)

    def _check_witnesses(self) -> None:
        """On the log's checkpoint, or without the log on the receipt's; of a package on every one."""
        if not self._asked.witness:
            return
        try:
            witnesses = parse_keys(read_file(self._asked.witness, LARGEST_CHECKPOINT), WITNESS)
        except Fault as fault:
            raise Fault(f"The file of witnesses cannot be used: {fault}") from None
        need = self._asked.need or len(witnesses)
        if self._package:
            self._package.check_witnesses(witnesses, need)
            return
        checkpoint = self._now or (self._receipt.checkpoint if self._receipt and not self._source else None)
        if checkpoint:
            check_witnesses(checkpoint, witnesses, need, self._report)

    def _check_whole(self) -> None:
        if not (self._source and self._now):
            return
        if self._asked.all or not (self._asked.receipt or self._asked.certificate):
            WholeLog(self._source, self._now, self._report).check()
        else:
            self._report.note(
                "Only the part of the log that the receipt needs was read; --all reads all of it."
            )

    def _proven(self) -> str:
        """What holds when nothing is at fault."""
        if self._asked.package and self._receipt:
            return "this is the package that the log speaks of, whole and unchanged, and each item is what the log says"
        if self._asked.package:
            return (
                "each item that is there is what the log says of it; "
                "whether the package is whole and unchanged was not checked"
            )
        if self._receipt and not self._source:
            self._report.note("Without --log this shows what was signed, not that others see the same log.")
        media = "the file is the one that was sealed, and " if self._asked.file else ""
        if self._certificate and self._receipt:
            media = "these bytes are those of the erased recording, and " if self._asked.file else ""
            where = "in the log as it is now" if self._source else "in the log as it was signed"
            return f"{media}the certificate is bound by an entry {where}"
        if self._receipt:
            where = "in the log as it is now" if self._source else "in the log as it was signed"
            return f"{media}the receipt's entry is {where}"
        return f"the log of {shown(self._now.origin)} is as it was signed" if self._now else "nothing"


# RFC 8032, section 7.1: public key, message, signature.
RFC8032 = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]
# The tree of eight leaves in the test suite of Certificate Transparency, and its root.
CT_LEAVES = "|00|10|2021|3031|40414243|5051525354555657|606162636465666768696a6b6c6d6e6f"
CT_ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def selftest() -> int:
    """Check this program against known answers, and that it sees them changed."""
    report = Report()
    for number, vector in enumerate(RFC8032, 1):
        public, message, signature = map(bytes.fromhex, vector)
        true = ed25519_verify(public, message, signature)
        false = ed25519_verify(public, message + b"x", signature) or ed25519_verify(
            public, message, signature[:-1] + bytes([signature[-1] ^ 1])
        )
        (report.fine if true and not false else report.fault)(f"Ed25519, vector {number} of RFC 8032.")
    root = fold([leaf_hash(bytes.fromhex(leaf)) for leaf in CT_LEAVES.split("|")])
    (report.fine if root.hex() == CT_ROOT else report.fault)("Merkle tree of eight leaves.")
    text = canonical({"\ufb33": 1, "\U0001f600": [None, True, "\u0007\u20ac/"], "a": {}})
    known = '{"a":{},"\U0001f600":[null,true,"\\u0007\u20ac/"],"\ufb33":1}'
    (report.fine if text == known else report.fault)("Canonical JSON.")
    return report.end("this program gives the known answers")


def main(words: list[str] | None = None) -> int:
    """Run what the command asks; 0 when all of it holds, else 1."""
    asked = parse_command(words)
    for stream in (sys.stdout, sys.stderr):  # a terminal of any encoding must not stop a check
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        return selftest() if asked.selftest else Verification(asked).run()
    except KeyboardInterrupt:
        print("Not verified: stopped before the end.", flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
