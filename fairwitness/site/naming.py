"""The resolver: how the things of every room are named in a history. Only the top floor knows every room."""

import uuid
from collections.abc import Iterable, Mapping

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import doors as accounts
from fairwitness.cases import doors as cases
from fairwitness.cases.models import Case
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import access, beside, disposal, dry_runs, holds, preservation, timeline
from fairwitness.evidence.doors import incidents as evidence_incidents
from fairwitness.evidence.models import Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import history
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.blobs import named
from fairwitness.kernel.roles import Reach
from fairwitness.moving import doors as moving
from fairwitness.moving.doors import arrivals
from fairwitness.policy import doors as policy
from fairwitness.policy.models import MEASURES, Version
from fairwitness.sharing import acts as sharing_acts
from fairwitness.sharing import doors as sharing
from fairwitness.storage import doors as storage
from fairwitness.uploads.acts import seal as upload_acts
from fairwitness.uploads.doors import incoming as uploads

history.NAMERS.update(
    {
        **department.NAMERS,
        **accounts.NAMERS,
        **policy.NAMERS,
        **incidents.NAMERS,
        **cases.NAMERS,
        **sharing.NAMERS,
        "evidence.recording": evidence.names,
        "evidence.dryrun": dry_runs.names,
        "evidence.hold": holds.names,
        "evidence.preservationrequest": preservation.names,
        "uploads.upload": uploads.names,
        "moving.export": moving.names,
        "moving.arrival": arrivals.names,
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
        "export_id": "moving.export",
        "arrival_id": "moving.arrival",
        "earlier_event_id": "incidents.event",
        "report_id": "incidents.report",
        "mapping_id": "incidents.mapping",
        "token_id": "accounts.token",
        "document_id": "policy.document",
        "version_id": "policy.version",
        "superseded_id": "policy.version",
        "recording_id": "evidence.recording",
        "dry_run_id": "evidence.dryrun",
        "hold_id": "evidence.hold",
        "request_id": "evidence.preservationrequest",
        "store_id": "storage.store",
        "list_id": "evidence.disposallist",
        "from_store_id": "storage.store",
        "case_id": "cases.case",
        "file_id": "cases.file",
        "package_id": "sharing.package",
        "guest_id": "sharing.guest",
    }
)


history.CODES["measure"] = {key: words for key, (words, _unit) in MEASURES.items()}


def _recordings(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = evidence.narrowed(actor, "find").filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("recording", args=[pk])) for pk, number in found}


def _incidents(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = incidents.narrowed(actor).filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("incident", args=[pk])) for pk, number in found}


def _recordings_of(actor: Actor, incident: Incident) -> Iterable[incidents.Attached]:
    """The recordings of an incident that the actor may find, for its page, at the times that are known of them."""
    line = timeline.of_incident(actor, incident.pk)
    placed = {lane.recording.pk: lane for lane in line.lanes} if line else {}
    for found in evidence_incidents.recordings_of_incident(actor, incident.pk):
        lane = placed.get(found.pk)
        yield incidents.Attached(
            found.number,
            reverse("recording", args=[found.pk]),
            lane.begins if lane else found.started,
            lane.ends if lane else evidence_incidents.end_of(found),
            found.owner.name if found.owner else "",
            found.owner_id,
            bool(lane and lane.loose),
        )


def _holds_of(actor: Actor, incident: Incident) -> incidents.Beside | None:
    """The holds over an incident, for its page, and the way to place one."""
    if not holds.may(actor, "see_holds"):
        return None
    rows = [
        (hold.number, reverse("hold", args=[hold.pk]), hold.get_kind_display())
        for hold in holds.over_incident(actor, incident.pk)
    ]
    act = (str(_("Place a hold")), reverse("incident-hold", args=[incident.pk]))
    may = holds.may(actor, "place_hold")
    return incidents.Beside(
        str(_("Holds")), rows, str(_("No hold covers this incident.")), act if may else None
    )


def _cases(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = cases.narrowed(actor).filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("case", args=[pk])) for pk, number in found}


def _packages(actor: Actor, ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, tuple[str, str]]:
    found = sharing.narrowed(actor).filter(pk__in=list(ids)).values_list("pk", "number")
    return {pk: (number, reverse("package", args=[pk])) for pk, number in found}


def _cases_about(actor: Actor, incident: Incident) -> incidents.Beside | None:
    """The cases about an incident, for its page, and the way to open one."""
    if not cases.may_list(actor):
        return None
    rows = [
        (case.number, reverse("case", args=[case.pk]), case.title)
        for case in cases.cases_of_incident(actor, incident)
    ]
    act = (str(_("Open a case about it")), f"{reverse('case-open')}?incident={incident.pk}")
    may = cases.may(actor, "open_case")
    empty = str(_("No case that you may find is about this incident."))
    return incidents.Beside(str(_("Cases")), rows, empty, act if may else None)


