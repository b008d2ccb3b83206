"""What is done at night: the log is checked, what was kept for a while goes; and who watches when no worker runs."""

import datetime as dt
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core import mail
from django.db import DatabaseError, connection
from procrastinate.contrib.django import app

from fairwitness.department.models import Alarm
from fairwitness.kernel import clock, notices, outcomes, receiving, staging
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import JobTally, SavedSearch
from fairwitness.kernel.refusals import Unavailable
from fairwitness.site import checks, jobs, stand_in, watch
from tests.department.test_jobs_page import left
from tests.world import World


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    settings.FAIRWITNESS_HOME = tmp_path
    return tmp_path


def test_searches_of_a_month_go(db: None) -> None:
    now = clock.now()
    SavedSearch.keep(new_id(), {"text": "Whitfield"}, now - dt.timedelta(days=31))
    kept = SavedSearch.keep(new_id(), {"text": "Okoye"}, now - dt.timedelta(days=29))
    jobs._swept()
    assert list(SavedSearch.objects.all()) == [kept]


def test_rosters_of_yesterday_go(db: None, home: Path) -> None:
    folder = home / "staging" / "rosters" / str(new_id())
    folder.mkdir(parents=True)
    old, fresh = folder / "old", folder / "fresh"
    for staged in (old, fresh):
        staged.write_bytes(b"names")
    os.utime(old, times=(0, time.time() - staging.FORGET_AFTER - 1))
    jobs._swept()
    assert not old.exists() and fresh.exists()


def test_files_that_never_came_whole_go(db: None) -> None:
    """A process that was killed cannot remove what it was receiving."""
    old, fresh = (receiving._folder() / f"{name}.received" for name in ("old", "fresh"))
    for path in (old, fresh):
        path.write_bytes(b"half a photograph")
    os.utime(old, times=(0, time.time() - receiving.LEFT_AFTER - 1))
    jobs._swept()
    assert not old.exists() and fresh.exists()


def test_figures_of_a_week_go(db: None) -> None:
    with clock.frozen(clock.now() - dt.timedelta(days=9)):
        outcomes.note_done(1, "a.job", 1)
    jobs._swept()
    assert not JobTally.objects.exists()


def test_a_log_that_verifies(world: World) -> None:
    assert [fault for fault in checks.faults() if "lock" in fault.lower()] == []
    jobs.check_log(0)


def test_a_log_that_does_not_is_a_fault_until_it_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "faults", lambda: iter(["Entry 7 was removed.", "And more."]))
    with pytest.raises(Unavailable, match="The log does not verify: Entry 7 was removed.") as refused:
        jobs.check_log(0)
    outcomes.note_failed(1, "site.check_log", 1, refused.value)
    (fault,) = [fault for fault in watch.faults() if fault.key == "site.check_log"]
    assert "Entry 7 was removed." in fault.sentence and fault.code in watch.CODES
    outcomes.note_done(2, "site.check_log", 1)
    assert not [fault for fault in watch.faults() if fault.key == "site.check_log"]


def test_when_no_worker_runs_the_site_raises_the_alarm_and_mails_it(world: World, settings: Any) -> None:
    settings.FAIRWITNESS_MAIL = True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '5 minutes')"
        )
    mine = watch.Watch()
    stand_in.look(mine)
    with clock.frozen(clock.now() + dt.timedelta(minutes=1)):
        stand_in.look(mine)
    assert Alarm.objects.filter(code="jobs.worker", ended_at=None).count() == 1
    assert any("No worker is running" in notice.sentence for notice in notices.unread(world.id("chen")))
    assert "chen@police.example" in {message.to[0] for message in mail.outbox}
    sent = len(mail.outbox)
    stand_in.look(mine)
    assert len(mail.outbox) == sent


def test_while_a_worker_runs_the_site_does_nothing(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    mine = watch.Watch()
    for minute in (0, 2):
        with clock.frozen(clock.now() + dt.timedelta(minutes=minute)):
            stand_in.look(mine)
    assert not Alarm.objects.exists()


class Told:
    """What procrastinate hands to whatever stands around a job."""

    def __init__(self, pk: int) -> None:
        self.job = type("Job", (), {"id": pk, "task_name": "evidence.derive"})()


def test_around_every_job_it_is_noted_how_it_ended(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    pk = left()

    def refuses() -> None:
        raise Unavailable("The store is away.")

    with pytest.raises(Unavailable):
        jobs.noted(refuses, Told(pk), None)
    assert outcomes.why([pk])[pk].sentence == "The store is away."
    assert jobs.noted(lambda: 7, Told(pk), None) == 7
    assert outcomes.why([pk]) == {}

    async def fails() -> None:
        raise ValueError

    # In a thread of its own, where no loop of the browser library runs; so the note is caught, not written.
    noted: list[tuple[Any, ...]] = []
    monkeypatch.setattr(outcomes, "note_failed", lambda *what: noted.append(what))
    with ThreadPoolExecutor(1) as worker, pytest.raises(ValueError) as raised:
        worker.submit(async_to_sync(jobs.noted_async), fails, Told(pk), None).result()
    ((job, name, _seconds, error),) = noted
    assert (job, name, error) == (pk, "evidence.derive", raised.value)


def test_what_cannot_be_noted_hides_nothing(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_said: object) -> None:
        raise DatabaseError

    monkeypatch.setattr(outcomes, "note_done", away)
    assert jobs.noted(lambda: 7, Told(left()), None) == 7


def test_every_queue_that_is_left_to_is_worked_on() -> None:
    queues = {
        task.queue for name, task in app.tasks.items() if not name.startswith(("procrastinate", "builtin"))
    }
    assert queues <= jobs.QUEUES.keys()
