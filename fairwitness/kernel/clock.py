"""The one clock: UTC with microseconds, so that tests can set the hour and no module asks the machine by itself."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import ngettext

_frozen: list[dt.datetime] = []


def now() -> dt.datetime:
    """The present moment in UTC."""
    return _frozen[-1] if _frozen else dt.datetime.now(dt.UTC)


@contextmanager
def frozen(moment: dt.datetime) -> Iterator[None]:
    """For tests and the demo world only: inside the block `now()` answers `moment`."""
    _frozen.append(moment.astimezone(dt.UTC))
    try:
        yield
    finally:
        _frozen.pop()


def rfc3339(moment: dt.datetime) -> str:
    """`moment` as RFC 3339 in UTC with six decimals and `Z`: the form that entries are hashed in."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def in_words(span: dt.timedelta) -> str:
    """A span in its one largest unit, rounded down and in whole words: "40 seconds", "12 minutes", "3 days"."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return ngettext("{n} second", "{n} seconds", seconds).format(n=seconds)
    if seconds < 3600:
        return ngettext("{n} minute", "{n} minutes", seconds // 60).format(n=seconds // 60)
    if seconds < 48 * 3600:
        return ngettext("{n} hour", "{n} hours", seconds // 3600).format(n=seconds // 3600)
    days = seconds // 86400
    return ngettext("{n} day", "{n} days", days).format(n=days)
