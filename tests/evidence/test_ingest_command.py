"""`fairwitness ingest`: what it says, what it leaves, what it adds when it is run again."""

import json
import os
from pathlib import Path

import pytest

from fairwitness.evidence.management.commands import ingest as command_module
from fairwitness.evidence.models import Attachment, Ingest, Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.models import Entry
from tests.conftest import shared
from tests.evidence.made import command, days_ago, grown, ingest, rows, run, written
from tests.world import World


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    """An export of the present vendor: two recordings, their table, an audit trail."""
    folder = written(tmp_path / "delivery", one=b"recording one", two=b"recording two")
    started = days_ago(10)
    (folder / "evidence.csv").write_text(
        "Evidence ID,ID External,Title,Owner,Device Serial,Created Date Record Start,Date Record End,Category,"
        f"File Name\ne-1,26-00017,A stop,,AX-0101,{started.isoformat()},,Traffic stop,one.mp4\n"
        f"e-2,26-00018,=1+1,Sam Okoye,,{started.isoformat()},,Arrest,two.mp4\n",
        encoding="utf-8",
    )
    (folder / "one_audit_trail.csv").write_text("Date,User,Action\n2026-01-01,System,Created\n")
    return folder


def test_it_works(world: World, delivery: Path) -> None:
    done = ingest(delivery)
    one, two = Recording.objects.order_by("number")
    trail = Attachment.objects.get()
    assert done.code == 0
    assert done.json == [
        {
            "path": str(delivery / name),
            "sha256": record.sha256,
            "status": "sealed",
            "recording": number.number,
            "readable": readable,
            "reason": None,
        }
        for name, record, number, readable in (
            ("one.mp4", one, one, None),
            ("two.mp4", two, two, None),
            ("one_audit_trail.csv", trail, one, None),
        )
    ]
    assert (one.owner, one.owner_how, one.clock) == (world.members["whitfield"], "assignment", "delivered")
    assert (one.incident, one.title, one.label, one.external_id) == (
        "26-00017",
        "A stop",
        "Traffic stop",
        "e-1",
    )
    assert (two.owner, two.owner_how) == (world.members["okoye"], "named")
    assert two.delivered["title"] == "=1+1"
    assert trail.recording == one
    delivered = Ingest.objects.get()
    assert (delivered.sealed, delivered.duplicate, delivered.refused) == (3, 0, 0)
    assert {one.ingest, two.ingest, trail.ingest} == {delivered}


def test_running_it_twice_adds_nothing(world: World, delivery: Path) -> None:
    ingest(delivery)
    before, blobs_before = rows(), list(blobs.store().digests())
    done = ingest(delivery)
    assert (done.code, done.statuses) == (0, ["duplicate"] * 3)
    assert grown(before) == {}
    assert list(blobs.store().digests()) == blobs_before


