"""The pages of access: grants to named members, and the weekly look at unusual access."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fairwitness.evidence import doors
from fairwitness.evidence.acts.grant import end_grant, grant_access
from fairwitness.evidence.acts.order import record_order, withdraw_order
from fairwitness.evidence.acts.watch import decide_watch
from fairwitness.evidence.doors import access, granting, orders, reasons, watching
from fairwitness.evidence.forms import GrantForm, OrderForm, OutcomeForm
from fairwitness.evidence.models import Grant, Recording, Watch
from fairwitness.incidents import doors as incidents
from fairwitness.kernel.acting import ConfirmForm, act_page, offers, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import history_of, page_of
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import ACCESS

TONES = {
    Watch.Outcome.OPEN: "attention",
    Watch.Outcome.EXPLAINED: "done",
    Watch.Outcome.REMINDED: "active",
    Watch.Outcome.REFERRED: "stopped",
}


def cited(found: Citation) -> dict[str, str]:
    """A rule with its version, and where anyone can read it."""
    return {"words": str(found), "url": f"{reverse('document', args=[found.number])}#{found.rule.id}"}


def of_recording(actor: Actor, found: Recording) -> dict[str, Any]:
    """What the page of a recording says of access: its class, the rule, who is granted it, why it is closed."""
    book, codes = access.book(), access.codes_of(found.pk)
    name = book.class_of(codes)
    closed = reasons.closed_because(actor, found) if found.status == Recording.Status.SEALED else None
    rules = [book.cited(name), *book.shared_only_by_order(codes)]
    return {
        "class": ACCESS[name],
        "rules": [cited(each) for each in rules if each],
        "closed": closed,
        "closed_cites": [cited(each) for each in closed.cites] if closed else [],
        "grants": granting.grants_over(actor, found),
        "may_grant": granting.may_grant(actor) and found.status == Recording.Status.SEALED,
        "by_order": bool(book.shared_only_by_order(codes)),
        "orders": orders.orders_over(found),
        "sees_orders": orders.may_see(actor),
        "may_record": orders.may_record(actor) and found.status == Recording.Status.SEALED,
    }


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What was opened to who asks beyond their role, and what is closed to them until their statement."""
    actor = actor_of(request)
    rows = [_row(each) for each in granting.grants_of(actor)]
    book = access.book()
    context = {
        "heading": _("Your access"),
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")} if doors.may_list(actor) else None,
        "count": None,
        "rows": rows,
        "mine": True,
        "locking": list(incidents.locking(actor.person).order_by("-opened")),
        "rule": cited(book.lockout) if book.lockout else None,
        "all_url": reverse("grants") if granting.may_see(actor) else "",
        "watch_url": reverse("watch") if watching.may_see(actor) else "",
    }
    return render(request, "evidence/grants.html", context)


