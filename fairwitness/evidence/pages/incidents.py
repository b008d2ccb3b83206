"""Recordings and their incidents: linked on the recording's page, and in a queue of those that have none."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts.incident import link_incident, link_suggested, unlink_incident
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import PAGE_ROWS, as_id, page_of
from fairwitness.kernel.refusals import Invalid, NotFound, Refusal
from fairwitness.kernel.roles import Reach

Pair = tuple[uuid.UUID, uuid.UUID]


@require_POST
def link(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Link a recording to the incident that was suggested, or to the one whose number was typed."""
    actor = actor_of(request)
    doors.recording(actor, pk, "link_incident")
    suggested = as_id(request.POST.get("incident", ""))
    typed = incidents.incident_by_number(request.POST.get("number", "")[:80])
    if suggested is None and typed is None:
        messages.error(request, _("There is no incident with that number; nothing was changed."))
        return redirect("recording", pk=pk)
    how = IncidentLink.How.SUGGESTED if suggested else IncidentLink.How.HAND
    try:
        made = link_incident(pk, suggested or typed.pk, how=how, by=actor)  # type: ignore[union-attr]
    except NotFound:
        # An officer learns of no incident here that they could not find anyway.
        messages.error(request, _("There is no incident with that number; nothing was changed."))
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(
            request, _("The recording is linked to {number}.").format(number=made.incident.number)
        )
    return redirect("recording", pk=pk)


@require_POST
def unlink(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a link."""
    withdrawn = unlink_incident(pk, by=actor_of(request))
    messages.success(request, _("The link is withdrawn. It stays in the record."))
    return redirect("recording", pk=withdrawn.recording_id)


@require_http_methods(["GET", "POST"])
def queue(request: HttpRequest) -> HttpResponse:
    """Recordings without an incident, each with what officer and time suggest; several are accepted after a preview."""
    actor = actor_of(request)
    if doors.far(actor, "link_incident") == Reach.NONE:
        raise NotFound(_("There is no such page."))
    if request.method == "POST":
        return _accept(request, actor)
    found = linking.without_incident(actor)
    page = page_of(found, {"started": ("started",)}, request, unasked="-started")
    offered = _offered(actor, page.rows)
    context = {
        "heading": _("Recordings without an incident"),
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")},
        "count": found.count(),
        "rows": [{"recording": row, "suggested": offered.get(row.pk, [])} for row in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "any": bool(offered),
    }
    return render(request, "evidence/without_incident.html", context)


def _offered(actor: Actor, rows: Iterable[Recording]) -> dict[uuid.UUID, list[linking.Suggestion]]:
    """What is suggested, of incidents that the actor may find."""
    found = linking.suggestions(rows)
    wanted = {each.incident.pk for offers in found.values() for each in offers}
    mine = set(incidents.narrowed(actor).filter(pk__in=wanted).values_list("pk", flat=True))
    kept = {pk: [each for each in offers if each.incident.pk in mine] for pk, offers in found.items()}
    return {pk: offers for pk, offers in kept.items() if offers}


def _accept(request: HttpRequest, actor: Actor) -> HttpResponse:
    at_once = request.POST.getlist("accept")
    chosen = at_once or request.POST.getlist("pair")
    pairs = [pair for text in chosen[:PAGE_ROWS] if (pair := _pair(text))]
    if not pairs:
        messages.error(request, _("Nothing was chosen; nothing was changed."))
        return redirect("without-incident")
    if not at_once and request.POST.get("agreed") != "yes":
        return _preview(request, actor, pairs)
    try:
        count = link_suggested(pairs, by=actor)
    except (Invalid, NotFound):
        raise
    except Refusal as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = ngettext("{n} recording is linked.", "{n} recordings are linked.", count)
        messages.success(request, said.format(n=count))
    return redirect("without-incident")


def _preview(request: HttpRequest, actor: Actor, pairs: list[Pair]) -> HttpResponse:
    """What would be linked to what, before it is."""
    rows = linking.without_incident(actor).filter(pk__in=[recording for recording, _incident in pairs])
    offered = _offered(actor, rows)
    chosen = [
        {"recording": row, "suggestion": each}
        for row in rows
        for each in offered.get(row.pk, [])
        if (row.pk, each.incident.pk) in pairs
    ]
    context = {
        "heading": _("What will be linked"),
        "crumb": {"label": _("Recordings without an incident"), "url": reverse("without-incident")},
        "rows": chosen,
        "count": len(chosen),
    }
    return render(request, "evidence/link_preview.html", context)


def _pair(text: str) -> Pair | None:
    recording, _sep, incident = text.partition("~")
    one, other = as_id(recording), as_id(incident)
    return (one, other) if one and other else None
