"""The programs' way to evidence: the same doors and acts as the pages."""

import datetime as dt
import uuid
from typing import Any

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from fairwitness.accounts.doors import check_person, check_scope
from fairwitness.evidence import doors
from fairwitness.evidence.acts.export import issue_receipt
from fairwitness.evidence.models import Recording
from fairwitness.kernel import history
from fairwitness.kernel.actors import actor_of

router = Router(tags=["recordings"])


class RecordingOut(Schema):
    """A recording as it was sealed."""

    id: uuid.UUID
    number: str
    status: str
    sha256: str
    size: int
    sealed_at: dt.datetime
    started: dt.datetime
    clock: str
    duration_ms: int | None
    readable: str
    owner_id: uuid.UUID | None
    unit_id: uuid.UUID | None
    camera_id: uuid.UUID | None
    incident: str
    label: str
    by_hand: bool


class RecordingsOut(Schema):
    """A page of recordings; `after` is the cursor of the next page, empty at the end."""

    recordings: list[RecordingOut]
    after: str


class FiltersIn(Schema):
    """Filters of the list. Times are RFC 3339; words are not taken here, since addresses are kept in logs."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    owner: uuid.UUID | None = None
    unit: uuid.UUID | None = None
    camera: uuid.UUID | None = None
    status: str = Field("", max_length=12)
    readable: str = Field("", max_length=8)
    after: str = Field("", max_length=200)


class LineOut(Schema):
    """One entry of a custody history."""

    entry_id: uuid.UUID
    at: dt.datetime
    event: str
    sentence: str


class HistoryOut(Schema):
    """A page of a custody history; `earlier`, given as `before`, asks for the page before it; empty at the beginning."""

    lines: list[LineOut]
    earlier: str


@router.get("", response=RecordingsOut, summary="Recordings that you may find")
def list_recordings(request: HttpRequest, filters: Query[FiltersIn]) -> dict[str, Any]:
    check_scope(actor_of(request), "read")
    words = filters.dict(exclude={"after"})
    page = doors.listing(actor_of(request), doors.Filters(**words), after=filters.after)
    return {"recordings": page.rows, "after": page.after}


@router.get("/{pk}", response=RecordingOut, summary="One recording")
def get_recording(request: HttpRequest, pk: uuid.UUID) -> Recording:
    check_scope(actor_of(request), "read")
    return doors.recording(actor_of(request), pk)


@router.get("/{pk}/history", response=HistoryOut, summary="Its custody history, newest first")
def get_history(request: HttpRequest, pk: uuid.UUID, before: str = "") -> history.Page:
    check_person(actor_of(request))
    return history.page("evidence.recording", doors.recording(actor_of(request), pk).pk, before=before)


@router.post("/{pk}/receipt", response=dict, summary="The receipt of its sealing; taking it is recorded")
def take_receipt(request: HttpRequest, pk: uuid.UUID) -> dict[str, Any]:
    check_person(actor_of(request))
    return issue_receipt(pk, by=actor_of(request))
