"""How long one recording is kept: the box on its page, its categories, from when it counts."""

import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence import doors, forms
from fairwitness.evidence.acts import category, settle_clock
from fairwitness.evidence.doors import belonging, keeping
from fairwitness.evidence.models import Recording, Retention, Settlement
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation


def box(actor: Actor, found: Recording) -> dict[str, Any] | None:
    """How long one recording is kept and why, its categories and siblings, and what can be done about that."""
    if found.status == Recording.Status.REFUSED:
        return None
    sealed, known = found.status == Recording.Status.SEALED, policy.categories_at()
    going = doors.going(found.pk)
    # Until the stores are told to let go, a category may still keep it; nothing else is done with what goes.
    still, keepable = sealed and not going, sealed and not (going and going.let_go_at)
    carried = [row for row in keeping.categories(found) if not row.withdrawn_at]
    row = keeping.retention_of(found)
    mates = belonging.siblings(found)
    finds = set(
        doors.narrowed(actor, "find").filter(pk__in=[each.pk for each in mates]).values_list("pk", flat=True)
    )
    left = [code for code in known if code not in {each.code for each in carried} | {keeping.UNCATEGORISED}]
    return {
        "row": row,
        "cited": policy.citation(row.version_id, row.rule) if row else None,
        "carried": [{"row": each, "words": _words(known, each.code)} for each in carried],
        "inherited": _inherited(row, carried, known),
        "siblings": [each for each in mates if each.pk in finds],
        "siblings_beyond": len(mates) - len(finds),
        "settlement": Settlement.objects.filter(recording=found, withdrawn_at=None).first(),
        "may_add": keepable and doors.may(actor, found.pk, "categorise"),
        "may_withdraw": still and doors.may(actor, found.pk, "withdraw_category"),
        "may_settle": still and doors.may(actor, found.pk, "settle_clock"),
        "may_confirm": still and doors.may(actor, found.pk, "confirm_clock"),
        "me": actor.member_id,
        "form": forms.CategoryForm([(code, _words(known, code)) for code in sorted(left)]),
    }


def _words(known: dict[str, Citation], code: str) -> str:
    return keeping.words_of(known[code]) if code in known else code


def _inherited(row: Retention | None, carried: Iterable[Any], known: dict[str, Citation]) -> str:
    """The category that gave the day, where it is not the recording's own."""
    own = {each.code for each in carried}
    return _words(known, row.category) if row and row.category not in own | {keeping.UNCATEGORISED} else ""


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
