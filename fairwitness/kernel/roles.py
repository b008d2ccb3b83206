"""The roles of the agency as code: nothing in the database decides what a role may do."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    """A role is held by a member from one date to another (`department.RoleHeld`)."""

    OFFICER = "officer"
    SUPERVISOR = "supervisor"
    BWC_UNIT = "bwc_unit"
    RECORDS_OFFICER = "records_officer"
    COMMUNITY_SUPERVISOR = "community_policing_supervisor"
    COMMAND_STAFF = "command_staff"
    CHIEF = "chief"
    INTERNAL_AUDITOR = "internal_auditor"
    EXTERNAL_AUDITOR = "external_auditor"
    ACCOUNT_ADMINISTRATOR = "account_administrator"


WORDS = {
    Role.OFFICER: (_("Officer"), _("Wears a camera; finds and opens the recordings they made.")),
    Role.SUPERVISOR: (
        _("Supervisor"),
        _(
            "Finds and opens the recordings of everyone below them in the chain of command, as it is when asked."
        ),
    ),
    Role.BWC_UNIT: (
        _("BWC Unit"),
        _(
            "Runs the camera programme: brings recordings in, opens all of them, keeps cameras and assignments."
        ),
    ),
    Role.RECORDS_OFFICER: (
        _("Records officer"),
        _("Answers public records requests; finds every recording, opens those that the work links them to."),
    ),
    Role.COMMUNITY_SUPERVISOR: (
        _("Community Policing Supervisor"),
        _("Administers the community relations function; sees nothing of evidence."),
    ),
    Role.COMMAND_STAFF: (
        _("Command staff"),
        _("Leads; finds every recording and sees the figures, opens those that the work links them to."),
    ),
    Role.CHIEF: (_("Chief"), _("Heads the department; finds every recording and sees the figures.")),
    Role.INTERNAL_AUDITOR: (
        _("Internal auditor"),
        _("Checks the department from within; finds and opens every recording, changes nothing."),
    ),
    Role.EXTERNAL_AUDITOR: (
        _("External auditor"),
        _(
            "Checks the department from outside; finds recordings, sees counts and the log, opens what is granted."
        ),
    ),
    Role.ACCOUNT_ADMINISTRATOR: (
        _("Administrator of accounts"),
        _("Gives people their sign-in and their roles; can find and open no evidence."),
    ),
}


# Who holds one of these can open recordings: what evidence gives them stands in its own table of acts.
OPENS_EVIDENCE = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT, Role.INTERNAL_AUDITOR})


class Reach(IntEnum):
    """How far a role reaches with one act. Ordered: the furthest of the roles held counts."""

    NONE = 0
    COUNTS = 1
    OWN = 2
    CHAIN = 3
    ALL = 4


def reach(roles: frozenset[Role], row: Mapping[Role, Reach]) -> Reach:
    """The furthest reach that any of `roles` has in `row`, one row of a room's table of acts."""
    return max((row.get(role, Reach.NONE) for role in roles), default=Reach.NONE)
