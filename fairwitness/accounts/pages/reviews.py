"""The yearly review of roles: one row for each role held, kept or ended by one key."""

import uuid
from collections.abc import Iterable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fairwitness.accounts import acts, doors, forms
from fairwitness.accounts.doors.review import ReviewRow
from fairwitness.accounts.models import Review
from fairwitness.accounts.pages.ways import ways
from fairwitness.department import doors as department
from fairwitness.kernel import clock
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.again import check_confirmed
from fairwitness.kernel.refusals import WrongState
from fairwitness.kernel.tables import csv_text


@login_required
@require_GET
def reviews(request: HttpRequest) -> HttpResponse:
    """Every review, and the way to begin one."""
    actor = actor_of(request)
    rows = list(doors.list_reviews(actor).prefetch_related("decisions"))
    context = {
        "heading": _("Reviews of roles"),
        "count": len(rows),
        "rows": [{"review": each, **_counted(each)} for each in rows],
        "may_begin": doors.may_review(actor) and doors.open_review() is None,
        "due_since": doors.review_due_since(),
        "ways": ways(actor),
    }
    return render(request, "accounts/reviews.html", context)


def _counted(review: Review) -> dict[str, int]:
    decided = [decision.kept for decision in review.decisions.all()]
    return {"kept": decided.count(True), "ended": decided.count(False)}


@login_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin one."""
    review = acts.begin_review(by=actor_of(request))
    return redirect("review", review.pk)


@login_required
@require_GET
def review(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One review: while it is under way with keep and end beside each role."""
    actor = actor_of(request)
    found = doors.review_for(actor, pk)
    rows = doors.review_rows(actor, found)
    form = forms.ReviewForm(request.GET, units={row.unit_id: row.unit for row in rows if row.unit_id})
    form.is_valid()
    decided = sum(row.decision is not None for row in rows)
    context = {
        "heading": _("Review of roles"),
        "crumb": {"label": _("Reviews of roles"), "url": reverse("reviews")},
        "review": found,
        "rows": form.narrowed(rows),
        "total": len(rows),
        "decided": decided,
        "left": len(rows) - decided,
        "overdue": found.finished_at is None and found.due_on < department.today(),
        "form": form,
        "decides": found.finished_at is None and doors.may_review(actor),
        "ends": department.may(actor, "end_role"),
        "export_url": reverse("review-csv", args=[pk]),
    }
    return render(request, "accounts/review.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, pk: uuid.UUID, held: uuid.UUID) -> HttpResponse:
    """Keep or end one role; whoever ends it shows first that it is they. The script asks for JSON."""
    keep = request.POST.get("keep") != "no"
    if not keep:
        check_confirmed(request)
    actor = actor_of(request)
    decision = acts.decide(review_id=pk, held_id=held, keep=keep, by=actor)
    if not request.headers.get("Accept", "").startswith("application/json"):
        return redirect(f"{reverse('review', args=[pk])}#role-{decision.held_id}")
    rows = doors.review_rows(actor, doors.review_for(actor, pk))
    said = {
        "state": "kept" if keep else "ended",
        "word": str(_("Kept") if keep else _("Ended")),
        "url": reverse("review-decide", args=[pk, decision.held_id]),
        "decided": sum(row.decision is not None for row in rows),
        "total": len(rows),
    }
    return JsonResponse(said)


@login_required
@require_POST
def finish(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Finish it."""
    try:
        acts.finish_review(review_id=pk, by=actor_of(request))
    except WrongState as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("The review is finished."))
    return redirect("review", pk)


@login_required
@require_GET
def review_csv(request: HttpRequest, pk: uuid.UUID) -> StreamingHttpResponse:
    """What was looked at and decided, as CSV."""
    actor = actor_of(request)
    rows = doors.review_rows(actor, doors.review_for(actor, pk))
    header = (_("Badge"), _("Name"), _("Role"), _("Since"), _("Unit"), _("Last sign-in"), _("Must not meet"),
              _("Decision"), _("Decided"), _("By"))  # fmt: skip
    answer = StreamingHttpResponse(csv_text(header, _lines(rows)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="review-{clock.now():%Y%m%d}.csv"'
    return answer


def _lines(rows: Iterable[ReviewRow]) -> Iterable[list[object]]:
    for row in rows:
        member, made = row.held.member, row.decision
        decided = clock.rfc3339(made.decided_at) if made else ""
        by = made.decided_by.name if made and made.decided_by else ""
        used = clock.rfc3339(row.last_used) if row.last_used else ""
        yield [member.badge, member.name, row.held.words, row.held.since, row.unit, used, row.meets,
               row.state, decided, by]  # fmt: skip
