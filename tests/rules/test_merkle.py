"""Merkle trees: RFC 6962's own definitions, other people's vectors, and properties."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairwitness.rules import merkle
from tests.conftest import SHARED
from tests.vectors.known import known
from tests.vectors.make_vectors import path, subproof, tree_hash

VECTORS = known("merkle")
CONFORMANCE = SHARED / "data/conformance/merkle"
LEAVES = [str(n).encode() for n in range(40)]
HASHES = merkle.leaf_hashes(LEAVES)

sizes = st.integers(1, 600)


def cases(kind: str) -> list[Any]:
    found = sorted((CONFORMANCE / kind).rglob("*.json"))
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(f"needs ../shared/data/conformance/merkle/{kind}"))]
    return [pytest.param(path, id=str(path.relative_to(CONFORMANCE))) for path in found]


def decoded(case: dict[str, Any], *names: str) -> list[bytes]:
    return [base64.b64decode(case[name] or "") for name in names]


@pytest.mark.parametrize("file", cases("inclusion"))
def test_conformance_of_inclusion(file: Path) -> None:
    case = json.loads(file.read_text())
    leaf, root = decoded(case, "leafHash", "root")
    proof = [base64.b64decode(step) for step in case["proof"] or []]
    accepted = merkle.verify_inclusion(leaf, case["leafIdx"], case["treeSize"], proof, root)
    assert accepted is not case["wantErr"]


@pytest.mark.parametrize("file", cases("consistency"))
def test_conformance_of_consistency(file: Path) -> None:
    case = json.loads(file.read_text())
    old, new = decoded(case, "root1", "root2")
    proof = [base64.b64decode(step) for step in case["proof"] or []]
    assert merkle.verify_consistency(case["size1"], case["size2"], old, new, proof) is not case["wantErr"]


def test_the_conformance_cases_are_all_there() -> None:
    if not CONFORMANCE.exists():
        pytest.skip("needs ../shared/data/conformance/merkle, which is not here")
    assert [len(cases(kind)) for kind in ("inclusion", "consistency")] == [98, 98]


def test_roots_of_certificate_transparency() -> None:
    hashes = merkle.leaf_hashes([bytes.fromhex(leaf) for leaf in VECTORS["ct_leaves"]])
    assert [merkle.root(hashes[: n + 1]).hex() for n in range(8)] == VECTORS["ct_roots"]


def test_roots() -> None:
    assert [merkle.root(HASHES[:n]).hex() for n in range(41)] == VECTORS["roots"]


@pytest.mark.parametrize("case", VECTORS["inclusion"])
def test_inclusion(case: dict[str, Any]) -> None:
    index, size = case["index"], case["size"]
    proof = merkle.inclusion_proof(HASHES[:size], index)
    assert [step.hex() for step in proof] == case["proof"]
    assert merkle.verify_inclusion(HASHES[index], index, size, proof, merkle.root(HASHES[:size]))


@pytest.mark.parametrize("case", VECTORS["consistency"])
def test_consistency(case: dict[str, Any]) -> None:
    old, new = case["old"], case["new"]
    proof = merkle.consistency_proof(HASHES[:new], old)
    assert [step.hex() for step in proof] == case["proof"]
    assert merkle.verify_consistency(old, new, merkle.root(HASHES[:old]), merkle.root(HASHES[:new]), proof)


@given(sizes.flatmap(lambda size: st.tuples(st.integers(0, size - 1), st.just(size))))
def test_proofs_are_those_of_the_definition(case: tuple[int, int]) -> None:
    index, size = case
    leaves = [n.to_bytes(2, "big") for n in range(size)]
    hashes = merkle.leaf_hashes(leaves)
    assert merkle.root(hashes) == tree_hash(leaves)
    assert merkle.inclusion_proof(hashes, index) == path(index, leaves)
    assert merkle.consistency_proof(hashes, index + 1) == subproof(index + 1, leaves, True)


@given(sizes, st.data())
def test_a_changed_inclusion_proof_fails(size: int, data: st.DataObject) -> None:
    hashes = merkle.leaf_hashes([n.to_bytes(2, "big") for n in range(size)])
    index = data.draw(st.integers(0, size - 1))
    whole, proof = merkle.root(hashes), merkle.inclusion_proof(hashes, index)
    assert merkle.verify_inclusion(hashes[index], index, size, proof, whole)
    assert not merkle.verify_inclusion(merkle.leaf_hash(b"other"), index, size, proof, whole)
    assert not merkle.verify_inclusion(hashes[index], index, size, [*proof, whole], whole)
    for at in range(len(proof)):
        assert not merkle.verify_inclusion(hashes[index], index, size, proof[:at] + proof[at + 1 :], whole)
        flipped = [*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]]
        assert not merkle.verify_inclusion(hashes[index], index, size, flipped, whole)
    other = data.draw(st.integers(0, size - 1).filter(lambda other: other != index)) if size > 1 else size
    assert not merkle.verify_inclusion(hashes[index], other, size, proof, whole)


@given(st.integers(2, 600), st.data())
def test_a_rewritten_history_is_not_consistent(size: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old - 1))
    hashes = merkle.leaf_hashes([n.to_bytes(2, "big") for n in range(size)])
    rewritten = [*hashes[:changed], merkle.leaf_hash(b"other"), *hashes[changed + 1 :]]
    was, honest, forged = merkle.root(hashes[:old]), merkle.root(hashes), merkle.root(rewritten)
    assert merkle.verify_consistency(old, size, was, honest, merkle.consistency_proof(hashes, old))
    for proof in (merkle.consistency_proof(hashes, old), merkle.consistency_proof(rewritten, old)):
        assert not merkle.verify_consistency(old, size, was, forged, proof)


def test_ranges_outside_the_tree_are_refused() -> None:
    for index, size in ((0, 0), (3, 3), (-1, 3)):
        with pytest.raises(ValueError, match="is not in a tree"):
            merkle.inclusion_ranges(index, size)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not go on"):
            merkle.consistency_ranges(old, new)
