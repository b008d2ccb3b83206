"""Attaching: a file that came with recordings is sealed like them, once for each recording."""

import threading

import pytest
from django.db import connections

from fairwitness.evidence.acts.ingest import begin_ingest
from fairwitness.evidence.acts.seal import attach
from fairwitness.evidence.models import Attachment
from fairwitness.kernel.refusals import WrongState
from tests.department.ledger import latest
from tests.evidence.disposals import erase, in_grace, row
from tests.evidence.made import BY, grown, nowhere, rows, sealed, stored
from tests.evidence.test_erase import erase_until_begun
from tests.world import World


def test_it_works(world: World) -> None:
    recording, blob = sealed(), stored(b"Date,User,Action\n")
    ingest = begin_ingest("a delivery", by=BY)
    attachment, new = attach(blob, "clip_audit_trail.csv", recording, lambda: ingest, by=BY)
    assert new
    assert (attachment.name, attachment.sha256, attachment.size) == ("clip_audit_trail.csv", blob.sha256, 17)
    event, subjects, facts = latest()
    assert event == "evidence.attachment_sealed"
    assert subjects == {("evidence.attachment", attachment.pk), ("evidence.recording", recording.pk)}
    assert facts == {
        "sha256": f"sha256:{blob.sha256}",
        "size": 17,
        "recording_id": str(recording.pk),
        "ingest_id": str(ingest.pk),
    }


def test_the_same_file_is_attached_once(world: World) -> None:
    recording, blob = sealed(), stored(b"trail")
    first, _new = attach(blob, "trail.csv", recording, nowhere, by=BY)
    before = rows()
    assert attach(blob, "trail.csv", recording, nowhere, by=BY) == (first, False)
    assert grown(before) == {}


def test_it_may_speak_of_several_recordings_or_of_none(world: World) -> None:
    blob = stored(b"trail")
    for recording in (sealed(b"1"), sealed(b"2"), None):
        assert attach(blob, "trail.csv", recording, nowhere, by=BY)[1]
    assert not attach(blob, "trail.csv", None, nowhere, by=BY)[1]
    assert Attachment.objects.count() == 3


def test_nothing_is_attached_to_what_goes_or_is_gone(world: World) -> None:
    found = in_grace(world, b"a recording")
    recording = row(found, b"a recording").recording
    erase_until_begun(found)
    with pytest.raises(WrongState, match="being erased under a rule"):
        attach(stored(b"trail"), "trail.csv", recording, nowhere, by=BY)
    erase(found)
    with pytest.raises(WrongState, match="were erased under a rule"):
        attach(stored(b"trail"), "trail.csv", recording, nowhere, by=BY)
    assert Attachment.objects.count() == 0


def test_two_at_once_attach_it_once(own_world: World) -> None:
    recording, blob = sealed(), stored(b"trail")
    start, done = threading.Barrier(4), []

    def one() -> None:
        start.wait()
        try:
            done.append(attach(blob, "trail.csv", recording, nowhere, by=BY)[1])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == [False, False, False, True]
