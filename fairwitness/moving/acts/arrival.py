"""An arrival: opened when the first new thing of another system's export is written, closed with its report."""

import datetime as dt
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.acts.delivered import Delivered
from fairwitness.evidence.acts.ingest import begin_ingest, end_ingest
from fairwitness.evidence.acts.seal import clean
from fairwitness.evidence.models import Ingest, Recording
from fairwitness.kernel import blobs, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change, move
from fairwitness.kernel.notices import notify
from fairwitness.kernel.roles import Role
from fairwitness.moving import events
from fairwitness.moving.acts import lines as report
from fairwitness.moving.acts.lines import Line
from fairwitness.moving.acts.vendor import Plan
from fairwitness.moving.doors import arrivals
from fairwitness.moving.models import Arrival, Outcome
from fairwitness.storage.acts import confirm_copies

Tell = Callable[[Line], None]


@dataclass(frozen=True)
class Waiting:
    """A photograph or document on its way into the cases that hold it."""

    path: Path
    kind: str
    sha256: str
    told: Delivered


@dataclass
class Run:
    """One run: what it brings, what became of it so far. The arrival is opened when the first new thing is written."""

    plan: Plan
    folder: Path
    by: Actor
    tell: Tell
    arrival: Arrival | None = None
    lines: list[Line] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    # By the source's number, in every case of letters: several files may be one piece of evidence.
    recordings: dict[str, list[Recording]] = field(default_factory=dict)
    files: dict[str, list[Waiting]] = field(default_factory=dict)
    # Those of them that lie in a case.
    placed: set[Path] = field(default_factory=set)

    def note(self, line: Line) -> None:
        """Add a line to the report."""
        self.lines.append(line)
        self.tell(line)

    def opened(self) -> Arrival:
        """The arrival of this run."""
        if self.arrival is None:
            place, mapping = place_of(self.folder), self.plan.vendor.key
            try:
                self.arrival = begin_arrival(place, mapping, by=self.by)
            except IntegrityError:
                # Another run of the same folder was quicker; what both bring belongs to one arrival.
                self.arrival = arrivals.broken_off(place, mapping)
                if self.arrival is None:
                    raise
        return self.arrival

    def delivery(self) -> Ingest:
        """The delivery of this run's recordings."""
        return self.opened().ingest

    def is_mine(self, ingest: Ingest | None) -> bool:
        """Whether something came with this arrival, be it before it was broken off."""
        return bool(self.arrival and ingest and self.arrival.ingest_id == ingest.pk)

    def brought(self, since: dt.datetime) -> bool:
        """The same of what has a moment alone: whether it is no older than the arrival."""
        return self.arrival is not None and since >= self.arrival.begun_at


def place_of(folder: Path) -> str:
    """A folder as arrivals are found again by it."""
    return clean(folder.absolute(), 1024)


def begin_arrival(place: str, mapping: str, *, by: Actor) -> Arrival:
    """Open an arrival, with the delivery to which its recordings belong."""
    with change(events.ARRIVAL_BEGUN, by=by) as entry:
        now = clock.now()
        ingest = begin_ingest(place, by=by)
        number = numbers.next_numbers("A", now.astimezone(agency().tz).year)[0]
        found = Arrival(number=number, place=place, mapping=mapping, begun_at=now, ingest=ingest)
        found.save(force_insert=True)
        entry.about(found, arrival_id=found.pk, ingest_id=ingest.pk, mapping=mapping)
    return found


def end_arrival(run: Run, *, by: Actor) -> Arrival:
    """Close an arrival with its report, whose bytes lie in the stores before the change that names them."""
    arrival, counts = run.opened(), report.counted(run.lines)
    with tempfile.TemporaryFile() as file:
        report.write(run.lines, file)
        file.seek(0)
        blob = blobs.store().put(file)
    with change(events.ARRIVAL_ENDED, by=by) as entry:
        arrival = arrivals.locked_arrival(arrival.pk)
        move(arrival, Arrival.Status.ENDED)
        arrival.ended_at, arrival.counts = clock.now(), counts
        arrival.report_sha256, arrival.report_size = blob.sha256, blob.size
        arrival.save()
        confirm_copies(blob)
        end_ingest(arrival.ingest, run.counts, by=by)
        sentence = _("{number} is here: see what arrived and what did not.").format(number=arrival.number)
        keepers = [member.pk for member in department.members_holding(Role.BWC_UNIT)]
        notify(keepers, sentence, reverse("arrival", args=[arrival.pk]))
        entry.about(
            arrival,
            arrival_id=arrival.pk,
            arrived=report.total(counts, Outcome.ARRIVED),
            here=report.total(counts, Outcome.HERE),
            not_arrived=report.total(counts, Outcome.NOT),
            unclaimed=report.total(counts, Outcome.UNCLAIMED),
            report_sha256=f"sha256:{blob.sha256}",
            report_size=blob.size,
        )
    return arrival


def name_of(run: Run, path: Path) -> str:
    """A file by its place in the folder."""
    return clean(path.relative_to(run.folder), 1024)
