"""Figures: what the rules came to, reported by the rooms that can count it."""

import datetime as dt

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import HouseRule
from fairwitness.policy import doors, events
from fairwitness.policy.models import MEASURES, Figure


def report_figure(
    *,
    measure: str,
    numerator: int,
    denominator: int | None = None,
    since: dt.date | None = None,
    until: dt.date | None = None,
    room: str,
    by: Actor,
) -> Figure | None:
    """Keep a figure with the moment at which it was measured; None where it is as the latest of the same day was.

    `denominator` is for shares, None for counts. `since` and `until` are the days that it is about, the last not
    included; without them it says how things stand now. Called by the rooms, in the name of what they do; what cannot
    be is a fault of theirs and raises HouseRule.
    """
    if measure not in MEASURES:
        raise HouseRule(f"{measure} is no measure")
    if numerator < 0 or (denominator is not None and denominator < numerator):
        raise HouseRule(f"{measure}: {numerator} of {denominator} cannot be")
    if (MEASURES[measure][1] == "share") != (denominator is not None):
        raise HouseRule(f"{measure} is a {MEASURES[measure][1]}")
    latest, now = doors.figures(measure).first(), clock.now()
    said = (numerator, denominator, since, until)
    if latest and agency().day(latest.as_of) == agency().day(now) and _said(latest) == said:
        return None
    with change(events.FIGURE_REPORTED, by=by) as entry:
        figure = Figure(measure=measure, as_of=now, room=room)
        figure.numerator, figure.denominator, figure.since, figure.until = said
        figure.save(force_insert=True)
        entry.about(
            figure,
            measure=measure,
            numerator=numerator,
            denominator=denominator,
            since=since,
            until=until,
            room=room,
        )
    return figure


def _said(figure: Figure) -> tuple[int, int | None, dt.date | None, dt.date | None]:
    return figure.numerator, figure.denominator, figure.since, figure.until
