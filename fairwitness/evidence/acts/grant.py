"""Grants: a named member may open more than their role does, for a stated reason, until a day or its end."""

import datetime as dt
import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence import doors, events
from fairwitness.evidence.acts.view import end_closed_viewings_of
from fairwitness.evidence.doors import granting
from fairwitness.evidence.models import Grant, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.rules.canonical import named_digest, nfc

LONGEST = 1000


def grant_access(
    member_id: uuid.UUID,
    *,
    kind: str,
    because: str,
    recording_id: uuid.UUID | None = None,
    incident_id: uuid.UUID | None = None,
    until: dt.date | None = None,
    by: Actor,
) -> Grant:
    """Open a recording, or those of an incident, to a member; `until` is the first day on which it no longer does.

    Raises Forbidden for oneself, Invalid without a reason, for a day that has come, or for who cannot be granted it,
    WrongState where the same stands already.
    """
    because = nfc(because.replace("\x00", "")).strip()
    if not because or len(because) > LONGEST:
        raise Invalid(_("Give the reason, in at most 1000 characters."), because=[_("Give the reason.")])
    if (recording_id is None) == (incident_id is None) or kind not in Grant.Kind.values:
        raise Invalid(_("A grant is of one recording or one incident, and of a known kind."))
    with change(events.ACCESS_GRANTED, by=by) as entry:
        recording, incident = _thing(recording_id, incident_id, by)
        member = department.find_member(member_id)
        _check_member(member, kind, until, by)
        _check_new(member, kind, recording, incident)
        grant = Grant(kind=kind, member=member, recording=recording, incident=incident, because=because)
        grant.granted_by_id, grant.granted_at, grant.until = by.person, clock.now(), until
        grant.save(force_insert=True)
        entry.about(grant, *([recording] if recording else []), *([incident] if incident else []))
        entry.mention("department.member", member.pk)
        entry.about(
            grant_id=grant.pk,
            grant_kind=kind,
            member_id=member.pk,
            recording_id=recording_id,
            incident_id=incident_id,
            until=until,
            because_sha256=named_digest(because),
        )
        number = recording.number if recording else incident.number if incident else ""
        sentence = _("{number} is open to you now: {kind}.").format(
            number=number, kind=grant.get_kind_display()
        )
        notify([member.pk], sentence, reverse("my-access"))
    return grant


def end_grant(grant_id: uuid.UUID, *, by: Actor) -> Grant:
    """Take a grant back; what its member has open by it alone is ended. Raises WrongState when it does not stand."""
    with change(events.ACCESS_ENDED, by=by) as entry:
        grant = granting.grant_for(by, grant_id, lock=True)
        if not granting.stands(grant):
            raise WrongState(_("This has ended."))
        grant.ended_by_id, grant.ended_at = by.person, clock.now()
        grant.save(update_fields=["ended_by", "ended_at"])
        about = [thing for thing in (grant.recording, grant.incident) if thing]
        entry.about(grant, *about, grant_id=grant.pk, grant_kind=grant.kind, member_id=grant.member_id)
        entry.mention("department.member", grant.member_id)
        end_closed_viewings_of(grant.member_id, by=by)
    return grant


def _thing(
    recording_id: uuid.UUID | None, incident_id: uuid.UUID | None, by: Actor
) -> tuple[Recording | None, Incident | None]:
    if recording_id:
        found = doors.recording(by, recording_id, "grant_access", lock=True)
        if found.status != Recording.Status.SEALED:
            raise WrongState(_("Only a sealed recording can be opened to somebody."))
        return found, None
    granting.check_may_grant(by)
    return None, incidents.incident(by, incident_id) if incident_id else None


def _check_member(member: Member, kind: str, until: dt.date | None, by: Actor) -> None:
    if member.pk == by.member_id:
        raise Forbidden(_("Nobody opens footage to themselves: somebody else must grant it."))
    if reason := granting.reason_against(kind, department.roles_today(member.pk)):
        raise Invalid(reason, kind=[reason])
    if until is not None and until <= department.today():
        raise Invalid(_("That day has come; choose a later one."), until=[_("Choose a later day.")])


def _check_new(member: Member, kind: str, recording: Recording | None, incident: Incident | None) -> None:
    same = granting.standing_grants().filter(member=member, kind=kind, recording=recording, incident=incident)
    if same.exists():
        raise WrongState(_("{name} has this already.").format(name=member.name))
