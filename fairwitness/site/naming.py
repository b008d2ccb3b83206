"""The resolver: how the things of every room are named in a history. Only the top floor knows every room."""

import uuid
from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import doors as accounts
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import disposal
from fairwitness.evidence.doors import incidents as evidence_incidents
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import history
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import named
from fairwitness.policy import doors as policy
from fairwitness.storage import doors as storage
from fairwitness.uploads.acts import seal as upload_acts
from fairwitness.uploads.doors import incoming as uploads

history.NAMERS.update(
    {
        **department.NAMERS,
        **accounts.NAMERS,
        **policy.NAMERS,
        **incidents.NAMERS,
        "evidence.recording": evidence.names,
        "uploads.upload": uploads.names,
        "storage.store": storage.names,
        "evidence.disposallist": disposal.names,
    }
)
history.ID_FACTS.update(
    {
        "alarm_id": "department.alarm",
        "member_id": "department.member",
        "owner_id": "department.member",
        "reports_to_id": "department.member",
        "unit_id": "department.unit",
        "parent_id": "department.unit",
        "camera_id": "department.camera",
        "course_id": "department.course",
        "dock_id": "department.dock",
        "author_id": "department.member",
        "incident_id": "incidents.incident",
        "from_incident_id": "incidents.incident",
        "event_id": "incidents.event",
        "earlier_event_id": "incidents.event",
        "report_id": "incidents.report",
        "mapping_id": "incidents.mapping",
        "token_id": "accounts.token",
        "document_id": "policy.document",
        "version_id": "policy.version",
        "superseded_id": "policy.version",
        "recording_id": "evidence.recording",
        "store_id": "storage.store",
        "list_id": "evidence.disposallist",
        "from_store_id": "storage.store",
    }
)


def _recordings(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = evidence.narrowed(actor, "find").filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("recording", args=[pk])) for pk, number in found}


def _incidents(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = incidents.narrowed(actor).filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("incident", args=[pk])) for pk, number in found}


def _recordings_of(actor: Actor, incident: Incident) -> Iterable[incidents.Attached]:
    """The recordings of an incident that the actor may find, for its page."""
    for found in evidence_incidents.recordings_of_incident(actor, incident.pk):
        yield incidents.Attached(
            found.number,
            reverse("recording", args=[found.pk]),
            found.started,
            evidence_incidents.end_of(found),
            found.owner.name if found.owner else "",
            found.owner_id,
        )


history.PLACES["evidence.recording"] = _recordings
history.PLACES["incidents.incident"] = _incidents
incidents.ATTACHED[:] = [_recordings_of]
# The system under each of its names, as histories say it: "The system (reading recordings)".
history.SYSTEMS.update(
    {
        "administrator": _("started by whoever runs it"),
        "demo": _("laying out the demonstration"),
        "accounts.keep": _("keeping accounts"),
        "department.end_services": _("ending the service of who left"),
        "department.mail": _("sending mail"),
        "evidence.propose_disposals": _("proposing disposals"),
        "evidence.begin_grace": _("noting what was approved"),
        "evidence.erase": _("erasing under a rule"),
        "evidence.derive": _("making pictures and viewing copies"),
        "evidence.confirm_older": _("counting copies"),
        "evidence.rebuild": _("making viewing copies anew"),
        "keys": _("wrapping keys anew"),
        "storage": _("looking after the stores"),
        "storage.watch": _("looking after the stores"),
        "evidence.end_viewings": _("closing viewings that were left open"),
        "evidence.probe": _("reading recordings"),
        "evidence.match_incidents": _("joining recordings and incidents"),
        "import-dispatch": _("importing dispatch exports"),
        "import-shifts": _("importing shifts"),
        "ingest": _("bringing recordings in"),
        "logs.export": _("giving its logs to a collector"),
        "migration": _("moving to a new version"),
        "policy.adopt": _("bringing in the agency's profile"),
        "policy.bring_due": _("bringing into force what is due"),
        "policy.measure": _("measuring"),
        "read": _("having recordings read again"),
        "site.watch": _("watching over itself"),
        "uploads.abandon": _("closing uploads that were left"),
        "uploads.look_after": _("finishing what a stop had left"),
        "uploads.seal": _("sealing what came in"),
        "uploads.watch": _("looking after the room for uploads"),
        "world": _("laying out the demonstration"),
    }
)
# Asked before bytes are erased, whoever erases them.
named.NAMING["evidence"] = disposal.naming
named.BESIDE["uploads"] = upload_acts.clear_of
