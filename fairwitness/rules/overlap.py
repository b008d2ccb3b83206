"""Intervals of time that overlap, and from them which recordings show the same incident."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import combinations
from typing import NamedTuple

LEAST = timedelta(seconds=10)


class Span(NamedTuple):
    """A half-open interval [start, end) of aware times, and the id of what it is the time of."""

    id: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Recording:
    """One recording: its id, the unit whose camera made it (None: unknown), and its time [start, end)."""

    id: str
    unit: str | None
    start: datetime
    end: datetime


@dataclass(frozen=True)
class OnScene:
    """One event of an incident: a unit was on scene during [start, end)."""

    incident: str
    unit: str
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Siblings:
    """Of each recording that has any: its siblings, and those that only a person can make one.

    `certain` and `suggested` are symmetric, and no recording is its own sibling. `incidents` says of each recording
    to which incidents it was found to belong.
    """

    certain: Mapping[str, frozenset[str]]
    suggested: Mapping[str, frozenset[str]]
    incidents: Mapping[str, frozenset[str]]


def seconds(start: datetime, end: datetime, other_start: datetime, other_end: datetime) -> float:
    """How many seconds [start, end) and [other_start, other_end) have in common; 0 where they only touch."""
    return max(timedelta(), min(end, other_end) - max(start, other_start)).total_seconds()


def meeting(
    left: Iterable[Span], right: Iterable[Span], least: timedelta = LEAST
) -> Iterator[tuple[str, str]]:
    """The pairs of a left and a right span that have at least `least` in common, in the order in which they meet.

    A sweep over both by their starts: n log n steps, and one step for each pair that is found.
    """
    _refuse_nothing(least)
    waiting: tuple[_Waiting, _Waiting] = (_Waiting(), _Waiting())
    for span, side in _by_start(left, right, least=least):
        waiting[1 - side].leave(span.start + least)
        for other in waiting[1 - side].ids():
            yield (span.id, other) if side == 0 else (other, span.id)
        waiting[side].join(span)


def meeting_each_other(spans: Iterable[Span], least: timedelta = LEAST) -> Iterator[tuple[str, str]]:
    """The pairs of two of these spans that have at least `least` in common; found as `meeting` finds them."""
    _refuse_nothing(least)
    waiting = _Waiting()
    for span, _ in _by_start(spans, least=least):
        waiting.leave(span.start + least)
        for other in waiting.ids():
            yield other, span.id
        waiting.join(span)


def siblings(
    recordings: Iterable[Recording],
    incident_links: Iterable[tuple[str, str]],
    on_scene: Iterable[OnScene],
    least: timedelta = LEAST,
) -> Siblings:
    """Which recordings show the same incident.

    A recording belongs to an incident when somebody has linked it (`incident_links`: pairs of recording and incident),
    or when its unit was on scene there and its time has at least `least` in common with that event. Siblings belong to
    one incident; the relation is direct and never chained: two that each share another incident with a third are
    not siblings for that. Two that only run at the same time, of which one belongs to no incident, are a suggestion.
    """
    found = list(recordings)
    incidents = belonging(found, incident_links, on_scene, least)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for recording in found:
        for incident in incidents.get(recording.id, ()):
            members[incident].append(recording.id)
    certain = _symmetric(pair for ids in members.values() for pair in combinations(ids, 2))
    return Siblings(certain, _suggested(found, incidents, least), incidents)


def belonging(
    recordings: list[Recording],
    links: Iterable[tuple[str, str]],
    on_scene: Iterable[OnScene],
    least: timedelta,
) -> dict[str, frozenset[str]]:
    """Of each recording the incidents to which it belongs. A link of a recording that is not given is left out."""
    known = {recording.id for recording in recordings}
    incidents: defaultdict[str, set[str]] = defaultdict(set)
    for recording_id, incident in links:
        if recording_id in known:
            incidents[recording_id].add(incident)
    events: defaultdict[str, list[Span]] = defaultdict(list)
    for event in on_scene:
        events[event.unit].append(Span(event.incident, event.start, event.end))
    made: defaultdict[str, list[Span]] = defaultdict(list)
    for recording in recordings:
        if recording.unit is not None and recording.unit in events:
            made[recording.unit].append(_span(recording))
    for unit, spans in made.items():
        for recording_id, incident in meeting(spans, events[unit], least):
            incidents[recording_id].add(incident)
    return {recording_id: frozenset(of) for recording_id, of in incidents.items()}


def _suggested(
    recordings: list[Recording], incidents: Mapping[str, frozenset[str]], least: timedelta
) -> dict[str, frozenset[str]]:
    """Those that run together while one of them belongs to no incident; pairs of known incidents are never formed."""
    free = [_span(recording) for recording in recordings if recording.id not in incidents]
    taken = [_span(recording) for recording in recordings if recording.id in incidents]
    return _symmetric([*meeting_each_other(free, least), *meeting(free, taken, least)])


def _symmetric(pairs: Iterable[tuple[str, str]]) -> dict[str, frozenset[str]]:
    both: defaultdict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        both[one].add(other)
        both[other].add(one)
    return {one: frozenset(others) for one, others in both.items()}


def _span(recording: Recording) -> Span:
    return Span(recording.id, recording.start, recording.end)


def _by_start(*sides: Iterable[Span], least: timedelta) -> list[tuple[Span, int]]:
    """The spans of all sides by their starts, each with its side; what is shorter than `least` meets nothing."""
    long_enough = (
        (span, side) for side, spans in enumerate(sides) for span in spans if span.end - span.start >= least
    )
    return sorted(long_enough, key=lambda one: one[0].start)


def _refuse_nothing(least: timedelta) -> None:
    if least <= timedelta():
        raise ValueError("to overlap takes more than no time")


class _Waiting:
    """The spans that have begun and may still meet another, the one that ends first on top."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, str]] = []

    def join(self, span: Span) -> None:
        """`span` has begun."""
        heappush(self._heap, (span.end, span.id))

    def leave(self, needed: datetime) -> None:
        """Whoever ends before `needed` meets nobody who begins from now on."""
        while self._heap and self._heap[0][0] < needed:
            heappop(self._heap)

    def ids(self) -> Iterator[str]:
        """Those that wait: each of them is met, for all of them last long enough."""
        return (span_id for _, span_id in self._heap)
