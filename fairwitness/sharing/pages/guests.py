"""What guests see: their invitation, their sign-in, what is shared with them, and nothing else."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.accounts import doors as accounts
from fairwitness.accounts.doors import Source
from fairwitness.kernel import clock
from fairwitness.kernel.acting import posted, refused
from fairwitness.kernel.actors import PUBLIC, Actor, actor_of
from fairwitness.kernel.refusals import Gone, Invalid, NotFound, Unauthorized, WrongState
from fairwitness.kernel.sending import Bytes, send
from fairwitness.sharing import acts, doors
from fairwitness.sharing.forms import PasswordForm, SignInForm
from fairwitness.sharing.models import Guest, Opening, Share
from fairwitness.sharing.pages import shown

# Where the browser's session keeps who the guest is, since when, and when they did something last.
SIGNED_IN = "fairwitness.guest"


def _source(request: HttpRequest) -> Source:
    device = accounts.device_words(request.META.get("HTTP_USER_AGENT", ""))
    return Source(getattr(request, "address", None), device)


def _begin(request: HttpRequest, guest: Guest) -> None:
    """Who signs in gets a session of its own: one that somebody planted before is worth nothing."""
    request.session.flush()
    now = clock.now().isoformat()
    request.session[SIGNED_IN] = {"id": str(guest.pk), "began": now, "seen": now}
    request.session.set_expiry(int(doors.guests.LONGEST.total_seconds()))


def _guest_only(request: HttpRequest) -> Actor:
    """The guest who asks. Raises Unauthorized for who is none (any more)."""
    actor = actor_of(request)
    if actor.guest_id is None:
        raise Unauthorized(
            _("Sign in as a guest first. A sign-in ends after half an hour in which nothing is done.")
        )
    return actor


@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of an invitation: who invites, and a password to choose."""
    try:
        found = doors.guests.invitation(secret)
    except Gone as gone:
        bad = uuid.UUID(str(gone.details["invitation"]))
        acts.note_bad_invitation(bad, str(gone.details["refused"]), by=PUBLIC)
        raise
    _not_as_member(request)
    form = PasswordForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            guest = acts.accept_invitation(
                secret, form.cleaned_data["password"], by=PUBLIC, source=_source(request)
            )
        except Invalid as refusal:
            refused(form, refusal)
        else:
            _begin(request, guest)
            return redirect("guest-home")
    context = {
        "heading": _("You are invited to see evidence"),
        "answer": _("{who} shared something with you, {name}.").format(
            who=found.made_by.name, name=found.guest.name
        ),
        "guest": found.guest,
        "good_until": found.good_until,
        "form": form,
    }
    return render(request, "sharing/invitation.html", context, status=422 if form.errors else 200)


def _not_as_member(request: HttpRequest) -> None:
    if actor_of(request).member_id is not None:
        raise WrongState(_("You are signed in as a member of the agency. Guests use a browser of their own."))


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Guests sign in with the password that they chose."""
    if actor_of(request).guest_id is not None:
        return redirect("guest-home")
    _not_as_member(request)
    form = SignInForm(posted(request))
    status = 200
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            guest = acts.sign_in(said["email"], said["password"], by=PUBLIC, source=_source(request))
        except Unauthorized as refusal:
            refused(form, refusal)
            status = refusal.status
        else:
            _begin(request, guest)
            return redirect("guest-home")
    context = {"heading": _("Sign in as a guest"), "form": form}
    return render(request, "sharing/sign_in.html", context, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Everything that the guest has open is closed, in every browser."""
    acts.sign_out(by=_guest_only(request), source=_source(request))
    request.session.flush()
    messages.success(request, _("You are signed out."))
    return redirect("guest-sign-in")


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What is shared with the guest."""
    if actor_of(request).guest_id is None:
        return redirect("guest-sign-in")
    actor = _guest_only(request)
    context = {
        "heading": _("Shared with you"),
        "guest": doors.guests.guest_of(actor),
        "shares": [_shared(each) for each in doors.guests.shares_of(actor)],
    }
    return render(request, "sharing/guest_home.html", context)


def _shared(each: Share) -> dict[str, Any]:
    return {"share": each, "kept": doors.files.is_there(each.package)}


@require_GET
def package(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One shared package: what is in it, what is not and why, how to verify it."""
    actor = _guest_only(request)
    share = doors.guests.share_of(actor, pk)
    items = list(doors.content.items_of(share.package))
    outside = [shown.item(each) for each in items if each.because or each.damaged]
    context = {
        "heading": share.package.number,
        "share": share,
        "package": share.package,
        "inside": [shown.item(each) for each in items if not each.because and not each.damaged],
        "outside": outside,
        "withheld": doors.content.withheld_words(share.package.notes_withheld, share.package.case_notes),
        "beside": doors.content.beside_words(share.package.beside),
        "may_download": share.how == Share.How.DOWNLOAD,
        "kept": doors.files.is_there(share.package),
        "openings": [
            shown.opening(each) for each in share.openings.select_related(*_WITH).order_by("-begun")[:50]
        ],
    }
    return render(request, "sharing/guest_package.html", context)


