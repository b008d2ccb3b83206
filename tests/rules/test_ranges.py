"""Byte ranges: the examples of RFC 9110, section 14.1.2, what it lets a server ignore, and numbers of any length."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.ranges import Unsatisfiable, byte_range

LONG = "9" * 5000  # more digits than Python makes an integer of


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ("bytes=0-499", (0, 500)),
        ("bytes=500-999", (500, 1000)),
        ("bytes=-500", (9500, 10_000)),
        ("bytes=9500-", (9500, 10_000)),
        ("bytes=9500-99999", (9500, 10_000)),
        ("bytes=-99999", (0, 10_000)),
        ("bytes=0-0", (0, 1)),
        (f"bytes=9500-{LONG}", (9500, 10_000)),
        (f"bytes=-{LONG}", (0, 10_000)),
        (f"bytes={'0' * 5000}1-{'0' * 5000}2", (1, 3)),
    ],
)
def test_it_works(header: str, found: tuple[int, int]) -> None:
    assert byte_range(header, 10_000) == found


@pytest.mark.parametrize(
    "header", ["", "items=0-1", "bytes=0-1,3-4", "bytes=2-1", "bytes=x-", "bytes=-", "bytes=²-"]
)
def test_what_a_server_may_ignore_is_ignored(header: str) -> None:
    assert byte_range(header, 10_000) is None


@pytest.mark.parametrize("header", ["bytes=10000-", "bytes=-0", f"bytes={LONG}-", f"bytes={LONG}-{LONG}"])
def test_what_lies_beyond_the_end_is_unsatisfiable(header: str) -> None:
    with pytest.raises(Unsatisfiable):
        byte_range(header, 10_000)


def test_an_empty_file_has_no_range() -> None:
    for header in ("bytes=0-", "bytes=-1"):
        with pytest.raises(Unsatisfiable):
            byte_range(header, 0)


numbers = st.integers(0, 10**40) | st.integers(0, 12)


@given(numbers, numbers, st.integers(1, 12))
def test_it_is_the_slice_of_those_bytes(first: int, last: int, size: int) -> None:
    data = bytes(range(size))
    try:
        found = byte_range(f"bytes={first}-{last}", size)
    except Unsatisfiable:
        assert first >= size
        return
    assert found is None if last < first else data[slice(*found)] == data[first : last + 1]
