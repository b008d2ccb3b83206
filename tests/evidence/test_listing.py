"""The list: filters, search, and pages by key that together are the whole list, forwards and back."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.evidence import doors
from fairwitness.evidence.doors import Filters, listing
from fairwitness.evidence.forms import FilterForm, filters_of
from fairwitness.evidence.models import Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import NotFound
from tests.evidence.made import days_ago, sealed
from tests.world import World

SORTS = {
    "-started": (lambda r: (r.started, r.pk), True),
    "started": (lambda r: (r.started, r.pk), False),
    "-number": (lambda r: (r.number, r.pk), True),
    "number": (lambda r: (r.number, r.pk), False),
}


@pytest.fixture
def many(world: World) -> list[Recording]:
    """Eleven recordings, several of one moment, by two cameras, in two incidents."""
    return [
        sealed(
            b"%d" % n,
            started=days_ago(10 + n // 4),
            device=("AX-0101", "AX-0111")[n % 2],
            incident=("26-1", "26-2")[n % 3 == 0],
            label=("Traffic", "Arrest")[n % 5 == 0],
            title=f"A stop number {n}",
        )
        for n in range(11)
    ]


def pages(asker: Actor, filters: Filters, size: int) -> Iterator[doors.Page]:
    """Every page from the first on."""
    page = listing(asker, filters, size=size)
    yield page
    while page.after:
        page = listing(asker, filters, after=page.after, size=size)
        yield page


any_filter = st.fixed_dictionaries(
    {},
    optional={
        "incident": st.sampled_from(["26-1", "26-2", "none"]),
        "label": st.sampled_from(["Traffic", "Arrest"]),
        "status": st.sampled_from(["sealed", "refused"]),
        "text": st.sampled_from(["stop", "STOP 1", "whitfield", "nothing like it", "AX-0111", "%", "_"]),
        "since": st.integers(9, 14).map(lambda n: days_ago(n)),
        "until": st.integers(9, 14).map(lambda n: days_ago(n)),
    },
)


@given(
    st.sampled_from(sorted(SORTS)),
    st.integers(1, 12),
    any_filter,
    st.sampled_from(["costa", "ruiz", "haddad"]),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_pages_are_the_list(
    many: list[Recording], world: World, sort: str, size: int, chosen: dict[str, Any], key: str
) -> None:
    """Whatever the filter, the sort, the size and the asker: nothing twice, nothing left out, also going back."""
    asker, filters = world.actor(key), Filters(sort=sort, **chosen)
    order, reverse = SORTS[sort]
    whole = sorted(filters.apply(doors.narrowed(asker, "find")), key=order, reverse=reverse)
    forwards = list(pages(asker, filters, size))
    assert list(itertools.chain.from_iterable(p.rows for p in forwards)) == whole
    assert [len(p.rows) for p in forwards[:-1]] == [size] * (len(forwards) - 1)
    assert not forwards[0].before
    back = forwards[-1]
    for expected in reversed(forwards[:-1]):
        back = listing(asker, filters, before=back.before, size=size)
        assert back.rows == expected.rows
        assert (back.after, back.before) == (expected.after, expected.before)
    assert list(doors.every(asker, filters)) == whole
    assert doors.count_of(asker, filters) == (len(whole), False)


def test_a_page_stays_where_it_is_when_others_come(many: list[Recording], world: World) -> None:
    asker = world.actor("costa")
    first = listing(asker, Filters(), size=4)
    sealed(b"the newest", started=days_ago(1))
    second = listing(asker, Filters(), after=first.after, size=4)
    assert not {r.pk for r in first.rows} & {r.pk for r in second.rows}
    assert [r.started for r in second.rows] == sorted((r.started for r in second.rows), reverse=True)


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "~",
        "2026-01-01",
        f"2026-01-01~{'z' * 36}",
        f"not a time~{uuid.UUID(int=7)}",
        f"\0~{uuid.UUID(int=7)}",
        "~" * 300,
    ],
)
@pytest.mark.parametrize("sort", ["-started", "number"])
def test_a_cursor_that_is_none_is_not_found_or_leads_somewhere(
    many: list[Recording], world: World, cursor: str, sort: str
) -> None:
    try:
        assert listing(world.actor("costa"), Filters(sort=sort), after=cursor).rows is not None
    except NotFound as refusal:
        assert refusal.sentence == "This page of the list does not exist."


@pytest.mark.parametrize("name", ["text", "incident", "label", "status", "readable", "owner_how"])
def test_words_that_no_record_can_hold_find_nothing(many: list[Recording], world: World, name: str) -> None:
    assert listing(world.actor("costa"), Filters(**{name: "nul\0"})).rows == []  # type: ignore[arg-type]


class TestSearch:
    """Every word must be found, in whatever case, in number, title, incident, label, names."""

    @pytest.mark.parametrize(
        ("text", "count"),
        [
            ("stop", 11),
            ("STOP whitfield", 6),
            ("arrest haddad", 1),
            ("AX-0111 26-2", 2),
            ("%", 0),
        ],
    )
    def test_it_works(self, many: list[Recording], world: World, text: str, count: int) -> None:
        assert len(listing(world.actor("costa"), Filters(text=text)).rows) == count

    def test_labels_that_occur_can_be_chosen(self, many: list[Recording]) -> None:
        assert doors.labels() == ["Arrest", "Traffic"]


class TestFilterForm:
    """Days are the agency's; the last day is included."""

    def filters(self, **words: str) -> Filters:
        form = FilterForm(words)
        assert form.is_valid(), form.errors
        return filters_of(form, "-started", agency().tz)

    def test_days(self) -> None:
        found = self.filters(since="2026-03-08", until="2026-03-08")
        assert found.since == dt.datetime(2026, 3, 8, 5, tzinfo=dt.UTC)
        assert found.until == dt.datetime(2026, 3, 9, 4, tzinfo=dt.UTC), "the day on which clocks go forward"

    def test_an_unknown_sort_is_the_usual_one(self) -> None:
        form = FilterForm({})
        assert form.is_valid()
        assert filters_of(form, "owner; DROP", agency().tz).sort == "-started"

    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
    def test_the_ends_of_time(self, many: list[Recording], world: World, day: str) -> None:
        for name in ("since", "until"):
            assert listing(world.actor("costa"), self.filters(**{name: day})) is not None


