"""Work that is left once: none beside the same that still waits, and none is missed that a worker has begun."""

import datetime as dt
from typing import Any

import pytest
from django.db import connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department.models import Unit
from fairwitness.kernel import clock, jobs
from fairwitness.kernel.change import change
from tests.incidents.made import dispatch, shifts
from tests.kernel.test_locks import DONE, make_unit
from tests.world import BY, World

NAME = "evidence.retain_anew"


def leave(once: bool = True, **more: Any) -> None:
    """Leave the job, in a change of its own."""
    unit = Unit.objects.first() or make_unit()
    with change(DONE, by=BY) as entry:
        jobs.enqueue(NAME, queue="rounds", once=once, **more)
        entry.about(unit)


def left() -> int:
    """How many of it there are."""
    return ProcrastinateJob.objects.filter(task_name=NAME).count()


def put(**said: object) -> None:
    """Bring the only one there is into another state, as a worker does."""
    assignments = ", ".join(f"{name} = %s" for name in said)
    with connections["default"].cursor() as cursor:
        cursor.execute(f"UPDATE procrastinate_jobs SET {assignments}", list(said.values()))


@pytest.mark.django_db
def test_it_works() -> None:
    for _time in range(3):
        leave()
    assert left() == 1
    leave(once=False)
    assert left() == 2


@pytest.mark.django_db
def test_with_other_keys_it_is_another() -> None:
    for key in ("a", "a", "b"):
        leave(of=key)
    assert left() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["doing", "failed"])
def test_what_runs_already_or_failed_does_not_count(state: str) -> None:
    """It may have looked before this change was there to be seen."""
    leave()
    put(status=state)
    leave()
    assert left() == 2


@pytest.mark.django_db
def test_what_waits_for_its_next_try_does_not_count() -> None:
    leave()
    put(scheduled_at=clock.now() + dt.timedelta(hours=5))
    leave()
    assert left() == 2


def test_none_takes_it_before_the_change_is_there_to_be_seen(own_database: str) -> None:
    leave()
    with transaction.atomic():
        leave()
        assert left() == 1
        taken = "SELECT id FROM procrastinate_jobs WHERE status = 'todo' FOR UPDATE SKIP LOCKED"
        with connections["owner"].cursor() as worker:
            worker.execute(taken)
            assert worker.fetchall() == []


def test_imports_one_after_another_leave_one(world: World) -> None:
    for day in (4, 5):
        shifts(f"101,4A12,2026-03-0{day},07:00,19:00")
        dispatch(f"26-00{day},3/{day}/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,")
    assert left() == 1
