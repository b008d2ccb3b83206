"""Cameras' clocks: by how much one differs, entered by hand against dispatch or another camera, and withdrawn."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts import offset as acts
from fairwitness.evidence.doors import clocks, timeline
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.forms.cameras import ByDispatchForm, ByMarkForm
from fairwitness.evidence.models import Offset, Recording
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of


def box(actor: Actor, found: Recording) -> dict[str, Any] | None:
    """What is known of a recording's clock, for its page; None where there is nothing to show or to do.

    By how much it differs is a fact about the camera. What was seen at which moment is what the footage shows: it is
    told to those to whom the footage opens, and another camera is named to those who see that one.
    """
    if found.status == Recording.Status.REFUSED:
        return None
    known = clocks.leading([found.pk])
    row: Offset | None = known.get(found.pk)
    sealed = found.status == Recording.Status.SEALED
    may = sealed and bool(found.duration_ms) and doors.may(actor, found.pk, "align")
    if row is None and not may:
        return None
    return {
        "row": row,
        "words": clocks.signed(clocks.in_all(found.pk, known)) if row else "",
        "opens": row is not None and doors.may(actor, found.pk, "open"),
        "other": row.other if row and row.other and doors.may(actor, row.other.pk, "find") else None,
        "may": may,
    }


@require_http_methods(["GET", "POST"])
def by_dispatch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Set a clock right by a time of dispatch."""
    actor = actor_of(request)
    found = doors.recording(actor, pk, "align")
    return act_page(
        request,
        ByDispatchForm(posted(request)),
        lambda said: acts.find_by_dispatch(pk, by=actor, **said),
        heading=_("The clock of {number}, by dispatch").format(number=found.number),
        back=reverse("recording", args=[pk]),
        done=_("It is kept and shown. The recording is left as it is."),
        words=_(
            "By how much the camera's clock differs is shown beside it, and never written into the evidence."
        ),
    )


@require_http_methods(["GET", "POST"])
def by_mark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Set a clock right by a moment that another camera shows too."""
    actor = actor_of(request)
    found = doors.recording(actor, pk, "align")
    return act_page(
        request,
        ByMarkForm(_others(actor, found), posted(request)),
        lambda said: acts.find_by_mark(
            pk,
            at_ms=said["at_ms"],
            other_id=uuid.UUID(said["other"]),
            other_ms=said["other_ms"],
            because=said["because"],
            by=actor,
        ),
        heading=_("The clock of {number}, by another camera").format(number=found.number),
        back=reverse("recording", args=[pk]),
        done=_("It is kept and shown. The recording is left as it is."),
        words=_(
            "Look for one moment that both cameras show. The other camera's clock stays, and this one is set by it; "
            "that is shown, and never written into the evidence."
        ),
    )


def _others(actor: Actor, found: Recording) -> list[tuple[str, str]]:
    """The other cameras of its incidents that the actor may open."""
    rows: dict[uuid.UUID, Recording] = {}
    for link in linking.links(found):
        line = timeline.of_incident(actor, link.incident_id)
        rows |= {lane.recording.pk: lane.recording for lane in line.lanes if lane.may_open} if line else {}
    rows.pop(found.pk, None)
    return [
        (str(pk), f"{row.number} {row.owner.name}" if row.owner else row.number) for pk, row in rows.items()
    ]


@require_POST
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw what was found about a clock."""
    row = acts.withdraw_offset(pk, by=actor_of(request))
    messages.success(request, _("It is withdrawn. It stays in the record."))
    return redirect("recording", pk=row.recording_id)
