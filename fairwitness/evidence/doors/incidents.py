"""The doors between recordings and incidents: what is linked, what officer and time suggest, what has no incident yet."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.doors.access import MEET_FOR
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident, number_key
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import EntrySubject
from fairwitness.kernel.refusals import NotFound

# The clocks whose word is good enough to compare it with dispatch.
BELIEVED = (Recording.Clock.DELIVERED, Recording.Clock.DEVICE)


def links(of: Recording) -> list[IncidentLink]:
    """The incidents of a recording, as links that were not withdrawn."""
    found = of.incident_links.filter(withdrawn_at=None).select_related("incident")
    return list(found.order_by("since", "id"))


def link_for(actor: Actor, pk: uuid.UUID) -> IncidentLink:
    """A link of a recording with which the actor may link and unlink. Raises NotFound or Forbidden."""
    found = IncidentLink.objects.filter(pk=pk).select_related("incident").first()
    if found is None:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    doors.recording(actor, found.recording_id, "link_incident", lock=True)
    found.refresh_from_db(fields=["withdrawn_at"])
    return found


def recordings_of_incident(actor: Actor, incident_id: uuid.UUID) -> "QuerySet[Recording]":
    """The recordings of an incident that the actor may find, in the order in which they were made."""
    linked = IncidentLink.objects.filter(incident=incident_id, withdrawn_at=None, recording=OuterRef("pk"))
    found = doors.narrowed(actor, "find").filter(Exists(linked))
    return found.select_related("owner").order_by("started", "id")


def end_of(recording: Recording) -> dt.datetime | None:
    """When a recording ended: by what was found in it, else by what its source said; None where neither is known."""
    if recording.duration_ms:
        return recording.started + dt.timedelta(milliseconds=recording.duration_ms)
    return recording.ended


def without_incident(actor: Actor) -> "QuerySet[Recording]":
    """The sealed recordings without an incident that the actor may link to one, latest first."""
    linked = IncidentLink.objects.filter(recording=OuterRef("pk"), withdrawn_at=None)
    found = doors.narrowed(actor, "link_incident").filter(~Exists(linked), status=Recording.Status.SEALED)
    return found.select_related("owner").order_by("-started", "-id")


@dataclass(frozen=True)
class Suggestion:
    """An incident that a recording may belong to: its owner was there while it was made, for `meets`."""

    recording_id: uuid.UUID
    incident: Incident
    call_sign: str
    meets: dt.timedelta


def suggestions(recordings: Iterable[Recording]) -> dict[uuid.UUID, list[Suggestion]]:
    """What officer and time suggest for each recording, best first, in one query; links that stand are left out."""
    rows = [row for row in recordings if row.owner_id and row.clock in BELIEVED and end_of(row)]
    spans = {row.pk: (row.owner_id, row.started, end_of(row)) for row in rows}
    scenes = incidents.scenes_between(span for span in spans.values() if span[0] and span[2])  # type: ignore[misc]
    linked = set(
        IncidentLink.objects.filter(recording__in=list(spans), withdrawn_at=None).values_list(
            "recording", "incident"
        )
    )
    found: dict[uuid.UUID, list[Suggestion]] = {}
    for row in rows:
        mine = [scene for scene in scenes if scene.member_id == row.owner_id]
        best: dict[uuid.UUID, Suggestion] = {}
        for scene in mine:
            if (row.pk, scene.incident.pk) in linked:
                continue
            meets = _meets(row, scene)
            if meets and (scene.incident.pk not in best or best[scene.incident.pk].meets < meets):
                best[scene.incident.pk] = Suggestion(row.pk, scene.incident, scene.call_sign, meets)
        if best:
            found[row.pk] = sorted(best.values(), key=lambda each: (-each.meets, each.incident.number))
    return found


def _meets(recording: Recording, scene: incidents.Scene) -> dt.timedelta | None:
    """For how long a recording and a unit's time at an incident meet, where that is long enough."""
    ends = end_of(recording)
    if ends is None:
        return None
    meets = min(ends, scene.end) - max(recording.started, scene.begin)
    needed = min(MEET_FOR, ends - recording.started)
    return meets if meets >= needed and meets > dt.timedelta() else None


def to_be_matched(entry_id: uuid.UUID) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Recordings and incidents that an entry brought, which have the same number and were never linked."""
    about = EntrySubject.objects.filter(entry_id=entry_id, kind="incidents.incident").values("subject")
    brought = Incident.objects.filter(pk__in=about).annotate(key=number_key("number"))
    by_number = dict(brought.values_list("key", "pk"))
    rows = Recording.objects.annotate(key=number_key("incident"))
    rows = rows.filter(key__in=by_number, status=Recording.Status.SEALED)
    known = set(
        IncidentLink.objects.filter(incident__in=by_number.values()).values_list("recording", "incident")
    )
    pairs = [(pk, by_number[key]) for pk, key in rows.order_by("pk").values_list("pk", "key")]
    return [pair for pair in pairs if pair not in known]
