"""Notes, checkpoints and cosignatures: the known answers, and every way to be malformed."""

from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from fairwitness.rules import notes
from tests.vectors.known import known

VECTORS = known("notes")
LOG = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["log_seed"]))
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(VECTORS["witness_seed"]))
LOG_KEY = notes.Key(VECTORS["origin"], notes.ED25519, LOG.public_key().public_bytes_raw())
WITNESS_KEY = notes.parse_key(VECTORS["witness_key"])
CHECKPOINT = VECTORS["checkpoint"].encode()


def verifies(public: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def test_keys() -> None:
    assert str(LOG_KEY) == VECTORS["log_key"]
    assert notes.parse_key(f" {VECTORS['log_key']}\n") == LOG_KEY
    assert str(WITNESS_KEY) == VECTORS["witness_key"]
    assert WITNESS_KEY.kind == notes.COSIGNATURE


def test_a_checkpoint_comes_back() -> None:
    note = notes.parse_note(CHECKPOINT)
    assert str(note) == VECTORS["checkpoint"]
    checkpoint = notes.parse_checkpoint(note.text)
    assert checkpoint == (VECTORS["origin"], 3, bytes.fromhex(VECTORS["root"]), ())
    assert str(checkpoint) == VECTORS["body"]


def test_a_checkpoint_with_extension_lines() -> None:
    text = VECTORS["body"] + "more\nand more\n"
    assert notes.parse_checkpoint(text).extensions == ("more", "and more")
    assert str(notes.parse_checkpoint(text)) == text


def test_a_note_may_have_blank_lines_in_its_text() -> None:
    line = VECTORS["signature"]
    assert notes.parse_note(f"a\n\nb\n\n{line}".encode()).text == "a\n\nb\n"


def test_signing() -> None:
    assert str(notes.sign(VECTORS["body"], LOG_KEY, LOG.sign)) == VECTORS["signature"]
    cosignature = notes.cosign(VECTORS["body"], WITNESS_KEY, WITNESS.sign, VECTORS["time"])
    assert str(cosignature) == VECTORS["cosignature"]


def test_verifying() -> None:
    note = notes.parse_note(CHECKPOINT)
    notes.verify(note, LOG_KEY, verifies)
    assert notes.verify_cosignature(note, WITNESS_KEY, verifies) == VECTORS["time"]


def test_joining_adds_what_is_new() -> None:
    note = notes.Note(VECTORS["body"], (notes.sign(VECTORS["body"], LOG_KEY, LOG.sign),))
    cosignature = notes.cosign(VECTORS["body"], WITNESS_KEY, WITNESS.sign, VECTORS["time"])
    assert str(notes.join(note, [cosignature, cosignature, *note.signatures])) == VECTORS["checkpoint"]


def test_what_a_witness_is_asked() -> None:
    note = notes.parse_note(CHECKPOINT)
    asked = notes.witness_request(2, [b"\0" * 32, b"\1" * 32], note)
    first, second = "A" * 43 + "=", "AQEB" * 10 + "AQE="
    assert asked.decode() == f"old 2\n{first}\n{second}\n\n{VECTORS['checkpoint']}"
    assert notes.witness_request(0, [], note) == b"old 0\n\n" + CHECKPOINT


def test_a_changed_text_is_not_signed() -> None:
    note = notes.parse_note(CHECKPOINT.replace(b"\n3\n", b"\n4\n"))
    with pytest.raises(notes.BadSignature, match="does not belong to this text"):
        notes.verify(note, LOG_KEY, verifies)
    with pytest.raises(notes.BadSignature, match="does not belong to this checkpoint"):
        notes.verify_cosignature(note, WITNESS_KEY, verifies)


def test_a_changed_time_is_not_cosigned() -> None:
    note = notes.parse_note(CHECKPOINT)
    log, cosigned = note.signatures
    later = cosigned._replace(data=(VECTORS["time"] + 1).to_bytes(8, "big") + cosigned.data[8:])
    with pytest.raises(notes.BadSignature, match="does not belong"):
        notes.verify_cosignature(note._replace(signatures=(log, later)), WITNESS_KEY, verifies)


@pytest.mark.parametrize("data", [b"", b"12345678", b"\xff" * 72, b"x" * 73])
def test_a_malformed_cosignature(data: bytes) -> None:
    note = notes.Note(VECTORS["body"], (notes.Signature(WITNESS_KEY.name, WITNESS_KEY.id, data),))
    with pytest.raises(notes.BadSignature, match="malformed"):
        notes.verify_cosignature(note, WITNESS_KEY, verifies)


@pytest.mark.parametrize("change", [{"name": "other"}, {"kind": 2}, {"public": b"\1" * 32}])
def test_another_key_did_not_sign(change: dict[str, Any]) -> None:
    note = notes.parse_note(CHECKPOINT)
    with pytest.raises(notes.BadSignature, match="no signature by"):
        notes.verify(note, LOG_KEY._replace(**change), verifies)
    with pytest.raises(notes.BadSignature, match="no cosignature by"):
        notes.verify_cosignature(note, WITNESS_KEY._replace(**change), verifies)


def test_a_false_signature_beside_a_true_one_is_not_overlooked() -> None:
    note = notes.parse_note(CHECKPOINT)
    false = notes.Signature(LOG_KEY.name, LOG_KEY.id, bytes(64))
    with pytest.raises(notes.BadSignature, match="does not belong"):
        notes.verify(notes.join(note, [false]), LOG_KEY, verifies)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "no blank line"),
        (b"text\n", "no blank line"),
        (b"text\n\n", "no blank line"),
        (CHECKPOINT[:-1], "no blank line"),
        (b"text\n\nnot a signature\n", "does not begin with a dash"),
        (b"text\n\n- name AAAAAAA=\n", "does not begin with a dash"),
        ("text\n\n— name !!!!\n".encode(), "signature is not base64"),
        ("text\n\n— name AAAAAAB=\n".encode(), "not base64 as it is usually written"),
        ("text\n\n— name AAAA\n".encode(), "shorter than five"),
        ("text\n\n—  AAAAAAA=\n".encode(), "name is empty"),
        ("text\n\n— a+b AAAAAAA=\n".encode(), "a plus in it"),
        ("text\n\n— a\u2003b AAAAAAA=\n".encode(), "a space or a plus"),
        (b"\xff" + CHECKPOINT, "not UTF-8"),
        (CHECKPOINT.replace(b"\n", b"\r\n"), "control characters"),
        (b"x" * (notes.LARGEST_NOTE + 1), "longer than"),
        (b"text\n\n" + VECTORS["signature"].encode() * 129, "more than 128 signatures"),
    ],
)
def test_a_malformed_note(data: bytes, says: str) -> None:
    with pytest.raises(notes.MalformedNote, match=says):
        notes.parse_note(data)


