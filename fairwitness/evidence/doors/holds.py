"""The doors to holds: what stands over which recordings."""

import uuid
from collections import defaultdict
from collections.abc import Collection

from django.db.models import Exists, OuterRef, Q

from fairwitness.department import doors as department
from fairwitness.evidence.models import Held, Hold, IncidentLink


def standing() -> Q:
    """The holds that stand: not lifted, and their day has not come."""
    return Q(lifted_at=None) & (Q(until=None) | Q(until__gt=department.today()))


def is_held() -> Exists | Q:
    """Of recordings: whether a hold stands over them, by themselves or with their incident. For filters."""
    by_itself = Held.objects.filter(
        recording=OuterRef("pk"), released_at=None, hold__in=Hold.objects.filter(standing())
    )
    links = IncidentLink.objects.filter(
        recording=OuterRef("pk"),
        withdrawn_at=None,
        incident__in=Hold.objects.filter(standing(), incident__isnull=False).values("incident"),
    )
    return Q(Exists(by_itself)) | Q(Exists(links))


def holds_over(recording_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Hold]]:
    """The holds that stand over each of these recordings, the oldest first; one without any is left out."""
    found: dict[uuid.UUID, set[Hold]] = defaultdict(set)
    by_itself = Held.objects.filter(recording__in=recording_ids, released_at=None)
    for row in by_itself.filter(hold__in=Hold.objects.filter(standing())).select_related("hold"):
        found[row.recording_id].add(row.hold)
    by_incident = defaultdict(set)
    for hold in Hold.objects.filter(standing(), incident__isnull=False):
        by_incident[hold.incident_id].add(hold)
    links = IncidentLink.objects.filter(
        recording__in=recording_ids, withdrawn_at=None, incident__in=list(by_incident)
    )
    for recording_id, incident_id in links.values_list("recording", "incident"):
        found[recording_id] |= by_incident[incident_id]
    return {pk: sorted(holds, key=lambda hold: hold.placed_at) for pk, holds in found.items()}
