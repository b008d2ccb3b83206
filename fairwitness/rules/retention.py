"""How long a recording is kept: lengths of keeping as data, when they start to count, and the day they have run out."""

import re
from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

# So much earlier than its receipt a recording may end before somebody has to say why: a shift, and the way to the dock.
PROMPT = timedelta(hours=24)
# Nobody means a length beyond these; what is meant without an end is said as "for ever".
MOST = {"days": 99_999, "months": 9_999, "years": 999}

# The night after its last day draws the list; and so long the erasing may take once its pauses are over.
DRAWN_WITHIN = ERASED_WITHIN = timedelta(days=1)

_WRITTEN = re.compile(r"([1-9][0-9]{0,4}) (day|month|year)s?")
_FOR_EVER = "for ever"


@dataclass(frozen=True)
class Keep:
    """One length of keeping: so many days, calendar months or calendar years, or, with none of them, for ever.

    Raises ValueError for two units at once, and for a number that is not between 1 and `MOST`.
    """

    days: int | None = None
    months: int | None = None
    years: int | None = None

    def __post_init__(self) -> None:
        said = self._said
        if len(said) > 1:
            raise ValueError("a length of keeping has one unit")
        for unit, number in said.items():
            if not 1 <= number <= MOST[unit]:
                raise ValueError(f"a length of keeping is between 1 and {MOST[unit]} {unit}, not {number}")

    @classmethod
    def parse(cls, text: str) -> "Keep":
        """The length written as "180 days", "1 month", "7 years" or "for ever". Raises ValueError for all else."""
        if text.strip() == _FOR_EVER:
            return cls()
        found = _WRITTEN.fullmatch(text.strip())
        if not found:
            raise ValueError(
                f"“{text}” is no length of keeping; write “180 days”, “30 months”, “7 years” or “for ever”"
            )
        return cls(**{f"{found[2]}s": int(found[1])})

    def __str__(self) -> str:
        for unit, number in self._said.items():
            return f"{number} {unit[:-1] if number == 1 else unit}"
        return _FOR_EVER

    @property
    def for_ever(self) -> bool:
        """Whether it never runs out."""
        return not self._said

    def runs_out(self, day: date) -> date | None:
        """The day on which it has run out when `day` is the first, which is not counted; None: never.

        Calendar months and years end on the last day of a month that is too short: six months from 31 August end
        on the last of February. Raises OverflowError beyond the year 9999.
        """
        if self.days:
            return day + timedelta(days=self.days)
        months = self.months or 12 * (self.years or 0)
        return _months_later(day, months) if months else None

    @property
    def _said(self) -> dict[str, int]:
        units = {"days": self.days, "months": self.months, "years": self.years}
        return {unit: number for unit, number in units.items() if number is not None}


FOR_EVER = Keep()


def counts_from(ended: datetime | None, received: datetime, settled: datetime | None = None) -> datetime:
    """The time from which retention counts: the later of the recorded end and the receipt.

    `settled` is the end that two people have confirmed; then it counts alone, so that a file which came late is not
    kept longer than one which came at once. Whether the clock is in doubt is asked of `clock_doubtful`; even where
    nobody asks, nothing counts from before its receipt. Raises ValueError when `settled` lies after the receipt.
    """
    if settled is None:
        return received if ended is None else max(ended, received)
    if settled > received:
        raise ValueError("a recording cannot have ended after it was received")
    return settled


def clock_doubtful(ended: datetime | None, received: datetime, explained: bool = False) -> bool:
    """Whether the recorded end cannot be relied on; then nothing is due until people have settled it.

    It is unknown, or lies after the receipt, or more than 24 hours before it and nobody has explained why (`explained`:
    a camera that lay in a drawer, an import of old recordings). An explanation never mends a clock that runs ahead.
    """
    if ended is None or ended > received:
        return True
    return received - ended > PROMPT and not explained


def longest(day: date, keeps: Iterable[Keep]) -> Keep | None:
    """Of these lengths the one that runs out last when counted from `day`; None where there are none.

    Which is longer can depend on the day: 30 days are more than a month in February, and less in March.
    """
    return max(keeps, key=lambda keep: keep.runs_out(day) or date.max, default=None)


def due_on(start: datetime, keeps: Iterable[Keep], zone: tzinfo) -> date | None:
    """The last day, in the agency's `zone`, for which a recording is kept when keeping counts from `start`.

    `keeps` are the rules of its categories that were not withdrawn; the longest counts. None means never: one rule says
    for ever, or there is no rule that would let it go. Days are counted on the calendar of the zone, so that neither
    its offset nor the hour of `start` nor a change to summer time moves the day: what ended at any time of 1 January
    and is kept 180 days is kept until 30 June. That day is still one of its own: where a law says "not less than",
    it may go from the day after, not on it. Raises ValueError for a time without zone.
    """
    first = _day(start, zone)
    rule = longest(first, keeps)
    return rule.runs_out(first) if rule else None


def past_maximum(start: datetime, maximum: Keep, today: date, zone: tzinfo) -> bool:
    """Whether on `today` it is kept longer than the agency's `maximum` allows; its last day is still allowed.

    Source: not more than 30 months for what is tied to no case, Massachusetts Body Camera Task Force (St. 2020 c. 253
    s. 104), minutes of 5 and 14 January 2022. Raises ValueError for a time without zone.
    """
    last = maximum.runs_out(_day(start, zone))
    return last is not None and today > last


def overstays(last: date, today: date, listed: date | None = None, pauses: timedelta = timedelta()) -> bool:
    """Whether what may be kept up to `last` is a finding on `today`: past it, and not going its ordered way off.

    That way takes time: the night after the last day draws a list, and from the day `listed` on which that was drawn
    come the `pauses` of the policy in full, and a day for the erasing. A list that is approved too late, or not erased
    in time, shields nothing any more; nor does one that was taken back, so that `listed` is None again. Source: this
    product's own choice; a pause that protects people from a mistake must not make every recording a finding where
    least and most are the same length (docs/howto/retention.md).
    """
    drawn = last + DRAWN_WITHIN
    return today > (max(drawn, listed + pauses + ERASED_WITHIN) if listed else drawn)


def _day(moment: datetime, zone: tzinfo) -> date:
    """The day on which `moment` falls in `zone`."""
    if moment.tzinfo is None:
        raise ValueError("a time without a zone names no day")
    return moment.astimezone(zone).date()


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        raise OverflowError("beyond the year 9999")
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
