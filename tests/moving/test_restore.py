"""An empty system made of an export: the same as the other, or a clear refusal and nothing half done."""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from fairwitness.department.models import Member
from fairwitness.evidence.check import check_blobs
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, blobs, history
from fairwitness.kernel.blobs.files import FileStore
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.moving.acts import restore as acts
from fairwitness.moving.acts.restore import Restored
from fairwitness.moving.models import Export
from fairwitness.site import checks
from tests.evidence.made import sealed
from tests.moving.test_export import ROOT, full, lines, taken
from tests.uploads.tus import Sender, token_of
from tests.world import World

__all__ = ["full"]
Elsewhere = Callable[[], None]
RESTORING = actors.system("moving.restore")


def restored(place: Path) -> Restored:
    return acts.restore(place, by=RESTORING, say=lambda _sentence: None)


@pytest.mark.parametrize("name", ["all", "all.zip"])
def test_it_works(full: World, tmp_path: Path, elsewhere: Elsewhere, name: str) -> None:
    here = {each.pk: each.number for each in Recording.objects.all()}
    story = {pk: [line.sentence for line in history.of("evidence.recording", pk)] for pk in here}
    written = taken(tmp_path / name)
    elsewhere()
    assert not Recording.objects.exists()
    done = restored(tmp_path / name)
    assert done.missing == []
    assert (done.rows, done.blobs) == (written.count.rows, written.count.blobs)
    assert {each.pk: each.number for each in Recording.objects.all()} == here
    assert {pk: [line.sentence for line in history.of("evidence.recording", pk)] for pk in here} == story
    assert list(checks.faults()) == [], "the locks stand, the log verifies, rows and entries agree"
    assert list(check_blobs(blobs.store(), lambda _size: None)) == []
    assert Entry.objects.latest("id").event == "moving.restored"
    assert Export.objects.get().status == "begun", "as it was when the rows were read"
    assert sealed(b"the next one").number > max(here.values()), "numbers go on"


def test_somebody_can_sign_in_again(full: World, tmp_path: Path, elsewhere: Elsewhere) -> None:
    """No password is taken along; the operator makes one administrator, who resets the others' sign-ins."""
    full.sign_in("chen")
    words = ["--badge", "9001", "--given-name", "Ada", "--family-name", "New", "--username", "ada"]
    with pytest.raises(CommandError, match="already"):
        call_command("administrator", *words)
    taken(tmp_path / "all")
    elsewhere()
    restored(tmp_path / "all")
    told = io.StringIO()
    call_command("administrator", *words, stdout=told)
    assert "ada can sign in" in told.getvalue()


def test_an_upload_that_was_coming_in_goes_on(full: World, tmp_path: Path, elsewhere: Elsewhere) -> None:
    """No token is taken along; the dock is given another, and sends from where the bytes end."""
    dock = Sender(token=token_of(full))
    begun, untouched = dock.begin(12), dock.begin(5)
    dock.patch(begun, b"first")
    taken(tmp_path / "all")
    elsewhere()
    restored(tmp_path / "all")
    again = Sender(token=token_of(full))
    assert (again.offset(begun), again.offset(untouched)) == (5, 0)
    assert again.patch(begun, b" second", offset=5).status_code == 204
    assert full.sign_in("costa").get(reverse("uploads")).status_code == 200


def test_a_system_with_a_history_is_left_alone(full: World, tmp_path: Path, elsewhere: Elsewhere) -> None:
    taken(tmp_path / "all")
    before = Entry.objects.count()
    with pytest.raises(WrongState, match="a history of its own"):
        restored(tmp_path / "all")
    assert Entry.objects.count() == before


def rebag(bag: Path) -> None:
    """Make the manifests fit again, as somebody who changed the export would."""
    found = bagit.Bag(str(bag))
    found.save(manifests=True)


