"""How rosters were read before: the ledger remembers which column said what under the same header."""

import uuid
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.department.doors.reach import check_may
from fairwitness.department.events import ROSTER_IMPORTED
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.columns import header_digest
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import NotFound


def remembered_columns(header: list[str]) -> dict[str, int]:
    """Which column said what in the latest import of a file with this header; empty when there was none."""
    entries = Entry.objects.filter(event=ROSTER_IMPORTED.name).values("id")
    facts = EntryPrivate.objects.filter(entry_id__in=entries, facts__header=header_digest(header))
    latest = facts.order_by("-entry_id").values_list("facts", flat=True).first()
    return dict(latest["columns"]) if latest else {}


def import_facts(actor: Actor, entry_id: uuid.UUID) -> Mapping[str, Any]:
    """The counts of one import, as its entry has them. Raises Forbidden and NotFound."""
    check_may(actor, "import_roster")
    entries = Entry.objects.filter(pk=entry_id, event=ROSTER_IMPORTED.name).values("id")
    facts: Mapping[str, Any] | None = (
        EntryPrivate.objects.filter(entry_id__in=entries).values_list("facts", flat=True).first()
    )
    if facts is None:
        raise NotFound(_("There is no such import."))
    return facts
