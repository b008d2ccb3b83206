"""Staged bytes of an erased recording: they go with it, and nothing is certified while any are left."""

from typing import Any

import pytest

from fairwitness.department.models import Alarm
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import disposal, erasing
from fairwitness.evidence.models import Disposal, Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.blobs import named
from fairwitness.kernel.refusals import WrongState
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.models import Upload
from tests.evidence.disposals import after_grace, approve, dated, erase, row
from tests.uploads.tus import BY, Sender
from tests.world import World

DATA = b"bytes of a film"


def left_staged(upload: Upload) -> None:
    """The staged bytes again, as a death between sealing and removing leaves them."""
    path = staged.path_of(upload.pk)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(DATA)


def in_grace(world: World, upload: Upload) -> Disposal:
    """The recording of an upload, approved by two people."""
    assert upload.recording
    dated(upload.recording)
    made = disposal.propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    jobs.begin_grace(str(made.pk))
    return row(made, upload.recording)


def test_it_works(dock: Sender, world: World) -> None:
    upload, other = dock.sealed(DATA), dock.sealed(b"another film")
    left_staged(upload)
    left_staged(other)
    assert upload.recording and seal.clear_of(upload.recording.pk) == 0
    assert not staged.path_of(upload.pk).exists()
    assert staged.path_of(other.pk).exists(), "what lies of another recording is none of this"


def test_what_is_left_is_counted(dock: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    upload = dock.sealed(DATA)
    left_staged(upload)
    monkeypatch.setattr(staged, "remove", lambda pk: None)
    assert upload.recording and seal.clear_of(upload.recording.pk) == 1


def test_erasing_takes_the_staged_bytes_and_the_certificate_says_so(dock: Sender, world: World) -> None:
    upload = dock.sealed(DATA)
    left_staged(upload)
    found = in_grace(world, upload)
    erase(found.list)
    found.refresh_from_db()
    assert found.recording.status == Recording.Status.ERASED
    assert not staged.path_of(upload.pk).exists()
    assert not blobs.store().holds(found.recording.sha256)
    (staged_too,) = [each for each in found.certificate["checks"] if each["check"] == "staged"]
    assert staged_too["result"] == "none left"


def test_nothing_is_certified_while_staged_bytes_are_left(
    dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = dock.sealed(DATA)
    found = in_grace(world, upload)
    monkeypatch.setitem(named.BESIDE, "uploads", lambda recording_id: 1)
    erase(found.list)
    found.refresh_from_db()
    assert found.status == Disposal.Status.ERASING and found.certificate is None
    assert Alarm.objects.filter(code=erasing.NOT_ERASED, ended_at=None).exists()
    with clock.frozen(after_grace(found.list)):
        for place in blobs.store().all:
            blobs.store().erase_in(place.name, found.recording.sha256)
        seen: list[Any] = [
            erasing.ReadBack(place.name, found.recording.sha256, clock.now()) for place in blobs.store().all
        ]
        with pytest.raises(WrongState, match="beside the stores"):
            erasing.bytes_erased(found.pk, seen, by=BY)
