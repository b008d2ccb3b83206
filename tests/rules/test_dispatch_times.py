"""Times of dispatch exports: known answers by hand, and what must hold of every clock on every night of the year."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fairwitness.rules.dispatch_times import NO_SLACK, SLACK, NoTime, Style, place, read

BOSTON, CAMBRIDGE = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")


def _utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("text", "style", "moment"),
    [
        ("1/2/10 12:00 AM", "month_first", "2010-01-02T05:00"),
        ("1/2/10 12:00 AM", "day_first", "2010-02-01T05:00"),
        ("03/04/2026 13:05:09", "month_first", "2026-03-04T18:05:09"),
        ("03.04.2026 13:05", "day_first", "2026-04-03T17:05"),
        ("2026-04-03T13:05:09", "month_first", "2026-04-03T17:05:09"),
        ("2026-04-03 13:05:09.250", "day_first", "2026-04-03T17:05:09"),
        ("2026-04-03T13:05:09Z", "day_first", "2026-04-03T13:05:09"),
        ("2026-04-03T13:05:09-07:00", "day_first", "2026-04-03T20:05:09"),
        ("2026-04-03", "month_first", "2026-04-03T04:00"),
        ("4/3/26 2359", "month_first", "2026-04-04T03:59"),
        ("4/3/99 1:02 p.m.", "month_first", "1999-04-03T18:02"),
    ],
)
def test_it_works(text: str, style: Style, moment: str) -> None:
    assert place(read(text, style), BOSTON) == _utc(moment)


@pytest.mark.parametrize(
    "text",
    [
        *("", "NULL", "soon", "13/13/2026", "2026-02-30", "25:00:00", "12:60", "13:00 PM", "0:30 AM", "1:2"),
        *("1/1/1", "001/1/26", "1/1/26 x", "1/1/26 12:00 12:00", "٣/٤/2026", "9" * 5000, "2026-01-01T1"),
        *("0000-01-01", "9999-12-31T23:59:59-23:59"),
    ],
)
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(NoTime) as refused:
        place(read(text, "month_first"), BOSTON)
    assert refused.value.why == "unread"


def test_a_clock_alone_needs_a_moment_before_it() -> None:
    with pytest.raises(NoTime):
        place(read("12:00", "month_first"), BOSTON)


def _clock(text: str, after: str, slack: dt.timedelta = SLACK, zone: ZoneInfo = BOSTON) -> str:
    local = dt.datetime.fromisoformat(after).replace(tzinfo=zone)
    moment = place(read(text, "month_first"), zone, after=local.astimezone(dt.UTC), slack=slack)
    return moment.astimezone(zone).strftime("%d %H:%M %z")


def test_over_midnight() -> None:
    assert _clock("00:02", "2026-01-10T23:58") == "11 00:02 -0500"
    assert _clock("15:51", "2026-01-10T22:39") == "11 15:51 -0500"
    assert _clock("15:53", "2026-01-10T15:58") == "10 15:53 -0500", "a little out of order, not a day later"
    assert _clock("23:58", "2026-01-11T00:02") == "10 23:58 -0500"
    assert _clock("23:50", "2026-01-10T00:00", NO_SLACK) == "10 23:50 -0500", "the day of the incident"


def test_the_hour_that_comes_twice() -> None:
    """1 November 2026, New York: 01:00 to 02:00 comes in summer time (-0400), then in standard time (-0500)."""
    assert _clock("01:30", "2026-11-01T00:50") == "01 01:30 -0400"
    assert _clock("01:10", "2026-11-01T01:30") == "01 01:10 -0500", "the first would be before it"
    first = place(read("2026-11-01 01:30", "month_first"), BOSTON)
    assert first == _utc("2026-11-01T05:30")
    later = place(read("2026-11-01 01:10", "month_first"), BOSTON, after=first)
    assert later == _utc("2026-11-01T06:10")
    assert _clock("01:10", "2026-10-25T01:30", zone=CAMBRIDGE) == "25 01:10 +0000"


@pytest.mark.parametrize("text", ["2026-03-08 02:30", "02:30"])
def test_the_hour_that_does_not_come(text: str) -> None:
    after = _utc("2026-03-08T06:50")
    with pytest.raises(NoTime) as refused:
        place(read(text, "month_first"), BOSTON, after=after)
    assert refused.value.why == "skipped"


MOMENTS = st.datetimes(
    min_value=dt.datetime(2000, 1, 2),  # noqa: DTZ001
    max_value=dt.datetime(2037, 12, 30),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
)
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
ZONES = st.sampled_from([BOSTON, CAMBRIDGE, ZoneInfo("UTC"), ZoneInfo("Australia/Lord_Howe")])


@given(after=MOMENTS, clock=CLOCKS, zone=ZONES, slack=st.sampled_from([NO_SLACK, SLACK]))
@example(_utc("2026-11-01T05:30"), dt.time(1, 10), BOSTON, NO_SLACK)
@example(_utc("2026-03-08T06:50"), dt.time(2, 30), BOSTON, SLACK)
def test_a_placed_clock_shows_what_was_written_within_a_day(
    after: dt.datetime, clock: dt.time, zone: ZoneInfo, slack: dt.timedelta
) -> None:
    try:
        moment = place(read(clock.isoformat(), "month_first"), zone, after=after, slack=slack)
    except NoTime as refused:
        assert refused.why == "skipped"
        return
    assert moment.astimezone(zone).time().replace(fold=0) == clock
    assert after - slack <= moment <= after - slack + dt.timedelta(hours=25)


@given(begin=MOMENTS, gaps=st.lists(st.integers(0, 17 * 3600), max_size=8), zone=ZONES)
def test_clocks_written_down_in_order_are_read_in_order(
    begin: dt.datetime, gaps: list[int], zone: ZoneInfo
) -> None:
    """What a dispatcher wrote as clocks alone comes back as the moments that they were."""
    begin = begin.replace(microsecond=0)
    moment, known = begin, begin
    for gap in gaps:
        moment += dt.timedelta(seconds=gap)
        known = place(read(f"{moment.astimezone(zone):%H:%M:%S}", "day_first"), zone, after=known)
        # Twice in autumn: the first that keeps the order may be an hour early.
        assert known in (moment, moment - dt.timedelta(hours=1), moment - dt.timedelta(minutes=30))
        known = moment


@given(st.text())
def test_nothing_that_is_written_breaks_it(text: str) -> None:
    for style in ("month_first", "day_first"):
        try:
            place(read(text, style), BOSTON, after=_utc("2026-01-01T00:00"))
        except NoTime:
            pass
