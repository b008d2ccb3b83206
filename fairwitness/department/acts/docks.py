"""The acts that keep docks, and the note of what each was last heard to say."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from fairwitness.department import doors, events
from fairwitness.department.acts.writing import save_valid
from fairwitness.department.models import CameraHeard, Dock, DockHeard
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change, move
from fairwitness.kernel.refusals import Invalid


def add_dock(*, serial: str, name: str, place: str = "", by: Actor) -> Dock:
    """Add a dock, in service. Raises Invalid when the serial number is taken."""
    with change(events.DOCK_ADDED, by=by) as entry:
        doors.check_may(by, "add_dock")
        dock = Dock(serial=serial, name=name, place=place)
        save_valid(dock)
        entry.about(dock, dock_id=dock.pk)
    return dock


def change_dock(*, dock_id: uuid.UUID, name: str, place: str, by: Actor) -> Dock:
    """Correct a dock's name and place; the serial number never changes. Raises Invalid if none differs."""
    wanted = {"name": name, "place": place}
    with change(events.DOCK_CHANGED, by=by) as entry:
        doors.check_may(by, "change_dock")
        dock = doors.lock_dock(dock_id)
        changed = sorted(key for key, value in wanted.items() if getattr(dock, key) != value)
        if not changed:
            raise Invalid(_("Nothing differs from what is recorded."))
        dock.name, dock.place = name, place
        save_valid(dock)
        entry.about(dock, dock_id=dock.pk, fields=changed)
    return dock


def retire_dock(*, dock_id: uuid.UUID, by: Actor) -> Dock:
    """Take a dock out of service for good: from now on its tokens open nothing. Raises WrongState if it was before."""
    with change(events.DOCK_RETIRED, by=by) as entry:
        doors.check_may(by, "retire_dock")
        dock = doors.lock_dock(dock_id)
        move(dock, Dock.Status.RETIRED)
        entry.about(dock, dock_id=dock.pk)
    return dock


def note_heard(dock: Dock, said: Mapping[str, Any], cameras: Iterable[CameraHeard], at: dt.datetime) -> None:
    """Keep what `dock` said of itself and of its cameras at `at`; `said` has the fields of DockHeard. Writes no record.

    A camera of which the dock says nothing is no longer in it.
    """
    DockHeard.objects.update_or_create(dock=dock, defaults={**said, "at": at})
    named = list(cameras)
    CameraHeard.objects.bulk_create(
        named,
        update_conflicts=True,
        unique_fields=["serial"],
        update_fields=["camera", "dock", "at", "connected", "waiting", "waiting_bytes"],
    )
    others = ~Q(serial__in=[camera.serial for camera in named])
    CameraHeard.objects.filter(others, dock=dock, connected=True).update(connected=False)
