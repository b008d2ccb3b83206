"""What a change of the rules would make due: recording by recording, month by month, against everything that holds."""

import datetime as dt
import gc
import io
import json
import uuid
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import attrgetter
from typing import IO, Any, NamedTuple

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.doors import holds, keeping, preservation
from fairwitness.evidence.doors.reach import far
from fairwitness.evidence.models import DryRun, Recording, Retention
from fairwitness.kernel import blobs, jobs
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.policy.models import Version

# Over so many recordings a dry run is made while somebody waits for the page; over more by a job.
AT_ONCE = 2000
MAKING = "evidence.make_dry_run"
# Beyond so many months a picture shows one bar for all that follow.
MONTHS = 36
_as_json = json.JSONEncoder(sort_keys=True, separators=(",", ":")).encode
LATER = "later"
NEVER = "never"


class Line(NamedTuple):
    """One recording that would be due sooner: until when it is kept now, and would be; what keeps it all the same."""

    recording_id: uuid.UUID
    number: str
    was: dt.date | None
    would_be: dt.date
    category: str
    rule: str
    holds: tuple[str, ...] = ()
    # Siblings that would be kept longer than this one.
    siblings: int = 0
    # Residents' requests that may mean it, and that nobody has matched yet.
    requests: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """As the list keeps it: numbers and days, no names."""
        return {
            "recording": str(self.recording_id),
            "number": self.number,
            "was": self.was.isoformat() if self.was else None,
            "would_be": self.would_be.isoformat(),
            "category": self.category,
            "rule": self.rule,
            "holds": list(self.holds),
            "requests": list(self.requests),
            "siblings_kept_longer": self.siblings,
        }


@dataclass
class Tried:
    """What a change would do: the recordings that would be due sooner, counts, and how many fall due in each month."""

    lines: list[Line] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    months: list[dict[str, Any]] = field(default_factory=list)

    def write_to(self, file: IO[bytes]) -> None:
        """Write the whole list as JSON lines, in the order of the recordings' numbers."""
        for line in sorted(self.lines, key=attrgetter("number")):
            file.write(f"{_as_json(line.as_json())}\n".encode())


def tried(recordings: "QuerySet[Recording]", rules: keeping.Rules) -> Tried:
    """What `rules` would do to the dates of these recordings, and nothing is written."""
    with _all_at_once():
        return _tried(recordings, rules)


