"""What tests of clips need made: a clip whose bytes are there, without reading any media."""

from typing import Any

from fairwitness.evidence.acts.clip import ask_clip, keep_clip
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel.actors import Actor
from tests.evidence.made import BY, stored

CUT: dict[str, Any] = {
    "made": True,
    "how": "copied",
    "size": 6,
    "frames": 50,
    "faults": 0,
    "has_sound": True,
    "cut_begins_ms": 8_000,
    "cut_ends_ms": 20_040,
}


def asked(recording: Recording, by: Actor, **words: Any) -> Clip:
    """A clip of ten seconds that somebody asked for."""
    said = {"name": "He runs", "begins_ms": 10_000, "ends_ms": 20_000, **words}
    return ask_clip(recording.pk, by=by, **said)


def made(recording: Recording, by: Actor, data: bytes = b"a clip", **words: Any) -> Clip:
    """The same, made by the job."""
    blob = stored(data)
    return keep_clip(asked(recording, by, **words).pk, blob, {**CUT, "size": blob.size}, by=BY)
