"""The report of an arrival taken out as CSV; that it was taken is recorded."""

import uuid
from collections.abc import Iterator
from typing import BinaryIO

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.tables import write_csv
from fairwitness.moving import doors, events
from fairwitness.moving.doors import arrivals
from fairwitness.moving.models import Arrival

HEADER = ("outcome", "kind", "name", "number", "case", "why", "said", "sha256")


def export_report(arrival_id: uuid.UUID, sought: arrivals.Sought, file: BinaryIO, *, by: Actor) -> int:
    """Write the lines that are sought and that `by` may see as CSV; answers how many. Raises Forbidden, NotFound."""
    with change(events.REPORT_EXPORTED, by=by) as entry:
        doors.check_may(by, "export_report")
        found = arrivals.arrival(by, arrival_id)
        count, sha256 = write_csv(HEADER, _rows(found, sought, by), file)
        entry.about(found, arrival_id=found.pk, count=count, sha256=sha256)
    return count


def _rows(found: Arrival, sought: arrivals.Sought, by: Actor) -> Iterator[tuple[str, ...]]:
    for line in arrivals.lines(by, found, sought):
        yield tuple(line.get(key, "") for key in HEADER)
