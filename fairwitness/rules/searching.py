"""Searching: what somebody typed, read as words and a time; and where the words stand in a text."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass

# So many words are searched for; more would not find more.
MOST_WORDS = 8
# So many characters are shown before the first word that was found, and in all.
BEFORE, SHOWN = 40, 180
_DAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})|(\d{1,2})/(\d{1,2})/(\d{4})")
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?")


@dataclass(frozen=True)
class Asked:
    """What somebody looks for: words, all of which must be there, and a day, or a time on it."""

    words: tuple[str, ...] = ()
    day: dt.date | None = None
    clock: dt.time | None = None

    @property
    def text(self) -> str:
        """The words again."""
        return " ".join(self.words)

    def __bool__(self) -> bool:
        return bool(self.words or self.day)


def asked(text: str, *, month_first: bool) -> Asked:
    """Read what somebody typed. `3/4/2026` is a day as the agency writes days; a time counts only beside a day.

    What looks like a day and is none, or a time without a day, is a word like any other.
    """
    words: list[str] = []
    days: list[dt.date] = []
    clocks: list[tuple[str, dt.time]] = []
    for word in text.replace("\0", " ").split():
        if not days and (day := _day(word, month_first)):
            days.append(day)
        elif not clocks and (found := _CLOCK.fullmatch(word)):
            hour, minute, second = (int(part or 0) for part in found.groups())
            clocks.append((word, dt.time(hour, minute, second)))
        else:
            words.append(word)
    if not days:
        words += [word for word, _clock in clocks]
    return Asked(
        tuple(words[:MOST_WORDS]), days[0] if days else None, clocks[0][1] if clocks and days else None
    )


def _day(word: str, month_first: bool) -> dt.date | None:
    found = _DAY.fullmatch(word)
    if found is None:
        return None
    year, month, day, first, second, last = found.groups()
    parts = (year, month, day) if year else (last, *((first, second) if month_first else (second, first)))
    try:
        day = dt.date(*map(int, parts))
    except ValueError:
        return None
    # Nothing here is of another time; and no zone reaches beyond what a date can be.
    return day if 1900 <= day.year < 2200 else None


@dataclass(frozen=True)
class Part:
    """A piece of a text that is shown, and whether it is one of the words."""

    text: str
    found: bool = False


def marked(text: str, words: Iterable[str]) -> list[Part]:
    """The text around the first of the words that stands in it, with every one of them marked; short at both ends.

    Where none stands in it, its beginning.
    """
    text = " ".join(text.split())
    wanted = [re.escape(word) for word in sorted(set(words), key=len, reverse=True) if word]
    pattern = re.compile("|".join(wanted), re.IGNORECASE) if wanted else None
    first = pattern.search(text) if pattern else None
    begin = max(0, first.start() - BEFORE) if first else 0
    if begin:
        # Not in the middle of a word.
        begin = text.find(" ", begin, first.start() if first else None) + 1 or begin
    shown = text[begin : begin + SHOWN]
    parts = _cut(shown, pattern)
    if begin:
        parts.insert(0, Part("… "))
    if begin + SHOWN < len(text):
        parts.append(Part(" …"))
    return parts


def _cut(text: str, pattern: "re.Pattern[str] | None") -> list[Part]:
    parts, at = [], 0
    for found in pattern.finditer(text) if pattern else ():
        parts += [Part(text[at : found.start()]), Part(found[0], found=True)]
        at = found.end()
    return [part for part in (*parts, Part(text[at:])) if part.text]
