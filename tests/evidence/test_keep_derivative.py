"""Keeping what was made of a recording: named by its own digest, replaced when it is made again."""

from pathlib import Path

import pytest

from fairwitness.evidence import jobs
from fairwitness.evidence.acts.ingest import Found, take_in
from fairwitness.evidence.acts.probe import keep_derivative
from fairwitness.evidence.models import Derivative, Recording
from fairwitness.kernel import blobs
from tests.department.ledger import latest
from tests.evidence.made import BY, nowhere, said, sealed, stored
from tests.world import World


def test_it_works(world: World) -> None:
    recording, picture = sealed(), stored(b"a picture")
    keep_derivative(recording.pk, "filmstrip", picture, "image/jpeg", {"times_ms": [0]}, by=BY)
    made = Derivative.objects.get()
    assert (made.recording, made.kind, made.sha256, made.size) == (recording, "filmstrip", picture.sha256, 9)
    assert latest() == (
        "evidence.derivative_made",
        {("evidence.recording", recording.pk)},
        {
            "kind": "filmstrip",
            "sha256": f"sha256:{picture.sha256}",
            "size": 9,
            "source": f"sha256:{recording.sha256}",
        },
    )


def test_made_again_it_takes_the_place_of_the_earlier(world: World) -> None:
    recording = sealed()
    for data in (b"first", b"second"):
        keep_derivative(recording.pk, "filmstrip", stored(data), "image/jpeg", {}, by=BY)
    assert Derivative.objects.get().sha256 == stored(b"second").sha256


@pytest.mark.slow
class TestReal:
    """With the real reader of media: read, pictures made, and what is broken kept and marked."""

    def brought_in(self, path: Path) -> Recording:
        outcome = take_in(Found(path), said(source_name=str(path)), blobs.store(), nowhere, by=BY)
        assert outcome.recording
        jobs.probe(str(outcome.recording.pk))
        outcome.recording.refresh_from_db()
        return outcome.recording

    def test_a_plain_clip(self, world: World, clips: dict[str, Path]) -> None:
        recording = self.brought_in(clips["plain"])
        assert (recording.readable, recording.duration_ms) == ("yes", 2000)
        for kind in ("filmstrip", "waveform"):
            jobs.derive(str(recording.pk), kind)
        made = {d.kind: d for d in Derivative.objects.all()}
        assert set(made) == {"filmstrip", "waveform"}
        assert blobs.store().open(made["filmstrip"].sha256).read(2) == b"\xff\xd8", "JPEG"
        assert blobs.store().open(made["waveform"].sha256).read(4) == b"\x89PNG"

    def test_what_no_browser_plays_gets_a_copy(self, world: World, clips: dict[str, Path]) -> None:
        recording = self.brought_in(clips["avi"])
        jobs.derive(str(recording.pk), "viewing_copy")
        copy = Derivative.objects.get()
        assert copy.sha256 != recording.sha256
        assert b"ftyp" in blobs.store().open(copy.sha256).read(16)

    @pytest.mark.parametrize("name", ["random", "truncated"])
    def test_what_is_broken_is_kept_and_marked(self, world: World, clips: dict[str, Path], name: str) -> None:
        recording = self.brought_in(clips[name])
        assert (recording.status, recording.readable) == ("sealed", "no")
        assert recording.unreadable_because.endswith(".")
        jobs.derive(str(recording.pk), "filmstrip")
        assert not Derivative.objects.exists()
