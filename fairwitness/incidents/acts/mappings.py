"""Acts on saved mappings: how files are read is corrected, or withdrawn, so that the next file is asked for anew."""

import uuid

from django.utils.translation import gettext as _

from fairwitness.department.acts.writing import save_valid
from fairwitness.incidents import doors, events
from fairwitness.incidents.acts.writing import check_name
from fairwitness.incidents.models import Mapping
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid


def change_mapping(
    mapping_id: uuid.UUID,
    *,
    name: str,
    style: str,
    layout: str = "",
    cancelled_words: str = "",
    by: Actor,
) -> Mapping:
    """Correct how files are read from now on. Raises Invalid where nothing differs or the name is taken."""
    wanted = {"name": name, "style": style}
    with change(events.MAPPING_CHANGED, by=by) as entry:
        doors.check_may(by, "change_mapping")
        doors.lock_imports()
        mapping = doors.lock_mapping(mapping_id)
        check_name(mapping, name)
        if mapping.purpose == Mapping.Purpose.DISPATCH:
            wanted |= {"layout": layout, "cancelled_words": cancelled_words}
        fields = [key for key, value in wanted.items() if getattr(mapping, key) != value]
        if not fields:
            raise Invalid(_("Nothing was changed."))
        for key in fields:
            setattr(mapping, key, wanted[key])
        save_valid(mapping)
        entry.about(mapping, mapping_id=mapping.pk, fields=fields)
    return mapping


def withdraw_mapping(mapping_id: uuid.UUID, *, by: Actor) -> Mapping:
    """Withdraw a mapping: what was imported by it stays, the next file with its header is asked for anew."""
    with change(events.MAPPING_WITHDRAWN, by=by) as entry:
        doors.check_may(by, "change_mapping")
        mapping = doors.lock_mapping(mapping_id)
        mapping.withdrawn_at = clock.now()
        mapping.save(update_fields=["withdrawn_at"])
        entry.about(mapping, mapping_id=mapping.pk)
    return mapping
