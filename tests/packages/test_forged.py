"""A package made anew around something else, its manifests and its list with it: the log alone knows better."""

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import bagit
import pytest

from fairwitness.packages.content import Disclosure
from fairwitness.rules import notes
from tests.packages.made import case, of_file, package
from tests.verify.published import Log, Outcome, flip, new_key, verify, written

Change = Callable[[Path, dict[str, Any]], object]
FILM, OTHER, CLIP, DOCUMENT, COPY, TRAIL = range(6)


class Witnessed(Log):
    """A log whose checkpoints a witness signs, as long as it is there."""

    def __init__(self, folder: Path) -> None:
        self.witness, self.witness_key = new_key("witness.example/w1", notes.COSIGNATURE)
        self.is_there = True
        super().__init__(folder)

    def sign(self, root: bytes, *cosignatures: notes.Signature) -> str:
        """Publish a checkpoint, cosigned."""
        text = str(notes.Checkpoint("police.example/log", self.size, root))
        seen = [notes.cosign(text, self.witness_key, self.witness.sign, 1_772_600_000)]
        return super().sign(root, *cosignatures, *(seen if self.is_there else []))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Witnessed:
    return Witnessed(tmp_path_factory.mktemp("case") / "log")


@pytest.fixture(scope="module")
def said(log: Witnessed) -> Disclosure:
    """A case with an exhibit of each kind that an entry of another kind makes."""
    films = {name: written(log.folder.parent / f"{name}.mp4", name * 300) for name in ("plain", "silent")}
    found = case(log.folder.parent, films, log)
    copied = written(log.folder.parent / "copy.mp4", "copy")
    trail = written(log.folder.parent / "trail.csv", "When,Who,What\n")
    first = found.exhibits[FILM]
    more = (
        of_file(
            copied,
            "R-2026-000001-viewing-copy",
            log,
            kind="copy",
            original=first.number,
            source=f"sha256:{first.sha256}",
            custody=(),
        ),
        of_file(trail, "R-2026-000001-attached-1", log, kind="attachment"),
    )
    return replace(found, exhibits=(*found.exhibits, *more))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, said: Disclosure) -> Path:
    return package(tmp_path_factory.mktemp("made"), said)[0]


@pytest.fixture(scope="module")
def received(log: Witnessed, made: Path) -> Path:
    """The receipt of the entry that says that a guest received the package."""
    return about(log, made, "sharing.received")


@pytest.fixture
def stick(tmp_path: Path, made: Path) -> Path:
    """A stick of its own, to be forged."""
    return Path(shutil.copytree(made, tmp_path / "stick"))


def about(log: Log, made: Path, event: str) -> Path:
    """The receipt of an entry about the whole of a package, beside it."""
    receipt = log.seal((made / "tagmanifest-sha256.txt").read_bytes(), event=event)
    return written(made.parent / f"{event}.json", receipt)


def forge(stick: Path, change: Change) -> None:
    """The whole bag made anew after a change: no manifest tells of it."""
    path = stick / "data/contents.json"
    contents = json.loads(path.read_text(encoding="utf-8"))
    change(stick, contents)
    path.write_text(json.dumps(contents), encoding="utf-8")
    bagit.Bag(str(stick)).save(manifests=True)


def verified(stick: Path, *words: object) -> Outcome:
    return verify("--package", stick, *words, cwd=stick.parent)


def exchange_without_receipt(stick: Path, contents: dict[str, Any]) -> None:
    item = contents["there"][FILM]
    flip(stick / item["path"], 5)
    item["sha256"] = f"sha256:{hashlib.sha256((stick / item['path']).read_bytes()).hexdigest()}"
    (stick / item["receipt"]).unlink()
    item["receipt"] = None


def swap_numbers(stick: Path, contents: dict[str, Any]) -> None:
    one, other = contents["there"][:2]
    one["number"], other["number"] = other["number"], one["number"]


def clip_for_recording(stick: Path, contents: dict[str, Any]) -> None:
    film, _other, clip = contents["there"][:3]
    for path in (film["path"], film["receipt"], film["custody"], f"{clip['path']}.proof.json"):
        (stick / path).unlink()
    clip |= {"kind": "recording", "number": film["number"], "made_of": None}
    contents["there"].remove(film)


def said_of(place: int, **what: Any) -> Change:
    """What is said of one item, otherwise."""
    return lambda stick, contents: contents["there"][place].update(what)


def receipt_outside(stick: Path, contents: dict[str, Any]) -> None:
    item = contents["there"][FILM]
    shutil.move(stick / item["receipt"], stick / "receipt.json")
    item["receipt"] = "receipt.json"


def proof_rewritten(stick: Path, contents: dict[str, Any]) -> None:
    written(
        stick / f"{contents['there'][CLIP]['path']}.proof.json", {"original": {"number": "R-2026-000001"}}
    )


