"""The verifier on a whole log: it accepts what was published, and names what was changed and where.

Each drill edits the stored bytes of a published log and calls nothing of ours.
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.verify.published import ORIGIN, Log, flip, new_key, some_leaves, verify, written

SMALL, LARGE = 600, 66_000
ENTRY = 2 + len(some_leaves(1)[0])  # bytes in a bundle


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "log")
    made.publish(some_leaves(SMALL))
    return made


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Log:
    made = Log(tmp_path_factory.mktemp("large"))
    made.publish(some_leaves(LARGE))
    return made


@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 511, 512, 513])
def test_it_works(tmp_path: Path, size: int) -> None:
    log = Log(tmp_path / "log")
    log.publish(some_leaves(size))
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert outcome.holds, outcome.text
    entries = "1 entry" if size == 1 else f"{size} entries"
    assert f"The log is whole: {entries} and every tile lead to the signed root." in outcome.text
    assert outcome.text.endswith(f"Verified: the log of {ORIGIN} is as it was signed.\n")


def test_it_works_on_three_levels(large: Log, tmp_path: Path) -> None:
    outcome = verify("--log", large.folder, "--key", large.key, cwd=tmp_path)
    assert outcome.holds, outcome.text
    assert "66,000 entries" in outcome.text


def test_entries_of_all_lengths(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.publish([b"", b"x", b"x" * 65535, b"", *[b"y" * n for n in range(300)]])
    assert verify("--log", log.folder, "--key", log.key, cwd=tmp_path).holds


def test_partial_tiles_of_the_past_may_be_removed(log: Log, tmp_path: Path) -> None:
    log.publish(some_leaves(300))
    for folder in log.folder.rglob("002.p"):
        shutil.rmtree(folder)
    assert verify("--log", log.folder, "--key", log.key, cwd=tmp_path).holds


def test_the_full_tile_serves_for_a_partial_one(log: Log, tmp_path: Path) -> None:
    before = log.checkpoint
    log.publish(some_leaves(300))
    for folder in log.folder.rglob("002.p"):
        shutil.rmtree(folder)
    log.put("checkpoint", before.encode())
    assert verify("--log", log.folder, "--key", log.key, cwd=tmp_path).holds


def test_without_a_key_it_says_what_that_is_worth(log: Log, tmp_path: Path) -> None:
    outcome = verify("--log", log.folder, cwd=tmp_path)
    assert outcome.holds
    assert "so only its consistency is shown" in outcome.text
    assert str(log.key) in outcome.text


def test_a_key_in_a_file(log: Log, tmp_path: Path) -> None:
    file = written(tmp_path / "keys", f"# the log's key\n\n{log.key}\n")
    assert verify("--log", log.folder, "--key", file, cwd=tmp_path).holds


def test_an_old_key_may_be_given_beside_the_new_one(log: Log, tmp_path: Path) -> None:
    _, other = new_key(ORIGIN, 1)
    assert verify("--log", log.folder, "--key", other, "--key", log.key, cwd=tmp_path).holds


# ---- Drills on tiles and entries ----


Damage = Callable[[Path], object]


def remove(path: Path) -> None:
    path.unlink()


def shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"\0")


def swap_first_two(path: Path) -> None:
    """Exchange two entries of one length, or two hashes."""
    data = path.read_bytes()
    size = ENTRY if "entries" in path.parts else 32
    path.write_bytes(data[size : 2 * size] + data[:size] + data[2 * size :])


DRILLS: list[tuple[str, Damage, str]] = [
    (
        "tile/entries/001",
        lambda path: flip(path, ENTRY * 3 + 40),
        (
            "Entry 259, number 3 in tile/entries/001, is not the entry that was signed: "
            "tile/0/001 has another hash for it."
        ),
    ),
    (
        "tile/entries/002.p/88",
        lambda path: flip(path, ENTRY * 87 + 40),
        (
            "Entry 599, number 87 in tile/entries/002.p/88, is not the entry that was signed: "
            "tile/0/002.p/88 has another hash for it."
        ),
    ),
    (
        "tile/0/001",
        lambda path: flip(path, 32 * 3),
        "Hash 3 in tile/0/001 is wrong; the entry it stands for is as signed.",
    ),
    (
        "tile/0/002.p/88",
        lambda path: flip(path, 32 * 87 + 31),
        "Hash 87 in tile/0/002.p/88 is wrong; the entry it stands for is as signed.",
    ),
    (
        "tile/1/000.p/2",
        lambda path: flip(path, 32),
        "Hash 1 in tile/1/000.p/2 is wrong; the tile it stands for is as signed.",
    ),
    ("tile/entries/001", remove, "tile/entries/001 is missing; it has the entries 256 to 511."),
    ("tile/entries/002.p/88", remove, "tile/entries/002.p/88 is missing; it has the entries 512 to 599."),
    ("tile/0/000", remove, "tile/0/000 is missing."),
    ("tile/0/002.p/88", remove, "tile/0/002.p/88 is missing."),
    ("tile/1/000.p/2", remove, "tile/1/000.p/2 is missing."),
    (
        "tile/entries/000",
        shorten,
        "tile/entries/000 ends within its entry 255; it has the entries 0 to 255.",
    ),
    (
        "tile/entries/000",
        lengthen,
        "tile/entries/000 ends within its entry 256; it has the entries 0 to 255.",
    ),
    (
        "tile/entries/000",
        lambda path: path.write_bytes(path.read_bytes()[:-ENTRY]),
        "tile/entries/000 has 255 entries, not 256; it has the entries 0 to 255.",
    ),
    (
        "tile/entries/000",
        lambda path: path.write_bytes(b""),
        "tile/entries/000 has 0 entries, not 256; it has the entries 0 to 255.",
    ),
    ("tile/0/001", shorten, "tile/0/001 has 8,191 bytes, not 8,192."),
    ("tile/0/001", lengthen, "tile/0/001 is too large."),
    ("tile/1/000.p/2", lengthen, "tile/1/000.p/2 has 65 bytes, not 64."),
    (
        "tile/entries/001",
        swap_first_two,
        (
            "Entry 256, number 0 in tile/entries/001, is not the entry that was signed: "
            "tile/0/001 has another hash for it."
        ),
    ),
    ("tile/0/001", swap_first_two, "Hash 0 in tile/0/001 is wrong; the entry it stands for is as signed."),
]


@pytest.mark.parametrize(("path", "damage", "says"), DRILLS)
def test_a_changed_file_is_named(log: Log, tmp_path: Path, path: str, damage: Damage, says: str) -> None:
    damage(log.folder / path)
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert outcome.faults == [says]
    assert outcome.text.endswith("Not verified: 1 fault found.\n")


def test_all_faults_are_named(log: Log, tmp_path: Path) -> None:
    flip(log.folder / "tile/entries/000", 5)
    flip(log.folder / "tile/0/001", 0)
    (log.folder / "tile/entries/002.p/88").unlink()
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 3
    for says in ("Entry 0,", "Hash 0 in tile/0/001", "tile/entries/002.p/88 is missing"):
        assert any(says in fault for fault in outcome.faults)


def test_an_entry_and_its_hash_changed_together(log: Log, tmp_path: Path) -> None:
    """A forger who also mends the tile above the entry is caught one level higher."""
    forged = Log(tmp_path / "forged", log.private)
    forged.publish([*some_leaves(300), b"forged", *some_leaves(SMALL)[301:]])
    for path in ("tile/entries/001", "tile/0/001"):
        log.put(path, forged.fetch(path))
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert outcome.faults == [
        "tile/0/001 is not the tile that was signed: tile/1/000.p/2 has another root for it."
    ]


def test_everything_changed_but_the_checkpoint(log: Log, tmp_path: Path) -> None:
    """No stored tile disagrees with another; only the signed root does."""
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(SMALL, "forged"))
    forged.put("checkpoint", log.fetch("checkpoint"))
    outcome = verify("--log", forged.folder, "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "is not the root of the log's entries" in outcome.faults[0]


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("tile/1/000", "Hash 0 in tile/1/000 is wrong; the tile it stands for is as signed."),
        ("tile/2/000.p/1", "Hash 0 in tile/2/000.p/1 is wrong; the tile it stands for is as signed."),
        ("tile/0/200", "Hash 0 in tile/0/200 is wrong; the entry it stands for is as signed."),
    ],
)
def test_a_changed_tile_on_three_levels(large: Log, tmp_path: Path, path: str, says: str) -> None:
    shutil.copytree(large.folder, tmp_path / "log")
    flip(tmp_path / "log" / path, 1)
    assert verify("--log", tmp_path / "log", "--key", large.key, cwd=tmp_path).faults == [says]


def test_an_entry_and_the_tile_above_both_changed(large: Log, tmp_path: Path) -> None:
    shutil.copytree(large.folder, tmp_path / "log")
    flip(tmp_path / "log/tile/entries/007", 30)
    flip(tmp_path / "log/tile/0/007", 64)
    outcome = verify("--log", tmp_path / "log", "--key", large.key, cwd=tmp_path)
    assert outcome.faults[0] == (
        "Hash 0 in tile/0/007 is not that of entry 1,792, and what lies above fits neither: "
        "one or both were changed."
    )


def test_it_stops_after_fifty_faults(large: Log, tmp_path: Path) -> None:
    shutil.copytree(large.folder, tmp_path / "log")
    shutil.rmtree(tmp_path / "log/tile/entries")
    outcome = verify("--log", tmp_path / "log", "--key", large.key, cwd=tmp_path)
    assert len(outcome.faults) == 50
    assert "Stopped here: there may be more." in outcome.text


# ---- Drills on the checkpoint ----


def test_a_changed_root(log: Log, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    other.publish([b"other"])
    root = log.checkpoint.split("\n")[2]
    log.put("checkpoint", log.checkpoint.replace(root, other.checkpoint.split("\n")[2]).encode())
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert outcome.faults == [
        f"The log's checkpoint cannot be trusted: its signature is not by the key {log.key}."
    ]


def test_a_changed_size(log: Log, tmp_path: Path) -> None:
    log.put("checkpoint", log.checkpoint.replace("\n600\n", "\n599\n").encode())
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert "its signature is not by the key" in outcome.faults[0]


def test_a_wrong_root_signed_by_the_log_itself(log: Log, tmp_path: Path) -> None:
    log.sign(b"\1" * 32)
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert any("is not the root of the log's entries" in fault for fault in outcome.faults)


def test_another_key(log: Log, tmp_path: Path) -> None:
    _, other = new_key(ORIGIN, 1)
    outcome = verify("--log", log.folder, "--key", other, cwd=tmp_path)
    assert outcome.faults == [f"The log's checkpoint cannot be trusted: it is not signed by the key {other}."]


def test_a_key_of_another_log(log: Log, tmp_path: Path) -> None:
    _, other = new_key("elsewhere.example/log", 1)
    outcome = verify("--log", log.folder, "--key", other, cwd=tmp_path)
    assert outcome.faults == [
        (
            "The log's checkpoint cannot be trusted: it is a checkpoint of police.example/log, "
            "and the key is of elsewhere.example/log."
        )
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "no signature\n1\nAAAA\n",
        "\ud83d".encode("utf-8", "surrogatepass"),
        b"\xff\xfe",
        "a\n1\nAAAA\n\n— a AAAAAAA=\n",
        "a\n01\nAAAA\n\n— a AAAAAAA=\n",
        "x" * 300_000,
        "a\x1b[2Jb\n1\nAAAA\n\n— a AAAAAAA=\n",
    ],
)
def test_a_malformed_checkpoint_is_a_sentence(log: Log, tmp_path: Path, text: str | bytes) -> None:
    log.put("checkpoint", text.encode() if isinstance(text, str) else text)
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "checkpoint" in outcome.faults[0]
    assert "\x1b" not in outcome.text


def test_a_hostile_origin_does_not_reach_the_terminal(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    log.publish(some_leaves(3))
    log.put("checkpoint", log.checkpoint.replace(ORIGIN, "evil\u202e\u2066name" * 50, 1).encode())
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert "evil??name" in outcome.faults[0]
    assert len(outcome.faults[0]) < 400


# ---- Drills on history ----


def test_a_log_that_only_grew_still_begins_with_the_old_one(log: Log, tmp_path: Path) -> None:
    old = written(tmp_path / "old", log.checkpoint)
    for more in (0, 1, 168, 256, 1000):
        log.publish(some_leaves(more))
        outcome = verify("--log", log.folder, "--key", log.key, "--since", old, cwd=tmp_path)
        assert outcome.holds, outcome.text
        assert "The log still begins with the 600 entries of the old checkpoint." in outcome.text


def test_a_log_rewritten_from_the_start_with_the_right_key(log: Log, tmp_path: Path) -> None:
    old = written(tmp_path / "old", log.checkpoint)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish([b"forged", *some_leaves(900)[1:]])
    assert verify("--log", forged.folder, "--key", log.key, cwd=tmp_path).holds  # alone it looks sound
    outcome = verify("--log", forged.folder, "--key", log.key, "--since", old, cwd=tmp_path)
    assert outcome.faults == [
        (
            "The log was rewritten, or its tiles were: they do not lead from the old checkpoint "
            "(600 entries) to the log as it is now (900)."
        )
    ]


def test_a_rewritten_log_of_the_same_size(log: Log, tmp_path: Path) -> None:
    old = written(tmp_path / "old", log.checkpoint)
    forged = Log(tmp_path / "forged", log.private)
    forged.publish(some_leaves(SMALL, "forged"))
    outcome = verify("--log", forged.folder, "--key", log.key, "--since", old, cwd=tmp_path)
    assert outcome.faults == ["The log was rewritten: the old checkpoint has the same size and another root."]


def test_a_tail_cut_off_with_an_old_checkpoint_put_back(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    before = log.publish(some_leaves(300))
    old = written(tmp_path / "old", log.publish(some_leaves(300)))
    log.put("checkpoint", before.encode())
    assert verify("--log", log.folder, "--key", log.key, cwd=tmp_path).holds  # alone it looks sound
    outcome = verify("--log", log.folder, "--key", log.key, "--since", old, cwd=tmp_path)
    assert outcome.faults == ["The log was cut short: the old checkpoint has 600 entries, it now has 300."]


def test_an_old_checkpoint_that_the_log_never_signed(log: Log, tmp_path: Path) -> None:
    other = Log(tmp_path / "other")
    old = written(tmp_path / "old", other.publish(some_leaves(300)))
    outcome = verify("--log", log.folder, "--key", log.key, "--since", old, cwd=tmp_path)
    assert outcome.faults == [f"The old checkpoint cannot be trusted: it is not signed by the key {log.key}."]


def test_an_old_checkpoint_of_an_empty_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "log")
    old = written(tmp_path / "old", log.publish([]))
    log.publish(some_leaves(3))
    outcome = verify("--log", log.folder, "--key", log.key, "--since", old, cwd=tmp_path)
    assert outcome.holds
    assert "it is of an empty log" in outcome.text


# ---- A folder that is not what it seems ----


def make_link(path: Path) -> None:
    path.symlink_to(path.with_name("001"))


@pytest.mark.parametrize("make", [make_link, Path.mkdir, os.mkfifo])
def test_what_is_not_a_plain_file_is_not_read(log: Log, tmp_path: Path, make: Damage) -> None:
    (log.folder / "tile/0/000").unlink()
    make(log.folder / "tile/0/000")
    outcome = verify("--log", log.folder, "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert outcome.faults[0].startswith(("tile/0/000 is not a plain file", "tile/0/000 cannot be read"))


@pytest.mark.parametrize("where", ["nowhere", "ftp://127.0.0.1/log", "file:///etc", "http://", "http://[::1"])
def test_a_log_that_is_nowhere(tmp_path: Path, where: str) -> None:
    outcome = verify("--log", where, cwd=tmp_path)
    assert len(outcome.faults) == 1


# ---- Commands that make no sense ----


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "nothing to check"),
        (["--log", "x", "--file", "y"], "--file needs --receipt"),
        (["--receipt", "x", "--since", "y"], "--since and --all need --log"),
        (["--log", "x", "--need", "1"], "--need is a number from 1, with --witness"),
        (["--log", "x", "--witness", "y", "--need", "0"], "--need is a number from 1"),
        (["--log", "x", "--need", "many"], "invalid int value"),
        (["--nonsense"], "unrecognized arguments"),
    ],
)
def test_a_command_that_makes_no_sense(tmp_path: Path, words: list[str], says: str) -> None:
    if words == ["--nonsense"]:
        words = ["--log", "x", *words]
    outcome = verify(*words, cwd=tmp_path)
    assert not outcome.holds
    assert says in outcome.text


@pytest.mark.parametrize(
    ("key", "says"),
    [
        ("missing-file", "cannot be read"),
        ("a+00000000+AAAA", "not an Ed25519 key"),
        ("a+00000000+!!!!", "not base64"),
    ],
)
def test_a_key_that_is_none(log: Log, tmp_path: Path, key: str, says: str) -> None:
    outcome = verify("--log", log.folder, "--key", key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert says in outcome.faults[0]


def test_the_key_of_a_witness_is_not_the_key_of_a_log(log: Log, tmp_path: Path) -> None:
    _, witness = new_key("w.example", 4)
    outcome = verify("--log", log.folder, "--key", witness, cwd=tmp_path)
    assert "it is the key of a witness" in outcome.faults[0]