class TestCounts:
    """Numbers and nothing else."""

    def test_it_works(self, many: list[Recording], world: World) -> None:
        counts = doors.counts(world.actor("novak"))
        assert (counts["total"], counts["bytes"], counts["viewings"]) == (11, 12, 0)
        assert counts["by_status"] == [{"status": "sealed", "n": 11}]
        assert sum(row["n"] for row in counts["by_month"]) == 11

    def test_who_may_not_is_refused(self, world: World) -> None:
        with pytest.raises(NotFound):
            doors.counts(world.actor("chen"))


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("looked_through", [0, 4, 100])
def test_common_words_are_found_among_the_first_rows_as_by_their_index(
    many: list[Recording], world: World, monkeypatch: pytest.MonkeyPatch, sort: str, looked_through: int
) -> None:
    monkeypatch.setattr(doors, "LOOK_THROUGH", looked_through)
    filters, asker = Filters(text="stop numb", sort=sort, label="Traffic"), world.actor("costa")
    key, descending = SORTS[sort]
    wanted = sorted((r for r in many if r.label == "Traffic"), key=key, reverse=descending)
    found = [row.pk for page in pages(asker, filters, 2) for row in page.rows]
    assert found == [row.pk for row in wanted]
    last = list(pages(asker, filters, 2))[-1]
    back = listing(asker, filters, before=last.before, size=2)
    assert [row.pk for row in back.rows] == found[-len(last.rows) - 2 : -len(last.rows)]
