"""The doors to cameras, and to the training that comes before them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Upper

from fairwitness.department.doors.reach import reached
from fairwitness.department.models import Assignment, Camera, Completion, Course, Member
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.one import locked, one


def cameras_for(actor: Actor) -> QuerySet[Camera]:
    """The cameras that `actor` may find: all, or those now worn by the members whom they reach."""
    within = reached(actor, "list_cameras")
    if within is None:
        return Camera.objects.all()
    worn = Assignment.objects.filter(camera=OuterRef("pk"), member__in=within, until=None)
    return Camera.objects.filter(Exists(worn))


def cameras_of(actor: Actor) -> QuerySet[Camera]:
    """The cameras that `actor` wears now."""
    worn = Assignment.objects.filter(camera=OuterRef("pk"), member=actor.member_id, until=None)
    return Camera.objects.filter(Exists(worn)).order_by("serial")


def camera_for(actor: Actor, pk: uuid.UUID) -> Camera:
    """One of them, or NotFound."""
    return one(cameras_for(actor), pk)


@dataclass(frozen=True)
class CamerasSought:
    """What a list of cameras is narrowed to; what is empty does not narrow."""

    text: str = ""
    status: str = ""
    worn: bool | None = None


def list_cameras(actor: Actor, sought: CamerasSought) -> QuerySet[Camera]:
    """The cameras that `actor` may find and that are sought; `worn_now` has the open assignment with its member."""
    open_now = Assignment.objects.filter(until=None).select_related("member")
    cameras = cameras_for(actor)
    for word in sought.text.replace("\0", " ").split():
        cameras = cameras.filter(
            Q(serial__icontains=word) | Q(model__icontains=word) | Q(firmware__icontains=word)
        )
    if sought.status:
        cameras = cameras.filter(status=sought.status)
    if sought.worn is not None:
        worn = Exists(open_now.filter(camera=OuterRef("pk")))
        cameras = cameras.filter(worn if sought.worn else ~worn)
    return cameras.prefetch_related(Prefetch("assignments", open_now, to_attr="worn_now"))


def spare_cameras() -> QuerySet[Camera]:
    """The cameras in service that nobody wears."""
    worn = Assignment.objects.filter(camera=OuterRef("pk"), until=None)
    in_service = Camera.objects.filter(status=Camera.Status.IN_SERVICE)
    return in_service.exclude(Exists(worn)).order_by("serial")


def camera_by_serial(serial: str) -> Camera | None:
    """The camera with this serial number, whatever the case of its letters."""
    return Camera.objects.filter(serial__iexact=serial.strip()).first()


def wearing_at(moment: dt.datetime) -> Q:
    """The condition that an assignment held at `moment`."""
    return Q(since__lte=moment) & (Q(until=None) | Q(until__gt=moment))


def wearer_at(camera_id: uuid.UUID, moment: dt.datetime) -> Member | None:
    """The member to whom a camera was assigned at `moment`."""
    held = Assignment.objects.filter(wearing_at(moment), camera_id=camera_id).select_related("member").first()
    return held.member if held else None


def required_courses() -> QuerySet[Course]:
    """The courses that must be completed before a camera is assigned."""
    return Course.objects.filter(required_for_camera=True).order_by("title")


def missing_training(member_id: uuid.UUID, day: dt.date) -> list[Course]:
    """The required courses of which a member has no completion that counts on `day`."""
    return list(
        required_courses().exclude(
            Exists(completed_on(day).filter(member_id=member_id, course=OuterRef("pk")))
        )
    )


def completed_on(day: dt.date) -> QuerySet[Completion]:
    """The completions that count on `day`: completed by then, and not expired."""
    counts = Q(completed_on__lte=day) & (Q(expires_on=None) | Q(expires_on__gt=day))
    return Completion.objects.filter(counts)


def lock_camera(pk: uuid.UUID) -> Camera:
    """The camera, locked until the change ends. Raises NotFound."""
    return locked(Camera.objects.all(), pk)


def lock_named(badges: Iterable[str], serials: Iterable[str]) -> None:
    """Lock many members and cameras for the open change, in the one order in which all acts of this room lock.

    The order is: the chain of command, then members, then cameras, each by key. Two changes that keep it can wait
    for one another but never in a circle.
    """
    require_change("locking records")
    wanted = {serial.strip().upper() for serial in serials}
    members = Member.objects.filter(badge__in=list(badges))
    cameras = Camera.objects.annotate(name=Upper("serial")).filter(name__in=wanted)
    for rows in (members, cameras):
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def find_course(pk: uuid.UUID) -> Course:
    """The course. Raises NotFound."""
    return one(Course.objects.all(), pk)


def camera_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Cameras by serial number."""
    return dict(Camera.objects.filter(pk__in=ids).values_list("pk", "serial"))


def course_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Courses by title."""
    return dict(Course.objects.filter(pk__in=ids).values_list("pk", "title"))
