"""What another system held comes in: recordings, audit trails, categories, cases; safe to repeat, and it goes on.

Nothing is claimed that the source did not say: what cannot be told stays unknown, and is named in the report.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fairwitness.kernel.actors import Actor
from fairwitness.moving.acts.arrival import Run, end_arrival, place_of
from fairwitness.moving.acts.cases import bring_cases
from fairwitness.moving.acts.files import take_in_files, take_in_left
from fairwitness.moving.acts.lines import Line
from fairwitness.moving.acts.vendor import read
from fairwitness.moving.doors import arrivals
from fairwitness.moving.models import Arrival


@dataclass(frozen=True)
class Arrived:
    """What an arrival came to, line by line; `arrival` is None where nothing was new."""

    arrival: Arrival | None
    lines: list[Line]


def arrive(
    folder: Path, mapping: str, *, by: Actor, tell: Callable[[Line], None] = lambda _line: None
) -> Arrived:
    """Bring in everything that another system exported into a folder. Run again, it adds nothing; broken off, it goes on.

    Raises Invalid before anything is written, for a folder or mapping that is not there and a table that breaks off;
    StoreFull and Unavailable where the stores fail: what came in until then stays.
    """
    plan = read(folder, mapping)
    place = place_of(folder)
    run = Run(plan, folder, by, tell, arrivals.broken_off(place, mapping))
    take_in_files(run)
    bring_cases(run)
    take_in_left(run)
    # A first arrival has a report, be it that nothing could come in; a repeated one that brings nothing has none.
    if run.arrival is None and arrivals.known(place, mapping):
        return Arrived(None, run.lines)
    return Arrived(end_arrival(run, by=by), run.lines)