def _cases_with(actor: Actor, recording: Recording) -> incidents.Beside | None:
    """The cases that hold a recording, for its page, and the way to take it into one."""
    if not cases.may_list(actor):
        return None
    rows = [
        (case.number, reverse("case", args=[case.pk]), case.title)
        for case in cases.cases_of_recording(actor, recording.pk)
    ]
    may = cases.may(actor, "take_in") and recording.status == Recording.Status.SEALED
    act = (str(_("Take it into a case")), reverse("recording-case", args=[recording.pk]))
    return incidents.Beside(
        str(_("Cases")), rows, str(_("No case that you may find holds it.")), act if may else None
    )


history.PLACES["evidence.recording"] = _recordings
history.PLACES["cases.case"] = _cases
history.PLACES["sharing.package"] = _packages
history.PLACES["incidents.incident"] = _incidents
beside.BESIDE[:] = [_cases_with]
incidents.ATTACHED[:] = [_recordings_of]
incidents.BESIDE[:] = [_cases_about, _holds_of]


def _offered(actor: Actor, incident: Incident) -> Iterable[tuple[str, str]]:
    """The way to open an incident's recordings to somebody, for those who may."""
    if evidence.far(actor, "grant_access"):
        yield str(_("Open its recordings to somebody")), reverse("incident-grant", args=[incident.pk])


def _together(actor: Actor, incident: Incident) -> Iterable[tuple[str, str]]:
    """The way to an incident's cameras side by side, for those who may find recordings."""
    if evidence.may_list(actor):
        yield str(_("Cameras side by side")), reverse("incident-cameras", args=[incident.pk])


def _packages_of(actor: Actor, case: Case) -> Iterable[tuple[str, str]]:
    """The way to a case's packages, for those who may find the case."""
    yield str(_("Packages for court")), reverse("case-packages", args=[case.pk])


incidents.OFFERED[:] = [_offered]
incidents.TOGETHER[:] = [_together]
cases.OFFERED[:] = [_packages_of]
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
        "evidence.take_back_rest": _("noting what was taken back"),
        "evidence.erase": _("erasing under a rule"),
        "evidence.make_clip": _("cutting clips"),
        "evidence.derive": _("making pictures and viewing copies"),
        "evidence.confirm_older": _("counting copies"),
        "evidence.retain": _("asking the rules until when recordings are kept"),
        "evidence.rebuild": _("making viewing copies anew"),
        "keys": _("wrapping keys anew"),
        "storage": _("looking after the stores"),
        "storage.watch": _("looking after the stores"),
        "evidence.end_viewings": _("closing viewings that were left open"),
        "evidence.probe": _("reading recordings"),
        "evidence.end_locked": _("closing what somebody involved had open"),
        "evidence.watch_access": _("looking through access"),
        "evidence.match_incidents": _("joining recordings and incidents"),
        "evidence.cover_holds": _("putting under holds what came later"),
        "evidence.match_preservation": _("looking for what residents ask to be kept"),
        "evidence.measure_preservation": _("measuring"),
        "import-dispatch": _("importing dispatch exports"),
        "import-shifts": _("importing shifts"),
        "ingest": _("bringing recordings in"),
        "logs.export": _("giving its logs to a collector"),
        "migration": _("moving to a new version"),
        "moving.arrive": _("bringing in what another system held"),
        "moving.drill": _("trying whether its export makes the same system"),
        "moving.export": _("taking everything out"),
        "moving.restore": _("bringing everything back"),
        "policy.adopt": _("bringing in the agency's profile"),
        "policy.bring_due": _("bringing into force what is due"),
        "policy.measure": _("measuring"),
        "read": _("having recordings read again"),
        "sharing.make_package": _("making packages"),
        "sharing.let_old_go": _("removing old packages"),
        "sharing.end_left": _("closing what guests left open"),
        "site.watch": _("watching over itself"),
        "uploads.abandon": _("closing uploads that were left"),
        "uploads.look_after": _("finishing what a stop had left"),
        "uploads.seal": _("sealing what came in"),
        "uploads.watch": _("looking after the room for uploads"),
        "world": _("laying out the demonstration"),
    }
)


def _what_if(actor: Actor, version: Version) -> str:
    """The way to what a version would make due, for those who may try it."""
    if evidence.far(actor, "propose_dry_run") < Reach.ALL:
        return ""
    return reverse("what-if", args=[version.document.number, version.n])


policy.CLEARED_AT["retention"] = _what_if
policy.CARRIED[:] = [access.carrying]


# Asked before bytes are erased, whoever erases them.
named.NAMING["evidence"] = disposal.naming
named.BESIDE["uploads"] = upload_acts.clear_of
named.BESIDE["sharing"] = sharing_acts.clear_of
named.NAMING["cases"] = cases.naming
named.EVERY["cases"] = cases.named
named.NAMING["moving"] = arrivals.naming
named.EVERY["moving"] = arrivals.named
# What cases keep from disposal, and open to who works on them.
disposal.KEEPS["cases"] = cases.kept
access.LINKED["cases"] = cases.linked
