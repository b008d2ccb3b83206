"""What accounts may write into the ledger, in words. Facts are ids, digests, codes, counts and times."""

from django.utils.translation import gettext_lazy as _

from fairwitness.department.events import ROLE_WORDS
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
            "keeper_left": _("who kept it has left"),
        }
    },
)

SESSION_ENDED = event(
    "accounts.session_ended", _("{actor} ended {sessions} sign-ins of {member_id}"), "member_id", "sessions"
)
CONFIRMED = event(
    "accounts.confirmed", _("{actor} showed again that it is they ({method})"), "member_id", "method"
)
PASSWORD_CHOSEN = event("accounts.password_chosen", _("{actor} chose a new password"), "member_id")
ACCOUNT_LOCKED = event(
    "accounts.locked",
    _("The account of {member_id} was locked: {reason}"),
    *("member_id", "reason"),
    words={
        "reason": {
            "failures": _("five failed sign-ins in fifteen minutes"),
            "unused": _("not used for ninety days"),
        }
    },
)
ACCOUNT_RELEASED = event("accounts.released", _("{actor} released the account of {member_id}"), "member_id")
SIGN_IN_STOPPED = event(
    "accounts.sign_in_stopped",
    _("{actor} stopped the sign-in of {member_id}: {sessions} sign-ins and {tokens} tokens ended"),
    *("member_id", "sessions", "tokens"),
)
SIGN_IN_OPENED = event(
    "accounts.sign_in_opened",
    _("{actor} let {member_id} have a first password"),
    *("member_id", "told_id"),
)
SIGN_IN_RESET = event(
    "accounts.sign_in_reset",
    _("{actor} reset the sign-in of {member_id}: password and second factor are theirs to set anew"),
    *("member_id", "told_id", "sessions"),
)
SIGN_IN_WORD_SEEN = event(
    "accounts.sign_in_word_seen",
    _("{actor} looked at the second half of the new password of {member_id}"),
    "member_id",
)
ACCOUNT_CLOSED = event(
    "accounts.closed",
    _("The sign-in of {member_id}, who left, was closed: {sessions} sign-ins and {tokens} tokens ended"),
    *("member_id", "sessions", "tokens"),
)

REVIEW_BEGUN = event(
    "accounts.review_begun",
    _("{actor} began the yearly review of roles, due on {due_on}: {roles} roles"),
    *("due_on", "roles"),
)
ROLE_REVIEWED = event(
    "accounts.role_reviewed",
    _("{actor} looked at the role “{role}” of {member_id}: {decision}"),
    *("member_id", "role", "decision"),
    words={"role": ROLE_WORDS, "decision": {"kept": _("kept"), "ended": _("ended")}},
)
REVIEW_OVERDUE = event(
    "accounts.review_overdue",
    _("The yearly review of roles was due on {due_on}, and {roles} roles are not decided"),
    *("due_on", "roles"),
)
REVIEW_FINISHED = event(
    "accounts.review_finished",
    _("{actor} finished the yearly review of roles: {kept} kept, {ended} ended"),
    *("kept", "ended"),
)
LOG_EXPORTED = event(
    "accounts.log_exported", _("{actor} took out the sign-in log: {lines} lines"), "member_id", "lines"
)
