"""Whether the publisher is well: when it last ran, and how long entries have waited past their due time."""

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Unavailable
from fairwitness.publiclog import files
from fairwitness.publiclog.sequence import waiting

# How long an entry may wait past its due time before the system says that it is not well.
GRACE = dt.timedelta(seconds=60)


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
    last = last_round()
    faults = _damage()
    if oldest > every + GRACE:
        faults.append(
            f"{count} entries wait to be published; the oldest for {int(oldest.total_seconds())} s."
        )
    if last is None:
        faults.append("The publisher has not run yet.")
    elif last["error"]:
        faults.append(f"The publisher failed: {last['error']}")
    elif clock.now() - dt.datetime.fromisoformat(last["at"]) > every + GRACE:
        faults.append("The publisher has not run since " + last["at"] + ".")
    return Health(count, oldest, last or {}, tuple(faults))


def _damage() -> list[str]:
    try:
        files.checkpoint()
    except Unavailable as error:
        return [error.sentence]
    return []


def last_round() -> dict[str, Any] | None:
    """The word that the publisher's last round left, or None."""
    try:
        word: dict[str, Any] = json.loads((settings.FAIRWITNESS_HOME / "run" / "publisher.json").read_text())
    except (FileNotFoundError, ValueError):
        return None
    return word
