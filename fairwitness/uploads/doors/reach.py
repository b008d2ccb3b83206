"""How far each role reaches with what uploads keep: the one table from which doors, pages and tests are drawn."""

from fairwitness.kernel.roles import Reach, Role

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
}
