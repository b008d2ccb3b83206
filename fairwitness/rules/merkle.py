"""The Merkle tree of RFC 6962 (and 9162): hashes, roots, and proofs of inclusion and consistency.

A tree over leaves 0 to n-1 splits at the largest power of two below n. A proof is a list of subtree roots;
which subtrees is told by `inclusion_ranges` and `consistency_ranges`, so that whoever keeps hashes (a list
here, tiles in `fairwitness.rules.tiles`) draws proofs in the same way.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()

Range = tuple[int, int]  # half-open: the leaves from the first to before the second


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00, data): RFC 6962, section 2.1."""
    return sha256(b"\0" + data).digest()


def leaf_hashes(leaves: Sequence[bytes]) -> list[bytes]:
    """`leaf_hash` of each, as a batch: several times faster than calls one by one."""
    return [sha256(b"\0" + data).digest() for data in leaves]


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01, left, right): RFC 6962, section 2.1."""
    return sha256(b"\1" + left + right).digest()


def parents(hashes: Sequence[bytes]) -> list[bytes]:
    """One level up: neighbours hashed in pairs; a last one without a neighbour moves up as it is."""
    above = [
        sha256(b"\1" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=False)
    ]
    if len(hashes) % 2:
        above.append(hashes[-1])
    return above


def root(hashes: Sequence[bytes]) -> bytes:
    """The root of a tree whose leaf hashes these are; also of equal full subtrees with one smaller last."""
    if not hashes:
        return EMPTY_ROOT
    while len(hashes) > 1:
        hashes = parents(hashes)
    return hashes[0]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """The subtrees whose roots prove leaf `index` of a tree of `size`, nearest first: RFC 6962, 2.1.1."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of size {size}")
    return list(_inclusion_from_the_top(index, size))[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """The subtrees whose roots prove that the tree of `old` leaves begins that of `new`: RFC 6962, 2.1.2.

    None are needed when the sizes are equal or the old tree was empty.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of size {new} does not go on from size {old}")
    return list(_consistency_from_the_top(old, new))[::-1] if old else []


def inclusion_proof(hashes: Sequence[bytes], index: int) -> list[bytes]:
    """Proof that leaf `index` is in the tree with these leaf hashes."""
    return [root(hashes[start:end]) for start, end in inclusion_ranges(index, len(hashes))]


def consistency_proof(hashes: Sequence[bytes], old: int) -> list[bytes]:
    """Proof that the first `old` of these leaf hashes make a tree that this one goes on from."""
    return [root(hashes[start:end]) for start, end in consistency_ranges(old, len(hashes))]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], whole: bytes) -> bool:
    """Whether leaf hash `leaf` is at `index` in the tree of `size` with root `whole`: RFC 9162, 2.1.3.2."""
    if not 0 <= index < size or len(leaf) != HASH_BYTES:
        return False
    place, last, found = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            place, last = _past_lone_nodes(place, last)
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == whole


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree (new, new_root) goes on from the tree (old, old_root): RFC 9162, 2.1.4.2.

    False for an old size of zero: anything goes on from nothing, so there is nothing to verify.
    """
    if old == new:
        return old > 0 and not proof and old_root == new_root
    if not 0 < old < new or not proof:
        return False
    steps = list(proof) if old & (old - 1) else [old_root, *proof]
    place, last = _past_right_edge(old - 1, new - 1)
    found_old = found_new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            found_old, found_new = node_hash(step, found_old), node_hash(step, found_new)
            place, last = _past_lone_nodes(place, last)
        else:
            found_new = node_hash(found_new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found_old == old_root and found_new == new_root


def _split(count: int) -> int:
    """The largest power of two below `count`, where a tree of `count` > 1 leaves splits."""
    return 1 << ((count - 1).bit_length() - 1)


def _inclusion_from_the_top(index: int, size: int) -> Iterator[Range]:
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            yield middle, end
            end = middle
        else:
            yield start, middle
            start = middle


def _consistency_from_the_top(old: int, new: int) -> Iterator[Range]:
    start, end = 0, new
    while end > old:
        middle = start + _split(end - start)
        if old <= middle:
            yield middle, end
            end = middle
        else:
            yield start, middle
            start = middle
    if start:  # else it is the whole old tree, whose root the verifier has
        yield start, end


def _past_lone_nodes(place: int, last: int) -> tuple[int, int]:
    """Up to where the node is a right child again: above it stood nodes without a right neighbour."""
    while place and not place & 1:
        place, last = place >> 1, last >> 1
    return place, last


def _past_right_edge(place: int, last: int) -> tuple[int, int]:
    """Up from the old tree's last leaf to the root of the largest full subtree that it closes."""
    while place & 1:
        place, last = place >> 1, last >> 1
    return place, last
