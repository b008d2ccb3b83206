"""Who may do what with what moves: the one definition from which pages, single decisions and docs are drawn."""

from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach, Role, reach

# Who looks after what came; bringing it in, and taking everything out, is for whoever runs the system.
_KEEPERS = {Role.BWC_UNIT: Reach.ALL, Role.RECORDS_OFFICER: Reach.ALL}
_OVERSEERS = (
    *(Role.BWC_UNIT, Role.ACCOUNT_ADMINISTRATOR, Role.COMMAND_STAFF, Role.CHIEF),
    *(Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR),
)
REACH: dict[str, dict[Role, Reach]] = {
    "see_arrivals": _KEEPERS,
    "export_report": _KEEPERS,
    "see_exports": dict.fromkeys(_OVERSEERS, Reach.ALL),
}


def may(actor: Actor, act: str) -> bool:
    """Whether the actor may do an act of REACH."""
    return actor.kind == "system" or bool(actor.member_id and reach(actor.roles, REACH[act]) > Reach.NONE)


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)
