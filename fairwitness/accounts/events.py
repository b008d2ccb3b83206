"""What accounts may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.events import event

TOKEN_ISSUED = event(
    "accounts.token_issued",
    _("{actor} issued {token_id} a token, good until {expires_at}"),
    *("token_id", "scopes", "dock_id", "camera_id", "unit_id", "expires_at"),
)
TOKEN_ENDED = event("accounts.token_ended", _("{actor} ended the token of {token_id}"), "token_id")
TOKEN_REFUSED = event(
    "accounts.token_refused",
    _("{token_id} showed a token that is refused: {reason}"),
    *("token_id", "reason"),
    words={
        "reason": {
            "ended": _("it was ended"),
            "expired": _("it has expired"),
            "camera_lost": _("its camera is reported lost"),
            "camera_retired": _("its camera is retired"),
            "dock_retired": _("its dock is retired"),
        }
    },
)
