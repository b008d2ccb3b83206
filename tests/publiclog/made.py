"""What tests of the public log need made: entries, rounds, what was published, and the verifier of a stranger."""

import base64
from pathlib import Path

from django.conf import settings

from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry
from fairwitness.publiclog import files, keys
from fairwitness.publiclog.models import Leaf
from fairwitness.rules import merkle, notes, tiles
from tests.evidence.made import Ran, run
from tests.kernel.test_locks import BY, DONE, make_unit
from tests.verify.published import Outcome, verify


def entries(count: int) -> list[Entry]:
    """So many entries, each in a change of its own."""
    unit = make_unit(code=f"U{Entry.objects.count()}")
    for _ in range(count - 1):
        with change(DONE, by=BY) as entry:
            entry.about(unit)
    return list(Entry.objects.order_by("-id")[:count])


def checkpoint() -> notes.Checkpoint:
    """The published checkpoint; its signature holds."""
    note = notes.parse_note(files.fetch("checkpoint"))
    notes.verify(note, keys.public_key(), keys.ed25519_verify)
    return notes.parse_checkpoint(note.text)


def check_all_published() -> None:
    """Every entry of the ledger stands in the index once, and is proven to be in the signed tree."""
    point = checkpoint()
    leaves = list(Leaf.objects.order_by("index"))
    assert [leaf.index for leaf in leaves] == list(range(point.size))
    assert {leaf.entry_id for leaf in leaves} == set(Entry.objects.values_list("pk", flat=True))
    tree = tiles.Tree(point.size, files.fetch)
    for leaf in leaves:
        proof = tree.inclusion_proof(leaf.index)
        hashed = merkle.leaf_hash(bytes(leaf.data))
        assert merkle.verify_inclusion(hashed, leaf.index, point.size, proof, point.root)
        assert tree.entry(leaf.index) == bytes(leaf.data)


def log_verify() -> Ran:
    """`fairwitness log verify`."""
    return run("log", "verify")


def faults() -> list[str]:
    """What `fairwitness log verify` finds wrong; its exit code agrees."""
    done = log_verify()
    wrong = [line.removeprefix("WRONG  ") for line in done.lines if line.startswith("WRONG  ")]
    assert done.code == (1 if wrong else 0), done
    if wrong:
        assert done.lines[-1] == f"{len(wrong)} faults. The log does not verify."
    return wrong


def stranger(tmp_path: Path, *words: object) -> Outcome:
    """The verifier of verify/, alone in a folder, over the published log as anyone gets it."""
    return verify("--log", settings.FAIRWITNESS_HOME / "log", *words, cwd=tmp_path)


def root_of(leaves: list[bytes]) -> str:
    """The root over these leaves, as a checkpoint spells it."""
    return base64.b64encode(merkle.root(merkle.leaf_hashes(leaves))).decode()
