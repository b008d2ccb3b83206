"""Jobs: what a worker that died was doing is done by another; what failed for good is named; the clock never waits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.evidence.models import Recording
from fairwitness.kernel.jobs import KINDS
from fairwitness.site import jobs, watch
from tests.evidence.made import ROOT, sealed

PATIENCE = 100  # seconds: the clock strikes once a minute


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> None:
    """A FAIRWITNESS_HOME of this test's own."""
    settings.FAIRWITNESS_HOME = tmp_path / "home"
    settings.FAIRWITNESS_HOME.mkdir()


def faults() -> list[str]:
    """What is wrong with the jobs themselves."""
    return [fault.sentence for fault in watch.faults() if fault.code in {"jobs.failed", "jobs.left"}]


@contextmanager
def worker(*words: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker in a process of its own, killed at the end if it still runs."""
    environment = {**os.environ, "FAIRWITNESS_HOME": str(settings.FAIRWITNESS_HOME), "FAIRWITNESS_DEMO": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "fairwitness", "worker", *words], cwd=ROOT, env=environment
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def until(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


def status() -> str | None:
    return (
        ProcrastinateJob.objects.filter(task_name="evidence.probe").values_list("status", flat=True).first()
    )


@pytest.mark.slow
def test_what_a_killed_worker_was_doing_is_done_by_another(own_database: str) -> None:
    recording = sealed(b"nothing that can be read")
    with psycopg.connect(own_database) as other, worker() as first:
        # The worker can read the recording, and cannot say so while we hold its row.
        other.execute("SELECT 1 FROM evidence_recording WHERE id = %s FOR UPDATE", [recording.pk])
        until(lambda: status() == "doing" and waits_for_us())
        first.kill()
        first.wait()
    with psycopg.connect(own_database, autocommit=True) as owner:
        assert status() == "doing", "nobody noticed yet"
        owner.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        owner.execute("UPDATE procrastinate_events SET at = at - interval '1 hour'")
    assert faults() == ["1 job lies with a worker that died."]
    with worker() as second:
        until(lambda: status() is None)
        recording.refresh_from_db()
        assert recording.readable == Recording.Readable.NO
        assert faults() == []
        second.send_signal(signal.SIGTERM)
        assert second.wait(20) == 0


def waits_for_us() -> bool:
    return bool(one("SELECT count(*) FROM pg_locks WHERE NOT granted")[0])


def taken(attempts: int = 0) -> int:
    """A job that was taken by a worker which is no more."""
    insert = "INSERT INTO procrastinate_jobs (queue_name, task_name, attempts) VALUES ('media', 'evidence.probe', %s)"
    (pk,) = one(f"{insert} RETURNING id", attempts)
    one("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s RETURNING id", pk)
    return int(pk)


def one(query: str, *values: object) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


@pytest.mark.slow
def test_what_kills_every_worker_is_given_up(own_database: str) -> None:
    pk = taken(jobs.MOST_DEATHS)
    with worker():
        until(lambda: one("SELECT status FROM procrastinate_jobs WHERE id = %s", pk) == ("failed",))
    assert faults() == ["1 job failed and is not tried again by itself."]


def test_a_job_that_was_left_just_now_is_no_fault_yet(db: None) -> None:
    pk = taken()
    assert faults() == []
    one("UPDATE procrastinate_events SET at = at - interval '6 minutes' WHERE job_id = %s RETURNING 1", pk)
    assert faults() == ["1 job lies with a worker that died."]


def test_every_queue_is_worked_on() -> None:
    ours = {task.queue for task in app.tasks.values() if task.name in KINDS}
    assert ours == set(jobs.QUEUES)


@pytest.mark.slow
def test_the_long_reading_of_media_keeps_the_clock_from_nothing(own_database: str) -> None:
    recording = sealed(b"nothing that can be read")
    with psycopg.connect(own_database) as other, worker("--concurrency", "1"):
        other.execute("SELECT 1 FROM evidence_recording WHERE id = %s FOR UPDATE", [recording.pk])
        until(lambda: status() == "doing" and waits_for_us())
        left = app.configure_task("evidence.end_viewings", queue="clock").defer(timestamp=0)
        until(lambda: not ProcrastinateJob.objects.filter(pk=left).exists())
        assert status() == "doing", "the reading is still under way"


@pytest.mark.slow
def test_what_failed_for_good_is_tried_anew_when_asked(own_database: str) -> None:
    recording = sealed(b"nothing that can be read")
    one("UPDATE procrastinate_jobs SET status = 'doing' RETURNING id")
    one("UPDATE procrastinate_jobs SET status = 'failed' RETURNING id")
    assert len(faults()) == 1
    with worker("--once", "--again") as process:
        assert process.wait(60) == 0
    recording.refresh_from_db()
    assert (recording.readable, faults()) == (Recording.Readable.NO, [])
