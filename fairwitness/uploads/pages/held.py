"""The list of what was recorded and never uploaded, as docks see it on cameras."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.department import doors as department
from fairwitness.kernel import clock
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import taken_csv
from fairwitness.kernel.refusals import Forbidden
from fairwitness.uploads import acts, doors
from fairwitness.uploads.acts.listed import export_held
from fairwitness.uploads.doors import incoming
from fairwitness.uploads.forms import ExplainForm, HeldForm
from fairwitness.uploads.models import Sighting

PAGE_ROWS = 50
TONES = {
    Sighting.Status.HELD: "waiting",
    Sighting.Status.GONE: "stopped",
    Sighting.Status.REFUSED: "attention",
}


@login_required
@require_GET
def cameras_hold(request: HttpRequest) -> HttpResponse:
    """The list, oldest first."""
    actor, form = _asked(request)
    found = doors.list_held(actor, form.sought())
    rows, before, after = _page(found, request)
    context = {
        "heading": _("Recorded, never uploaded"),
        "crumb": {"label": _("Uploads"), "url": reverse("uploads")} if incoming.may_list(actor) else None,
        "count": found.count(),
        "rows": [(row, TONES[Sighting.Status(row.status)]) for row in rows],
        "before": before,
        "after": after,
        "form": form,
        "chips": _chips(request, form),
        "clear_url": reverse("cameras-hold"),
        "export_url": f"{reverse('cameras-hold-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
        "may_explain": doors.may_explain_held(actor),
        "sees_docks": department.may_list_docks(actor),
    }
    return render(request, "uploads/held.html", context)


@login_required
@require_POST
def cameras_hold_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV."""
    actor, form = _asked(request)
    name = f"cameras-hold-{clock.now():%Y%m%d}"
    return taken_csv(name, lambda file: export_held(form.sought(), file, by=actor))


@login_required
@require_http_methods(["GET", "POST"])
def explain(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say why a file is not waited for."""
    actor = actor_of(request)
    found = doors.held(actor, pk)
    if not doors.may_explain_held(actor):
        raise Forbidden(_("Your roles do not allow this."))
    words = _(
        "Seen on the camera {serial}, never sealed. If a dock says anything new of it, it is back on the list."
    )

    def do(entered: dict[str, Any]) -> None:
        acts.explain_held(pk, entered["explanation"], by=actor)

    return act_page(
        request,
        ExplainForm(posted(request)),
        do,
        heading=_("Why is this file not waited for?"),
        words=words.format(serial=found.serial),
        back=reverse("cameras-hold"),
        done=_("It is not waited for any more."),
    )


def _asked(request: HttpRequest) -> tuple[Actor, HeldForm]:
    actor = actor_of(request)
    if not doors.may_see_held(actor):
        raise Forbidden(_("Your roles do not allow this."))
    form = HeldForm(doors.held_for(actor), request.GET)
    form.is_valid()
    return actor, form


def _page(found: Any, request: HttpRequest) -> tuple[list[Sighting], str, str]:
    """The rows that `?after=` or `?before=` ask for, and the keys of their ends; keys grow with time."""
    before, after = _key(request, "before"), _key(request, "after")
    if before:
        rows = list(found.filter(pk__lt=before).order_by("-pk")[: PAGE_ROWS + 1])
        more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS][::-1]
        return rows, str(rows[0].pk) if more else "", str(rows[-1].pk) if rows else ""
    rows = list((found.filter(pk__gt=after) if after else found)[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    return rows, str(rows[0].pk) if rows and after else "", str(rows[-1].pk) if more else ""


def _key(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _chips(request: HttpRequest, form: HeldForm) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    chips = []
    for name in form.fields:
        if chosen := form.cleaned_data.get(name):
            words = {str(key): str(label) for key, label in form.fields[name].choices}  # type: ignore[attr-defined]
            kept = {k: v for k, v in request.GET.items() if k not in (name, "before", "after")}
            chips.append(
                {"label": str(form[name].label), "value": words[chosen], "remove_url": f"?{urlencode(kept)}"}
            )
    return chips
