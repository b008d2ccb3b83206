"""Overlap and siblings: examples, what always holds beside a plain n² reckoning, and how much work 100,000 take."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules import overlap
from fairwitness.rules.overlap import (
    OnScene,
    Recording,
    Span,
    meeting,
    meeting_each_other,
    seconds,
    siblings,
)

START = datetime(2026, 3, 8, 1, tzinfo=UTC)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def recording(name: str, unit: str | None, start: float, end: float) -> Recording:
    return Recording(name, unit, at(start), at(end))


def on_scene(incident: str, unit: str, start: float, end: float) -> OnScene:
    return OnScene(incident, unit, at(start), at(end))


def test_it_works() -> None:
    found = siblings(
        [
            recording("a", "car 1", 0, 100),
            recording("b", "car 2", 50, 200),
            recording("c", "car 3", 500, 600),
        ],
        [("a", "I-1")],
        [on_scene("I-1", "car 2", 100, 300)],
    )
    assert found.certain == {"a": {"b"}, "b": {"a"}}
    assert found.suggested == {}
    assert found.incidents == {"a": {"I-1"}, "b": {"I-1"}}


@pytest.mark.parametrize(
    ("one", "other", "common"),
    [
        ((0, 10), (5, 20), 5),
        ((0, 10), (10, 20), 0),  # half-open: they only touch
        ((0, 10), (20, 30), 0),
        ((0, 100), (40, 41.5), 1.5),
        ((0, 10), (0, 10), 10),
        ((5, 5), (0, 10), 0),
        ((9, 3), (0, 10), 0),  # one that ends before it begins has no time at all
    ],
)
def test_seconds(one: tuple[float, float], other: tuple[float, float], common: float) -> None:
    assert seconds(*map(at, one), *map(at, other)) == common
    assert seconds(*map(at, other), *map(at, one)) == common


@pytest.mark.parametrize(("end", "sibling"), [(109, False), (110, True)])
def test_on_scene_counts_from_ten_seconds(end: float, sibling: bool) -> None:
    found = siblings(
        [recording("a", "car 1", 0, 100), recording("b", "car 2", 0, end)],
        [("a", "I-1")],
        [on_scene("I-1", "car 2", 100, 300)],
    )
    assert ("b" in found.certain.get("a", ())) is sibling


def test_another_unit_on_scene_says_nothing_of_this_one() -> None:
    found = siblings(
        [recording("a", "car 1", 0, 100), recording("b", "car 9", 0, 100), recording("c", None, 0, 100)],
        [("a", "I-1")],
        [on_scene("I-1", "car 2", 0, 300)],
    )
    assert found.certain == {}


def test_it_is_never_chained() -> None:
    found = siblings(
        [recording(name, None, 1000 * place, 1000 * place + 60) for place, name in enumerate("abc")],
        [("a", "I-1"), ("b", "I-1"), ("b", "I-2"), ("c", "I-2")],
        [],
    )
    assert found.certain == {"a": {"b"}, "b": {"a", "c"}, "c": {"b"}}


def test_overlap_alone_is_a_suggestion() -> None:
    found = siblings([recording("a", "car 1", 0, 60), recording("b", "car 2", 50, 90)], [("a", "I-1")], [])
    assert found.certain == {}
    assert found.suggested == {"a": {"b"}, "b": {"a"}}


def test_recordings_of_two_known_incidents_are_not_suggested() -> None:
    found = siblings(
        [recording("a", "car 1", 0, 60), recording("b", "car 2", 0, 60)], [("a", "I-1"), ("b", "I-2")], []
    )
    assert (found.certain, found.suggested) == ({}, {})


def test_a_link_of_a_recording_that_is_not_there_is_left_out() -> None:
    assert siblings([recording("a", None, 0, 60)], [("a", "I-1"), ("gone", "I-1")], []).certain == {}


def test_no_time_in_common_is_not_asked_for() -> None:
    for least in (timedelta(), timedelta(seconds=-1)):
        with pytest.raises(ValueError):
            siblings([], [], [], least)


spans = st.lists(
    st.tuples(st.integers(0, 60), st.integers(-2, 40)).map(lambda pair: (pair[0], pair[0] + pair[1])),
    max_size=14,
).map(lambda times: [Span(str(place), at(start), at(end)) for place, (start, end) in enumerate(times)])


@given(spans, spans, st.integers(1, 15))
def test_the_sweep_finds_what_comparing_all_finds(left: list[Span], right: list[Span], least: int) -> None:
    all_pairs = [
        (one.id, other.id) for one in left for other in right if seconds(*one[1:], *other[1:]) >= least
    ]
    assert sorted(meeting(left, right, timedelta(seconds=least))) == sorted(all_pairs)


@given(spans, st.integers(1, 15))
def test_so_does_the_sweep_over_one_list(these: list[Span], least: int) -> None:
    all_pairs = {
        frozenset((one.id, other.id))
        for one, other in combinations(these, 2)
        if seconds(*one[1:], *other[1:]) >= least
    }
    found = [frozenset(pair) for pair in meeting_each_other(these, timedelta(seconds=least))]
    assert len(found) == len(set(found))
    assert set(found) == all_pairs


worlds = st.tuples(
    st.lists(
        st.tuples(st.sampled_from(["u", "v", None]), st.integers(0, 60), st.integers(1, 40)), max_size=8
    ).map(lambda all_: [recording(str(n), unit, a, a + b) for n, (unit, a, b) in enumerate(all_)]),
    st.lists(st.tuples(st.integers(0, 7).map(str), st.sampled_from("IJ")), max_size=5),
    st.lists(
        st.tuples(st.sampled_from("IJ"), st.sampled_from("uv"), st.integers(0, 60), st.integers(1, 40)),
        max_size=5,
    ).map(lambda all_: [on_scene(incident, unit, a, a + b) for incident, unit, a, b in all_]),
)


@given(worlds)
def test_siblings_are_what_the_definition_says(
    world: tuple[list[Recording], list[tuple[str, str]], list[OnScene]],
) -> None:
    recordings, links, events = world

    def incidents(of: Recording) -> set[str]:
        linked = {incident for name, incident in links if name == of.id}
        there = {
            event.incident
            for event in events
            if event.unit == of.unit and seconds(of.start, of.end, event.start, event.end) >= 10
        }
        return linked | there

    found = siblings(recordings, links, events)
    for one, other in combinations(recordings, 2):
        common = bool(incidents(one) & incidents(other))
        together = seconds(one.start, one.end, other.start, other.end) >= 10
        suggested = together and not (incidents(one) and incidents(other))
        for a, b in ((one.id, other.id), (other.id, one.id)):
            assert (a in found.certain.get(b, ())) is common
            assert (a in found.suggested.get(b, ())) is suggested


def test_a_hundred_thousand_recordings_take_work_for_what_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """300 cameras and 100,000 recordings of six minutes each: the steps of the sweep are counted, not its time."""
    steps = 0

    class Counted(overlap._Waiting):
        def ids(self) -> Iterator[str]:
            nonlocal steps
            for found in super().ids():
                steps += 1
                yield found

        def leave(self, needed: datetime) -> None:
            nonlocal steps
            before = len(self._heap)
            super().leave(needed)
            steps += 1 + before - len(self._heap)

    monkeypatch.setattr(overlap, "_Waiting", Counted)
    number = 100_000
    recordings = [recording(str(n), f"unit {n % 300}", 90 * n, 90 * n + 360) for n in range(number)]
    links = [(str(n), f"incident {n // 2}") for n in range(0, number, 4)]
    events = [
        on_scene(f"incident {n // 2}", f"unit {n % 300}", 90 * n, 90 * n + 300) for n in range(1, number, 4)
    ]
    found = siblings(recordings, links, events)
    # Of each four, the first is linked, the second found on scene; the other two run beside them, and with each other.
    assert found.certain["0"] == {"1"}
    assert len(found.certain) == number // 2
    pairs = sum(map(len, found.suggested.values())) // 2
    assert steps <= 4 * number + pairs + len(events)
    assert steps < number * 10  # comparing all would take five thousand million
