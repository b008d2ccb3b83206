"""What tests of holds and preservation requests need made: an incident with units at the scene, films of it, requests."""

import datetime as dt
import uuid
from typing import Any

from fairwitness.evidence.acts.hold import place_hold
from fairwitness.evidence.acts.preservation import ask_preservation
from fairwitness.evidence.models import Hold, PreservationRequest, Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.models import Entry, EntryPrivate
from tests.evidence.made import sealed
from tests.incidents import made
from tests.incidents.made import dispatch, incident, local

BEGINS = local("2026-03-04T13:15")
# Whitfield's and Okoye's units at one incident; Haddad's at another a little later.
ROWS = (
    "26-001,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,\n"
    "26-001,3/4/2026,13:05,Noise,12 Main St,4A14,13:06,,13:20,13:30,"
)
OTHER_ROW = "26-002,3/4/2026,13:25,Fire,9 Elm St,5B11,13:25,,13:26,14:00,"


def scene(rows: str = ROWS) -> Incident:
    """An incident with its units at the scene."""
    made.shifts(
        "101,4A12,2026-03-04,07:00,19:00\n102,4A14,2026-03-04,07:00,19:00\n111,5B11,2026-03-04,07:00,19:00\n"
    )
    dispatch(rows)
    return incident()


def film(
    data: bytes = b"film",
    device: str = "AX-0101",
    started: dt.datetime = BEGINS,
    seconds: int = 60,
    **words: str,
) -> Recording:
    """A recording by the camera of one of the cast."""
    return sealed(
        data, started=started, ended=started + dt.timedelta(seconds=seconds), device=device, **words
    )


def held_over(*recordings: uuid.UUID, by: Actor, **said: Any) -> Hold:
    """A hold over recordings."""
    more: dict[str, Any] = {"kind": "court", "reason": "Trial in May", "reference": "2026-114", **said}
    return place_hold(recordings=recordings, by=by, **more)


def asked(**said: Any) -> PreservationRequest:
    """A resident's request, for the incident 26-001 unless told otherwise."""
    if not said.get("place"):
        said.setdefault("incident_number", "26-001")
    return ask_preservation(**{"sender": "s" * 64, "by": PUBLIC, **said})


def events_since(count: int) -> list[str]:
    """The events that were written after so many entries, in order."""
    return list(Entry.objects.order_by("at", "id").values_list("event", flat=True)[count:])


def facts_of(event: str) -> dict[str, Any]:
    """The facts of the latest entry of an event."""
    entry = Entry.objects.filter(event=event).latest("at")
    facts: dict[str, Any] = EntryPrivate.objects.get(entry_id=entry.pk).facts
    return facts
