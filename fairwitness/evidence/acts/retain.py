"""Deciding how long recordings are kept: away from today at once, nearer only by a dry run that two people stood for."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import QuerySet

from fairwitness.evidence import events
from fairwitness.evidence.doors import keeping
from fairwitness.evidence.doors.keeping import Decision, Rules
from fairwitness.evidence.models import Categorisation, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.models import require_change
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
    first, keys = list[Retention](), list[uuid.UUID]()
    if allowed is None:
        # Most are as they were. Whoever would change is found without a lock, and asked again under it.
        first, keys = _would_change(recordings, rules)
    else:
        keys = list(recordings.values_list("pk", flat=True))
    found = Written()
    with suppress(_NothingLeft), change(events.RETENTION_DECIDED, by=by) as entry:
        found = _decide_locked(first, keys, rules, allowed or {})
        if not found.every:
            raise _NothingLeft
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


class _NothingLeft(Exception):
    """Nothing is to be written after all."""


def _would_change(recordings: "QuerySet[Recording]", rules: Rules) -> tuple[list[Retention], list[uuid.UUID]]:
    """The rows of recordings that have none, and the keys of those whose row would change; nothing is locked."""
    decided = keeping.decide(recordings, rules)
    found = _compare({row.recording_id: row for row in _rows(decided)}, decided, {})
    return found.first, [row.recording_id for row in found.changed]


def _rows(decided: Mapping[uuid.UUID, Decision]) -> "QuerySet[Retention]":
    rows = Retention.objects.all()
    return rows.filter(recording__in=list(decided)) if len(decided) < BATCH else rows


def retain_now(
    recording_ids: Collection[uuid.UUID], by_rules: Rules | None = None
) -> dict[uuid.UUID, Retention]:
    """In the open change: decide about recordings whose categories or clock just changed. Answers the rows now."""
    rules = by_rules or keeping.rules_now()
    sealed = Recording.objects.filter(pk__in=recording_ids, status=Recording.Status.SEALED)
    first, _changed = _would_change(sealed.filter(retention=None), rules)
    _decide_locked(first, recording_ids, rules, {})
    return {row.recording_id: row for row in Retention.objects.filter(recording__in=recording_ids)}


def _decide_locked(
    first: list[Retention],
    keys: Collection[uuid.UUID],
    rules: Rules,
    allowed: Mapping[uuid.UUID, dt.date],
) -> Written:
    """Write first rows; lock those of `keys`, and decide only then: by what stands once whoever was before us is done.

    Two who categorise siblings at once wait here for one another, and the second sees what the first did.
    """
    begun = _begin(first)
    kept = {row.recording_id for row in begun}
    # Who got a row from somebody else meanwhile is asked again too.
    keys = sorted({*keys, *(row.recording_id for row in first)} - kept)
    old = _locked(keys)
    # Rows that were locked are all there are of these: nobody else writes them before our change ends.
    asked = Recording.objects.filter(pk__in=list(old), status=Recording.Status.SEALED)
    changed = _compare(old, keeping.decide(asked, rules) if old else {}, allowed)
    write(changed)
    return Written(begun, changed.changed)


def _begin(first: list[Retention]) -> list[Retention]:
    """Write the first rows of recordings that nobody is at work on, and answer those; others get theirs from whoever is.

    Nothing is waited for, so that two who bring rows of the same recordings never wait for one another.
    """
    found, first = list[Retention](), sorted(first, key=lambda row: row.recording_id)
    for start in range(0, len(first), BATCH):
        part = first[start : start + BATCH]
        recordings = Recording.objects.filter(pk__in=[row.recording_id for row in part])
        free = recordings.select_for_update(of=("self",), skip_locked=True, no_key=True).order_by("pk")
        keys = set(free.values_list("pk", flat=True))
        part = [row for row in part if row.recording_id in keys]
        Retention.objects.bulk_create(part, ignore_conflicts=True)
        ours = set(Retention.objects.filter(pk__in=[row.pk for row in part]).values_list("pk", flat=True))
        found += [row for row in part if row.pk in ours]
    return found


def _locked(keys: list[uuid.UUID]) -> dict[uuid.UUID, Retention]:
    """The rows of these recordings, locked in the order of their keys."""
    found = {}
    for start in range(0, len(keys), BATCH):
        rows = Retention.objects.filter(recording__in=keys[start : start + BATCH])
        for row in rows.select_for_update(of=("self",)).order_by("recording_id"):
            found[row.recording_id] = row
    return found


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


# A CASE for each row and column, as bulk_update writes it, is much longer text to plan; the guard of records and the
# statement triggers see this as they see that.
_MOVE = """
UPDATE evidence_retention AS kept
   SET state = new.state, starts = new.starts, due_on = new.due_on, at_most_on = new.at_most_on,
       category = new.category, rule = new.rule, version_id = new.version_id, nearer_on = new.nearer_on,
       promised_on = new.promised_on, decided_at = new.decided_at, written_by = %s
  FROM unnest(%s::uuid[], %s::text[], %s::timestamptz[], %s::date[], %s::date[], %s::text[], %s::text[], %s::uuid[],
              %s::date[], %s::date[], %s::timestamptz[])
       AS new(id, state, starts, due_on, at_most_on, category, rule, version_id, nearer_on, promised_on, decided_at)
 WHERE kept.id = new.id
"""


def write(found: Written) -> None:
    """Write the rows, in the open change."""
    Retention.objects.bulk_create(found.first, batch_size=BATCH)
    entry_id = require_change("deciding until when recordings are kept")
    with connection.cursor() as cursor:
        for start in range(0, len(found.changed), 5 * BATCH):
            rows = [
                (r.pk, str(r.state), r.starts, r.due_on, r.at_most_on, r.category, r.rule, r.version_id)
                + (r.nearer_on, r.promised_on, r.decided_at)
                for r in found.changed[start : start + 5 * BATCH]
            ]
            cursor.execute(_MOVE, [entry_id, *(list(column) for column in zip(*rows, strict=True))])


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
