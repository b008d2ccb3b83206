"""A package for court, judged by strangers: BagIt, CASE/UCO, PDF/UA, and the verifier with nothing of ours installed."""

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import bagit
import pikepdf
import pytest

from fairwitness.kernel.blobs import Reader
from fairwitness.packages import disclosure, documents, page, words
from fairwitness.packages.content import Disclosure, Exhibit
from fairwitness.packages.targets import Zip
from tests.clips.odd import make_test_clips
from tests.conftest import shared
from tests.packages.made import NAUGHTY, case, package
from tests.verify.published import ALONE, Outcome, flip


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_test_clips(tmp_path_factory.mktemp("clips"))


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory, clips: dict[str, Path]) -> Disclosure:
    return case(tmp_path_factory.mktemp("case"), clips)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory, said: Disclosure) -> Path:
    return package(tmp_path_factory.mktemp("written"), said)[0]


@pytest.fixture
def stick(tmp_path: Path, written: Path) -> Path:
    """A stick of its own, to be spoiled."""
    return Path(shutil.copytree(written, tmp_path / "stick"))


def verified(stick: Path, *words: str) -> Outcome:
    """The verifier that lies in the package, run in it by a Python that sees nothing else."""
    command = [*ALONE, "data/verify/fairwitness_verify.py", "--package", ".", *words]
    return Outcome(
        subprocess.run(command, cwd=stick, capture_output=True, text=True, timeout=120, check=False)
    )


def test_it_is_a_bag(written: Path, said: Disclosure) -> None:
    bag = bagit.Bag(str(written))
    assert bag.validate()
    assert bag.info["External-Identifier"] == said.number
    assert bag.version == "1.0"


def test_the_verifier_in_it_verifies_it(written: Path, said: Disclosure) -> None:
    found = verified(written)
    assert found.holds, found.text
    events = ("evidence.recording_sealed",) * 2 + ("evidence.clip_made", "cases.file_sealed")
    for each, event in zip(said.exhibits, events, strict=True):
        assert f"{each.number} is what the log says: {event}" in found.text
    assert "not everything: 1 item of the case was left out" in found.text
    assert said.log is not None
    assert verified(written, "--key", said.log.key).holds


def test_it_verifies_to_nobody_elses_key(written: Path) -> None:
    other = "police.example/log+c6c0e37e+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea"
    assert not verified(written, "--key", other).holds


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda s: flip(s / "data/recordings/R-2026-000001.mp4", 500), "R-2026-000001.mp4 was changed"),
        (lambda s: (s / "data/recordings/R-2026-000001.mp4").unlink(), "R-2026-000001.mp4 cannot be read"),
        (lambda s: (s / "data/added.txt").write_text("x"), "data/added.txt is not part of the package"),
        (lambda s: flip(s / "index.html", 100), "index.html was changed"),
        (lambda s: flip(s / "bag-info.txt", 3), "bag-info.txt was changed"),
        (lambda s: flip(s / "manifest-sha256.txt", 3), "manifest-sha256.txt was changed"),
        (lambda s: (s / "manifest-sha256.txt").write_text("ab  ../../etc/passwd"), "is not a digest and the path"),
        (lambda s: (s / "bagit.txt").unlink(), "is no package"),
    ],
)  # fmt: skip
def test_what_was_spoiled_is_named(stick: Path, spoil: object, sentence: str) -> None:
    spoil(stick)  # type: ignore[operator]
    found = verified(stick)
    assert not found.holds
    assert sentence in found.text


def test_a_file_exchanged_together_with_its_manifests_is_found_by_the_log(stick: Path) -> None:
    """Whoever makes the whole bag anew around another film cannot make its receipt."""
    film = stick / "data/recordings/R-2026-000001.mp4"
    flip(film, 500)
    contents = json.loads((stick / "data/contents.json").read_text(encoding="utf-8"))
    bag = bagit.Bag(str(stick))
    bag.save(manifests=True)
    found = verified(stick)
    assert "contents.json and the manifest state different files" in found.text
    contents["there"][0]["sha256"] = (
        f"sha256:{bagit.Bag(str(stick)).entries['data/recordings/R-2026-000001.mp4']['sha256']}"
    )
    (stick / "data/contents.json").write_text(json.dumps(contents), encoding="utf-8")
    bag.save(manifests=True)
    found = verified(stick)
    assert found.faults == [
        "R-2026-000001 is not the file of its receipt.",
        "K-2026-000001 was not made of R-2026-000001: its entry states another original.",
    ]


def test_what_computers_leave_is_no_fault(stick: Path) -> None:
    (stick / "data" / ".DS_Store").write_bytes(b"x")
    (stick / "data/verify/__pycache__").mkdir()
    assert verified(stick).holds


