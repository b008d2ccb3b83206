"""What a dispatch export says of its events: rows read one by one, then put together event by event."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from fairwitness.incidents.acts.columns import Reading
from fairwitness.incidents.acts.rows import Row, on_day, rows_of, short
from fairwitness.incidents.acts.units import Unit, units_of
from fairwitness.incidents.models import Mapping as Saved
from fairwitness.kernel.refusals import Invalid, Refusal
from fairwitness.kernel.tables import Table

FAULTY = "faulty"
UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Outcome:
    """What one row came to: added, changed, moved, cancelled, unchanged or faulty; `words` say how, or why not."""

    line: int
    number: str
    kind: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class SaidEvent:
    """One event as the export says it. Kind and place are None where the file has no such column."""

    incident: str
    number: str
    kind: str | None
    place: str | None
    began: dt.datetime
    ended: dt.datetime | None
    cancelled: bool
    units: tuple[Unit, ...]
    lines: tuple[int, ...]

    @property
    def key(self) -> str:
        """Its number without case."""
        return self.number.upper()

    def head(self) -> tuple[object, ...]:
        """What rows of one event must agree in."""
        return (self.incident.upper(), self.kind, self.place)


@dataclass
class Said:
    """All that a file says, and what became of rows that say nothing usable or nothing new."""

    events: dict[str, SaidEvent] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)


def what_it_says(table: Table, reading: Reading, badges: Mapping[str, object]) -> Said:
    """Read every row; a faulty one is left out whole, with its reason. `badges` are those that somebody has."""
    said = Said()
    join = _add_unit if reading.layout == Saved.Layout.PER_UNIT else _add_repeat
    for row in rows_of(table, reading.columns, reading.in_force):
        number = row["event"] or row["incident"]
        try:
            event = _event(row, reading)
            _check_badges(event, badges)
            _take(said, event, join)
        except Refusal as refusal:
            said.outcomes.append(Outcome(row.line, short(number), FAULTY, (refusal.sentence,)))
    return said


def _take(said: Said, event: SaidEvent, join: Callable[[SaidEvent, SaidEvent], SaidEvent]) -> None:
    known = said.events.get(event.key)
    if known is None:
        said.events[event.key] = event
        return
    joined = join(known, event)
    if joined == known:
        words = (_("Repeats line {line}").format(line=known.lines[0]),)
        said.outcomes.append(Outcome(event.lines[0], event.number, UNCHANGED, words))
    said.events[event.key] = joined


def _add_unit(known: SaidEvent, more: SaidEvent) -> SaidEvent:
    """One row for each unit: the row's units join those that are known. Raises Invalid where the rest differs."""
    if known.head() != more.head():
        raise Invalid(_("Line {line} says otherwise of the same event.").format(line=known.lines[0]))
    units = dict.fromkeys((*known.units, *more.units))
    if len(units) == len(known.units) and more.units:
        return known
    ends = [end for end in (known.ended, more.ended) if end is not None]
    return replace(
        known,
        units=tuple(units),
        began=min(known.began, more.began),
        ended=max(ends) if len(ends) == 2 else None,
        cancelled=known.cancelled and more.cancelled,
        lines=(*known.lines, *more.lines),
    )


def _add_repeat(known: SaidEvent, more: SaidEvent) -> SaidEvent:
    """One row for each event: a second may only say the same."""
    if replace(more, lines=known.lines) != known:
        raise Invalid(_("Line {line} says otherwise of the same event.").format(line=known.lines[0]))
    return known


def _check_badges(event: SaidEvent, badges: Mapping[str, object]) -> None:
    for unit in event.units:
        if unit.badge and unit.badge not in badges:
            raise Invalid(_("Nobody has the badge “{badge}”.").format(badge=unit.badge))


def _event(row: Row, reading: Reading) -> SaidEvent:
    row.check_width()
    incident = row.text("incident", _("Incident number"), 40)
    if not incident:
        raise Invalid(_("The number of the incident is missing."))
    if not row["date"]:
        raise Invalid(_("The day is missing."))
    opened, exact = on_day(row, row["date"], row["opened"])
    units = units_of(row, opened, exact, reading.layout == Saved.Layout.PER_EVENT)
    times = [time for unit in units for time in unit.times]
    began = opened if exact else min(times, default=opened)
    return SaidEvent(
        incident,
        row.text("event", _("Dispatch event"), 40) or incident,
        row.text("kind", _("Kind"), 120) if row.has("kind") else None,
        row.text("place", _("Place"), 200) if row.has("place") else None,
        began,
        _ended(row, began, units, times),
        _called_off(row["status"], reading.calls_off),
        units,
        (row.line,),
    )


def _ended(
    row: Row, began: dt.datetime, units: tuple[Unit, ...], times: list[dt.datetime]
) -> dt.datetime | None:
    """When the export says that the event closed, else when its last unit was free, if all of them are."""
    if row["closed"]:
        last = max([began, *times])
        closed = row.moment(row["closed"], last)
        if closed < began:
            raise Invalid(_("It closed before it began."))
        return closed
    cleared = [unit.cleared for unit in units]
    return max((time for time in cleared if time), default=None) if all(cleared) else None


def _called_off(status: str, words: frozenset[str]) -> bool:
    text = status.casefold()
    return text in words or not words.isdisjoint(re.findall(r"\w+", text))
