"""Moments as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.positions import position_ms, written


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("1:02:03.250", 3_723_250),
        ("02:03", 123_000),
        ("65.5", 65_500),
        ("75", 75_000),
        (" 0:00 ", 0),
        ("00:00:01,5", 1_500),
        ("0.0009", 0),
        ("100:00", 6_000_000),
    ],
)
def test_it_works(text: str, milliseconds: int) -> None:
    assert position_ms(text) == milliseconds


@pytest.mark.parametrize(
    "text",
    ["", "soon", "-1", "1:75", "1:60:00", ":5", "5:", "1:2:3:4", "١٢", "1e3", "99999999999", "0x10", "1.5.5"],
)
def test_what_is_no_moment(text: str) -> None:
    assert position_ms(text) is None


@given(st.integers(0, 9999 * 3_600_000))
def test_what_is_written_is_read_back(milliseconds: int) -> None:
    assert position_ms(written(milliseconds)) == milliseconds


@given(st.text(max_size=30))
def test_anything_typed_is_a_moment_or_none(text: str) -> None:
    found = position_ms(text)
    assert found is None or found >= 0
