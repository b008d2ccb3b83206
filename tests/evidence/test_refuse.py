"""Refusing what was delivered: the bytes are kept, the reason is written, once."""

import threading

import pytest
from django.db import IntegrityError, connections

from fairwitness.evidence import events
from fairwitness.evidence.acts.seal import seal
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.change import change
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.notices import unread
from tests.department.ledger import latest
from tests.evidence.made import BY, grown, nowhere, rows, said, sealed, stored, try_to_seal
from tests.world import World


def test_it_works(world: World) -> None:
    declared, found = "0" * 64, stored(b"other bytes").sha256
    done = try_to_seal(b"other bytes", sha256=declared)
    recording = Recording.objects.get()
    assert done.new
    assert (recording.status, recording.readable) == ("refused", "untried")
    assert recording.refusal == "The file does not have the SHA-256 that the delivery declares for it."
    assert recording.number.startswith("X-")
    assert blobs.store().holds(found), "the bytes are kept"
    event, subjects, facts = latest()
    assert (event, subjects) == ("evidence.upload_refused", {("evidence.recording", recording.pk)})
    assert facts == {
        "reason": "digest",
        "declared": f"sha256:{declared}",
        "found": f"sha256:{found}",
        "size": 11,
        "number": recording.number,
    }


def test_an_empty_file_is_refused(world: World) -> None:
    done = try_to_seal(b"")
    assert done.recording.refusal == "The file is empty: there is nothing to seal."
    assert latest()[2]["reason"] == "empty"


def test_a_size_that_is_not_its_own(world: World) -> None:
    recording = try_to_seal(b"half a file", size=22).recording
    assert recording.number.startswith("X-") and recording.size == 11
    assert recording.refusal == "The file does not have the size that the delivery declares for it."
    assert sealed(b"a whole file", size=12).status == "sealed"


def test_the_digest_that_was_declared_seals(world: World) -> None:
    assert sealed(b"as declared", sha256=stored(b"as declared").sha256)


@pytest.mark.parametrize(
    "name", ["clip.mp4", "half \udcff of a character.mp4", "e\u0301.mp4", "x" * 2000 + ".mp4"]
)
def test_the_same_refusal_is_written_once(world: World, name: str) -> None:
    first, before = try_to_seal(b"", source_name=name), rows()
    again = try_to_seal(b"", source_name=name)
    assert (again.recording.pk, again.new) == (first.recording.pk, False)
    assert grown(before) == {}


def test_two_processes_that_refuse_the_same_file_write_it_once(own_world: World) -> None:
    blob, done, start = stored(b""), [], threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            done.append(seal(blob, said(source_name="x" * 2000), nowhere, by=BY))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert sum(each.new for each in done) == 1
    assert [r.number[-6:] for r in Recording.objects.all()] == ["000001"], "numbers have no gap"
    assert {each.recording.pk for each in done} == {Recording.objects.get().pk}


def test_the_database_itself_keeps_no_refusal_twice(world: World) -> None:
    twin = try_to_seal(b"", source_name="\U0001f4f7" * 1024).recording
    twin.pk, twin.number = new_id(), "X-another"
    with pytest.raises(IntegrityError, match="refused_once"), change(events.UPLOAD_REFUSED, by=BY):
        twin.save(force_insert=True)


def test_another_file_with_the_same_bytes_is_another_refusal(world: World) -> None:
    first, second = try_to_seal(b"", source_name="a.mp4"), try_to_seal(b"", source_name="b.mp4")
    assert first.recording.pk != second.recording.pk


def test_bytes_once_refused_can_be_sealed(world: World) -> None:
    try_to_seal(b"bytes", sha256="0" * 64)
    assert sealed(b"bytes", sha256=stored(b"bytes").sha256).number.startswith("R-")
    assert Recording.objects.count() == 2


def test_the_bwc_unit_is_told(world: World) -> None:
    recording = try_to_seal(b"not what was declared", sha256="0" * 64).recording
    for key in ("costa", "nair"):
        notice = unread(world.id(key))[0]
        assert notice.sentence == f"{recording.number} was refused on delivery; the bytes are kept."
        assert notice.link == f"/recordings/{recording.pk}/"
    assert unread(world.id("whitfield")) == []