def proof_removed(stick: Path, contents: dict[str, Any]) -> None:
    (stick / f"{contents['there'][CLIP]['path']}.proof.json").unlink()


def original_left_out(stick: Path, contents: dict[str, Any]) -> None:
    """Of the same film as another, whose bytes are not here to be compared."""
    contents["there"][CLIP]["made_of"] = contents["left_out"][0]["number"]


def another_log(stick: Path, contents: dict[str, Any]) -> None:
    other = Log(stick.parent / "other")
    other.seal(b"x")
    (stick / "data/log/checkpoint").write_text(other.checkpoint)


def another_key(stick: Path, contents: dict[str, Any]) -> None:
    (stick / "data/log/key").write_text(str(Log(stick.parent / "other").key))


ATTACHED = "R-2026-000002-attached-1"
FORGED: list[tuple[Change, str]] = [
    (exchange_without_receipt, "R-2026-000001 has no receipt: nothing shows that it was ever sealed."),
    (swap_numbers, "The receipt of R-2026-000002 is that of R-2026-000001."),
    (clip_for_recording, "R-2026-000001 is listed as recording, and its receipt is of evidence.clip_made."),
    (said_of(FILM, kind="clip"), "listed as clip, and its receipt is of evidence.recording_sealed."),
    (said_of(FILM, kind="film"), "R-2026-000001 is listed as film, and its receipt is of"),
    (said_of(DOCUMENT, kind="photograph"), "is listed as photograph, and was sealed as document."),
    (said_of(DOCUMENT, number="F-2026-000002"), "The receipt of F-2026-000002 is that of F-2026-000001."),
    (said_of(CLIP, made_of="R-2026-000002"), "K-2026-000001 was not made of R-2026-000002: its entry states"),
    (said_of(CLIP, made_of=None), "K-2026-000001 is of no recording that contents.json speaks of."),
    (original_left_out, "K-2026-000001 was not made of R-2026-000003: its proof names another original."),
    (proof_rewritten, "The proof of K-2026-000001 is not the one that its entry binds."),
    (proof_removed, "The proof of K-2026-000001 cannot be read"),
    (said_of(COPY, made_of="R-2026-000002"), "R-2026-000001-viewing-copy was not made of R-2026-000002"),
    (said_of(TRAIL, number=ATTACHED), f"{ATTACHED} did not come with R-2026-000002"),
    (said_of(TRAIL, number="trail"), "trail is of no recording that contents.json speaks of."),
    (receipt_outside, "R-2026-000001: receipt.json is not in the package."),
    (lambda stick, said: said["there"].append(said["there"][FILM]), "contents.json names R-2026-000001, or"),
    (lambda stick, said: said["there"].pop(TRAIL), ".csv lies in the package, and contents.json does not"),
    (lambda stick, said: written(stick / "data/recordings/R-9.mp4", "x"), "data/recordings/R-9.mp4 lies in"),
    (another_log, "The checkpoint in data/log/checkpoint cannot be trusted: it is not signed by"),
    (another_key, "The key in data/log/key is another than the one that all was checked by."),
    (lambda stick, said: (stick / "data/log/checkpoint").unlink(), "The package lacks the log's checkpoint"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "sentence"), FORGED)
def test_what_was_forged_is_found_by_the_log(
    stick: Path, log: Witnessed, change: Change, sentence: str
) -> None:
    forge(stick, change)
    assert bagit.Bag(str(stick)).is_valid(), "as a bag it is whole"
    found = verified(stick, "--key", log.key)
    assert not found.holds
    assert sentence in found.text


def drop(stick: Path, contents: dict[str, Any]) -> None:
    """A recording, and every line that speaks of it."""
    item = contents["there"].pop(OTHER)
    for name in ("path", "receipt", "custody"):
        (stick / item[name]).unlink()


UNLISTED: list[Change] = [
    drop,
    lambda stick, said: said.update(left_out=[], complete=True),
    lambda stick, said: said["there"][FILM].update(notes=[]),
    lambda stick, said: written(stick / said["there"][FILM]["custody"], "nothing happened"),
    lambda stick, said: written(stick / "index.html", "nothing to see"),
]


@pytest.mark.parametrize("change", UNLISTED)
def test_what_no_item_shows_is_found_by_the_receipt_of_the_package(
    stick: Path, log: Witnessed, received: Path, change: Change
) -> None:
    forge(stick, change)
    alone = verified(stick, "--key", log.key)
    assert alone.text.splitlines()[-1] == (
        "Verified: each item that is there is what the log says of it; "
        "whether the package is whole and unchanged was not checked."
    )
    assert "Not checked: whether an item was taken out of the package" in alone.text
    found = verified(stick, "--key", log.key, "--receipt", received)
    assert len(found.faults) == 1, found.text
    assert "This is not the package that the log speaks of" in found.faults[0]


