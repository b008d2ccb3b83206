"""The check of moving: every report of an arrival against the entry that bound it."""

from collections.abc import Iterator

from fairwitness.kernel.bound import Bound
from fairwitness.moving import events
from fairwitness.moving.models import Arrival

BOUND = (
    Bound(
        Arrival,
        (events.ARRIVAL_BEGUN, events.ARRIVAL_ENDED),
        "'The arrival ' || r.number",
        "(e.event = 'moving.arrival_begun' AND p.facts ->> 'mapping' IS DISTINCT FROM r.mapping) OR "
        "(e.event = 'moving.arrival_ended' AND ('sha256:' || r.report_sha256, r.report_size::text) IS DISTINCT FROM "
        "(p.facts ->> 'report_sha256', p.facts ->> 'report_size'))",
    ),
)


def check_rows() -> Iterator[str]:
    """Faults between arrivals and the entries that wrote them: changed, or never written."""
    for bound in BOUND:
        yield from bound.faults()
