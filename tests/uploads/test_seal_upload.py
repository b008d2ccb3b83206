"""Sealing what came in, or refusing it: kept, seen, once, and never let go before it is in the store."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from fairwitness.accounts.acts import issue_token
from fairwitness.evidence.check import check_rows
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.models import Entry, EntryPrivate, Notice
from fairwitness.kernel.refusals import Unavailable
from fairwitness.uploads import jobs
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.models import Upload
from tests.evidence.made import grown, rows, sealed
from tests.uploads.tus import BY, Sender
from tests.world import World

DATA = b"bytes of a film"


def facts(event: str) -> dict[str, Any]:
    entry = Entry.objects.filter(event=event).latest("id")
    said: dict[str, Any] = EntryPrivate.objects.get(pk=entry.pk).facts
    return said


def taken(answer: Any) -> str:
    return b"".join(answer.streaming_content).decode()


def test_what_came_in_is_sealed_with_what_was_said(dock: Sender, world: World) -> None:
    upload = dock.sealed(
        DATA,
        filename="A.MP4",
        device="AX-0101",
        started="2026-05-01T10:00:00Z",
        incident="26-1",
        title="Stop",
    )
    recording = Recording.objects.get()
    assert (upload.status, upload.recording, upload.was_here) == ("sealed", recording, False)
    assert (recording.source_name, recording.incident, recording.title) == ("A.MP4", "26-1", "Stop")
    assert recording.camera == world.cameras["AX-0101"]
    assert (recording.owner, recording.owner_how) == (world.members["whitfield"], "assignment")
    assert recording.delivered["device"] == "AX-0101"
    assert not recording.by_hand
    with blobs.store().open(recording.sha256) as file:
        assert file.read() == DATA
    assert facts("uploads.sealed")["outcome"] == "sealed"
    assert staged.size_of(upload.pk) == 0


IMPLAUSIBLE = "1980-01-06T00:00:00Z"


def test_only_the_bwc_unit_names_whose_it_is(dock: Sender, world: World) -> None:
    _token, secret = issue_token(
        name="AX-0101", scopes=["upload"], camera_id=world.cameras["AX-0101"].pk, by=world.actor("costa")
    )
    for number, sender in enumerate((dock, Sender(token=secret))):
        upload = sender.sealed(b"%d" % number, owner="102", started=IMPLAUSIBLE)
        assert upload.recording is not None
        assert (upload.recording.owner, upload.recording.owner_how) == (None, "unknown")
        assert upload.recording.delivered["owner"] == "102", "it stays the sender's word"
    unit = Sender(browser=world.sign_in("costa")).sealed(b"from elsewhere", owner="102")
    assert unit.recording is not None
    assert (unit.recording.owner, unit.recording.owner_how) == (world.members["okoye"], "named")


def test_the_same_bytes_again_lead_to_the_first_recording(dock: Sender) -> None:
    first = sealed(DATA)
    upload = dock.sealed(DATA)
    assert (upload.recording, upload.was_here) == (first, True)
    assert facts("uploads.sealed")["outcome"] == "was_here"
    assert Recording.objects.count() == 1


def test_sealing_again_changes_nothing(dock: Sender) -> None:
    upload = dock.sealed(DATA)
    before = rows()
    jobs.seal(str(upload.pk))
    assert grown(before) == {}


@pytest.mark.parametrize("reason", ["digest", "empty", "size", "changed"])
def test_what_does_not_match_is_refused_kept_and_seen(
    dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    said = {"device": "AX-0101", "sha256": "0" * 64 if reason == "digest" else ""}
    upload = dock.send(b"" if reason == "empty" else DATA, **said)
    path = staged.path_of(upload.pk)
    if reason == "size":
        path.write_bytes(DATA[:-1])
    if reason == "changed":
        path.write_bytes(DATA[::-1])
    kept = path.read_bytes()
    upload = seal.seal_upload(upload.pk, by=BY)
    assert (upload.status, upload.reason) == ("refused", reason)
    assert path.read_bytes() == kept
    assert not Recording.objects.filter(status="sealed").exists()
    assert facts("uploads.refused")["reason"] == reason
    told = set(Notice.objects.filter(sentence__contains=upload.number).values_list("member", flat=True))
    assert told >= {world.id("costa"), world.id("nair"), world.id("whitfield")}
    assert list(check_rows()) == []


def test_staged_bytes_that_are_gone_are_a_refusal(dock: Sender) -> None:
    upload = dock.send(DATA)
    staged.path_of(upload.pk).unlink()
    assert seal.seal_upload(upload.pk, by=BY).reason == "size"


def test_a_store_that_does_not_answer_leaves_it_to_be_tried_again(
    dock: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = dock.send(DATA)

    def fails(*_words: Any, **_more: Any) -> None:
        raise Unavailable("The store does not answer.")

    with monkeypatch.context() as patched:
        patched.setattr(blobs, "store", fails)
        with pytest.raises(Unavailable):
            jobs.seal(str(upload.pk))
    assert Upload.objects.get().status == "received"
    jobs.seal(str(upload.pk))
    assert Upload.objects.get().status == "sealed"


def test_staged_bytes_stay_while_the_store_does_not_hold_them(dock: Sender, home: Path) -> None:
    upload = dock.sealed(DATA)
    path = staged.path_of(upload.pk)
    path.write_bytes(DATA)  # as a death between the change and the removal leaves it
    assert upload.recording is not None
    digest = upload.recording.sha256
    blob = home / "blobs" / digest[:2] / digest[2:4] / digest
    held = blob.rename(blob.with_suffix(".away"))
    assert seal.sweep_staged() == 0
    assert path.exists()
    held.rename(blob)
    assert seal.sweep_staged() == 1
    assert not path.exists()


def test_by_hand_is_said_where_a_person_sent_it(world: World) -> None:
    officer = Sender(browser=world.sign_in("whitfield"))
    upload = officer.sealed(DATA, device="AX-0101", started=clock.rfc3339(clock.now()))
    assert upload.by_hand
    recording = Recording.objects.get()
    assert recording.by_hand
    assert facts("evidence.recording_sealed")["by_hand"] is True
    assert list(check_rows()) == []
    page = world.sign_in("costa").get(f"/recordings/{recording.pk}/").content.decode()
    assert "By hand" in page
    exported = taken(world.sign_in("costa").post("/recordings/export.csv"))
    assert exported.splitlines()[0].endswith("by_hand")
    assert exported.splitlines()[1].endswith("yes")


def test_the_digest_of_what_came_is_known_without_another_reading(dock: Sender) -> None:
    upload = dock.send(DATA)
    assert upload.came_sha256 == hashlib.sha256(DATA).hexdigest()
