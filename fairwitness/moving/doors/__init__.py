"""The doors of moving: exports; every table as rows that anyone can read, and the bag in which they lie."""

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Reach, Role, reach
from fairwitness.moving.models import Export

# Who sees that everything was taken out; it is done by the operator's command alone.
REACH: dict[str, dict[Role, Reach]] = {
    "see_exports": dict.fromkeys(
        (
            *(Role.BWC_UNIT, Role.ACCOUNT_ADMINISTRATOR, Role.COMMAND_STAFF, Role.CHIEF),
            *(Role.INTERNAL_AUDITOR, Role.EXTERNAL_AUDITOR),
        ),
        Reach.ALL,
    )
}


def may(actor: Actor, act: str) -> bool:
    """Whether the actor reaches anything with an act of REACH."""
    return bool(actor.member_id) and reach(actor.roles, REACH[act]) > Reach.NONE


def exports(actor: Actor) -> "QuerySet[Export]":
    """The exports, the latest first. Raises NotFound for who may not know of them."""
    if not may(actor, "see_exports"):
        raise NotFound(_("There is no such page."))
    return Export.objects.order_by("-begun_at", "-id")


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Exports by number, for histories."""
    return dict(Export.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
