"""The doors to incidents, to what is known of their events, and to the reports about them."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncMonth, Upper
from django.utils.translation import gettext as _

from fairwitness.incidents.doors.reach import check_may, may, reach_of
from fairwitness.incidents.models import Event, Incident, Report, Response, number_key
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change
from fairwitness.kernel.one import one
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach


def may_list(actor: Actor) -> bool:
    """Whether the list of incidents is open to `actor`, be it only with those that they responded to."""
    return reach_of(actor, "find") >= Reach.OWN


def may_count(actor: Actor) -> bool:
    """Whether `actor` may see how many there are."""
    return may(actor, "count")


def narrowed(actor: Actor, act: str = "find") -> QuerySet[Incident]:
    """The incidents with which `actor` may do `act`. Never locks."""
    far = reach_of(actor, act)
    if far == Reach.ALL:
        return Incident.objects.all()
    if far == Reach.OWN:
        theirs = Response.objects.filter(member=actor.member_id, event__replaced_by=None)
        return Incident.objects.filter(Exists(theirs.filter(event__incident=OuterRef("pk"))))
    return Incident.objects.none()


def incident(actor: Actor, pk: uuid.UUID, act: str = "find", *, lock: bool = False) -> Incident:
    """One incident for one act. NotFound where the actor may not even find it, Forbidden where they may.

    With `lock` the row is locked first and checked after.
    """
    if lock:
        require_change("locking an incident")
        Incident.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = one(narrowed(actor) if actor.kind == "member" else Incident.objects.all(), pk)
    if not narrowed(actor, act).filter(pk=pk).exists():
        raise Forbidden(_("You can find this incident, but your role does not let you do this with it."))
    return found


def number_asked(text: str) -> Upper | None:
    """What somebody wrote for a number, to be compared with `number_key`; None where it can be no number."""
    number = text.strip()
    if not number or "\0" in number or any("\ud800" <= character <= "\udfff" for character in number):
        return None
    return number_key(Value(number))


def incident_by_number(text: str) -> Incident | None:
    """The incident with this number, whoever asks; or None. Its own number never has outer spaces."""
    asked = number_asked(text)
    if asked is None:
        return None
    return Incident.objects.alias(key=Upper("number")).filter(key=asked).first()


@dataclass(frozen=True)
class Sought:
    """What a list of incidents is narrowed to; what is empty does not narrow. Days are the agency's, both included."""

    text: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    kind: str = ""
    critical: bool | None = None


def list_incidents(actor: Actor, sought: Sought) -> QuerySet[Incident]:
    """The incidents that `actor` may find and that are sought. Raises Forbidden where the list is not open to them."""
    check_may(actor, "find")
    found = narrowed(actor).filter(_words(sought.text))
    if sought.since:
        found = found.filter(opened__gte=_midnight(sought.since))
    if sought.until and sought.until < dt.date.max:
        found = found.filter(opened__lt=_midnight(sought.until + dt.timedelta(days=1)))
    if sought.kind:
        found = found.filter(kind=sought.kind)
    if sought.critical is not None:
        found = found.filter(critical=sought.critical)
    return found


def beyond(found: QuerySet[Incident], key: uuid.UUID | None) -> QuerySet[Incident]:
    """Of a list latest first, what comes after the incident with this key; all of it where there is none."""
    at = found.filter(pk=key).values_list("opened", "pk").first() if key else None
    return found.filter(Q(opened__lt=at[0]) | Q(opened=at[0], pk__lt=at[1])) if at else found


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), agency().tz)


def _words(text: str) -> Q:
    """Every word of `text` is part of number, kind or place."""
    found = Q()
    for word in text.replace("\0", " ").split()[:8]:
        found &= Q(number__icontains=word) | Q(kind__icontains=word) | Q(place__icontains=word)
    return found


def kinds() -> list[str]:
    """The kinds that occur, most frequent first, at most 200."""
    rows = Incident.objects.exclude(kind="").order_by().values("kind").annotate(n=Count("id"))
    return [row["kind"] for row in rows.order_by("-n", "kind")[:200]]


def events_of(found: Incident) -> list[Event]:
    """Every version of every event that is or was this incident's, in order of number and version."""
    events = Event.objects.filter(incident=found).select_related("incident", "replaced_by__incident")
    return list(events.prefetch_related("responses__member").order_by("number", "version"))


