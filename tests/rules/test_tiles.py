"""Tiles: paths as C2SP writes them, proofs read back, and a log that grows in any steps to the same files."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fairwitness.rules import merkle, tiles
from tests.vectors.known import known

VECTORS = known("tiles")
NOTHING: dict[str, bytes] = {}


def leaves(start: int, end: int) -> list[bytes]:
    return [b"entry %d" % n * (n % 3 + 1) for n in range(start, end)]


def grown(*sizes: int) -> dict[str, bytes]:
    """All files ever written by a log that grew to each of these sizes in turn."""
    files: dict[str, bytes] = {}
    before = 0
    for size in sizes:
        growth = tiles.Growth(before, files.__getitem__)
        files |= growth.add(leaves(before, size))
        files |= growth.finish()
        assert growth.size == size
        assert growth.root() == tiles.Tree(size, files.__getitem__).root()
        before = size
    return files


@pytest.mark.parametrize("case", VECTORS["paths"])
def test_paths(case: list[Any]) -> None:
    level, n, width, path = case
    assert tiles.tile_path(level, n, width) == path
    assert tiles.bundle_path(n, width) == path.replace(f"tile/{level}/", "tile/entries/")


def test_the_files_of_a_log() -> None:
    for size, files in VECTORS["counts"].items():
        assert list(tiles.paths(int(size))) == files
    assert list(tiles.paths(0)) == []
    of_70000 = list(tiles.paths(70000))
    assert sum(path.startswith("tile/0/") for path in of_70000) == 274
    assert set(VECTORS["edge_of_70000"]) <= set(of_70000)
    assert len(of_70000) == 274 + 274 + 2 + 1


def test_bundles() -> None:
    entries = [bytes.fromhex(entry) for entry in VECTORS["bundle"]["entries"]]
    data = bytes.fromhex(VECTORS["bundle"]["hex"])
    assert tiles.encode_bundle(entries) == data
    assert tiles.decode_bundle(data) == entries
    for cut in (1, 3, 4, 6, 7, 8):
        with pytest.raises(tiles.DamagedLog, match="ends within its entry"):
            tiles.decode_bundle(data[:cut])


@given(st.lists(st.binary(max_size=300), max_size=256))
def test_a_bundle_comes_back(entries: list[bytes]) -> None:
    assert tiles.decode_bundle(tiles.encode_bundle(entries)) == entries


def test_the_longest_entry() -> None:
    assert tiles.decode_bundle(tiles.encode_bundle([b"x" * 65535])) == [b"x" * 65535]
    with pytest.raises(ValueError, match="longer than 65535"):
        tiles.encode_bundle([b"x" * 65536])


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 65535, 65536, 65537, 70000])
def test_it_writes_the_files_that_the_tree_has(size: int) -> None:
    files = grown(size)
    assert set(files) == set(tiles.paths(size))
    hashes = merkle.leaf_hashes(leaves(0, size))
    tree = tiles.Tree(size, files.__getitem__)
    assert tree.root() == merkle.root(hashes)
    for index in {0, size // 3, size - 1}:
        assert tree.entry(index) == leaves(index, index + 1)[0]
        assert tree.leaf_hash(index) == hashes[index]
        assert tree.inclusion_proof(index) == merkle.inclusion_proof(hashes, index)
        assert tree.consistency_proof(index) == merkle.consistency_proof(hashes, index)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(1, 700), min_size=1, max_size=6))
def test_growing_in_steps_ends_in_the_same_files(steps: list[int]) -> None:
    sizes = [sum(steps[: n + 1]) for n in range(len(steps))]
    files = grown(*sizes)
    for path, data in grown(sizes[-1]).items():
        assert files[path] == data
    for size in sizes:
        assert set(tiles.paths(size)) <= set(files)


def test_batches_do_not_matter() -> None:
    growth, files = tiles.Growth(0, NOTHING.__getitem__), dict[str, bytes]()
    for n in range(600):
        files |= growth.add(leaves(n, n + 1))
    assert files | dict(growth.finish()) == grown(600)


def test_children_are_written_before_parents() -> None:
    growth = tiles.Growth(0, NOTHING.__getitem__)
    paths = [path for path, _ in growth.add(leaves(0, 65536)) + growth.finish()]
    assert paths.index("tile/entries/255") < paths.index("tile/0/255") < paths.index("tile/1/000")
    assert paths[-1] == "tile/2/000.p/1"


def test_outgrown_partial_tiles_may_go() -> None:
    files = grown(100, 300, 1000)
    folders = [*tiles.outgrown(0, 100), *tiles.outgrown(100, 300), *tiles.outgrown(300, 1000)]
    assert folders == [f"tile/{kind}/{n}.p" for n in ("000", "001", "002") for kind in ("entries", "0")]
    kept = {path: data for path, data in files.items() if not path.startswith(tuple(folders))}
    assert set(tiles.paths(1000)) <= set(kept) < set(files)
    # What was signed at size 100 can still be read, from the full tile.
    assert tiles.Tree(100, kept.__getitem__).root() == merkle.root(merkle.leaf_hashes(leaves(0, 100)))
    assert tiles.Tree(100, kept.__getitem__).entry(99) == leaves(99, 100)[0]


def test_an_empty_log() -> None:
    growth = tiles.Growth(0, NOTHING.__getitem__)
    assert (growth.add([]), growth.finish(), growth.root()) == ([], [], merkle.EMPTY_ROOT)
    assert tiles.Tree(0, NOTHING.__getitem__).root() == merkle.EMPTY_ROOT


@pytest.mark.parametrize("index", [-1, 300])
def test_an_entry_outside_the_log(index: int) -> None:
    tree = tiles.Tree(300, grown(300).__getitem__)
    for ask in (tree.entry, tree.leaf_hash):
        with pytest.raises(IndexError, match="not in a log of 300"):
            ask(index)


@pytest.mark.parametrize("path", ["tile/entries/001.p/44", "tile/0/001.p/44"])
def test_a_damaged_edge_is_not_grown(path: str) -> None:
    files = grown(300)
    files[path] = files[path][:-1] + bytes([files[path][-1] ^ 1])
    with pytest.raises(tiles.DamagedLog, match=r"tile/entries/001.p/44 does not belong"):
        tiles.Growth(300, files.__getitem__)


@pytest.mark.parametrize("path", ["tile/entries/001.p/44", "tile/0/001.p/44", "tile/1/000.p/1"])
@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + data, lambda data: b""])
def test_an_edge_of_another_length_is_refused(path: str, change: Any) -> None:
    files = grown(300)
    files[path] = change(files[path])
    with pytest.raises(tiles.DamagedLog):
        tiles.Growth(300, files.__getitem__)


def test_a_missing_tile_is_the_readers_error() -> None:
    files = grown(300)
    del files["tile/0/000"]
    with pytest.raises(KeyError):
        tiles.Tree(300, files.__getitem__).inclusion_proof(3)
