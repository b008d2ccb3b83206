"""The doors to what cameras were seen to hold: recorded, and not sealed here."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.models import CameraHeard, Dock
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Reach, reach
from fairwitness.uploads.doors.reach import REACH
from fairwitness.uploads.models import Sighting


def may_see_held(actor: Actor) -> bool:
    """Whether what cameras hold is open to `actor`, be it only of their own camera."""
    return reach(actor.roles, REACH["see_held"]) > Reach.NONE


def held_for(actor: Actor) -> QuerySet[Sighting]:
    """What is not sealed, on the cameras of those whom `actor` reaches; whose wearer is not known only for all."""
    unsealed = Sighting.objects.exclude(status=Sighting.Status.SEALED)
    far = reach(actor.roles, REACH["see_held"])
    if far is Reach.ALL:
        return unsealed
    if actor.member_id is None or far < Reach.OWN:
        return unsealed.none()
    below = department.chain_below(actor.member_id) if far is Reach.CHAIN else set()
    return unsealed.filter(wearer__in=below | {actor.member_id})


def may_explain_held(actor: Actor) -> bool:
    """Whether `actor` may say why a file is not waited for."""
    return actor.kind == "system" or reach(actor.roles, REACH["explain_held"]) > Reach.NONE


def held(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Sighting:
    """One of those that `actor` may see and that are not sealed, or NotFound."""
    rows = (
        Sighting.objects.exclude(status=Sighting.Status.SEALED) if actor.kind == "system" else held_for(actor)
    )
    if lock:
        require_change("locking a sighting")
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=pk).select_related("camera", "dock").first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


@dataclass(frozen=True)
class HeldSought:
    """What the list is narrowed to; what is empty does not narrow.

    `which` is empty for what is overdue, or `open` for all that is waited for, or `explained` for what is not.
    """

    camera: uuid.UUID | None = None
    wearer: uuid.UUID | None = None
    dock: uuid.UUID | None = None
    status: str = ""
    which: str = ""


def list_held(actor: Actor, sought: HeldSought, now: dt.datetime | None = None) -> QuerySet[Sighting]:
    """Oldest first: what was not sealed within FAIRWITNESS_HELD_TOO_LONG hours, or was taken out of the dock unsent.

    Keys grow with time, so their order is that of `first_seen`. Each has `last_seen`, when its camera was last in a
    dock, and `docked`, whether it is in one now.
    """
    now = now or clock.now()
    heard = CameraHeard.objects.filter(serial=OuterRef("serial"))
    lately = now - dt.timedelta(minutes=settings.FAIRWITNESS_DOCK_SILENT)
    found = held_for(actor).annotate(
        last_seen=Subquery(heard.values("at")[:1]),
        docked=Exists(heard.filter(connected=True, at__gte=lately)),
    )
    explained = sought.which == "explained"
    found = found.exclude(explained="") if explained else found.filter(explained="")
    if not sought.which:
        overdue = now - dt.timedelta(hours=settings.FAIRWITNESS_HELD_TOO_LONG)
        found = found.filter(Q(first_seen__lt=overdue) | Q(docked=False))
    exact = {name: getattr(sought, name) for name in ("camera", "wearer", "dock", "status")}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.select_related("camera", "wearer", "dock").order_by("pk")


def open_sightings(serials: Iterable[str]) -> QuerySet[Sighting]:
    """What was seen on the cameras with these serial numbers and is not sealed."""
    return Sighting.objects.filter(serial__in=list(serials)).exclude(status=Sighting.Status.SEALED)


def count_open(dock: Dock) -> int:
    """How many files that are not sealed `dock` reported last."""
    return Sighting.objects.filter(dock=dock).exclude(status=Sighting.Status.SEALED).count()


def sealed_before(serials: Iterable[str], names: Iterable[str]) -> set[tuple[str, str, int, dt.datetime]]:
    """Of the files with these names on these cameras, those of which the same was sealed: serial, name, size, date."""
    sealed = Sighting.objects.filter(
        serial__in=list(serials), name__in=list(names), status=Sighting.Status.SEALED
    )
    return set(sealed.values_list("serial", "name", "size", "modified"))