@pytest.mark.parametrize("event", ["sharing.package_made", "sharing.package_taken", "sharing.received"])
def test_as_it_was_made_it_verifies_whole(made: Path, log: Witnessed, tmp_path: Path, event: str) -> None:
    witnesses = written(tmp_path / "witnesses", f"{log.witness_key}\n")
    receipt = about(log, made, event)
    for words in ([], ["--key", log.key], ["--key", log.key, "--witness", witnesses]):
        found = verified(made, "--receipt", receipt, *words)
        assert found.holds, found.text
        assert f"This is the package that the log speaks of ({event})." in found.text
        assert "Not checked" not in found.text
        assert found.text.splitlines()[-1] == (
            "Verified: this is the package that the log speaks of, whole and unchanged, "
            "and each item is what the log says."
        )


def test_its_digest_is_always_said(made: Path) -> None:
    digest = hashlib.sha256((made / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert f"by the digest of tagmanifest-sha256.txt, here sha256:{digest}." in verified(made).text


def test_a_receipt_of_an_item_is_none_of_the_package(made: Path, said: Disclosure) -> None:
    item = made / said.exhibits[FILM].receipt_path
    assert verified(made, "--receipt", item).faults == [
        "The receipt's entry is evidence.recording_sealed, which does not speak of a package."
    ]


def test_the_receipt_of_the_package_is_itself_checked(
    made: Path, log: Witnessed, received: Path, tmp_path: Path
) -> None:
    foreign = about(Log(tmp_path / "other"), made, "sharing.received")
    found = verified(made, "--key", log.key, "--receipt", foreign)
    assert any("The receipt's checkpoint cannot be trusted" in each for each in found.faults)
    assert "This is the package" not in found.text
    changed = json.loads(received.read_text(encoding="utf-8"))
    changed["entry"]["facts"]["number"] = "P-2026-000002"
    found = verified(made, "--receipt", written(tmp_path / "changed.json", changed))
    assert "is not proven to be entry" in found.faults[0]
    assert "This is the package" not in found.text


def test_witnesses_must_have_seen_every_checkpoint(
    tmp_path: Path, said: Disclosure, made: Path, log: Witnessed
) -> None:
    """Also where that of the last item was seen by all of them."""
    witnesses = written(tmp_path / "witnesses", f"{log.witness_key}\n")
    found = verified(made, "--witness", witnesses)
    assert found.holds and found.text.count("witness.example/w1 saw this checkpoint") == 6
    log.is_there = False
    unseen = of_file(log.folder.parent / "plain.mp4", said.exhibits[FILM].number, log)
    log.is_there = True
    told = replace(said, exhibits=(unseen, *said.exhibits[1:]))
    found = verified(package(tmp_path, told)[0], "--witness", witnesses)
    assert found.faults == ["Of the witnesses, 0 signed this checkpoint; 1 are needed."]


def test_without_a_checkpoint_no_witness_has_seen_anything(
    tmp_path: Path, said: Disclosure, log: Witnessed
) -> None:
    witnesses = written(tmp_path / "witnesses", f"{log.witness_key}\n")
    empty, _done = package(tmp_path, replace(said, exhibits=(), left_out=(), log=None))
    assert verified(empty).holds
    assert verified(empty, "--witness", witnesses).faults == [
        "The package has no checkpoint that a witness could have signed."
    ]


def test_what_is_withheld_is_told(tmp_path: Path, said: Disclosure) -> None:
    """A package without notes that the case holds is not everything, also where no item was left out."""
    notes = "Notes at moments of recordings: 2, not in it."
    whole = replace(said, left_out=())
    for name in "ab":
        (tmp_path / name).mkdir()
    assert "it is everything" in verified(package(tmp_path / "a", whole)[0]).text
    found = verified(package(tmp_path / "b", replace(whole, withheld=(notes,)))[0])
    assert found.holds and notes in found.text and "it is not everything" in found.text
    assert "it is everything" not in found.text


def test_two_roots_of_one_size_are_two_logs(tmp_path: Path, said: Disclosure, log: Witnessed) -> None:
    """Both are signed by the key: it was shown to somebody otherwise."""
    forked = Log(tmp_path / "forked", log.private)
    film = log.folder.parent / "plain.mp4"
    other = of_file(film, "R-2026-000009", forked)
    found = verified(package(tmp_path, replace(said, exhibits=(*said.exhibits, other)))[0])
    assert found.faults == ["Two checkpoints of 1 entry have different roots."]


@pytest.mark.parametrize("words", [["--file", "x"], ["--certificate", "x"], ["--log", "x"]])
def test_what_cannot_be_asked_of_a_package(made: Path, words: list[str]) -> None:
    assert "--package is checked by itself" in verified(made, *words).text
