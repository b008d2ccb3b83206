"""How an incident is shown: its events in versions, and who was there when as a picture with a table."""

import datetime as dt
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.incidents import doors
from fairwitness.incidents.models import Event, Incident, Response
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency

# So many marks of time stand along the picture.
MARKS = 4


@dataclass(frozen=True)
class Bar:
    """One span in a lane, in hundredths of the picture's width; `tone` is sent, there or recorded."""

    x: str
    width: str
    tone: str


@dataclass(frozen=True)
class Lane:
    """One line of the picture: a unit or a recording, with its spans."""

    label: str
    words: str
    bars: list[Bar]
    url: str = ""


def events_in_groups(found: Incident) -> list[dict[str, Any]]:
    """Every event with its versions, latest first; an event that moved away says where it is now."""
    events = doors.events_of(found)
    return [
        {"number": number, "versions": sorted(versions, key=lambda event: -event.version)}
        for number, versions in itertools.groupby(events, key=lambda event: event.number)
    ]


def called_off(found: Incident) -> bool:
    """Whether dispatch cancelled everything that it had of this incident."""
    current = set(found.events.filter(replaced_by=None).values_list("cancelled", flat=True))
    return current == {True}


def responses_of(found: Incident) -> list[Response]:
    """The units of events as they stand now, in order of time."""
    current: Iterable[Event] = found.events.filter(replaced_by=None, cancelled=False)
    rows = Response.objects.filter(event__in=current).select_related("member", "event")
    return list(rows.order_by("at", "call_sign", "id"))


def picture(
    found: Incident, responses: list[Response], attached: list[doors.Attached]
) -> dict[str, Any] | None:
    """The lanes of units and recordings over one span of time; None where nothing has a time."""
    attached = [each for each in attached if not each.adrift]
    spans = [span for row in responses for span in _spans(row)]
    spans += [(each.begin, each.end or each.begin, "recorded") for each in attached]
    if not spans:
        return None
    begin, end = min(span[0] for span in spans), max(span[1] for span in spans)
    if end - begin < dt.timedelta(minutes=1):
        end = begin + dt.timedelta(minutes=1)
    lanes = [
        Lane(
            row.call_sign,
            row.member.name if row.member else _("not known"),
            _bars(_spans(row), begin, end),
        )
        for row in responses
        if _spans(row)
    ]
    lanes += [
        Lane(
            each.label,
            each.words,
            _bars([(each.begin, each.end or each.begin, "recorded")], begin, end),
            each.url,
        )
        for each in attached
    ]
    return {"lanes": lanes, "marks": _marks(begin, end)}


def _spans(row: Response) -> list[tuple[dt.datetime, dt.datetime, str]]:
    """From the first known time until arrival, and from arrival until free; a single time is a point."""
    times = [time for time in (row.dispatched, row.en_route, row.arrived, row.cleared) if time]
    if not times:
        return []
    last = max([*times, row.event.ended] if row.event.ended and not row.cleared else times)
    first, arrived = min(times), row.arrived
    if arrived is None:
        return [(first, last, "sent")]
    return [(first, max(first, arrived), "sent"), (arrived, max(arrived, last), "there")]


def _bars(
    spans: list[tuple[dt.datetime, dt.datetime, str]], begin: dt.datetime, end: dt.datetime
) -> list[Bar]:
    whole = (end - begin) / dt.timedelta(seconds=1)
    bars = []
    for first, last, tone in spans:
        x = 100 * ((first - begin) / dt.timedelta(seconds=1)) / whole
        # A moment is seen too: at least half a hundredth.
        width = max(0.5, 100 * ((last - first) / dt.timedelta(seconds=1)) / whole)
        bars.append(Bar(f"{min(x, 99.5):.2f}%", f"{width:.2f}%", tone))
    return bars


def _marks(begin: dt.datetime, end: dt.datetime) -> list[str]:
    """Clock times at equal distances along the picture, in the agency's zone."""
    form = "%H:%M" if end - begin >= dt.timedelta(minutes=MARKS) else "%H:%M:%S"
    moments = [begin + (end - begin) * n / (MARKS - 1) for n in range(MARKS)]
    return [moment.astimezone(agency().tz).strftime(form) for moment in moments]


def last_moment(found: Incident) -> dt.datetime:
    """Until when shifts belong to an incident."""
    return found.closed or min(clock.now(), found.opened + doors.LONGEST)
