"""The doors to critical incidents: who is involved, who is locked out until their statement is filed."""

import uuid
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from fairwitness.department.models import Member
from fairwitness.incidents.doors.scenes import members_on_scene
from fairwitness.incidents.models import Incident, Involvement, Report, Response
from fairwitness.kernel.models import require_change
from fairwitness.kernel.refusals import NotFound


def _responses(member_id: uuid.UUID) -> "QuerySet[Response]":
    """Where a member was, as the current versions of events say; for filters on incidents."""
    rows = Response.objects.filter(
        member=member_id, event__replaced_by=None, event__cancelled=False, event__incident=OuterRef("pk")
    )
    return rows.annotate(begin=Coalesce("arrived", "dispatched", "en_route")).exclude(begin=None)


def locking(member_id: uuid.UUID) -> "QuerySet[Incident]":
    """The critical incidents from which a member is locked out: involved, or on scene and not struck off yet.

    Whoever a later dispatch export puts on scene is locked like those who were proposed at the marking.
    """
    rows = Involvement.objects.filter(member=member_id, incident=OuterRef("pk"))
    unsaid = Q(Exists(_responses(member_id))) & ~Q(Exists(rows))
    return Incident.objects.filter(
        Q(Exists(rows.filter(status__in=Involvement.LOCKED))) | unsaid, critical=True
    )


def unreported(member_id: uuid.UUID) -> "QuerySet[Incident]":
    """The incidents to which a member responded and about which no incident report of theirs is in the register."""
    reports = Report.objects.filter(
        incident=OuterRef("pk"), kind=Report.Kind.INCIDENT, author=member_id, withdrawn_at=None
    )
    return Incident.objects.filter(Exists(_responses(member_id)), ~Exists(reports))


def is_locked_out(member_id: uuid.UUID | None, found: Incident) -> bool:
    """Whether a member may see nothing of a critical incident now."""
    return member_id is not None and locking(member_id).filter(pk=found.pk).exists()


@dataclass(frozen=True)
class Involved:
    """A member who is involved, was, or is proposed because their unit was on scene; `row` is what was written."""

    member: Member
    status: str
    row: Involvement | None

    @property
    def locked(self) -> bool:
        return self.status in Involvement.LOCKED

    @property
    def words(self) -> str:
        return str(Involvement.Status(self.status).label)


def involved_in(found: Incident) -> list[Involved]:
    """Everyone of a critical incident by name, also those on scene of whom nothing was written yet."""
    rows = list(found.involvements.select_related("member", "recorded_by"))
    said = {row.member_id for row in rows}
    new = Member.objects.filter(pk__in=members_on_scene(found.pk) - said) if found.critical else []
    everyone = [Involved(row.member, row.status, row) for row in rows]
    everyone += [Involved(member, Involvement.Status.PROPOSED, None) for member in new]
    return sorted(everyone, key=lambda each: (each.member.family_name, each.member.given_name))


def involvement_of(found: Incident, member_id: uuid.UUID) -> Involvement | None:
    """What is written of a member's part in an incident, locked until the open change ends; None where nothing is."""
    require_change("locking an involvement")
    rows = Involvement.objects.select_for_update(of=("self",)).select_related("member")
    return rows.filter(incident=found, member=member_id).first()


def involved_name(found: Incident, member_id: uuid.UUID) -> str:
    """The name of a member of that list. Raises NotFound."""
    for each in involved_in(found):
        if each.member.pk == member_id:
            return each.member.name
    raise NotFound(_("There is nothing here, or it is not open to you."))
