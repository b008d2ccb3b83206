"""Times as dispatch exports and rosters write them, read into UTC: two orders of day and month, clocks without a day.

Local time is not single-valued (RFC 3339, 4.4; PEP 495): in autumn an hour comes twice, in spring one does not come.
"""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal
from zoneinfo import ZoneInfo

Style = Literal["month_first", "day_first"]

# A moment may be written down out of order by so much: real exports have a unit on its way before it was sent. What
# would be earlier than that came after midnight.
SLACK: Final = dt.timedelta(hours=6)
NO_SLACK: Final = dt.timedelta()

_DAY = re.compile(r"(\d{1,4})[-/.](\d{1,2})[-/.](\d{1,4})")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:\s*([ap])\.?m?\.?)?", re.IGNORECASE)
_FIGURES = re.compile(r"(\d{2})(\d{2})(\d{2})?")
_PARTS = re.compile(r"(\S+?)(?:[T\s]+(\S.*))?")


class NoTime(ValueError):
    """This cannot be read as a time. `why` is unread (nothing that is a time) or skipped (an hour that never was)."""

    def __init__(self, why: Literal["unread", "skipped"], text: str) -> None:
        super().__init__(f"{text!r}: {why}")
        self.why = why
        self.text = text


@dataclass(frozen=True)
class Local:
    """A written time before it is placed: a day, a clock, or both; with `offset` it is a moment by itself."""

    text: str
    day: dt.date | None
    clock: dt.time | None
    offset: dt.timedelta | None = None


def read(text: str, style: Style) -> Local:
    """What is written, unplaced. A day with the year first is read as such whatever the style. Raises NoTime."""
    text = text.strip()
    if (moment := _with_offset(text)) is not None:
        return Local(text, moment.date(), moment.time(), moment.utcoffset())
    if clock := _clock(text):
        return Local(text, None, clock)
    parts = _PARTS.fullmatch(text)
    day = _day(parts[1], style) if parts else None
    if parts is None or day is None:
        raise NoTime("unread", text)
    clock = _clock(parts[2]) if parts[2] else None
    if parts[2] and clock is None:
        raise NoTime("unread", text)
    return Local(text, day, clock)


def place(
    local: Local, zone: ZoneInfo, *, after: dt.datetime | None = None, slack: dt.timedelta = SLACK
) -> dt.datetime:
    """The moment in UTC. `after` is the moment before it, if one is known.

    A clock alone is placed on the first day on which it is not earlier than `after` less `slack`, so that what comes
    after midnight falls on the next day. Of an hour that comes twice the first is meant that keeps the order, else the
    first. Raises NoTime for an hour that does not come, for a clock without any day, and beyond the calendar.
    """
    try:
        return _place(local, zone, after, slack)
    except OverflowError as error:
        raise NoTime("unread", local.text) from error


def _place(local: Local, zone: ZoneInfo, after: dt.datetime | None, slack: dt.timedelta) -> dt.datetime:
    clock = local.clock or dt.time()
    if local.day is not None and local.offset is not None:
        return dt.datetime.combine(local.day, clock, dt.timezone(local.offset)).astimezone(dt.UTC)
    if local.day is not None:
        moments = list(_moments(local.day, clock, zone))
        if not moments:
            # A day alone begins where it begins, be it not at midnight.
            moments = [] if local.clock else [_would_be(local.day, dt.time(), zone)]
        if not moments:
            raise NoTime("skipped", local.text)
        return next((moment for moment in moments if after is None or moment >= after), moments[0])
    if after is None or local.clock is None:
        raise NoTime("unread", local.text)
    return _rolled(local, clock, zone, after, slack)


def _rolled(
    local: Local, clock: dt.time, zone: ZoneInfo, after: dt.datetime, slack: dt.timedelta
) -> dt.datetime:
    bound = after - slack
    first = bound.astimezone(zone).date()
    for day in (first, first + dt.timedelta(days=1)):
        moments = list(_moments(day, clock, zone))
        if not moments and _would_be(day, clock, zone) >= bound:
            raise NoTime("skipped", local.text)
        if kept := [moment for moment in moments if moment >= bound]:
            return next((moment for moment in kept if moment >= after), kept[-1])
    raise NoTime("unread", local.text)


def _would_be(day: dt.date, clock: dt.time, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, clock, zone).astimezone(dt.UTC)


def _moments(day: dt.date, clock: dt.time, zone: ZoneInfo) -> Iterator[dt.datetime]:
    """The moments at which that clock stands on that day: one, two in autumn, none in spring."""
    seen = set()
    for fold in (0, 1):
        moment = dt.datetime.combine(day, clock.replace(fold=fold), zone).astimezone(dt.UTC)
        back = moment.astimezone(zone)
        if back.date() == day and back.time().replace(fold=0) == clock.replace(fold=0) and moment not in seen:
            seen.add(moment)
            yield moment


def _with_offset(text: str) -> dt.datetime | None:
    if not re.search(r"\d[T\s]\d.*(?:Z|[+-]\d\d:?\d\d)$", text):
        return None
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.utcoffset() is not None else None


def _day(text: str, style: Style) -> dt.date | None:
    found = _DAY.fullmatch(text)
    if found is None or not text.isascii():
        return None
    one, two, three = (int(figures) for figures in found.groups())
    if len(found[1]) == 4:
        year, month, day = one, two, three
    elif len(found[1]) > 2 or len(found[3]) not in (2, 4):
        return None
    else:
        month, day = (one, two) if style == "month_first" else (two, one)
        year = three if len(found[3]) == 4 else 2000 + three if three < 69 else 1900 + three
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _clock(text: str) -> dt.time | None:
    if not text.isascii():
        return None
    if figures := _FIGURES.fullmatch(text):
        hour, minute, second = int(figures[1]), int(figures[2]), int(figures[3] or 0)
    elif found := _CLOCK.fullmatch(text):
        hour, minute, second = int(found[1]), int(found[2]), int(found[3] or 0)
        if found[4]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if found[4].lower() == "p" else 0)
    else:
        return None
    try:
        return dt.time(hour, minute, second)
    except ValueError:
        return None
