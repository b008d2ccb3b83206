"""The edge: bounds what is sent, makes the actor of a request once, turns refusals into the one error page."""

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.csrf import csrf_failure

from fairwitness.accounts import acts as accounts_acts
from fairwitness.accounts import doors as accounts
from fairwitness.accounts.doors.kept import keep, lay_aside
from fairwitness.department import doors
from fairwitness.kernel import turns
from fairwitness.kernel.actors import PUBLIC, actor_of, device
from fairwitness.kernel.refusals import Forbidden, NotFound, Refusal, SignInAgain, Unauthorized
from fairwitness.site.guests import guest_of
from fairwitness.site.source import address_of, source_of

Handler = Callable[[HttpRequest], HttpResponse]
# The largest thing that a form takes is a roster of a few MiB; recordings do not come by forms.
LARGEST_FORM = 64 * 1024 * 1024


class BodyTooLarge(Refusal):
    """RFC 9110, 15.5.14: more is sent than any form here takes."""

    code = "body_too_large"
    status = 413


class LengthRequired(Refusal):
    """RFC 9110, 15.5.12: something is sent whose length is not said beforehand."""

    code = "length_required"
    status = 411


class BodyLimitMiddleware:
    """Refuses a body that is too large, or of unknown length, before a byte of it is read.

    Stands before the CSRF check, which parses what anyone sends, signed in or not, and spools its files to disk.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    # The CSRF check is made here too, and only here is it known who asks: the error page is drawn for them.
    def process_view(self, request: HttpRequest, view: Any, *_words: Any) -> HttpResponse | None:
        before_body = getattr(view, "before_body", None)
        refusal = _body_refused(
            request.META.get("CONTENT_LENGTH", ""),
            "Transfer-Encoding" in request.headers,
            # A view that reads what is sent step by step, or is asked beforehand, has bounds of its own.
            limited=not (before_body or getattr(view, "streams_body", False)),
        )
        if refusal is None and before_body and request.method == "POST":
            refusal = _asked_before(before_body, request)
        return refusal_page(request, refusal) if refusal else None


def _body_refused(length: str, chunked: bool, *, limited: bool) -> Refusal | None:
    digits = length.lstrip("0")
    if chunked or (length and not (length.isascii() and length.isdecimal())):
        return LengthRequired(_("Say how long what you send is before you send it. Nothing was changed."))
    if not limited:
        return None
    # As many digits can be counted; Python makes no number of thousands of them.
    if len(digits) > len(str(LARGEST_FORM)) or int(digits or "0") > LARGEST_FORM:
        limit = LARGEST_FORM // 2**20
        return BodyTooLarge(_("More than {limit} MiB cannot be sent here.").format(limit=limit))
    return None


def _asked_before(before_body: Callable[[HttpRequest], None], request: HttpRequest) -> Refusal | None:
    """What a view that takes large files (kernel/receiving.py) says to one before it is read."""
    try:
        before_body(request)
    except Refusal as refusal:
        return refusal
    return None


class ActorMiddleware:
    """Puts `request.actor` on every request: the member who is signed in with the roles held today, a guest, the public.

    On the programs' interface whoever shows a token is its device or program, and nobody else.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        secret = bearer(request)
        if secret is not None:
            return self._of_token(request, secret)
        user = request.user
        request.address = address_of(request)  # type: ignore[attr-defined]
        member = doors.actor_of(user) if user.is_authenticated else None
        request.actor = member or guest_of(request) or PUBLIC  # type: ignore[attr-defined]
        answer = self.get_response(request)
        if user.is_authenticated or request.actor.guest_id:  # type: ignore[attr-defined]
            # After sign-out the Back button of a shared workstation must find nothing.
            answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer

    def _of_token(self, request: HttpRequest, secret: str) -> HttpResponse:
        try:
            with turns.machine():
                actor = accounts.actor_of_token(secret)
                accounts_acts.note_token_use(actor)
        except Unauthorized as refusal:
            _note_refused_token(request, refusal)
            answer = refusal_page(request, refusal)
            answer.headers["WWW-Authenticate"] = "Bearer"
            return answer
        request.actor = actor  # type: ignore[attr-defined]
        # A cookie that comes along counts for nothing, so there is nothing that another site could make use of.
        request.user = AnonymousUser()
        request._dont_enforce_csrf_checks = True  # type: ignore[attr-defined]
        answer = self.get_response(request)
        answer.headers.setdefault("Cache-Control", "private, no-store")
        return answer


