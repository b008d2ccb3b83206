"""RFC 8785 JSON, the one spelling in which facts are hashed, and the leaf of the public log made of it."""

import json
import unicodedata
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

LARGEST_INTEGER = 2**53 - 1  # beyond it, readers that keep numbers as IEEE doubles see another number
DEEPEST = 64
SALT_BYTES = 32

# `_check` bounds the depth, so nothing circular comes here.
_json = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":")).encode
_sorted_json = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, separators=(",", ":"), sort_keys=True
).encode


class Uncanonical(ValueError):
    """A value that has no single spelling as JSON; the message says where it lies, never what it is."""


def canonical(value: object) -> bytes:
    """The RFC 8785 bytes of a value made of dict, list, tuple, str, int, bool and None.

    Raises Uncanonical for floats, integers beyond 2**53 - 1, keys that are not strings, text that is not in
    Unicode form NFC or holds NUL or a lone surrogate, any other type, and nesting deeper than 64.
    """
    _check(value, DEEPEST)
    text = _sorted_json(value)
    if not text.isascii():
        # RFC 8785 sorts keys by UTF-16 units, Python by code points: they differ beyond the basic plane.
        text = _json(_by_utf16(value))
    return text.encode()


def named_digest(data: bytes | str) -> str:
    """SHA-256 of bytes, or of a text in UTF-8, as facts have it: `sha256:` and lower-case hex."""
    return f"sha256:{sha256(data.encode() if isinstance(data, str) else data).hexdigest()}"


def nfc(value: Any) -> Any:
    """A copy of a JSON value with every string, keys included, in Unicode form NFC.

    Raises Uncanonical when two keys of one object become the same.
    """
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, Mapping):
        normal = {nfc(key): nfc(item) for key, item in value.items()}
        if len(normal) != len(value):
            raise Uncanonical("two keys are the same in Unicode form NFC")
        return normal
    if isinstance(value, list | tuple):
        return [nfc(item) for item in value]
    return value


def commitment(salt: bytes, entry: Mapping[str, object]) -> str:
    """What the log shows of an entry: hex of SHA-256(salt, then the canonical whole entry).

    `entry` has id, event, time, actor, subjects, facts and, where it was caused by another, caused_by.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return sha256(salt + canonical(entry)).hexdigest()


def leaf(committed: str, public: Mapping[str, object] | None = None) -> bytes:
    """The leaf data of an entry: canonical {"c": commitment, "v": 1}, for some events with public facts."""
    if len(bytes.fromhex(committed)) != 32:
        raise ValueError("a commitment is a SHA-256 in hex")
    if public is None:
        return b'{"c":"%b","v":1}' % committed.encode()
    return canonical({"c": committed, "public": public, "v": 1})


def _check(value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, dict):
        _check_items(value.items(), depth - 1)
        for key in value:
            if not isinstance(key, str):
                raise Uncanonical(f"a key of type {type(key).__name__}")
            _check_text(key)
    elif isinstance(value, list | tuple):
        _check_items(enumerate(value), depth - 1)
    elif isinstance(value, int):  # True and False among them
        if not -LARGEST_INTEGER <= value <= LARGEST_INTEGER:
            raise Uncanonical("an integer beyond 2**53 - 1")
    elif value is not None:
        raise Uncanonical(f"a {type(value).__name__} has no canonical form")


def _check_items(items: Iterable[tuple[object, object]], depth: int) -> None:
    if depth < 0:
        raise Uncanonical(f"nested deeper than {DEEPEST}")
    for place, item in items:
        try:
            _check(item, depth)
        except Uncanonical as refused:
            raise Uncanonical(f"{place}: {refused}") from None


def _check_text(text: str) -> None:
    if "\0" in text:
        raise Uncanonical("text with a NUL")
    if text.isascii():
        return
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise Uncanonical("text with a lone surrogate")
    if not unicodedata.is_normalized("NFC", text):
        raise Uncanonical("text that is not in Unicode form NFC")


def _by_utf16(value: object) -> object:
    """The same value with the keys of every object in the order of their UTF-16 units (RFC 8785, 3.2.3)."""
    if isinstance(value, dict):
        return {key: _by_utf16(value[key]) for key in sorted(value, key=lambda key: key.encode("utf-16-be"))}
    if isinstance(value, list | tuple):
        return [_by_utf16(item) for item in value]
    return value
