"""The pages of arrivals: the list, one report with its filters, the same to be printed and as CSV."""

import itertools
import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import PAGE_ROWS, as_address, chips, history_of, kept_text, page_of, taken_csv
from fairwitness.moving.acts.lines import total
from fairwitness.moving.acts.report import export_report
from fairwitness.moving.doors import arrivals as doors
from fairwitness.moving.forms import KINDS, ReportForm
from fairwitness.moving.models import Arrival, Outcome

SORTS = {"begun": ("begun_at",)}
TONES = {
    Outcome.ARRIVED: "done",
    Outcome.HERE: "quiet",
    Outcome.NOT: "attention",
    Outcome.UNCLAIMED: "waiting",
}
# So many lines, at most, on the sheet that is printed; all of them are in the CSV.
ON_SHEET = 2000


@require_GET
def arrivals(request: HttpRequest) -> HttpResponse:
    """Every arrival, the latest first."""
    found = doors.arrivals(actor_of(request))
    page = page_of(found, SORTS, request, unasked="-begun")
    context = {
        "heading": _("Arrivals"),
        "count": found.count(),
        "rows": [{"arrival": each, "totals": _totals(each)} for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
    }
    return render(request, "moving/arrivals.html", context)


@require_http_methods(["GET", "POST"])
def arrival(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One arrival: how much came, and its report line by line. Words of a search are posted."""
    actor = actor_of(request)
    found = doors.arrival(actor, pk)
    if request.method == "POST":
        return as_address(request, ReportForm(request.POST))
    form = _filters(actor, request)
    start = _start(request)
    shown = list(itertools.islice(doors.lines(actor, found, form.sought()), start, start + PAGE_ROWS + 1))
    context = {
        **_whole(found),
        "form": form,
        "chips": chips(request, form),
        "rows": _rows(shown[:PAGE_ROWS]),
        "earlier": _page(request, start - PAGE_ROWS) if start else "",
        "later": _page(request, start + PAGE_ROWS) if len(shown) > PAGE_ROWS else "",
        "export_url": f"{reverse('arrival-csv', args=[pk])}?{request.GET.urlencode()}",
        "sheet_url": f"{reverse('arrival-sheet', args=[pk])}?{request.GET.urlencode()}",
        **history_of(request, "moving.arrival", pk),
    }
    return render(request, "moving/arrival.html", context)


@require_GET
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same to be printed, narrowed as the page was."""
    actor = actor_of(request)
    found = doors.arrival(actor, pk)
    shown = list(itertools.islice(doors.lines(actor, found, _filters(actor, request).sought()), ON_SHEET + 1))
    more = {"rows": _rows(shown[:ON_SHEET]), "cut": len(shown) > ON_SHEET, "printed": clock.now()}
    return render(request, "moving/sheet.html", {**_whole(found), **more})


@require_POST
def arrival_csv(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The report as CSV, narrowed as the page was. Posted, because taking it is recorded."""
    actor = actor_of(request)
    found = doors.arrival(actor, pk)
    sought = _filters(actor, request).sought()
    return taken_csv(f"arrival-{found.number}", lambda file: export_report(pk, sought, file, by=actor))


def _whole(found: Arrival) -> dict[str, Any]:
    kinds = [
        {"label": label, "counts": [counts.get(outcome, 0) for outcome in Outcome.values]}
        for kind, label in KINDS.items()
        if (counts := found.counts.get(kind))
    ]
    return {
        "heading": found.number,
        "crumb": {"label": _("Arrivals"), "url": reverse("arrivals")},
        "arrival": found,
        "totals": _totals(found),
        "kinds": kinds,
        "outcomes": Outcome.labels,
    }


def _totals(found: Arrival) -> dict[str, int]:
    return {outcome: total(found.counts, outcome) for outcome in Outcome.values}


def _filters(actor: Actor, request: HttpRequest) -> ReportForm:
    form = ReportForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


def _rows(lines: list[Any]) -> list[dict[str, Any]]:
    outcomes = dict(Outcome.choices)
    return [
        {
            **line,
            "kind_words": KINDS.get(line["kind"], line["kind"]),
            "outcome_words": outcomes[line["outcome"]],
            "tone": TONES[Outcome(line["outcome"])],
        }
        for line in lines
    ]


def _start(request: HttpRequest) -> int:
    asked = request.GET.get("from", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0


def _page(request: HttpRequest, start: int) -> str:
    query = request.GET.copy()
    query["from"] = str(max(start, 0))
    return f"?{query.urlencode()}"
