"""The programs' way to incidents: reading alone, by the same doors as the pages."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from fairwitness.incidents import doors
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.refusals import NotFound

router = Router(tags=["incidents"])
PAGE = 100


class IncidentOut(Schema):
    """An incident as it stands now."""

    id: uuid.UUID
    number: str
    kind: str
    place: str
    opened: dt.datetime
    closed: dt.datetime | None
    critical: bool


class OnSceneOut(Schema):
    """A unit at an incident; its member is null where nobody is known to have been it."""

    member_id: uuid.UUID | None
    call_sign: str
    begin: dt.datetime
    end: dt.datetime | None


class IncidentWithUnitsOut(IncidentOut):
    """An incident with the units that were there."""

    on_scene: list[OnSceneOut]


class IncidentsOut(Schema):
    """A page of incidents, latest first; `after` is the key of the next page, null at the end."""

    incidents: list[IncidentOut]
    after: uuid.UUID | None


class SoughtIn(Schema):
    """Days are the agency's, both included; words are not taken here, since addresses are kept in logs."""

    since: dt.date | None = None
    until: dt.date | None = None
    critical: bool | None = None
    after: uuid.UUID | None = Field(None)


@router.get("", response=IncidentsOut, summary="Incidents that you may find")
def list_incidents(request: HttpRequest, sought: Query[SoughtIn]) -> dict[str, Any]:
    actor = actor_of(request)
    found = doors.list_incidents(actor, doors.Sought(**sought.dict(exclude={"after"})))
    rows = list(doors.beyond(found, sought.after).order_by("-opened", "-id")[: PAGE + 1])
    return {"incidents": rows[:PAGE], "after": rows[PAGE - 1].pk if len(rows) > PAGE else None}


@router.get("/{pk}", response=IncidentWithUnitsOut, summary="One incident, with the units that were there")
def get_incident(request: HttpRequest, pk: uuid.UUID) -> Incident:
    actor = actor_of(request)
    if not doors.may_list(actor):
        raise NotFound("There is no such incident, or it is not one that you may see.")
    found = doors.incident(actor, pk)
    found.on_scene = [scene._asdict() for scene in doors.on_scene(pk)]  # type: ignore[attr-defined]
    return found
