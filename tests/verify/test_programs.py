"""The two programs as single files: alone, alike where they must be, and right about known answers."""

import ast
import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwitness.rules import merkle
from fairwitness.rules.notes import Key
from tests.rules.test_canonical import values
from tests.rules.test_merkle import cases, decoded
from tests.vectors.known import known
from tests.verify.published import ALONE, REPOSITORY, program

PROGRAMS = {name: REPOSITORY / "verify" / f"fairwitness_{name}.py" for name in ("verify", "witness")}


def load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"alone_{name}", PROGRAMS[name])
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


VERIFY, WITNESS = load("verify"), load("witness")
BOTH = pytest.mark.parametrize("name", PROGRAMS)
EITHER = pytest.mark.parametrize("module", [VERIFY, WITNESS], ids=["verify", "witness"])


def test_selftest(tmp_path: Path) -> None:
    run = subprocess.run(
        [*program("verify", tmp_path), "--selftest"], capture_output=True, text=True, check=True
    )
    assert run.stdout.count("\n") == 7
    assert run.stdout.endswith("Verified: this program gives the known answers.\n")


@pytest.mark.parametrize("change", [("5dc9da79", "6dc9da79"), ("e5564300", "e5564301"), ('"\\ufb33"', '"a"')])
def test_selftest_sees_a_program_that_is_wrong(tmp_path: Path, change: tuple[str, str]) -> None:
    source = PROGRAMS["verify"].read_text("utf-8")
    assert change[0] in source
    broken = tmp_path / "broken.py"
    broken.write_text(source.replace(*change), "utf-8")
    run = subprocess.run([*ALONE, str(broken), "--selftest"], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "FAULT" in run.stdout


@BOTH
def test_it_needs_nothing_but_the_standard_library(name: str) -> None:
    tree = ast.parse(PROGRAMS[name].read_text("utf-8"), feature_version=(3, 9))
    imported = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            imported.add(str(node.module).split(".")[0])
    assert imported <= set(sys.stdlib_module_names) | {"__future__"}


@BOTH
def test_help(name: str, tmp_path: Path) -> None:
    run = subprocess.run([*program(name, tmp_path), "--help"], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("usage: ")


def test_what_both_know_is_the_same() -> None:
    parts = []
    for path in PROGRAMS.values():
        source = path.read_text("utf-8")
        parts.append(source.split("# ==== what both programs know")[1].split("# ==== end of what both")[0])
    assert parts[0] == parts[1]
    assert len(parts[0].splitlines()) > 400


# ---- Ed25519 ----


@EITHER
@pytest.mark.parametrize("case", known("ed25519"), ids=lambda case: case["name"])
def test_known_signatures(module: ModuleType, case: dict[str, str]) -> None:
    public, message, signature = (bytes.fromhex(case[part]) for part in ("public", "message", "signature"))
    assert module.ed25519_verify(public, message, signature)
    for at in (0, 31, 32, 63):
        changed = signature[:at] + bytes([signature[at] ^ 1]) + signature[at + 1 :]
        assert not module.ed25519_verify(public, message, changed)
    assert not module.ed25519_verify(public, message + b"\0", signature)
    for wrong in (b"", signature[:-1], signature + b"\0"):
        assert not module.ed25519_verify(public, message, wrong)
    for wrong in (b"", public[:-1], public + b"\0", b"\xff" * 32, bytes(32)):
        assert not module.ed25519_verify(wrong, message, signature)


@pytest.mark.parametrize("case", known("ed25519"), ids=lambda case: case["name"])
def test_known_signing(case: dict[str, str]) -> None:
    seed, message = bytes.fromhex(case["secret"]), bytes.fromhex(case["message"])
    assert WITNESS.ed25519_public(seed).hex() == case["public"]
    assert WITNESS.ed25519_sign(seed, message).hex() == case["signature"]


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_it_signs_and_verifies_as_cryptography_does(seed: bytes, message: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert WITNESS.ed25519_public(seed) == public
    assert WITNESS.ed25519_sign(seed, message) == signature
    assert VERIFY.ed25519_verify(public, message, signature)
    assert not VERIFY.ed25519_verify(public, message + b"x", signature)


def test_a_signature_with_a_scalar_beyond_the_order_is_refused() -> None:
    """Else every signature would have a second spelling: RFC 8032, section 5.1.7."""
    case = known("ed25519")[0]
    signature = bytes.fromhex(case["signature"])
    order = 2**252 + 27742317777372353535851937790883648493
    scalar = int.from_bytes(signature[32:], "little") + order
    doubled = signature[:32] + scalar.to_bytes(32, "little")
    assert not VERIFY.ed25519_verify(bytes.fromhex(case["public"]), b"", doubled)


# ---- Merkle trees, JSON, notes ----


@pytest.mark.parametrize("file", cases("inclusion"))
def test_conformance_of_inclusion(file: Path) -> None:
    case = VERIFY.json.loads(file.read_text())
    leaf, root = decoded(case, "leafHash", "root")
    proof = [VERIFY.base64.b64decode(step) for step in case["proof"] or []]
    accepted = VERIFY.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
    assert accepted is not case["wantErr"]


@EITHER
@pytest.mark.parametrize("file", cases("consistency"))
def test_conformance_of_consistency(module: ModuleType, file: Path) -> None:
    case = module.json.loads(file.read_text())
    old, new = decoded(case, "root1", "root2")
    proof = [module.base64.b64decode(step) for step in case["proof"] or []]
    accepted = module.verify_consistency(case["size1"], case["size2"], old, new, proof)
    assert accepted is not case["wantErr"]


@EITHER
@given(st.integers(1, 700), st.data())
def test_consistency_of_the_rules(module: ModuleType, size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size))
    hashes = merkle.leaf_hashes([n.to_bytes(2, "big") for n in range(size)])
    assert module.fold(hashes) == merkle.root(hashes)
    assert module.consistency_ranges(old, size) == merkle.consistency_ranges(old, size)
    proof = merkle.consistency_proof(hashes, old)
    was, now = merkle.root(hashes[:old]), merkle.root(hashes)
    assert module.verify_consistency(old, size, was, now, proof)
    assert module.verify_consistency(old, size, was, b"\1" * 32, proof) is False


@pytest.mark.parametrize("case", known("merkle")["inclusion"])
def test_inclusion_of_the_vectors(case: dict[str, Any]) -> None:
    leaf = VERIFY.leaf_hash(str(case["index"]).encode())
    root = bytes.fromhex(known("merkle")["roots"][case["size"]])
    proof = [bytes.fromhex(step) for step in case["proof"]]
    assert VERIFY.verify_inclusion(leaf, case["index"], case["size"], proof, root)


@given(values)
def test_canonical_json(value: Any) -> None:
    assert VERIFY.canonical(value).encode() == rfc8785.dumps(value)


@EITHER
def test_keys_and_checkpoints_of_the_vectors(module: ModuleType) -> None:
    case = known("notes")
    for name in ("log_key", "witness_key"):
        key = module.parse_key(case[name])
        assert key.vkey() == case[name] == str(Key(*key))
    checkpoint = module.parse_checkpoint(case["checkpoint"].encode())
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (case["origin"], 3, case["root"])
    log = module.parse_key(case["log_key"])
    assert module.check_signature(checkpoint, [log]) == log
    assert module.cosigned(case["body"], case["time"]).startswith(b"cosignature/v1\ntime 1679315147\nexample")


@EITHER
@pytest.mark.parametrize("case", known("tiles")["paths"])
def test_paths(module: ModuleType, case: list[Any]) -> None:
    assert module.tile_path(*case[:3]) == case[3]


@EITHER
@given(st.lists(st.binary(max_size=3) | st.just(b"same"), max_size=256))
def test_bundles(module: ModuleType, entries: list[bytes]) -> None:
    data = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    assert module.split_bundle(data, "bundle") == entries
    assert module.split_bundle(data * 2, "bundle") == entries * 2


@EITHER
@given(st.binary(max_size=64))
def test_any_bytes_are_a_bundle_or_a_fault(module: ModuleType, data: bytes) -> None:
    try:
        entries = module.split_bundle(data, "bundle")
    except module.Fault as fault:
        assert "bundle ends within its entry" in str(fault)
    else:
        assert b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries) == data
