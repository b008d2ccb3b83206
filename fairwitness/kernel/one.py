"""One record by its key: found, or found and locked."""

import uuid
from typing import TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.kernel.models import Record, require_change
from fairwitness.kernel.refusals import NotFound

RecordT = TypeVar("RecordT", bound=Record)


def locked(records: QuerySet[RecordT], pk: uuid.UUID) -> RecordT:
    """The record, locked until the open change ends. Raises NotFound."""
    require_change("locking a record")
    return one(records.select_for_update(of=("self",)), pk)


def one(records: QuerySet[RecordT], pk: uuid.UUID) -> RecordT:
    """The record with this key among `records`. Raises NotFound."""
    found = records.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return found
