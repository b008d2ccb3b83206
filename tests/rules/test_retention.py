"""Lengths of keeping, when they start to count, and the day on which they have run out."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.retention import (
    FOR_EVER,
    MOST,
    Keep,
    clock_doubtful,
    counts_from,
    due_on,
    longest,
    overstays,
    past_maximum,
)

BOSTON = ZoneInfo("America/New_York")
LONDON = ZoneInfo("Europe/London")
HOUR = timedelta(hours=1)
NOON = datetime(2025, 3, 1, 17, tzinfo=UTC)

lengths = st.one_of(
    st.integers(1, 4000).map(lambda n: Keep(days=n)),
    st.integers(1, 400).map(lambda n: Keep(months=n)),
    st.integers(1, 120).map(lambda n: Keep(years=n)),
)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1))
seconds = st.integers(946_684_800, 4_102_444_800)  # of 2000 to 2100
moments = seconds.map(lambda second: datetime.fromtimestamp(second, UTC))
zones = st.sampled_from([BOSTON, LONDON, ZoneInfo("Pacific/Auckland")])


@pytest.mark.parametrize(
    ("text", "keep"),
    [
        ("180 days", Keep(days=180)),
        ("1 day", Keep(days=1)),
        ("30 months", Keep(months=30)),
        ("7 years", Keep(years=7)),
        ("1 year", Keep(years=1)),
        ("for ever", FOR_EVER),
    ],
)
def test_it_works(text: str, keep: Keep) -> None:
    assert Keep.parse(text) == keep
    assert str(keep) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "180",
        "days",
        "0 days",
        "-1 days",
        "1.5 years",
        "7 weeks",
        "7 years 1 day",
        "999999 days",
        "1000 years",
        "٣ days",
    ],
)
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Keep.parse(text)


def test_one_unit_at_a_time_and_never_nothing() -> None:
    for said in ({"days": 1, "months": 1}, {"days": 0}, {"years": -1}, {"months": MOST["months"] + 1}):
        with pytest.raises(ValueError):
            Keep(**said)


@given(lengths)
def test_what_is_written_is_read_again(keep: Keep) -> None:
    assert Keep.parse(str(keep)) == keep


@pytest.mark.parametrize(
    ("day", "keep", "over"),
    [
        ("2025-01-01", "180 days", "2025-06-30"),
        ("2025-08-31", "6 months", "2026-02-28"),
        ("2027-08-31", "6 months", "2028-02-29"),
        ("2024-02-29", "1 year", "2025-02-28"),
        ("2024-02-29", "4 years", "2028-02-29"),
        ("2025-03-31", "1 month", "2025-04-30"),
        ("2025-12-31", "30 months", "2028-06-30"),
        ("2025-12-15", "1 month", "2026-01-15"),
        ("2025-11-30", "1 month", "2025-12-30"),
        ("2025-01-01", "31 days", "2025-02-01"),
    ],
)
def test_the_day_on_which_it_runs_out(day: str, keep: str, over: str) -> None:
    assert Keep.parse(keep).runs_out(date.fromisoformat(day)) == date.fromisoformat(over)


def test_for_ever_never_runs_out() -> None:
    assert FOR_EVER.for_ever
    assert FOR_EVER.runs_out(date(2025, 1, 1)) is None


def test_nothing_runs_out_after_the_last_year() -> None:
    for keep in (Keep(years=999), Keep(months=9_999), Keep(days=99_999)):
        with pytest.raises(OverflowError):
            keep.runs_out(date(9999, 6, 1))


@pytest.mark.parametrize(
    ("ended", "settled", "counts"),
    [
        (NOON - HOUR, None, NOON),
        (NOON + HOUR, None, NOON + HOUR),
        (None, None, NOON),
        (NOON - 999 * HOUR, NOON - 999 * HOUR, NOON - 999 * HOUR),
        (None, NOON - 30 * HOUR, NOON - 30 * HOUR),
        (NOON + HOUR, NOON, NOON),
    ],
)
def test_when_it_starts_to_count(ended: datetime | None, settled: datetime | None, counts: datetime) -> None:
    assert counts_from(ended, NOON, settled) == counts


def test_nobody_settles_an_end_after_the_receipt() -> None:
    with pytest.raises(ValueError):
        counts_from(None, NOON, NOON + HOUR)


@pytest.mark.parametrize(
    ("ended", "explained", "doubtful"),
    [
        (None, False, True),
        (None, True, True),
        (NOON, False, False),
        (NOON + timedelta(seconds=1), False, True),
        (NOON + timedelta(seconds=1), True, True),
        (NOON - 24 * HOUR, False, False),
        (NOON - 24 * HOUR - timedelta(seconds=1), False, True),
        (NOON - 9999 * HOUR, True, False),
    ],
)
def test_a_clock_in_doubt(ended: datetime | None, explained: bool, doubtful: bool) -> None:
    assert clock_doubtful(ended, NOON, explained) is doubtful


def test_the_longest_of_its_categories_counts() -> None:
    start = datetime(2025, 1, 1, 12, tzinfo=UTC)
    keeps = [Keep(days=180), Keep(months=30), Keep(years=2)]
    assert due_on(start, keeps, BOSTON) == date(2027, 7, 1)
    assert due_on(start, keeps[:1], BOSTON) == date(2025, 6, 30)
    assert due_on(start, [*keeps, FOR_EVER], BOSTON) is None


def test_without_a_rule_nothing_is_due() -> None:
    assert due_on(NOON, [], BOSTON) is None
    assert longest(NOON.date(), []) is None


def test_which_is_longer_can_depend_on_the_day() -> None:
    keeps = [Keep(days=30), Keep(months=1)]
    assert longest(date(2025, 2, 1), keeps) == Keep(days=30)
    assert longest(date(2025, 3, 1), keeps) == Keep(months=1)


@pytest.mark.parametrize(
    ("start", "zone", "due"),
    [
        # Half past eleven at night in Boston is the next day in UTC.
        ("2025-01-02T04:30:00+00:00", BOSTON, "2025-06-30"),
        ("2025-01-02T05:00:00+00:00", BOSTON, "2025-07-01"),
        # Before and after the hour that is skipped on 9 March 2025, and in the hour that comes twice on 2 November.
        ("2025-03-09T06:59:00+00:00", BOSTON, "2025-09-05"),
        ("2025-03-09T07:01:00+00:00", BOSTON, "2025-09-05"),
        ("2025-11-02T05:30:00+00:00", BOSTON, "2026-05-01"),
        ("2025-11-02T06:30:00+00:00", BOSTON, "2026-05-01"),
        ("2025-06-30T23:30:00+00:00", LONDON, "2025-12-28"),
    ],
)
def test_days_are_those_of_the_agency(start: str, zone: ZoneInfo, due: str) -> None:
    assert due_on(datetime.fromisoformat(start), [Keep(days=180)], zone) == date.fromisoformat(due)


def test_a_time_without_a_zone_is_refused() -> None:
    naive = NOON.replace(tzinfo=None)
    with pytest.raises(ValueError):
        due_on(naive, [Keep(days=180)], BOSTON)
    with pytest.raises(ValueError):
        past_maximum(naive, Keep(months=30), date(2026, 1, 1), BOSTON)


def test_the_last_day_of_the_maximum_is_allowed() -> None:
    last = date(2027, 9, 1)
    assert not past_maximum(NOON, Keep(months=30), last, BOSTON)
    assert past_maximum(NOON, Keep(months=30), last + timedelta(days=1), BOSTON)
    assert not past_maximum(NOON, FOR_EVER, date.max, BOSTON)


def test_what_goes_its_ordered_way_off_does_not_overstay() -> None:
    last, pauses = date(2026, 1, 31), timedelta(days=14)
    day = [last + timedelta(days=n) for n in range(20)]
    # The night after the last day draws the list: until that day is over nobody has failed.
    assert [overstays(last, each) for each in day[:3]] == [False, False, True]
    # Drawn then: fourteen days of pauses, a day for the erasing, and not one more.
    assert not any(overstays(last, each, day[1], pauses) for each in day[:17])
    assert overstays(last, day[17], day[1], pauses)
    # Drawn later, because a hold stood until then: from its drawing.
    assert not overstays(last, day[19], day[5], pauses)


@given(days, days, st.none() | days, st.integers(0, 60))
def test_no_list_makes_a_finding_and_none_shields_longer_than_the_pauses(
    last: date, today: date, listed: date | None, n: int
) -> None:
    pauses = timedelta(days=n)
    found = overstays(last, today, listed, pauses)
    if today <= last + timedelta(days=1):
        assert not found
    if found:
        assert overstays(last, today) and overstays(last, today + timedelta(days=1), listed, pauses)
    elif listed and overstays(last, today):
        assert today <= listed + pauses + timedelta(days=1)


@given(moments, lengths, zones, st.integers(-3, 3))
def test_what_overstays_is_past_its_maximum(start: datetime, keep: Keep, zone: ZoneInfo, n: int) -> None:
    last = due_on(start, [keep], zone)
    assert last
    if overstays(last, last + timedelta(days=n)):
        assert past_maximum(start, keep, last + timedelta(days=n), zone)


@given(moments, st.lists(lengths, min_size=1, max_size=5), zones)
def test_one_more_rule_never_brings_it_forward(start: datetime, keeps: list[Keep], zone: ZoneInfo) -> None:
    whole = due_on(start, keeps, zone)
    assert whole is not None
    assert whole == max(due_on(start, [keep], zone) or date.max for keep in keeps)


@given(days, st.integers(0, 86_399), lengths, zones)
def test_the_hour_of_the_day_never_moves_the_day(day: date, second: int, keep: Keep, zone: ZoneInfo) -> None:
    midnight = datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)
    moment = midnight + timedelta(seconds=second)
    if moment.astimezone(zone).date() == day:
        assert due_on(moment, [keep], zone) == due_on(midnight, [keep], zone)


@given(days, st.integers(1, 400))
def test_twelve_months_are_a_year(day: date, years: int) -> None:
    assert Keep(months=12 * years).runs_out(day) == Keep(years=years).runs_out(day)


@given(days, days, lengths)
def test_what_came_later_runs_out_no_earlier(one: date, other: date, keep: Keep) -> None:
    earlier, later = sorted((one, other))
    assert (keep.runs_out(earlier) or date.max) <= (keep.runs_out(later) or date.max)


@given(moments, moments, st.none() | moments)
def test_nothing_counts_from_before_its_receipt_unless_settled(
    received: datetime, ended: datetime, settled: datetime | None
) -> None:
    if settled is None:
        assert counts_from(ended, received) >= received
    elif settled <= received:
        assert counts_from(ended, received, settled) == settled
