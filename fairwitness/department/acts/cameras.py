"""Acts on cameras: bringing them in, keeping their particulars, handing them out and back."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from fairwitness.department import doors, events
from fairwitness.department.acts.telling import tell
from fairwitness.department.acts.writing import assign, save_valid
from fairwitness.department.models import Assignment, Camera
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change, move
from fairwitness.kernel.refusals import Invalid, WrongState


def add_camera(*, serial: str, model: str, firmware: str = "", by: Actor) -> Camera:
    """Add a camera, in service and worn by nobody. Raises Invalid when the serial number is taken."""
    with change(events.CAMERA_ADDED, by=by) as entry:
        doors.check_may(by, "add_camera")
        camera = Camera(serial=serial, model=model, firmware=firmware)
        save_valid(camera)
        entry.about(camera, camera_id=camera.pk)
    return camera


def change_camera(*, camera_id: uuid.UUID, model: str, firmware: str, by: Actor) -> Camera:
    """Note a camera's model and firmware; the serial number never changes. Raises Invalid if none differs."""
    wanted = {"model": model, "firmware": firmware}
    with change(events.CAMERA_CHANGED, by=by) as entry:
        doors.check_may(by, "change_camera")
        camera = doors.lock_camera(camera_id)
        changed = sorted(name for name, value in wanted.items() if getattr(camera, name) != value)
        if not changed:
            raise Invalid(_("Nothing differs from what is recorded."))
        camera.model, camera.firmware = model, firmware
        save_valid(camera)
        entry.about(camera, camera_id=camera.pk, fields=changed)
    return camera


def check_move(camera: Camera, to: str) -> None:
    """Raise WrongState when `camera` is worn and would be retired: somebody must first answer for it."""
    if to == Camera.Status.RETIRED and Assignment.objects.filter(camera=camera, until=None).exists():
        raise WrongState(_("The camera is assigned: take it back before it is retired."))


def move_camera(*, camera_id: uuid.UUID, to: str, by: Actor) -> Camera:
    """Note that a camera is in service, in repair, lost or retired, as its MOVES allow."""
    with change(events.CAMERA_MOVED, by=by) as entry:
        doors.check_may(by, "move_camera")
        camera = doors.lock_camera(camera_id)
        check_move(camera, to)
        move(camera, to)
        entry.about(camera, camera_id=camera.pk, camera_status=to)
    return camera


def assign_camera(
    *, camera_id: uuid.UUID, member_id: uuid.UUID, since: dt.datetime | None = None, by: Actor
) -> Assignment:
    """Hand a camera to a member, who wears it from `since` (now).

    Raises WrongState before the completed training, for a camera worn or not in service, for one who left.
    """
    since = since or clock.now()
    with change(events.CAMERA_ASSIGNED, by=by) as entry:
        doors.check_may(by, "assign_camera")
        member = doors.lock_member(member_id)
        camera = doors.lock_camera(camera_id)
        assignment = assign(camera, member, since)
        sentence = _("The camera {serial} is assigned to you.").format(serial=camera.serial)
        tell([member.pk], sentence, member, by)
        entry.about(camera, member, camera_id=camera.pk, member_id=member.pk, since=since)
    return assignment


def return_camera(*, camera_id: uuid.UUID, until: dt.datetime | None = None, by: Actor) -> Assignment:
    """Take a camera back at `until` (now). Raises WrongState when nobody has it."""
    until = until or clock.now()
    with change(events.CAMERA_RETURNED, by=by) as entry:
        doors.check_may(by, "return_camera")
        camera = doors.lock_camera(camera_id)
        held = Assignment.objects.filter(camera=camera, until=None).select_related("member").first()
        if held is None:
            raise WrongState(_("Nobody has this camera."))
        if not held.since < until <= clock.now():
            raise Invalid(_("A camera is taken back after it was handed out, and not in the future."))
        held.until = until
        held.save()
        sentence = _("The camera {serial} was taken back from you.").format(serial=camera.serial)
        tell([held.member_id], sentence, held.member, by)
        entry.about(camera, held.member, camera_id=camera.pk, member_id=held.member_id, until=until)
    return held
