"""How long recordings are kept: the overview, lists that need somebody, dry runs, the box on a recording's page."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterable
from typing import Any

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.department import doors as department
from fairwitness.evidence import doors, forms
from fairwitness.evidence.acts import category, dry_run, settle_clock
from fairwitness.evidence.doors import dry_runs, keeping
from fairwitness.evidence.doors.measures import past_maximum
from fairwitness.evidence.models import DryRun, Ingest, Recording, Retention, Settlement
from fairwitness.kernel import clock
from fairwitness.kernel.acting import ConfirmForm, act_page, offers, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import csv_response, history_of, page_of
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import Version

TONES = {
    DryRun.Status.PROPOSED: "waiting",
    DryRun.Status.APPROVED: "active",
    DryRun.Status.APPLIED: "done",
    DryRun.Status.WITHDRAWN: "quiet",
}
OPEN = (DryRun.Status.PROPOSED, DryRun.Status.APPROVED)
# So many lines of a list are shown on the page; all are in the file.
SHOWN = 200


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
    words = _category_words()
    said = [(cited, str(cited.rule.parameters.category)) for cited in policy.rules_at("retention")]  # type: ignore[union-attr]
    return [(words.get(code, code), cited) for cited, code in said]


def _sealed() -> "QuerySet[Retention]":
    return Retention.objects.filter(recording__status=Recording.Status.SEALED)


def _month_words(key: str) -> str:
    if key == dry_runs.NEVER:
        return _("Never, or in doubt")
    if key == dry_runs.LATER:
        return _("Later")
    return date_format(dt.date.fromisoformat(f"{key}-01"), "M Y")


def _by_month(months: list[dict[str, Any]], which: str) -> dict[str, Any]:
    """A picture of what falls due by month, as `partials/bars.html` shows it."""
    rows = [
        {
            "label": _month_words(each["month"]),
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
    words = _category_words()
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


@require_GET
def run(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One dry run: counts, the picture by month before and after, the list, and the decision."""
    actor = actor_of(request)
    found = dry_runs.dry_run(actor, pk)
    approving = refusal_of(dry_run.check_approval, found, found.list_sha256, actor)
    context = {
        "heading": _("Dry run {number}").format(number=found.number),
        "crumb": {"label": _("How long recordings are kept"), "url": reverse("retention")},
        "run": found,
        "tone": TONES[DryRun.Status(found.status)],
        "counts": _counts(found.counts),
        "months": _compared(found.months),
        "lines": _lines(itertools.islice(dry_runs.lines_of(found), SHOWN)),
        "more": max(0, found.counts["sooner"] - SHOWN),
        "acts": _decisions(actor, pk, approving) if found.status in OPEN else None,
        **history_of(request, "evidence.dryrun", pk),
    }
    return render(request, "evidence/dry_run.html", context)


def _decisions(actor: Actor, pk: uuid.UUID, approving: str) -> dict[str, Any] | None:
    """Approving is the next step, be it greyed with the reason; withdrawing is never the prominent one."""
    if doors.far(actor, "approve_dry_run") < Reach.ALL:
        return None
    approve = {"label": _("Approve it"), "url": reverse("dry-run-approve", args=[pk]), "reason": approving}
    withdraw = {"label": _("Withdraw it"), "url": reverse("dry-run-withdraw", args=[pk])}
    return {"primary": approve, "others": [withdraw]}


