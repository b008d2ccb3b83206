"""What a search over everything finds: each room says it of its own things, narrowed to who asks."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from fairwitness.kernel.agency import agency
from fairwitness.rules.searching import Asked, Part, marked

# So many hits of a kind are shown; of whatever has a list of its own, all are there.
MOST = 10
# A time of day stands for so long before and after it.
AROUND = dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Hit:
    """One thing that was found: what it is, where it lies, and the place in it where the words stand."""

    title: str
    url: str
    parts: list[Part] = field(default_factory=list)
    at: dt.datetime | None = None
    # Where in a recording, in milliseconds from its start.
    at_ms: int | None = None
    words: str = ""


def span(asked: Asked) -> tuple[dt.datetime, dt.datetime] | None:
    """From when until when something must be, where the agency is; None where any time will do."""
    if asked.day is None:
        return None
    if asked.clock is None:
        return agency().midnight(asked.day), agency().midnight(asked.day + dt.timedelta(days=1))
    moment = dt.datetime.combine(asked.day, asked.clock, agency().tz)
    return moment - AROUND, moment + AROUND


def month_first() -> bool:
    """Whether the agency writes the month before the day."""
    written = agency().date_format
    months = [written.find(letter) for letter in "FMNmn" if letter in written]
    days = [written.find(letter) for letter in "jd" if letter in written]
    return not days or not months or min(months) < min(days)


def parts_of(texts: Iterable[str], asked: Asked) -> list[Part]:
    """The words where they stand in the first of these texts that has one; else the beginning of the first text."""
    said = [text for text in texts if text]
    for text in said:
        parts = marked(text, asked.words)
        if any(part.found for part in parts):
            return parts
    return marked(said[0], ()) if said else []