def reports_of(found: Incident) -> list[Report]:
    """The reports about an incident, withdrawn ones among them, in the order in which they were filed."""
    return list(found.reports.select_related("author").order_by("filed_at", "id"))


def report_for(actor: Actor, pk: uuid.UUID, act: str) -> Report:
    """One report, for one act on its incident. Raises NotFound or Forbidden."""
    check_may(actor, act)
    return one(Report.objects.select_related("incident"), pk)


def counts(actor: Actor) -> Mapping[str, Any]:
    """Counts and nothing else. Raises Forbidden where the actor may not count."""
    check_may(actor, "count")
    rows = Incident.objects.order_by()
    return {
        "total": rows.count(),
        "critical": rows.filter(critical=True).count(),
        "cancelled": Event.objects.filter(replaced_by=None, cancelled=True).count(),
        "by_month": list(
            rows.annotate(month=TruncMonth("opened", tzinfo=agency().tz))
            .values("month")
            .annotate(n=Count("id"))
            .order_by("-month")[:24][::-1]
        ),
        "by_report": list(
            Report.objects.filter(withdrawn_at=None)
            .order_by()
            .values("kind")
            .annotate(n=Count("id"))
            .order_by("kind")
        ),
    }


def incident_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Incidents by number, for histories."""
    return dict(Incident.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def event_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Dispatch events by number and version, for histories."""
    return {event.pk: str(event) for event in Event.objects.filter(pk__in=list(ids))}


def report_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Reports by number, for histories."""
    return dict(Report.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def lock_by_numbers(numbers: Iterable[str]) -> dict[str, Incident]:
    """Incidents by their numbers in capitals, locked until the change ends; in one query."""
    require_change("locking incidents")
    wanted = {number.upper() for number in numbers}
    rows = Incident.objects.alias(capitals=Upper("number")).filter(capitals__in=wanted)
    return {row.number.upper(): row for row in rows.select_for_update(of=("self",)).order_by("pk")}


@dataclass(frozen=True)
class Attached:
    """Something of a higher room that belongs to an incident, such as a recording; times place it on the picture.

    `adrift`: its times cannot be right beside the others, such as those of a clock set to another year.
    """

    label: str
    url: str
    begin: dt.datetime
    end: dt.datetime | None
    words: str = ""
    member_id: uuid.UUID | None = None
    adrift: bool = False


# What higher rooms know of an incident, narrowed to who asks: filled by site/naming.py, which alone knows every room.
ATTACHED: list[Callable[[Actor, Incident], Iterable[Attached]]] = []


def attached_to(actor: Actor, found: Incident) -> list[Attached]:
    """Everything of higher rooms that belongs to an incident and that `actor` may find, in order of time."""
    return sorted((each for ask in ATTACHED for each in ask(actor, found)), key=lambda each: each.begin)


@dataclass(frozen=True)
class Beside:
    """What a higher room shows beside an incident: a heading, things with their addresses, and one act that it offers."""

    title: str
    rows: Sequence[tuple[str, str, str]]
    empty: str
    act: tuple[str, str] | None = None


# Filled by site/naming.py likewise; whoever has nothing to show to who asks answers None.
BESIDE: list[Callable[[Actor, Incident], Beside | None]] = []


def beside(actor: Actor, found: Incident) -> list[Beside]:
    """What higher rooms show to `actor` beside an incident."""
    return [each for ask in BESIDE if (each := ask(actor, found))]


# How higher rooms show together what is attached, as (words, address): filled by site/naming.py likewise.
TOGETHER: list[Callable[[Actor, Incident], Iterable[tuple[str, str]]]] = []


def together(actor: Actor, found: Incident) -> list[tuple[str, str]]:
    """The ways to look at what is attached to an incident together, for those who may."""
    return [each for ask in TOGETHER for each in ask(actor, found)]


# What higher rooms let somebody do with an incident, as (words, address): filled by site/naming.py likewise.
OFFERED: list[Callable[[Actor, Incident], Iterable[tuple[str, str]]]] = []


def offered(actor: Actor, found: Incident) -> list[tuple[str, str]]:
    """What higher rooms let `actor` do with an incident."""
    return [each for ask in OFFERED for each in ask(actor, found)]
