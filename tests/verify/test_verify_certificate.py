"""The verifier on a certificate of disposal, as a stranger runs it: whatever is changed in it, the verifier says so."""

import base64
import copy
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fairwitness.rules import canonical
from tests.verify.published import ORIGIN, Log, entry_about, some_leaves, verify, written

MEDIA = b"moving pictures" * 1000
SHA256 = f"sha256:{hashlib.sha256(MEDIA).hexdigest()}"
Made = dict[str, Any]


def certificate() -> dict[str, Any]:
    """As docs/reference/certificate.md has it."""
    listed = f"sha256:{hashlib.sha256(b'the list').hexdigest()}"
    return {
        "v": 1,
        "kind": "disposal",
        "agency": {"name": "A Police Department", "log": ORIGIN},
        "recording": {
            "number": "R-2026-000123",
            "sha256": SHA256,
            "size": len(MEDIA),
            "sealed_at": "2026-03-04T05:06:07.123456Z",
            "sealed_by_entry": "01938e5c-0a6c-7c3e-8f3b-000000000001",
        },
        "rule": {
            "id": "keep.uncategorised",
            "title": "How long: Without a category",
            "source": "a default",
            "category": "uncategorised",
            "document": "P-1",
            "version": 1,
            "version_sha256": f"sha256:{hashlib.sha256(b'the version').hexdigest()}",
            "due_on": "2026-09-01",
        },
        "list": {"number": "D-2026-000001", "proposed_at": "2026-09-02T02:23:00.000000Z"},
        "approvers": [
            {
                "member": "one",
                "name": "Jonas Weber",
                "at": "2026-09-03T09:00:00.000000Z",
                "list_sha256": listed,
            },
            {
                "member": "two",
                "name": "Marcus Hale",
                "at": "2026-09-04T09:00:00.000000Z",
                "list_sha256": listed,
            },
        ],
        "checks": [
            {"check": "holds", "result": "none", "count": 0, "at": ASKED},
            {"check": "requests", "result": "none", "count": 0, "at": ASKED},
            {"check": "cases", "result": "none", "at": ASKED},
            {"check": "siblings", "result": "none", "recordings": [], "at": ASKED},
            {"check": "rule decided again", "result": "kept until a day that is over", "at": ASKED},
            {"check": "staged", "result": "none left"},
        ],
        "stores": [
            {"name": "one", "kind": "folder", "absent_at": "2026-09-16T03:00:00.000000Z", "how": "removed"},
            {"name": "two", "kind": "folder", "absent_at": "2026-09-16T03:00:01.000000Z", "how": "removed"},
        ],
        "blobs": [
            {
                "what": "recording",
                "sha256": SHA256,
                "size": len(MEDIA),
                "outcome": "erased",
                "keys_left": False,
            }
        ],
        "cannot_reach": [{"what": "backups", "until": "2026-10-16"}],
        "erased_at": "2026-09-16T03:00:02.000000Z",
    }


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.publish(some_leaves(300))
    return made


def issued(log: Log, said: dict[str, Any], event: str = "evidence.bytes_erased") -> Made:
    """The certificate with the receipt of its entry, which is in the log."""
    digest = f"sha256:{hashlib.sha256(canonical.canonical(said)).hexdigest()}"
    facts = {"certificate": digest, "sha256": SHA256, "size": len(MEDIA), "day": "2026-09-16"}
    entry = {**entry_about(MEDIA, log.size), "event": event, "facts": facts}
    salt = hashlib.sha256(b"salt").digest()
    public = {"certificate": digest, "day": "2026-09-16"}
    log.publish([canonical.leaf(canonical.commitment(salt, entry), public)])
    place = log.size - 1
    checkpoint = log.publish(some_leaves(400, "later"))
    proof = [base64.b64encode(step).decode() for step in log.tree.inclusion_proof(place)]
    receipt = {
        "v": 1,
        "origin": ORIGIN,
        "key": str(log.key),
        "entry": entry,
        "salt": salt.hex(),
        "index": place,
    }
    return {
        "v": 1,
        "certificate": said,
        "receipt": {**receipt, "proof": proof, "checkpoint": checkpoint, "public": public},
    }


