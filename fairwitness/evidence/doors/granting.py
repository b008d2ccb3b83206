"""The doors to grants: who has what, for whom it is to see and to end."""

import uuid
from collections.abc import Collection

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Grant, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach, Role

# Who grants, and who looks on.
_SEERS = ("grant_access", "see_watch")


# Who may be named for an audit; an external auditor opens nothing for any other work.
AUDITORS = frozenset({Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR})


def reason_against(kind: str, roles: Collection[Role]) -> str:
    """Why a grant of a kind is not for somebody with these roles, in a sentence; empty where it is."""
    if not doors.may_be_granted(roles):
        return _("No role of theirs is one to which footage can be opened.")
    if kind == Grant.Kind.AUDIT and AUDITORS.isdisjoint(roles):
        return _("Only an auditor can be named for an audit.")
    if kind == Grant.Kind.WORK and set(roles) <= {Role.EXTERNAL_AUDITOR}:
        return _("An external auditor is named, or named for an audit.")
    return ""


def _rows() -> "QuerySet[Grant]":
    return Grant.objects.select_related("member", "recording", "incident", "granted_by", "ended_by")


def standing_grants() -> "QuerySet[Grant]":
    """The grants that stand."""
    return _rows().filter(access.standing())


def stands(grant: Grant) -> bool:
    """Whether a grant opens anything today."""
    return grant.ended_at is None and (grant.until is None or grant.until > department.today())


def may_see(actor: Actor) -> bool:
    """Whether the list of all grants is open to the actor."""
    return any(doors.far(actor, act) > Reach.NONE for act in _SEERS)


def may_grant(actor: Actor) -> bool:
    """Whether the actor may grant, and end grants."""
    return doors.far(actor, "grant_access") > Reach.NONE


def check_may_grant(actor: Actor) -> None:
    """Raise Forbidden unless `may_grant`."""
    if not may_grant(actor):
        raise Forbidden(_("Your roles do not allow this."), act="grant_access")


def grants_for(actor: Actor) -> "QuerySet[Grant]":
    """Every grant, for those who may see them all. Raises Forbidden."""
    if not may_see(actor):
        raise Forbidden(_("Your roles do not allow this."), act="grant_access")
    return _rows()


def grants_of(actor: Actor) -> "QuerySet[Grant]":
    """The actor's own grants, those that ended among them, the latest first."""
    return _rows().filter(member=actor.person).order_by("-granted_at", "-id")


def grants_over(actor: Actor, recording: Recording) -> list[Grant]:
    """The standing grants of a recording and its incidents: all for those who may see them, else one's own."""
    rows = access.grants_over(recording).filter(access.standing())
    return list(rows if may_see(actor) else rows.filter(member=actor.member_id))


def grant_for(actor: Actor, pk: uuid.UUID, *, lock: bool = False) -> Grant:
    """A grant, for one who may end it. Raises Forbidden or NotFound."""
    check_may_grant(actor)
    if lock:
        Grant.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = _rows().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found
