"""Dry runs: what would come nearer, what a version of the policy would do, and the decision about a list."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from fairwitness.evidence import doors, forms
from fairwitness.evidence.acts import dry_run
from fairwitness.evidence.doors import dry_runs, keeping
from fairwitness.evidence.models import DryRun
from fairwitness.kernel.acting import ConfirmForm, act_page, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.listing import csv_response, history_of
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.policy.models import Version

TONES = {
    DryRun.Status.PROPOSED: "waiting",
    DryRun.Status.APPROVED: "active",
    DryRun.Status.APPLIED: "done",
    DryRun.Status.WITHDRAWN: "quiet",
}
# So many lines of a list are shown on the page; all are in the file.
SHOWN = 200


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
        **_listed(found),
        "acts": _decisions(actor, pk, approving) if found.status in DryRun.OPEN else None,
        **history_of(request, "evidence.dryrun", pk),
    }
    return render(request, "evidence/dry_run.html", context)


def _listed(found: DryRun) -> dict[str, Any]:
    """The beginning of its list, and how many more there are; or why no store gives it, for it can be withdrawn still."""
    try:
        lines = _lines(itertools.islice(dry_runs.lines_of(found), SHOWN))
    except (NotFound, Unavailable) as away:
        return {"lost": away.sentence}
    return {"lines": lines, "more": max(0, found.counts["sooner"] - SHOWN)}


def _decisions(actor: Actor, pk: uuid.UUID, approving: str) -> dict[str, Any] | None:
    """Approving is the next step, be it greyed with the reason; withdrawing is never the prominent one."""
    if doors.far(actor, "approve_dry_run") < Reach.ALL:
        return None
    approve = {"label": _("Approve it"), "url": reverse("dry-run-approve", args=[pk]), "reason": approving}
    withdraw = {"label": _("Withdraw it"), "url": reverse("dry-run-withdraw", args=[pk])}
    return {"primary": approve, "others": [withdraw]}


def _lines(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Lines of a dry run as the page shows them: days as days, categories by their words."""
    words = keeping.category_words()
    return [
        {
            **line,
            "was": dt.date.fromisoformat(line["was"]) if line["was"] else None,
            "would_be": dt.date.fromisoformat(line["would_be"]),
            "words": words.get(line["category"], line["category"]),
        }
        for line in found
    ]


COUNTS = {
    "considered": gettext_lazy("Recordings asked about"),
    "sooner": gettext_lazy("Would be due sooner"),
    "due_at_once": gettext_lazy("Of these due at once"),
    "due_but_held": gettext_lazy("Of these kept by a hold or a waiting request"),
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
            "label": month_words(each["month"]),
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


def month_words(key: str) -> str:
    """A month of a picture as people read it, or what stands for those beyond all months."""
    if key == dry_runs.NEVER:
        return _("Never, or in doubt")
    if key == dry_runs.LATER:
        return _("Later")
    return date_format(dt.date.fromisoformat(f"{key}-01"), "M Y")


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
        words=_(
            "{n} days came nearer by it already, and stay so. Nothing more does. It stays to be read."
        ).format(n=found.moved)
        if found.moved
        else _("Nothing comes nearer by it. It stays to be read."),
        back=reverse("dry-run", args=[pk]),
        done=_("It is withdrawn."),
        button=_("Withdraw it"),
    )
