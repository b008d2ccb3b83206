"""A log as static files (C2SP tlog-tiles): where hashes and entries lie, reading proofs, growing the tree.

Hash tiles `tile/<level>/<n>` hold 256 hashes of 32 bytes; bundles `tile/entries/<n>` hold 256 entries, each
after its length in two bytes, big-endian. The last of each may be partial: `….p/<width>`. A hash of level l
stands for a full subtree of 256**l leaves. Nothing here touches a disk: reading is a callable from path to
bytes that raises FileNotFoundError (or KeyError, so that a dict serves) for what is not stored.
"""

import struct
from collections.abc import Callable, Iterator, Sequence

from fairwitness.rules.merkle import (
    HASH_BYTES,
    consistency_ranges,
    inclusion_ranges,
    leaf_hashes,
    node_hash,
    root,
)

WIDTH = 256
LARGEST_ENTRY = 2**16 - 1  # bytes; what the length prefix can say

Fetch = Callable[[str], bytes]
File = tuple[str, bytes]  # path below the log's folder, content

_length = struct.Struct(">H")


class DamagedLog(ValueError):
    """A stored tile or bundle that cannot be what was published; the message names it."""


def tile_path(level: int, n: int, width: int = WIDTH) -> str:
    """Path of hash tile `n` of a level: tile_path(0, 1234067) is tile/0/x001/x234/067."""
    return f"tile/{level}/{_number(n)}{_partial(width)}"


def bundle_path(n: int, width: int = WIDTH) -> str:
    """Path of entry bundle `n`: bundle_path(273, 112) is tile/entries/273.p/112."""
    return f"tile/entries/{_number(n)}{_partial(width)}"


def width_at(level: int, n: int, size: int) -> int:
    """How many hashes (at level 0 also: entries) tile `n` of a level has in a tree of `size`; 0 if none."""
    return max(0, min(WIDTH, (size >> 8 * level) - n * WIDTH))


def paths(size: int) -> Iterator[str]:
    """Every file of a log of `size` entries: bundles, then hash tiles from level 0 up."""
    for n in range(_tiles(0, size)):
        yield bundle_path(n, width_at(0, n, size))
    for level in range(_levels(size)):
        for n in range(_tiles(level, size)):
            yield tile_path(level, n, width_at(level, n, size))


def outgrown(old: int, new: int) -> Iterator[str]:
    """The folders of partial tiles and bundles that may be removed once a log grew from `old` to `new`.

    Their full tiles exist by then. They must stay until the checkpoint of size `new` is published.
    """
    for level in range(_levels(new)):
        for n in range(old >> 8 * (level + 1), new >> 8 * (level + 1)):
            if level == 0:
                yield bundle_path(n) + ".p"
            yield tile_path(level, n) + ".p"


def encode_bundle(entries: Sequence[bytes]) -> bytes:
    """The bundle of up to 256 entries. Raises ValueError for an entry longer than 65,535 bytes."""
    pack = _length.pack
    try:
        return b"".join([pack(len(entry)) + entry for entry in entries])
    except struct.error:
        raise ValueError(f"an entry is longer than {LARGEST_ENTRY} bytes") from None


def decode_bundle(data: bytes) -> list[bytes]:
    """The entries of a bundle. Raises DamagedLog when it ends within one."""
    entries: list[bytes] = []
    at = 0
    while at < len(data):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise DamagedLog(f"the bundle ends within its entry {len(entries)}")
        entries.append(data[start:at])
    return entries