@require_GET
def grants(request: HttpRequest) -> HttpResponse:
    """Every grant, the latest first: for those who grant and those who look on."""
    actor = actor_of(request)
    found = granting.grants_for(actor)
    page = page_of(found, {"granted": ("granted_at",)}, request, unasked="-granted")
    context = {
        "heading": _("Access that was granted"),
        "crumb": {"label": _("Your access"), "url": reverse("my-access")},
        "count": found.count(),
        "rows": [_row(each) for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "may_end": granting.may_grant(actor),
    }
    return render(request, "evidence/grants.html", context)


def _row(each: Grant) -> dict[str, Any]:
    return {"grant": each, "stands": granting.stands(each)}


@require_http_methods(["GET", "POST"])
def grant_recording(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open a recording to a member."""
    found = doors.recording(actor_of(request), pk, "grant_access")
    heading = _("Open {number} to somebody").format(number=found.number)
    return _grant(request, heading, reverse("recording", args=[pk]), recording_id=pk)


@require_http_methods(["GET", "POST"])
def grant_incident(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open every recording of an incident to a member, also those that come later."""
    granting.check_may_grant(actor_of(request))
    found = incidents.incident(actor_of(request), pk)
    heading = _("Open the recordings of {number} to somebody").format(number=found.number)
    return _grant(request, heading, reverse("incident", args=[pk]), incident_id=pk)


def _grant(request: HttpRequest, heading: str, back: str, **of: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    return act_page(
        request,
        GrantForm(posted(request)),
        lambda said: grant_access(
            said["badge"].pk,
            kind=said["kind"],
            because=said["because"],
            until=said["until"],
            recording_id=of.get("recording_id"),
            incident_id=of.get("incident_id"),
            by=actor,
        ),
        heading=heading,
        back=back,
        done=_("It is open to them, and they are told."),
        words=_(
            "A grant opens what the role does not. It opens nothing against a statute, and what is restricted only to a "
            "named person. An exception from the lockout gives back what the role opened, before the statement."
        ),
    )


@require_http_methods(["GET", "POST"])
def grant_end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a grant back."""
    actor = actor_of(request)
    found = granting.grant_for(actor, pk)
    thing = found.recording.number if found.recording else found.incident.number if found.incident else ""
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda said: end_grant(pk, by=actor),
        heading=_("End the access of {name} to {thing}").format(name=found.member.name, thing=thing),
        back=reverse("grants"),
        done=_("The access has ended."),
        words=_("What they have open by it alone is ended now. The grant stays in the list, marked."),
        button=_("End it"),
    )


@require_http_methods(["GET", "POST"])
def order(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record a court's order over a recording."""
    actor = actor_of(request)
    found = doors.recording(actor, pk, "record_order")
    return act_page(
        request,
        OrderForm(posted(request)),
        lambda said: record_order(pk, by=actor, **said),
        heading=_("Record a court order over {number}").format(number=found.number),
        back=reverse("recording", args=[pk]),
        done=_("The order is recorded."),
        words=_("What a statute protects is shared with the defence only while an order is recorded here."),
    )


@require_http_methods(["GET", "POST"])
def order_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw an order that was recorded."""
    actor = actor_of(request)
    found = orders.order_for(actor, pk)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda said: withdraw_order(pk, by=actor),
        heading=_("Withdraw the order {docket}").format(docket=found.docket),
        back=reverse("recording", args=[found.recording_id]),
        done=_("The order is withdrawn."),
        words=_("Nothing is shared on it from now on. That it was recorded stays in the history."),
        button=_("Withdraw it"),
    )


@require_GET
def watch(request: HttpRequest) -> HttpResponse:
    """The signs of unusual access, week by week, the latest first; never one's own."""
    actor = actor_of(request)
    found = watching.signs_for(actor)
    page = page_of(found, {"week": ("week",)}, request, unasked="-week")
    decided, weeks = watching.weeks()
    context = {
        "heading": _("Unusual access"),
        "crumb": {"label": _("Your access"), "url": reverse("my-access")},
        "count": found.count(),
        "rows": [_sign(each) for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "decided": decided,
        "weeks": weeks,
        "figures": watching,
    }
    return render(request, "evidence/watch.html", context)


def _sign(each: Watch) -> dict[str, Any]:
    return {"sign": each, "count": each.found["count"], "tone": TONES[Watch.Outcome(each.outcome)]}


@require_GET
def sign(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One sign with the viewings behind it, and what came of it."""
    actor = actor_of(request)
    found = watching.sign_for(actor, pk)
    reason = "" if found.outcome == Watch.Outcome.OPEN else _("It was decided.")
    decide = ("decide", _("Decide"), reverse("watch-decide", args=[pk]), reason)
    context = {
        "heading": f"{found.get_sign_display()}: {found.member.name}",
        "crumb": {"label": _("Unusual access"), "url": reverse("watch")},
        "sign": found,
        "count": found.found["count"],
        "tone": TONES[Watch.Outcome(found.outcome)],
        "viewings": watching.viewings_of(found),
        "acts": offers(lambda act: watching.may_decide(actor), decide),
        **history_of(request, "evidence.watch", pk),
    }
    return render(request, "evidence/sign.html", context)


@require_http_methods(["GET", "POST"])
def decide(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record what came of a sign."""
    actor = actor_of(request)
    found = watching.sign_for(actor, pk)
    watching.check_may_decide(actor)
    return act_page(
        request,
        OutcomeForm(posted(request)),
        lambda said: decide_watch(pk, outcome=said["outcome"], words=said["words"], by=actor),
        heading=_("What came of it: {sign}, {name}").format(
            sign=found.get_sign_display(), name=found.member.name
        ),
        back=reverse("sign", args=[pk]),
        done=_("It is recorded."),
        words=_("Ask first, then write what was found. What is written here stays."),
    )
