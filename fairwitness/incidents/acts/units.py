"""Units and their times in one row of a dispatch export: one unit, several with the same times, or lists of UNIT=TIME."""

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from fairwitness.incidents.acts.rows import Row, call_sign, known, short
from fairwitness.kernel.refusals import Invalid
from fairwitness.rules.dispatch_times import NO_SLACK, SLACK

STEPS = ("dispatched", "en_route", "arrived", "cleared")
_PARTED = re.compile(r"[,;|\n]")
# More in one cell is no list of units.
MOST = 500
Pairs = list[tuple[str, str]]


@dataclass(frozen=True)
class Unit:
    """What a row says of one unit: when it was sent, on its way, there, and free again, as far as it is known."""

    call_sign: str
    badge: str = ""
    dispatched: dt.datetime | None = None
    en_route: dt.datetime | None = None
    arrived: dt.datetime | None = None
    cleared: dt.datetime | None = None

    @property
    def times(self) -> list[dt.datetime]:
        """Its known times, in the order of the steps."""
        return [time for step in STEPS if (time := getattr(self, step)) is not None]


@dataclass
class _Sent:
    """The times of one call sign in a row, step by step, before they are parted into one response after another."""

    at: dict[str, list[dt.datetime]] = field(default_factory=lambda: {step: [] for step in STEPS})

    def first(self) -> dt.datetime | None:
        return min(self.at["dispatched"], default=None)


def units_of(row: Row, begins: dt.datetime, exact: bool, several: bool) -> tuple[Unit, ...]:
    """The units of a row. `several`: the column of units is a list. Raises Invalid naming what cannot be read.

    `exact` is whether `begins` is a time, and not only the day on which all of this was.
    """
    badge = row.text("badge", _("Badge"), 20)
    names = [call_sign(name) for name in (_PARTED.split(row["units"]) if several else [row["units"]])]
    names = [name for name in dict.fromkeys(names) if name and known(name)]
    lists = {step: pairs for step in STEPS if (pairs := _pairs(row[step]))}
    if len(names) > MOST:
        raise Invalid(_("More than {most} units stand in one cell.").format(most=MOST))
    if not lists:
        return tuple(_of_single_times(row, names, badge, begins, exact))
    return tuple(_of_lists(row, names, lists, begins, exact))


def _pairs(cell: str) -> Pairs:
    """A list of UNIT=TIME, or nothing where the cell is none."""
    if "=" not in cell:
        return []
    parts = [part.strip() for part in _PARTED.split(cell) if part.strip()]
    if len(parts) > MOST:
        raise Invalid(_("More than {most} units stand in one cell.").format(most=MOST))
    found = []
    for part in parts:
        name, equals, time = part.rpartition("=")
        if not equals or not name.strip():
            raise Invalid(_("“{text}” names no unit with its time.").format(text=short(part)))
        if known(time):
            found.append((call_sign(name), time.strip()))
    return found


def _of_single_times(
    row: Row, names: list[str], badge: str, begins: dt.datetime, exact: bool
) -> Iterable[Unit]:
    """Every unit named has the row's own times; each is placed after the one before it."""
    bound, slack = begins, SLACK if exact else NO_SLACK
    times: dict[str, dt.datetime] = {}
    for step in STEPS:
        if row[step]:
            times[step] = row.moment(row[step], bound, slack)
            bound, slack = max(bound, times[step]), SLACK
    return [Unit(name, badge, **times) for name in names]


def _of_lists(
    row: Row, names: list[str], lists: dict[str, Pairs], begins: dt.datetime, exact: bool
) -> Iterable[Unit]:
    """Each list is in order of time, whatever the night: real exports write them so."""
    sent: dict[str, _Sent] = {name: _Sent() for name in names}
    for step, pairs in lists.items():
        before: dt.datetime | None = None
        for name, time in pairs:
            one = sent.setdefault(name, _Sent())
            bounds = [bound for bound in (before, one.first()) if bound is not None]
            loose = exact or bool(bounds)
            moment = row.moment(time, max(bounds, default=begins), SLACK if loose else NO_SLACK)
            one.at[step].append(moment)
            before = moment
    return sorted((unit for name, one in sent.items() for unit in _responses(name, one)), key=_order)


def _order(unit: Unit) -> tuple[bool, list[dt.datetime], str]:
    return (not unit.times, unit.times[:1], unit.call_sign)


def _responses(name: str, one: _Sent) -> list[Unit]:
    """One response for each time that the unit was sent; later steps belong to the last sending before them."""
    sendings = sorted(set(one.at["dispatched"]))
    units = [Unit(name, dispatched=sending) for sending in sendings] or [Unit(name)]
    for step in STEPS[1:]:
        for moment in sorted(one.at[step]):
            place = max((n for n, sending in enumerate(sendings) if sending <= moment), default=0)
            earlier = getattr(units[place], step)
            # There first, free last: a unit that cleared twice was there until the second time.
            if earlier is None or step == "cleared":
                units[place] = replace(units[place], **{step: moment})  # type: ignore[arg-type]
    return units
