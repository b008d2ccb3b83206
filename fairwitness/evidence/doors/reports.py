"""Reports beside footage: by incident, and where there is none yet by officer and time."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from fairwitness.evidence.doors.incidents import suggestions
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Report
from fairwitness.kernel.actors import Actor


@dataclass(frozen=True)
class ReportBeside:
    """A report, the recordings that its author wore the camera of, and whether only officer and time suggest it."""

    report: Report
    worn: tuple[Recording, ...]
    suggested: bool


def reports_beside(actor: Actor, recordings: Sequence[Recording]) -> list[ReportBeside]:
    """The reports about what these recordings show, as the register knows them, in the order in which they were filed.

    By the incidents to which they are linked; of a recording that has none, by those at which its officer was while it
    was made. Whoever does not see the register sees what they wrote themselves.
    """
    if not actor.member_id:
        return []
    links = IncidentLink.objects.filter(recording__in=[each.pk for each in recordings], withdrawn_at=None)
    linked = set(links.values_list("recording", "incident"))
    without = [each for each in recordings if each.pk not in {recording for recording, _incident in linked}]
    by_time: set[uuid.UUID] = {each.incident.pk for found in suggestions(without).values() for each in found}
    about = {incident for _recording, incident in linked}
    rows = Report.objects.filter(incident__in=about | by_time, withdrawn_at=None)
    if incidents.may(actor, "see_reports"):
        rows = rows.filter(incident__in=incidents.narrowed(actor).values("pk"))
    else:
        rows = rows.filter(author=actor.member_id).exclude(kind=Report.Kind.COMPLAINT)
    return [
        ReportBeside(
            row,
            tuple(each for each in recordings if each.owner_id and each.owner_id == row.author_id),
            row.incident_id not in about,
        )
        for row in rows.select_related("incident", "author").order_by("filed_at", "id")
    ]