def test_the_graph_conforms_to_case(written: Path, tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("case_validate")
    done = subprocess.run(
        [str(program), str(written / "data/case.jsonld")], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Conforms: True" in done.stdout) == (0, True), done.stdout[-3000:]


def test_the_graph_of_an_empty_case_conforms(tmp_path: Path, said: Disclosure) -> None:
    written, _done = package(tmp_path, replace(said, exhibits=(), left_out=(), log=None))
    program = Path(sys.executable).with_name("case_validate")
    done = subprocess.run(
        [str(program), str(written / "data/case.jsonld")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert bagit.Bag(str(written)).validate()
    assert verified(written).holds


def test_the_documents_are_for_screen_readers(written: Path) -> None:
    files = sorted((written / "data").rglob("*.pdf"))
    assert len(files) == 5
    program = Path(sys.executable).with_name("pdfua")
    for path in files:
        with pikepdf.open(path) as document:
            assert document.Root.MarkInfo.Marked
            assert str(document.Root.Lang).startswith("en")
            with document.open_metadata() as metadata:
                assert metadata["pdfuaid:part"] == "1"
                assert metadata["dc:title"]
        done = subprocess.run([str(program), "check", str(path)], capture_output=True, text=True, check=False)
        assert "result: PASS" in done.stdout, done.stdout


def test_documents_bear_any_text() -> None:
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    for start in range(0, len(strings), 100):
        assert documents.printable("".join(strings[start : start + 100]))
    assert documents.printable("Zoë Ωμέγα Ж 田\u202e") == "Zoë Ωμέγα Ж [U+7530][U+202E]"


def test_written_again_it_is_the_same(tmp_path: Path, written: Path, said: Disclosure) -> None:
    again, done = package(tmp_path, said)
    for path in sorted(p for p in written.rglob("*") if p.is_file() and p.suffix != ".pyc"):
        assert (again / path.relative_to(written)).read_bytes() == path.read_bytes(), path


def test_names_lie_within_the_package(written: Path) -> None:
    names = [p.name for p in (written / "data/files").iterdir()]
    assert names == ["F-2026-000001 xgnp.exe.txt"]


def test_what_is_damaged_is_left_out_and_said(tmp_path: Path, said: Disclosure) -> None:
    class Other(Reader):
        size = said.exhibits[0].size

        def pread(self, count: int, at: int) -> bytes:
            return bytes(min(count, self.size - at))

    bad: Exhibit = replace(said.exhibits[0], open=Other)
    target = tmp_path / "P.zip"
    _done, damaged = disclosure.write(
        replace(said, exhibits=(bad, *said.exhibits[1:])), Zip(target, said.asked), tmp_path / "journal"
    )
    assert damaged == {"R-2026-000001": "damaged"}
    shutil.unpack_archive(target, tmp_path / "out")
    contents = json.loads((tmp_path / "out" / said.number / "data/contents.json").read_text(encoding="utf-8"))
    assert [each["number"] for each in contents["left_out"]] == ["R-2026-000003", "R-2026-000001"]
    assert "damaged" in contents["left_out"][1]["because"]
    assert verified(tmp_path / "out" / said.number).holds


def test_what_is_withheld_stands_in_every_form(said: Disclosure, monkeypatch: pytest.MonkeyPatch) -> None:
    """With notes that are not in it nothing says that it is everything: no statement, table, page or document."""
    told: list[dict[str, Any]] = []

    def pdf(template: str, said: dict[str, Any]) -> bytes:
        told.append(said)
        return b""

    monkeypatch.setattr(disclosure, "pdf", pdf)
    notes = "Notes at moments of recordings: 7."
    for withheld, left_out in (((), ()), ((notes,), ()), ((notes,), said.left_out)):
        each = replace(said, withheld=withheld, left_out=left_out)
        whole = not withheld
        disclosure.contents(each)
        html = page.index(each).decode()
        assert words.table(each)["complete"] is whole
        assert (notes in words.complete_words(each)) is not whole
        assert (html.count(notes), "Nothing was left out." in html) == ((0, True) if whole else (2, False))
        assert (told[-1]["complete"] == "Nothing was left out.") is whole
        assert (notes in told[-1]["complete"]) is not whole
        assert ('class="box done"' in html) is whole


def test_no_text_becomes_code_in_the_page(said: Disclosure) -> None:
    html = page.index(said).decode()
    assert "<script>alert" not in html
    assert html.count("<script") == 3
    assert "http://" not in html.replace("http://example.org", "")
    assert "https://" not in html
    assert NAUGHTY not in html
