"""What became of jobs: a refusal is said in its own sentence, anything else by a reference that stands in the log."""

import datetime as dt
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.kernel import clock, jobs, outcomes
from fairwitness.kernel.models import JobError, JobTally
from fairwitness.kernel.refusals import Unavailable


def test_a_refusal_is_its_own_sentence(db: None) -> None:
    outcomes.note_failed(7, "a.job", 0.5, Unavailable("The store is away."))
    why = outcomes.why([7])[7]
    assert (why.sentence, why.reference) == ("The store is away.", "")


def test_anything_else_is_a_reference_to_the_log(db: None, caplog: pytest.LogCaptureFixture) -> None:
    outcomes.note_failed(7, "a.job", 0.5, ValueError("Dana Whitfield"))
    why = outcomes.why([7])[7]
    assert why.sentence == "Something unforeseen happened." and why.reference
    (line,) = [r for r in caplog.records if r.levelno == logging.ERROR]
    assert line.__dict__["reference"] == why.reference


def test_what_was_done_is_no_longer_explained(db: None) -> None:
    outcomes.note_failed(7, "a.job", 0.5, Unavailable("The store is away."))
    outcomes.note_done(7, "a.job", 1.5)
    assert outcomes.why([7]) == {}
    (lately,) = outcomes.lately()
    assert (lately.done, lately.failed, lately.mean, lately.longest) == (1, 1, 1.0, 1.5)
    assert outcomes.last_of_each()["a.job"].last_error == ""


def test_figures_stay_small_and_go_after_a_week(db: None) -> None:
    for hours in range(3):
        with clock.frozen(clock.now() - dt.timedelta(days=9, hours=hours)):
            for number in range(50):
                outcomes.note_done(number, "a.job", 0.1)
    assert JobTally.objects.count() == 3
    outcomes.note_failed(10**9, "a.job", 0.1, Unavailable("Of a job that is gone."))
    outcomes.sweep()
    assert JobTally.objects.count() == 1
    assert not JobError.objects.exists()


@pytest.mark.parametrize(
    ("cron", "words"),
    [
        ("* * * * *", "every minute"),
        ("*/15 * * * *", "every 15 minutes"),
        ("0 * * * *", "every hour, on the hour"),
        ("7 * * * *", "every hour, 7 minutes past"),
        ("17 3 * * *", "every day at 03:17 UTC"),
        ("0 3 * * 1", "0 3 * * 1"),
    ],
)
def test_times_of_the_clock_in_words(cron: str, words: str) -> None:
    assert jobs.in_words(cron) == words


@given(st.integers(0, 59), st.integers(0, 23))
def test_any_time_of_day_is_said(minute: int, hour: int) -> None:
    assert f"{hour:02}:{minute:02}" in jobs.in_words(f"{minute} {hour} * * *")


@given(st.timedeltas(dt.timedelta(0), dt.timedelta(days=4000)))
def test_a_span_is_one_number_and_one_word_never_too_much(span: dt.timedelta) -> None:
    number, word = clock.in_words(span).split(" ")
    unit = {"second": 1, "minute": 60, "hour": 3600, "day": 86400}[word.removesuffix("s")]
    assert int(number) * unit <= span.total_seconds() < (int(number) + 1) * unit
    assert word.endswith("s") == (number != "1")