@pytest.fixture
def made(log: Log) -> Made:
    return issued(log, certificate())


def test_it_works(log: Log, made: Made, tmp_path: Path) -> None:
    file, kept = written(tmp_path / "certificate.json", made), tmp_path / "kept.mp4"
    kept.write_bytes(MEDIA)
    words = ("--certificate", file, "--file", kept, "--key", log.key)
    alone, with_log = verify(*words, cwd=tmp_path), verify(*words, "--log", log.folder, cwd=tmp_path)
    assert alone.holds and with_log.holds, alone.text + with_log.text
    assert "The certificate is the one that the entry binds" in alone.text
    assert "which kept it until '2026-09-01'" in alone.text or "which kept it until 2026-09-01" in alone.text
    assert "Entry 300 of the log is the one in the receipt." in with_log.text
    kept.write_bytes(b"other")
    assert not verify(*words, cwd=tmp_path).holds


def another(digest: str) -> str:
    """The digest with its last digit changed."""
    return digest[:-1] + ("0" if digest[-1] != "0" else "1")


def anew(steps: list[str]) -> None:
    """One bit of the first step of a proof changed."""
    step = bytearray(base64.b64decode(steps[0]))
    step[0] ^= 1
    steps[0] = base64.b64encode(step).decode()


def rebound(made: Made) -> None:
    """An approver changed, and the entry made to bind that: then the entry is not the one in the log."""
    said = made["certificate"]
    said["approvers"][0]["name"] = "Somebody Else"
    digest = f"sha256:{hashlib.sha256(canonical.canonical(said)).hexdigest()}"
    made["receipt"]["entry"]["facts"]["certificate"] = digest
    made["receipt"]["public"]["certificate"] = digest


ASKED_FOR = ("holds", "requests", "cases", "siblings", "rule decided again", "staged")
ASKED = "2026-09-16T02:00:00.000000Z"
NOT_BOUND = "is not the one that the entry binds"
NOT_PROVEN = "is not proven to be entry"
PLANTED: dict[str, tuple[str, Callable[[Made], Any]]] = {
    "the rule": (NOT_BOUND, lambda m: m["certificate"]["rule"].update(id="keep.arrest")),
    "the version of the rule": (NOT_BOUND, lambda m: m["certificate"]["rule"].update(version=2)),
    "its last day": (NOT_BOUND, lambda m: m["certificate"]["rule"].update(due_on="2026-08-01")),
    "the digest of the recording": (
        "another sha256 of the recording",
        lambda m: m["certificate"]["recording"].update(sha256=another(SHA256)),
    ),
    "the size of the recording": (
        "another size of the recording",
        lambda m: m["certificate"]["recording"].update(size=1),
    ),
    "the digest of what was erased": (
        NOT_BOUND,
        lambda m: m["certificate"]["blobs"][0].update(sha256=another(SHA256)),
    ),
    "an outcome": (NOT_BOUND, lambda m: m["certificate"]["blobs"][0].update(outcome="kept")),
    "an approver's name": (NOT_BOUND, lambda m: m["certificate"]["approvers"][1].update(name="Elena Park")),
    "an approver left out": ("two different people", lambda m: m["certificate"]["approvers"].pop()),
    "one approver twice": (
        "two different people",
        lambda m: m["certificate"]["approvers"][1].update(m["certificate"]["approvers"][0]),
    ),
    "a store that was checked": (NOT_BOUND, lambda m: m["certificate"]["stores"].pop()),
    "every store": ("names no store in which they are absent", lambda m: m["certificate"]["stores"].clear()),
    "when a store was read back": (
        NOT_BOUND,
        lambda m: m["certificate"]["stores"][0].update(absent_at="2026-09-17T03:00:00.000000Z"),
    ),
    "a check": (NOT_BOUND, lambda m: m["certificate"]["checks"][0].update(result="one")),
    "what is out of reach": (NOT_BOUND, lambda m: m["certificate"]["cannot_reach"].clear()),
    "the proof": (NOT_PROVEN, lambda m: anew(m["receipt"]["proof"])),
    "the place in the log": (NOT_PROVEN, lambda m: m["receipt"].update(index=299)),
    "the salt": (NOT_PROVEN, lambda m: m["receipt"].update(salt=another(m["receipt"]["salt"]))),
    "what is in clear in the leaf": (NOT_PROVEN, lambda m: m["receipt"]["public"].update(day="2026-09-17")),
    "certificate and entry together": (NOT_PROVEN, rebound),
    "the signed checkpoint": (
        "cannot be trusted",
        lambda m: m["receipt"].update(checkpoint=m["receipt"]["checkpoint"].replace("\n701\n", "\n702\n")),
    ),
}


