"""Who asks, and how far they reach: the square of role and act, which narrows every door and page."""

import uuid

from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach, Role, reach

_FINDERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.ALL,
    Role.BWC_UNIT: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.ALL,
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
}
_BWC_UNIT = {Role.BWC_UNIT: Reach.ALL}
_KEEPERS = dict.fromkeys((Role.SUPERVISOR, Role.BWC_UNIT, Role.COMMAND_STAFF), Reach.ALL)

_MARKERS = dict.fromkeys((Role.SUPERVISOR, Role.BWC_UNIT), Reach.ALL)

# The whole square: how far each role reaches with each act of this room. Own: what they responded to, or their shifts.
REACH: dict[str, dict[Role, Reach]] = {
    "count": {**dict.fromkeys(_FINDERS, Reach.COUNTS), Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "find": _FINDERS,
    "export": _FINDERS,
    "list_shifts": _FINDERS,
    "see_reports": {role: far for role, far in _FINDERS.items() if role != Role.OFFICER},
    "add_incident": _KEEPERS,
    "change_incident": _KEEPERS,
    "file_report": _KEEPERS,
    "withdraw_report": _KEEPERS,
    "import_dispatch": _BWC_UNIT,
    "import_shifts": _BWC_UNIT,
    "withdraw_shift": _BWC_UNIT,
    "see_imports": {**_BWC_UNIT, Role.INTERNAL_AUDITOR: Reach.ALL},
    "change_mapping": _BWC_UNIT,
    # Who says that an incident is critical, and who is involved in it.
    "see_involved": {role: far for role, far in _FINDERS.items() if role != Role.OFFICER},
    "mark_critical": _MARKERS,
    "involve_member": _MARKERS,
    "strike_off": _MARKERS,
    "file_statement": _MARKERS,
    "unmark_critical": dict.fromkeys((Role.COMMAND_STAFF, Role.CHIEF), Reach.ALL),
}


def reach_of(actor: Actor, act: str) -> Reach:
    """How far `actor` reaches with `act`; the system reaches all, as the operator starts what it does."""
    if actor.kind == "system":
        return Reach.ALL
    return reach(actor.roles, REACH[act]) if actor.member_id else Reach.NONE


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` reaches anything at all with `act`."""
    return reach_of(actor, act) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


def only_theirs(actor: Actor, act: str) -> uuid.UUID | None:
    """The member to whose own things `actor` is narrowed with `act`; None where they reach everything."""
    return actor.member_id if reach_of(actor, act) == Reach.OWN else None
