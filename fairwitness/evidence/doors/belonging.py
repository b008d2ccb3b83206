"""Which recordings show the same incident: by a link, or because their units were there for long enough."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, F, Func, QuerySet, Value

from fairwitness.evidence.doors.holds import FEW, RECORDS_FOR
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.rules import overlap

# Times that nothing can be counted from.
UNBELIEVED = Recording.UNBELIEVED
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class Fact(NamedTuple):
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


def facts_of(recordings: "QuerySet[Recording]") -> dict[uuid.UUID, Fact]:
    """What is known of each of these recordings; one query."""
    times = (_Micros("started"), _Micros("ended"), "duration_ms", _Micros("sealed_at"))
    rows = recordings.order_by().values_list("pk", "number", *times, "clock", "owner_id")
    found = {}
    for pk, number, started, ended, duration_ms, received, quality, owner in rows.iterator(chunk_size=5000):
        if duration_ms:
            ended = started + duration_ms * 1000
        known = None if quality in UNBELIEVED else _moment(ended or started)
        found[pk] = Fact(pk, number, _moment(started), known, _moment(received), owner)
    return found


def incidents_of(facts: Mapping[uuid.UUID, Fact]) -> dict[uuid.UUID, frozenset[uuid.UUID]]:
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


def _on_scene(facts: Mapping[uuid.UUID, Fact]) -> Iterator[tuple[uuid.UUID, uuid.UUID]]:
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
    facts: Mapping[uuid.UUID, Fact],
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


def siblings(recording: Recording) -> list[Recording]:
    """The recordings that show the same incident, direct and never chained, in the order of their numbers."""
    return siblings_of([recording.pk]).get(recording.pk, [])


def siblings_of(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Recording]]:
    """The same of several recordings; one that has none is left out."""
    facts = facts_of(Recording.objects.filter(pk__in=recording_ids))
    belongs = incidents_of(facts)
    mates = _recordings_of({incident for of in belongs.values() for incident in of}, facts, belongs)
    found = {pk: set().union(*(mates[i] for i in of)) - {pk} for pk, of in belongs.items() if pk in facts}
    rows = Recording.objects.select_related("owner").in_bulk({pk for of in found.values() for pk in of})
    return {pk: sorted((rows[each] for each in of), key=_by_number) for pk, of in found.items() if of}


def around(recording_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """The siblings of these recordings that are not among them: what changes about these changes their days too."""
    facts = facts_of(Recording.objects.filter(pk__in=recording_ids))
    belongs = incidents_of(facts)
    mates = _recordings_of({incident for of in belongs.values() for incident in of}, facts, belongs)
    return set().union(*mates.values()) - set(recording_ids)


def _by_number(recording: Recording) -> str:
    return recording.number
