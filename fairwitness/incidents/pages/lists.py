"""The lists of this room: incidents, shifts of a day, and counts."""

import uuid
from functools import partial
from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.incidents import acts, doors, forms
from fairwitness.incidents.models import Report
from fairwitness.kernel import clock
from fairwitness.kernel.acting import act_page, offers, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import as_address, chips, kept_text, page_of, taken_csv

SORTS = {"opened": ("opened",), "number": ("number",), "kind": ("kind", "opened")}


@login_required
@require_http_methods(["GET", "POST"])
def incidents(request: HttpRequest) -> HttpResponse:
    """The list of incidents; a search is posted and comes back as an address without words."""
    actor = actor_of(request)
    doors.check_may(actor, "find")
    if request.method == "POST":
        return as_address(request, forms.IncidentsForm(request.POST))
    form = _filters(actor, request)
    found = doors.list_incidents(actor, form.sought())
    page = page_of(found, SORTS, request, unasked="-opened")
    context = {
        "heading": _("Incidents"),
        "count": found.count(),
        "rows": page.rows,
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("incidents"),
        "export_url": f"{reverse('incidents-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
        "sees_imports": doors.may(actor, "see_imports"),
        "acts": offers(
            partial(doors.may, actor),
            ("import_dispatch", _("Import a dispatch export"), reverse("dispatch"), ""),
            ("add_incident", _("Add an incident"), reverse("incident-add"), ""),
            ("import_shifts", _("Import shifts"), reverse("shift-roster"), ""),
        ),
    }
    return render(request, "incidents/incidents.html", context)


@login_required
@require_POST
def incidents_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    name = f"incidents-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(
        name, lambda file: acts.export_incidents(_filters(actor, request).sought(), file, by=actor)
    )


def _filters(actor: Actor, request: HttpRequest) -> forms.IncidentsForm:
    form = forms.IncidentsForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@login_required
@require_GET
def shifts(request: HttpRequest) -> HttpResponse:
    """The shifts of a day: of the last one that had some, unless another is asked for."""
    actor = actor_of(request)
    doors.check_may(actor, "list_shifts")
    form = forms.DayForm(request.GET)
    day = (form.cleaned_data["day"] if form.is_valid() else None) or doors.latest_shift_day(actor)
    rows = list(doors.shifts_on(actor, day))
    context = {
        "heading": _("Shifts"),
        "crumb": {"label": _("Incidents"), "url": reverse("incidents")},
        "count": len(rows),
        "rows": rows,
        "withdrawn": list(doors.shifts_on(actor, day, withdrawn=True)),
        "may_withdraw": doors.may(actor, "withdraw_shift"),
        "form": forms.DayForm(initial={"day": day}),
        "acts": offers(
            partial(doors.may, actor), ("import_shifts", _("Import shifts"), reverse("shift-roster"), "")
        ),
    }
    return render(request, "incidents/shifts.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def shift_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a shift that nobody served."""
    actor = actor_of(request)
    shift = doors.shift(actor, pk, "withdraw_shift")
    day = shift.begins.astimezone(agency().tz).date()
    return act_page(
        request,
        Form(posted(request)),
        lambda _said: acts.withdraw_shift(pk, by=actor),
        heading=_("Withdraw the shift {sign} of {name}").format(sign=shift.call_sign, name=shift.member.name),
        back=f"{reverse('shifts')}?day={day.isoformat()}",
        done=_("The shift is withdrawn. It stays, marked."),
        words=_(
            "Units under this call sign no longer have their member by it. An import in which it still stands "
            "brings it again, so correct the roster first."
        ),
        button=_("Withdraw the shift"),
    )


@login_required
@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Counts and nothing else: what an external auditor sees of incidents."""
    found = doors.counts(actor_of(request))
    kinds = dict(Report.Kind.choices)
    months = [(date_format(row["month"], "M Y"), row["n"]) for row in found["by_month"]]
    reports = [(str(kinds[row["kind"]]), row["n"]) for row in found["by_report"]]
    context = {
        "heading": _("Incidents in numbers"),
        **found,
        "charts": [
            _chart(_("Incidents by the month in which they were opened"), _("Month"), months),
            _chart(_("Reports in the register by their kind"), _("Kind"), reports),
        ],
    }
    return render(request, "incidents/counts.html", context)


def _chart(title: str, what: str, rows: list[tuple[str, int]]) -> dict[str, Any]:
    shown = [
        {"label": label, "value": n, "shown": number_format(n, force_grouping=True)} for label, n in rows
    ]
    return {
        "title": title,
        "unit": _("Counts; nothing of any one incident"),
        "rows": shown,
        "whole": max((n for _label, n in rows), default=1),
        "source": _("the records of this system"),
        "date": clock.now(),
        "columns": [what, _("Count")],
    }
