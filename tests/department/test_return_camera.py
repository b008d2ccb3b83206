"""The act return_camera."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    camera, until = world.cameras["AX-0101"], clock.now() - dt.timedelta(hours=1)
    acts.return_camera(camera_id=camera.pk, until=until, by=world.actor("costa"))
    assert doors.wearer_at(camera.pk, until - dt.timedelta(seconds=1)) == world.members["whitfield"]
    assert doors.wearer_at(camera.pk, until) is None, "the end is not part of the time"
    event, subjects, facts = latest()
    assert event == "department.camera_returned"
    assert subjects == {("department.camera", camera.pk), ("department.member", world.id("whitfield"))}
    assert facts == {
        "camera_id": str(camera.pk),
        "member_id": str(world.id("whitfield")),
        "until": clock.rfc3339(until),
    }


def test_one_that_nobody_has_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="Nobody"):
        acts.return_camera(camera_id=world.spare().pk, by=world.actor("costa"))


@pytest.mark.parametrize("days", [1, -500])
def test_a_moment_that_cannot_be_is_refused(world: World, days: int) -> None:
    until = clock.now() + dt.timedelta(days=days)
    with pytest.raises(Invalid):
        acts.return_camera(camera_id=world.cameras["AX-0101"].pk, until=until, by=world.actor("costa"))


def test_the_wearer_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.return_camera(camera_id=world.cameras["AX-0101"].pk, by=world.actor("whitfield"))
