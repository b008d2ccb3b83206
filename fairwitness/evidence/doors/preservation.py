"""The doors to preservation requests: what they ask for, what matches, who decides, and what is still to be decided."""

import base64
import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Upper
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.doors.holds import covered_by, covering, incidents_covering
from fairwitness.evidence.models import PreservationRequest, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Event, Incident, number_key
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models.content import Hold as HoldParameters
from fairwitness.rules import business_days

Status = PreservationRequest.Status
WAYS = {"number": gettext_lazy("Incident number"), "place": gettext_lazy("Place and time")}
# From one sender so many within an hour are matched at once; each further one later by growing steps.
AT_ONCE = 5
STEPS = (1, 5, 15, 30, 60, 120, 240)
WITHIN = dt.timedelta(hours=1)
# The longest step and two hours more: by then whatever was sent has been looked for.
MATCHED_WITHIN = dt.timedelta(hours=6)
# Words of a place that are looked for.
WORDS = 8
# The figure of requests decided in time looks back so far.
LOOK_BACK = dt.timedelta(days=90)
# So many letters of a reference, five bits each, cannot be guessed.
LETTERS = 12
LONGEST_REFERENCE = 80


def rule() -> tuple[Citation, HoldParameters]:
    """The rule of preservation in force, with its parameters. Raises WrongState where the book has none."""
    cited = policy.the_rule("hold")
    return cited, cited.rule.parameters  # type: ignore[return-value]


def decide_by(received: dt.datetime, days: int) -> dt.date:
    """The last day on which a request that was received then is decided in time, by the agency's holidays."""
    day = received.astimezone(agency().tz).date()
    return business_days.deadline(day, days, business_days.PLACES[agency().holidays])


def delay_of(sender: str, now: dt.datetime) -> dt.timedelta:
    """How long the matching waits of one more request by a sender: not at all, then by growing steps."""
    lately = PreservationRequest.objects.filter(sender=sender, received_at__gt=now - WITHIN).count()
    beyond = lately - AT_ONCE
    return dt.timedelta(minutes=STEPS[min(beyond, len(STEPS) - 1)]) if beyond >= 0 else dt.timedelta()


def incidents_meant(request: PreservationRequest) -> list[Incident]:
    """The incidents that a request names by number, or by place and span."""
    if request.incident_number:
        found = incidents.incident_by_number(request.incident_number)
        return [found] if found else []
    if not (request.place and request.since and request.until):
        return []
    return list(_placed(request, Incident.objects.all()).order_by("opened", "pk"))


def _placed(request: PreservationRequest, found: "QuerySet[Incident]") -> "QuerySet[Incident]":
    """Those of these incidents that were at the place of a request within its span."""
    at_place = Q()
    for word in request.place.split()[:WORDS]:
        events = Event.objects.filter(replaced_by=None, place__icontains=word)
        at_place &= Q(place__icontains=word) | Q(pk__in=events.values("incident"))
    span = Q(opened__lt=request.until, ends__gt=request.since)
    rows = found.annotate(ends=Coalesce("closed", F("opened") + incidents.LONGEST))
    return rows.filter(at_place, span)


def recordings_meant(request: PreservationRequest, found: Iterable[Incident]) -> list[uuid.UUID]:
    """The recordings of these incidents, with those of their units at the scene; and those that came with its number.

    A source says to which incident its recording belongs, often long before dispatch exports it.
    """
    return sorted({pk for incident in found for pk in covered_by(incident.pk)} | _numbered(request))


def _numbered(request: PreservationRequest) -> set[uuid.UUID]:
    asked = incidents.number_asked(request.incident_number)
    if asked is None:
        return set()
    rows = Recording.objects.alias(key=number_key("incident")).filter(
        key=asked, status=Recording.Status.SEALED
    )
    return set(rows.values_list("pk", flat=True))


def left_waiting() -> "QuerySet[PreservationRequest]":
    """The requests that should long be matched, and are not: their job failed, or nobody does it."""
    return waiting().filter(received_at__lt=clock.now() - MATCHED_WITHIN)


def waiting() -> "QuerySet[PreservationRequest]":
    """The requests that nobody has matched yet: the limits put them off, or the job has not come to them."""
    return PreservationRequest.objects.filter(matched_at=None).exclude(status=Status.LIFTED).order_by("pk")