@pytest.mark.parametrize("what", PLANTED)
def test_one_planted_change_is_found(log: Log, made: Made, tmp_path: Path, what: str) -> None:
    sentence, plant = PLANTED[what]
    changed = copy.deepcopy(made)
    plant(changed)
    assert json.dumps(changed) != json.dumps(made)
    file = written(tmp_path / "certificate.json", changed)
    outcome = verify("--certificate", file, "--key", log.key, cwd=tmp_path)
    assert not outcome.holds
    assert any(sentence in fault for fault in outcome.faults), outcome.text


@pytest.mark.parametrize(
    ("name", "answer", "sentence"),
    [
        ("holds", {"count": 1, "result": "found"}, "holds were found that keep the recording"),
        ("requests", {"result": "found"}, "requests were found that keep the recording"),
        ("cases", {"result": "found"}, "a case kept the recording"),
        ("rule decided again", {"result": "kept longer"}, "the rules kept the recording longer"),
        ("staged", {"result": "2 left"}, "bytes of its uploads were left"),
        *((name, None, f"does not state that {name} were asked") for name in ASKED_FOR),
    ],
)
def test_what_was_asked_and_answered_must_let_it_go(
    log: Log, tmp_path: Path, name: str, answer: dict[str, Any] | None, sentence: str
) -> None:
    """Also of a certificate that its issuer really bound into the log."""
    said = certificate()
    here = next(each for each in said["checks"] if each["check"] == name)
    here.update(answer or {"check": "something else"})
    file = written(tmp_path / "certificate.json", issued(log, said))
    outcome = verify("--certificate", file, "--key", log.key, cwd=tmp_path)
    assert not outcome.holds
    assert any(sentence in fault for fault in outcome.faults), outcome.text


def test_a_receipt_of_another_kind_certifies_nothing(log: Log, tmp_path: Path) -> None:
    file = written(tmp_path / "certificate.json", issued(log, certificate(), "recording_sealed"))
    outcome = verify("--certificate", file, "--key", log.key, cwd=tmp_path)
    assert not outcome.holds and "says of no bytes that they were erased" in outcome.text


def test_a_log_of_somebody_else_proves_nothing(log: Log, made: Made, tmp_path: Path) -> None:
    """Whoever forges a certificate can sign a log of their own; with the department's key it does not hold."""
    forger = Log(tmp_path / "forged")
    forger.publish(some_leaves(300))
    file = written(tmp_path / "certificate.json", issued(forger, certificate()))
    assert not verify("--certificate", file, "--key", log.key, cwd=tmp_path).holds
    assert not verify("--certificate", file, "--log", log.folder, cwd=tmp_path).holds


@pytest.mark.parametrize("part", ["approvers", "checks", "stores", "rule", "erased_at"])
def test_a_certificate_with_a_part_missing_is_none(log: Log, made: Made, tmp_path: Path, part: str) -> None:
    del made["certificate"][part]
    file = written(tmp_path / "certificate.json", made)
    outcome = verify("--certificate", file, "--key", log.key, cwd=tmp_path)
    assert not outcome.holds and "The certificate cannot be read" in outcome.text
