"""Deciding how long recordings are kept: away from today at once, nearer only by a dry run that two people stood for."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import QuerySet

from fairwitness.evidence import events
from fairwitness.evidence.doors import keeping
from fairwitness.evidence.doors.keeping import Decision, Rules
from fairwitness.evidence.models import Categorisation, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.policy import doors as policy
from fairwitness.rules.canonical import canonical, named_digest

# So many rows are written at a time.
BATCH = 2000
State = Retention.State


@dataclass
class Written:
    """What became of the recordings that were looked at."""

    first: list[Retention] = field(default_factory=list)
    changed: list[Retention] = field(default_factory=list)

    @property
    def every(self) -> list[Retention]:
        return self.first + self.changed


def decide_retention(
    recordings: "QuerySet[Recording]", *, by: Actor, allowed: Mapping[uuid.UUID, dt.date] | None = None
) -> Written:
    """Decide about recordings by the rules in force: one entry for all whose row changes, none where none does.

    `allowed` has the nearer days that a dry run was approved for: down to such a day a date may come nearer.
    Recordings with a label that the policy maps, and without any category ever, get that category first.
    """
    rules = keeping.rules_now()
    decided = keeping.decide(recordings, rules)
    old = {row.recording_id: row for row in _rows(decided)}
    found = _compare(old, decided, allowed or {})
    if not found.every:
        return found
    with change(events.RETENTION_DECIDED, by=by) as entry:
        write(found)
        for row in found.every:
            entry.mention("evidence.recording", row.recording_id)
        entry.about(
            count=len(found.every),
            first=len(found.first),
            changed=len(found.changed),
            nearer=sum(row.nearer_on is not None for row in found.every),
            list_sha256=list_digest(found.every),
        )
    return found


def _rows(decided: Mapping[uuid.UUID, Decision]) -> "QuerySet[Retention]":
    rows = Retention.objects.all()
    return rows.filter(recording__in=list(decided)) if len(decided) < BATCH else rows


def retain_now(
    recording_ids: Collection[uuid.UUID], by_rules: Rules | None = None
) -> dict[uuid.UUID, Retention]:
    """In the open change: decide about recordings whose categories or clock just changed. Answers the rows now."""
    decided = keeping.decide(
        Recording.objects.filter(pk__in=recording_ids, status=Recording.Status.SEALED),
        by_rules or keeping.rules_now(),
    )
    old = {row.recording_id: row for row in Retention.objects.filter(recording__in=list(decided))}
    found = _compare(old, decided, {})
    write(found)
    return {row.recording_id: row for row in [*old.values(), *found.every]}


def _compare(
    old: Mapping[uuid.UUID, Retention],
    decided: Mapping[uuid.UUID, Decision],
    allowed: Mapping[uuid.UUID, dt.date],
) -> Written:
    now, found = clock.now(), Written()
    for pk, decision in decided.items():
        row = old.get(pk)
        if row is None:
            found.first.append(_first(pk, decision, now))
        elif _moved(row, decision, allowed.get(pk), now):
            found.changed.append(row)
    return found


def _first(pk: uuid.UUID, decision: Decision, now: dt.datetime) -> Retention:
    row = Retention(recording_id=pk)
    _set(row, decision, now)
    return row


def _set(row: Retention, decision: Decision, now: dt.datetime, *, safely: bool = True) -> None:
    """Write a decision; `safely` leaves the day that counts from the receipt where the decision has an earlier one."""
    row.state, row.starts, row.due_on = decision.state, decision.starts, decision.due_on
    row.category, row.rule = decision.category, decision.cited.rule.id
    row.version_id = decision.cited.version_id
    row.at_most_on, row.nearer_on, row.decided_at = decision.at_most_on, None, now
    row.promised_on = _or_never(decision.safe_on) if decision.state == State.DOUBTFUL else None
    if safely and decision.state != State.DOUBTFUL and decision.due_on != decision.safe_on:
        row.due_on, row.nearer_on = decision.safe_on, decision.due_on


def _moved(row: Retention, decision: Decision, allowed: dt.date | None, now: dt.datetime) -> bool:
    """Bring a row to what was decided, as far as it may be; whether anything changed."""
    before = _said(row)
    if decision.state == State.DOUBTFUL:
        _doubt(row, decision)
    elif row.state == State.DOUBTFUL:
        _believe(row, decision)
    elif decision.sooner_than < promised(row) and not (allowed and decision.sooner_than >= allowed):
        row.nearer_on, row.at_most_on = decision.due_on, decision.at_most_on
    else:
        _set(row, decision, row.decided_at, safely=False)
    if _said(row) == before:
        return False
    row.decided_at = now
    return True


def promised(row: Retention) -> dt.date:
    """The day from which a recording comes no nearer without a dry run: while in doubt the furthest one before it."""
    if row.state == State.DOUBTFUL:
        # A row from before promises were kept has none yet.
        return row.promised_on or dt.date.min
    return _or_never(row.due_on)


def _doubt(row: Retention, decision: Decision) -> None:
    """Its clock is in doubt: nothing is due, and whatever was promised until now is remembered, with its rule."""
    floor = promised(row)
    if _or_never(decision.safe_on) >= floor:
        _set(row, decision, row.decided_at)
    else:
        row.state, row.starts, row.due_on, row.at_most_on = State.DOUBTFUL, None, None, None
        row.nearer_on, row.promised_on = None, floor


def _believe(row: Retention, decision: Decision) -> None:
    """Its clock is known: as safely as if it were the first day, and no nearer than what was promised in doubt."""
    floor = promised(row)
    if _or_never(decision.safe_on) >= floor:
        _set(row, decision, row.decided_at)
    else:
        row.state = State.FOR_EVER if floor == dt.date.max else State.DATED
        row.due_on = None if floor == dt.date.max else floor
        row.starts, row.at_most_on = decision.starts, decision.at_most_on
        row.nearer_on, row.promised_on = decision.due_on, None


def _or_never(day: dt.date | None) -> dt.date:
    return day or dt.date.max


def _said(row: Retention) -> tuple[object, ...]:
    return (
        *(row.state, row.starts, row.due_on, row.at_most_on, row.category, row.rule),
        *(row.version_id, row.nearer_on, row.promised_on),
    )


def write(found: Written) -> None:
    """Write the rows, in the open change."""
    Retention.objects.bulk_create(found.first, batch_size=BATCH)
    fields = [
        "state",
        "starts",
        "due_on",
        "at_most_on",
        "category",
        "rule",
        "version",
        "nearer_on",
        "promised_on",
        "decided_at",
    ]
    Retention.objects.bulk_update(found.changed, fields, batch_size=BATCH)


def list_digest(rows: Iterable[Retention]) -> str:
    """The digest of what was decided: recording, state, days and rule of each, in the order of their keys."""
    lines = sorted(
        (str(r.recording_id), r.state, str(r.due_on), str(r.nearer_on), r.category, r.rule) for r in rows
    )
    return named_digest(canonical([list(line) for line in lines]))


def categorise_delivered(recordings: "QuerySet[Recording]", *, by: Actor) -> int:
    """Give recordings without any category ever the one to which the policy maps their label as delivered.

    One entry for all of them; labels match without regard to capitals and outer spaces. Answers how many.
    """
    mapped = {
        label.casefold().strip(): (code, cited)
        for code, cited in policy.categories_at().items()
        for label in cited.rule.parameters.delivered  # type: ignore[union-attr]
    }
    rows = recordings.exclude(label="").filter(categorisations=None).values_list("pk", "label")
    now = clock.now()
    made = [
        Categorisation(
            recording_id=pk,
            code=mapped[key][0],
            how=Categorisation.How.DELIVERED,
            version_id=mapped[key][1].version_id,
            since=now,
        )
        for pk, label in rows
        if (key := label.casefold().strip()) in mapped
    ]
    if not made:
        return 0
    with change(events.CATEGORIES_DELIVERED, by=by) as entry:
        Categorisation.objects.bulk_create(made, batch_size=BATCH)
        for row in made:
            entry.mention("evidence.recording", row.recording_id)
        lines = sorted([str(row.recording_id), row.code] for row in made)
        entry.about(count=len(made), list_sha256=named_digest(canonical(lines)))
    return len(made)
