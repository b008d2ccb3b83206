"""Killed at every step of erasing: nothing is said before it is so, and the next round goes on to the end."""

import os
import signal
from typing import Any

import pytest
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from fairwitness.evidence import events
from fairwitness.evidence.check import check_rows
from fairwitness.evidence.models import Disposal, DisposalList, Recording
from fairwitness.kernel import blobs, change
from fairwitness.kernel.blobs import FileStore, keys
from fairwitness.kernel.models import Entry
from tests.evidence.disposals import erase, in_grace, row
from tests.world import World

pytestmark = pytest.mark.slow
DATA = b"a recording"
STEPS = 26


def _killed(found: DisposalList, at: int) -> bool:
    """Run the round in a fork that kills itself at a step; whether it came so far."""
    connections.close_all()
    pid = os.fork()
    if pid == 0:
        count = 0

        def step() -> None:
            nonlocal count
            if count == at:
                os.kill(os.getpid(), signal.SIGKILL)
            count += 1

        def watch(owner: Any, name: str) -> None:
            real = getattr(owner, name)

            def stepping(*args: Any, **more: Any) -> Any:
                step()
                result = real(*args, **more)
                step()
                return result

            setattr(owner, name, stepping)

        watch(change.OpenEntry, "_write")
        watch(BaseDatabaseWrapper, "_commit")
        watch(FileStore, "erase")
        watch(keys, "erase")
        try:
            erase(found)
        except BaseException:
            os._exit(3)
        os._exit(0)
    _pid, status = os.waitpid(pid, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, -signal.SIGKILL)
    return code != 0


@pytest.mark.parametrize("step", range(STEPS))
def test_killed_at(own_world: World, step: int) -> None:
    found = in_grace(own_world, DATA)
    assert _killed(found, step) or step >= STEPS - 2, "a step more, or fewer: count them again"
    here = row(found, DATA)
    said = Entry.objects.filter(event=events.BYTES_ERASED.name).exists()
    gone = blobs.store().absent_in("main", here.recording.sha256)
    assert said == (here.recording.status == Recording.Status.ERASED) == bool(here.certificate)
    assert gone or not said
    assert list(check_rows()) == []
    erase(found)
    here = row(found, DATA)
    assert here.status == Disposal.Status.ERASED
    assert blobs.store().absent_in("main", here.recording.sha256)
    assert Entry.objects.filter(event=events.BYTES_ERASED.name).count() == 1
    found.refresh_from_db()
    assert found.status == DisposalList.Status.DONE
    assert list(check_rows()) == []
