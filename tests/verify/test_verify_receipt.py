"""The verifier on a receipt, alone and with the log, and on the recording that the receipt is about."""

import base64
import copy
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwitness.rules import canonical, notes
from tests.vectors.known import known
from tests.verify.published import ORIGIN, Log, new_key, some_leaves, verify, written

MEDIA = b"moving pictures" * 1000
Receipt = dict[str, Any]


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.publish(some_leaves(300))
    return made


@pytest.fixture
def receipt(log: Log) -> Receipt:
    made = log.seal(MEDIA)
    log.publish(some_leaves(400, "later"))
    return made


@pytest.fixture
def media(tmp_path: Path) -> Path:
    path = tmp_path / "clip.mp4"
    path.write_bytes(MEDIA)
    return path


def test_it_works_without_the_log(log: Log, receipt: Receipt, media: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--receipt", file, "--file", media, "--key", log.key, cwd=tmp_path)
    assert outcome.holds, outcome.text
    assert "(recording_sealed at 2026-03-04T05:06:07.123456Z) is entry 300" in outcome.text
    assert "not that others see the same log" in outcome.text
    assert outcome.text.splitlines()[-1] == (
        "Verified: the file is the one that was sealed, and the receipt's entry is in the log as it was signed."
    )


def test_it_works_with_the_log(log: Log, receipt: Receipt, media: Path, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--log", log.folder, "--receipt", file, "--file", media, "--key", log.key, cwd=tmp_path)
    assert outcome.holds, outcome.text
    assert "The log still begins with the 301 entries of the receipt's checkpoint." in outcome.text
    assert "Entry 300 of the log is the one in the receipt." in outcome.text
    assert "--all reads all of it" in outcome.text


def test_it_reads_the_whole_log_when_asked(log: Log, receipt: Receipt, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--log", log.folder, "--receipt", file, "--all", cwd=tmp_path)
    assert outcome.holds, outcome.text
    assert "The log is whole: 701 entries" in outcome.text


def test_a_receipt_with_public_facts(log: Log, tmp_path: Path) -> None:
    receipt = log.seal(MEDIA, {"version": 3, "in_force": "2026-03-04"})
    file = written(tmp_path / "receipt.json", receipt)
    assert verify("--receipt", file, "--log", log.folder, cwd=tmp_path).holds
    for public in ({"version": 4, "in_force": "2026-03-04"}, {}):
        file = written(tmp_path / "receipt.json", {**receipt, "public": public})
        assert not verify("--receipt", file, cwd=tmp_path).holds
    without = {name: value for name, value in receipt.items() if name != "public"}
    assert not verify("--receipt", written(tmp_path / "receipt.json", without), cwd=tmp_path).holds


def test_a_receipt_of_an_entry_caused_by_another(log: Log, tmp_path: Path) -> None:
    entry = {
        "id": "b",
        "event": "category_added",
        "time": "2026-03-04T05:06:07.000000Z",
        "actor": "person:a",
        "subjects": [],
        "facts": {"name": "Zażółć", "🚓": None, "\uff01": True},
        "caused_by": "a",
    }
    salt = b"s" * 32
    log.publish([canonical.leaf(canonical.commitment(salt, entry))])
    receipt = {
        "v": 1,
        "origin": ORIGIN,
        "key": str(log.key),
        "entry": entry,
        "salt": salt.hex(),
        "index": 300,
        "proof": [base64.b64encode(step).decode() for step in log.tree.inclusion_proof(300)],
        "checkpoint": log.checkpoint,
    }
    outcome = verify("--receipt", written(tmp_path / "receipt.json", receipt), cwd=tmp_path)
    assert outcome.holds, outcome.text


def test_the_known_receipt(tmp_path: Path) -> None:
    case = known("receipt")
    file, media = written(tmp_path / "r.json", case["receipt"]), written(tmp_path / "m", case["media"])
    assert verify("--receipt", file, "--file", media, cwd=tmp_path).holds


def test_the_key_of_the_receipt_is_named(receipt: Receipt, tmp_path: Path) -> None:
    outcome = verify("--receipt", written(tmp_path / "receipt.json", receipt), cwd=tmp_path)
    assert outcome.holds
    assert "The log's key is taken from the receipt; compare it with one that you know" in outcome.text
    assert receipt["key"] in outcome.text


# ---- Changed receipts ----


def change_entry(**parts: Any) -> Callable[[Receipt], None]:
    return lambda receipt: receipt["entry"].update(parts)


def change_facts(**facts: Any) -> Callable[[Receipt], None]:
    return lambda receipt: receipt["entry"]["facts"].update(facts)


def change(**parts: Any) -> Callable[[Receipt], None]:
    return lambda receipt: receipt.update(parts)


def drop_a_step(receipt: Receipt) -> None:
    receipt["proof"].pop()


def swap_steps(receipt: Receipt) -> None:
    receipt["proof"][:2] = reversed(receipt["proof"][:2])


FORGERIES = [
    change_entry(id="another"),
    change_entry(event="recording_erased"),
    change_entry(time="2026-03-04T05:06:07.123457Z"),
    change_entry(actor="person:another"),
    change_entry(subjects=[]),
    change_entry(caused_by="another"),
    change_facts(size=1),
    change_facts(more=None),
    change_facts(sha256="sha256:" + hashlib.sha256(b"other").hexdigest()),
    change(salt="0" * 64),
    change(index=299),
    change(index=301),
    change(index=2**53 - 1),
    change(index=-1),
    change(proof=[]),
    change(proof=[base64.b64encode(b"x" * 32).decode()] * 5),
    drop_a_step,
    swap_steps,
    change(public={}),
]


@pytest.mark.parametrize("forge", FORGERIES)
def test_a_changed_receipt_is_not_proven(
    log: Log, receipt: Receipt, tmp_path: Path, forge: Callable[[Receipt], None]
) -> None:
    forged = copy.deepcopy(receipt)
    forge(forged)
    file = written(tmp_path / "receipt.json", forged)
    outcome = verify("--receipt", file, "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "is not proven to be entry" in outcome.faults[0]
    assert not verify("--receipt", file, "--key", log.key, "--log", log.folder, cwd=tmp_path).holds


MALFORMED: list[tuple[Callable[[Receipt], None], str]] = [
    (change(v=2), "not a receipt of version 1"),
    (change(v=True), "not a receipt of version 1"),
    (change(more=1), "it has a field that receipts do not have: more"),
    (change(salt="0" * 63), "its salt is not 64"),
    (change(salt="A" * 64), "its salt is not 64"),
    (change(salt=None), "its salt is missing"),
    (change(index="300"), "its index is missing or not"),
    (change(index=True), "its index is missing or not"),
    (change(index=300.0), "a number that is not an integer"),
    (change(index=2**53), "an integer beyond"),
    (change(proof="x"), "its proof is missing or not"),
    (change(proof=[1]), "something else where there should be text"),
    (change(proof=["AAAA"]), "its proof is not a list of hashes"),
    (change(proof=["A" * 43]), "a step of its proof is not base64"),
    (change(proof=["A" * 43 + "="] * 64), "its proof is not a list of hashes"),
    (change(public=None), "its public is missing or not"),
    (change(key="x"), "it is not an Ed25519 key"),
    (change(checkpoint="x"), "no blank line"),
    (change(entry=[]), "its entry is missing or not"),
    (change_entry(more=1), "does not have the fields of an entry"),
    (change_entry(event=1), "something else where there should be text"),
    (change_entry(subjects=[{"kind": "recording"}]), "not a kind and an id"),
    (change_entry(subjects=["x"]), "not a kind and an id"),
    (change_entry(facts=[]), "its facts is missing or not"),
    (change_facts(speed=1.5), "a number that is not an integer"),
    (change_facts(text="\ud83d"), "not Unicode text"),
    (lambda receipt: receipt["entry"].pop("time"), "does not have the fields of an entry"),
]


@pytest.mark.parametrize(("malform", "says"), MALFORMED)
def test_a_malformed_receipt_is_a_sentence(
    receipt: Receipt, tmp_path: Path, malform: Callable[[Receipt], None], says: str
) -> None:
    malform(receipt)
    outcome = verify("--receipt", written(tmp_path / "receipt.json", receipt), cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert outcome.faults[0].startswith("The receipt cannot be read: ")
    assert says in outcome.faults[0]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("null", "not a receipt"),
        ("{", "not JSON"),
        ('{"v":1,"v":1}', "a field twice"),
        ('{"v":NaN}', "not an integer"),
        ('{"v":' + "9" * 5000 + "}", "beyond 2**53"),
        ("[" * 100_000, "too deep"),
        ('{"v":1,"entry":' + '{"a":' * 50_000, "too deep"),
        (" " * (2**20 + 1), "larger than"),
    ],
)
def test_a_hostile_receipt_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    outcome = verify("--receipt", written(tmp_path / "receipt.json", text), cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert says in outcome.faults[0]


def test_a_receipt_that_is_missing(tmp_path: Path) -> None:
    outcome = verify("--receipt", "nowhere.json", cwd=tmp_path)
    assert "nowhere.json cannot be read" in outcome.faults[0]


def test_a_receipt_with_a_key_of_its_own_making(log: Log, receipt: Receipt, tmp_path: Path) -> None:
    """A forger who signs with another key is caught by whoever knows the log's key, with or without the log."""
    forger = Log(tmp_path / "forged")
    forged = forger.seal(b"other pictures")
    file = written(tmp_path / "receipt.json", forged)
    assert verify("--receipt", file, cwd=tmp_path).holds  # alone it looks sound; hence the note about its key
    outcome = verify("--receipt", file, "--key", log.key, cwd=tmp_path)
    assert outcome.faults[0] == "The receipt names another key than the one given."
    assert "cannot be trusted: it is not signed by the key" in outcome.faults[1]
    assert not verify("--receipt", file, "--log", log.folder, cwd=tmp_path).holds


def test_a_receipt_of_another_origin(receipt: Receipt, tmp_path: Path) -> None:
    receipt["origin"] = "elsewhere.example/log"
    outcome = verify("--receipt", written(tmp_path / "receipt.json", receipt), cwd=tmp_path)
    assert outcome.faults == ["The origin in the receipt is not that of its checkpoint."]


def test_a_changed_checkpoint(receipt: Receipt, tmp_path: Path) -> None:
    receipt["checkpoint"] = receipt["checkpoint"].replace("\n301\n", "\n302\n")
    outcome = verify("--receipt", written(tmp_path / "receipt.json", receipt), cwd=tmp_path)
    assert "The receipt's checkpoint cannot be trusted" in outcome.faults[0]


# ---- The log behind the receipt's back ----


def test_a_log_from_which_the_entry_was_taken(log: Log, receipt: Receipt, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(300) + some_leaves(401, "later"))
    outcome = verify("--log", forged.folder, "--receipt", file, "--key", log.key, cwd=tmp_path)
    assert "The log was rewritten" in outcome.faults[0]
    assert outcome.faults[1] == ("Entry 300 of the log, in tile/entries/001, is not the one in the receipt.")


def test_a_log_cut_short_before_the_entry(log: Log, receipt: Receipt, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    cut = Log(tmp_path / "cut", log.private)
    cut.publish(some_leaves(300))
    outcome = verify("--log", cut.folder, "--receipt", file, "--key", log.key, cwd=tmp_path)
    assert outcome.faults == [
        "The log was cut short: the receipt's checkpoint has 301 entries, it now has 300.",
        "The log has no entry 300, which the receipt is about.",
    ]


def test_a_log_of_someone_else(receipt: Receipt, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    other.publish(some_leaves(700))
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--log", other.folder, "--receipt", file, cwd=tmp_path)
    assert "The log's checkpoint cannot be trusted: it is not signed by the key" in outcome.faults[0]


def test_a_damaged_tile_on_the_way(log: Log, receipt: Receipt, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    (log.folder / "tile/0/001").unlink()
    outcome = verify("--log", log.folder, "--receipt", file, cwd=tmp_path)
    assert any("tile/0/001 is missing" in fault for fault in outcome.faults)


# ---- The recording ----


def test_a_flipped_bit_in_the_recording(receipt: Receipt, media: Path, tmp_path: Path) -> None:
    data = bytearray(MEDIA)
    data[len(data) // 2] ^= 1
    media.write_bytes(data)
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--receipt", file, "--file", media, cwd=tmp_path)
    found, stated = hashlib.sha256(data).hexdigest(), hashlib.sha256(MEDIA).hexdigest()
    assert outcome.faults == [
        (
            f"{media} is not the file of the entry: its digest is sha256:{found}, "
            f"the entry states sha256:{stated}."
        )
    ]


def test_a_recording_cut_short(receipt: Receipt, media: Path, tmp_path: Path) -> None:
    media.write_bytes(MEDIA[:-1])
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--receipt", file, "--file", media, cwd=tmp_path)
    assert outcome.faults[0] == f"{media} has 14,999 bytes; the entry states 15000."
    assert len(outcome.faults) == 2


def test_a_recording_that_is_missing(receipt: Receipt, tmp_path: Path) -> None:
    file = written(tmp_path / "receipt.json", receipt)
    outcome = verify("--receipt", file, "--file", tmp_path / "nothing", cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "cannot be read" in outcome.faults[0]


@pytest.mark.parametrize("stated", [None, 1, "0" * 64, "sha256:" + "A" * 64])
def test_an_entry_that_states_no_digest(log: Log, media: Path, tmp_path: Path, stated: Any) -> None:
    entry = {"id": "a", "event": "e", "time": "t", "actor": "a", "subjects": [], "facts": {"sha256": stated}}
    log.publish([canonical.leaf(canonical.commitment(b"s" * 32, entry))])
    receipt = {
        "v": 1,
        "origin": ORIGIN,
        "key": str(log.key),
        "entry": entry,
        "salt": (b"s" * 32).hex(),
        "index": 300,
        "proof": [base64.b64encode(step).decode() for step in log.tree.inclusion_proof(300)],
        "checkpoint": log.checkpoint,
    }
    file = written(tmp_path / "receipt.json", receipt)
    assert verify("--receipt", file, cwd=tmp_path).holds
    outcome = verify("--receipt", file, "--file", media, cwd=tmp_path)
    assert outcome.faults == ["The receipt's entry states no digest of a file (facts.sha256)."]


# ---- Witnesses ----


def witnesses(count: int) -> list[tuple[Any, notes.Key]]:
    return [new_key(f"witness.example/{n}", notes.COSIGNATURE) for n in range(count)]


def cosigned(log: Log, signers: list[tuple[Any, notes.Key]], when: int = 1_772_600_000) -> None:
    text = notes.parse_note(log.checkpoint.encode()).text
    log.sign(log.tree.root(), *[notes.cosign(text, key, private.sign, when) for private, key in signers])


def test_enough_witnesses(log: Log, tmp_path: Path) -> None:
    three = witnesses(3)
    cosigned(log, three[:2])
    file = written(tmp_path / "witnesses", "# ours\n" + "".join(f"{key}\n" for _, key in three))
    words = ("--log", log.folder, "--key", log.key, "--witness", file)
    outcome = verify(*words, "--need", 2, cwd=tmp_path)
    assert outcome.holds, outcome.text
    assert "The witness witness.example/1 saw this checkpoint at 2026-03-04 04:53:20 UTC." in outcome.text
    for more in (["--need", 3], []):
        outcome = verify(*words, *more, cwd=tmp_path)
        assert outcome.faults == ["Of the witnesses, 2 signed this checkpoint; 3 are needed."]


def test_witnesses_of_the_receipts_checkpoint(log: Log, tmp_path: Path) -> None:
    receipt, signers = log.seal(MEDIA), witnesses(2)
    cosigned(log, signers)
    receipt["checkpoint"] = log.checkpoint
    file = written(tmp_path / "witnesses", "".join(f"{key}\n" for _, key in signers))
    words = ("--receipt", written(tmp_path / "receipt.json", receipt), "--witness", file)
    assert verify(*words, "--need", 2, cwd=tmp_path).holds


def test_one_witness_under_two_names_counts_once(log: Log, tmp_path: Path) -> None:
    private, key = new_key("witness.example/a", notes.COSIGNATURE)
    two = [(private, key), (private, key._replace(name="witness.example/b"))]
    cosigned(log, two)
    file = written(tmp_path / "witnesses", "".join(f"{key}\n" for _, key in two))
    outcome = verify("--log", log.folder, "--witness", file, "--need", 2, cwd=tmp_path)
    assert outcome.faults == ["Of the witnesses, 1 signed this checkpoint; 2 are needed."]


def test_a_cosignature_of_another_checkpoint(log: Log, tmp_path: Path) -> None:
    signers = witnesses(1)
    cosigned(log, signers)
    line = notes.parse_note(log.checkpoint.encode()).signatures[1]
    log.publish(some_leaves(1))
    log.sign(log.tree.root(), line)
    file = written(tmp_path / "witnesses", f"{signers[0][1]}\n")
    outcome = verify("--log", log.folder, "--witness", file, cwd=tmp_path)
    assert outcome.faults[0] == "The cosignature by witness.example/0 is not of this checkpoint."


@pytest.mark.parametrize(
    ("text", "says"), [("", "it has no key"), ("x", "line 1"), ("LOG KEY", "line 1: it is the key of a log")]
)
def test_a_file_of_witnesses_that_is_none(log: Log, tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path / "witnesses", text.replace("LOG KEY", str(log.key)))
    outcome = verify("--log", log.folder, "--witness", file, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert says in outcome.faults[0]
