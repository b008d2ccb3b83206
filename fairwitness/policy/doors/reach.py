"""Who may read the book from within, who drafts, who decides. What is in force anyone may read."""

from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach, Role, reach

_EVERYONE = dict.fromkeys(Role, Reach.ALL)
_DRAFTERS = dict.fromkeys(
    (Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMUNITY_SUPERVISOR, Role.COMMAND_STAFF, Role.CHIEF),
    Reach.ALL,
)
_DECIDERS = dict.fromkeys((Role.COMMAND_STAFF, Role.CHIEF), Reach.ALL)

# The whole square. Whoever is inside may read drafts: a policy that is about to bind people is no secret to them.
REACH: dict[str, dict[Role, Reach]] = {
    "read_drafts": _EVERYONE,
    "draft_version": _DRAFTERS,
    "propose_version": _DRAFTERS,
    "withdraw_version": _DRAFTERS,
    "approve_version": _DECIDERS,
    "send_version_back": _DECIDERS,
    "bring_into_force": _DECIDERS,
}


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` reaches anything with `act`; the system does what it was started for."""
    return actor.kind == "system" or reach(actor.roles, REACH[act]) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)
