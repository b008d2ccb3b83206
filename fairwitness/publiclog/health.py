"""Whether the publisher is well: when it last ran, and how long entries have waited past their due time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from fairwitness.kernel import clock
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
    """`faults` are sentences; none means well."""

    waiting: int
    oldest: dt.timedelta
    last: dict[str, Any]
    faults: tuple[str, ...]


def health() -> Health:
    """Ask the outbox and the word that the publisher left. Red when entries wait 60 s past their due time."""
    count, oldest = waiting()
    every = dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY)
    last = last_word()
    faults = _damage()
    if oldest > every + GRACE:
        faults.append(
            f"{count} entries wait to be published; the oldest for {int(oldest.total_seconds())} s."
        )
    if not last:
        faults.append("The publisher has not run yet.")
    elif last["error"]:
        faults.append(f"The publisher failed: {last['error']}")
    elif clock.now() - dt.datetime.fromisoformat(last["at"]) > every + GRACE:
        faults.append("The publisher has not run since " + last["at"] + ".")
    if last.get("unsigned", 0) >= UNSIGNED_ROUNDS:
        faults.append(f"For {last['unsigned']} rounds not every witness has signed the log.")
    return Health(count, oldest, last, tuple(faults))


def _damage() -> list[str]:
    try:
        files.checkpoint()
    except Unavailable as error:
        return [error.sentence]
    return []
