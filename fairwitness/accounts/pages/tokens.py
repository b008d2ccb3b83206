"""The pages of tokens: which there are, issuing one, ending one by one click."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from fairwitness.accounts import acts, doors, forms
from fairwitness.accounts.models import Token
from fairwitness.accounts.pages.ways import ways
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.again import confirmed_lately

# Why a token is refused, in a word and its tone.
STATES = {
    "": (gettext_lazy("In use"), "done"),
    "ended": (gettext_lazy("Ended"), "quiet"),
    "expired": (gettext_lazy("Expired"), "quiet"),
    "camera_lost": (gettext_lazy("Camera lost"), "attention"),
    "camera_retired": (gettext_lazy("Camera retired"), "attention"),
    "dock_retired": (gettext_lazy("Dock retired"), "attention"),
    "keeper_left": (gettext_lazy("Keeper has left"), "attention"),
}


@login_required
@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    """Every token with its last use, those in use first."""
    actor = actor_of(request)
    rows = [_row(token) for token in doors.list_tokens(actor).order_by("-ended_at", "name")]
    rows.sort(key=lambda row: bool(row["reason"]))
    context = {
        "heading": _("Tokens of devices and programs"),
        "count": len(rows),
        "rows": rows,
        "may_end": doors.may(actor, "end_token"),
        "acts": _offers(actor),
        "ways": ways(actor),
    }
    return render(request, "accounts/tokens.html", context)


def _row(token: Token) -> dict[str, Any]:
    reason = doors.reason_against(token)
    word, tone = STATES[reason]
    scopes = [str(Token.Scope(scope).label) for scope in token.scopes]
    return {"token": token, "reason": reason, "word": word, "tone": tone, "scopes": scopes}


def _offers(actor: Any) -> dict[str, Any] | None:
    if not doors.may(actor, "issue_token"):
        return None
    return {"primary": {"label": _("Issue a token"), "url": reverse("token-issue")}}


@login_required
@confirmed_lately
def token_issue(request: HttpRequest) -> HttpResponse:
    """Issue a token; its secret is shown on the answer to this and nowhere else."""
    by = actor_of(request)
    doors.check_may(by, "issue_token")

    def do(entered: dict[str, Any]) -> HttpResponse:
        token, secret = acts.issue_token(**entered, by=by)
        context = {"token": token, "secret": secret, "scopes": _row(token)["scopes"]}
        return render(request, "accounts/token_issued.html", context)

    return act_page(
        request,
        forms.TokenForm(posted(request), may=lambda scope: doors.may_issue(by, scope)),
        do,
        heading=_("Issue a token"),
        words=_("For a dock, a camera or a program. Its secret is shown once, on the next page."),
        back=reverse("tokens"),
        button=_("Issue it"),
    )


@login_required
@require_POST
def token_end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End a token at once."""
    acts.end_token(token_id=pk, by=actor_of(request))
    messages.success(request, _("The token was ended. It is refused from now on."))
    return redirect("tokens")
