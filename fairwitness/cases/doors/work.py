"""What is noted in a case, to be done, and before a court; and what of it waits for one person."""

import datetime as dt
import uuid
from typing import TypeVar

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases.doors.reach import case, narrowed
from fairwitness.cases.models import Case, CaseMember, CaseNote, CourtDate, Person, Task
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import NotFound

RowT = TypeVar("RowT", Person, CaseNote, Task, CourtDate)
# So far ahead a court date is said on the home page.
AHEAD = dt.timedelta(days=14)


def row_for(model: type[RowT], actor: Actor, pk: uuid.UUID, act: str, *, lock: bool = False) -> RowT:
    """A person, note, task or court date of a case, for one act with the case. Raises NotFound, Forbidden."""
    row = model.objects.filter(pk=pk).first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    row.case = case(actor, row.case_id, act, lock=lock)
    row.refresh_from_db()
    return row


def persons_of(found: Case) -> list[Person]:
    """Whom a case is about, by their parts."""
    rows = found.persons.filter(withdrawn_at=None).order_by("added_at", "id")
    order = list(Person.Role.values)
    return sorted(rows, key=lambda row: order.index(row.role))


def notes_of(found: Case) -> list[CaseNote]:
    """What is noted in a case, the latest first."""
    rows = found.notes.filter(withdrawn_at=None).select_related("author")
    return list(rows.order_by("-made_at", "-id"))


def tasks_of(found: Case) -> list[Task]:
    """What is to be done, what is due first standing first; then what was done, the latest first."""
    rows = list(found.tasks.filter(withdrawn_at=None).select_related("member", "done_by"))
    left = sorted(
        (row for row in rows if not row.done_at), key=lambda row: (row.due or dt.date.max, row.made_at)
    )
    done = sorted((row for row in rows if row.done_at), key=lambda row: row.done_at or row.made_at)
    return [*left, *reversed(done)]


def court_dates_of(found: Case) -> list[CourtDate]:
    """When a case is or was before a court, in order of time."""
    return list(found.court_dates.filter(withdrawn_at=None).order_by("at", "id"))


def tasks_for(actor: Actor) -> QuerySet[Task]:
    """What the actor is to do in the open cases that they may find, what is due first standing first."""
    rows = Task.objects.filter(member=actor.member_id, done_at=None, withdrawn_at=None)
    theirs = narrowed(actor).filter(pk=OuterRef("case"), status=Case.Status.OPEN)
    return rows.filter(Exists(theirs)).select_related("case").order_by("due", "made_at", "id")


def court_dates_for(actor: Actor) -> QuerySet[CourtDate]:
    """The court dates to come within AHEAD, and those past whose outcome is not noted, of the actor's own open cases."""
    mine = CaseMember.objects.filter(case=OuterRef("case"), member=actor.member_id, until=None)
    theirs = narrowed(actor).filter(pk=OuterRef("case"), status=Case.Status.OPEN)
    rows = CourtDate.objects.filter(Exists(mine), Exists(theirs), withdrawn_at=None, outcome_at=None)
    return rows.filter(at__lt=clock.now() + AHEAD).select_related("case").order_by("at", "id")