class Tree:
    """The published tree of `size` entries, read through its tiles, which are kept for the next question.

    It trusts what it reads: whoever asks compares with a signed root.
    """

    def __init__(self, size: int, fetch: Fetch) -> None:
        self.size = size
        self._fetch = fetch
        self._tiles: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        """The root hash of the whole tree."""
        return self.hash_of(0, self.size)

    def entry(self, index: int) -> bytes:
        """The leaf data of entry `index`. Raises IndexError outside the tree, DamagedLog."""
        return self.bundle(self._within(index) // WIDTH)[index % WIDTH]

    def leaf_hash(self, index: int) -> bytes:
        """The stored leaf hash of entry `index`. Raises IndexError outside the tree, DamagedLog."""
        return self.tile(0, self._within(index) // WIDTH)[index % WIDTH]

    def inclusion_proof(self, index: int) -> list[bytes]:
        """Proof that entry `index` is in this tree (see `merkle.verify_inclusion`)."""
        return [self.hash_of(start, end) for start, end in inclusion_ranges(index, self.size)]

    def consistency_proof(self, old: int) -> list[bytes]:
        """Proof that this tree goes on from its first `old` entries (see `merkle.verify_consistency`)."""
        return [self.hash_of(start, end) for start, end in consistency_ranges(old, self.size)]

    def hash_of(self, start: int, end: int) -> bytes:
        """The root over leaves start to before end, a range that a proof names (start is aligned)."""
        full = []
        while start < end:
            height = (end - start).bit_length() - 1
            full.append(self._full_subtree(height, start >> height))
            start += 1 << height
        found = full.pop() if full else root([])
        while full:
            found = node_hash(full.pop(), found)
        return found

    def tile(self, level: int, n: int) -> list[bytes]:
        """The hashes of a tile, as many as it has in a tree of this size. Raises DamagedLog."""
        if (level, n) not in self._tiles:
            width = width_at(level, n, self.size)
            data = self._partial_or_full(tile_path(level, n, width), tile_path(level, n))
            hashes = [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]
            if len(data) % HASH_BYTES or len(hashes) not in (width, WIDTH):
                raise DamagedLog(f"{tile_path(level, n, width)} has {len(data)} bytes")
            self._tiles[level, n] = hashes[:width]
        return self._tiles[level, n]

    def bundle(self, n: int) -> list[bytes]:
        """The entries of bundle `n`, as many as it has in a tree of this size. Raises DamagedLog."""
        width = width_at(0, n, self.size)
        entries = decode_bundle(self._partial_or_full(bundle_path(n, width), bundle_path(n)))
        if len(entries) not in (width, WIDTH):
            raise DamagedLog(f"{bundle_path(n, width)} has {len(entries)} entries")
        return entries[:width]

    def _within(self, index: int) -> int:
        if not 0 <= index < self.size:
            raise IndexError(f"entry {index} is not in a log of {self.size}")
        return index

    def _partial_or_full(self, partial: str, full: str) -> bytes:
        try:
            return self._fetch(partial)
        except (FileNotFoundError, KeyError):
            return self._fetch(full)  # a partial tile may be removed once the full one exists

    def _full_subtree(self, height: int, n: int) -> bytes:
        """The root of the `n`-th full subtree of 2**height leaves."""
        level, within = divmod(height, 8)
        first = n << within
        return root(self.tile(level, first // WIDTH)[first % WIDTH :][: 1 << within])


class Growth:
    """A log that takes new entries: what to write, and the size and root to sign.

    `size` is the size of the tree as it stands and `fetch` reads its files, of which only those at the right
    edge are asked for. Write what `add` and `finish` return, in that order, make it durable, then sign `size`
    and `root()`. If `root()` before the first `add` is not the root signed last, the stored edge is damaged.

    Raises DamagedLog when the stored edge does not fit together.
    """

    def __init__(self, size: int, fetch: Fetch) -> None:
        self.size = size
        tree = Tree(size, fetch)
        self._edge = [_hashes_at_edge(tree, level) for level in range(_levels(size))] or [[]]
        pending = tree.bundle(size // WIDTH) if size % WIDTH else []
        if leaf_hashes(pending) != self._edge[0]:
            raise DamagedLog(f"{bundle_path(size // WIDTH, size % WIDTH)} does not belong to its hash tile")
        self._bundle = encode_bundle(pending)

    def add(self, leaves: Sequence[bytes]) -> list[File]:
        """Append entries; returns the full bundles and tiles that this completes, children before parents.

        Raises ValueError for an entry longer than 65,535 bytes; the growth must then be thrown away.
        """
        files: list[File] = []
        taken = 0
        while taken < len(leaves):
            batch = leaves[taken : taken + WIDTH - len(self._edge[0])]
            self._bundle += encode_bundle(batch)
            self._edge[0] += leaf_hashes(batch)
            self.size += len(batch)
            taken += len(batch)
            if self.size % WIDTH == 0:
                files.append((bundle_path(self.size // WIDTH - 1), self._bundle))
                files += self._full_tiles()
                self._bundle = b""
        return files

    def finish(self) -> list[File]:
        """The partial bundle and tiles at the right edge, which a checkpoint of this size needs."""
        files = [(bundle_path(self.size // WIDTH, self.size % WIDTH), self._bundle)] if self._bundle else []
        for level, edge in enumerate(self._edge):
            if edge:
                files.append((tile_path(level, self.size >> 8 * (level + 1), len(edge)), b"".join(edge)))
        return files

    def root(self) -> bytes:
        """The root hash of the tree as it stands."""
        found: list[bytes] = []
        for edge in self._edge:
            # Full subtrees of one height, and last the smaller one from the levels below.
            hashes = edge + found
            found = [root(hashes)] if hashes else []
        return found[0] if found else root([])

    def _full_tiles(self) -> Iterator[File]:
        level = 0
        while len(self._edge[level]) == WIDTH:
            hashes, self._edge[level] = self._edge[level], []
            yield tile_path(level, (self.size >> 8 * (level + 1)) - 1), b"".join(hashes)
            level += 1
            if level == len(self._edge):
                self._edge.append([])
            self._edge[level].append(root(hashes))


def _hashes_at_edge(tree: Tree, level: int) -> list[bytes]:
    count = tree.size >> 8 * level
    return list(tree.tile(level, count // WIDTH)) if count % WIDTH else []


def _number(n: int) -> str:
    """Three digits a path element, all but the last with an x before it."""
    last = f"{n % 1000:03}"
    while n := n // 1000:
        last = f"x{n % 1000:03}/{last}"
    return last


def _partial(width: int) -> str:
    return "" if width == WIDTH else f".p/{width}"


def _levels(size: int) -> int:
    """How many levels of tiles a tree of `size` has."""
    return (size.bit_length() + 7) // 8


def _tiles(level: int, size: int) -> int:
    """How many tiles, a partial one counted, a level has in a tree of `size`."""
    return ((size >> 8 * level) + WIDTH - 1) // WIDTH