_WITH = ("share__guest", "item__recording", "item__clip", "item__file")


@require_POST
def open_item(request: HttpRequest, pk: uuid.UUID, item: uuid.UUID) -> HttpResponse:
    """Open one thing in a package."""
    made = acts.view_item(pk, item, by=_guest_only(request))
    return redirect("guest-opening", pk=made.pk)


@require_GET
def opening(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One thing in a package, opened: its player or picture, its facts, its notes if they are in the package."""
    actor = _guest_only(request)
    found = doors.guests.opening_of(actor, pk)
    if found.item is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    wanted = doors.content.played(found.item)
    top = wanted.media_type.partition("/")[0] if wanted else ""
    package_ = found.share.package
    context = {
        "heading": doors.content.number_of(found.item),
        "opening": found,
        "item": shown.item(found.item),
        "kind": top,
        "instead": bool(
            wanted
            and found.item.recording
            and wanted.sha256 != found.item.recording.sha256
            and not found.item.clip
        ),
        "facts": doors.content.facts_of(found.item),
        "moments": doors.content.moments_of(found.item) if package_.with_notes else (),
    }
    return render(request, "sharing/guest_opening.html", context)


@require_http_methods(["GET", "HEAD"])
def media(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The bytes of what is open: what plays, never a download under its own name."""
    actor = _guest_only(request)
    found = doors.guests.opening_of(actor, pk)
    wanted = doors.content.played(found.item) if found.item else None
    if wanted is None:
        raise NotFound(_("This cannot be shown here. It is in the package's file."))
    return _send(request, actor, found, wanted)


@require_POST
def download(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin the download of a package."""
    made = acts.download(pk, by=_guest_only(request))
    return redirect("guest-file", pk=made.pk)


@require_http_methods(["GET", "HEAD"])
def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The package's file; a download that broke off goes on where it was."""
    actor = _guest_only(request)
    found = doors.guests.opening_of(actor, pk)
    if found.kind != Opening.Kind.DOWNLOAD:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return _send(request, actor, found, doors.files.bytes_of(found.share.package))


def _send(request: HttpRequest, actor: Actor, found: Opening, wanted: Bytes) -> HttpResponseBase:
    return send(
        request,
        wanted,
        still_open=lambda: doors.guests.is_open(actor, found.pk),
        charge=lambda count: acts.count_bytes(found.pk, count),
        left=lambda start, end: acts.note_left(found.pk, start, end),
    )


@require_POST
def close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Close what was opened."""
    actor = _guest_only(request)
    found = doors.guests.opening_of(actor, pk)
    acts.close(pk, by=actor)
    return redirect("guest-package", pk=found.share_id)


@require_GET
def receipt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The signed receipt that all of the package left to the guest."""
    share = doors.guests.share_of(_guest_only(request), pk)
    made = doors.guests.receipt_of(share)
    answer = HttpResponse(json.dumps(made, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="received-{share.package.number}.json"'
    return answer
