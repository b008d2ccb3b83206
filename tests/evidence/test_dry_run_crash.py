"""Killed in the middle of applying a dry run: nothing is half applied, and the next round goes on where it stopped."""

import os
import signal
import traceback
from contextlib import suppress
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import dry_run as acts
from fairwitness.evidence.check import check_rows
from fairwitness.evidence.models import DryRun
from fairwitness.kernel import actors, change, clock
from fairwitness.kernel.models import Entry
from tests.evidence.test_dry_run import WAITED, moved, several
from tests.world import World

Status = DryRun.Status


@pytest.mark.slow
@pytest.mark.parametrize("at", range(8))
def test_killed_in_the_middle_nothing_is_half_applied(
    own_world: World, at: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By kill -9 before each write of an entry and each commit; the next round goes on to the end."""
    monkeypatch.setattr(acts, "PART", 2)
    made, run = several(own_world)
    with clock.frozen(clock.now() + WAITED):
        assert _killed_at(run, at) == -signal.SIGKILL
        run.refresh_from_db()
        assert (run.status, moved(made)) == (Status.APPROVED, min(run.moved, 5))
        assert Entry.objects.filter(event=events.DRY_RUN_MOVED.name).count() == (run.moved + 1) // 2
        assert list(check_rows()) == []
        jobs.apply_due()
        run.refresh_from_db()
        assert (run.status, run.moved, moved(made)) == (Status.APPLIED, 5, 5)
        assert list(check_rows()) == []


def _killed_at(run: DryRun, at: int) -> int:
    """Apply it in a fork that kills itself at a step: before an entry is written, before a commit."""
    connections.close_all()
    if pid := os.fork():
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    # Where the browser's library has left its event loop, a fork, which has none, would be given the connections that
    # were open before it: those of another database. It opens its own.
    for alias in connections:
        with suppress(AttributeError):
            del connections[alias]
    count = 0

    def watch(owner: Any, name: str) -> None:
        real = getattr(owner, name)

        def stepping(*args: Any, **more: Any) -> Any:
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1
            return real(*args, **more)

        setattr(owner, name, stepping)

    watch(change.OpenEntry, "_write")
    watch(BaseDatabaseWrapper, "_commit")
    try:
        acts.apply_dry_run(run.pk, by=actors.system("evidence.retain"))
    except BaseException:
        traceback.print_exc()
        os._exit(3)
    os._exit(0)
