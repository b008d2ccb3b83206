"""How long recordings are kept: what the rules in force, or those of a draft, say of many recordings at once."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Func, Q, QuerySet, Value
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.doors.holds import FEW, RECORDS_FOR
from fairwitness.evidence.models import Categorisation, IncidentLink, Recording, Retention, Settlement
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
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
UNBELIEVED = Recording.UNBELIEVED
State = Retention.State
_NOTHING = frozenset[str]()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


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


class Decision(NamedTuple):
    """What the rules say of one recording."""

    state: str
    starts: dt.datetime | None
    due_on: dt.date | None
    # The day that counting from the receipt gives: an earlier one takes a dry run, whoever settled the clock. Also
    # while that is in doubt: so much at least is promised.
    safe_on: dt.date | None
    at_most_on: dt.date | None
    category: str
    cited: Citation
    number: str
    # To which it belongs, by a link or because its unit was there.
    incidents: frozenset[uuid.UUID]

    @property
    def sooner_than(self) -> dt.date:
        """For comparing: the last day for which it is kept, where there is none one beyond all days."""
        return self.due_on or dt.date.max


def decide(recordings: "QuerySet[Recording]", rules: Rules) -> dict[uuid.UUID, Decision]:
    """What the rules say of each of these recordings; a few queries, however many there are."""
    facts = _facts(recordings)
    belongs = incidents_of(facts)
    carried = carried_by(facts, belongs)
    settled = _settlements(facts)
    days, none = _Days(rules), frozenset[uuid.UUID]()
    return {
        pk: _decision(fact, carried[pk], belongs.get(pk, none), settled.get(pk), days)
        for pk, fact in facts.items()
    }


class _Fact(NamedTuple):
    """What is known of one recording: its times, and whose camera made it."""

    pk: uuid.UUID
    number: str
    started: dt.datetime
    ended: dt.datetime | None
    received: dt.datetime
    owner: uuid.UUID | None


class _Micros(Func):
    """A moment in microseconds since 1970: read ten times as fast as a moment, where there are many."""

    template = "(EXTRACT(EPOCH FROM %(expressions)s) * 1000000)::bigint"
    output_field = BigIntegerField()

    def get_db_converters(self, connection: Any) -> list[Any]:
        """None: it is a number as it comes."""
        return []


def _moment(micros: int) -> dt.datetime:
    return _EPOCH + dt.timedelta(microseconds=micros)


def _facts(recordings: "QuerySet[Recording]") -> dict[uuid.UUID, _Fact]:
    times = (_Micros("started"), _Micros("ended"), "duration_ms", _Micros("sealed_at"))
    rows = recordings.order_by().values_list("pk", "number", *times, "clock", "owner_id")
    found = {}
    for pk, number, started, ended, duration_ms, received, quality, owner in rows.iterator(chunk_size=5000):
        if duration_ms:
            ended = started + duration_ms * 1000
        known = None if quality in UNBELIEVED else _moment(ended or started)
        found[pk] = _Fact(pk, number, _moment(started), known, _moment(received), owner)
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
    others = others_of({incident for of in belongs.values() for incident in of}, facts)
    own = _own({*facts, *(pk for pk, _incident in others)})
    of_incident: dict[uuid.UUID, set[str]] = defaultdict(set)
    for pk, codes in own.items():
        for incident_id in belongs.get(pk, ()):
            of_incident[incident_id] |= codes
    for pk, incident_id in others:
        of_incident[incident_id] |= own.get(pk, _NOTHING)
    found = dict.fromkeys(facts, _NOTHING) | {pk: codes for pk, codes in own.items() if pk in facts}
    for pk, of in belongs.items():
        found[pk] = found[pk].union(*(of_incident[each] for each in of if each in of_incident))
    return found


def _own(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    rows = Categorisation.objects.filter(withdrawn_at=None)
    if len(recording_ids) < FEW:
        rows = rows.filter(recording__in=list(recording_ids))
    found: dict[uuid.UUID, frozenset[str]] = {}
    # Most carry one, and the same as others: one set for all of them.
    alone = {code: frozenset((code,)) for code in rows.order_by().values_list("code", flat=True).distinct()}
    for pk, code in rows.values_list("recording", "code").iterator(chunk_size=5000):
        one = alone.get(code) or frozenset((code,))
        found[pk] = found[pk] | one if pk in found else one
    return found


def incidents_of(facts: Mapping[uuid.UUID, _Fact]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
    """The incidents to which each recording belongs: by a link, or because its unit was there for long enough."""
    links = IncidentLink.objects.filter(withdrawn_at=None)
    if len(facts) < FEW:
        links = links.filter(recording__in=list(facts))
    none, both = frozenset[uuid.UUID](), dict[uuid.UUID, frozenset[uuid.UUID]]()
    for recording_id, incident_id in links.values_list("recording", "incident").iterator(chunk_size=5000):
        if recording_id in facts:
            both[recording_id] = both.get(recording_id, none) | {incident_id}
    for recording_id, incident_id in _on_scene(facts):
        both[recording_id] = both.get(recording_id, none) | {incident_id}
    return both


def _on_scene(facts: Mapping[uuid.UUID, _Fact]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
    """(recording, incident) where the recording's unit was on scene for long enough of it."""
    ran = [fact for fact in facts.values() if fact.owner and fact.ended and fact.ended > fact.started]
    if not ran:
        return
    begins, ends = min(fact.started for fact in ran), max(fact.ended for fact in ran if fact.ended)
    scenes = incidents.scenes_in(begins, ends)
    there = {member_id for _incident, member_id, _begin, _end in scenes}
    by_id = {str(fact.pk): fact for fact in ran if fact.owner in there}
    made = [
        overlap.Recording(pk, str(fact.owner), fact.started, fact.ended)
        for pk, fact in by_id.items()
        if fact.ended
    ]
    events = [overlap.OnScene(str(i), str(m), begin, end) for i, m, begin, end in scenes]
    for pk, found in overlap.belonging(made, [], events, overlap.LEAST).items():
        for incident_id in found:
            yield by_id[pk].pk, uuid.UUID(incident_id)


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
    linked = IncidentLink.objects.filter(withdrawn_at=None)
    # Whoever was there is among all the sealed ones; else nobody is left out because many were asked about.
    everything = len(known) >= FEW and len(known) >= _all_sealed().count()
    found = set() if everything else _seen_at(incident_ids, known)
    if everything:
        linked = linked.exclude(recording__status=Recording.Status.SEALED)
    if len(incident_ids) < FEW:
        linked = linked.filter(incident__in=list(incident_ids))
    wanted = set(incident_ids)
    pairs = linked.values_list("recording", "incident").iterator(chunk_size=5000)
    return found | {(r, i) for r, i in pairs if i in wanted and r not in known}


