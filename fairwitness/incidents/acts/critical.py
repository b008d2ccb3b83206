"""Acts on critical incidents: one is marked, members are named and struck off, statements are filed."""

import datetime as dt
import re
import uuid
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.incidents import doors, events
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState

Status = Involvement.Status
WHY_UNMARKED = tuple(events.CRITICAL_UNMARKED.words["why"])
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})", re.IGNORECASE)


def mark_critical(incident_id: uuid.UUID, involved: Iterable[uuid.UUID] = (), *, by: Actor) -> Incident:
    """Mark an incident as critical and name who is involved; whoever else was on scene is proposed, and locked too.

    From now on they open nothing of it; what they have open is ended. Raises WrongState when it is marked.
    """
    named = sorted(set(involved))
    with change(events.CRITICAL_MARKED, by=by) as entry:
        incident = doors.incident(by, incident_id, "mark_critical", lock=True)
        if incident.critical:
            raise WrongState(_("This incident is marked as critical."))
        incident.critical = True
        incident.save(update_fields=["critical"])
        for member_id in named:
            _involve(incident, department.find_member(member_id), entry)
        proposed = _propose(incident, set(named), entry)
        entry.about(incident, incident_id=incident.pk, involved=len(named), proposed=len(proposed))
        _tell(incident, [*named, *proposed])
    return incident


def unmark_critical(incident_id: uuid.UUID, why: str, *, by: Actor) -> Incident:
    """Take back that an incident is critical, for one of WHY_UNMARKED. What was written of those involved stays.

    Raises Forbidden for whoever is locked out of it, WrongState where it is not critical.
    """
    if why not in WHY_UNMARKED:
        raise Invalid(_("Say why it is not critical."), field="why")
    with change(events.CRITICAL_UNMARKED, by=by) as entry:
        incident = _critical(incident_id, "unmark_critical", by)
        incident.critical = False
        incident.save(update_fields=["critical"])
        entry.about(incident, incident_id=incident.pk, why=why)
    return incident


def involve_member(incident_id: uuid.UUID, member_id: uuid.UUID, *, by: Actor) -> Involvement:
    """Name a member as involved: one who was proposed, struck off, or not thought of. Raises WrongState if they are."""
    with change(events.MEMBER_INVOLVED, by=by) as entry:
        incident = _critical(incident_id, "involve_member", by)
        row = _involve(incident, department.find_member(member_id), entry)
        entry.about(incident, incident_id=incident.pk, member_id=member_id)
        _tell(incident, [member_id])
    return row


def strike_off(incident_id: uuid.UUID, member_id: uuid.UUID, *, by: Actor) -> Involvement:
    """Strike a member off those involved or proposed, who then see the footage as before.

    Raises Forbidden for oneself and for whoever is locked out too, WrongState for who is not on the list.
    """
    with change(events.MEMBER_STRUCK_OFF, by=by) as entry:
        incident = _critical(incident_id, "strike_off", by)
        row = _written(incident, member_id, entry)
        if row.status == Status.STRUCK:
            raise WrongState(_("This member was struck off before."))
        move(row, Status.STRUCK)
        entry.about(incident, row, incident_id=incident.pk, member_id=member_id)
        entry.mention("department.member", member_id)
    return row


def file_statement(
    incident_id: uuid.UUID, member_id: uuid.UUID, *, stated_at: dt.datetime, sha256: str, by: Actor
) -> Involvement:
    """Record that an involved member's statement is filed; with that, and for them alone, the lockout ends.

    Raises Forbidden where its author records it, Invalid for a digest that is none or a time that cannot be.
    """
    with change(events.STATEMENT_FILED, by=by) as entry:
        incident = _critical(incident_id, "file_statement", by)
        digest = _DIGEST.fullmatch(sha256.strip())
        if digest is None:
            raise Invalid(
                _("The digest of the statement is 64 figures and letters from a to f."), field="sha256"
            )
        if not incident.opened <= stated_at <= clock.now():
            raise Invalid(_("A statement is filed after the incident began, and not later than now."))
        row = _written(incident, member_id, entry)
        row.stated_at, row.statement_sha256, row.recorded_by_id = stated_at, digest[1].lower(), by.person
        row.save(update_fields=["stated_at", "statement_sha256", "recorded_by"])
        move(row, Status.STATED)
        entry.about(incident, row, incident_id=incident.pk, member_id=member_id, stated_at=stated_at)
        entry.about(sha256=f"sha256:{row.statement_sha256}")
        entry.mention("department.member", member_id)
        words = _("Your statement about {number} is filed: its recordings are open to you again.")
        notify([member_id], words.format(number=incident.number), reverse("incident", args=[incident.pk]))
    return row


def _critical(incident_id: uuid.UUID, act: str, by: Actor) -> Incident:
    """The critical incident, locked, for who is not locked out of it: nobody loosens what binds themselves."""
    incident = doors.incident(by, incident_id, act, lock=True)
    if not incident.critical:
        raise WrongState(_("This incident is not marked as critical."))
    if doors.is_locked_out(by.member_id, incident):
        raise Forbidden(_("You are involved in this incident, so somebody else must do this."))
    return incident


def _involve(incident: Incident, member: Member, entry: OpenEntry) -> Involvement:
    row = doors.involvement_of(incident, member.pk)
    if row is None:
        row = _new(incident, member.pk, Status.INVOLVED)
    elif row.status in (Status.INVOLVED, Status.STATED):
        # An incident may be marked again; who gave a statement is not asked for another.
        if entry.event is not events.CRITICAL_MARKED:
            raise WrongState(_("{name} is involved in it already.").format(name=member.name))
    else:
        move(row, Status.INVOLVED)
    entry.about(row)
    entry.mention("department.member", member.pk)
    return row


def _propose(incident: Incident, named: set[uuid.UUID], entry: OpenEntry) -> list[uuid.UUID]:
    """Write down as proposed who was on scene and was not named, nor spoken of before."""
    known = set(incident.involvements.values_list("member", flat=True))
    proposed = sorted(doors.members_on_scene(incident.pk) - named - known)
    for member_id in proposed:
        entry.about(_new(incident, member_id, Status.PROPOSED))
        entry.mention("department.member", member_id)
    return proposed


def _new(incident: Incident, member_id: uuid.UUID, status: str) -> Involvement:
    row = Involvement(incident=incident, member_id=member_id, status=status, since=clock.now())
    row.save(force_insert=True)
    return row


def _written(incident: Incident, member_id: uuid.UUID, entry: OpenEntry) -> Involvement:
    """What is written of a member who is locked out; who came on scene by a later export is written down now."""
    row = doors.involvement_of(incident, member_id)
    if row is None and member_id in doors.members_on_scene(incident.pk):
        row = _new(incident, member_id, Status.PROPOSED)
    if row is None:
        raise WrongState(_("This member is not involved in the incident."))
    if row.status == Status.STATED:
        raise WrongState(_("The statement of this member is filed."))
    return row


def _tell(incident: Incident, members: list[uuid.UUID]) -> None:
    """Tell them, and have what they have open ended: the doors are closed already."""
    words = _(
        "You are involved in {number}, a critical incident: its recordings are closed until your statement."
    )
    link = reverse("my-access")
    notify(members, words.format(number=incident.number), link, outside=_("A critical incident"))
    enqueue("evidence.end_locked", queue="clock", incident_id=str(incident.pk))
