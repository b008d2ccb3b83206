"""The lists of packages, and what a page of one shows."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from fairwitness.cases import doors as cases
from fairwitness.cases.models import Case
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden
from fairwitness.sharing.doors.reach import narrowed
from fairwitness.sharing.models import Package


@dataclass(frozen=True)
class Sought:
    """What the list of packages is narrowed to; what is empty does not narrow."""

    text: str = ""
    side: str = ""
    status: str = ""


def list_packages(actor: Actor, sought: Sought) -> QuerySet[Package]:
    """The packages that the actor may see and that are sought. Raises Forbidden where the list is not theirs."""
    if not cases.may_list(actor):
        raise Forbidden("The list of packages is not open to your roles.", act="see_packages")
    found = counted(narrowed(actor)).filter(_words(sought.text))
    if sought.side:
        found = found.filter(side=sought.side)
    return found.filter(status=sought.status) if sought.status else found


def packages_of(actor: Actor, found: Case) -> QuerySet[Package]:
    """The packages of one case, the latest first; for who may find the case."""
    return counted(narrowed(actor).filter(case=found)).order_by("-asked_at", "-id")


def counted(rows: QuerySet[Package]) -> QuerySet[Package]:
    """With how much is in each, and how much was left out."""
    inside = Count("items", filter=Q(items__because=""), distinct=True)
    return rows.annotate(inside=inside, outside=Count("items", filter=~Q(items__because=""), distinct=True))


def _words(text: str) -> Q:
    found = Q()
    for word in text.replace("\0", " ").split()[:8]:
        found &= Q(number__icontains=word) | Q(recipient__icontains=word) | Q(case__number__icontains=word)
    return found


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Packages by number, for histories."""
    return dict(Package.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
