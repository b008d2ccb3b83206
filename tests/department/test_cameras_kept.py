"""The acts add_camera and change_camera."""

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Camera
from fairwitness.kernel.refusals import Forbidden, Invalid
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    camera = acts.add_camera(serial="AX-1000", model="Axon Body 4", firmware="1.0", by=world.actor("costa"))
    assert Camera.objects.get(serial="AX-1000").status == Camera.Status.IN_SERVICE
    facts = {"camera_id": str(camera.pk)}
    assert latest() == ("department.camera_added", {("department.camera", camera.pk)}, facts)


def test_firmware_changes_and_the_entry_names_the_field(world: World) -> None:
    spare = world.spare()
    acts.change_camera(camera_id=spare.pk, model=spare.model, firmware="2.0", by=world.actor("costa"))
    spare.refresh_from_db()
    assert spare.firmware == "2.0"
    facts = {"camera_id": str(spare.pk), "fields": ["firmware"]}
    assert latest() == ("department.camera_changed", {("department.camera", spare.pk)}, facts)


def test_a_taken_serial_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="serial"):
        acts.add_camera(serial="AX-0900", model="Axon Body 4", by=world.actor("costa"))


def test_a_serial_that_differs_in_case_alone_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="serial"):
        acts.add_camera(serial="ax-0900", model="Axon Body 4", by=world.actor("costa"))


def test_the_same_again_is_refused(world: World) -> None:
    spare = world.spare()
    with pytest.raises(Invalid, match="Nothing differs"):
        acts.change_camera(
            camera_id=spare.pk, model=spare.model, firmware=spare.firmware, by=world.actor("costa")
        )


def test_the_administrator_of_accounts_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.add_camera(serial="AX-1000", model="Axon Body 4", by=world.actor("chen"))
