"""Who may do what with accounts: the square of role and act, and what a token's scopes allow."""

from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach, Role, reach

_ADMINISTRATORS = {Role.ACCOUNT_ADMINISTRATOR: Reach.ALL}
_BWC_UNIT = {Role.BWC_UNIT: Reach.ALL}

# The whole square: how far each role reaches with each act of this room. A role not named does not reach.
REACH: dict[str, dict[Role, Reach]] = {
    "list_tokens": {**_ADMINISTRATORS, **_BWC_UNIT, Role.INTERNAL_AUDITOR: Reach.ALL},
    "issue_token": {**_ADMINISTRATORS, **_BWC_UNIT},
    # A token that reads finds recordings, one that sends brings them: only who answers for all of them gives that away.
    "issue_reading_token": _BWC_UNIT,
    "issue_sending_token": _BWC_UNIT,
    "end_token": {**_ADMINISTRATORS, **_BWC_UNIT},
    "end_sessions": _ADMINISTRATORS,
    "release": _ADMINISTRATORS,
    "read_sign_in_log": {**_ADMINISTRATORS, Role.INTERNAL_AUDITOR: Reach.ALL},
    # The chief as well: nobody decides on their own, and a small agency has one administrator of accounts.
    "review_roles": {**_ADMINISTRATORS, Role.CHIEF: Reach.ALL},
    "see_review": {**_ADMINISTRATORS, Role.INTERNAL_AUDITOR: Reach.ALL, Role.CHIEF: Reach.ALL},
}


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` may do `act`; the system may, as the operator starts what it does."""
    return actor.kind == "system" or reach(actor.roles, REACH[act]) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


def check_scope(actor: Actor, scope: str) -> None:
    """Raise Forbidden when `actor` showed a token without `scope`; people have roles instead, asked for elsewhere."""
    if actor.token_id is not None and scope not in actor.scopes:
        raise Forbidden(_("This token does not allow “{scope}”.").format(scope=scope), scope=scope)


def check_person(actor: Actor) -> None:
    """Raise Forbidden when a token was shown where somebody must answer for what is asked, whatever its scopes."""
    if actor.token_id is not None:
        raise Forbidden(_("No token allows this: somebody must sign in for it."))
