"""Who asks, and how far they reach: the square of role and act, which narrows every door and page."""

import datetime as dt
import uuid
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.department.doors.chain import chain_below, holding_on, today
from fairwitness.department.models import Member, RoleHeld
from fairwitness.kernel import actors
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Reach, Role, reach

_ADMINISTRATORS = {Role.ACCOUNT_ADMINISTRATOR: Reach.ALL}
_BWC_UNIT = {Role.BWC_UNIT: Reach.ALL}
_ROSTER_KEEPERS = {**_ADMINISTRATORS, **_BWC_UNIT}
_OVERSEERS = {
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
    Role.BWC_UNIT: Reach.ALL,
}

# The whole square: how far each role reaches with each act of this room. A role not named does not reach.
REACH: dict[str, dict[Role, Reach]] = {
    "list_members": {
        role: Reach.ALL for role in Role if role not in (Role.COMMUNITY_SUPERVISOR, Role.EXTERNAL_AUDITOR)
    },
    # The file: training and history.
    "open_member_file": {
        **_OVERSEERS,
        **_ADMINISTRATORS,
        Role.SUPERVISOR: Reach.CHAIN,
        Role.OFFICER: Reach.OWN,
        Role.RECORDS_OFFICER: Reach.OWN,
    },
    "list_cameras": {
        **_OVERSEERS,
        Role.RECORDS_OFFICER: Reach.ALL,
        Role.SUPERVISOR: Reach.CHAIN,
        Role.OFFICER: Reach.OWN,
    },
    "list_docks": _OVERSEERS,
    "see_coverage": dict.fromkeys((*_OVERSEERS, Role.SUPERVISOR, Role.EXTERNAL_AUDITOR), Reach.COUNTS),
    "add_unit": _ROSTER_KEEPERS,
    "add_member": _ROSTER_KEEPERS,
    "change_member": _ROSTER_KEEPERS,
    "post": _ROSTER_KEEPERS,
    "import_roster": _ROSTER_KEEPERS,
    "leave": _ADMINISTRATORS,
    "see_open_work": {
        **_ADMINISTRATORS,
        Role.CHIEF: Reach.ALL,
        Role.COMMAND_STAFF: Reach.CHAIN,
        Role.SUPERVISOR: Reach.CHAIN,
    },
    "grant_role": _ADMINISTRATORS,
    "end_role": _ADMINISTRATORS,
    "give_sign_in": _ADMINISTRATORS,
    "reset_sign_in": _ADMINISTRATORS,
    # At night nobody waits for an administrator: who stands above somebody stops their sign-in at once.
    "stop_sign_in": {
        **_ADMINISTRATORS,
        Role.CHIEF: Reach.ALL,
        Role.COMMAND_STAFF: Reach.CHAIN,
        Role.SUPERVISOR: Reach.CHAIN,
    },
    "add_course": _BWC_UNIT,
    "complete_course": _BWC_UNIT,
    "add_camera": _BWC_UNIT,
    "change_camera": _BWC_UNIT,
    "move_camera": _BWC_UNIT,
    "assign_camera": _BWC_UNIT,
    "return_camera": _BWC_UNIT,
    # The system itself: its alarms, its jobs, its mail.
    "see_system": {**_ROSTER_KEEPERS, Role.INTERNAL_AUDITOR: Reach.ALL},
    "try_job_again": _ROSTER_KEEPERS,
    "cancel_job": _ROSTER_KEEPERS,
    "add_dock": _BWC_UNIT,
    "change_dock": _BWC_UNIT,
    "retire_dock": _BWC_UNIT,
}


def actor_of(user: Any) -> Actor:
    """The actor behind a sign-in: a member who has not left, with the roles held today; else the public."""
    member = Member.objects.filter(user_id=user.pk).first()
    if member is None or (member.left_on and member.left_on <= today()):
        return PUBLIC
    return actors.member(member.pk, roles_today(member.pk))


def roles_today(member_id: uuid.UUID) -> frozenset[Role]:
    """The roles that a member holds today."""
    return roles_on(member_id, today())


def roles_on(member_id: uuid.UUID, day: dt.date) -> frozenset[Role]:
    """The roles that a member holds on `day`."""
    held = RoleHeld.objects.filter(holding_on(day), member_id=member_id).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)


def reach_of(actor: Actor, act: str) -> Reach:
    """How far `actor` reaches with `act`; the system reaches all, as the operator starts what it does."""
    return Reach.ALL if actor.kind == "system" else reach(actor.roles, REACH[act])


def may(actor: Actor, act: str) -> bool:
    """Whether `actor` reaches anything at all with `act`."""
    return reach_of(actor, act) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


def may_list_members(actor: Actor) -> bool:
    """Whether the list of people is open to `actor`."""
    return may(actor, "list_members")


def may_list_cameras(actor: Actor) -> bool:
    """Whether the list of cameras is open to `actor`, be it only with their own."""
    return may(actor, "list_cameras")


def may_list_docks(actor: Actor) -> bool:
    """Whether the register of docks is open to `actor`."""
    return may(actor, "list_docks")


def may_see_coverage(actor: Actor) -> bool:
    """Whether `actor` may see how many are trained and equipped."""
    return may(actor, "see_coverage")


def reached(actor: Actor, act: str) -> set[uuid.UUID] | None:
    """The members whom `actor` reaches with `act`; None stands for everyone."""
    far = reach_of(actor, act)
    if far is Reach.ALL:
        return None
    if actor.member_id is None or far < Reach.OWN:
        return set()
    return {actor.member_id} | (chain_below(actor.member_id) if far is Reach.CHAIN else set())