ROOT = VECTORS["body"].split("\n")[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("origin\n3\n", "three lines"),
        (f"\n3\n{ROOT}\n", "none empty"),
        (f"origin\n3\n{ROOT}", "three lines"),
        (f"origin\n3\n{ROOT}\n\n", "none empty"),
        (f"origin\n03\n{ROOT}\n", "plain decimal"),
        (f"origin\n-3\n{ROOT}\n", "plain decimal"),
        (f"origin\n+3\n{ROOT}\n", "plain decimal"),
        (f"origin\n３\n{ROOT}\n", "plain decimal"),
        (f"origin\n{2**63}\n{ROOT}\n", "plain decimal"),
        ("origin\n3\nAAAA\n", "32 bytes"),
        (f"origin\n3\n{ROOT}=\n", "not base64"),
    ],
)
def test_a_malformed_checkpoint(text: str, says: str) -> None:
    with pytest.raises(notes.MalformedNote, match=says):
        notes.parse_checkpoint(text)


@pytest.mark.parametrize(
    ("vkey", "says"),
    [
        ("", "not an Ed25519 key"),
        ("name", "not an Ed25519 key"),
        (VECTORS["log_key"][:-4], "not an Ed25519 key"),
        (VECTORS["log_key"].replace("AGCsQ", "AGDsQ"), "the id in the key"),
        (VECTORS["log_key"].replace("example", "exbmple"), "the id in the key"),
        ("a b+00000000+" + VECTORS["log_key"].split("+", 2)[2], "a space or a plus"),
        ("name+00000000+!!!!", "the key is not base64"),
    ],
)
def test_a_malformed_key(vkey: str, says: str) -> None:
    with pytest.raises(notes.MalformedNote, match=says):
        notes.parse_key(vkey)
