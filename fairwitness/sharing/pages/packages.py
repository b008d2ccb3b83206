"""Packages: their list, one of them with its progress, asking for one, sharing it, taking it back."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.cases import doors as cases
from fairwitness.kernel.acting import ConfirmForm, act_page, offers, posted, refusal_of, refused
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import as_address, chips, history_of, kept_text, page_of
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.sending import send
from fairwitness.packages.bag import check_room
from fairwitness.sharing import acts, doors
from fairwitness.sharing.doors.planning import Planned
from fairwitness.sharing.doors.reach import WITH_A_CASE
from fairwitness.sharing.forms import AskForm, FindForm, ShareForm, WithdrawForm
from fairwitness.sharing.models import Package, Share
from fairwitness.sharing.pages import shown

SORTS = {"asked": ("asked_at",), "number": ("number",)}
# How many of its contents, shares and openings the page of a package shows.
MOST = 100


@require_http_methods(["GET", "POST"])
def packages(request: HttpRequest) -> HttpResponse:
    """Every package of the cases that who asks may find."""
    actor = actor_of(request)
    if request.method == "POST":
        return as_address(request, FindForm(request.POST))
    form = FindForm({**request.GET.dict(), "text": kept_text(actor, request)})
    said = form.cleaned_data if form.is_valid() else {}
    sought = doors.lists.Sought(said.get("text", ""), said.get("side", ""), said.get("status", ""))
    found = doors.lists.list_packages(actor, sought)
    page = page_of(found, SORTS, request, unasked="-asked")
    context = {
        "heading": _("Packages"),
        "count": found.count(),
        "form": form,
        "chips": chips(request, form) if form.is_valid() else [],
        "rows": [shown.row(each) for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
    }
    return render(request, "sharing/packages.html", context)


@require_GET
def of_case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The packages of one case, and the way to another."""
    actor = actor_of(request)
    case = cases.case(actor, pk)
    found = doors.lists.packages_of(actor, case)
    page = page_of(found, SORTS, request, unasked="-asked")
    context = {
        "heading": _("Packages of {number}").format(number=case.number),
        "crumb": {"label": case.number, "url": reverse("case", args=[pk])},
        "count": found.count(),
        "rows": [shown.row(each) for each in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "ask_url": reverse("package-ask", args=[pk]) if _may_ask(actor, case) else "",
    }
    return render(request, "sharing/packages.html", context)


def _may_ask(actor: Actor, case: Any) -> bool:
    return cases.may_with(actor, case, WITH_A_CASE["make_package"])


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for a package: what would be in it and what not is shown first, and then confirmed."""
    actor = actor_of(request)
    case = cases.case(actor, pk, WITH_A_CASE["make_package"])
    form, planned = AskForm(posted(request)), None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if request.POST.get("confirmed"):
                made = acts.ask_package(pk, by=actor, **said)
                messages.success(request, _("It is being made. You are told when it is."))
                return redirect("package", pk=made.pk)
            _check_numbers(case, list(said["leave_out"]))
            planned = doors.planning.plan(actor, case, said["side"], said["leave_out"])
        except (Invalid, WrongState) as refusal:
            refused(form, refusal)
            planned = None
    context = {
        "heading": _("A package of {number}").format(number=case.number),
        "form": form,
        "back": reverse("case-packages", args=[pk]),
        "plan": _plan(actor, case, planned, form.cleaned_data) if planned is not None else None,
        "posted": request.POST if planned is not None else None,
        "room": refusal_of(check_room, doors.files.folder(), shown.size_of(planned or [])),
    }
    return render(request, "sharing/ask.html", context, status=422 if form.errors else 200)


def _plan(actor: Actor, case: Any, planned: list[Planned], said: dict[str, Any]) -> dict[str, Any]:
    notes = doors.planning.notes_withheld(planned, with_notes=said["with_notes"])
    withheld = doors.content.withheld_words(notes, doors.planning.case_notes(case))
    return shown.plan(planned, doors.planning.beside(actor, case), withheld)


def _check_numbers(case: Any, numbers: list[str]) -> None:
    if unknown := doors.planning.unknown_numbers(case, numbers):
        words = _("The case does not hold {numbers}.").format(numbers=", ".join(unknown[:5]))
        raise Invalid(words, leave_out=[words])


@require_GET
def package(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One package: how far it is, what is in it and what not, with whom it is shared, what they did with it."""
    actor = actor_of(request)
    found = doors.package(actor, pk)
    items = list(doors.content.items_of(found))
    may_share = doors.may_with(actor, found, "share")
    shares = list(doors.guests.shares_for(actor, found)[:MOST])
    beyond = doors.guests.beyond(actor, {each.guest_id for each in shares}) if may_share else frozenset()
    context = {
        "heading": found.number,
        "crumb": {"label": _("Packages"), "url": reverse("packages")},
        "package": found,
        "tone": shown.TONES[found.status],
        "progress": shown.progress(found),
        "acts": offers(lambda act: doors.may_with(actor, found, act), *_offers(actor, found)),
        "facts": shown.facts(found),
        "inside": [shown.item(each) for each in items if not each.because][:MOST],
        "inside_count": sum(not each.because for each in items),
        "outside": [shown.item(each) for each in items if each.because][:MOST],
        "outside_count": sum(bool(each.because) for each in items),
        "withheld": doors.content.withheld_words(found.notes_withheld, found.case_notes),
        "beside": doors.content.beside_words(found.beside),
        "shares": [shown.share(each, may_share, each.guest_id not in beyond) for each in shares],
        "openings": [shown.opening(each) for each in doors.guests.openings_for(actor, found)[:MOST]],
        "most": MOST,
        **history_of(request, "sharing.package", pk),
    }
    return render(request, "sharing/package.html", context)


def _offers(actor: Actor, found: Package) -> list[tuple[str, str, str, str]]:
    there = refusal_of(doors.files.check_there, found)
    shut = there or refusal_of(doors.guests.check_shareable, actor, found)
    mine = there or refusal_of(acts.packages.check_opens, actor, found)
    gone = _("It was withdrawn.") if found.status == Package.Status.WITHDRAWN else ""
    return [
        ("share", _("Share it"), reverse("package-share", args=[found.pk]), shut),
        ("take_package", _("Take a copy"), reverse("package-take", args=[found.pk]), mine),
        ("make_package", _("Withdraw it"), reverse("package-withdraw", args=[found.pk]), gone),
    ]


@require_http_methods(["GET", "POST"])
def take(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """Take a copy of the file, as for a memory stick."""
    actor = actor_of(request)
    found = doors.package(actor, pk, "take_package")
    if request.method == "POST":
        taken = acts.take_package(pk, by=actor)
        wanted = doors.files.bytes_of(taken)
        return send(
            request,
            wanted,
            still_open=lambda: doors.may_with(actor, taken, "take_package"),
            charge=lambda n: True,
        )
    doors.files.check_there(found)
    context = {"heading": _("Take a copy of {number}").format(number=found.number), "package": found}
    return render(request, "sharing/take.html", context)


@require_GET
def receipt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The signed receipt that the package was made as it is, to be handed over beside it."""
    found = doors.package(actor_of(request), pk)
    made = doors.content.receipt_of(found)
    answer = HttpResponse(json.dumps(made, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{found.number}.json"'
    return answer


def _may_take(actor: Actor, found: Package) -> bool:
    return doors.may_with(actor, found, "take_package") and doors.files.is_there(found)


@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a package."""
    found = doors.package(actor_of(request), pk, "make_package")
    return act_page(
        request,
        WithdrawForm(posted(request)),
        lambda said: acts.withdraw_package(pk, said["because"], by=actor_of(request)),
        heading=_("Withdraw {number}").format(number=found.number),
        back=reverse("package", args=[pk]),
        done=_("It is withdrawn, and closed to everyone it was shared with."),
        words=_(
            "Its file is removed. What guests have downloaded stays with them; that it was made stays here."
        ),
        button=_("Withdraw it"),
    )


@require_http_methods(["GET", "POST"])
def share(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Share a package with somebody outside."""
    actor = actor_of(request)
    found = doors.package(actor, pk, "share")

    def do(said: dict[str, Any]) -> HttpResponse | None:
        made, secret = acts.share(pk, by=actor, **said)
        if secret:
            return _invited(request, made.guest.name, secret, pk)
        if made.guest.password:
            return None
        messages.success(request, _("It is shared. The link that they were given stays good."))
        return redirect("package", pk=pk)

    return act_page(
        request,
        ShareForm(posted(request)),
        do,
        heading=_("Share {number}").format(number=found.number),
        back=reverse("package", args=[pk]),
        done=_("It is shared. They sign in with the password that they have."),
        words=_(
            "It is for {side}: {recipient}. They see what is in it and play it here; what they open and download is "
            "recorded, and you see it on the package's page. You can take it back at any time."
        ).format(side=found.get_side_display(), recipient=found.recipient),
        button=_("Share it"),
    )


def _invited(request: HttpRequest, name: str, secret: str, package_id: uuid.UUID) -> HttpResponse:
    """The link, shown this once: it is kept nowhere."""
    address = settings.FAIRWITNESS_ADDRESS.rstrip("/") + reverse("guest-invitation", args=[secret])
    context = {
        "heading": _("Give this link to {name}").format(name=name),
        "address": address,
        "days": doors.guests.INVITED_FOR.days,
        "back": reverse("package", args=[package_id]),
    }
    return render(request, "sharing/invited.html", context)


@require_POST
def invite_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Another link for the guest of a share."""
    actor = actor_of(request)
    found = doors.guests.share_for(actor, pk)
    secret = acts.invite_again(found.guest_id, by=actor)
    return _invited(request, found.guest.name, secret, found.package_id)


@require_http_methods(["GET", "POST"])
def end_share(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a package back from a guest."""
    actor = actor_of(request)
    found: Share = doors.guests.share_for(actor, pk)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda said: acts.end_share(pk, by=actor),
        heading=_("Take {number} back from {name}").format(
            number=found.package.number, name=found.guest.name
        ),
        back=reverse("package", args=[found.package_id]),
        done=_("It is taken back."),
        words=_("What they have open is closed at once. What they have downloaded stays with them."),
        button=_("Take it back"),
    )