def asking_for(recording: Recording) -> list[PreservationRequest]:
    """The waiting requests that would hold this recording were they matched now; until then it is not erased."""
    rows = waiting()
    if not rows.exists():
        return []
    over = Incident.objects.filter(pk__in=incidents_covering(recording))
    own = Recording.objects.filter(pk=recording.pk).exclude(incident="")
    keys = [
        *over.annotate(key=number_key("number")).values_list("key", flat=True),
        *own.annotate(key=number_key("incident")).values_list("key", flat=True),
    ]
    by_number = rows.exclude(incident_number="").alias(key=number_key("incident_number")).filter(key__in=keys)
    by_place = [each for each in rows.exclude(place="") if _placed(each, over).exists()]
    return [*by_number, *by_place]


def asked_for(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    """The same of many: the numbers of the waiting requests that would hold each; one without any is left out.

    However many requests wait and incidents they mean, it costs the same few queries.
    """
    requests = list(waiting().annotate(key=number_key("incident_number")))
    if not requests:
        return {}
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    meant = _meant_by(requests)
    for pk, of in covering(meant, recording_ids).items():
        found[pk].update(*(meant[incident_id] for incident_id in of))
    for pk, number in _numbered_for(requests):
        found[pk].add(number)
    wanted = found.keys() & set(recording_ids)
    return {pk: sorted(found[pk]) for pk in wanted}


def _meant_by(requests: Iterable[Any]) -> dict[uuid.UUID, set[str]]:
    """The incidents that requests with their `key` name by number, or by place and span, with the requests' numbers."""
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    by_key = _by_key(requests)
    rows = Incident.objects.annotate(key=Upper("number")).filter(key__in=list(by_key))
    for pk, key in rows.values_list("pk", "key"):
        found[pk].update(by_key[key])
    by_place = [each for each in requests if each.place and each.since and each.until]
    for pk, opened, ends, places in _within([(each.since, each.until) for each in by_place]):
        for each in by_place:
            if opened < each.until and ends > each.since and _names(each.place, places):
                found[pk].add(each.number)
    return found


def _by_key(requests: Iterable[Any]) -> dict[str, list[str]]:
    found = defaultdict(list)
    for each in requests:
        if each.key:
            found[each.key].append(each.number)
    return found


def _within(
    spans: Collection[tuple[dt.datetime, dt.datetime]],
) -> Iterator[tuple[uuid.UUID, dt.datetime, dt.datetime, list[str]]]:
    """Of the incidents within any of these spans: from when until when, and every place that is known of them."""
    if not spans:
        return
    any_of = reduce(or_, (Q(opened__lt=until, ends__gt=since) for since, until in set(spans)))
    rows = Incident.objects.annotate(ends=Coalesce("closed", F("opened") + incidents.LONGEST)).filter(any_of)
    places = defaultdict(list)
    said = Event.objects.filter(replaced_by=None, incident__in=rows.values("pk")).exclude(place="")
    for pk, place in said.values_list("incident", "place"):
        places[pk].append(place)
    for pk, opened, ends, place in rows.values_list("pk", "opened", "ends", "place"):
        yield pk, opened, ends, [place, *places[pk]]


def _names(asked: str, places: Iterable[str]) -> bool:
    """Whether every word that was asked for stands in some of these places: `_placed`, asked here."""
    there = [place.upper() for place in places]
    return all(any(word.upper() in place for place in there) for word in asked.split()[:WORDS])


def _numbered_for(requests: Iterable[Any]) -> Iterator[tuple[uuid.UUID, str]]:
    """(recording, number of a request) where the recording came with the incident's number that was asked for."""
    by_key = _by_key(requests)
    rows = Recording.objects.annotate(key=number_key("incident")).filter(
        key__in=list(by_key), status=Recording.Status.SEALED
    )
    for pk, key in rows.values_list("pk", "key"):
        for number in by_key[key]:
            yield pk, number


def to_be_matched() -> "QuerySet[PreservationRequest]":
    """The requests that were matched once and not lifted, as long as recordings may still come for them."""
    _cited, said = rule()
    since = clock.now() - dt.timedelta(days=said.days)
    found = PreservationRequest.objects.exclude(status=Status.LIFTED).exclude(matched_at=None)
    return found.filter(received_at__gt=since).order_by("pk")


@dataclass(frozen=True)
class Sought:
    """What the list of requests is narrowed to; what is empty does not narrow."""

    status: str = ""
    way: str = ""
    text: str = ""


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` may see, or decide, requests."""
    return doors.far(actor, act) == Reach.ALL


def narrowed(actor: Actor) -> "QuerySet[PreservationRequest]":
    """The requests that `actor` may see: all of them or none."""
    rows = PreservationRequest.objects.select_related("hold", "decided_by")
    return rows.all() if may(actor, "see_preservation") else rows.none()


def list_requests(actor: Actor, sought: Sought) -> "QuerySet[PreservationRequest]":
    """The requests that are sought. Raises Forbidden where the list is not open to the actor."""
    if not may(actor, "see_preservation"):
        raise Forbidden(_("Your roles do not allow this."), act="see_preservation")
    found = narrowed(actor)
    if sought.status:
        found = found.filter(status=sought.status)
    if sought.way:
        found = found.exclude(incident_number="") if sought.way == "number" else found.exclude(place="")
    for word in sought.text.replace("\0", " ").split()[:WORDS]:
        found = found.filter(
            Q(number__icontains=word)
            | Q(incident_number__icontains=word)
            | Q(place__icontains=word)
            | Q(name__icontains=word)
        )
    return found


def request(
    actor: Actor, pk: uuid.UUID, act: str = "see_preservation", *, lock: bool = False
) -> PreservationRequest:
    """One request for one act. NotFound where the actor may not see any, Forbidden where they may not decide."""
    if lock:
        require_change("locking a preservation request")
        PreservationRequest.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = (PreservationRequest.objects.select_related("hold", "decided_by").filter(pk=pk)).first()
    if found is None or not (actor.kind == "system" or may(actor, "see_preservation")):
        hidden = act if found else ""
        raise NotFound(_("There is no such request, or it is not one that you may see."), hidden=hidden)
    if actor.kind != "system" and not may(actor, act):
        raise Forbidden(_("You can see this request, but your role does not decide it."), act=act)
    return found


def received(pk: uuid.UUID) -> PreservationRequest:
    """The request that somebody has just sent, by the key that they alone were given. Raises NotFound."""
    found = PreservationRequest.objects.filter(pk=pk).only("number", "received_at", "decide_by").first()
    if found is None:
        raise NotFound(_("There is no such page."))
    return found


def reference(found: PreservationRequest) -> str:
    """What whoever sent a request was given to ask for it again: its number, and letters that nobody can guess."""
    letters = _letters(found.pk)
    return "-".join([found.number, *(letters[at : at + 4] for at in range(0, LETTERS, 4))])


def _letters(pk: uuid.UUID) -> str:
    made = salted_hmac("evidence.preservation.reference", str(pk), algorithm="sha256").digest()
    return base64.b32encode(made).decode("ascii")[:LETTERS]


def by_reference(text: str) -> PreservationRequest:
    """The request with this reference: when it was received, and nothing of what became of it.

    Letters may be small, and spaces and strokes left out. Raises NotFound with the same words whatever is wrong.
    """
    typed = re.sub(r"[^A-Z0-9]", "", text.upper()[:LONGEST_REFERENCE])
    parts = re.fullmatch(rf"PR(\d{{4}})(\d{{6,9}})([A-Z2-7]{{{LETTERS}}})", typed)
    number = f"PR-{parts[1]}-{parts[2]}" if parts else ""
    found = (
        PreservationRequest.objects.filter(number=number).only("number", "received_at", "decide_by").first()
    )
    given = parts[3] if parts else ""
    if not constant_time_compare(given, _letters(found.pk if found else uuid.UUID(int=0))) or found is None:
        raise NotFound(_("No request has this reference. Look at it again, letter by letter."))
    return found


def to_be_decided(actor: Actor) -> "QuerySet[PreservationRequest]":
    """The requests that wait for the actor's decision, the most urgent first."""
    if not may(actor, "decide_preservation"):
        return PreservationRequest.objects.none()
    return PreservationRequest.objects.filter(status=Status.RECEIVED).order_by("decide_by", "received_at")


def is_overdue(found: PreservationRequest) -> bool:
    """Whether a request waits for a decision whose day has passed."""
    return found.status == Status.RECEIVED and found.decide_by < department.today()


@dataclass(frozen=True)
class InTime:
    """Of the requests to be decided by a day within a span, how many were, by that day."""

    decided: int
    due: int
    since: dt.date
    until: dt.date


def in_time() -> InTime:
    """The figure of the rule: over the requests whose day was within the last ninety days."""
    until = department.today()
    since = until - LOOK_BACK
    rows = PreservationRequest.objects.filter(decide_by__gte=since, decide_by__lt=until)
    said = rows.values_list("decided_at", "decide_by")
    zone = agency().tz
    decided = sum(bool(at and at.astimezone(zone).date() <= day) for at, day in said)
    return InTime(decided, len(said), since, until)


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Requests by number, for histories."""
    return dict(PreservationRequest.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
