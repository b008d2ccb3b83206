"""Reading what somebody looks for, and showing where it stands."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.searching import SHOWN, Asked, asked, marked


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("elm 26-001", Asked(("elm", "26-001"))),
        ("3/4/2026 elm", Asked(("elm",), dt.date(2026, 3, 4))),
        ("2026-03-04 13:15", Asked((), dt.date(2026, 3, 4), dt.time(13, 15))),
        ("13:15", Asked(("13:15",))),
        ("2026-02-30", Asked(("2026-02-30",))),
        ("2026-03-04 2026-03-05", Asked(("2026-03-05",), dt.date(2026, 3, 4))),
        ("\0 \0", Asked()),
        ("a b c d e f g h i j", Asked(tuple("abcdefgh"))),
    ],
    ids=str,
)
def test_it_works(text: str, found: Asked) -> None:
    assert asked(text, month_first=True) == found


def test_the_day_stands_first_where_the_agency_writes_it_so() -> None:
    assert asked("3/4/2026", month_first=False).day == dt.date(2026, 4, 3)


def test_the_words_are_marked_where_they_stand() -> None:
    parts = marked("She said that the red car went down ELM street", ["elm", "car"])
    assert [part.text for part in parts if part.found] == ["car", "ELM"]
    long = marked("x " * 200 + "the car stood there " + "y " * 200, ["car"])
    assert long[0].text == "… " and long[-1].text == " …"
    assert [part.text for part in long if part.found] == ["car"]
    assert len("".join(part.text for part in long)) <= SHOWN + 4


@given(st.text(), st.lists(st.text(max_size=5), max_size=4))
def test_what_is_shown_is_of_the_text(text: str, words: list[str]) -> None:
    parts = marked(text, words)
    shown = "".join(part.text for part in parts).removeprefix("… ").removesuffix(" …")
    assert shown in " ".join(text.split()) or not shown
    assert not any(part.found for part in parts) or any(words)
    assert all(part.text for part in parts)


@given(st.text())
def test_anything_can_be_asked(text: str) -> None:
    found = asked(text, month_first=True)
    assert len(found.words) <= 8 and not any("\0" in word for word in found.words)
    assert found.clock is None or found.day is not None
