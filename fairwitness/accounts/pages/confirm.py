"""Showing again that it is you: by the page, or in the dialog that the lock of the screen lays over every page."""

import json
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.mfa.webauthn.internal import auth, flows
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.accounts import acts, doors
from fairwitness.accounts.doors.kept import kept, take_up
from fairwitness.accounts.models import Session
from fairwitness.kernel.again import is_confirmed

# Where the browser's session keeps which of our sessions it is; site/signin.py writes it.
SESSION = "fairwitness.session"
WRONG = gettext_lazy("That is not right. Nothing was changed; try again.")


@login_required
@require_http_methods(["GET", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Ask for the password or a passkey, then go on where it was asked for."""
    if request.method == "GET":
        back = take_up(request) if is_confirmed(request) else None
        return render(request, "accounts/go_on.html", {"kept": back}) if back else _page(request)
    if _is_shown(request):
        take_up(request)  # the page carries it: sent from here, it must not be sent again
        return _go_on(request)
    if not request.user.is_authenticated or _session(request) is None:
        return redirect("account_login")
    if _wants_json(request):
        return JsonResponse({"sentence": str(WRONG)}, status=422)
    return _page(request, str(WRONG))


def _page(request: HttpRequest, wrong: str = "") -> HttpResponse:
    context = {
        "wrong": wrong,
        "next_path": _next(request),
        "kept": request.POST.get("kept", ""),
        "has_password": request.user.has_usable_password(),  # type: ignore[union-attr]
        "has_passkey": doors.has_passkey(request.user.pk),
        "oidc": settings.FAIRWITNESS_OIDC,
    }
    return render(request, "accounts/confirm.html", context, status=422 if wrong else 200)


def _is_shown(request: HttpRequest) -> bool:
    """Whether the password or the passkey that came is theirs; both are noted, right or wrong."""
    user = request.user
    if credential := request.POST.get("credential", ""):
        return _passkey_is_right(request, credential)
    password = request.POST.get("password", "")
    session = _session(request)
    if session is None or not password or not get_adapter().reauthenticate(user, password):
        return False
    reauthenticate_by_password(request)
    return True


def _passkey_is_right(request: HttpRequest, credential: str) -> bool:
    try:
        said = json.loads(credential)
        auth.parse_authentication_response(said)
        authenticator = auth.complete_authentication(request.user, said)
    except (ValidationError, ValueError, KeyError, TypeError):
        if session := _session(request):
            acts.note_failed_confirmation(session=session, by=request.actor)  # type: ignore[attr-defined]
        return False
    flows.reauthenticate(request, authenticator)
    return True


def _go_on(request: HttpRequest) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"confirmed": True})
    if found := kept(request, request.POST.get("kept", "")):
        return render(request, "accounts/go_on.html", {"kept": found})
    return redirect(_next(request))


@login_required
@require_GET
def passkey(request: HttpRequest) -> HttpResponse:
    """What the browser needs to ask for a passkey."""
    if not doors.has_passkey(request.user.pk):
        return JsonResponse({"sentence": _("You have no passkey.")}, status=404)
    return JsonResponse({"request_options": auth.begin_authentication(request.user)}, encoder=_Encoder)


class _Encoder(json.JSONEncoder):
    """Options of the library are mappings of its own."""

    def default(self, o: Any) -> Any:
        return dict(o)


@require_http_methods(["GET", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """How the lock stands, for the page; posting says that somebody is there."""
    session = _session(request)
    if session is None:
        return JsonResponse({"ended": True})
    why = doors.why_locked(session)
    if request.method == "POST" and not why:
        acts.note_seen(session)
        session.refresh_from_db()
    said = {
        "locked": why,
        "left_ms": doors.left_ms(session),
        "passkey": doors.has_passkey(request.user.pk),
        "who": str(session.member_id),
        "csrf": get_token(request),
    }
    return JsonResponse(said)


@login_required
@require_POST
def lock(request: HttpRequest) -> HttpResponse:
    """Lock the screen now, in every tab."""
    if session := _session(request):
        acts.lock_screen(session)
    return redirect("account-confirm")


def _session(request: HttpRequest) -> Session | None:
    return doors.open_session(request.session.get(SESSION))


def _next(request: HttpRequest) -> str:
    wanted = request.POST.get("next") or request.GET.get("next") or "/"
    safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and wanted.startswith("/")
    return wanted if safe else "/"


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")