def _note_refused_token(request: HttpRequest, refusal: Unauthorized) -> None:
    token_id, reason = refusal.details.get("token_id"), refusal.details.get("reason", "unknown")
    if token_id:
        accounts_acts.note_refused_token(token_id=token_id, reason=reason, by=PUBLIC)
    shown_by = device(token_id) if token_id else PUBLIC
    accounts_acts.note_token_shown(reason=reason, by=shown_by, source=source_of(request))


def bearer(request: HttpRequest) -> str | None:
    """The secret shown by `Authorization: Bearer …` where programs ask, or None (RFC 6750, 2.1)."""
    scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
    shown = request.path.startswith(("/api/", "/metrics")) and scheme.lower() == "bearer"
    return secret.strip() if shown else None


class RefusalMiddleware:
    """Maps every refusal to a page, or to JSON where JSON was asked for. The only place that catches them."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if what := _tried(request, error):
            accounts_acts.note_refused(what=what, by=actor_of(request), source=source_of(request))
        if isinstance(error, DatabaseError) and (code := _lock_that_refused(error)):
            accounts_acts.note_lock_touched(code=code, by=actor_of(request), source=source_of(request))
        return refusal_page(request, error) if isinstance(error, Refusal) else None


def _tried(request: HttpRequest, error: Exception) -> str:
    """The code of the act or page that was refused to who asks; empty where nothing was refused to anybody.

    Nor to the public, who could fill with it a log that nobody may clear.
    """
    if actor_of(request) == PUBLIC:
        return ""
    if isinstance(error, NotFound):
        return error.hidden
    if not isinstance(error, Forbidden):
        return ""
    page = request.resolver_match.view_name if request.resolver_match else "page"
    return str(error.details.get("act") or error.details.get("scope") or page)


def _lock_that_refused(error: DatabaseError) -> str:
    """The code of the lock on history (kernel/locks.py) that refused a statement; empty for other errors."""
    code = getattr(error.__cause__, "sqlstate", "") or ""
    return code if code.startswith("FW") else ""


def refusal_page(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """A refusal as who asked can read it: the error page, or JSON for programs."""
    if wants_json(request):
        answer: HttpResponse = JsonResponse(refusal_json(refusal), status=refusal.status)
    elif isinstance(refusal, SignInAgain):
        answer = _ask_again(request, refusal)
    else:
        context: dict[str, Any] = {
            "status": refusal.status,
            "sentence": refusal.sentence,
            "code": refusal.code,
        }
        if isinstance(refusal, Unauthorized) and request.path.startswith("/guests/"):
            context["act"] = {"label": _("Sign in as a guest"), "url": reverse("guest-sign-in")}
        answer = render(request, "error.html", context, status=refusal.status)
    if seconds := refusal.details.get("retry_after"):
        answer["Retry-After"] = str(seconds)
    # What the protocol of an address says with every answer.
    for name, value in getattr(request, "headers_always", {}).items():
        answer[name] = value
    return answer


def _ask_again(request: HttpRequest, refusal: SignInAgain) -> HttpResponse:
    """The page that asks who it is, with what was sent: it goes on once they have shown it."""
    sealed, has_password = keep(request), request.user.has_usable_password()  # type: ignore[union-attr]
    if settings.FAIRWITNESS_OIDC and not has_password:
        lay_aside(request, sealed)
    context = {
        "sentence": refusal.sentence,
        "why": refusal.details.get("why", ""),
        "next_path": request.get_full_path() if request.method == "GET" else "/",
        "kept": sealed,
        "has_password": has_password,
        "has_passkey": accounts.has_passkey(request.user.pk),
        "oidc": settings.FAIRWITNESS_OIDC,
    }
    return render(request, "accounts/confirm.html", context, status=refusal.status)


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """What came without the page's own token, refused as who asked can read it."""
    if wants_json(request):
        sentence = _("The page that sent this is too old, or not ours. Load it again; nothing was changed.")
        return refusal_page(request, Forbidden(sentence))
    return csrf_failure(request, reason)


def wants_json(request: HttpRequest) -> bool:
    """Whether the asker is a program: an API address, or one that accepts JSON before HTML."""
    return request.path.startswith("/api/") or request.headers.get("Accept", "").startswith(
        "application/json"
    )


def refusal_json(error: Refusal) -> dict[str, object]:
    """A refusal for machines: its code, its sentence, and details that JSON can hold."""
    details = json.loads(json.dumps(error.details, default=str))
    return {"code": error.code, "sentence": error.sentence, "details": details}
