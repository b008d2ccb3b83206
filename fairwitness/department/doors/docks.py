"""The doors to docks: the register, and what each of them was last heard to say."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Q, QuerySet

from fairwitness.department.doors.reach import may
from fairwitness.department.models import Dock, DockHeard
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.one import locked, one


def docks_for(actor: Actor) -> QuerySet[Dock]:
    """The docks that `actor` may find: all or none."""
    return Dock.objects.all() if may(actor, "list_docks") else Dock.objects.none()


def dock_for(actor: Actor, pk: uuid.UUID) -> Dock:
    """One of them, or NotFound."""
    return one(docks_for(actor).select_related("heard"), pk)


@dataclass(frozen=True)
class DocksSought:
    """What a list of docks is narrowed to; what is empty does not narrow."""

    text: str = ""
    status: str = ""


def list_docks(actor: Actor, sought: DocksSought) -> QuerySet[Dock]:
    """The docks that `actor` may find and that are sought, each with what it last said."""
    docks = docks_for(actor).select_related("heard")
    for word in sought.text.replace("\0", " ").split():
        docks = docks.filter(Q(serial__icontains=word) | Q(name__icontains=word) | Q(place__icontains=word))
    if sought.status:
        docks = docks.filter(status=sought.status)
    return docks


def lock_dock(pk: uuid.UUID) -> Dock:
    """The dock, locked until the change ends. Raises NotFound."""
    return locked(Dock.objects.all(), pk)


def dock_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Docks by name."""
    return dict(Dock.objects.filter(pk__in=ids).values_list("pk", "name"))


def is_silent(heard: DockHeard, now: dt.datetime | None = None) -> bool:
    """Whether a dock in service has said nothing for FAIRWITNESS_DOCK_SILENT minutes."""
    since = (now or clock.now()) - dt.timedelta(minutes=settings.FAIRWITNESS_DOCK_SILENT)
    return heard.dock.status == Dock.Status.IN_SERVICE and heard.at < since


def clock_is_off(heard: DockHeard) -> bool:
    """Whether a dock's clock differs from ours by more than FAIRWITNESS_DOCK_CLOCK_OFF seconds."""
    return abs(heard.clock_ahead) > settings.FAIRWITNESS_DOCK_CLOCK_OFF
