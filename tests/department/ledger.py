"""What the ledger says last, for tests of acts."""

import uuid
from typing import Any

from fairwitness.kernel import history
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject
from fairwitness.site import naming

assert naming  # it tells histories how things are named


def latest() -> tuple[str, set[tuple[str, uuid.UUID]], dict[str, Any]]:
    """Event, subjects and facts of the newest entry."""
    entry = Entry.objects.order_by("-id")[0]
    subjects = set(EntrySubject.objects.filter(entry_id=entry.id).values_list("kind", "subject"))
    return entry.event, subjects, EntryPrivate.objects.get(entry_id=entry.id).facts


def sentence() -> str:
    """The newest entry in words."""
    return history.tell(Entry.objects.order_by("-id")[:1])[0].sentence
