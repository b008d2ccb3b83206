"""The act move_camera: the whole square of states."""

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Camera
from fairwitness.kernel.refusals import Forbidden, WrongState
from tests.department.ledger import latest
from tests.world import BY, World

Status = Camera.Status
ALLOWED = {
    (Status.IN_SERVICE, Status.IN_REPAIR),
    (Status.IN_SERVICE, Status.LOST),
    (Status.IN_SERVICE, Status.RETIRED),
    (Status.IN_REPAIR, Status.IN_SERVICE),
    (Status.IN_REPAIR, Status.LOST),
    (Status.IN_REPAIR, Status.RETIRED),
    (Status.LOST, Status.IN_SERVICE),
    (Status.LOST, Status.RETIRED),
}


def test_it_works(world: World) -> None:
    spare = world.spare()
    acts.move_camera(camera_id=spare.pk, to=Status.IN_REPAIR, by=world.actor("costa"))
    spare.refresh_from_db()
    assert spare.status == Status.IN_REPAIR
    facts = {"camera_id": str(spare.pk), "camera_status": "in_repair"}
    assert latest() == ("department.camera_moved", {("department.camera", spare.pk)}, facts)


@pytest.mark.parametrize("now", list(Status))
@pytest.mark.parametrize("to", list(Status))
def test_the_square(world: World, now: Camera.Status, to: Camera.Status) -> None:
    spare = world.spare()
    if now != Status.IN_SERVICE:
        acts.move_camera(camera_id=spare.pk, to=now, by=BY)
    if (now, to) in ALLOWED:
        assert acts.move_camera(camera_id=spare.pk, to=to, by=BY).status == to
    else:
        with pytest.raises(WrongState):
            acts.move_camera(camera_id=spare.pk, to=to, by=BY)


def test_retiring_one_that_is_worn_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="take it back"):
        acts.move_camera(camera_id=world.cameras["AX-0101"].pk, to=Status.RETIRED, by=world.actor("costa"))


def test_a_supervisor_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.move_camera(camera_id=world.spare().pk, to=Status.LOST, by=world.actor("ruiz"))
