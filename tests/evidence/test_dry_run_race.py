"""Two who make a dry run of recordings at once, on connections of their own: one is made, the other is told which."""

import threading

import pytest
from django.db import transaction

from fairwitness.evidence.acts.dry_run import try_recordings
from fairwitness.evidence.models import DryRun
from fairwitness.kernel.refusals import WrongState
from tests.evidence.test_dry_run import shortened
from tests.evidence.test_retain_race import Beside
from tests.world import World


def test_two_at_once_make_one(own_world: World) -> None:
    shortened(own_world)
    by, began, refused = own_world.actor("nair"), threading.Event(), list[str]()

    def second() -> None:
        began.set()
        with pytest.raises(WrongState) as refusal:
            try_recordings(by=by)
        refused.append(refusal.value.sentence)

    with transaction.atomic():
        run = try_recordings(by=own_world.actor("costa"))
        beside = Beside(second)
        began.wait(10)
        # Nobody sees ours yet, so it has to wait.
        beside.thread.join(2)
        assert beside.thread.is_alive()
    beside.done()
    assert run.number in refused[0] and DryRun.objects.count() == 1
