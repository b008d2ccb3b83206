"""Acts on incidents by hand: one is added, its particulars are corrected."""

import datetime as dt
import uuid

from django.utils.translation import gettext as _

from fairwitness.department.acts.writing import save_valid
from fairwitness.incidents import doors, events
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.refusals import Invalid


def add_incident(
    *,
    number: str,
    opened: dt.datetime,
    kind: str = "",
    place: str = "",
    closed: dt.datetime | None = None,
    by: Actor,
) -> Incident:
    """Add an incident that no dispatch export brought. Raises Invalid when the number is taken."""
    with change(events.INCIDENT_ADDED, by=by) as entry:
        doors.check_may(by, "add_incident")
        doors.lock_imports()
        incident = Incident(number=number.strip(), kind=kind, place=place, opened=opened, closed=closed)
        save_valid(incident)
        entry.about(incident, incident_id=incident.pk)
        enqueue("evidence.match_incidents", queue="rounds", entry_id=str(entry.id))
    return incident


def change_incident(
    incident_id: uuid.UUID,
    *,
    opened: dt.datetime,
    kind: str = "",
    place: str = "",
    closed: dt.datetime | None = None,
    by: Actor,
) -> Incident:
    """Correct an incident's particulars; what is corrected by hand is not changed back by an import.

    The entry names the fields alone. Raises Invalid where none differs, or where it would close before it opens.
    """
    wanted = {"kind": kind, "place": place, "opened": opened, "closed": closed}
    with change(events.INCIDENT_CHANGED, by=by) as entry:
        incident = doors.incident(by, incident_id, "change_incident", lock=True)
        fields = [name for name, value in wanted.items() if getattr(incident, name) != value]
        if not fields:
            raise Invalid(_("Nothing was changed."))
        for name in fields:
            setattr(incident, name, wanted[name])
        save_valid(incident)
        entry.about(incident, incident_id=incident.pk, fields=fields)
    return incident
