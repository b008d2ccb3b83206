"""The pages of docks: the register, a dock with what it last said, and what may be done about it."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts, doors, forms
from fairwitness.department.models import Dock, DockHeard
from fairwitness.department.pages.acting import act_page, offers
from fairwitness.kernel import clock
from fairwitness.kernel.acting import ConfirmForm, posted
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
    "name": ("name",),
    "serial": ("serial",),
    "place": ("place", "name"),
    "state": ("status", "name"),
}


@login_required
def docks(request: HttpRequest) -> HttpResponse:
    """The list of docks."""
    actor = actor_of(request)
    doors.check_may(actor, "list_docks")
    if request.method == "POST":
        return as_address(request, forms.DocksForm(request.POST))
    form = _filters(actor, request)
    found = doors.list_docks(actor, form.sought())
    page = page_of(found, SORTS, request)
    context = {
        "heading": _("Docks"),
        "count": found.count(),
        "rows": [(dock, state(dock)) for dock in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("docks"),
        "export_url": f"{reverse('docks-csv')}?{request.GET.urlencode()}",
        "acts": offers(actor, ("add_dock", _("Add a dock"), reverse("dock-add"), "")),
    }
    return render(request, "department/docks.html", context)


@login_required
def docks_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV."""
    actor = actor_of(request)
    doors.check_may(actor, "list_docks")
    found = doors.list_docks(actor, _filters(actor, request).sought()).order_by("name", "pk")
    header = (_("Serial"), _("Name"), _("Place"), _("State"), _("Last contact"))
    return csv_response("docks", header, (_row(dock) for dock in found))


def _row(dock: Dock) -> list[object]:
    heard = heard_of(dock)
    words, _tone = state(dock)
    return [dock.serial, dock.name, dock.place, words, clock.rfc3339(heard.at) if heard else ""]


def _filters(actor: Actor, request: HttpRequest) -> forms.DocksForm:
    form = forms.DocksForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


def heard_of(dock: Dock) -> DockHeard | None:
    """What a dock last said, or None when it never spoke."""
    heard: DockHeard | None = getattr(dock, "heard", None)
    return heard


def state(dock: Dock) -> tuple[str, str]:
    """How a dock is, in words and as a tone: its status, and whether it was heard of as it should be."""
    heard = heard_of(dock)
    if dock.status == Dock.Status.RETIRED:
        return str(dock.get_status_display()), "quiet"
    if heard is None:
        return _("Never heard of"), "waiting"
    if doors.is_silent(heard):
        return _("Silent"), "attention"
    if doors.clock_is_off(heard):
        return _("Clock is off"), "attention"
    return str(dock.get_status_display()), "done"


@login_required
def dock(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A dock: what it last said, the cameras in it and what waits on them, its history."""
    actor, found = _asked(request, pk)
    words, tone = state(found)
    heard = heard_of(found)
    context: dict[str, Any] = {
        "heading": found.name,
        "crumb": {"label": _("Docks"), "url": reverse("docks")},
        "dock": found,
        "state": words,
        "tone": tone,
        "heard": heard,
        "clock_is_off": heard is not None and doors.clock_is_off(heard),
        "clock_words": _clock_words(heard) if heard else "",
        "cameras": found.cameras_heard.select_related("camera").order_by("-connected", "-at", "serial")[:50],
        "acts": _offers(actor, found),
        **history_of(request, "department.dock", pk),
    }
    return render(request, "department/dock.html", context)


def _clock_words(heard: DockHeard) -> str:
    """How the dock's clock differs from ours, in the unit that fits."""
    seconds = abs(heard.clock_ahead)
    if seconds < 2:
        return _("The same as here")
    for size, unit in ((86400, _("{count} d")), (3600, _("{count} h")), (60, _("{count} min"))):
        if seconds >= 2 * size:
            span = unit.format(count=seconds // size)
            break
    else:
        span = _("{count} s").format(count=seconds)
    return (_("{span} ahead") if heard.clock_ahead > 0 else _("{span} behind")).format(span=span)


def _offers(actor: Actor, found: Dock) -> dict[str, object] | None:
    retired = "" if Dock.MOVES[Dock.Status(found.status)] else _("A retired dock stays retired.")
    return offers(
        actor,
        ("change_dock", _("Correct particulars"), reverse("dock-change", args=[found.pk]), ""),
        ("retire_dock", _("Retire"), reverse("dock-retire", args=[found.pk]), retired),
    )


@login_required
def dock_add(request: HttpRequest) -> HttpResponse:
    """Add a dock."""
    by = actor_of(request)
    return act_page(
        request,
        "add_dock",
        forms.DockForm(posted(request)),
        lambda entered: acts.add_dock(**entered, by=by),
        heading=_("Add a dock"),
        words=_("Once it is added, it is given a token with which it may send recordings."),
        back=reverse("docks"),
        done=_("The dock was added."),
    )


@login_required
def dock_change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct name and place."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "change_dock",
        forms.DockPlaceForm(posted(request), instance=found),
        lambda entered: acts.change_dock(dock_id=pk, **entered, by=by),
        heading=_("Correct the dock {name}").format(name=found.name),
        back=reverse("dock", args=[pk]),
        done=_("The dock was corrected."),
    )


@login_required
def dock_retire(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the dock out of service."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "retire_dock",
        ConfirmForm(posted(request)),
        lambda entered: acts.retire_dock(dock_id=pk, by=by),
        heading=_("Retire the dock {name}").format(name=found.name),
        words=_("From then on it can send nothing, and it does not come back into service."),
        back=reverse("dock", args=[pk]),
        done=_("The dock was retired."),
    )


def _asked(request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, Dock]:
    """Who asks, and the dock that they may find."""
    actor = actor_of(request)
    return actor, doors.dock_for(actor, pk)
