"""GET /healthz: 200 when site, database, worker and publisher are well; red when entries wait past their due time."""

import datetime as dt
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client

from fairwitness.kernel import clock
from fairwitness.publiclog import health
from tests.kernel.test_locks import make_unit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def well(tmp_path: Path) -> None:
    """A worker that said a moment ago that it is there, and a publisher that ran a moment ago."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now())")
    publisher_ran(clock.now())


def publisher_ran(at: dt.datetime, error: str = "") -> None:
    word = settings.FAIRWITNESS_HOME / "run" / "publisher.json"
    word.parent.mkdir(exist_ok=True)
    word.write_text(json.dumps({"at": clock.rfc3339(at), "error": error}), encoding="utf-8")


def faults(client: Client) -> list[str]:
    answer = client.get("/healthz")
    said: list[str] = answer.json()["faults"]
    assert answer.status_code == (503 if said else 200)
    assert answer.json()["well"] == (not said)
    return said


def test_it_works(client: Client) -> None:
    assert faults(client) == []


def test_an_entry_may_wait_until_a_minute_past_its_due_time(client: Client) -> None:
    now = clock.now()
    with clock.frozen(now):
        make_unit()
    due = dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY)
    with clock.frozen(now + due + health.GRACE - dt.timedelta(seconds=1)):
        publisher_ran(clock.now())
        assert faults(client) == []
    with clock.frozen(now + due + health.GRACE + dt.timedelta(seconds=1)):
        publisher_ran(clock.now())
        assert faults(client) == ["1 entry waits to be published, for 1 minute."]


def test_a_publisher_that_failed_is_named(client: Client) -> None:
    publisher_ran(clock.now(), "the stored log is damaged")
    assert faults(client) == ["The publisher failed: the stored log is damaged"]


def test_a_publisher_that_is_silent_is_named(client: Client) -> None:
    publisher_ran(clock.now() - dt.timedelta(hours=1))
    assert faults(client)[0] == "The publisher has not run for 1 hour."


def test_a_missing_worker_is_named(client: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '10 minutes'")
    assert faults(client) == ["No worker is running; the last one fell silent 10 minutes ago."]


def test_a_database_that_does_not_answer_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> None:
        raise OperationalError("no")

    monkeypatch.setattr(health, "health", away)
    assert faults(client) == ["The database does not answer."]
