"""Everything taken out: a bag that others can read, with every table, all bytes, the public log, and no secret."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bagit
import pytest

from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, blobs
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid
from fairwitness.moving.acts import export as acts
from fairwitness.moving.acts import restore
from fairwitness.moving.acts.export import Written
from fairwitness.moving.doors import tables
from fairwitness.moving.models import Export
from fairwitness.packages.bag import Bag
from fairwitness.publiclog.publish import publish
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.doors import incoming
from tests.evidence.disposals import erase, in_grace, made_of
from tests.evidence.holding import held_over
from tests.evidence.made import BY, ROOT, sealed
from tests.incidents.made import dispatch
from tests.uploads.tus import Sender, token_of, upload_at
from tests.world import World

__all__ = ["ROOT"]
ROW = "26-001,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,"
GONE = b"a recording"


@pytest.fixture
def full(own_world: World, home: Path) -> World:
    """A system with some of everything: sealed, held, erased, linked, refused, left over from an upload; published."""
    dispatch(ROW)
    kept = sealed(b"one that stays", incident="26-001", label="=cmd()", title="Tab\there, “quoted”")
    made_of(kept, b"a picture")
    held_over(kept.pk, by=own_world.actor("weber"))
    erase(in_grace(own_world, GONE))
    (incoming.staging() / "left").write_bytes(b"bytes that came")
    publish()
    return own_world


def taken(to: Path, **more: Any) -> Written:
    return acts.export(to, by=BY, say=lambda _sentence: None, **more)


def lines(bag: Path, table: str) -> list[dict[str, Any]]:
    text = (bag / "data" / "records" / f"{table}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_it_works(full: World, tmp_path: Path) -> None:
    written = taken(tmp_path / "all")
    bag = tmp_path / "all"
    assert bagit.Bag(str(bag)).is_valid()
    kept, gone = Recording.objects.order_by("number")
    assert (bag / "data" / "blobs" / kept.sha256[:2] / kept.sha256).read_bytes() == b"one that stays"
    assert not (bag / "data" / "blobs" / gone.sha256[:2] / gone.sha256).exists(), "what was erased stays so"
    assert (bag / "data" / "uploads" / "left").read_bytes() == b"bytes that came"
    assert (bag / "data" / "log" / "checkpoint").exists() and (
        bag / "verify" / "fairwitness_verify.py"
    ).exists()
    here = {each["number"]: each for each in lines(bag, "evidence_recording")}
    assert here[kept.number]["title"] == kept.title and here[gone.number]["status"] == "erased"
    schema = json.loads((bag / "data" / "schema.json").read_text())
    by_name = {each["name"]: each for each in schema["tables"]}
    for name, said in by_name.items():
        data = (bag / said["path"]).read_bytes()
        assert said["sha256"] == f"sha256:{hashlib.sha256(data).hexdigest()}", name
        assert said["rows"] == len(data.splitlines()), name
    owner = next(c for c in by_name["evidence_recording"]["columns"] if c["name"] == "owner_id")
    assert owner["refers_to"] == "department_member" and owner["may_be_absent"]
    rows = list(csv.DictReader(io.StringIO((bag / "data" / "recordings.csv").read_text())))
    assert {each["number"]: each["file"] for each in rows} == {
        kept.number: f"data/blobs/{kept.sha256[:2]}/{kept.sha256}",
        gone.number: "",
    }
    assert rows[0]["label"] == "'=cmd()", "a spreadsheet runs nothing"
    receipt = bag / "data" / "receipts" / f"recording-{kept.pk}.json"
    program = [
        sys.executable,
        bag / "verify" / "fairwitness_verify.py",
        "--receipt",
        receipt,
        "--log",
        bag / "data" / "log",
    ]
    original = bag / "data" / "blobs" / kept.sha256[:2] / kept.sha256
    done = subprocess.run(
        [*program, "--file", original], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode == 0, done.stdout
    export = Export.objects.get()
    assert (export.status, export.rows, export.missing) == ("written", written.count.rows, 0)
    assert export.digest == hashlib.sha256((bag / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert [each.event for each in Entry.objects.filter(event__startswith="moving.").order_by("id")] == [
        "moving.export_begun",
        "moving.export_written",
    ]


@pytest.mark.slow
def test_it_is_case_uco_by_others_measure(full: World, tmp_path: Path) -> None:
    taken(tmp_path / "all")
    graph = tmp_path / "all" / "data" / "case.jsonld"
    said = json.loads(graph.read_text())["@graph"]
    assert [each["@type"] for each in said].count("case-investigation:ProvenanceRecord") == 1, (
        "what is erased is no file"
    )
    validate = Path(sys.executable).with_name("case_validate")
    done = subprocess.run([validate, graph], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_secret_is_taken_out(full: World, tmp_path: Path) -> None:
    full.sign_in("costa")
    taken(tmp_path / "all")
    bag = tmp_path / "all"
    assert {each["password"] for each in lines(bag, "auth_user")} == {"!"}
    names = {path.stem for path in (bag / "data" / "records").iterdir()}
    assert not names & set(tables.LEFT_OUT)
    assert not [path for path in bag.rglob("*") if path.name in {"log.key", "session.key"}]
    said = {each["name"] for each in json.loads((bag / "data" / "schema.json").read_text())["left_out"]}
    assert {"mfa_authenticator", "kernel_blobkey"} <= said


@pytest.mark.django_db
def test_every_table_is_taken_out_or_left_out_with_a_reason() -> None:
    assert tables.unknown() == []
    assert all(tables.LEFT_OUT.values())


def test_bytes_that_no_store_gives_are_named_and_the_rest_is_written(full: World, tmp_path: Path) -> None:
    kept = Recording.objects.order_by("number")[0]
    blobs.store().erase_in("main", kept.sha256)
    written = taken(tmp_path / "all")
    assert [each["sha256"] for each in written.count.missing] == [f"sha256:{kept.sha256}"]
    assert bagit.Bag(str(tmp_path / "all")).is_valid()
    assert Export.objects.get().missing == 1


def test_something_that_lies_there_is_left_alone(full: World, tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "mine").write_text("mine")
    with pytest.raises(Invalid, match="lies at"):
        taken(tmp_path / "all")
    with pytest.raises(Invalid, match="no folder"):
        taken(tmp_path / "nowhere" / "all")
    assert not Export.objects.exists()


def test_broken_off_it_goes_on(full: World, tmp_path: Path) -> None:
    class Stop(Exception):
        pass

    count = 0

    def stop(octets: int) -> None:
        nonlocal count
        count += 1
        if count == 3:
            raise Stop

    with pytest.raises(Stop):
        taken(tmp_path / "all.zip", progress=stop)
    assert not (tmp_path / "all.zip").exists()
    taken(tmp_path / "all.zip")
    with zipfile.ZipFile(tmp_path / "all.zip") as found:
        assert found.testzip() is None
        found.extractall(tmp_path / "out")
    assert bagit.Bag(str(tmp_path / "out" / "all")).is_valid()
    assert [each.status for each in Export.objects.order_by("number")] == ["begun", "written"]


# The system goes on meanwhile


def meanwhile(patch: pytest.MonkeyPatch, before: str, do: Callable[[], object]) -> None:
    """Have something happen once, just before the first file is written whose path has this in it."""
    add, left = Bag.add, [do]

    def added(bag: Bag, member: Any) -> Any:
        if before in member.path and left:
            left.pop()()
        return add(bag, member)

    patch.setattr(Bag, "add", added)


def file_of(bag: Path, pk: Any) -> Path:
    return bag / "data" / "uploads" / staged.path_of(pk).relative_to(incoming.staging())


def test_an_upload_that_is_sealed_meanwhile_is_sealed_where_it_is_restored(
    full: World, tmp_path: Path, elsewhere: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = Sender(token=token_of(full))
    upload = dock.send(b"a film that is sealed meanwhile")
    with monkeypatch.context() as patch:
        # The first file of the uploads: the mark of their folder.
        meanwhile(patch, "data/uploads/", lambda: seal.seal_upload(upload.pk, by=BY))
        written = taken(tmp_path / "all")
    assert not staged.path_of(upload.pk).exists() and written.count.missing == []
    assert bagit.Bag(str(tmp_path / "all")).is_valid()
    elsewhere()
    restore.restore(tmp_path / "all", by=actors.system("moving.restore"), say=lambda _sentence: None)
    again = seal.seal_upload(upload.pk, by=BY)
    assert again.status == "sealed" and again.recording and again.recording.size == upload.size


def test_an_upload_that_grows_meanwhile_is_taken_as_far_as_it_had_come(
    full: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock = Sender(token=token_of(full))
    path = dock.begin(20)
    dock.patch(path, b"first")
    pk = upload_at(path).pk
    meanwhile(monkeypatch, f"data/uploads/{pk.hex[-2:]}/", lambda: dock.patch(path, b" second", offset=5))
    taken(tmp_path / "all")
    assert staged.path_of(pk).read_bytes() == b"first second"
    assert file_of(tmp_path / "all", pk).read_bytes() == b"first"
    assert bagit.Bag(str(tmp_path / "all")).is_valid()


def test_what_vanishes_meanwhile_is_named_and_the_rest_is_written(
    full: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = Sender(token=token_of(full)).send(b"a film that goes")

    def vanish() -> None:
        staged.path_of(upload.pk).unlink()
        (incoming.staging() / "left").unlink()

    meanwhile(monkeypatch, "data/uploads/", vanish)
    written = taken(tmp_path / "all")
    (missing,) = written.count.missing
    sha256 = hashlib.sha256(b"a film that goes").hexdigest()
    assert (missing["upload"], missing["sha256"]) == (upload.number, f"sha256:{sha256}")
    assert not file_of(tmp_path / "all", upload.pk).exists()
    assert bagit.Bag(str(tmp_path / "all")).is_valid()


def test_a_log_that_grows_while_it_is_read_is_taken_of_one_moment(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The publisher removes what is part of a tile once the tile is full and the checkpoint says so."""
    log, read = home / "log", Path.read_bytes
    part, full_tile = log / "tile" / "0" / "000.p" / "5", log / "tile" / "0" / "000"
    part.parent.mkdir(parents=True)
    part.write_bytes(b"part")
    (log / "checkpoint").write_bytes(b"5")

    def grows(path: Path) -> bytes:
        if path == part and part.exists():
            full_tile.write_bytes(b"full")
            (log / "checkpoint").write_bytes(b"256")
            part.unlink()
            part.parent.rmdir()
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", grows)
    found = {member.path: member.data for member in acts._log()}
    assert found == {"data/log/checkpoint": b"256", "data/log/tile/0/000": b"full"}
