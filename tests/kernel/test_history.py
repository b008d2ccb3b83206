"""Histories: entries in sentences, with people and things by name, in a number of queries that does not grow."""

import datetime as dt
import uuid
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from fairwitness.accounts import acts as accounts
from fairwitness.kernel import actors, clock, history
from fairwitness.kernel.change import change
from fairwitness.kernel.events import REGISTER, Event
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import NotFound
from fairwitness.site import naming
from tests.kernel.test_locks import BY, DONE, make_unit
from tests.world import World

BEGAN = clock.now()
assert naming  # it tells histories how things are named


def test_it_works(world: World) -> None:
    lines = history.of("department.member", world.id("whitfield"))
    assert lines == sorted(lines, key=lambda line: line.at), "oldest first"
    assert lines[0].sentence == "The system (laying out the demonstration) added Officer Dana Whitfield"
    assert lines[0].facts == {"member_id": str(world.id("whitfield")), "rank": "patrol_officer"}


def test_an_actor_is_told_by_name(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(REGISTER, DONE.name, DONE)
    with change(DONE, by=world.actor("ruiz")) as entry:
        entry.about(world.members["li"])
    (line,) = history.by_actor(world.actor("ruiz").key)
    assert (line.actor, line.sentence) == ("Sgt. Maria Ruiz", "Sgt. Maria Ruiz tested")


def test_a_moment_is_told_as_the_agency_writes_it(world: World) -> None:
    until = dt.datetime(2027, 6, 17, 13, 25, 30, 955964, tzinfo=dt.UTC)
    with clock.frozen(until - dt.timedelta(days=60)):
        token, _secret = accounts.issue_token(
            name="Front desk", scopes=["upload"], expires_at=until, by=world.actor("costa")
        )
    (line,) = history.of("accounts.token", token.pk)
    assert line.sentence.endswith("a token, good until Jun 17, 2027, 09:25")
    assert line.facts and line.facts["expires_at"] == "2027-06-17T13:25:30.955964Z"


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("system:evidence.probe", "The system (reading recordings)"),
        ("device:dock-7", "A device"),
        ("public", "A member of the public"),
        (f"member:{uuid.UUID(int=7)}", "A member"),
    ],
)
def test_every_kind_of_actor_has_words(key: str, words: str) -> None:
    assert history.actor_name(key, {}) == words


def test_erased_facts_are_said_to_be_absent(own_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erasing them is no act yet, so the row is taken away behind the system's back."""
    counted = Event("test.counted", "{actor} counted {count}", frozenset({"count"}))
    monkeypatch.setitem(REGISTER, "test.counted", counted)
    unit = make_unit()
    with change(counted, by=BY) as entry:
        entry.about(unit, count=7)
    assert history.of("department.unit", unit.pk)[-1].sentence == "The system (test) counted 7"
    with psycopg.connect(own_database, autocommit=True) as owner:
        owner.execute("ALTER TABLE kernel_entryprivate DISABLE TRIGGER USER")
        owner.execute("DELETE FROM kernel_entryprivate WHERE entry_id = %s", [entry.id])
    line = history.of("department.unit", unit.pk)[-1]
    assert (line.sentence, line.facts) == ("The system (test) counted (not recorded)", None)


def test_an_event_of_a_room_that_is_gone_is_still_told(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    unit = make_unit()
    monkeypatch.delitem(REGISTER, DONE.name, raising=False)
    assert history.of("department.unit", unit.pk)[0].sentence == "The system (test): test.done"


def test_braces_in_a_fact_are_only_text(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    spoke = Event("test.spoke", "{actor} said {what}", frozenset({"what"}))
    monkeypatch.setitem(REGISTER, "test.spoke", spoke)
    unit = make_unit()
    with change(spoke, by=BY) as entry:
        entry.about(unit, what="{actor} {what} {0}")
    assert history.of("department.unit", unit.pk)[-1].sentence == "The system (test) said {actor} {what} {0}"


def test_the_number_of_queries_does_not_grow(world: World) -> None:
    def queries(limit: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            history.tell(Entry.objects.order_by("id")[:limit])
        return len(captured)

    assert queries(200) <= queries(5) + 2 <= 8


def test_only_the_latest_of_an_actor_newest_first(world: World) -> None:
    lines = history.by_actor("system:world", limit=3)
    assert len(lines) == 3
    assert [line.at for line in lines] == sorted((line.at for line in lines), reverse=True)
    assert lines[0].entry_id == Entry.objects.order_by("-at", "-id")[0].id


def test_what_is_kept_apart_is_joined(db: None) -> None:
    unit = make_unit()
    facts: dict[str, Any] = EntryPrivate.objects.get().facts
    assert history.of("department.unit", unit.pk)[0].facts == facts == {}


def test_nothing_is_cut(db: None) -> None:
    """Of a long history every entry is found, on one page or another, in order, also where moments are the same."""
    unit = make_unit()
    for number in range(60):
        with clock.frozen(clock.now() if number % 3 else BEGAN), change(DONE, by=BY) as entry:
            entry.about(unit)
    whole = history.of("department.unit", unit.pk)
    assert len(whole) == 61
    pages = [history.page("department.unit", unit.pk, size=20)]
    while pages[-1].earlier:
        pages.append(history.page("department.unit", unit.pk, size=20, before=pages[-1].earlier))
    assert [len(page.lines) for page in pages] == [20, 20, 20, 1]
    assert [line.entry_id for page in pages for line in page.lines] == [e.entry_id for e in reversed(whole)]


@pytest.mark.parametrize(
    "cursor", ["x", "2026-01-01T00:00:00+00:00~x", "~", f"2026-01-01T00:00:00~{uuid.UUID(int=7)}", "\0"]
)
def test_what_is_no_cursor_is_not_found(db: None, cursor: str) -> None:
    with pytest.raises(NotFound):
        history.page("department.unit", uuid.uuid4(), before=cursor)


def test_a_history_of_nothing_is_empty(db: None) -> None:
    assert history.of("department.unit", uuid.uuid4()) == []
    assert history.by_actor(actors.PUBLIC.key) == []