@pytest.mark.parametrize(
    ("what", "sentence"),
    [
        ("a row", "records/department_member.jsonl is not what the manifest"),
        ("a byte", "No row was written"),
        ("the manifest", "not the one that its tag manifest promises"),
        ("a file", "missing from the export"),
        ("the version", "another version of Fairwitness"),
        ("the agency", "of the agency “elsewhere”"),
        ("no export", "not a whole export"),
        ("a name", "not named by its digest"),
        ("outside: ../../x", "a file outside of it"),
        ("outside: log//{}/x", "a file outside of it"),
        ("outside: log/./x", "a file outside of it"),
        ("outside: log/..\\x", "a file outside of it"),
        ("outside: log/\0x", "a file outside of it"),
    ],
)
def test_what_is_not_the_export_is_refused(
    full: World, tmp_path: Path, elsewhere: Elsewhere, what: str, sentence: str
) -> None:
    taken(tmp_path / "all")
    bag = tmp_path / "all"
    plant(bag, what)
    elsewhere()
    with pytest.raises(Invalid, match=sentence):
        restored(bag)
    assert not Entry.objects.exists() and not Member.objects.exists()


def plant(bag: Path, what: str) -> None:
    schema, members = bag / "data" / "schema.json", bag / "data" / "records" / "department_member.jsonl"
    blob = next((bag / "data" / "blobs").rglob("??*/*"))
    said = json.loads(schema.read_text())
    if what == "a row":
        members.write_text(members.read_text().replace("Dana", "Diana"))
    elif what == "a byte":
        blob.write_bytes(b"another")
    elif what == "the manifest":
        (bag / "manifest-sha256.txt").write_text((bag / "manifest-sha256.txt").read_text() + "\n")
    elif what == "a file":
        members.unlink()
    elif what == "a name":
        blob.rename(blob.with_name("0" * 64))
        rebag(bag)
    elif what.startswith("outside: "):
        promise(bag, f"data/{what.removeprefix('outside: ').format(bag.parent)}")
    elif what == "no export":
        (bag / "bag-info.txt").write_text("Source-Organization: x\n")
    else:
        if what == "the version":
            said["migrations"] = said["migrations"][1:]
        else:
            said["agency"]["key"] = "elsewhere"
        schema.write_text(json.dumps(said))
        rebag(bag)


def promise(bag: Path, path: str) -> None:
    """Have the manifest promise one more file, whose bytes are none."""
    manifest = bag / "manifest-sha256.txt"
    manifest.write_text(f"{hashlib.sha256().hexdigest()}  {path}\n" + manifest.read_text())
    retag(bag)


def retag(bag: Path) -> None:
    digest = hashlib.sha256((bag / "manifest-sha256.txt").read_bytes()).hexdigest()
    (bag / "tagmanifest-sha256.txt").write_text(f"{digest}  manifest-sha256.txt\n")


@pytest.mark.parametrize("rotted", ["uploads/left", "log/checkpoint"])
def test_a_file_that_is_not_what_the_manifest_promises_is_refused(
    full: World, tmp_path: Path, elsewhere: Elsewhere, settings: Any, rotted: str
) -> None:
    taken(tmp_path / "all")
    (tmp_path / "all" / "data" / rotted).write_bytes(b"other bytes")
    elsewhere()
    with pytest.raises(Invalid, match=f"data/{rotted} is not what the manifest"):
        restored(tmp_path / "all")
    assert not Entry.objects.exists()
    place = settings.FAIRWITNESS_HOME / rotted
    assert not [path for path in place.parent.rglob("*") if path.name.startswith(place.name)]


def test_what_lies_there_already_is_compared_and_never_written_over(
    full: World, tmp_path: Path, elsewhere: Elsewhere, settings: Any
) -> None:
    taken(tmp_path / "all")
    elsewhere()
    left = settings.FAIRWITNESS_HOME / "uploads" / "left"
    left.parent.mkdir()
    left.write_bytes(b"somebody's own")
    with pytest.raises(Invalid, match="uploads/left is not what the export has there"):
        restored(tmp_path / "all")
    assert not Entry.objects.exists() and left.read_bytes() == b"somebody's own"
    left.write_bytes(b"bytes that came")
    assert restored(tmp_path / "all").missing == []


