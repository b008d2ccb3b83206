"""Byte ranges of RFC 9110, section 14: which bytes of a file a request asks for."""

import re

_RANGE = re.compile(r"bytes=(?:([0-9]+)-([0-9]*)|-([0-9]+))")
# No file is so large; Python makes no number of thousands of digits.
_MOST_DIGITS = 30


class Unsatisfiable(ValueError):
    """A range that lies wholly beyond the end: answered with 416."""


def byte_range(header: str, size: int) -> tuple[int, int] | None:
    """The half-open range [start, end) that a Range header asks for in a file of `size` bytes.

    None when there is no header, or one that RFC 9110 lets a server ignore (another unit, several ranges, bad
    syntax); the whole file is then the answer. Raises Unsatisfiable.
    """
    found = _RANGE.fullmatch(header.strip().replace(" ", ""))
    if not found:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        length = _position(suffix)
        if length == 0 or size == 0:
            raise Unsatisfiable
        return max(0, size - length), size
    start = _position(first)
    end = min(size, _position(last) + 1) if last else size
    if last and _position(last) < start:
        return None
    if start >= size:
        raise Unsatisfiable
    return start, end


def _position(digits: str) -> int:
    """The number that the digits write; what has too many is beyond the end of every file."""
    significant = digits.lstrip("0")
    return int(significant or "0") if len(significant) <= _MOST_DIGITS else 10**_MOST_DIGITS