@contextmanager
def _all_at_once() -> Iterator[None]:
    """Within the block nobody looks for garbage: there is none before the end, and looking takes a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _tried(recordings: "QuerySet[Recording]", rules: keeping.Rules) -> Tried:
    decided = keeping.decide(recordings, rules)
    rows = _rows_of(decided)
    lines = [
        Line(
            pk,
            decision.number,
            row.due_on if row else None,
            decision.due_on,
            decision.category,
            decision.cited.rule.id,
        )
        for pk, decision in decided.items()
        if decision.due_on and _sooner(row := rows.get(pk), decision.due_on)
    ]
    lines = _checked(lines, decided)
    return Tried(
        lines, _counts(lines, decided, rows), _months(decided, rows, {line.recording_id for line in lines})
    )


class Now(NamedTuple):
    """Until when a recording is kept now."""

    state: str
    due_on: dt.date | None


def _rows_of(decided: Mapping[uuid.UUID, keeping.Decision]) -> dict[uuid.UUID, Now]:
    rows = Retention.objects.all()
    if len(decided) < holds.FEW:
        rows = rows.filter(recording__in=list(decided))
    found = rows.values_list("recording", "state", "due_on").iterator(chunk_size=5000)
    return {pk: Now(state, due_on) for pk, state, due_on in found}


def _sooner(row: Now | None, would_be: dt.date) -> bool:
    """Whether that is sooner than the day until which it is kept; nothing is sooner than what was never decided."""
    return (
        row is not None and row.state != Retention.State.DOUBTFUL and would_be < (row.due_on or dt.date.max)
    )


def _checked(lines: list[Line], decided: Mapping[uuid.UUID, keeping.Decision]) -> list[Line]:
    """The lines with what keeps each recording all the same: holds, requests, and siblings that stay longer."""
    held = holds.holds_over([line.recording_id for line in lines])
    asked = preservation.asked_for([line.recording_id for line in lines])
    mates = _longer_mates(lines, decided)
    return [
        line._replace(
            holds=tuple(hold.number for hold in held.get(line.recording_id, [])),
            siblings=mates[line.recording_id],
            requests=tuple(asked.get(line.recording_id, [])),
        )
        if line.recording_id in held or line.recording_id in asked or mates[line.recording_id]
        else line
        for line in lines
    ]


def _longer_mates(lines: list[Line], decided: Mapping[uuid.UUID, keeping.Decision]) -> Counter[uuid.UUID]:
    """How many siblings of each would stay longer, among the recordings that were tried."""
    wanted = {line.recording_id: line.would_be for line in lines}
    mates: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for pk, decision in decided.items():
        for incident_id in decision.incidents:
            mates[incident_id].add(pk)
    found: Counter[uuid.UUID] = Counter()
    for of in mates.values():
        days = sorted(decided[pk].sooner_than for pk in of)
        for pk in of & wanted.keys():
            found[pk] += len(days) - bisect_right(days, wanted[pk])
    return found


def _counts(
    lines: list[Line], decided: Mapping[uuid.UUID, keeping.Decision], rows: Mapping[uuid.UUID, Now]
) -> dict[str, int]:
    today = department.today()
    due = [line for line in lines if line.would_be < today]
    later = sum(
        pk in rows and decision.sooner_than > (rows[pk].due_on or dt.date.max)
        for pk, decision in decided.items()
    )
    return {
        "considered": len(decided),
        "sooner": len(lines),
        "later": later,
        "due_at_once": len(due),
        "due_but_held": sum(bool(line.holds or line.requests) for line in due),
        "siblings_kept_longer": sum(bool(line.siblings) for line in lines),
    }


def _months(
    decided: Mapping[uuid.UUID, keeping.Decision],
    rows: Mapping[uuid.UUID, Now],
    sooner: set[uuid.UUID],
) -> list[dict[str, Any]]:
    """How many recordings fall due in each month, as things are and as they would be."""
    days: Counter[tuple[dt.date | None, dt.date | None]] = Counter()
    for pk, decision in decided.items():
        row = rows.get(pk)
        now = row.due_on if row else decision.due_on
        days[now, decision.due_on if pk in sooner or row is None else _later(row, decision)] += 1
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    for (now, then), count in days.items():
        before[_month(now)] += count
        after[_month(then)] += count
    keys = sorted(set(before) | set(after), key=lambda key: (key == NEVER, key))
    return _bounded([{"month": key, "before": before[key], "after": after[key]} for key in keys])


def _later(row: Now, decision: keeping.Decision) -> dt.date | None:
    """What moves away does so at once; the later of both days, where None is beyond all."""
    later = max(row.due_on or dt.date.max, decision.sooner_than)
    return None if later == dt.date.max else later


def _month(day: dt.date | None) -> str:
    return f"{day:%Y-%m}" if day else NEVER


def _bounded(months: list[dict[str, Any]]) -> list[dict[str, Any]]:
    dated = [each for each in months if each["month"] != NEVER]
    never = [each for each in months if each["month"] == NEVER]
    rest = dated[MONTHS:]
    if rest:
        total = {key: sum(each[key] for each in rest) for key in ("before", "after")}
        dated = [*dated[:MONTHS], {"month": LATER, **total}]
    return dated + never


def falls_due() -> list[dict[str, Any]]:
    """How many recordings fall due in each month, as things are."""
    found: dict[str, int] = defaultdict(int)
    rows = Retention.objects.filter(recording__status="sealed").order_by().values_list("due_on")
    for day, count in rows.annotate(count=Count("id")):
        found[_month(day)] += count
    keys = sorted(found, key=lambda key: (key == NEVER, key))
    return _bounded([{"month": key, "before": found[key], "after": found[key]} for key in keys])


def considered() -> "QuerySet[Recording]":
    """The recordings that a change of the policy may touch: all that are sealed."""
    return Recording.objects.filter(status=Recording.Status.SEALED)


def waiting() -> "QuerySet[Recording]":
    """The recordings that the rules in force would let go sooner than they are kept."""
    return considered().filter(retention__nearer_on__isnull=False)


def under(version: Version, since: dt.date | None = None, until: dt.date | None = None) -> Tried:
    """What-if: what a version would have done to the recordings made from `since` to before `until`, days of the agency.

    Without them to all; nothing is written.
    """
    return tried(made_in(since, until), keeping.rules_under(version))


def made_in(since: dt.date | None, until: dt.date | None) -> "QuerySet[Recording]":
    """The recordings that a change may touch, made from `since` to before `until`, where these are given."""
    rows = considered()
    if since:
        rows = rows.filter(started__gte=agency().midnight(since))
    if until:
        rows = rows.filter(started__lt=agency().midnight(until))
    return rows


def being_made(version_id: uuid.UUID | None) -> Any:
    """The job that makes a dry run of this version, or, without one, of recordings; None where there is none.

    It waits, runs or failed, since `since`; what was cancelled is as if nobody had asked.
    """
    wanted = str(version_id or "")
    found = (job for job in jobs.jobs(task=MAKING) if jobs.arguments(job).get("version_id") == wanted)
    return next((job for job in found if job.status != "cancelled"), None)


def open_run(version: Version | None) -> DryRun | None:
    """The dry run of this text, or, without a version, of recordings that somebody has yet to decide, or that waits."""
    rows = DryRun.objects.filter(status__in=DryRun.OPEN)
    of = {"version": version, "digest": version.digest} if version else {"cause": DryRun.Cause.RECORDINGS}
    return rows.filter(**of).order_by("proposed_at").first()


def lock_dry_runs() -> None:
    """Let one at a time propose a dry run: two that are made at once would each find none open."""
    require_change("locking a table")
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE evidence_dryrun IN SHARE ROW EXCLUSIVE MODE")


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `actor` reaches all with `act`: dates are decided for the department as a whole."""
    if actor.kind != "system" and far(actor, act) < Reach.ALL:
        raise Forbidden(_("Your roles do not allow this."), act=act)


def dry_runs(actor: Actor) -> "QuerySet[DryRun]":
    """The dry runs, the latest first, for those who may see how long recordings are kept."""
    rows = DryRun.objects.select_related("version__document", "proposer", "approver").order_by(
        "-proposed_at", "-pk"
    )
    return rows if far(actor, "see_retention") == Reach.ALL else rows.none()


def dry_run(actor: Actor, pk: uuid.UUID) -> DryRun:
    """One of them, or NotFound."""
    found = dry_runs(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def lines_of(run: DryRun) -> Iterator[dict[str, Any]]:
    """The list of a dry run as it was kept, line by line. Raises NotFound where no store has it."""
    with blobs.store().open(run.list_sha256) as file:
        for text in io.TextIOWrapper(io.BufferedReader(file), encoding="utf-8"):
            yield json.loads(text)


def names(ids: Any) -> Mapping[uuid.UUID, str]:
    """Dry runs by number, for histories."""
    return dict(DryRun.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
