"""Who may do what with recordings, and how far: lists and single decisions from one definition."""

import uuid
from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.accounts import doors as accounts
from fairwitness.department import doors as department
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Disposal, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Reach, Role, reach

_FINDERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.ALL,
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
    # Sees what is known of recordings, and opens what is granted by name.
    Role.EXTERNAL_AUDITOR: Reach.ALL,
}
_OPENERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
}

_NOTERS: dict[Role, Reach] = {role: how for role, how in _OPENERS.items() if role != Role.INTERNAL_AUDITOR}
_WORKERS = {Role.OFFICER: Reach.OWN, Role.SUPERVISOR: Reach.CHAIN, Role.BWC_UNIT: Reach.ALL}
# Who decides on what is kept; and who, beside them, looks on.
_DECIDERS = dict.fromkeys((Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF), Reach.ALL)
_KEEPERS = {**_DECIDERS, Role.INTERNAL_AUDITOR: Reach.ALL}

# Who may do what, and how far: the one definition from which lists, single decisions, docs and tests are drawn.
REACH: dict[str, dict[Role, Reach]] = {
    "count": dict.fromkeys(_FINDERS, Reach.COUNTS),
    "find": _FINDERS,
    "export": _FINDERS,
    "receipt": _FINDERS,
    "open": _OPENERS,
    # Stills, filmstrips and waveforms: they show at a glance what nobody may have looked at yet.
    "preview": _OPENERS,
    "note": _NOTERS,
    # Clips leave the house: who discloses makes them too, of what a grant opened to them.
    "clip": {
        **_NOTERS,
        **dict.fromkeys((Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF), Reach.OWN),
    },
    # Saying by how much a camera's clock differs, seen beside another camera.
    "align": _NOTERS,
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
    # Court orders, on which alone what a statute protects is shared with the defence.
    "record_order": {Role.RECORDS_OFFICER: Reach.ALL, Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
    "see_watch": {
        Role.INTERNAL_AUDITOR: Reach.ALL,
        Role.BWC_UNIT: Reach.ALL,
        Role.COMMAND_STAFF: Reach.ALL,
        Role.CHIEF: Reach.ALL,
    },
    "decide_watch": {Role.COMMAND_STAFF: Reach.ALL, Role.CHIEF: Reach.ALL},
}


# What a grant opens to whoever may be granted anything; what else touches bytes is for roles that do such things.
OPENED = ("open", "preview")
# What may still be asked for under the lock when a recording's bytes go or are gone: looking things up, what keeps it
# after all while every byte is there (who places a hold looks at that), and opening, which says itself that it is gone.
AFTER_ALL = frozenset(
    {
        *("find", "export", "receipt", "certificate", "see_retention", "see_holds", "see_preservation"),
        *("see_disposals", "see_watch", "place_hold", "lift_hold", "open", "preview"),
    }
)


def far(actor: Actor, act: str) -> Reach:
    """How far the actor reaches with an act of REACH."""
    return reach(actor.roles, REACH[act]) if actor.member_id else Reach.NONE


def may_list(actor: Actor) -> bool:
    return far(actor, "find") > Reach.NONE


def may_count(actor: Actor) -> bool:
    return far(actor, "count") > Reach.NONE


def narrowed(actor: Actor, act: str) -> "QuerySet[Recording]":
    """The recordings with which the actor may do `act`, as the chain of command is now. Never locks.

    What touches protected bytes takes more than reach: the class must open to the role, or a grant to the member,
    and no lockout may stand. To find is not to open: it goes by reach alone.

    A program finds the recordings of the one unit that its token names, and does nothing else with them.
    """
    if actor.token_id is not None:
        unit = accounts.unit_of_token(actor) if act == "find" else None
        return Recording.objects.filter(unit=unit) if unit else Recording.objects.none()
    if act in access.WITHOUT_CATEGORY:
        return _opening(actor, act)
    within = _within(actor, far(actor, act))
    return Recording.objects.none() if within is None else Recording.objects.filter(within)


def _within(actor: Actor, how_far: Reach) -> Q | None:
    """The recordings that lie within a reach; None where it holds none."""
    if how_far == Reach.ALL:
        return Q()
    if how_far == Reach.CHAIN and actor.member_id:
        return Q(owner__in=department.chain_below(actor.member_id) | {actor.member_id})
    return Q(owner=actor.member_id) if how_far == Reach.OWN else None


def may_be_granted(roles: Collection[Role]) -> bool:
    """Whether somebody with these roles may be granted footage: who may not even count recordings may not."""
    return reach(frozenset(roles), REACH["count"]) > Reach.NONE


def _opening(actor: Actor, act: str) -> "QuerySet[Recording]":
    """Role by role as far as each reaches and as its classes allow; by grant; less what is locked."""
    if actor.member_id is None:
        return Recording.objects.none()
    book = access.book()
    ways = _by_roles(actor, act, book)
    if may_be_granted(actor.roles) and (act in OPENED or far(actor, act) > Reach.NONE):
        ways.append(access.opens_by_grant(book, actor.member_id, actor.roles))
    if not ways:
        return Recording.objects.none()
    opened = Recording.objects.filter(reduce(or_, ways))
    return opened.exclude(access.locked_out(book, actor.member_id))


def _by_roles(actor: Actor, act: str, book: access.Book) -> list[Q]:
    """For each role of the actor that reaches any recording, those that it reaches and that open to it."""
    ways = []
    for role in sorted(actor.roles):
        within = _within(actor, REACH[act].get(role, Reach.NONE))
        if within is not None:
            ways.append(within & access.opens_by_role(book, role, act))
    return ways


def seen(actor: Actor) -> "QuerySet[Recording]":
    """The recordings whose page a member may see: those they may find, and those that a grant opens to them."""
    if actor.member_id is None or not may_be_granted(actor.roles):
        return narrowed(actor, "find")
    found = _within(actor, far(actor, "find"))
    if found == Q():
        return Recording.objects.all()
    granted = access.opens_by_grant(access.book(), actor.member_id, actor.roles)
    return Recording.objects.filter(granted if found is None else found | granted)


def seen_recording(actor: Actor, pk: uuid.UUID) -> Recording:
    """One of them, for its page. Raises NotFound."""
    found = seen(actor).filter(pk=pk).select_related("owner", "unit", "camera", "ingest").first()
    return found or recording(actor, pk)


def recording(actor: Actor, pk: uuid.UUID, act: str = "find", *, lock: bool = False) -> Recording:
    """One recording for one act. NotFound where the actor may not even find it, Forbidden where they may.

    With `lock` the row is locked first and checked after, so that nothing changes between check and write. Locked,
    a recording whose bytes go or are gone is given for AFTER_ALL alone; WrongState for every other act.
    """
    rows: QuerySet[Recording] = Recording.objects.filter(pk=pk)
    if lock:
        rows.select_for_update(of=("self",)).first()
    found = narrowed(actor, act).filter(pk=pk).select_related("owner", "unit", "camera", "ingest").first()
    if found:
        if lock and act not in AFTER_ALL:
            check_has_bytes(found)
        return found
    if act != "find" and narrowed(actor, "find").filter(pk=pk).exists():
        raise Forbidden(_refused(actor, pk, act))
    hidden = act if rows.exists() else ""
    raise NotFound("There is no such recording, or it is not one that you may see.", hidden=hidden)


def is_going(recording_id: uuid.UUID) -> bool:
    """Whether the bytes of a recording are being erased at this time."""
    return Disposal.objects.filter(recording=recording_id, status=Disposal.Status.ERASING).exists()


def check_has_bytes(found: Recording) -> None:
    """Raise WrongState for a recording, locked by the asker, whose bytes are erased or being erased under a rule."""
    if found.status == Recording.Status.ERASED:
        words = _("The bytes of {number} were erased under a rule: what is written about it stays as it is.")
        raise WrongState(words.format(number=found.number), status=found.status)
    if is_going(found.pk):
        words = _("The bytes of {number} are being erased under a rule: nothing more is done with it.")
        raise WrongState(words.format(number=found.number), status=str(Disposal.Status.ERASING))


def _refused(actor: Actor, pk: uuid.UUID, act: str) -> str:
    """Why somebody who finds a recording may not do this with it."""
    if act in access.WITHOUT_CATEGORY and is_locked_out(actor, pk):
        return _("This recording is closed to you until your statement or report is filed.")
    return _("You can find this recording, but your role does not let you do this with it.")


def is_locked_out(actor: Actor, pk: uuid.UUID) -> bool:
    """Whether the lockout keeps this recording from the actor, whatever else would open it."""
    if actor.member_id is None:
        return False
    return Recording.objects.filter(access.locked_out(access.book(), actor.member_id), pk=pk).exists()


def opens_by_role(actor: Actor, pk: uuid.UUID) -> bool:
    """Whether a role that the actor holds opens this recording by itself, the lockout left aside."""
    ways = _by_roles(actor, "open", access.book())
    return bool(ways) and Recording.objects.filter(reduce(or_, ways), pk=pk).exists()


def may(actor: Actor, pk: uuid.UUID, act: str) -> bool:
    """Whether the actor may do `act` with this recording now."""
    return narrowed(actor, act).filter(pk=pk).exists()
