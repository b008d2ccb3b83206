"""Who asks, and how far they reach: the square of role and act, which narrows every door and page of cases."""

import uuid
from functools import reduce
from operator import or_

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases.models import Case, CaseIncident, CaseMember, Item
from fairwitness.department import doors as department
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach, Role, reach

# Own: the cases that they work on. Chain: also those on which somebody below them works. All: every case.
_FINDERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.OWN,
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
    Role.INTERNAL_AUDITOR: Reach.ALL,
}
# Command leads and does not do the work, unless it was named in the case; who audits changes nothing.
_WORKERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.OWN,
    Role.COMMAND_STAFF: Reach.OWN,
    Role.CHIEF: Reach.OWN,
}
# Own, with these: the cases that they lead.
_LEADERS = {
    Role.OFFICER: Reach.OWN,
    Role.SUPERVISOR: Reach.CHAIN,
    Role.BWC_UNIT: Reach.ALL,
    Role.RECORDS_OFFICER: Reach.OWN,
    Role.COMMAND_STAFF: Reach.ALL,
    Role.CHIEF: Reach.ALL,
}
LEADING = frozenset({"change_case", "close_case", "reopen_case", "add_member", "end_member"})

_WORK = (
    *("link_incident", "take_in", "take_out", "seal_file", "add_person", "withdraw_person", "note"),
    *("add_task", "do_task", "set_court_date"),
)

# Who may do what, and how far: the one definition from which lists, single decisions, docs and tests are drawn.
REACH: dict[str, dict[Role, Reach]] = {
    "count": {**dict.fromkeys(_FINDERS, Reach.COUNTS), Role.EXTERNAL_AUDITOR: Reach.COUNTS},
    "find": _FINDERS,
    "export": _FINDERS,
    "take_file": _FINDERS,
    "open_case": {Role.OFFICER: Reach.OWN, Role.SUPERVISOR: Reach.CHAIN, Role.BWC_UNIT: Reach.ALL},
    **dict.fromkeys(sorted(LEADING), _LEADERS),
    **dict.fromkeys(_WORK, _WORKERS),
}


def far(actor: Actor, act: str) -> Reach:
    """How far the actor reaches with an act of REACH; the system reaches all, as the operator starts what it does."""
    if actor.kind == "system":
        return Reach.ALL
    return reach(actor.roles, REACH[act]) if actor.member_id else Reach.NONE


def may(actor: Actor, act: str) -> bool:
    """Whether the actor may do `act` with any case at all."""
    return far(actor, act) > Reach.NONE


def check_may(actor: Actor, act: str) -> None:
    """Raise Forbidden unless `may(actor, act)`."""
    if not may(actor, act):
        raise Forbidden(_("Your roles do not allow this."), act=act)


def may_list(actor: Actor) -> bool:
    """Whether the list of cases is open to the actor, be it only with their own."""
    return far(actor, "find") >= Reach.OWN


def may_count(actor: Actor) -> bool:
    """Whether the actor may see how many there are."""
    return may(actor, "count")


def narrowed(actor: Actor, act: str = "find") -> QuerySet[Case]:
    """The cases with which the actor may do `act`, as the chain of command is now. Never locks.

    A case about what locks the actor out is not there for them before their statement, however far they reach: what
    others noted in it is kept from them like the footage.
    """
    if actor.kind == "system":
        return Case.objects.all()
    ways = [] if actor.member_id is None else _ways(actor, act)
    if not ways:
        return Case.objects.none()
    found = Case.objects.filter(reduce(or_, ways))
    return _without_locked(found, actor.member_id) if actor.member_id else found


def _ways(actor: Actor, act: str) -> list[Q]:
    """For each role of the actor that reaches any case, those that it reaches."""
    found = []
    for role in sorted(actor.roles):
        how_far = REACH[act].get(role, Reach.NONE)
        if how_far == Reach.ALL:
            return [Q()]
        if how_far >= Reach.OWN and actor.member_id:
            found.append(_theirs({actor.member_id}, leading=act in LEADING))
        if how_far == Reach.CHAIN and actor.member_id:
            found.append(_theirs(department.chain_below(actor.member_id), leading=False))
    return found


def _theirs(members: set[uuid.UUID] | frozenset[uuid.UUID], *, leading: bool) -> Q:
    """Of cases: one of these works on it, or leads it."""
    rows = CaseMember.objects.filter(case=OuterRef("pk"), until=None, member__in=members)
    return Q(Exists(rows.filter(role=CaseMember.Role.LEAD) if leading else rows))


def _without_locked(found: QuerySet[Case], member_id: uuid.UUID) -> QuerySet[Case]:
    for locking in access.locking(access.book(), member_id):
        linked = CaseIncident.objects.filter(case=OuterRef("pk"), withdrawn_at=None, incident__in=locking)
        shown = Recording.objects.filter(access.closed_by(locking), pk=OuterRef("recording"))
        held = Item.objects.filter(Exists(shown), case=OuterRef("pk"), withdrawn_at=None)
        found = found.exclude(Q(Exists(linked)) | Q(Exists(held)))
    return found


def case(actor: Actor, pk: uuid.UUID, act: str = "find", *, lock: bool = False) -> Case:
    """One case for one act. NotFound where the actor may not even find it, Forbidden where they may.

    With `lock` the row is locked first and checked after, so that nothing changes between check and write.
    """
    if lock:
        require_change("locking a case")
        Case.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = narrowed(actor, act).filter(pk=pk).select_related("opened_by").first()
    if found:
        return found
    if act != "find" and narrowed(actor).filter(pk=pk).exists():
        raise Forbidden(_("You can find this case, but you may not do this with it."), act=act)
    hidden = act if Case.objects.filter(pk=pk).exists() else ""
    raise NotFound(_("There is no such case, or it is not one that you may see."), hidden=hidden)


def is_member(actor: Actor, found: Case) -> bool:
    """Whether the actor is named in the case now."""
    return found.members.filter(member=actor.member_id, until=None).exists()


def may_with(actor: Actor, found: Case, act: str) -> bool:
    """Whether the actor may do `act` with this case now."""
    return narrowed(actor, act).filter(pk=found.pk).exists()


def acts_with(actor: Actor, found: Case) -> frozenset[str]:
    """The acts of REACH that the actor may do with a case that its door gave them: all at once, for its page."""
    if actor.kind == "system":
        return frozenset(REACH)
    named = dict(found.members.filter(until=None).values_list("member", "role"))
    below = named.keys() & department.chain_below(actor.member_id) if actor.member_id else set()
    mine = named.get(actor.member_id) if actor.member_id else None

    def reached(act: str, role: Role) -> bool:
        how_far = REACH[act].get(role, Reach.NONE)
        own = mine == CaseMember.Role.LEAD if act in LEADING else mine is not None
        return (
            how_far == Reach.ALL or (how_far >= Reach.OWN and own) or (how_far == Reach.CHAIN and bool(below))
        )

    return frozenset(act for act in REACH if any(reached(act, role) for role in actor.roles))
