"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature v1).

A note is text, a blank line, and signature lines. A checkpoint is a note that names a log, its size and its
root. A log signs the text (signature type 1); a witness signs the text and the time it saw it (type 4).
Keys never come here: signing and verifying are callables over raw bytes, both Ed25519 (RFC 8032).
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

ED25519 = 1
COSIGNATURE = 4
LARGEST_NOTE = 2**18  # bytes; room for a hundred witnesses
MOST_SIGNATURES = 128
LARGEST_SIZE = 2**63 - 1

Sign = Callable[[bytes], bytes]  # message to signature of 64 bytes
Verify = Callable[[bytes, bytes, bytes], bool]  # public key, message, signature

_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


class MalformedNote(ValueError):
    """Text that is not the note, checkpoint or key that it should be; the message says why."""


class BadSignature(ValueError):
    """A note that its key did not sign, or not like this."""


class Key(NamedTuple):
    """A public key with the name it signs under; `kind` is ED25519 (a log) or COSIGNATURE (a witness)."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that stand before each signature of this key."""
        return sha256(f"{self.name}\n".encode() + self._material()).digest()[:4]

    def __str__(self) -> str:
        """The vkey: name+id+base64, as in `example.org/log+0a1b2c3d+AbC…`."""
        return f"{self.name}+{self.id.hex()}+{_to_base64(self._material())}"

    def _material(self) -> bytes:
        return bytes([self.kind]) + self.public


class Signature(NamedTuple):
    """One signature line: `data` is what follows the four bytes of the key's id."""

    name: str
    key_id: bytes
    data: bytes

    def __str__(self) -> str:
        return f"— {self.name} {_to_base64(self.key_id + self.data)}\n"


class Note(NamedTuple):
    """Text, its last newline included, and the signatures under it."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))

    def by(self, key: Key) -> list[Signature]:
        """The signatures that say they are by this key."""
        return [line for line in self.signatures if (line.name, line.key_id) == (key.name, key.id)]


class Checkpoint(NamedTuple):
    """A log's state: its origin (name), how many entries, the root hash, and further lines if any."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.origin, str(self.size), _to_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


def parse_key(vkey: str) -> Key:
    """The key of a vkey string. Raises MalformedNote, also when its id is not that of its key."""
    name, _, rest = vkey.strip().partition("+")
    key_id, _, material = rest.partition("+")
    raw = _from_base64(material, "key")
    if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
        raise MalformedNote("the key is not an Ed25519 key of a log (type 1) or a witness (type 4)")
    key = Key(_checked_name(name), raw[0], raw[1:])
    if key.id.hex() != key_id:
        raise MalformedNote("the id in the key is not the id of the key")
    return key


def parse_note(data: bytes) -> Note:
    """The note in these bytes, nothing verified. Raises MalformedNote."""
    text, lines = _split_note(_checked_text(data))
    if len(lines) > MOST_SIGNATURES:
        raise MalformedNote(f"the note has more than {MOST_SIGNATURES} signatures")
    return Note(text, tuple(map(parse_signature, lines)))


def parse_signature(line: str) -> Signature:
    """One signature line, without its newline. Raises MalformedNote."""
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    if dash != "—":
        raise MalformedNote("a signature line does not begin with a dash (U+2014) and a space")
    raw = _from_base64(encoded, "signature")
    if len(raw) < 5:
        raise MalformedNote("a signature is shorter than five bytes")
    return Signature(_checked_name(name), raw[:4], raw[4:])


def parse_checkpoint(text: str) -> Checkpoint:
    """The checkpoint in a note's text. Raises MalformedNote."""
    *lines, end = text.split("\n")
    if end or len(lines) < 3 or not all(lines):
        raise MalformedNote("a checkpoint needs three lines or more, none empty")
    origin, size, encoded, *extensions = lines
    if not _DECIMAL.fullmatch(size) or int(size) > LARGEST_SIZE:
        raise MalformedNote("the size in the checkpoint is not a plain decimal number")
    root = _from_base64(encoded, "root")
    if len(root) != 32:
        raise MalformedNote("the root in the checkpoint does not have 32 bytes")
    return Checkpoint(origin, int(size), root, tuple(extensions))