def _all_sealed() -> "QuerySet[Recording]":
    return Recording.objects.filter(status=Recording.Status.SEALED)


def _seen_at(
    incident_ids: Collection[uuid.UUID], known: Collection[uuid.UUID]
) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """(recording, incident) of the sealed recordings whose unit was there for long enough, beyond those known."""
    keys, found = list(incident_ids), set()
    for start in range(0, len(keys), FEW):
        scenes = incidents.scenes_at(Incident.objects.filter(pk__in=keys[start : start + FEW]))
        rows = scenes.filter(
            member__recordings__status=Recording.Status.SEALED,
            member__recordings__started__lt=F("last"),
            member__recordings__started__gt=F("begin") - Value(RECORDS_FOR),
        ).values_list(
            *("event__incident", "begin", "last", "member__recordings", "member__recordings__started"),
            *(f"member__recordings__{name}" for name in ("ended", "duration_ms", "clock")),
        )
        for incident_id, begin, end, pk, started, ended, duration_ms, quality in rows.iterator(
            chunk_size=5000
        ):
            if pk not in known and _meets(started, ended, duration_ms, quality, begin, end):
                found.add((pk, incident_id))
    return found


def _meets(
    started: dt.datetime,
    ended: dt.datetime | None,
    duration_ms: int | None,
    quality: str,
    begin: dt.datetime,
    end: dt.datetime,
) -> bool:
    ends = started + dt.timedelta(milliseconds=duration_ms) if duration_ms else ended
    if ends is None or quality in UNBELIEVED:
        return False
    return overlap.seconds(started, ends, begin, end) >= overlap.LEAST.total_seconds()


class _Longest(NamedTuple):
    """The rule that keeps longest what counts from one day, and the days that come of it."""

    category: str
    cited: Citation
    due_on: dt.date | None
    at_most_on: dt.date | None


class _Days:
    """The same for each set of categories and each day, asked of the rules once: many recordings share both."""

    def __init__(self, rules: Rules) -> None:
        self.rules, self.zone = rules, agency().tz
        self.known: dict[tuple[frozenset[str], dt.date], _Longest] = {}

    def of(self, codes: frozenset[str], starts: dt.datetime) -> _Longest:
        """What they come to when keeping counts from `starts`."""
        key = codes, starts.astimezone(self.zone).date()
        if key not in self.known:
            kept, first = self.rules.of(codes), key[1]
            code = _longest(kept, first)
            due_on = kept[code].keep.runs_out(first)
            self.known[key] = _Longest(code, kept[code].cited, due_on, _at_most(kept.values(), first))
        return self.known[key]


def _decision(
    fact: _Fact,
    codes: frozenset[str],
    belongs: frozenset[uuid.UUID],
    settled: Settlement | None,
    days: _Days,
) -> Decision:
    safe = days.of(codes, fact.received)
    if settled is None and retention.clock_doubtful(fact.ended, fact.received):
        nothing = (State.DOUBTFUL, None, None, safe.due_on, None)
        return Decision(*nothing, safe.category, safe.cited, fact.number, belongs)
    # Whoever settled it without an earlier time has it count from the receipt, whatever its own clock said.
    ended = settled.ended if settled else fact.ended
    starts = retention.counts_from(ended, fact.received, settled.ended if settled else None)
    found = safe if starts == fact.received else days.of(codes, starts)
    return Decision(
        *(
            State.DATED if found.due_on else State.FOR_EVER,
            starts,
            found.due_on,
            safe.due_on,
            found.at_most_on,
        ),
        *(found.category, found.cited, fact.number, belongs),
    )


def _longest(kept: Mapping[str, Kept], first: dt.date) -> str:
    return max(kept, key=lambda code: (kept[code].keep.runs_out(first) or dt.date.max, code))


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
