"""The pages of cameras: the list, a camera, and what may be done about it."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts, doors, forms
from fairwitness.department.models import Camera
from fairwitness.department.pages.acting import act_page, offers
from fairwitness.kernel import clock
from fairwitness.kernel.acting import ConfirmForm, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import (
    as_address,
    chips,
    csv_response,
    history_of,
    kept_text,
    page_of,
)

SORTS = {
    "serial": ("serial",),
    "model": ("model", "serial"),
    "firmware": ("firmware", "serial"),
    "state": ("status", "serial"),
}
TONES = {
    Camera.Status.IN_SERVICE: "done",
    Camera.Status.IN_REPAIR: "waiting",
    Camera.Status.LOST: "attention",
    Camera.Status.RETIRED: "quiet",
}


@login_required
def cameras(request: HttpRequest) -> HttpResponse:
    """The list of cameras."""
    actor = actor_of(request)
    doors.check_may(actor, "list_cameras")
    if request.method == "POST":
        return as_address(request, forms.CamerasForm(request.POST))
    form = _filters(actor, request)
    found = doors.list_cameras(actor, form.sought())
    page = page_of(found, SORTS, request)
    context = {
        "heading": _("Cameras"),
        "count": found.count(),
        "rows": [(camera, TONES[Camera.Status(camera.status)]) for camera in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("cameras"),
        "export_url": f"{reverse('cameras-csv')}?{request.GET.urlencode()}",
        "may_open_member": doors.may_list_members(actor),
        "acts": offers(actor, ("add_camera", _("Add a camera"), reverse("camera-add"), "")),
    }
    return render(request, "department/cameras.html", context)


@login_required
def cameras_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV."""
    actor = actor_of(request)
    doors.check_may(actor, "list_cameras")
    found = doors.list_cameras(actor, _filters(actor, request).sought()).order_by("serial", "pk")
    header = (_("Serial"), _("Model"), _("Firmware"), _("State"), _("Assigned to"), _("Badge"), _("Since"))
    return csv_response("cameras", header, (_row(camera) for camera in found))


def _row(camera: Any) -> list[object]:
    """A camera with its wearer; the prefetched assignment is that of doors.list_cameras."""
    worn = camera.worn_now[0] if camera.worn_now else None
    wearer = (worn.member.name, worn.member.badge, clock.rfc3339(worn.since)) if worn else ("", "", "")
    return [camera.serial, camera.model, camera.firmware, camera.get_status_display(), *wearer]


def _filters(actor: Actor, request: HttpRequest) -> forms.CamerasForm:
    form = forms.CamerasForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@login_required
def camera(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A camera: its particulars, who wore it when, its history."""
    actor, found = _asked(request, pk)
    context = {
        "heading": _("Camera {serial}").format(serial=found.serial),
        "crumb": {"label": _("Cameras"), "url": reverse("cameras")},
        "camera": found,
        "tone": TONES[Camera.Status(found.status)],
        "assignments": found.assignments.select_related("member").order_by("-since")[:50],
        "may_open_member": doors.may_list_members(actor),
        "acts": _offers(actor, found),
        **history_of(request, "department.camera", pk),
    }
    return render(request, "department/camera.html", context)


def _offers(actor: Actor, found: Camera) -> dict[str, object] | None:
    worn = found.assignments.filter(until=None).exists()
    retired = "" if Camera.MOVES[Camera.Status(found.status)] else _("A retired camera stays retired.")
    give, take = reverse("camera-assign", args=[found.pk]), reverse("camera-return", args=[found.pk])
    return offers(
        actor,
        ("assign_camera", _("Assign"), give, refusal_of(acts.check_spare, found, clock.now())),
        ("return_camera", _("Take back"), take, "" if worn else _("Nobody has this camera.")),
        ("move_camera", _("Change the state"), reverse("camera-move", args=[found.pk]), retired),
        ("change_camera", _("Correct particulars"), reverse("camera-change", args=[found.pk]), ""),
    )


@login_required
def camera_add(request: HttpRequest) -> HttpResponse:
    """Add a camera."""
    by = actor_of(request)
    return act_page(
        request,
        "add_camera",
        forms.CameraForm(posted(request)),
        lambda entered: acts.add_camera(**entered, by=by),
        heading=_("Add a camera"),
        back=reverse("cameras"),
        done=_("The camera was added."),
    )


@login_required
def camera_change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note model and firmware."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "change_camera",
        forms.FirmwareForm(posted(request), instance=found),
        lambda entered: acts.change_camera(camera_id=pk, **entered, by=by),
        heading=_("Correct the camera {serial}").format(serial=found.serial),
        back=reverse("camera", args=[pk]),
        done=_("The camera was corrected."),
    )


@login_required
def camera_move(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note the state."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "move_camera",
        forms.StatusForm(posted(request), camera=found),
        lambda entered: acts.move_camera(camera_id=pk, to=entered["to"], by=by),
        heading=_("Change the state of the camera {serial}").format(serial=found.serial),
        words=_("It is now: {state}.").format(state=found.get_status_display()),
        back=reverse("camera", args=[pk]),
        done=_("The state was noted."),
    )


@login_required
def camera_assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand the camera to a member."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "assign_camera",
        forms.WearerForm(posted(request)),
        lambda entered: acts.assign_camera(camera_id=pk, member_id=entered["member"].pk, by=by),
        heading=_("Assign the camera {serial}").format(serial=found.serial),
        words=_("Only members who completed the training can be given a camera."),
        back=reverse("camera", args=[pk]),
        done=_("The camera was assigned."),
    )


@login_required
def member_assign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Hand a spare camera to the member."""
    by = actor_of(request)
    found = doors.member_for(by, pk)
    return act_page(
        request,
        "assign_camera",
        forms.SpareForm(posted(request)),
        lambda entered: acts.assign_camera(camera_id=entered["camera"].pk, member_id=pk, by=by),
        heading=_("Assign a camera to {name}").format(name=found.name),
        back=reverse("member", args=[pk]),
        done=_("The camera was assigned."),
    )


@login_required
def camera_return(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the camera back."""
    by, found = _asked(request, pk)
    worn = found.assignments.filter(until=None).select_related("member").first()
    return act_page(
        request,
        "return_camera",
        ConfirmForm(posted(request)),
        lambda entered: acts.return_camera(camera_id=pk, by=by),
        heading=_("Take the camera {serial} back").format(serial=found.serial),
        words=_("From now on it is no longer assigned to {name}.").format(name=worn.member.name)
        if worn
        else "",
        back=reverse("camera", args=[pk]),
        done=_("The camera was taken back."),
    )


def _asked(request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, Camera]:
    """Who asks, and the camera that they may find."""
    actor = actor_of(request)
    return actor, doors.camera_for(actor, pk)