def test_what_was_refused_is_not_refused_anew(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery", empty=b"")
    assert ingest(folder).json[0]["reason"] == "The file is empty: there is nothing to seal."
    before = rows()
    assert (ingest(folder).code, grown(before)) == (1, {})


def test_one_more_file_adds_one_delivery_with_one_recording(world: World, delivery: Path) -> None:
    ingest(delivery)
    (delivery / "three.mp4").write_bytes(b"recording three")
    assert sorted(ingest(delivery).statuses) == ["duplicate"] * 3 + ["sealed"]
    assert [i.sealed for i in Ingest.objects.order_by("begun")] == [3, 1]


def test_a_table_in_decomposed_unicode_is_read_and_sealed_as_composed(world: World, tmp_path: Path) -> None:
    """As macOS writes it, in the table and in the file's name."""
    folder = written(tmp_path / "delivery", z=b"another")
    (folder / "Cafe\u0301.mp4").write_bytes(b"recording")
    (folder / "evidence.csv").write_text(
        "Evidence ID,File Name,Title\n1,Café.mp4,Cafe\u0301\n", encoding="utf-8"
    )
    done = ingest(folder)
    assert (done.code, done.statuses) == (0, ["sealed", "sealed"])
    recording = Recording.objects.get(title="Caf\u00e9")
    assert recording.delivered["title"] == "Caf\u00e9"


def test_a_file_that_cannot_be_read_does_not_stop_the_others(world: World, tmp_path: Path) -> None:
    done = ingest("/proc/self/mem", written(tmp_path / "delivery", clip=b"recording"))
    assert (done.code, done.statuses) == (1, ["refused", "sealed"])
    assert done.json[0]["reason"] == "It cannot be read: Input/output error."


def test_metadata_may_lie_elsewhere(world: World, delivery: Path, tmp_path: Path) -> None:
    table = tmp_path / "words.json"
    table.write_text(json.dumps([{"file": "one.mp4", "evidence_id": "from json", "sha256": "00" * 32}]))
    done = ingest(delivery / "one.mp4", "--metadata", table)
    assert done.code == 1
    assert done.json[0]["reason"] == "The file does not have the SHA-256 that the delivery declares for it."
    assert Recording.objects.get().external_id == "from json"


def test_the_table_that_was_named_is_no_recording(world: World, delivery: Path) -> None:
    done = ingest(delivery, "--metadata", delivery / "evidence.csv")
    assert [Path(line["path"]).name for line in done.json] == ["one.mp4", "two.mp4", "one_audit_trail.csv"]


def test_a_table_beside_the_media_that_is_none_is_sealed_like_a_file(world: World, delivery: Path) -> None:
    (delivery / "evidence.csv").write_text("Owner,Colour\nWhitfield,blue\n")
    assert "evidence.csv" in {Path(line["path"]).name for line in ingest(delivery).json}


def test_an_audit_trail_that_speaks_of_nothing_is_sealed_all_the_same(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery")
    (folder / "other_audit_trail.pdf").write_bytes(b"%PDF")
    line = ingest(folder).json[0]
    assert (line["status"], line["recording"], line["readable"]) == ("sealed", None, None)
    assert Attachment.objects.get().recording is None


def test_an_audit_trail_goes_to_the_recording_with_the_longest_name(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery", dock_1=b"1", dock_12=b"12")
    (folder / "dock_12_audit_trail.csv").write_text("Date\n1\n")
    ingest(folder)
    recording = Attachment.objects.get().recording
    assert recording is not None
    assert recording.source_name.endswith("dock_12.mp4")


class TestTheSameNameTwice:
    """Names that repeat in several folders, as every dock makes them: never the words of another recording."""

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        written(tmp_path / "cam1", clip=b"one")
        written(tmp_path / "cam2", clip=b"two")
        return tmp_path

    def owners(self) -> dict[str, str]:
        return {
            r.source_name.split("/")[-2]: r.owner.badge if r.owner else "" for r in Recording.objects.all()
        }

    def test_folders_that_the_table_names(self, world: World, folder: Path) -> None:
        (folder / "t.csv").write_text("File Name,Owner\ncam1/clip.mp4,101\ncam2/clip.mp4,102\n")
        assert [line["reason"] for line in ingest(folder).json] == [None, None]
        assert self.owners() == {"cam1": "101", "cam2": "102"}

    def test_a_table_in_each_folder(self, world: World, folder: Path) -> None:
        for camera, badge in (("cam1", 101), ("cam2", 102)):
            (folder / camera / "t.csv").write_text(f"File Name,Owner\nclip.mp4,{badge}\n")
        ingest(folder)
        assert self.owners() == {"cam1": "101", "cam2": "102"}

    @pytest.mark.parametrize("names", [("x/clip.mp4", "y/clip.mp4"), ("clip.mp4", "clip.mp4")])
    def test_rows_that_fit_equally_well(self, world: World, folder: Path, names: tuple[str, str]) -> None:
        (folder / "t.csv").write_text(f"File Name,Owner\n{names[0]},101\n{names[1]},102\n")
        done = ingest(folder / "cam1", "--metadata", folder / "t.csv")
        assert (done.code, done.statuses) == (0, ["sealed"])
        assert done.json[0]["reason"] == "Rows of the table fit this file equally well; none was used."
        assert (Recording.objects.get().owner_how, Recording.objects.get().delivered) == ("unknown", {})

    @pytest.mark.parametrize("name", ["clip.mp4", "clip", "cam3/clip.mp4"])
    def test_files_that_one_row_fits(self, world: World, folder: Path, name: str) -> None:
        (folder / "t.csv").write_text(f"File Name,Owner\n{name},101\n")
        done = ingest(folder)
        assert {line["reason"] for line in done.json} == {
            "The table's row fits another file as well; it was not used."
        }
        assert self.owners() == {"cam1": "", "cam2": ""}

    @pytest.mark.parametrize("name", ["cam1/clip.mp4", "cam1/clip"])
    def test_a_row_that_one_of_them_fits_better(self, world: World, folder: Path, name: str) -> None:
        (folder / "t.csv").write_text(f"File Name,Owner\n{name},101\n")
        ingest(folder)
        assert self.owners() == {"cam1": "101", "cam2": ""}

    def test_names_that_differ_in_case_alone(self, world: World, folder: Path) -> None:
        (folder / "cam1" / "CLIP.mp4").write_bytes(b"three")
        (folder / "t.csv").write_text("File Name,Owner\ncam1/clip.mp4,101\n")
        ingest(folder)
        assert not Recording.objects.exclude(owner=None).exists()

    def test_an_audit_trail_goes_to_the_recording_in_its_folder(self, world: World, folder: Path) -> None:
        for camera in ("cam1", "cam2"):
            (folder / camera / "clip_audit_trail.csv").write_text(f"Date\n{camera}\n")
        ingest(folder)
        for trail in Attachment.objects.select_related("recording"):
            line = (blobs.store().open(trail.sha256).read()).decode().split()[-1]
            assert trail.recording.source_name == str(folder / line / "clip.mp4")

    def test_an_audit_trail_that_fits_several_is_linked_to_none(self, world: World, folder: Path) -> None:
        (folder / "clip_audit_trail.csv").write_text("Date\n1\n")
        line = ingest(folder).json[-1]
        assert (line["status"], line["recording"]) == ("sealed", None)
        assert line["reason"] == "Several recordings fit this audit trail equally well; it is linked to none."
        assert Attachment.objects.get().recording is None


def test_words_for_people(world: World, delivery: Path) -> None:
    done = run("ingest", "--no-read", delivery)
    number = Recording.objects.order_by("number")[0].number
    digest = Recording.objects.order_by("number")[0].sha256
    assert done.lines[0] == f"sealed  {number}  waiting  {digest}  {delivery / 'one.mp4'}"
    assert done.lines[-1] == "3 sealed, 0 already here, 0 refused."


def test_one_file_one_line_whatever_its_name(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery")
    for number, name in enumerate([b"two\nlines.mp4", b"\x1b[31mred.mp4", b"\xff\xfe.mp4"]):
        (folder / os.fsdecode(name)).write_bytes(b"%d" % number)
    done = run("ingest", "--no-read", folder)
    assert done.code == 0
    assert len(done.lines) == 4
    assert all(line.isprintable() and line.encode() for line in done.lines)


def test_a_strange_file_does_not_stop_the_others(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery", b=b"recording", empty=b"")
    (folder / "a.mp4").symlink_to(folder / "b.mp4")
    os.mkfifo(folder / "fifo.mp4")
    done = ingest(folder)
    assert done.code == 1
    assert done.statuses == ["refused", "sealed", "refused", "refused"]
    assert Recording.objects.filter(status="sealed").count() == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["gone"], "There is nothing at gone."),
        (["gone", "--columns", "unknown"], "There is no column mapping “unknown”."),
        (["gone", "--metadata", "also-gone.csv"], "also-gone.csv is not an ordinary file."),
    ],
)
def test_what_cannot_begin_says_why_and_ends_with_one(world: World, words: list[str], sentence: str) -> None:
    before, done = rows(), run("ingest", *words)
    assert (done.code, done.last_words) == (1, f"fairwitness ingest: {sentence}")
    assert grown(before) == {}


def test_a_read_only_store_takes_nothing_in(world: World, delivery: Path, settings: object) -> None:
    settings.FAIRWITNESS_STORE_READ_ONLY = True  # type: ignore[attr-defined]
    before, done = rows(), run("ingest", delivery)
    assert done.code == 1
    assert "set to read only; nothing was taken in." in done.last_words
    assert grown(before) == {}


def test_the_files_date_is_used_where_nobody_says_more(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery", clip=b"recording")
    os.utime(folder / "clip.mp4", (days_ago(3).timestamp(),) * 2)
    ingest(folder)
    assert (Recording.objects.get().started, Recording.objects.get().clock) == (days_ago(3), "file")


def test_what_a_killed_run_left_half_written_is_swept(world: World, tmp_path: Path, home: Path) -> None:
    folder = written(tmp_path / "delivery", clip=b"recording")
    ingest(folder)
    left = home / "blobs" / "staging" / "left.part"
    left.write_bytes(b"half")
    os.utime(left, (clock.now().timestamp() - 3600,) * 2)
    ingest(folder)
    assert not left.exists()


@pytest.mark.slow
def test_every_naughty_name_and_word_is_kept(world: World, tmp_path: Path) -> None:
    """The Big List of Naughty Strings as file names, titles and owners: each file is sealed, and found again."""
    naughty = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    folder, table = tmp_path / "delivery", []
    folder.mkdir()
    for number, word in enumerate(naughty):
        name = f"{number:03}{word}".replace("/", "∕").replace("\0", "")[:80]
        (folder / name).write_bytes(b"recording %d" % number)
        table.append({"file": name, "title": word, "owner": word, "id_external": word, "category": word})
    (tmp_path / "words.json").write_text(json.dumps(table))
    done = ingest(folder, "--metadata", tmp_path / "words.json")
    assert (done.code, set(done.statuses), len(done.lines)) == (0, {"sealed"}, len(naughty))
    before = rows()
    assert ingest(folder, "--metadata", tmp_path / "words.json").statuses == ["duplicate"] * len(naughty)
    assert grown(before) == {}


def test_a_name_that_is_no_text_is_refused_or_sealed_once(world: World, tmp_path: Path) -> None:
    folder = written(tmp_path / "delivery")
    for name, data in ((b"\xff\xfe.mp4", b"recording"), (b"\xff\xfe-empty.mp4", b"")):
        (folder / os.fsdecode(name)).write_bytes(data)
    assert sorted(ingest(folder).statuses) == ["refused", "sealed"]
    before = rows()
    assert sorted(ingest(folder).statuses) == ["duplicate", "refused"]
    assert grown(before) == {}


def test_the_bar_is_for_terminals_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bar = command_module.Progress(total=100, files=1)
    bar.begin(Path("clip.mp4"))
    assert capsys.readouterr().err == ""
    bar.shown = True
    bar.add(50)
    assert "50%  1 of 1  clip.mp4" in capsys.readouterr().err


@pytest.mark.slow
def test_as_a_process_of_its_own(own_world: World, delivery: Path, clips: dict[str, Path]) -> None:
    """As it is typed: media are read, the exit code is right, and nothing is said beside."""
    (delivery / "real.mp4").write_bytes(clips["plain"].read_bytes())
    done = command("ingest", "--json", delivery)
    said = {Path(line["path"]).name: line for line in map(json.loads, done.stdout.splitlines())}
    assert (done.returncode, done.stderr) == (1 if said["one.mp4"]["status"] == "refused" else 0, b"")
    assert (said["real.mp4"]["readable"], said["real.mp4"]["reason"]) == (True, None)
    assert said["one.mp4"]["readable"] is False
    assert said["one.mp4"]["reason"]
    assert Entry.objects.filter(event="evidence.recording_probed").count() == 3
