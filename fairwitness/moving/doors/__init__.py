"""The doors of moving: what came from elsewhere, whole exports, every table as rows that anyone can read."""

import uuid
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import NotFound
from fairwitness.moving.doors.reach import REACH, check_may, may
from fairwitness.moving.models import Export

__all__ = ["REACH", "check_may", "exports", "may", "names"]


def exports(actor: Actor) -> "QuerySet[Export]":
    """The exports, the latest first. Raises NotFound for who may not know of them."""
    if not may(actor, "see_exports"):
        raise NotFound(_("There is no such page."))
    return Export.objects.order_by("-begun_at", "-id")


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Exports by number, for histories."""
    return dict(Export.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
