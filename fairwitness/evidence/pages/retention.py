"""How long everything is kept: the overview, and the lists of recordings that need somebody."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.acts import dry_run
from fairwitness.evidence.doors import dry_runs, keeping
from fairwitness.evidence.doors.measures import past_maximum
from fairwitness.evidence.models import DryRun, Ingest, Recording, Retention
from fairwitness.evidence.pages.dry_runs import TONES, month_words
from fairwitness.kernel import clock
from fairwitness.kernel.acting import offers, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import csv_response, page_of
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation


def _check_sees(actor: Actor) -> None:
    if doors.far(actor, "see_retention") == Reach.NONE:
        raise NotFound(_("There is no such page."))


def _sees_all(actor: Actor) -> bool:
    return doors.far(actor, "see_retention") == Reach.ALL


@require_GET
def retention(request: HttpRequest) -> HttpResponse:
    """How long everything is kept: what falls due by month, and what needs somebody."""
    actor = actor_of(request)
    _check_sees(actor)
    states = dict(_sealed().values_list("state").annotate(n=Count("pk")))
    waiting = dry_runs.waiting().count()
    context = {
        "heading": _("How long recordings are kept"),
        "sees_all": _sees_all(actor),
        "chart": _by_month(dry_runs.falls_due(), "after"),
        "states": [(label, states.get(code, 0), code) for code, label in Retention.State.choices],
        "undecided": keeping.undecided().count(),
        "past": past_maximum().count(),
        "waiting": waiting,
        "runs": [(run, TONES[DryRun.Status(run.status)]) for run in dry_runs.dry_runs(actor)[:10]],
        "rules": _rules(),
        "acts": offers(
            lambda act: doors.far(actor, act) == Reach.ALL,
            (
                "propose_dry_run",
                _("Try what would come nearer"),
                reverse("dry-run-recordings"),
                refusal_of(dry_run.check_asked, None)
                if waiting
                else _("No recording would be let go sooner than it is kept."),
            ),
        ),
    }
    return render(request, "evidence/retention.html", context)


def _rules() -> list[tuple[str, Citation]]:
    """The rules in force, each with the words of its category."""
    words = keeping.category_words()
    said = [(cited, str(cited.rule.parameters.category)) for cited in policy.rules_at("retention")]  # type: ignore[union-attr]
    return [(words.get(code, code), cited) for cited, code in said]


def _sealed() -> "QuerySet[Retention]":
    return Retention.objects.filter(recording__status=Recording.Status.SEALED)


def _by_month(months: list[dict[str, Any]], which: str) -> dict[str, Any]:
    """A picture of what falls due by month, as `partials/bars.html` shows it."""
    rows = [
        {
            "label": month_words(each["month"]),
            "value": each[which],
            "shown": number_format(each[which], force_grouping=True),
        }
        for each in months
    ]
    most = max((row for row in rows if row["value"]), key=lambda row: row["value"], default=None)
    title = (
        _("Most fall due in {month}: {n}").format(month=most["label"], n=most["shown"])
        if most
        else _("Nothing falls due")
    )
    return {
        "title": title,
        "unit": _("Recordings by the month of the last day for which they are kept"),
        "rows": rows,
        "whole": max((row["value"] for row in rows), default=1) or 1,
        "source": _("the records of this system"),
        "date": clock.now(),
        "columns": [_("Month"), _("Recordings")],
    }


LISTS: dict[str, tuple[Promise, Callable[[], "QuerySet[Retention]"]]] = {
    "past-maximum": (gettext_lazy("Kept longer than the policy allows"), past_maximum),
    "doubtful": (
        gettext_lazy("Recordings whose clock is in doubt"),
        lambda: _sealed().filter(state=Retention.State.DOUBTFUL),
    ),
    "nearer": (
        gettext_lazy("Recordings that the rules would let go sooner"),
        lambda: _sealed().filter(nearer_on__isnull=False),
    ),
    "due": (
        gettext_lazy("Recordings whose day has come"),
        lambda: _sealed().filter(due_on__lt=department.today()),
    ),
}


@require_GET
def kept(request: HttpRequest, what: str) -> HttpResponse:
    """One of the lists that need somebody."""
    actor = actor_of(request)
    if what not in LISTS or not _sees_all(actor):
        raise NotFound(_("There is no such page."))
    title, rows = LISTS[what][0], LISTS[what][1]()
    found = rows.select_related("recording__owner", "recording__ingest", "version__document")
    found = found.defer("version__content")
    page = page_of(found, {"recorded": ("recording__started",)}, request)
    context = {
        "heading": title,
        "crumb": {"label": _("How long recordings are kept"), "url": reverse("retention")},
        "count": found.count(),
        "rows": _worded(page.rows),
        "before": page.before,
        "after": page.after,
        "sort": page.sort,
        "what": what,
        "deliveries": _deliveries(found) if what == "doubtful" else [],
        "may_settle": doors.far(actor, "settle_clock") == Reach.ALL,
        "export_url": reverse("kept-csv", args=[what]),
    }
    return render(request, "evidence/kept.html", context)


def _worded(rows: list[Retention]) -> list[Retention]:
    """The rows, each with the words of its category as `words`."""
    words = keeping.category_words()
    for row in rows:
        row.words = words.get(row.category, row.category)  # type: ignore[attr-defined]
    return rows


def _deliveries(found: "QuerySet[Retention]") -> list[Ingest]:
    """The deliveries that brought recordings whose clock is in doubt, with how many."""
    rows = Ingest.objects.filter(recordings__retention__in=found.values("pk"))
    return list(rows.annotate(doubtful=Count("recordings")).order_by("-begun")[:20])


@require_GET
def kept_csv(request: HttpRequest, what: str) -> StreamingHttpResponse:
    """The same, whole, as CSV."""
    if what not in LISTS or not _sees_all(actor_of(request)):
        raise NotFound(_("There is no such page."))
    header = (
        "number",
        "started",
        "state",
        "starts",
        "due_on",
        "nearer_on",
        "at_most_on",
        "category",
        "rule",
        "version",
    )
    rows = LISTS[what][1]().select_related("recording", "version__document").defer("version__content")
    rows = rows.order_by("recording__number")
    return csv_response(f"kept-{what}", header, map(_csv_row, rows.iterator(chunk_size=1000)))


def _csv_row(row: Retention) -> tuple[object, ...]:
    return (
        *(row.recording.number, clock.rfc3339(row.recording.started), row.state),
        *(clock.rfc3339(row.starts) if row.starts else "", row.due_on, row.nearer_on, row.at_most_on),
        *(row.category, row.rule, f"{row.version.document.number} v{row.version.n}"),
    )
