"""Taking the list of incidents out, as CSV: an act, with an entry that binds what was taken."""

from typing import BinaryIO

from fairwitness.incidents import doors, events
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.tables import write_csv

HEADER = ("number", "kind", "place", "opened", "closed", "critical")


def export_incidents(sought: doors.Sought, file: BinaryIO, *, by: Actor) -> int:
    """Write what `by` may find and seeks into `file`; answers how many. Raises Forbidden where the list is closed."""
    with change(events.LIST_EXPORTED, by=by) as entry:
        doors.check_may(by, "export")
        found = doors.list_incidents(by, sought).order_by("-opened", "-id").iterator(chunk_size=1000)
        rows = (
            (
                each.number,
                each.kind,
                each.place,
                clock.rfc3339(each.opened),
                clock.rfc3339(each.closed) if each.closed else "",
                "yes" if each.critical else "",
            )
            for each in found
        )
        count, sha256 = write_csv(HEADER, rows, file)
        entry.mention("department.member", by.person)
        entry.about(count=count, sha256=sha256)
    return count
