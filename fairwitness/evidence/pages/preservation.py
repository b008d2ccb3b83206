"""Preservation requests: asked in public, one thing a page, without an account; listed and decided inside."""

import uuid
from typing import Any

from allauth.core.internal.ratelimit import consume
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.evidence.acts import preservation as acts
from fairwitness.evidence.doors import holds, preservation
from fairwitness.evidence.forms.holds import (
    ByNumberForm,
    ByPlaceForm,
    ConfirmForm,
    ReasonForm,
    ReferenceForm,
    RequestsForm,
)
from fairwitness.evidence.models import PreservationRequest
from fairwitness.evidence.pages import holding
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.acting import act_page, offers, posted, refused
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import as_address, chips, history_of, kept_text, page_of, taken_csv
from fairwitness.kernel.refusals import Invalid, NotFound, TooMany, WrongState

SORTS = {"due": ("decide_by", "received_at"), "received": ("received_at",), "number": ("number",)}
Status = PreservationRequest.Status
AskForm = ByNumberForm | ByPlaceForm
# From one address so many references are looked up; a receipt is asked for by somebody who has it before them.
LOOK_UPS = {"look_up": "20/15m/key"}


# For everyone


@require_GET
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """What this is, and the two ways to say what is meant."""
    _cited, rule = preservation.rule()
    context = {"heading": _("Ask that a recording be kept"), "rule": rule}
    return render(request, "evidence/preserve.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
def by_number(request: HttpRequest) -> HttpResponse:
    """A request by an incident's number."""
    return _ask(request, ByNumberForm(posted(request)), _("Which incident?"))


@require_http_methods(["GET", "POST"])
@never_cache
def by_place(request: HttpRequest) -> HttpResponse:
    """A request by place and time."""
    return _ask(request, ByPlaceForm(posted(request)), _("Where and when?"))


def _ask(request: HttpRequest, form: AskForm, heading: str) -> HttpResponse:
    """The form, then the same once more to be checked, then the act. What was typed goes along and is never lost."""
    _cited, rule = preservation.rule()
    step = request.POST.get("step", "")
    if request.method == "POST" and form.is_valid():
        try:
            if step == "send":
                made = acts.ask_preservation(**form.said(), sender=sender_of(request), by=actor_of(request))
                return redirect("preserve-sent", pk=made.pk)
            acts.check_asked(**form.said())
        except (Invalid, WrongState) as refusal:
            refused(form, _at_fields(refusal))
        else:
            if step == "check":
                return _check(request, form)
    context = {
        "heading": heading,
        "form": form,
        "rule": rule,
        "notice": agency().public_notice,
        "crumb": {"label": _("Ask that a recording be kept"), "url": reverse("preserve")},
    }
    return render(request, "evidence/preserve_form.html", context, status=422 if form.errors else 200)


def _at_fields(refusal: Invalid | WrongState) -> Invalid | WrongState:
    """What the act says of the span's end is said at the field in which people give it."""
    if "until" in refusal.details:
        return Invalid(refusal.sentence, ends=refusal.details["until"])
    return refusal


def _check(request: HttpRequest, form: AskForm) -> HttpResponse:
    """What was typed, to be checked before it is sent."""
    asked = form.said()
    said: list[dict[str, Any]] = [
        {"label": _("Incident number"), "value": asked.get("incident_number")},
        {"label": _("Where"), "value": asked.get("place")},
        {"label": _("From"), "moment": asked.get("since")},
        {"label": _("To"), "moment": asked.get("until")},
        {"label": _("What happened"), "value": asked.get("words")},
        {"label": _("Your name"), "value": asked.get("name") or _("not given")},
        {"label": _("How to reach you"), "value": asked.get("contact") or _("not given")},
    ]
    context = {
        "heading": _("Check before you send"),
        "facts": [fact for fact in said if fact.get("value") or fact.get("moment")],
        "typed": [(field.html_name, field.value() or "") for field in form],
        "notice": agency().public_notice,
    }
    return render(request, "evidence/preserve_check.html", context)


def sender_of(request: HttpRequest) -> str:
    """A keyed digest of the address that asks, by which limits are counted; the address itself is not kept."""
    address = getattr(request, "address", None) or ""
    return salted_hmac("evidence.preservation.sender", address, algorithm="sha256").hexdigest()


@require_GET
@never_cache
def sent(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """That it arrived, under which number, and what happens next: the same whatever there is."""
    found = preservation.received(pk)
    _cited, rule = preservation.rule()
    context = {
        "heading": _("Your request is here"),
        "number": found.number,
        "reference": preservation.reference(found),
        "decide_by": holding.day(found.decide_by),
        "rule": rule,
    }
    return render(request, "evidence/preserve_sent.html", context)


@require_http_methods(["GET", "POST"])
@sensitive_post_parameters()
@never_cache
def follow(request: HttpRequest) -> HttpResponse:
    """When a request was received and what is done with each: all that is told, the same whatever there is.

    The reference is posted and answered at once, so that it stands in no address. Raises TooMany.
    """
    form = ReferenceForm(posted(request))
    context: dict[str, Any] = {"heading": _("Ask after your request"), "form": form}
    if request.method == "POST" and form.is_valid():
        if not consume(request, app="evidence", action="look_up", config=LOOK_UPS, key=sender_of(request)):
            raise TooMany(
                _("Too many references were tried from here. Wait a quarter of an hour."), retry_after=900
            )
        try:
            found = preservation.by_reference(form.cleaned_data["reference"])
        except NotFound as refusal:
            form.add_error("reference", refusal.sentence)
        else:
            _cited, rule = preservation.rule()
            context |= {"found": found, "decide_by": holding.day(found.decide_by), "rule": rule}
            context["heading"] = _("We have your request")
    return render(request, "evidence/preserve_follow.html", context, status=422 if form.errors else 200)


# Inside


@login_required
@require_http_methods(["GET", "POST"])
def requests(request: HttpRequest) -> HttpResponse:
    """The list of requests, those to be decided soonest first."""
    actor = actor_of(request)
    holds.check_may(actor, "see_preservation")
    if request.method == "POST":
        return as_address(request, RequestsForm(request.POST))
    form = _filters(actor, request)
    found = preservation.list_requests(actor, form.sought())
    page = page_of(found, SORTS, request, unasked="-received")
    context = {
        "heading": _("Preservation requests"),
        "crumb": {"label": _("Holds"), "url": reverse("holds")},
        "count": found.count(),
        "rows": [_row(each) for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("preservation"),
        "export_url": f"{reverse('preservation-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
    }
    return render(request, "evidence/preservation.html", context)


def _filters(actor: Actor, request: HttpRequest) -> RequestsForm:
    form = RequestsForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@login_required
@require_POST
def requests_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    name = f"preservation-requests-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(
        name, lambda file: acts.export_preservation(_filters(actor, request).sought(), file, by=actor)
    )


def _row(each: PreservationRequest) -> dict[str, Any]:
    overdue = preservation.is_overdue(each)
    return {
        "request": each,
        "meant": each.incident_number or each.place,
        "decide_by": holding.day(each.decide_by),
        "overdue": overdue,
        "tone": "stopped" if overdue else holding.REQUEST_TONES[each.status],
    }


@login_required
@require_GET
def asked(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One request: what it asks for, what it matched, and its decision."""
    actor = actor_of(request)
    found = preservation.request(actor, pk)
    meant = preservation.incidents_meant(found)
    mine = incidents.narrowed(actor).filter(pk__in=[each.pk for each in meant])
    context = {
        "heading": _("Preservation request {number}").format(number=found.number),
        "crumb": {"label": _("Preservation requests"), "url": reverse("preservation")},
        "asked": found,
        "tone": _row(found)["tone"],
        "overdue": preservation.is_overdue(found),
        "facts": holding.request_facts(found),
        "incidents": list(mine.order_by("opened", "pk")[:50]),
        "hold": holding.rows(actor, [found.hold])[0] if found.hold else None,
        "count": holds.recordings_under(actor, found.hold).count() if found.hold else 0,
        "acts": _acts(actor, found),
        **history_of(request, "evidence.preservationrequest", pk),
    }
    return render(request, "evidence/preservation_request.html", context)


def _acts(actor: Actor, found: PreservationRequest) -> dict[str, object] | None:
    decided = _("It was confirmed before.") if found.status == Status.CONFIRMED else ""
    lifted = _("It was lifted before.") if found.status == Status.LIFTED else ""
    return offers(
        lambda act: preservation.may(actor, act),
        (
            "decide_preservation",
            _("Confirm"),
            reverse("preservation-confirm", args=[found.pk]),
            decided or lifted,
        ),
        ("decide_preservation", _("Lift"), reverse("preservation-lift", args=[found.pk]), lifted),
    )


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Confirm a request, and have what is held held longer where that is needed."""
    actor = actor_of(request)
    found = preservation.request(actor, pk, "decide_preservation")
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda said: acts.confirm_preservation(pk, said["reason"], until=said["until"], by=actor),
        heading=_("Confirm {number}").format(number=found.number),
        back=reverse("preservation-request", args=[pk]),
        done=_("The request is confirmed."),
        words=_("What it holds is held until {day}.").format(day=holding.day(found.hold.until))
        if found.hold and found.hold.until
        else _("Nothing that matches has come in yet; what comes is held."),
        button=_("Confirm"),
    )


@login_required
@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lift a request, and with it what it holds."""
    actor = actor_of(request)
    found = preservation.request(actor, pk, "decide_preservation")
    return act_page(
        request,
        ReasonForm(posted(request)),
        lambda said: acts.lift_preservation(pk, said["reason"], by=actor),
        heading=_("Lift {number}").format(number=found.number),
        back=reverse("preservation-request", args=[pk]),
        done=_("The request is lifted, and with it what it held."),
        words=_("Its recordings then go by their own dates again, and by other holds over them."),
        button=_("Lift the request"),
    )
