"""The verifier over a whole log beside bare hashing of the same leaves and nodes; and one proof from that log."""

import random
import subprocess
import sys
import time
from hashlib import sha256
from statistics import median

from django.test import override_settings

from bench import databases
from bench.compare import Result, at_most, in_turn, listed, seconds
from fairwitness.publiclog import files, keys
from fairwitness.rules import merkle, notes, tiles
from fairwitness.rules.canonical import leaf

ENTRIES = databases.sized(1_000_000, 3_000)
HOME = databases.HOME / "million"
PROGRAM = databases.ROOT / "verify" / "fairwitness_verify.py"
ROUNDS = 5
PROOFS = 300
MOST_MS = 2


def whole() -> Result:
    """`fairwitness_verify.py --log FOLDER`, start-up included, at most twice the hashing that it cannot do without."""
    with override_settings(FAIRWITNESS_HOME=HOME):
        _published()
        leaves = _leaves()
        measured = in_turn({"ours": _verifier, "hashing": lambda: seconds(lambda: _hash(leaves))}, ROUNDS)
        assert _hash(leaves) == files.checkpoint().root
    best = {side: min(times) for side, times in measured.items()}
    return at_most(
        "verify-1m",
        best["ours"] / best["hashing"],
        2,
        f"{ENTRIES} entries; seconds of each round:",
        *(f"{side:>8}: {listed(times)}; best {best[side]:.3f}" for side, times in measured.items()),
    )


def proof() -> Result:
    """An inclusion proof of an entry anywhere in that log, from tiles read anew each time; checked each time."""
    with override_settings(FAIRWITNESS_HOME=HOME):
        _published()
        root, chosen, times = files.checkpoint().root, random.Random(1), []
        for _proof in range(PROOFS):
            index = chosen.randrange(ENTRIES)
            begun = time.perf_counter()
            tree = tiles.Tree(ENTRIES, files.fetch)
            steps = tree.inclusion_proof(index)
            times.append((time.perf_counter() - begun) * 1000)
            assert merkle.verify_inclusion(tree.leaf_hash(index), index, ENTRIES, steps, root)
    said = f"{PROOFS} proofs in {ENTRIES} entries: median {median(times):.3f} ms, slowest {max(times):.3f} ms"
    return at_most("proof-1m", median(times) / MOST_MS, 1, said + f" (limit of comparison: {MOST_MS} ms)")


def _published() -> None:
    """The log, made once by the publisher's own means from leaves whose commitments are random."""
    private = keys.signing_key()
    key = keys.key_of(private)
    if (files.folder() / "key").exists() and files.checkpoint().size == ENTRIES:
        return
    growth, made = tiles.Growth(0, files.fetch), random.Random(ENTRIES)
    while growth.size < ENTRIES:
        count = min(65_536, ENTRIES - growth.size)
        files.write(growth.add([leaf(made.randbytes(32).hex()) for _leaf in range(count)]))
    files.write(growth.finish())
    text = str(notes.Checkpoint(key.name, growth.size, growth.root()))
    signed = notes.Note(text, (notes.sign(text, key, private.sign),))
    files.write([("key", f"{key}\n".encode()), ("checkpoint", str(signed).encode())])


def _verifier() -> float:
    command = [sys.executable, str(PROGRAM), "--log", str(files.folder())]
    return seconds(lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL))


def _leaves() -> list[bytes]:
    tree = tiles.Tree(ENTRIES, files.fetch)
    bundles = (tree.bundle(n) for n in range((ENTRIES + tiles.WIDTH - 1) // tiles.WIDTH))
    return [entry for bundle in bundles for entry in bundle]


def _hash(leaves: list[bytes]) -> bytes:
    """The root, by nothing but hashing: a tight loop over what lies in memory."""
    hashes = [sha256(b"\0" + data).digest() for data in leaves]
    while len(hashes) > 1:
        odd = hashes[-1:] if len(hashes) % 2 else []
        pairs = zip(hashes[::2], hashes[1::2], strict=False)
        hashes = [sha256(b"\1" + left + right).digest() for left, right in pairs] + odd
    return hashes[0]
