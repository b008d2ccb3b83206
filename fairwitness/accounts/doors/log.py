"""The doors to the sign-in log: its page, and the journal of all that happened for a collector (CJIS AU-2, AU-7)."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan

from fairwitness.accounts.doors.reach import check_may
from fairwitness.accounts.models import SignInLog
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject

DAY = dt.timedelta(days=1)
BATCH = 1000
# Entries that tell of what was not done; every other was. By name: rooms above this one declare some of them.
NOT_DONE = {
    "department.sign_in_failed": SignInLog.Outcome.FAILED,
    "accounts.token_refused": SignInLog.Outcome.REFUSED,
    "evidence.upload_refused": SignInLog.Outcome.REFUSED,
    "uploads.refused": SignInLog.Outcome.REFUSED,
}
RowT = TypeVar("RowT", bound=Model)


@dataclass(frozen=True)
class LogSought:
    """What the log is narrowed to; days are UTC, both included; what is empty does not narrow."""

    since: dt.date | None = None
    until: dt.date | None = None
    event: str = ""
    outcome: str = ""
    member_id: uuid.UUID | None = None
    address: str = ""


def list_log(actor: Actor, sought: LogSought) -> QuerySet[SignInLog]:
    """The lines that are sought. Raises Forbidden."""
    check_may(actor, "read_sign_in_log")
    lines = SignInLog.objects.all()
    if sought.since:
        lines = lines.filter(at__gte=agency().midnight(sought.since))
    if sought.until:
        lines = lines.filter(at__lt=agency().midnight(sought.until) + DAY)
    exactly = {"event": sought.event, "outcome": sought.outcome, "member": sought.member_id}
    exactly["address"] = sought.address
    return lines.filter(**{name: value for name, value in exactly.items() if value})


@dataclass(frozen=True)
class Happened:
    """One thing that happened, of the ledger or of the sign-in log, with what AU-3 asks for: ids, never names."""

    log: str
    id: str
    at: dt.datetime
    event: str
    outcome: str
    actor: str
    more: dict[str, Any]

    def plain(self) -> dict[str, Any]:
        """For JSON: the moment in UTC with microseconds, what there is none of left out."""
        first = {"log": self.log, "id": self.id, "at": clock.rfc3339(self.at), "event": self.event}
        return {**first, "outcome": self.outcome, "actor": self.actor, **self.more}


def happened(since: dt.datetime, until: dt.datetime) -> Iterator[Happened]:
    """All that was written into ledger and sign-in log from `since` up to, but not including, `until`, in order.

    For the operator's command alone; it is read BATCH by BATCH, so that memory stays flat.
    """
    entries = (each for rows in _batches(Entry.objects.all(), since, until) for each in _entries(rows))
    lines = (each for rows in _batches(SignInLog.objects.all(), since, until) for each in _lines(rows))
    return merge(entries, lines, key=lambda each: each.at)


def _batches(rows: QuerySet[RowT], since: dt.datetime, until: dt.datetime) -> Iterator[list[RowT]]:
    rows = rows.filter(at__gte=since, at__lt=until).order_by("at", "pk")
    batch = list(rows[:BATCH])
    while batch:
        yield batch
        last = (batch[-1].at, batch[-1].pk)  # type: ignore[attr-defined]
        batch = list(rows.filter(TupleGreaterThan(Tuple("at", "pk"), last))[:BATCH])


def oldest() -> dt.datetime | None:
    """When the first of all that is kept happened."""
    first = [
        rows.order_by("at").values_list("at", flat=True).first()
        for rows in (Entry.objects, SignInLog.objects)
    ]
    return min((at for at in first if at), default=None)


def _entries(rows: list[Entry]) -> Iterator[Happened]:
    ids = [row.id for row in rows]
    facts = dict(EntryPrivate.objects.filter(entry_id__in=ids).values_list("entry_id", "facts"))
    about: dict[uuid.UUID, list[str]] = {}
    found = EntrySubject.objects.filter(entry_id__in=ids).order_by("kind", "subject")
    for entry_id, kind, subject in found.values_list("entry_id", "kind", "subject"):
        about.setdefault(entry_id, []).append(f"{kind}:{subject}")
    for row in rows:
        more: dict[str, Any] = {"subjects": about.get(row.id, [])}
        if row.id in facts:  # erased by rule otherwise
            more["facts"] = facts[row.id]
        if row.caused_by:
            more["caused_by"] = str(row.caused_by)
        outcome = str(NOT_DONE.get(row.event, SignInLog.Outcome.DONE))
        yield Happened("ledger", str(row.id), row.at, row.event, outcome, row.actor, more)


def _lines(rows: list[SignInLog]) -> Iterator[Happened]:
    for row in rows:
        said = {
            "member": row.member,
            "address": row.address,
            "device": row.device,
            "session": row.session,
            "seconds": row.seconds,
            "detail": row.detail,
            "entry": row.entry,
        }
        more = {
            name: str(value) if isinstance(value, uuid.UUID) else value
            for name, value in said.items()
            if value not in (None, "")
        }
        yield Happened("sign_in", str(row.pk), row.at, row.event, row.outcome, row.actor, more)
