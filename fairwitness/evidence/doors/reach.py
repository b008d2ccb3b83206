"""Who may do what with recordings, and how far: lists and single decisions from one definition."""

import uuid

from django.db.models import QuerySet

from fairwitness.accounts import doors as accounts
from fairwitness.department import doors as department
from fairwitness.evidence.models import Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach, Role, reach

_FINDERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.ALL,
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
}
_OPENERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
}

_WORKERS = {Role.OFFICER: Reach.OWN, Role.SUPERVISOR: Reach.CHAIN, Role.BWC_UNIT: Reach.ALL}
# Who decides on what is kept; and who, beside them, looks on.
_DECIDERS = dict.fromkeys((Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF), Reach.ALL)
_KEEPERS = {**_DECIDERS, Role.INTERNAL_AUDITOR: Reach.ALL}

# Who may do what, and how far: the one definition from which lists, single decisions, docs and tests are drawn.
REACH: dict[str, dict[Role, Reach]] = {
    "count": {**dict.fromkeys(_FINDERS, Reach.COUNTS), Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "find": _FINDERS,
    "export": _FINDERS,
    "receipt": _FINDERS,
    "open": _OPENERS,
    "note": {role: how for role, how in _OPENERS.items() if role != Role.INTERNAL_AUDITOR},
    "settle_owner": {Role.BWC_UNIT: Reach.ALL},
    "read_again": {Role.BWC_UNIT: Reach.ALL},
    "link_incident": _WORKERS,
    # What decides how long recordings are kept.
    "categorise": _WORKERS,
    "withdraw_category": {Role.SUPERVISOR: Reach.CHAIN, Role.BWC_UNIT: Reach.ALL},
    "settle_clock": {Role.BWC_UNIT: Reach.ALL},
    "confirm_clock": {Role.BWC_UNIT: Reach.ALL, Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
    "see_retention": {**_KEEPERS, Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "propose_dry_run": {Role.BWC_UNIT: Reach.ALL, Role.COMMAND_STAFF: Reach.ALL},
    "approve_dry_run": {Role.BWC_UNIT: Reach.ALL, Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
    "see_holds": {**_KEEPERS, Role.SUPERVISOR: Reach.CHAIN, Role.OFFICER: Reach.OWN},
    "place_hold": {**_KEEPERS, Role.SUPERVISOR: Reach.CHAIN},
    "lift_hold": _DECIDERS,
    "see_preservation": _KEEPERS,
    "decide_preservation": {Role.RECORDS_OFFICER: Reach.ALL},
    "see_disposals": {**_KEEPERS, Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "strike_disposal": _DECIDERS,
    "approve_disposal": _DECIDERS,
    "take_back_disposal": _DECIDERS,
    "certificate": _KEEPERS,
    # Who may open what beyond their role, and the look at unusual access.
    "grant_access": {Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
    "see_watch": {
        Role.INTERNAL_AUDITOR: Reach.ALL,
        Role.BWC_UNIT: Reach.ALL,
        Role.COMMAND_STAFF: Reach.ALL,
        Role.CHIEF: Reach.ALL,
    },
    "decide_watch": {Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
}


def far(actor: Actor, act: str) -> Reach:
    """How far the actor reaches with an act of REACH."""
    return reach(actor.roles, REACH[act]) if actor.member_id else Reach.NONE


def may_list(actor: Actor) -> bool:
    return far(actor, "find") > Reach.NONE


def may_count(actor: Actor) -> bool:
    return far(actor, "count") > Reach.NONE


def narrowed(actor: Actor, act: str) -> "QuerySet[Recording]":
    """The recordings with which the actor may do `act`, as the chain of command is now. Never locks.

    A program finds the recordings of the one unit that its token names, and does nothing else with them.
    """
    if actor.token_id is not None:
        unit = accounts.unit_of_token(actor) if act == "find" else None
        return Recording.objects.filter(unit=unit) if unit else Recording.objects.none()
    how_far = far(actor, act)
    if how_far == Reach.ALL:
        return Recording.objects.all()
    if how_far == Reach.CHAIN and actor.member_id:
        return Recording.objects.filter(owner__in=department.chain_below(actor.member_id) | {actor.member_id})
    if how_far == Reach.OWN:
        return Recording.objects.filter(owner=actor.member_id)
    return Recording.objects.none()


def recording(actor: Actor, pk: uuid.UUID, act: str = "find", *, lock: bool = False) -> Recording:
    """One recording for one act. NotFound where the actor may not even find it, Forbidden where they may.

    With `lock` the row is locked first and checked after, so that nothing changes between check and write.
    """
    rows: QuerySet[Recording] = Recording.objects.filter(pk=pk)
    if lock:
        rows.select_for_update(of=("self",)).first()
    found = narrowed(actor, act).filter(pk=pk).select_related("owner", "unit", "camera", "ingest").first()
    if found:
        return found
    if act != "find" and narrowed(actor, "find").filter(pk=pk).exists():
        raise Forbidden("You can find this recording, but your role does not let you do this with it.")
    hidden = act if rows.exists() else ""
    raise NotFound("There is no such recording, or it is not one that you may see.", hidden=hidden)


def may(actor: Actor, pk: uuid.UUID, act: str) -> bool:
    """Whether the actor may do `act` with this recording now."""
    return narrowed(actor, act).filter(pk=pk).exists()
