"""Watching over the system: one list of faults; an alarm is raised for what lasts, told and mailed at once, and ends."""

import datetime as dt
import shutil
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from fairwitness.accounts import acts as accounts
from fairwitness.department import acts
from fairwitness.department.models import Alarm
from fairwitness.kernel import clock, notices, outcomes
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.faults import Fault
from fairwitness.kernel.models import Entry, Outbox
from fairwitness.kernel.refusals import Unavailable
from fairwitness.site import watch
from tests.site.test_healthz import publisher_ran
from tests.world import World

NOW = clock.now()
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[Fault]:
    """The faults that are found, as the test sets them."""
    found: list[Fault] = []
    monkeypatch.setattr(watch, "LOOKS", (lambda: iter(found),))
    return found


def look_at(each: watch.Watch, minute: float) -> None:
    with clock.frozen(NOW + minute * MINUTE):
        each.look()


def test_what_lasts_is_told_within_minutes_and_once(world: World, said: list[Fault]) -> None:
    said.append(Fault("disk.low", "The disk is full."))
    mine = watch.Watch()
    look_at(mine, 0)
    assert not Alarm.objects.exists(), "it may be the system being started"
    for minute in (1, 2, 3):
        look_at(mine, minute)
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.sentence, alarm.ended_at) == ("disk.low", "The disk is full.", None)
    assert alarm.raised_at - NOW < 5 * MINUTE
    for keeper in ("chen", "costa"):
        (notice,) = notices.unread(world.id(keeper))
        assert (notice.urgent, notice.outside, notice.link) == (True, "disk.low", f"/alarms/{alarm.pk}/")
    assert not notices.unread(world.id("whitfield"))


def test_what_passes_by_itself_is_not_told(world: World, said: list[Fault]) -> None:
    said.append(Fault("publiclog.silent", "The publisher has not run yet."))
    mine = watch.Watch()
    look_at(mine, 0)
    said.clear()
    look_at(mine, 1)
    said.append(Fault("publiclog.silent", "The publisher has not run yet."))
    look_at(mine, 2)
    assert not Alarm.objects.exists()


def test_an_alarm_ends_when_its_fault_is_over(world: World, said: list[Fault]) -> None:
    said += [Fault("jobs.periodic", "One", key="site.sweep"), Fault("jobs.periodic", "Two", key="site.watch")]
    mine = watch.Watch()
    look_at(mine, 0)
    look_at(mine, 1)
    del said[0]
    look_at(mine, 2)
    assert Alarm.objects.get(ended_at=None).key == "site.watch"
    assert Entry.objects.filter(event="department.alarm_ended").count() == 1
    assert {entry.actor for entry in Entry.objects.filter(event__startswith="department.alarm")} == {
        "system:site.watch"
    }


def test_two_watches_raise_one_alarm(world: World, said: list[Fault]) -> None:
    said.append(Fault("disk.low", "The disk is full."))
    for mine in (watch.Watch(), watch.Watch()):
        look_at(mine, 0)
        look_at(mine, 1)
    assert Alarm.objects.count() == 1


def test_alarms_of_other_rooms_are_left_alone(world: World, said: list[Fault]) -> None:
    acts.raise_alarm("storage.damage", "A copy is damaged.", key="main", by=watch.BY)
    look_at(watch.Watch(), 0)
    assert Alarm.objects.get().ended_at is None


def test_only_faults_that_are_told_lead_somewhere() -> None:
    assert watch.LINKS.keys() <= watch.CODES


@pytest.fixture
def well(world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """A system with nothing wrong."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    publisher_ran(clock.now())
    Outbox.objects.all().delete()
    settings.FAIRWITNESS_PUBLISH_EVERY = 3600
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**40, total=2**41))
    yield world


def found() -> dict[str, str]:
    return {fault.code: fault.sentence for fault in watch.faults()}


def test_nothing_is_wrong(well: World) -> None:
    assert found() == {}


def test_health_and_the_watch_say_the_same(well: World, client: Client) -> None:
    publisher_ran(clock.now() - dt.timedelta(hours=3))
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["faults"] == ["The publisher has not run for 3 hours."] == [*found().values()]


def test_anybody_is_told_that_a_job_failed_but_not_why(well: World, client: Client) -> None:
    outcomes.note_failed(1, "site.watch", 0.1, Unavailable("The store vault-7 is away."))
    assert client.get("/healthz").json()["faults"] == ["A job of the clock did not succeed."]
    assert "vault-7" in found()["jobs.periodic"]


def test_a_silent_worker(well: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '12 minutes'")
    assert found() == {"jobs.worker": "No worker is running; the last one fell silent 12 minutes ago."}


def test_a_full_disk(well: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda path: SimpleNamespace(free=2**30, total=2**40))
    assert found() == {"disk.low": "The disk of the home folder has 1.0 GiB left of 1024 GiB."}


def test_an_alarm_of_the_stores_is_a_fault_by_its_code_alone(well: World) -> None:
    acts.raise_alarm("storage.damage", "A copy of R-2026-000001 is damaged.", key="main", by=watch.BY)
    acts.raise_alarm("uploads.dock_silent", "The dock at the front desk is silent.", by=watch.BY)
    assert found() == {"storage.damage": "An alarm is open: storage.damage."}
    look_at(watch.Watch(), 0)
    assert Alarm.objects.filter(ended_at=None).count() == 2, "they are not ours to end"


def test_failed_sign_ins_in_numbers(well: World, settings: Any) -> None:
    settings.FAIRWITNESS_FAILED_SIGN_INS = 3
    for _each in range(2):
        accounts.note_failed_sign_in(username="nobody", by=PUBLIC)
    assert found() == {}
    accounts.note_failed_sign_in(username="park", by=PUBLIC)
    assert found() == {"sign_in.failures": "3 sign-ins failed within 15 minutes."}
    with clock.frozen(clock.now() + dt.timedelta(minutes=16)):
        assert "sign_in.failures" not in found()


def test_what_the_clock_does_and_fails(well: World) -> None:
    outcomes.note_failed(1, "site.watch", 0.1, Unavailable("The store is away."))
    assert found() == {"jobs.periodic": "Watching over the system did not succeed: The store is away."}
    outcomes.note_done(2, "site.watch", 0.1)
    assert found() == {}
