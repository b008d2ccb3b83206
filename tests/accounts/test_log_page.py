"""The page of the sign-in log: who may, filters, pages, CSV; lines are only ever added (CJIS AU-9, AU-11)."""

import csv
import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.accounts import acts
from fairwitness.accounts.doors import Source
from fairwitness.accounts.jobs import sweep
from fairwitness.accounts.models import Session, SignInLog
from fairwitness.accounts.pages.log import PAGE_ROWS
from fairwitness.kernel import actors, clock
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.roles import Role
from tests.department.test_reach import HOLDER
from tests.world import World

READS = {Role.ACCOUNT_ADMINISTRATOR, Role.INTERNAL_AUDITOR}


def refused(world: World, key: str, count: int = 1, address: str = "192.0.2.7") -> None:
    """So many lines: somebody tried what is not allowed."""
    by = actors.member(world.id(key))
    for _ in range(count):
        acts.note_refused(what="assign_camera", by=by, source=Source(address, "Firefox on Windows"))


def shown(browser: Client, query: str = "") -> list[SignInLog]:
    rows: list[SignInLog] = browser.get(f"/sign-in-log/{query}").context["rows"]
    return rows


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("page", ["sign-in-log", "sign-in-log-csv"])
def test_who_may(world: World, role: Role, page: str) -> None:
    assert world.sign_in(HOLDER[role]).get(reverse(page)).status_code == (200 if role in READS else 403)
    assert Client().get(reverse(page)).status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_everybody_sees_their_own(world: World, role: Role) -> None:
    browser = world.sign_in(HOLDER[role])
    refused(world, HOLDER[role])
    refused(world, "nair")
    rows = browser.get(reverse("my-sign-in-log")).context["rows"]
    assert {row.member for row in rows} == {world.id(HOLDER[role])}


def test_a_line_is_told_by_name_with_hundredths(world: World) -> None:
    at = dt.datetime(2026, 3, 1, 8, 30, 1, 987654, tzinfo=dt.UTC)
    with clock.frozen(at):
        refused(world, "li")
    page = world.sign_in("chen").get("/sign-in-log/?event=attempt").content.decode()
    for words in (
        "2026-03-01 08:30:01.98",
        "Officer Wei Li",
        "192.0.2.7",
        "Firefox on Windows",
        "assign_camera",
    ):
        assert words in page


def test_filters(world: World) -> None:
    browser = world.sign_in("sato")
    with clock.frozen(dt.datetime(2026, 3, 2, 4, 59, 59, tzinfo=dt.UTC)):
        refused(world, "li")
    with clock.frozen(dt.datetime(2026, 3, 2, 5, tzinfo=dt.UTC)):
        refused(world, "okoye", address="2001:db8::1")
    both = [line for line in shown(browser) if line.event == "attempt"]
    assert [line.member for line in both] == [world.id("okoye"), world.id("li")], "newest first"
    assert [line.member for line in shown(browser, "?until=2026-03-01")] == [world.id("li")]
    assert world.id("li") not in [line.member for line in shown(browser, "?since=2026-03-02")]
    assert {line.event for line in shown(browser, "?outcome=refused")} == {"attempt"}
    world.sign_in("okoye")
    mine = shown(browser, f"?member={world.id('okoye')}&event=attempt")
    assert [line.member for line in mine] == [world.id("okoye")]


def test_reading_it_is_noted_once_an_hour_for_each_session(world: World) -> None:
    browser, began = world.sign_in("sato"), clock.now()
    for minutes in (0, 25, 50, 61):
        with clock.frozen(began + dt.timedelta(minutes=minutes)):
            Session.objects.update(seen=clock.now())
            assert browser.get("/sign-in-log/").status_code == 200
    world.sign_in("sato").get("/sign-in-log/")
    world.sign_in("whitfield").get("/sign-in-log/")
    lines = SignInLog.objects.filter(event="log_read")
    assert {line.member for line in lines} == {world.id("sato")} and lines.count() == 3
    assert len({line.session for line in lines}) == 2 and None not in {line.session for line in lines}


def test_an_address_stays_out_of_addresses(world: World) -> None:
    browser = world.sign_in("chen")
    refused(world, "li")
    refused(world, "okoye", address="2001:db8::1")
    answer = browser.post("/sign-in-log/", {"address": "2001:DB8:0::1", "event": "attempt"})
    assert "db8" not in answer["Location"].lower()
    page = browser.get(answer["Location"])
    assert [line.member for line in page.context["rows"]] == [world.id("okoye")]
    assert len(page.context["chips"]) == 2
    other = world.sign_in("sato").get(answer["Location"]).context["rows"]
    assert len(other) == 2, "somebody else's search says nothing to them"


@pytest.mark.parametrize("query", ["?since=x", "?member=x", "?event=x", "?outcome=x", "?after=x", "?before=", "?q=x",
                                   "?after=99999999999999999999", "?after=²", "?member=%00"])  # fmt: skip
def test_what_cannot_be_read_does_not_narrow(world: World, query: str) -> None:
    browser = world.sign_in("chen")
    refused(world, "li")
    assert len(shown(browser, query)) == SignInLog.objects.count()


def test_pages_forth_and_back_show_every_line_once(world: World) -> None:
    browser = world.sign_in("chen")
    with clock.frozen(clock.now()):
        refused(world, "li", 2 * PAGE_ROWS + 7)
    forth, query, context = [], "?", None
    while context is None or context["after"]:
        context = browser.get(f"/sign-in-log/{query}").context
        forth += [line.pk for line in context["rows"]]
        query = f"?after={context['after']}"
    assert len(forth) == len(set(forth)) == SignInLog.objects.count()
    back = [line.pk for line in context["rows"]]
    while context["before"]:
        context = browser.get(f"/sign-in-log/?before={context['before']}").context
        back = [line.pk for line in context["rows"]] + back
    assert back == forth


def test_the_csv_is_whole_and_noted(world: World) -> None:
    browser = world.sign_in("sato")
    refused(world, "li", PAGE_ROWS + 3)
    answer = browser.get("/sign-in-log.csv?event=attempt")
    rows = list(csv.reader(io.StringIO(b"".join(answer).decode())))  # type: ignore[arg-type]
    assert len(rows) == 1 + PAGE_ROWS + 3
    assert rows[1][1:5] == ["attempt", "refused", "assign_camera", "Officer Wei Li"]
    entry = Entry.objects.get(event="accounts.log_exported")
    assert entry.actor == world.actor("sato").key
    assert EntryPrivate.objects.get(entry_id=entry.id).facts["lines"] == PAGE_ROWS + 3


def test_nothing_that_runs_by_the_clock_takes_a_line_away(world: World) -> None:
    refused(world, "li", 3)
    with clock.frozen(clock.now() + dt.timedelta(days=800)):
        before = SignInLog.objects.count()
        sweep(0)
        assert SignInLog.objects.count() >= before
    assert SignInLog.objects.filter(event="attempt").count() == 3
