"""How long recordings are kept: what the rules in force, or those of a draft, say of many recordings at once."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.doors.holds import FEW, RECORDS_FOR
from fairwitness.evidence.models import Categorisation, IncidentLink, Recording, Retention, Settlement
from fairwitness.incidents import doors as incidents
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import Version
from fairwitness.rules import overlap, retention
from fairwitness.rules.retention import Keep

# What has no category is kept by the rule of this one.
UNCATEGORISED = "uncategorised"
# Times that nothing can be counted from.
UNBELIEVED = (Recording.Clock.IMPLAUSIBLE, Recording.Clock.NONE)
State = Retention.State


@dataclass(frozen=True)
class Kept:
    """The rule of one category: how long at least and at most, and where the policy says so."""

    keep: Keep
    at_most: Keep | None
    cited: Citation


@dataclass(frozen=True)
class Rules:
    """The rules of keeping, by the code of the category, of one state of the policy."""

    kept: Mapping[str, Kept]

    def of(self, codes: Collection[str]) -> dict[str, Kept]:
        """The rules of these categories; of none, or of such as the book no longer has, that of what has none.

        A category that was taken out of the policy never lets a recording go sooner than its absence would.
        """
        found = {code: self.kept[code] for code in codes if code in self.kept}
        return found or {UNCATEGORISED: self.kept[UNCATEGORISED]}


def rules_now() -> Rules:
    """The rules in force. Raises WrongState where the policy has none for what has no category."""
    return _rules(policy.rules_at("retention"))


def rules_under(version: Version) -> Rules:
    """The rules as they would be were `version` in force in the place of what is."""
    others = [cited for cited in policy.rules_at("retention") if cited.number != version.document.number]
    return _rules([*others, *policy.retention_in([version]).values()])


def _rules(cited: Iterable[Citation]) -> Rules:
    kept: dict[str, Kept] = {}
    for each in cited:
        said: Any = each.rule.parameters
        at_most = Keep.parse(said.at_most) if said.at_most else None
        kept[said.category] = Kept(Keep.parse(said.keep), at_most, each)
    if UNCATEGORISED not in kept:
        raise WrongState(
            _("The policy in force does not say how long recordings without a category are kept.")
        )
    return Rules(kept)


@dataclass(frozen=True)
class Decision:
    """What the rules say of one recording."""

    state: str
    starts: dt.datetime | None
    due_on: dt.date | None
    # The day that counting from the receipt gives: an earlier one takes a dry run, whoever settled the clock.
    safe_on: dt.date | None
    at_most_on: dt.date | None
    category: str
    cited: Citation
    number: str
    # To which it belongs, by a link or because its unit was there.
    incidents: frozenset[uuid.UUID]

    @property
    def sooner_than(self) -> dt.date:
        """For comparing: the day from which it may go, where there is none one beyond all days."""
        return self.due_on or dt.date.max


def decide(recordings: "QuerySet[Recording]", rules: Rules) -> dict[uuid.UUID, Decision]:
    """What the rules say of each of these recordings; a few queries, however many there are."""
    facts = _facts(recordings)
    belongs = incidents_of(facts)
    carried = carried_by(facts, belongs)
    settled = _settlements(facts)
    zone, none = agency().tz, frozenset[uuid.UUID]()
    return {
        pk: _decision(fact, carried[pk], belongs.get(pk, none), settled.get(pk), rules, zone)
        for pk, fact in facts.items()
    }


@dataclass(frozen=True)
class _Fact:
    """What is known of one recording: its times, and whose camera made it."""

    pk: uuid.UUID
    number: str
    started: dt.datetime
    ended: dt.datetime | None
    received: dt.datetime
    owner: uuid.UUID | None


def _facts(recordings: "QuerySet[Recording]") -> dict[uuid.UUID, _Fact]:
    rows = recordings.order_by().values_list(
        "pk", "number", "started", "ended", "duration_ms", "sealed_at", "clock", "owner_id"
    )
    found = {}
    for pk, number, started, ended, duration_ms, received, quality, owner in rows.iterator(chunk_size=5000):
        if duration_ms:
            ended = started + dt.timedelta(milliseconds=duration_ms)
        known = None if quality in UNBELIEVED else ended or started
        found[pk] = _Fact(pk, number, started, known, received, owner)
    return found


def _settlements(facts: Mapping[uuid.UUID, _Fact]) -> dict[uuid.UUID, Settlement]:
    """What people settled, where enough of them did: an earlier end takes two."""
    rows = Settlement.objects.filter(withdrawn_at=None)
    rows = rows.filter(Q(ended=None) | Q(confirmed_by__isnull=False))
    if len(facts) < FEW:
        rows = rows.filter(recording__in=list(facts))
    return {row.recording_id: row for row in rows}


def carried_by(
    facts: Mapping[uuid.UUID, Any], belongs: Mapping[uuid.UUID, frozenset[uuid.UUID]]
) -> dict[uuid.UUID, frozenset[str]]:
    """The categories that count for each recording: its own, and those of the incidents to which it belongs.

    What belongs to an incident is direct and never chained: what a sibling got from another incident counts for
    the sibling alone (rules.overlap).
    """
    mates = _recordings_of({incident for of in belongs.values() for incident in of}, facts, belongs)
    own = _own({*facts, *(pk for of in mates.values() for pk in of)})
    of_incident = {i: frozenset().union(*(own.get(pk, frozenset()) for pk in of)) for i, of in mates.items()}
    return {
        pk: own.get(pk, frozenset()).union(*(of_incident.get(i, frozenset()) for i in belongs.get(pk, ())))
        for pk in facts
    }


def _own(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    rows = Categorisation.objects.filter(withdrawn_at=None)
    if len(recording_ids) < FEW:
        rows = rows.filter(recording__in=list(recording_ids))
    found: dict[uuid.UUID, set[str]] = defaultdict(set)
    for pk, code in rows.values_list("recording", "code"):
        found[pk].add(code)
    return {pk: frozenset(codes) for pk, codes in found.items()}


def incidents_of(facts: Mapping[uuid.UUID, _Fact]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """The incidents to which each recording belongs: by a link, or because its unit was there for long enough."""
    links = IncidentLink.objects.filter(withdrawn_at=None)
    if len(facts) < FEW:
        links = links.filter(recording__in=list(facts))
    pairs = [(str(r), str(i)) for r, i in links.values_list("recording", "incident") if r in facts]
    made = [
        overlap.Recording(str(fact.pk), str(fact.owner), fact.started, fact.ended)
        for fact in facts.values()
        if fact.owner and fact.ended and fact.ended > fact.started
    ]
    scenes = []
    if made:
        span = (min(each.start for each in made), max(each.end for each in made))
        scenes = [overlap.OnScene(str(i), str(m), b, e) for i, m, b, e in incidents.scenes_in(*span)]
    found = overlap.belonging(made, [], scenes, overlap.LEAST)
    both: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for recording_id, incident_id in pairs:
        both[uuid.UUID(recording_id)].add(uuid.UUID(incident_id))
    for recording_id, incident_ids in found.items():
        both[uuid.UUID(recording_id)] |= set(map(uuid.UUID, incident_ids))
    return {pk: frozenset(of) for pk, of in both.items()}


def _recordings_of(
    incident_ids: Collection[uuid.UUID],
    facts: Mapping[uuid.UUID, _Fact],
    belongs: Mapping[uuid.UUID, frozenset[uuid.UUID]],
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """The recordings of these incidents, also those that were not asked about."""
    found: dict[uuid.UUID, set[uuid.UUID]] = defaultdict(set)
    for pk, of in belongs.items():
        for incident_id in of:
            found[incident_id].add(pk)
    for recording_id, incident_id in others_of(incident_ids, facts):
        found[incident_id].add(recording_id)
    return found


def others_of(
    incident_ids: Collection[uuid.UUID], known: Collection[uuid.UUID]
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """(recording, incident) of the sealed recordings of these incidents beyond those that are known."""
    if not incident_ids:
        return set()
    linked = IncidentLink.objects.filter(withdrawn_at=None, incident__in=list(incident_ids))
    pairs = {(r, i) for r, i in linked.values_list("recording", "incident") if r not in known}
    if len(known) >= FEW:
        return pairs  # so many were asked about that whoever was there is among them
    for incident_id in incident_ids:
        for scene in incidents.on_scene(incident_id):
            if scene.member_id is None:
                continue
            ends = scene.end or scene.begin + incidents.LONGEST
            rows = Recording.objects.filter(
                owner=scene.member_id, status=Recording.Status.SEALED, started__lt=ends
            ).filter(started__gt=scene.begin - RECORDS_FOR)
            for row in rows:
                if row.pk not in known and _meets(row, scene.begin, ends):
                    pairs.add((row.pk, incident_id))
    return pairs


def _meets(row: Recording, begin: dt.datetime, end: dt.datetime) -> bool:
    ends = row.started + dt.timedelta(milliseconds=row.duration_ms) if row.duration_ms else row.ended
    if ends is None or row.clock in UNBELIEVED:
        return False
    return overlap.seconds(row.started, ends, begin, end) >= overlap.LEAST.total_seconds()


def _decision(
    fact: _Fact,
    codes: frozenset[str],
    belongs: frozenset[uuid.UUID],
    settled: Settlement | None,
    rules: Rules,
    zone: dt.tzinfo,
) -> Decision:
    kept = rules.of(codes)
    doubtful = settled is None and retention.clock_doubtful(fact.ended, fact.received)
    starts = retention.counts_from(fact.ended, fact.received, settled.ended if settled else None)
    if settled and settled.ended is None:
        starts = fact.received
    first = starts.astimezone(zone).date()
    longest = max(kept, key=lambda code: (kept[code].keep.runs_out(first) or dt.date.max, code))
    cited = kept[longest].cited
    if doubtful:
        return Decision(State.DOUBTFUL, None, None, None, None, longest, cited, fact.number, belongs)
    due_on = kept[longest].keep.runs_out(first)
    safe_on = retention.due_on(max(starts, fact.received), [each.keep for each in kept.values()], zone)
    state = State.DATED if due_on else State.FOR_EVER
    return Decision(
        state, starts, due_on, safe_on, _at_most(kept.values(), first), longest, cited, fact.number, belongs
    )


def decision_of(recording: Recording) -> Decision:
    """What the rules in force say of one recording now. Raises WrongState where the policy has none."""
    return decide(Recording.objects.filter(pk=recording.pk), rules_now())[recording.pk]


def is_over(decision: Decision) -> bool:
    """Whether the last day of a decision is over; never for ever, nor while its clock is in doubt."""
    return decision.due_on is not None and decision.due_on < department.today()


def _at_most(kept: Iterable[Kept], first: dt.date) -> dt.date | None:
    """The last day that the longest of the limits allows; None where one of them sets none."""
    days = [each.at_most.runs_out(first) if each.at_most else None for each in kept]
    return max((day for day in days if day), default=None) if all(days) else None


def siblings(recording: Recording) -> list[Recording]:
    """The recordings that show the same incident, direct and never chained, in the order of their numbers."""
    return siblings_of([recording.pk]).get(recording.pk, [])


def siblings_of(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Recording]]:
    """The same of several recordings; one that has none is left out."""
    facts = _facts(Recording.objects.filter(pk__in=recording_ids))
    belongs = incidents_of(facts)
    mates = _recordings_of({incident for of in belongs.values() for incident in of}, facts, belongs)
    found = {pk: set().union(*(mates[i] for i in of)) - {pk} for pk, of in belongs.items() if pk in facts}
    rows = Recording.objects.select_related("owner").in_bulk({pk for of in found.values() for pk in of})
    return {pk: sorted((rows[each] for each in of), key=_by_number) for pk, of in found.items() if of}


def around(recording_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The siblings of these recordings that are not among them: what changes about these changes their days too."""
    facts = _facts(Recording.objects.filter(pk__in=recording_ids))
    belongs = incidents_of(facts)
    mates = _recordings_of({incident for of in belongs.values() for incident in of}, facts, belongs)
    return set().union(*mates.values()) - set(recording_ids)


def _by_number(recording: Recording) -> str:
    return recording.number


def categories(recording: Recording) -> "QuerySet[Categorisation]":
    """The categories that a recording carries by itself, and those that were withdrawn, the latest first."""
    return recording.categorisations.select_related("version__document").order_by("-since", "-pk")


def retention_of(recording: Recording) -> Retention | None:
    """How long a recording is kept, as it was decided; None before the first decision."""
    return Retention.objects.filter(recording=recording).select_related("version__document").first()


def undecided() -> "QuerySet[Recording]":
    """Sealed recordings about which nothing was decided yet."""
    return Recording.objects.filter(status=Recording.Status.SEALED, retention=None)