def _lines(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of a dry run as the page shows them: days as days, categories by their words."""
    words = _category_words()
    return [
        {
            **line,
            "was": dt.date.fromisoformat(line["was"]) if line["was"] else None,
            "would_be": dt.date.fromisoformat(line["would_be"]),
            "words": words.get(line["category"], line["category"]),
        }
        for line in found
    ]


def _category_words() -> dict[str, str]:
    """The categories in force by the words that people read."""
    return {code: _words({code: cited}, code) for code, cited in policy.categories_at().items()}


COUNTS = {
    "considered": gettext_lazy("Recordings asked about"),
    "sooner": gettext_lazy("Would be due sooner"),
    "due_at_once": gettext_lazy("Of these due at once"),
    "due_but_held": gettext_lazy("Of these kept by a hold"),
    "siblings_kept_longer": gettext_lazy("With siblings that stay longer"),
    "later": gettext_lazy("Would be kept longer"),
}


def _counts(counts: dict[str, int]) -> list[dict[str, Any]]:
    return [
        {"label": words, "value": number_format(counts.get(key, 0), force_grouping=True)}
        for key, words in COUNTS.items()
    ]


def _compared(months: list[dict[str, Any]]) -> dict[str, Any]:
    """What falls due in each month, as things are and as they would be, on one scale."""
    whole = max((max(each["before"], each["after"]) for each in months), default=1) or 1
    rows = [
        {
            "label": _month_words(each["month"]),
            "before": each["before"],
            "after": each["after"],
            "differs": each["before"] != each["after"],
        }
        for each in months
    ]
    moved = sum(max(0, each["after"] - each["before"]) for each in months)
    title = _("{n} recordings would fall due in another month").format(
        n=number_format(moved, force_grouping=True)
    )
    return {"title": title, "rows": rows, "whole": whole}


@require_GET
def run_csv(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """The whole list of a dry run, as CSV."""
    found = dry_runs.dry_run(actor_of(request), pk)
    header = ("number", "was", "would_be", "category", "rule", "holds", "requests", "siblings_kept_longer")
    rows = (
        [" ".join(v) if isinstance(v := line.get(name, ""), list) else v for name in header]
        for line in dry_runs.lines_of(found)
    )
    return csv_response(f"dry-run-{found.number}", header, rows)


@require_http_methods(["GET", "POST"])
def try_recordings(request: HttpRequest) -> HttpResponse:
    """Lay what would come nearer before a second person."""
    by = actor_of(request)
    dry_runs.check_may(by, "propose_dry_run")

    def do(_entered: dict[str, Any]) -> HttpResponse:
        return _asked(request, dry_run.ask_dry_run(by=by), reverse("retention"))

    return act_page(
        request,
        ConfirmForm(posted(request)),
        do,
        heading=_("Try what would come nearer"),
        words=_(
            "Every recording that the rules would let go sooner is listed, against holds and siblings. "
            "Nothing changes before a second person has approved the list and the days of waiting are over."
        ),
        back=reverse("retention"),
        button=_("Make the list"),
    )


@require_http_methods(["GET", "POST"])
def what_if(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """What a version of the policy would do to the recordings of a period; then lay it before a second person."""
    by = actor_of(request)
    dry_runs.check_may(by, "propose_dry_run")
    version = policy.version_for(by, number, n)
    if request.method == "POST":
        way = reverse("what-if", args=[number, n])
        return _asked(request, dry_run.ask_dry_run(version.pk, by=by), way)
    form = forms.PeriodForm(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {}
    until = chosen.get("until")
    ends = until + dt.timedelta(days=1) if until and until < dt.date.max else None
    context = {
        "heading": _("What version {n} of {number} would do").format(n=n, number=number),
        "crumb": {"label": _("Version {n}").format(n=n), "url": reverse("version", args=[number, n])},
        "form": form,
        **_counted(version, chosen.get("since"), ends),
        "reason": refusal_of(dry_run.check_asked, version),
        "making": dry_runs.being_made(version.pk),
        "runs": [
            (each, TONES[DryRun.Status(each.status)]) for each in version.dry_runs.order_by("-proposed_at")
        ],
    }
    return render(request, "evidence/what_if.html", context)


def _asked(request: HttpRequest, made: DryRun | None, back: str) -> HttpResponse:
    """To the dry run that was made at once; else back to where it is said that it is being made."""
    if made:
        return redirect("dry-run", pk=made.pk)
    messages.success(request, _("It is being made, which takes some minutes. You are told when it is there."))
    return redirect(back)


def _counted(version: Version, since: dt.date | None, ends: dt.date | None) -> dict[str, Any]:
    """What a version would do to the recordings of a period, where they are few; of many, how many they are."""
    count = dry_runs.made_in(since, ends).count()
    if count > dry_runs.AT_ONCE:
        return {"many": count}
    found = dry_runs.under(version, since, ends)
    shown = sorted(found.lines, key=lambda each: each.number)[:SHOWN]
    return {
        "counts": _counts(found.counts),
        "months": _compared(found.months),
        "lines": _lines(line.as_json() for line in shown),
        "more": max(0, len(found.lines) - SHOWN),
    }


@require_http_methods(["GET", "POST"])
@confirmed_lately
def approve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Approve the list that was seen."""
    by = actor_of(request)
    found = dry_runs.dry_run(by, pk)
    dry_runs.check_may(by, "approve_dry_run")
    return act_page(
        request,
        forms.SeenForm(posted(request), initial={"digest": found.list_sha256}),
        lambda entered: dry_run.approve_dry_run(pk, digest=entered["digest"], by=by),
        heading=_("Approve the dry run {number}").format(number=found.number),
        words=_(
            "{n} recordings will be due sooner once the waiting is over. Until then it can be withdrawn."
        ).format(n=number_format(found.counts["sooner"], force_grouping=True)),
        back=reverse("dry-run", args=[pk]),
        done=_("It is approved, and waits."),
        button=_("Approve it"),
    )


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a dry run."""
    by = actor_of(request)
    found = dry_runs.dry_run(by, pk)
    dry_runs.check_may(by, "approve_dry_run")
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda _entered: dry_run.withdraw_dry_run(pk, by=by),
        heading=_("Withdraw the dry run {number}").format(number=found.number),
        words=_("Nothing comes nearer by it. It stays to be read."),
        back=reverse("dry-run", args=[pk]),
        done=_("It is withdrawn."),
        button=_("Withdraw it"),
    )


@require_http_methods(["GET", "POST"])
def settle_delivery(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle every clock in doubt of a delivery."""
    by = actor_of(request)
    if doors.far(by, "settle_clock") < Reach.ALL:
        raise NotFound(_("There is no such page."))
    return act_page(
        request,
        forms.BecauseForm(posted(request)),
        lambda entered: settle_clock.settle_delivery(pk, because=entered["because"], by=by),
        heading=_("Settle the clocks of a delivery"),
        words=_("Each of its recordings whose clock is in doubt then counts from its receipt."),
        back=reverse("kept", args=["doubtful"]),
        done=_("The clocks are settled."),
        button=_("Settle them"),
    )


@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Settle from when a recording counts."""
    by = actor_of(request)
    found = doors.recording(by, pk, "settle_clock")
    return act_page(
        request,
        forms.SettleForm(posted(request)),
        lambda entered: settle_clock.settle_clock(pk, **entered, by=by),
        heading=_("From when does {number} count?").format(number=found.number),
        words=_("Its source says that it was recorded on {day}, and it was received on {received}.").format(
            day=date_format(found.started.astimezone(agency().tz), "DATETIME_FORMAT"),
            received=date_format(found.sealed_at.astimezone(agency().tz), "DATETIME_FORMAT"),
        ),
        back=reverse("recording", args=[pk]),
        done=_("That is settled."),
        button=_("Settle it"),
    )


@require_POST
def confirm_settlement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm an earlier time as a second person."""
    row = settle_clock.confirm_clock(pk, by=actor_of(request))
    messages.success(request, _("The time is confirmed. A day that comes nearer by it waits for a dry run."))
    return redirect("recording", pk=row.recording_id)


@require_POST
def withdraw_settlement(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw what was settled."""
    row = settle_clock.withdraw_settlement(pk, by=actor_of(request))
    messages.success(request, _("It is withdrawn; the clock is as it was."))
    return redirect("recording", pk=row.recording_id)


@require_POST
def categorise(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Add a category."""
    category.add_category(pk, request.POST.get("code", ""), by=actor_of(request))
    messages.success(request, _("The category is added."))
    return redirect("recording", pk=pk)


@require_POST
def withdraw_category(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a category."""
    row = category.withdraw_category(pk, by=actor_of(request))
    messages.success(request, _("The category is withdrawn. It stays in the record."))
    return redirect("recording", pk=row.recording_id)


def box(actor: Actor, found: Recording) -> dict[str, Any] | None:
    """How long one recording is kept and why, its categories and siblings, and what can be done about that."""
    if found.status == Recording.Status.REFUSED:
        return None
    sealed, known = found.status == Recording.Status.SEALED, policy.categories_at()
    carried = [row for row in keeping.categories(found) if not row.withdrawn_at]
    row = keeping.retention_of(found)
    left = [code for code in known if code not in {each.code for each in carried} | {keeping.UNCATEGORISED}]
    return {
        "row": row,
        "cited": policy.citation(row.version_id, row.rule) if row else None,
        "carried": [{"row": each, "words": _words(known, each.code)} for each in carried],
        "inherited": _inherited(row, carried, known),
        "siblings": keeping.siblings(found),
        "settlement": Settlement.objects.filter(recording=found, withdrawn_at=None).first(),
        "may_add": sealed and doors.may(actor, found.pk, "categorise"),
        "may_withdraw": sealed and doors.may(actor, found.pk, "withdraw_category"),
        "may_settle": sealed and doors.may(actor, found.pk, "settle_clock"),
        "may_confirm": sealed and doors.may(actor, found.pk, "confirm_clock"),
        "me": actor.member_id,
        "form": forms.CategoryForm([(code, _words(known, code)) for code in sorted(left)]),
    }


def _words(known: dict[str, Any], code: str) -> str:
    return str(known[code].rule.parameters.words) if code in known else code


def _inherited(row: Retention | None, carried: Iterable[Any], known: dict[str, Any]) -> str:
    """The category that gave the day, where it is not the recording's own."""
    own = {each.code for each in carried}
    return _words(known, row.category) if row and row.category not in own | {keeping.UNCATEGORISED} else ""
