"""Who asks, and how far they reach: whoever works on a case sees its packages, who leads it makes and shares them."""

import uuid
from collections.abc import Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases import doors as cases
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach, Role
from fairwitness.sharing.models import Package

# By which act with a case it goes what somebody may do with its packages: no case is open to more people by sharing.
WITH_A_CASE = {
    "see_packages": "find",
    "make_package": "change_case",
    "share": "change_case",
    "take_package": "change_case",
}

# Who may do what, and how far: drawn in docs/reference/roles.md, and asked here and in tests.
REACH: Mapping[str, Mapping[Role, Reach]] = {
    act: cases.REACH[of_case] for act, of_case in WITH_A_CASE.items()
}


def may(actor: Actor, act: str) -> bool:
    """Whether the actor may do `act` with the packages of any case at all."""
    return cases.may(actor, WITH_A_CASE[act])


def may_list(actor: Actor) -> bool:
    """Whether the list of packages is open to the actor."""
    return actor.member_id is not None and cases.far(actor, "find") >= Reach.OWN


def narrowed(actor: Actor, act: str = "see_packages") -> QuerySet[Package]:
    """The packages with which the actor may do `act`: those of the cases with which they may."""
    of = cases.narrowed(actor, WITH_A_CASE[act]).values("pk")
    return Package.objects.filter(case__in=of).select_related("case", "asked_by")


def package(actor: Actor, pk: uuid.UUID, act: str = "see_packages", *, lock: bool = False) -> Package:
    """One package for one act: NotFound where the actor may not even see it, Forbidden where they may.

    With `lock` its row is locked first and checked after.
    """
    if lock:
        require_change("locking a package")
        Package.objects.select_for_update(of=("self",)).filter(pk=pk).first()
    found = narrowed(actor, act).filter(pk=pk).first()
    if found:
        return found
    if narrowed(actor).filter(pk=pk).exists():
        raise Forbidden(_("You can see this package, but you may not do this with it."), act=act)
    hidden = act if Package.objects.filter(pk=pk).exists() else ""
    raise NotFound(_("There is nothing here, or it is not open to you."), hidden=hidden)


def may_with(actor: Actor, found: Package, act: str) -> bool:
    """Whether the actor may do `act` with this package now."""
    return narrowed(actor, act).filter(pk=found.pk).exists()
