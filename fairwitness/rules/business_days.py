"""Business days: legal holidays as data by rule, and deadlines that are counted in business days."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from typing import Literal

_DAY = timedelta(days=1)
_MONDAY, _THURSDAY, _SATURDAY = 0, 3, 5
_LAST = -1


@dataclass(frozen=True)
class Fixed:
    """A holiday on the same date each year."""

    name: str
    month: int
    day: int
    since: int = 1

    def on(self, year: int) -> date:
        """Its date in `year`."""
        return date(year, self.month, self.day)


@dataclass(frozen=True)
class Nth:
    """A holiday on the `nth` (-1: the last) `weekday` (Monday is 0) of a month."""

    name: str
    month: int
    weekday: int
    nth: int
    since: int = 1

    def on(self, year: int) -> date:
        """Its date in `year`."""
        if self.nth == _LAST:
            last = date(year + self.month // 12, self.month % 12 + 1, 1) - _DAY
            return last - timedelta(days=(last.weekday() - self.weekday) % 7)
        first = date(year, self.month, 1)
        return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.nth - 1))


@dataclass(frozen=True)
class FromEaster:
    """A holiday so many `days` after Easter Sunday."""

    name: str
    days: int
    since: int = 1

    def on(self, year: int) -> date:
        """Its date in `year`."""
        return easter(year) + timedelta(days=self.days)


@dataclass(frozen=True, eq=False)
class Holidays:
    """The legal holidays of one place.

    `substitute` says what follows a holiday on a weekend: "sunday", only one on a Sunday is kept on the Monday;
    "weekend", one on either day is kept on the next weekday that is no holiday itself. `moved` and `added` hold what was
    done once, by proclamation: dates, with what was kept on them.
    """

    rules: tuple[Fixed | Nth | FromEaster, ...]
    substitute: Literal["sunday", "weekend"]
    moved: Mapping[date, date] = field(default_factory=dict)
    added: Mapping[date, str] = field(default_factory=dict)

    def of(self, year: int) -> Mapping[date, str]:
        """The days of `year` that are kept as holidays, with their names; weekends on which one falls are among them."""
        return _kept(self, year)


def easter(year: int) -> date:
    """Easter Sunday of `year` in the Gregorian calendar. Source: the anonymous algorithm (Meeus, Jones, Butcher)."""
    century, of_century = divmod(year, 100)
    golden = year % 19
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (of_century // 4) - epact - of_century % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


# M.G.L. c. 4 s. 7 cl. 18. One on a Sunday is kept on Monday; one on a Saturday closes no weekday. Evacuation Day and
# Bunker Hill Day close offices in Suffolk County alone (c. 136 s. 12) and are not here.
MASSACHUSETTS = Holidays(
    rules=(
        Fixed("New Year's Day", 1, 1),
        Nth("Martin Luther King Jr. Day", 1, _MONDAY, 3),
        Nth("Presidents' Day", 2, _MONDAY, 3),
        Nth("Patriots' Day", 4, _MONDAY, 3),
        Nth("Memorial Day", 5, _MONDAY, _LAST),
        Fixed("Juneteenth", 6, 19, since=2021),
        Fixed("Independence Day", 7, 4),
        Nth("Labor Day", 9, _MONDAY, 1),
        Nth("Columbus or Indigenous Peoples' Day", 10, _MONDAY, 2),
        Fixed("Veterans Day", 11, 11),
        Nth("Thanksgiving", 11, _THURSDAY, 4),
        Fixed("Christmas", 12, 25),
    ),
    substitute="sunday",
)

# Banking and Financial Dealings Act 1971, schedule 1, and proclamations under it; Good Friday and Christmas at common
# law.
ENGLAND = Holidays(
    rules=(
        Fixed("New Year's Day", 1, 1),
        FromEaster("Good Friday", -2),
        FromEaster("Easter Monday", 1),
        Nth("Early May bank holiday", 5, _MONDAY, 1),
        Nth("Spring bank holiday", 5, _MONDAY, _LAST),
        Nth("Summer bank holiday", 8, _MONDAY, _LAST),
        Fixed("Christmas Day", 12, 25),
        Fixed("Boxing Day", 12, 26),
    ),
    substitute="weekend",
    moved={date(2020, 5, 4): date(2020, 5, 8), date(2022, 5, 30): date(2022, 6, 2)},
    added={
        date(2022, 6, 3): "Platinum Jubilee",
        date(2022, 9, 19): "State Funeral of Queen Elizabeth II",
        date(2023, 5, 8): "Coronation of King Charles III",
    },
)

# By the name under which an agency's profile asks for them.
PLACES: Mapping[str, Holidays] = {"massachusetts": MASSACHUSETTS, "england": ENGLAND}


def is_business_day(day: date, holidays: Holidays, closed: Collection[date] = ()) -> bool:
    """Whether `day` is Monday to Friday, no holiday, and not among the days when the office was `closed` otherwise."""
    return day.weekday() < _SATURDAY and day not in holidays.of(day.year) and day not in closed


def add_business_days(day: date, n: int, holidays: Holidays, closed: Collection[date] = ()) -> date:
    """The n-th business day after `day`; with 0 the first business day from `day` on.

    Raises ValueError for a negative `n`.
    """
    if n < 0:
        raise ValueError("business days are counted forward")
    if n == 0 and not is_business_day(day, holidays, closed):
        n = 1
    while n:
        day += _DAY
        n -= is_business_day(day, holidays, closed)
    return day


def deadline(received: date, n: int, holidays: Holidays, closed: Collection[date] = ()) -> date:
    """The last day on which something that was `received` can be done in time, when it must be within `n` business days.

    The day after receipt is day 1; what came on a day that is no business day was received on the next one. Source: 950
    CMR 32.06(2)(b), counted as 950 CMR 31.02(3) counts. Raises ValueError when `n` is less than 1.
    """
    if n < 1:
        raise ValueError("a deadline is at least one business day away")
    return add_business_days(add_business_days(received, 0, holidays, closed), n, holidays, closed)


def calendar_deadline(begun: date, n: int) -> date:
    """The last of `n` calendar days, the day after `begun` being day 1; weekends and holidays count and move nothing.

    Source: 90 calendar days for a petition to the Supervisor of Records, 950 CMR 32.08(1). Raises ValueError when `n` is
    less than 1.
    """
    if n < 1:
        raise ValueError("a deadline is at least one day away")
    return begun + timedelta(days=n)


@cache
def _kept(holidays: Holidays, year: int) -> Mapping[date, str]:
    """The days kept in `year`. Substitutes look at all the others, so that no two holidays share a day."""
    there = {rule.on(year): rule.name for rule in holidays.rules if rule.since <= year}
    kept = {holidays.moved.get(day, day): name for day, name in there.items()}
    kept |= {day: name for day, name in holidays.added.items() if day.year == year}
    for day, name in sorted(kept.items()):
        if day.weekday() > _SATURDAY or (day.weekday() == _SATURDAY and holidays.substitute == "weekend"):
            kept[_free_weekday(day, kept)] = f"{name} (observed)"
    return kept


def _free_weekday(day: date, taken: Mapping[date, str]) -> date:
    while day.weekday() >= _SATURDAY or day in taken:
        day += _DAY
    return day
