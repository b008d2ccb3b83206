"""One incident: its times, events, units, recordings, reports; and what may be done about it by hand."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.department import doors as department
from fairwitness.incidents import acts, doors, forms
from fairwitness.incidents.models import Incident
from fairwitness.incidents.pages import critical, shown
from fairwitness.kernel import clock
from fairwitness.kernel.acting import act_page, offers, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import history_of


@login_required
@require_GET
def incident(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """An incident with everything that belongs to it, as far as who asks may find it."""
    actor = actor_of(request)
    found = doors.incident(actor, pk)
    responses, attached = shown.responses_of(found), doors.attached_to(actor, found)
    context = {
        "heading": _("Incident {number}").format(number=found.number),
        "crumb": {"label": _("Incidents"), "url": reverse("incidents")},
        "incident": found,
        "events": shown.events_in_groups(found),
        "called_off": shown.called_off(found),
        "responses": responses,
        "picture": shown.picture(found, responses, attached),
        "attached": attached,
        "together": doors.together(actor, found) if len(attached) > 1 else [],
        "beside": doors.beside(actor, found),
        "shifts": doors.shifts_of(found, shown.last_moment(found)),
        "sees_reports": doors.may(actor, "see_reports"),
        "reports": doors.reports_of(found) if doors.may(actor, "see_reports") else [],
        "may_withdraw": doors.may(actor, "withdraw_report"),
        "may_open_member": department.may_list_members(actor),
        "critical": critical.section(actor, found),
        "acts": _acts(actor, found),
        **history_of(request, "incidents.incident", pk),
    }
    return render(request, "incidents/incident.html", context)


def _acts(actor: Actor, found: Incident) -> dict[str, Any] | None:
    """What may be done with an incident: of this room, and of higher ones."""
    mark = ("mark_critical", _("Mark as critical"), reverse("critical-mark", args=[found.pk]), "")
    own: dict[str, Any] | None = offers(
        partial(doors.may, actor),
        ("file_report", _("File a report"), reverse("report-file", args=[found.pk]), ""),
        ("change_incident", _("Correct particulars"), reverse("incident-change", args=[found.pk]), ""),
        *([] if found.critical else [mark]),
    )
    more = [{"label": label, "url": url} for label, url in doors.offered(actor, found)]
    if own is None:
        return {"primary": None, "others": more} if more else None
    return {**own, "others": [*own["others"], *more]}


@login_required
@require_http_methods(["GET", "POST"])
def incident_add(request: HttpRequest) -> HttpResponse:
    """Add an incident that no dispatch export brought."""
    actor = actor_of(request)
    doors.check_may(actor, "add_incident")
    return act_page(
        request,
        forms.IncidentForm(posted(request), initial={"opened": clock.now().replace(microsecond=0)}),
        lambda said: acts.add_incident(**said, by=actor),
        heading=_("Add an incident"),
        back=reverse("incidents"),
        done=_("The incident is added."),
        words=_("An import of the same number later adds its dispatch events to it."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def incident_change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct an incident's particulars."""
    actor = actor_of(request)
    found = doors.incident(actor, pk, "change_incident")
    now = {"kind": found.kind, "place": found.place, "opened": found.opened, "closed": found.closed}
    return act_page(
        request,
        forms.ParticularsForm(posted(request), initial=now),
        lambda said: acts.change_incident(pk, **said, by=actor),
        heading=_("Correct incident {number}").format(number=found.number),
        back=reverse("incident", args=[pk]),
        done=_("The incident is corrected."),
        words=_("What is corrected here is not changed back by a later import."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def report_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """File a report about an incident."""
    actor = actor_of(request)
    found = doors.incident(actor, pk, "file_report")
    files = request.FILES if request.method == "POST" else None
    form = forms.ReportForm(posted(request), files, initial={"filed_at": clock.now().replace(microsecond=0)})
    return act_page(
        request,
        form,
        lambda said: acts.file_report(
            pk,
            kind=said["kind"],
            number=said["number"],
            sha256=said["sha256"],
            filed_at=said["filed_at"],
            author_id=said["author"].pk if said["author"] else None,
            by=actor,
        ),
        heading=_("File a report about {number}").format(number=found.number),
        back=reverse("incident", args=[pk]),
        done=_("The report is in the register."),
        words=_(
            "The register holds a report's number and digest, so that a later copy can be told from the first."
        ),
    )


@login_required
@require_POST
def report_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a report that was filed by mistake."""
    report = acts.withdraw_report(pk, by=actor_of(request))
    messages.success(request, _("The report is withdrawn. It stays in the register, marked."))
    return redirect("incident", pk=report.incident_id)
