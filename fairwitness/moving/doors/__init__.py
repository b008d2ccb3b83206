"""The doors of moving: exports; every table as rows that anyone can read, and the bag in which they lie."""

import uuid
from collections.abc import Iterable, Mapping

from fairwitness.moving.models import Export


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Exports by number, for histories."""
    return dict(Export.objects.filter(pk__in=list(ids)).values_list("pk", "number"))
