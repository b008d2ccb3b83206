"""Which cameras stand on one time line."""

from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules.side_by_side import offset, together

YEAR = 365 * 86_400_000
PAUSE = 12 * 3_600_000
SPANS = st.lists(
    st.tuples(st.integers(-(2**40), 2**40), st.integers(0, 2**24)).map(lambda s: (s[0], s[0] + s[1])),
    max_size=12,
)


def test_it_works() -> None:
    spans = [(0, 60_000), (5_000, 70_000), (-YEAR, -YEAR + 60_000)]
    assert together(spans, PAUSE) == {0, 1}
    assert together([], PAUSE) == set()
    assert offset(10_000, 7_500) == 2_500


def test_of_two_that_disagree_the_earlier_stands() -> None:
    assert together([(YEAR, YEAR + 1), (0, 1)], PAUSE) == {1}


@given(SPANS, st.integers(0, 2**36))
def test_the_group_has_no_longer_pause_and_nobody_near_is_left_out(
    spans: list[tuple[int, int]], pause: int
) -> None:
    found = together(spans, pause)
    assert bool(found) == bool(spans)
    inside = sorted(spans[place] for place in found)
    reached = inside[0][1] if inside else 0
    for begins, ends in inside:
        assert begins - reached <= pause
        reached = max(reached, ends)
    for place in set(range(len(spans))) - found:
        begins, ends = spans[place]
        assert ends < inside[0][0] - pause or begins > reached + pause


@given(SPANS, st.integers(-(2**40), 2**40))
def test_it_does_not_matter_when_it_was(spans: list[tuple[int, int]], later: int) -> None:
    moved = [(begins + later, ends + later) for begins, ends in spans]
    assert together(moved, PAUSE) == together(spans, PAUSE)
