#!/usr/bin/env python3
"""A witness of a public log: one file, for anyone, with nothing installed, a key and a memory of its own.

    python3 fairwitness_witness.py init  --dir DIR --name NAME --log VKEY_OR_FILE
    python3 fairwitness_witness.py serve --dir DIR [--host 127.0.0.1] [--port 8001]
    python3 fairwitness_witness.py watch --dir DIR --log URL_OR_FOLDER [--out FOLDER] [--every SECONDS]
    python3 fairwitness_witness.py show  --dir DIR

A witness signs a checkpoint only when it goes on from the last one that it signed, and never forgets that one:
so nobody can be shown another history without its refusal. `serve` is asked by the log (C2SP tlog-witness);
`watch` asks the log, for a witness that cannot be reached. DIR is the witness: its seed is secret, and the
rest must not be lost or set back; a witness restored from an old copy must be made anew, under a new name.

It needs Python 3.9 or later, its standard library, and a system with POSIX file locks (Linux, macOS, BSD).
Its Ed25519 is plain arithmetic and takes a time that depends on the key: do not run it where others measure
the machine that it runs on.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import fcntl
import http.client
import json
import os
import secrets
import socket
import socketserver
import stat
import sys
import threading
import time
import urllib.parse
import zlib
from collections.abc import Iterator
from hashlib import sha256, sha512
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple, Protocol

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

LARGEST_REQUEST = LARGEST_CHECKPOINT + 2**13
MOST_CONNECTIONS = 32
SECONDS_OF_A_CONNECTION = 60  # so that slow clients cannot keep others out


def _secret_scalar(seed: bytes) -> tuple[int, bytes]:
    digest = sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    return scalar, digest[32:]


def ed25519_public(seed: bytes) -> bytes:
    """The public key of a secret seed of 32 bytes: RFC 8032, section 5.1.5."""
    return _point_encode(_point_times(_secret_scalar(seed)[0], _BASE))


def ed25519_sign(seed: bytes, message: bytes) -> bytes:
    """The signature of a message: RFC 8032, section 5.1.6."""
    scalar, prefix = _secret_scalar(seed)
    public = ed25519_public(seed)
    once = int.from_bytes(sha512(prefix + message).digest(), "little") % _L
    commitment = _point_encode(_point_times(once, _BASE))
    challenge = int.from_bytes(sha512(commitment + public + message).digest(), "little") % _L
    return commitment + ((once + challenge * scalar) % _L).to_bytes(32, "little")


# ---- The witness: what it is, what it remembers, what it refuses ----


class Refusal(Fault):
    """A checkpoint that the witness does not sign, with the HTTP status that C2SP tlog-witness gives it."""

    def __init__(self, status: int, sentence: str, size: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.size = size  # of the last checkpoint signed, where the asker should go on from


class Request(NamedTuple):
    """What is asked of a witness: sign this, for it goes on from your last one, which had `old` entries."""

    old: int
    proof: list[bytes]
    checkpoint: Checkpoint


def parse_request(body: bytes) -> Request:
    """The body of an add-checkpoint request. Raises Refusal 400."""
    head, blank, note = body.partition(b"\n\n")
    try:
        first, *steps = head.decode("ascii").split("\n")
        if not blank or not first.startswith("old ") or len(steps) > MOST_STEPS:
            raise Fault("it does not begin with an old size, at most 63 proof lines and a blank line")
        proof = [from_base64(step, "a proof line") for step in steps]
        if any(len(step) != 32 for step in proof):
            raise Fault("a proof line is not a hash")
        return Request(from_decimal(first[4:], "the old size"), proof, parse_checkpoint(note))
    except UnicodeDecodeError:
        raise Refusal(400, "The request is not understood: it is not text.") from None
    except Fault as fault:
        raise Refusal(400, f"The request is not understood: {fault}.") from None


class Witness:
    """One witness of one log, in one folder. Several processes may use the folder: each step is locked."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        try:
            about = json.loads((folder / "witness.json").read_text("utf-8"))
            self._seed = bytes.fromhex((folder / "seed").read_text("ascii"))
            shared = (folder / "seed").stat().st_mode & 0o077
            self.log_keys = [parse_key(text) for text in about["log"]]
            self.key = Key(about["name"], WITNESS, ed25519_public(self._seed))
        except (OSError, ValueError, KeyError, TypeError, Fault) as error:
            raise Fault(f"{folder} is not the folder of a witness: {shown(error)}") from None
        if shared:
            raise Fault(f"others can read {folder / 'seed'}, which must be secret (chmod 600)")
        self._lock = threading.Lock()
        self.last()

    @property
    def origin(self) -> str:
        """The name of the log that this witness is of."""
        return self.log_keys[0].name

    def last(self) -> Checkpoint | None:
        """The last checkpoint signed; None when none was. Raises Fault when the memory is lost or damaged."""
        try:
            data = (self._folder / "checkpoint").read_bytes()
            return parse_checkpoint(data) if data else None
        except OSError as error:
            raise Fault(f"the memory of the witness is lost ({error.strerror}): make a new witness") from None
        except Fault as fault:
            raise Fault(f"the memory of the witness is damaged ({fault}): make a new witness") from None

    def add(self, request: Request) -> str:
        """The cosignature line for a checkpoint, once it is remembered. Raises Refusal."""
        new = request.checkpoint
        if new.origin != self.origin:
            raise Refusal(404, f"This witness does not know the log {shown(new.origin)}.")
        try:
            check_signature(new, self.log_keys)
        except Fault as fault:
            raise Refusal(403, f"The checkpoint is not the log's: {fault}.") from None
        if request.old > new.size:
            raise Refusal(400, f"The old size {request.old} is larger than the checkpoint's, {new.size}.")
        with self._alone():
            last = self.last()
            size = last.size if last else 0
            if request.old != size:
                raise Refusal(409, f"The last checkpoint signed here has size {size}.", size)
            self._check_goes_on(last, request)
            line = self._cosign(new)
            self._remember(new, line)
        return line

    def _check_goes_on(self, last: Checkpoint | None, request: Request) -> None:
        new = request.checkpoint
        if last is None or last.size == 0:
            if request.proof or (new.size == 0 and new.root != fold([])):
                raise Refusal(422, "From an empty log there is nothing to prove, and its root is known.")
        elif last.size == new.size and last.root != new.root:
            self._keep("fork", f"{note_text(last.note)}\n=====\n\n{note_text(new.note)}", once=True)
            raise Refusal(409, "FORK: the log has signed two different trees of one size.", last.size)
        elif not verify_consistency(last.size, new.size, last.root, new.root, request.proof):
            self._keep("refused", note_text(new.note))
            raise Refusal(
                422, f"REFUSED: the log is not shown to go on from its {last.size} entries seen here."
            )

    def _cosign(self, new: Checkpoint) -> str:
        when = int(time.time())
        message = cosigned(new.note.text, when)
        signature = ed25519_sign(self._seed, message)
        if not ed25519_verify(self.key.public, message, signature):
            raise Fault("a signature made here does not verify: is the machine sound?")
        return f"— {self.key.name} {to_base64(self.key.id() + when.to_bytes(8, 'big') + signature)}\n"

    def _remember(self, new: Checkpoint, line: str) -> None:
        """Only the log's own signatures are kept beside ours, so that the memory does not grow."""
        own = [(key.name, key.id(), signed) for key in self.log_keys for signed in new.note.by(key)]
        write_durably(self._folder / "checkpoint", note_text(Note(new.note.text, own)) + line)

    def _keep(self, name: str, text: str, once: bool = False) -> None:
        """Evidence for people; the first fork is proof for ever, of the rest the latest will do."""
        if not (once and (self._folder / name).exists()):
            write_durably(self._folder / name, text)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """No other thread and no other process decides at the same time."""
        with self._lock, (self._folder / "lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def note_text(note: Note) -> str:
    """A note as it is written."""
    lines = "".join(f"— {name} {to_base64(key_id + signed)}\n" for name, key_id, signed in note.signatures)
    return f"{note.text}\n{lines}"


def write_durably(path: Path, text: str) -> None:
    """Write a file so that after a crash it is the old one or the new one, and once returned, the new one."""
    fresh = path.with_name(f".{path.name}.new")
    try:
        with fresh.open("wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def create(folder: Path, name: str, log_keys: list[Key]) -> Witness:
    """A new witness, with a new key, that has seen nothing. Raises Fault where one is already."""
    check_name(name)
    if {key.kind for key in log_keys} != {LOG} or len({key.name for key in log_keys}) != 1:
        raise Fault("a witness needs the key of one log")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        handle = os.open(folder / "seed", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Fault(f"{folder} has a witness already; a witness is never made anew in place") from None
    with os.fdopen(handle, "w") as file:
        file.write(secrets.token_bytes(32).hex() + "\n")
        file.flush()
        os.fsync(file.fileno())
    about = {"name": name, "log": [key.vkey() for key in log_keys]}
    write_durably(folder / "witness.json", json.dumps(about, indent=1) + "\n")
    write_durably(folder / "checkpoint", "")
    return Witness(folder)


# ---- Asked by the log: C2SP tlog-witness over HTTP ----


class Server(ThreadingHTTPServer):
    """Answers each connection in a thread, a bounded number of them, each for a bounded time."""

    daemon_threads = True
    request_queue_size = 2 * MOST_CONNECTIONS

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, Handler)
        self.witness = witness
        self._room = threading.BoundedSemaphore(MOST_CONNECTIONS)

    def server_bind(self) -> None:
        """Bind, without asking the name service for this machine's name as HTTPServer does."""
        socketserver.TCPServer.server_bind(self)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Take a connection, or close it at once when there are too many."""
        if self._room.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer a connection; after a minute it is closed, whatever it is doing."""
        last_moment = threading.Timer(SECONDS_OF_A_CONNECTION, _cut, (request,))
        last_moment.daemon = True
        last_moment.start()
        try:
            super().process_request_thread(request, client_address)
        finally:
            last_moment.cancel()
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A connection that broke is no event; anything else is one line."""
        error = sys.exc_info()[1]
        if not isinstance(error, OSError):
            say(f"FAULT  {type(error).__name__}: {shown(error)}")


def _cut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """POST /add-checkpoint for the log; GET / and GET /checkpoint for people."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "fairwitness-witness"
    sys_version = ""
    timeout = 20

    def do_GET(self) -> None:
        """What this witness is and what it saw last."""
        try:
            last = self.server.witness.last()
        except Fault as fault:
            self._answer(500, f"{fault}\n")
            return
        if self.path == "/":
            self._answer(200, page(self.server.witness, last))
        elif self.path == "/checkpoint" and last:
            self._answer(200, note_text(last.note))
        else:
            self._answer(404, "There is nothing here.\n")

    def do_POST(self) -> None:
        """Sign a checkpoint, or say why not."""
        body = self._body()
        if body is None:
            return
        if self.path != "/add-checkpoint":
            self._answer(404, "There is nothing here.\n")
            return
        try:
            request = parse_request(body)
            line = self.server.witness.add(request)
        except Refusal as refusal:
            say(f"{refusal.status}    {refusal}")
            if refusal.size is None:
                self._answer(refusal.status, f"{refusal}\n")
            else:
                self._answer(refusal.status, f"{refusal.size}\n", "text/x.tlog.size")
        except (Fault, OSError) as error:
            say(f"FAULT  {shown(error)}")
            self._answer(500, "The witness cannot sign now.\n")
        else:
            say(f"signed size {request.checkpoint.size}")
            self._answer(200, line)

    def _body(self) -> bytes | None:
        """The body of the request; None, and an answer, when it is too large or of unknown length."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self.close_connection = True
            self._answer(411, "The request must state its length.\n")
        elif len(length) > 9 or int(length) > LARGEST_REQUEST:
            self.close_connection = True
            self._answer(413, f"The request is larger than {LARGEST_REQUEST} bytes.\n")
        else:
            body = self.rfile.read(int(length))
            self.close_connection = self.close_connection or len(body) < int(length)
            return body if len(body) == int(length) else None
        return None

    def _answer(self, status: int, text: str, kind: str = "text/plain; charset=utf-8") -> None:
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("X-Content-Type-Options", "nosniff")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing for each request: what is signed or refused is said where it happens."""


def page(witness: Witness, last: Checkpoint | None) -> str:
    """What a witness says of itself."""
    seen = f"{last.size} entries, root {to_base64(last.root)}" if last else "nothing yet"
    return (
        f"A witness of the public log {witness.origin}\n\n"
        f"Name       {witness.key.name}\nKey        {witness.key.vkey()}\nLast seen  {seen}\n\n"
        "The last checkpoint that it signed is at /checkpoint. The log asks for signatures at /add-checkpoint.\n"
    )


# ---- Asking the log, for a witness that cannot be reached ----


def watch(witness: Witness, where: str, out: Path) -> int:
    """Fetch the log's checkpoint, see that it goes on from the last one, sign it; its size. Raises Fault."""
    source = open_log(where)
    data = source.fetch("checkpoint", LARGEST_CHECKPOINT)
    try:
        new = parse_checkpoint(data)
        check_signature(new, witness.log_keys)
    except Fault as fault:
        raise Fault(f"the log's checkpoint cannot be trusted: {fault}") from None
    last = witness.last()
    old = last.size if last else 0
    if new.size < old:
        raise Refusal(409, f"REFUSED: the log has {new.size} entries; it had {old} when last seen here.", old)
    line = witness.add(Request(old, Tiles(source, new.size).consistency_proof(old), new))
    write_durably(out / f"cosigned-{witness.key.id().hex()}", f"{new.note.text}\n{line}")
    return new.size


def watch_on(witness: Witness, where: str, out: Path, every: int) -> int:
    """Watch once, or again and again; the exit status, 1 when the last time was refused."""
    while True:
        try:
            say(f"signed size {watch(witness, where, out)}")
            status = 0
        except (Fault, OSError) as error:
            say(f"FAULT  {shown(error)}")
            status = 1
        if not every:
            return status
        time.sleep(every)


# ---- From the command line ----


def say(sentence: str) -> None:
    """One line with its time, for whoever runs the witness."""
    print(time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), sentence, flush=True)


def parse_command(words: list[str] | None) -> argparse.Namespace:
    """What is asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("init", help="make a witness: a folder with a new key and an empty memory")
    made.add_argument("--name", required=True, help="such as witness.example/w1; unique, no spaces")
    made.add_argument("--log", required=True, action="append", metavar="VKEY_OR_FILE", help="the log's key")
    served = commands.add_parser("serve", help="wait for the log to ask (C2SP tlog-witness)")
    served.add_argument("--host", default="127.0.0.1")
    served.add_argument("--port", default=8001, type=int)
    watched = commands.add_parser("watch", help="ask the log, once or every so many seconds")
    watched.add_argument("--log", required=True, metavar="URL_OR_FOLDER", help="where its checkpoint lies")
    watched.add_argument("--out", type=Path, metavar="FOLDER", help="where the cosignature goes (DIR)")
    watched.add_argument("--every", default=0, type=int, metavar="SECONDS")
    commands.add_parser("show", help="print what this witness is and what it saw last")
    for command in commands.choices.values():
        command.add_argument("--dir", required=True, type=Path, help="the folder of the witness")
    return parser.parse_args(words)


def log_keys(texts: list[str]) -> list[Key]:
    """The keys of the log, each as itself or in a file."""
    keys = []
    for text in texts:
        path = Path(text)
        try:
            found = path.read_text("utf-8") if "+" not in text or path.is_file() else text
            keys += [parse_key(line) for line in found.split("\n") if line.strip()]
        except (OSError, ValueError, Fault) as error:
            raise Fault(f"the key {shown(text)} cannot be used: {shown(error)}") from None
    return keys


def serve(witness: Witness, host: str, port: int) -> int:
    """Wait for requests until stopped."""
    with Server((host, port), witness) as server:
        say(f"{witness.key.vkey()} listens at http://{host}:{server.server_address[1]}/")
        server.serve_forever()
    return 0


def run(asked: argparse.Namespace) -> int:
    """Do what the command asks. Raises Fault."""
    if asked.command == "init":
        print(create(asked.dir, asked.name, log_keys(asked.log)).key.vkey())
        return 0
    witness = Witness(asked.dir)
    if asked.command == "serve":
        return serve(witness, asked.host, asked.port)
    if asked.command == "watch":
        return watch_on(witness, asked.log, asked.out or asked.dir, asked.every)
    print(page(witness, witness.last()), end="")
    return 0


def main(words: list[str] | None = None) -> int:
    """0 when all went well, else 1 and a sentence."""
    try:
        return run(parse_command(words))
    except (Fault, OSError) as error:
        print(f"FAULT  {shown(error)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
