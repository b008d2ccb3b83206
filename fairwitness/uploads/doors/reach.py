"""How far each role reaches with what uploads keep: the one table from which doors, pages and tests are drawn."""

from fairwitness.kernel.roles import Reach, Role

_FINDERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
}
# Whoever wears a camera sends in what that camera recorded; the BWC Unit sends in anything.
_SENDERS = {Role.OFFICER: Reach.OWN, Role.SUPERVISOR: Reach.OWN, Role.BWC_UNIT: Reach.ALL}

# The whole square. A role not named does not reach.
REACH: dict[str, dict[Role, Reach]] = {
    "see_held": {
        Role.OFFICER: Reach.OWN,
        Role.SUPERVISOR: Reach.CHAIN,
        Role.BWC_UNIT: Reach.ALL,
        Role.COMMAND_STAFF: Reach.ALL,
        Role.CHIEF: Reach.ALL,
        Role.INTERNAL_AUDITOR: Reach.ALL,
    },
    "explain_held": {Role.BWC_UNIT: Reach.ALL},
    # Own: what they sent themselves, and what came from a camera that they wear or wore.
    "find_upload": _FINDERS,
    "export_uploads": _FINDERS,
    "upload": _SENDERS,
    "withdraw_upload": _SENDERS,
    "dispose_upload": {Role.BWC_UNIT: Reach.ALL},
}
