"""The act report_figure, and how figures are said."""

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import HouseRule
from fairwitness.policy import acts, doors, events
from fairwitness.policy.models import Figure
from fairwitness.policy.pages import shown
from tests.department.ledger import latest, sentence
from tests.world import BY, World


def report(measure: str = "trained", n: int = 1, of: int | None = 3, **said: dt.date) -> Figure | None:
    return acts.report_figure(measure=measure, numerator=n, denominator=of, room="test", by=BY, **said)


def test_it_works(world: World) -> None:
    figure = report(since=dt.date(2026, 1, 1), until=dt.date(2026, 2, 1))
    assert figure and doors.latest_figures()["trained"] == figure
    assert latest() == (
        "policy.figure_reported",
        {("policy.figure", figure.pk)},
        {
            "measure": "trained",
            "numerator": 1,
            "denominator": 3,
            "room": "test",
            "since": "2026-01-01",
            "until": "2026-02-01",
        },
    )
    assert sentence().endswith("measured “Sworn members who completed the training”: 1 (whole: 3)")


def test_the_same_on_the_same_day_is_not_kept_twice(world: World) -> None:
    first = report()
    assert first and report() is None
    assert report(n=2)
    assert report(), "it was something else in between"
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        assert report()
    assert doors.figures("trained").count() == 4


def test_the_day_is_the_agencys(world: World) -> None:
    """Half past seven and half past eight in the evening are one day in Boston, and two in Greenwich."""
    evening = dt.datetime(2026, 3, 10, 23, 30, tzinfo=dt.UTC)
    said = []
    for later in (dt.timedelta(), dt.timedelta(hours=1), dt.timedelta(hours=20)):
        with clock.frozen(evening + later):
            said.append(report() is not None)
    assert said == [True, False, True]


@pytest.mark.parametrize(
    ("measure", "n", "of"),
    [("trained", 1, None), ("past_maximum", 1, 2), ("trained", 3, 2), ("trained", -1, 2), ("weather", 1, 2)],
)
def test_what_cannot_be_is_a_fault(world: World, measure: str, n: int, of: int | None) -> None:
    with pytest.raises(HouseRule):
        report(measure, n, of)


def test_a_figure_is_never_changed(world: World) -> None:
    figure = report()
    assert figure
    figure.numerator = 3
    with (
        pytest.raises((DatabaseError, HouseRule)),
        transaction.atomic(),
        change(events.FIGURE_REPORTED, by=BY) as entry,
    ):
        entry.about(figure)
        figure.save(update_fields=["numerator"])
    assert Figure.objects.get(pk=figure.pk).numerator == 1


@pytest.mark.parametrize(
    ("n", "of", "words"),
    [
        (9999, 10000, "99.9 %"),
        (10000, 10000, "100 %"),
        (2, 3, "66.6 %"),
        (0, 3, "0 %"),
        (1, 10_000, "0 %"),
        (1, 2, "50 %"),
        (0, 0, "nothing to measure"),
    ],
)
def test_a_share_is_cut_and_not_rounded(world: World, n: int, of: int, words: str) -> None:
    figure = report(n=n, of=of)
    assert figure and shown.figure_words(figure)["value"] == words


def test_a_count(world: World) -> None:
    figure = report("past_maximum", 1234, None)
    assert figure and shown.figure_words(figure) == {"value": "1,234", "of": "", "figure": figure}
    assert sentence().endswith("1234 (whole: none, this is a count)")
