"""Receipts: with one small file and the recording, a stranger proves that it was sealed as it is."""

import json
from pathlib import Path

import psycopg
import pytest

from fairwitness.evidence.acts.export import issue_receipt
from fairwitness.kernel import blobs
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.refusals import Gone, NotFound, Unavailable
from fairwitness.publiclog import files, receipts
from fairwitness.publiclog.models import Leaf
from fairwitness.publiclog.publish import publish
from tests.department.ledger import latest
from tests.evidence.made import grown, rows, sealed, try_to_seal
from tests.publiclog.made import entries, stranger
from tests.verify.published import verify
from tests.world import World


def test_it_works(own_world: World, tmp_path: Path) -> None:
    """Taken out, carried away, and verified by a program that knows nothing of us."""
    recording = sealed(b"what the camera saw", device="AX-0101")
    entries(300)
    publish()
    made = issue_receipt(recording.pk, by=own_world.actor("weber"))
    (tmp_path / "receipt.json").write_text(json.dumps(made))
    (tmp_path / "clip.mp4").write_bytes(blobs.store().open(recording.sha256).read())
    words = ("--receipt", "receipt.json", "--file", "clip.mp4")
    assert verify(*words, cwd=tmp_path).holds
    assert stranger(tmp_path, *words).holds
    assert made["entry"]["facts"]["sha256"] == f"sha256:{recording.sha256}"
    assert len(json.dumps(made)) < 4096, "small"
    assert latest()[2] == {"index": made["index"]}


def test_an_older_receipt_still_holds(own_world: World, tmp_path: Path) -> None:
    recording = sealed(b"what the camera saw")
    publish()
    made = issue_receipt(recording.pk, by=own_world.actor("costa"))
    entries(300)
    publish()
    (tmp_path / "receipt.json").write_text(json.dumps(made))
    assert stranger(tmp_path, "--receipt", "receipt.json").holds


@pytest.mark.parametrize("part", ["sha256", "size", "number"])
def test_a_changed_receipt_is_caught(own_world: World, tmp_path: Path, part: str) -> None:
    recording = sealed(b"what the camera saw")
    publish()
    made = issue_receipt(recording.pk, by=own_world.actor("costa"))
    value = made["entry"]["facts"][part]
    made["entry"]["facts"][part] = (
        value + 1 if isinstance(value, int) else value[:-1] + ("0" if value[-1] != "0" else "1")
    )
    (tmp_path / "receipt.json").write_text(json.dumps(made))
    assert not verify("--receipt", "receipt.json", cwd=tmp_path).holds


def test_another_file_is_caught(own_world: World, tmp_path: Path) -> None:
    recording = sealed(b"what the camera saw")
    publish()
    made = issue_receipt(recording.pk, by=own_world.actor("costa"))
    (tmp_path / "receipt.json").write_text(json.dumps(made))
    (tmp_path / "clip.mp4").write_bytes(b"what the camera saW")
    outcome = verify("--receipt", "receipt.json", "--file", "clip.mp4", cwd=tmp_path)
    assert outcome.faults[0].startswith("clip.mp4 is not the file of the entry")


def test_before_it_is_published_there_is_none(own_world: World) -> None:
    recording = sealed()
    before = rows()
    with pytest.raises(Unavailable, match="not yet in the public log"):
        issue_receipt(recording.pk, by=own_world.actor("costa"))
    assert grown(before) == {}


def test_what_was_refused_has_none(own_world: World) -> None:
    refused = try_to_seal(b"").recording
    publish()
    with pytest.raises(NotFound, match="never sealed"):
        issue_receipt(refused.pk, by=own_world.actor("costa"))


def test_who_may_not_find_it_gets_none(own_world: World) -> None:
    recording = sealed(device="AX-0101")
    publish()
    for key in ("brandt", "adeyemi", "chen"):
        with pytest.raises(NotFound):
            issue_receipt(recording.pk, by=own_world.actor(key))


def test_an_entry_that_is_not_there(own_database: str) -> None:
    with pytest.raises(NotFound):
        receipts.receipt(new_id())


def test_facts_that_were_erased(own_database: str) -> None:
    (entry,) = entries(1)
    publish()
    with psycopg.connect(own_database, autocommit=True) as owner:
        owner.execute("ALTER TABLE kernel_entryprivate DISABLE TRIGGER USER")
        owner.execute("DELETE FROM kernel_entryprivate")
    with pytest.raises(Gone, match="erased by rule"):
        receipts.receipt(entry.pk)


def test_every_entry_has_one_that_holds(own_database: str, tmp_path: Path) -> None:
    entries(20)
    publish()
    for n, leaf in enumerate(Leaf.objects.order_by("index")):
        if n % 7 == 0:
            (tmp_path / "receipt.json").write_text(json.dumps(receipts.receipt(leaf.entry_id)))
            assert verify("--receipt", "receipt.json", cwd=tmp_path).holds


def test_a_log_that_grows_between_two_looks(
    own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proof and checkpoint in one receipt are of one state, though the publisher works at the same moment."""
    (entry,) = entries(1)
    publish()
    fetch, done = files.fetch, list[bool]()

    def fetch_and_grow(path: str) -> bytes:
        data = fetch(path)
        if path == "checkpoint" and not done:
            done.append(True)
            entries(3)
            publish()
        return data

    monkeypatch.setattr(files, "fetch", fetch_and_grow)
    (tmp_path / "receipt.json").write_text(json.dumps(receipts.receipt(entry.pk)))
    monkeypatch.undo()
    assert verify("--receipt", "receipt.json", cwd=tmp_path).holds
    assert done
