"""The publisher, killed at every step and started again: the log goes on as if nothing had been."""

import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwitness.publiclog import files
from fairwitness.publiclog.publish import publish
from fairwitness.rules import tiles
from tests.evidence.crashes import KILLED, Launcher
from tests.evidence.snapshots import Snapshot
from tests.publiclog.made import check_all_published, checkpoint, entries, faults, stranger

pytestmark = pytest.mark.slow

OLD, NEW = 254, 258  # over the edge of a tile
AROUND = ("before {}", "after {}")
# What a round does then: index, full tiles, the edge, checkpoint. Folders are synced in no order that matters.
WORKS = (
    *("committing", "committing"),
    *("syncing 000.part", "syncing 000.part", "naming 000", "naming 000"),
    *("syncing folder entries", "syncing folder 0", "syncing folder tile", "syncing folder log"),
    *("syncing 2.part", "syncing 2.part", "syncing 1.part", "naming 2", "naming 2", "naming 1"),
    *("syncing folder 001.p", "syncing folder 001.p", "syncing folder 000.p"),
    *(
        "syncing folder entries",
        "syncing folder 0",
        "syncing folder 1",
        "syncing folder tile",
        "syncing folder log",
    ),
    *("syncing checkpoint.part", "naming checkpoint", "syncing folder log"),
    *("removing what was outgrown", "removing what was outgrown"),
)
STEPS = [around.format(work) for work in WORKS for around in AROUND]


def _before_publishing() -> None:
    entries(OLD)
    publish()
    entries(NEW - OLD)


BEFORE = Snapshot("before_publishing", _before_publishing)


@pytest.fixture
def launcher(own_database: str, database_server: str, home: Path, tmp_path: Path) -> Iterator[Launcher]:
    """254 entries are published, four wait."""
    BEFORE.lay(database_server, home)
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.close()


def test_the_steps(launcher: Launcher) -> None:
    """What is killed at below is everything that there is, and nothing is named before it is on disk."""
    assert launcher.run("publisher", "--once") == 0
    trace = launcher.trace
    assert sorted(trace) == sorted(STEPS)
    last = [
        trace.index(f"before {work}")
        for work in ("committing", "naming 000", "naming 2", "naming checkpoint")
    ]
    assert last == sorted(last)
    assert trace.index("after syncing checkpoint.part") < trace.index("before naming checkpoint")
    check_all_published()


@pytest.mark.parametrize("step", range(len(STEPS)))
def test_killed_at(launcher: Launcher, home: Path, tmp_path: Path, step: int) -> None:
    old = tmp_path / "checkpoint-that-a-stranger-kept"
    old.write_bytes(files.fetch("checkpoint"))
    assert launcher.run("publisher", "--once", kill_at=step) == KILLED
    assert len(launcher.trace) == step + 1
    assert checkpoint().size in (OLD, NEW), "the old state or the new one"
    assert faults() == []
    assert stranger(tmp_path, "--since", old).holds, "anyone who comes by meanwhile sees a whole log"
    assert launcher.run("publisher", "--once") == 0
    assert checkpoint().size == NEW
    check_all_published()
    assert faults() == []
    missing = set(tiles.paths(NEW)) - {str(p.relative_to(home / "log")) for p in (home / "log").rglob("*")}
    assert missing == set()


def test_killed_at_its_very_first_start(own_database: str, home: Path, tmp_path: Path) -> None:
    """While it makes its key, its first files, its first checkpoint."""
    launcher = Launcher(tmp_path)
    entries(3)
    try:
        for step in itertools.count():
            shutil.rmtree(home / "log", ignore_errors=True)
            shutil.rmtree(home / "keys", ignore_errors=True)
            if launcher.run("publisher", "--once", kill_at=step) == 0:
                break  # it has fewer steps than that
            assert launcher.run("publisher", "--once") == 0
            assert (checkpoint().size, faults()) == (3, [])
    finally:
        launcher.close()
    assert step > 20
    assert {"after naming log.key", "after naming key", "after naming checkpoint"} <= set(launcher.trace)
    assert stranger(tmp_path).holds
