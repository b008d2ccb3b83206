"""What tests of cases need made: a case led by a detective, a stop filmed by three cameras, files."""

import io
import uuid
from typing import Any

from django.conf import settings

from fairwitness.cases import acts
from fairwitness.cases.models import Case, Item
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.models import Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry, EntryPrivate
from tests.evidence.holding import film
from tests.world import World

# Three cameras at one stop, of two units.
CAMERAS = ("AX-0101", "AX-0102", "AX-0111")


def opened(world: World, by: str = "costa", lead: str = "lindqvist", **said: Any) -> Case:
    """A case; by the BWC Unit, led by a detective, unless told otherwise."""
    more = {"title": "Stop on Elm St", "kind": "crime", "reference": "DA-77", **said}
    return acts.open_case(**more, lead_id=world.id(lead) if lead else None, by=world.actor(by))


def stop(incident: str = "26-001") -> list[Recording]:
    """What three cameras filmed of one stop."""
    return [film(camera.encode(), camera, incident=incident) for camera in CAMERAS]


def sealed_file(
    case: Case, by: Actor, data: bytes = b"a photograph", name: str = "stop.jpg", **said: Any
) -> Item:
    """A file sealed in a case."""
    path = settings.FAIRWITNESS_HOME / f"sent-{uuid.uuid4().hex}"
    path.write_bytes(data)
    with path.open("rb") as source:
        return acts.keep_file(case.pk, source, name, **{"kind": "photograph", **said}, by=by)


def opens(actor: Actor, recording: Recording) -> bool:
    """Whether a recording opens to somebody now."""
    return evidence.may(actor, recording.pk, "open")


def facts_of(event: str) -> dict[str, Any]:
    """The facts of the latest entry of an event."""
    entry = Entry.objects.filter(event=event).order_by("at", "id").last()
    assert entry
    facts: dict[str, Any] = EntryPrivate.objects.get(entry_id=entry.pk).facts
    return facts


def text_of(file: io.BytesIO) -> str:
    """What was written."""
    return file.getvalue().decode()
