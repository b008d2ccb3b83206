"""Times of a package: UTC for programs; for people where the agency is, with the zone said."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _


def utc(moment: dt.datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def local(moment: dt.datetime, zone: str) -> str:
    """The moment at its place, to the second, with what its clock was called then."""
    there = moment.astimezone(ZoneInfo(zone))
    return there.strftime("%Y-%m-%d %H:%M:%S %Z")


def clock(milliseconds: int) -> str:
    """A place in a recording: 0:07, 12:04, 1:02:03."""
    seconds = milliseconds // 1000
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours}:{minutes:02}:{seconds % 60:02}" if hours else f"{minutes}:{seconds % 60:02}"


def size(count: int) -> str:
    """So many bytes as people say it, in decimal units with three figures."""
    if count < 1000:
        return _("{n} bytes").format(n=count)
    value, unit = float(count), ""
    for unit in ("kB", "MB", "GB", "TB"):  # noqa: B007 - the last one reached is said
        value /= 1000
        if value < 999.5:
            break
    return f"{value:.3g} {unit}"