def sign(text: str, key: Key, signer: Sign) -> Signature:
    """A log's signature of a note's text; `signer` signs with the private half of `key`."""
    return Signature(key.name, key.id, signer(text.encode()))


def cosign(text: str, key: Key, signer: Sign, time: int) -> Signature:
    """A witness's signature of a checkpoint's text, seen at `time` (seconds since 1970, UTC)."""
    return Signature(key.name, key.id, time.to_bytes(8, "big") + signer(_cosigned(text, time)))


def verify(note: Note, key: Key, ed25519_verify: Verify) -> None:
    """Raises BadSignature unless `key` signed the note; a key's signature that fails is never overlooked."""
    lines = note.by(key)
    if not lines:
        raise BadSignature(f"there is no signature by {key.name}")
    for line in lines:
        if len(line.data) != 64 or not ed25519_verify(key.public, note.text.encode(), line.data):
            raise BadSignature(f"the signature by {key.name} does not belong to this text")


def verify_cosignature(note: Note, key: Key, ed25519_verify: Verify) -> int:
    """The latest time at which the witness `key` cosigned this note, in seconds since 1970, UTC.

    Raises BadSignature where it did not, or where a signature under its name is not its own.
    """
    lines = note.by(key)
    if not lines:
        raise BadSignature(f"there is no cosignature by {key.name}")
    return max(_cosignature_time(note.text, line, key, ed25519_verify) for line in lines)


def join(note: Note, signatures: Iterable[Signature]) -> Note:
    """The same note with further signatures; one that it has already is not added again."""
    return Note(note.text, tuple(dict.fromkeys((*note.signatures, *signatures))))


def witness_request(old: int, proof: Sequence[bytes], note: Note) -> bytes:
    """The body of C2SP tlog-witness add-checkpoint: a checkpoint, and proof that it goes on from `old` entries.

    The witness answers 200 with signature lines for `parse_signature` and `join`; or 409 with the size that
    it saw last, from which a proof is to be drawn; or refuses.
    """
    steps = "".join(f"{_to_base64(step)}\n" for step in proof)
    return f"old {old}\n{steps}\n{note}".encode()


def _cosigned(text: str, time: int) -> bytes:
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _cosignature_time(text: str, line: Signature, key: Key, ed25519_verify: Verify) -> int:
    time = int.from_bytes(line.data[:8], "big")
    if len(line.data) != 72 or time > LARGEST_SIZE:
        raise BadSignature(f"the cosignature by {key.name} is malformed")
    if not ed25519_verify(key.public, _cosigned(text, time), line.data[8:]):
        raise BadSignature(f"the cosignature by {key.name} does not belong to this checkpoint")
    return time


def _checked_text(data: bytes) -> str:
    if len(data) > LARGEST_NOTE:
        raise MalformedNote(f"the note is longer than {LARGEST_NOTE} bytes")
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise MalformedNote("the note is not UTF-8") from None
    if any(character < " " and character != "\n" for character in text):
        raise MalformedNote("the note has control characters")
    return text


def _split_note(note: str) -> tuple[str, list[str]]:
    """Text and signature lines: the last blank line parts them."""
    text, blank, signed = note.rpartition("\n\n")
    if not blank or not signed.endswith("\n"):
        raise MalformedNote("the note has no blank line with signature lines after it")
    return f"{text}\n", signed[:-1].split("\n")


def _checked_name(name: str) -> str:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise MalformedNote("a key's name is empty or has a space or a plus in it")
    return name


def _to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _from_base64(text: str, what: str) -> bytes:
    """Standard base64 in its one spelling: stray bits and characters would give a text two encodings."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise MalformedNote(f"the {what} is not base64") from None
    if _to_base64(data) != text:
        raise MalformedNote(f"the {what} is not base64 as it is usually written")
    return data
