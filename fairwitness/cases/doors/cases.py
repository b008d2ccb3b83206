"""The list of cases, who works on one, the incidents that it is about, and counts."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext as _

from fairwitness.cases.doors.reach import case, check_may, narrowed
from fairwitness.cases.models import Case, CaseIncident, CaseMember, Closing, Item
from fairwitness.department.models import Member
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident, Report
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import NotFound, WrongState


@dataclass(frozen=True)
class Sought:
    """What the list of cases is narrowed to; what is empty does not narrow. Days are the agency's, both included."""

    text: str = ""
    kind: str = ""
    status: str = ""
    mine: bool = False
    since: dt.date | None = None
    until: dt.date | None = None


def list_cases(actor: Actor, sought: Sought) -> QuerySet[Case]:
    """The cases that the actor may find and that are sought. Raises Forbidden where the list is not open to them."""
    check_may(actor, "find")
    found = narrowed(actor).filter(words(sought.text))
    if sought.kind:
        found = found.filter(kind=sought.kind)
    if sought.status:
        found = found.filter(status=sought.status)
    if sought.mine:
        found = found.filter(Exists(_standing().filter(case=OuterRef("pk"), member=actor.member_id)))
    if sought.since:
        found = found.filter(opened_at__gte=agency().midnight(sought.since))
    if sought.until and sought.until < dt.date.max:
        found = found.filter(opened_at__lt=agency().midnight(sought.until + dt.timedelta(days=1)))
    return found


def words(text: str) -> Q:
    """Of cases: every word of `text` is part of its number, title or reference."""
    found = Q()
    for word in text.replace("\0", " ").split()[:8]:
        found &= Q(number__icontains=word) | Q(title__icontains=word) | Q(reference__icontains=word)
    return found


def case_by_number(actor: Actor, text: str, act: str = "find") -> Case:
    """The case of this number with which the actor may do `act`. Raises NotFound."""
    number = text.strip().replace("\0", "")
    found = narrowed(actor, act).filter(number__iexact=number).first() if number else None
    if found is None:
        raise NotFound(_("There is no case of this number with which you may do this."))
    return found


def check_open(found: Case) -> None:
    """Raise WrongState for a case that is closed: nothing is done with it before it is opened again."""
    if found.status != Case.Status.OPEN:
        raise WrongState(_("This case is closed. Open it again first."))


def check_closed(found: Case) -> None:
    """Raise WrongState for a case that is open."""
    if found.status != Case.Status.CLOSED:
        raise WrongState(_("This case is open."))


# Who works on it


def _standing() -> QuerySet[CaseMember]:
    return CaseMember.objects.filter(until=None)


def members_of(found: Case) -> list[CaseMember]:
    """Who works on a case, those who lead it first."""
    rows = found.members.filter(until=None).select_related("member")
    return sorted(rows, key=lambda row: (row.role != CaseMember.Role.LEAD, row.member.family_name))


def closings_of(found: Case) -> list[Closing]:
    """The times at which a case was closed and opened again, the latest first."""
    rows = found.closings.exclude(reopened_at=None).select_related("closed_by", "reopened_by")
    return list(rows.order_by("-closed_at"))


def former_members_of(found: Case) -> list[CaseMember]:
    """Who worked on a case and does no more, the latest first."""
    return list(found.members.exclude(until=None).select_related("member").order_by("-until", "-id"))


def member_row(actor: Actor, pk: uuid.UUID, act: str, *, lock: bool = False) -> CaseMember:
    """Somebody's place in a case, for one act with the case. Raises NotFound, Forbidden."""
    row = CaseMember.objects.filter(pk=pk).select_related("member").first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    row.case = case(actor, row.case_id, act, lock=lock)
    row.refresh_from_db(fields=["until"])
    return row


def leads(found: Case) -> QuerySet[CaseMember]:
    """The places of those who lead a case now."""
    return _standing().filter(case=found, role=CaseMember.Role.LEAD)


def leads_of(cases: Iterable[Case]) -> Mapping[uuid.UUID, list[Member]]:
    """Who leads each of these cases; one query."""
    rows = _standing().filter(case__in=[each.pk for each in cases], role=CaseMember.Role.LEAD)
    found: dict[uuid.UUID, list[Member]] = {}
    for row in rows.select_related("member").order_by("since", "id"):
        found.setdefault(row.case_id, []).append(row.member)
    return found


# What it is about


def links_of(found: Case) -> list[CaseIncident]:
    """The incidents that a case is about, in order of time."""
    rows = found.incidents.filter(withdrawn_at=None).select_related("incident")
    return list(rows.order_by("incident__opened", "id"))


def link_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> CaseIncident:
    """One of those links, for who may change them. Raises NotFound, Forbidden."""
    row = CaseIncident.objects.filter(pk=pk).select_related("incident").first()
    if row is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    row.case = case(actor, row.case_id, "link_incident", lock=lock)
    row.refresh_from_db(fields=["withdrawn_at"])
    return row


def cases_of_incident(actor: Actor, incident: Incident) -> list[Case]:
    """The cases about an incident that the actor may find, the latest first."""
    linked = CaseIncident.objects.filter(case=OuterRef("pk"), incident=incident, withdrawn_at=None)
    return list(narrowed(actor).filter(Exists(linked)).order_by("-opened_at", "-id"))


def cases_of_recording(actor: Actor, recording_id: uuid.UUID) -> list[Case]:
    """The cases that hold a recording and that the actor may find, the latest first."""
    held = Item.objects.filter(case=OuterRef("pk"), recording=recording_id, withdrawn_at=None)
    return list(narrowed(actor).filter(Exists(held)).order_by("-opened_at", "-id"))


def reports_beside(actor: Actor, found: Case) -> list[Report]:
    """The reports about a case's incidents, as the register knows them; withdrawn ones are left out.

    Who sees the case sees those of the incidents and of force. Complaints are for who sees the whole register.
    """
    rows = reports_about(found)
    if not incidents.may(actor, "see_reports"):
        rows = rows.exclude(kind=Report.Kind.COMPLAINT)
    return list(rows)


def reports_about(found: Case) -> "QuerySet[Report]":
    """The reports about a case's incidents that stand, in the order in which they were filed; complaints among them."""
    linked = found.incidents.filter(withdrawn_at=None).values("incident")
    rows = Report.objects.filter(incident__in=linked, withdrawn_at=None).select_related("author", "incident")
    return rows.order_by("filed_at", "id")


def counts(actor: Actor) -> Mapping[str, Any]:
    """Counts and nothing else: by state, by kind, by month. Raises Forbidden where the actor may not count."""
    check_may(actor, "count")
    rows = Case.objects.order_by()
    months = rows.annotate(month=TruncMonth("opened_at", tzinfo=agency().tz)).values("month")
    return {
        "total": rows.count(),
        "open": rows.filter(status=Case.Status.OPEN).count(),
        "items": Item.objects.filter(withdrawn_at=None).count(),
        "by_kind": list(rows.values("kind").annotate(n=Count("id")).order_by("kind")),
        "by_month": list(months.annotate(n=Count("id")).order_by("-month")[:24][::-1]),
    }


def case_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Cases by number, for histories."""
    return dict(Case.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


# What rooms above let somebody do with a case: label and address; filled by the top floor alone (site.naming).
OFFERED: list[Callable[[Actor, Case], Iterable[tuple[str, str]]]] = []


def offered(actor: Actor, found: Case) -> list[tuple[str, str]]:
    """What the rooms above offer the actor on a case's page."""
    return [each for ask in OFFERED for each in ask(actor, found)]
