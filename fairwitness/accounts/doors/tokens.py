"""The doors to tokens: who shows one, and who may see which there are."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.accounts.doors.reach import check_may, may
from fairwitness.accounts.models import Token
from fairwitness.department import doors as department
from fairwitness.department.models import Camera, Dock
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound, Unauthorized

PREFIX = "fwt_"
# So long before its end a token is asked about, so that another can be carried to its dock.
ENDS_SOON = dt.timedelta(days=14)
_REFUSED = {
    "ended": gettext_lazy("This token was ended. Ask the BWC Unit for a new one."),
    "expired": gettext_lazy("This token has expired. Ask the BWC Unit for a new one."),
    "camera_lost": gettext_lazy("The camera of this token is reported lost. Bring it to the BWC Unit."),
    "camera_retired": gettext_lazy("The camera of this token is retired."),
    "dock_retired": gettext_lazy("The dock of this token is retired."),
    "keeper_left": gettext_lazy("Who kept this token has left. Ask the BWC Unit for a new one."),
}
# What `reason_against` looks at.
_LOOKED_AT = ("scopes", "ended_at", "expires_at", "camera__status", "dock__status", "keeper__left_on")


# What must be allowed to whoever issues a token with a scope.
_ISSUING = {
    Token.Scope.READ: "issue_reading_token",
    Token.Scope.UPLOAD: "issue_sending_token",
    Token.Scope.REPORT: "issue_sending_token",
}


def may_issue(actor: Actor, scope: str) -> bool:
    """Whether `actor` may issue tokens with this scope."""
    return may(actor, _ISSUING.get(Token.Scope(scope), "issue_token"))


def check_may_issue(actor: Actor, scopes: Iterable[str]) -> None:
    """Raise Forbidden unless `actor` may issue a token with all of these scopes."""
    for scope in scopes:
        check_may(actor, _ISSUING.get(Token.Scope(scope), "issue_token"))


def digest(secret: str) -> str:
    """What is kept of a secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of_token(secret: str) -> Actor:
    """The device or program that shows this secret. Asked for every request, so that what ended is refused at once.

    Raises Unauthorized: unknown, ended, expired, its dock retired, its camera lost or retired. `details` then name
    the token and the reason, where there is a token at all.
    """
    known = _good(Token.objects.filter(hash=digest(secret)))
    return actors.device(known.pk, frozenset(known.scopes))


def check_token(token_id: uuid.UUID) -> None:
    """Raises Unauthorized, as `actor_of_token` does, where a token that was shown a while ago is good no more."""
    _good(Token.objects.filter(pk=token_id))


def _good(tokens: QuerySet[Token]) -> Token:
    # Asked with every piece of every upload, so for no more than is looked at.
    known = next(iter(tokens.select_related("dock", "camera", "keeper").only(*_LOOKED_AT)), None)
    if known is None:
        raise Unauthorized(_("This token is not known here."))
    if reason := reason_against(known):
        raise Unauthorized(str(_REFUSED[reason]), token_id=known.pk, reason=reason)
    return known


def reason_against(token: Token) -> str:
    """Why `token` is refused now, as a code; empty when it is good."""
    if token.ended_at is not None:
        return "ended"
    if token.expires_at <= clock.now():
        return "expired"
    if token.camera is not None and token.camera.status in (Camera.Status.LOST, Camera.Status.RETIRED):
        return f"camera_{token.camera.status}"
    if token.dock is not None and token.dock.status == Dock.Status.RETIRED:
        return "dock_retired"
    if token.keeper and token.keeper.left_on and token.keeper.left_on <= department.today():
        return "keeper_left"
    return ""


def unit_of_token(actor: Actor) -> uuid.UUID | None:
    """The unit whose recordings a token may read of; None where it may read of none."""
    if actor.token_id is None or Token.Scope.READ not in actor.scopes:
        return None
    return Token.objects.filter(pk=actor.token_id).values_list("unit", flat=True).first()


def list_tokens(actor: Actor) -> QuerySet[Token]:
    """Every token, with its last use as `last_used`. Raises Forbidden."""
    check_may(actor, "list_tokens")
    tokens = Token.objects.select_related("dock", "camera", "unit", "keeper")
    return tokens.annotate(last_used=F("use__at"))


def ending_tokens(actor: Actor) -> QuerySet[Token]:
    """The tokens that are still good and expire in the next ENDS_SOON. Raises Forbidden."""
    now = clock.now()
    return list_tokens(actor).filter(ended_at=None, expires_at__gt=now, expires_at__lte=now + ENDS_SOON)


def lock_token(pk: uuid.UUID) -> Token:
    """The token, locked until the change ends. Raises NotFound."""
    require_change("locking a token")
    found = Token.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found


def token_names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Tokens as histories name who showed them."""
    return dict(Token.objects.filter(pk__in=ids).values_list("pk", "name"))
