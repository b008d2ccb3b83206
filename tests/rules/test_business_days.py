"""Business days: the known answers for Massachusetts, published bank holidays of England, and what always holds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.business_days import (
    ENGLAND,
    MASSACHUSETTS,
    PLACES,
    Holidays,
    add_business_days,
    calendar_deadline,
    deadline,
    easter,
    is_business_day,
)

# Received, then the last day within 10, 15, 20 and 25 business days.
KNOWN = [
    ("2025-04-07", "2025-04-22", "2025-04-29", "2025-05-06", "2025-05-13"),
    ("2025-12-19", "2026-01-06", "2026-01-13", "2026-01-21", "2026-01-28"),
    ("2026-06-12", "2026-06-29", "2026-07-06", "2026-07-13", "2026-07-20"),
    ("2026-11-09", "2026-11-24", "2026-12-02", "2026-12-09", "2026-12-16"),
    ("2027-06-15", "2027-06-29", "2027-07-07", "2027-07-14", "2027-07-21"),
]

days = st.dates(date(1990, 1, 1), date(2090, 1, 1))
places = st.sampled_from([MASSACHUSETTS, ENGLAND])


@pytest.mark.parametrize(("received", "ten", "fifteen", "twenty", "twenty_five"), KNOWN)
def test_it_works(received: str, ten: str, fifteen: str, twenty: str, twenty_five: str) -> None:
    found = [deadline(date.fromisoformat(received), n, MASSACHUSETTS).isoformat() for n in (10, 15, 20, 25)]
    assert found == [ten, fifteen, twenty, twenty_five]


def test_the_window_for_an_appeal_is_counted_in_calendar_days() -> None:
    assert calendar_deadline(date(2025, 4, 22), 90) == date(2025, 7, 21)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-07-03", True),  # the Friday before Independence Day on a Saturday
        ("2027-07-05", False),  # the Monday after Independence Day on a Sunday
        ("2027-06-18", True),  # the Friday before Juneteenth on a Saturday
        ("2027-06-21", True),  # and the Monday after it
        ("2026-03-17", True),  # Evacuation Day, in Suffolk County alone
        ("2026-06-17", True),  # Bunker Hill Day, likewise
        ("2020-06-19", True),  # Juneteenth, before it was a legal holiday
        ("2023-06-19", False),
        ("2025-04-21", False),  # Patriots' Day
        ("2026-11-11", False),
        ("2026-11-26", False),
        ("2026-11-27", True),  # the day after Thanksgiving
    ],
)
def test_days_of_massachusetts(day: str, open_: bool) -> None:
    assert is_business_day(date.fromisoformat(day), MASSACHUSETTS) is open_


def test_massachusetts_has_twelve_holidays() -> None:
    assert sorted(day.isoformat()[5:] for day in MASSACHUSETTS.of(2026)) == [
        *("01-01", "01-19", "02-16", "04-20", "05-25", "06-19"),
        *("07-04", "09-07", "10-12", "11-11", "11-26", "12-25"),
    ]


@pytest.mark.parametrize(
    ("year", "closed"),
    [
        # Christmas on a Saturday; New Year after it on a Saturday.
        (2021, "01-01 04-02 04-05 05-03 05-31 08-30 12-27 12-28"),
        # The spring holiday moved to June, the Jubilee, the State Funeral, Christmas on a Sunday.
        (2022, "01-03 04-15 04-18 05-02 06-02 06-03 08-29 09-19 12-26 12-27"),
        (2023, "01-02 04-07 04-10 05-01 05-08 05-29 08-28 12-25 12-26"),
        (2024, "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26"),
        (2025, "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26"),
        # Boxing Day on a Saturday.
        (2026, "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28"),
        (2027, "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28"),
        (2020, "01-01 04-10 04-13 05-08 05-25 08-31 12-25 12-28"),
    ],
)
def test_bank_holidays_of_england_as_published(year: int, closed: str) -> None:
    weekdays = sorted(day for day in ENGLAND.of(year) if day.weekday() < 5)
    assert [day.isoformat()[5:] for day in weekdays] == closed.split()


@pytest.mark.parametrize("day", ["1961-04-02", "2000-04-23", "2019-04-21", "2038-04-25", "2285-03-22"])
def test_easter(day: str) -> None:
    assert easter(int(day[:4])) == date.fromisoformat(day)


@pytest.mark.parametrize("received", [date(2026, 6, 13), date(2026, 6, 14), date(2026, 6, 15)])
def test_what_comes_on_a_weekend_was_received_on_monday(received: date) -> None:
    assert deadline(received, 1, MASSACHUSETTS) == date(2026, 6, 16)


def test_the_next_business_day() -> None:
    assert add_business_days(date(2026, 6, 12), 0, MASSACHUSETTS) == date(2026, 6, 12)
    assert add_business_days(date(2026, 6, 13), 0, MASSACHUSETTS) == date(2026, 6, 15)
    assert add_business_days(date(2026, 6, 13), 1, MASSACHUSETTS) == date(2026, 6, 15)


def test_days_when_the_office_was_closed_do_not_count() -> None:
    snow = {date(2025, 4, 9), date(2025, 4, 10), date(2025, 4, 21)}
    assert deadline(date(2025, 4, 7), 10, MASSACHUSETTS, closed=snow) == date(2025, 4, 24)


def test_nothing_is_counted_backwards() -> None:
    for n in (0, -1):
        with pytest.raises(ValueError):
            deadline(date(2026, 1, 5), n, MASSACHUSETTS)
        with pytest.raises(ValueError):
            calendar_deadline(date(2026, 1, 5), n)
    with pytest.raises(ValueError):
        add_business_days(date(2026, 1, 5), -1, MASSACHUSETTS)


def test_profiles_name_a_place() -> None:
    assert PLACES == {"massachusetts": MASSACHUSETTS, "england": ENGLAND}


@given(days, st.integers(1, 60), places, st.sets(days, max_size=5))
def test_the_nth_has_n_business_days_up_to_it(
    day: date, n: int, holidays: Holidays, closed: set[date]
) -> None:
    found = add_business_days(day, n, holidays, closed)
    between = [day + timedelta(days=step) for step in range(1, (found - day).days + 1)]
    assert sum(is_business_day(one, holidays, closed) for one in between) == n
    assert is_business_day(found, holidays, closed)


@given(days, st.integers(1, 40), st.integers(1, 40), places)
def test_counting_on_is_adding(day: date, one: int, more: int, holidays: Holidays) -> None:
    at_once = add_business_days(day, one + more, holidays)
    assert add_business_days(add_business_days(day, one, holidays), more, holidays) == at_once


@given(days, st.integers(1, 40), places, days)
def test_a_closed_day_never_brings_a_deadline_forward(
    received: date, n: int, holidays: Holidays, closed: date
) -> None:
    assert deadline(received, n, holidays, {closed}) >= deadline(received, n, holidays)


@given(st.integers(1990, 2090))
def test_every_holiday_of_england_closes_a_weekday_of_its_own(year: int) -> None:
    closed = {day for day in ENGLAND.of(year) if day.weekday() < 5}
    assert len(closed) == len(ENGLAND.rules) + sum(day.year == year for day in ENGLAND.added)
