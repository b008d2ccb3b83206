"""Which of several cameras' spans lie on one time line: those whose clocks agree to within a pause."""

from collections.abc import Sequence

Span = tuple[int, int]


def together(spans: Sequence[Span], pause: int) -> set[int]:
    """The places of the spans that make the largest group in which no pause is longer; of equals the earliest.

    A clock that disagrees by a year puts its recording far from the others: it is left out and not moved by itself.
    """
    groups: list[list[int]] = []
    reached = 0
    for place in sorted(range(len(spans)), key=lambda place: spans[place]):
        begins, ends = spans[place]
        if not groups or begins - reached > pause:
            groups.append([])
            reached = ends
        groups[-1].append(place)
        reached = max(reached, ends)
    largest = max(map(len, groups), default=0)
    return set(next((group for group in groups if len(group) == largest), []))


def offset(true_ms: int, recorded_ms: int) -> int:
    """By how much a clock is slow: what is added to what it says to get the true time."""
    return true_ms - recorded_ms
