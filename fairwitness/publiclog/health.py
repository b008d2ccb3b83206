"""Whether the publisher is well: when it last ran, and how long entries have waited past their due time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairwitness.kernel import clock
from fairwitness.kernel.faults import Fault
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import files
from fairwitness.publiclog.publish import last_word
from fairwitness.publiclog.sequence import waiting

# How long an entry may wait past its due time before the system says that it is not well.
GRACE = dt.timedelta(seconds=60)
# A witness may be away for a while; one that refuses, refuses every round.
UNSIGNED_ROUNDS = 3


@dataclass(frozen=True)
class Health:
    """`faults` is empty where all is well."""

    waiting: int
    oldest: dt.timedelta
    last: dict[str, Any]
    faults: tuple[Fault, ...]


def health() -> Health:
    """Ask the outbox and the word that the publisher left. Red when entries wait 60 s past their due time."""
    count, oldest = waiting()
    last = last_word()
    faults = [*_damage(), *_behind(count, oldest), *_publisher(last)]
    if last.get("unsigned", 0) >= UNSIGNED_ROUNDS:
        said = _("For {n} rounds not every witness has signed the log.").format(n=last["unsigned"])
        faults.append(Fault("publiclog.unsigned", said))
    return Health(count, oldest, last, tuple(faults))


def _due() -> dt.timedelta:
    return dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY) + GRACE


def _damage() -> list[Fault]:
    try:
        files.checkpoint()
    except Unavailable as error:
        return [Fault("publiclog.damage", error.sentence)]
    return []


def _behind(count: int, oldest: dt.timedelta) -> list[Fault]:
    if oldest <= _due():
        return []
    said = ngettext(
        "{n} entry waits to be published, for {span}.",
        "{n} entries wait to be published; the oldest for {span}.",
        count,
    )
    return [Fault("publiclog.behind", said.format(n=count, span=clock.in_words(oldest)))]


def _publisher(last: dict[str, Any]) -> list[Fault]:
    if not last:
        return [Fault("publiclog.silent", _("The publisher has not run yet."))]
    if last["error"]:
        return [Fault("publiclog.failed", _("The publisher failed: {why}").format(why=last["error"]))]
    silent = clock.now() - dt.datetime.fromisoformat(last["at"])
    if silent > _due():
        said = _("The publisher has not run for {span}.").format(span=clock.in_words(silent))
        return [Fault("publiclog.silent", said)]
    return []
