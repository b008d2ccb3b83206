"""The lists of this room: cases, what one of them holds, and counts."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.cases import acts, doors, forms
from fairwitness.cases.models import Case, Item
from fairwitness.cases.pages import shown
from fairwitness.kernel import clock
from fairwitness.kernel.acting import offers
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import as_address, chips, kept_text, page_of, taken_csv

SORTS = {"opened": ("opened_at",), "number": ("number",), "title": ("title", "opened_at")}
ITEM_SORTS = {"when": ("moment",), "added": ("added_at",)}
TONES = {"open": "active", "closed": "quiet"}


@require_http_methods(["GET", "POST"])
def cases(request: HttpRequest) -> HttpResponse:
    """The list of cases; a search is posted and comes back as an address without words."""
    actor = actor_of(request)
    doors.check_may(actor, "find")
    if request.method == "POST":
        return as_address(request, forms.CasesForm(request.POST))
    form = _filters(actor, request)
    found = doors.list_cases(actor, form.sought())
    page = page_of(found, SORTS, request, unasked="-opened")
    leads = doors.leads_of(page.rows)
    rows = [{"case": each, "tone": TONES[each.status], "leads": leads.get(each.pk, [])} for each in page.rows]
    context = {
        "heading": _("Cases"),
        "count": found.count(),
        "rows": rows,
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("cases"),
        "export_url": f"{reverse('cases-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
        "may_open": doors.may(actor, "open_case"),
        "acts": offers(
            lambda act: doors.may(actor, act), ("open_case", _("Open a case"), reverse("case-open"), "")
        ),
    }
    return render(request, "cases/cases.html", context)


def _filters(actor: Actor, request: HttpRequest) -> forms.CasesForm:
    form = forms.CasesForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@require_POST
def cases_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    name = f"cases-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(name, lambda file: acts.export_cases(_filters(actor, request).sought(), file, by=actor))


@require_GET
def items(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Everything that a case holds, page by page, in order of time."""
    actor = actor_of(request)
    case = doors.case(actor, pk)
    what = request.GET.get("what", "")
    found = doors.items(case, what)
    page = page_of(doors.in_order(found), ITEM_SORTS, request)
    rows: list[Item] = page.rows
    context = {
        "heading": _("What {number} holds").format(number=case.number),
        "crumb": {"label": case.number, "url": reverse("case", args=[pk])},
        "case": case,
        "count": found.count(),
        "rows": shown.items(actor, case, rows),
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "what": what if what in doors.WHAT else "",
        "may_take_out": "take_out" in shown.work(actor, case),
    }
    return render(request, "cases/items.html", context)


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Counts and nothing else: what an external auditor sees of cases."""
    found = doors.counts(actor_of(request))
    kinds = dict(Case.Kind.choices)
    months = [(date_format(row["month"], "M Y"), row["n"]) for row in found["by_month"]]
    by_kind = [(str(kinds[row["kind"]]), row["n"]) for row in found["by_kind"]]
    context = {
        "heading": _("Cases in numbers"),
        **found,
        "charts": [
            _chart(_("Cases by the month in which they were opened"), _("Month"), months),
            _chart(_("Cases by what they are about"), _("About"), by_kind),
        ],
    }
    return render(request, "cases/counts.html", context)


def _chart(title: str, what: str, rows: list[tuple[str, int]]) -> dict[str, Any]:
    bars = [{"label": label, "value": n, "shown": number_format(n, force_grouping=True)} for label, n in rows]
    return {
        "title": title,
        "unit": _("Counts; nothing of any one case"),
        "rows": bars,
        "whole": max((n for _label, n in rows), default=1),
        "source": _("the records of this system"),
        "date": clock.now(),
        "columns": [what, _("Count")],
    }