@pytest.mark.parametrize("link", ["log", "log/tile", "log/key", "log/key.part"])
def test_no_link_leads_out_of_the_folders(
    full: World, tmp_path: Path, elsewhere: Elsewhere, settings: Any, link: str
) -> None:
    """The log as a whole may lie on another disk; within it nothing is written through a link."""
    taken(tmp_path / "all")
    elsewhere()
    outside, place = tmp_path / "outside", settings.FAIRWITNESS_HOME / link
    outside.mkdir()
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(outside if "key" not in link else outside / "key")
    if link == "log":
        assert restored(tmp_path / "all").missing == [] and (outside / "key").exists()
        return
    with pytest.raises(Invalid, match="would not be written below"):
        restored(tmp_path / "all")
    assert list(outside.iterdir()) == []


@pytest.mark.parametrize("what", ["a file", "a folder", "a pipe"])
def test_no_link_and_no_pipe_of_an_export_is_read(
    full: World, tmp_path: Path, elsewhere: Elsewhere, what: str
) -> None:
    taken(tmp_path / "all")
    data = tmp_path / "all" / "data"
    moved = data / ("records" if what == "a folder" else "jobs.jsonl")
    moved.rename(tmp_path / "moved")
    if what == "a pipe":
        os.mkfifo(moved)
    else:
        moved.symlink_to(tmp_path / "moved")
    elsewhere()
    with pytest.raises(Invalid, match="missing from the export"):
        restored(tmp_path / "all")


def test_rows_that_somebody_changed_and_bagged_anew_are_seen(
    full: World, tmp_path: Path, elsewhere: Elsewhere
) -> None:
    """The schema has each table's digest too; who changes that as well is found by the public log."""
    taken(tmp_path / "all")
    bag = tmp_path / "all"
    plant(bag, "a row")
    rebag(bag)
    elsewhere()
    with pytest.raises(Invalid, match="The rows of department_member are not those"):
        restored(bag)
    assert not Entry.objects.exists() and not Member.objects.exists()


@pytest.mark.parametrize(
    ("stopped", "kept"),
    [("_put_files", False), ("_load_jobs", False), ("_count_copies", True), ("_say", True)],
)
def test_broken_off_anywhere_it_goes_on(
    full: World,
    tmp_path: Path,
    elsewhere: Elsewhere,
    monkeypatch: pytest.MonkeyPatch,
    settings: Any,
    stopped: str,
    kept: bool,
) -> None:
    taken(tmp_path / "all")
    elsewhere()
    # A store of another name: its copies are counted, and each counting leaves entries.
    FileStore(tmp_path / "store").begin()
    settings.FAIRWITNESS_STORES = f"another={tmp_path / 'store'}"
    with monkeypatch.context() as patch:
        patch.setattr(acts, stopped, _stopped)
        with pytest.raises(KeyboardInterrupt):
            restored(tmp_path / "all")
    assert Member.objects.exists() == kept, "all rows or none"
    restored(tmp_path / "all")
    assert Entry.objects.filter(event="moving.restored").count() == 1
    assert (settings.FAIRWITNESS_HOME / "uploads" / "left").exists()
    assert list(checks.faults()) == []
    with pytest.raises(WrongState, match="a history of its own"):
        restored(tmp_path / "all")


def test_what_somebody_did_since_a_stop_is_a_history_of_its_own(
    full: World, tmp_path: Path, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(tmp_path / "all")
    elsewhere()
    with monkeypatch.context() as patch:
        patch.setattr(acts, "_count_copies", _stopped)
        with pytest.raises(KeyboardInterrupt):
            restored(tmp_path / "all")
    taken(tmp_path / "another")
    with pytest.raises(WrongState, match="a history of its own"):
        restored(tmp_path / "all")


def _stopped(*_words: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.slow
def test_the_drill_in_one_command(full: World, home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "drill"
    env = {**os.environ, "FAIRWITNESS_HOME": str(home)}
    done = subprocess.run(
        [sys.executable, "-m", "fairwitness", "drill", str(folder)],
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "The drill succeeded" in done.stdout and "All is well" in done.stdout
    assert [path.name for path in folder.iterdir()] == ["export"]
    export = Export.objects.get()
    assert (export.status, export.drill_faults) == ("written", 0)
    assert lines(folder / "export", "moving_export")[0]["number"] == export.number
