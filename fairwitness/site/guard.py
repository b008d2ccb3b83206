"""The guard: what who is signed in must do before anything else goes on.

In this order: nothing, where the sign-in was ended; showing again that it is they, where the screen is locked;
setting up a password of their own, then a second factor, where they still owe that. What was posted is judged only
after the CSRF check and the bound on bodies: under a locked screen it is kept, and goes on by itself afterwards.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import acts, doors
from fairwitness.accounts.models import Session
from fairwitness.kernel import clock
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.refusals import Forbidden, Refusal, SignInAgain, Unauthorized
from fairwitness.site.middleware import refusal_page, wants_json
from fairwitness.site.source import SESSION

# What is open to everybody, and what unlocks or leaves.
OPEN = (
    *("/static/", "/log/", "/tools/", "/healthz", "/metrics"),
    *("/account/logout/", "/account/confirm/", "/account/oidc/"),
)
# What was begun goes on under a locked screen: a piece of an upload shows nothing to whoever stands there.
GOES_ON = {"HEAD", "PATCH"}
WHERE_TO = {"password": "account_change_password", "factor": "mfa_index"}


class GuardMiddleware:
    """Stands behind ActorMiddleware; puts `request.confirmed_at` on what it lets through."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if actor_of(request).member_id is None:
            return self.get_response(request)
        session = doors.open_session(request.session.get(SESSION))
        if session is None:
            return _ended(request)
        if session.key != request.session.session_key:
            # A new password gives the browser's session a new key; ending ours must still take it away.
            acts.note_key(session, request.session.session_key or "")
        request.confirmed_at = session.confirmed  # type: ignore[attr-defined]
        request.held = session  # type: ignore[attr-defined]
        stopped = None if request.method == "POST" else _stopped(request, session)
        return stopped or self.get_response(request)

    def process_view(self, request: HttpRequest, *_words: Any) -> HttpResponse | None:
        session = getattr(request, "held", None)
        return _stopped(request, session) if session and request.method == "POST" else None


def _stopped(request: HttpRequest, session: Session) -> HttpResponse | None:
    """What stands before this request; None where it goes on."""
    if request.path.startswith(OPEN):
        return None
    if refusal := _locked(request, session):
        return refusal_page(request, refusal)
    _keep_awake(request, session)
    owed = doors.owes(request.user, session.member_id)  # type: ignore[arg-type]
    request.owed = owed  # type: ignore[attr-defined]
    return _owing(request, owed) if owed else None


def _ended(request: HttpRequest) -> HttpResponse:
    """Whoever's sign-in was ended elsewhere is signed out here too, and begins anew."""
    logout(request)
    if wants_json(request):
        return refusal_page(request, Unauthorized(_("This sign-in was ended.")))
    again = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse('account_login')}?{urlencode(again)}" if again else "account_login")


def _locked(request: HttpRequest, session: Session) -> Refusal | None:
    why = doors.why_locked(session)
    if not why or (request.method in GOES_ON and request.path.startswith("/api/uploads/")):
        return None
    sentence = {
        "idle": _("The screen was locked because nothing was done for a while."),
        "day": _("It is twelve hours since you last showed that it is you."),
    }
    return SignInAgain(sentence[why], why=why)


def _keep_awake(request: HttpRequest, session: Session) -> None:
    """A page that somebody asks for or sends is a sign of them (Fetch Metadata); what a page fetches, or loads again by
    itself, is none. Where a browser does not say, the page does, after somebody typed or moved (static/lock.js)."""
    page = request.headers.get("Sec-Fetch-Dest", "document") == "document"
    by_hand = request.headers.get("Sec-Fetch-User") == "?1" or request.method == "POST"
    if page and by_hand and clock.now() - session.seen > doors.lock_after() / 60:
        acts.note_seen(session)


def _owing(request: HttpRequest, owed: str) -> HttpResponse | None:
    if request.path.startswith("/account/"):
        return None
    if wants_json(request):
        return refusal_page(request, Forbidden(_("Set up your sign-in first, on the pages."), owed=owed))
    return redirect(WHERE_TO[owed])
