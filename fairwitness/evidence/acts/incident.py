"""Linking recordings to incidents: by number, as officer and time suggest, or by hand; and taking a link back."""

import uuid
from collections.abc import Iterable
from contextlib import suppress

from django.db import transaction
from django.utils.translation import gettext as _

from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.hold import keep_held
from fairwitness.evidence.acts.retain import retain_now
from fairwitness.evidence.acts.seal import link, searchable
from fairwitness.evidence.doors import holds
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.refusals import Forbidden, WrongState

How = IncidentLink.How


def link_incident(
    recording_id: uuid.UUID, incident_id: uuid.UUID, *, how: str = How.HAND, by: Actor
) -> IncidentLink:
    """Link a recording to an incident that the actor may find. Its incident number is filled in where it has none.

    Raises WrongState where they are linked, where the recording was refused, or where a suggestion is one no more.
    """
    with change(events.INCIDENT_LINKED, by=by) as entry:
        recording = _recording(recording_id, by)
        incident = incidents.incident(by, incident_id)
        if recording.status != Recording.Status.SEALED:
            raise WrongState(_("Only a sealed recording can belong to an incident."))
        holds.check_not_let_go(recording)
        if recording.incident_links.filter(incident=incident, withdrawn_at=None).exists():
            raise WrongState(_("The recording is linked to this incident."))
        if how == How.SUGGESTED:
            _check_suggested(recording, incident_id)
        made = link(recording, incident, how)
        if not recording.incident:
            recording.incident = incident.number
            recording.search = searchable(recording)
            recording.save(update_fields=["incident", "search"])
        entry.about(recording, incident, recording_id=recording.pk, incident_id=incident.pk, link_how=how)
        _decide_again(entry, recording.pk, holds.covered_by(incident.pk))
        enqueue("evidence.cover_incident", queue="rounds", incident_id=str(incident.pk))
    return made


def link_suggested(pairs: Iterable[tuple[uuid.UUID, uuid.UUID]], *, by: Actor) -> int:
    """Accept several suggestions, each (recording, incident), all or none; each has its own entry. Answers how many."""
    wanted = sorted(set(pairs))
    with transaction.atomic():
        # All in one run and in their order: a link decides its incident's recordings too.
        list(
            doors.locked(Recording.objects.filter(pk__in={pk for pk, _incident in wanted})).values_list("pk")
        )
        made = [
            link_incident(recording_id, incident_id, how=How.SUGGESTED, by=by)
            for recording_id, incident_id in wanted
        ]
    return len(made)


def unlink_incident(link_id: uuid.UUID, *, by: Actor) -> IncidentLink:
    """Withdraw a link; it stays, marked. Raises WrongState when it was withdrawn before."""
    with change(events.INCIDENT_UNLINKED, by=by) as entry:
        found = linking.link_for(by, link_id)
        doors.check_has_bytes(found.recording)
        if found.withdrawn_at:
            raise WrongState(_("This link was withdrawn before."))
        if doors.is_locked_out(by, found.recording_id):
            # Else somebody involved would open it to themselves by taking it out of the incident.
            raise Forbidden(_("This recording is closed to you, so somebody else must unlink it."))
        keep_held(found)
        around = holds.covered_by(found.incident_id)
        found.withdrawn_at = clock.now()
        found.save(update_fields=["withdrawn_at"])
        entry.about(
            found.recording,
            found.incident,
            recording_id=found.recording_id,
            incident_id=found.incident_id,
        )
        _decide_again(entry, found.recording_id, around)
    return found


def _decide_again(entry: OpenEntry, recording_id: uuid.UUID, around: Iterable[uuid.UUID]) -> None:
    """In the same change: its day, and those of the incident's recordings, by the categories that count now.

    Where the policy in force does not say how long, nothing is due.
    """
    with suppress(WrongState):
        for pk, row in retain_now({recording_id, *around}).items():
            if row.written_by == entry.id:
                entry.mention("evidence.recording", pk)


def _recording(recording_id: uuid.UUID, by: Actor) -> Recording:
    if by.kind == "system":
        return doors.locked(Recording.objects.filter(pk=recording_id)).get()
    return doors.recording(by, recording_id, "link_incident", lock=True)


def _check_suggested(recording: Recording, incident_id: uuid.UUID) -> None:
    offered = linking.suggestions([recording]).get(recording.pk, [])
    if not any(each.incident.pk == incident_id for each in offered):
        raise WrongState(_("Officer and time no longer suggest this incident; look at it again."))
