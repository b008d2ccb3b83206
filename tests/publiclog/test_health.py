"""Health of the publisher: red when entries wait past their due time, when it is silent, and when it failed."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.conf import settings

from fairwitness.kernel import clock
from fairwitness.publiclog.health import GRACE, health
from fairwitness.publiclog.publish import Published, note_well, publish
from fairwitness.publiclog.sequence import sequence, waiting
from tests.publiclog.made import entries

pytestmark = pytest.mark.usefixtures("own_database")
EVERY = dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY)
NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)


def faults(after: dt.timedelta) -> list[str]:
    with clock.frozen(NOON + after):
        note_well("", None)
        return [str(fault) for fault in health().faults]


def said() -> list[str]:
    return [str(fault) for fault in health().faults]


@pytest.fixture
def two_wait() -> None:
    with clock.frozen(NOON):
        entries(2)


def test_it_works(two_wait: None) -> None:
    with clock.frozen(NOON):
        publish()
        note_well("", None)
        assert health().faults == ()
        assert (health().waiting, health().oldest) == (0, dt.timedelta(0))


def test_red_from_a_minute_past_due(two_wait: None) -> None:
    assert faults(EVERY + GRACE) == []
    assert faults(EVERY + GRACE + dt.timedelta(seconds=1)) == [
        "2 entries wait to be published; the oldest for 1 minute."
    ]


def test_an_entry_that_is_placed_and_not_signed_still_waits(two_wait: None) -> None:
    """A publisher that was killed in the middle of its round has not published."""
    sequence()
    assert waiting()[0] == 2
    assert faults(EVERY + GRACE + dt.timedelta(seconds=1)) == [
        "2 entries wait to be published; the oldest for 1 minute."
    ]
    publish()
    assert waiting() == (0, dt.timedelta(0))


def test_before_its_first_round() -> None:
    assert said() == ["The publisher has not run yet."]


@pytest.mark.parametrize("word", ["", "{", "\x00", "no JSON"])
def test_a_word_that_is_damaged_is_none(home: Path, word: str) -> None:
    (home / "run").mkdir()
    (home / "run" / "publisher.json").write_text(word)
    assert said() == ["The publisher has not run yet."]


def test_silent_for_a_minute_past_due(home: Path) -> None:
    with clock.frozen(NOON):
        note_well("", None)
    with clock.frozen(NOON + EVERY + GRACE):
        assert health().faults == ()
    with clock.frozen(NOON + EVERY + GRACE + dt.timedelta(seconds=1)):
        assert said() == ["The publisher has not run for 1 minute."]


def test_its_last_word_was_an_error() -> None:
    note_well("the disk is full", None)
    assert said() == ["The publisher failed: the disk is full"]


def test_a_damaged_checkpoint(home: Path) -> None:
    entries(1)
    publish()
    note_well("", None)
    (home / "log" / "checkpoint").write_text("damaged")
    assert said()[0].startswith("The published checkpoint is damaged: ")


def test_what_it_says_of_its_last_round(home: Path) -> None:
    entries(2)
    note_well("", publish())
    word = json.loads((home / "run" / "publisher.json").read_text())
    assert health().last == word
    assert (word["size"], word["cosigned"], word["error"]) == (2, 0, "")


def test_witnesses_that_do_not_sign_turn_it_red(home: Path, own_database: str) -> None:
    for _round in range(3):
        assert not [f for f in said() if "witness" in f]
        note_well("", Published(0, 2, 0, ("http://witness.example: refused with 422",)))
    assert "For 3 rounds not every witness has signed the log." in said()
    note_well("", Published(0, 2, 1, ()))
    assert not [f for f in said() if "witness" in f]
