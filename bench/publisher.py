"""The publisher: entries a second into the tree, durable and signed; and the whole way from the outbox."""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.test import override_settings

from bench import databases, world
from bench.compare import Result, at_least, in_turn, listed
from fairwitness.publiclog import files
from fairwitness.publiclog.publish import publish

PER_SECOND = 100_000
ROUNDS = 5


def run() -> Result:
    """More than 200,000 entries by the real publisher, in a database and a log of this run's own."""
    count = databases.sized(200_000, 2_000)
    world.filled("bench_10k", databases.sized(10_000, 500))
    databases.use_new("bench_log", of="bench_10k")
    world.load(count)
    home = databases.HOME / "publisher"
    shutil.rmtree(home, ignore_errors=True)
    with override_settings(FAIRWITNESS_HOME=home):
        begun = time.perf_counter()
        published = publish()
        pipeline = published.sequenced / (time.perf_counter() - begun)
        syncs: list[float] = []
        measured = in_turn({"tree": lambda: _tree(syncs)}, ROUNDS)["tree"]
    shutil.rmtree(home)
    best = min(measured)
    return at_least(
        "publisher",
        published.size / best / PER_SECOND,
        1,
        f"{published.size} entries into the tree, durable and signed; seconds of each round: {listed(measured)}",
        f"of which in fsync: {listed(syncs)}",
        f"{published.size / best:,.0f} entries a second (limit of comparison: {PER_SECOND:,})",
        f"the whole way, outbox to signed checkpoint, once: {pipeline:,.0f} entries a second (no target)",
    )


def _tree(syncs: list[float]) -> float:
    """One round of the publisher that finds every entry in the index and no tree."""
    shutil.rmtree(files.folder())
    os.sync()
    with _timed_fsync(syncs):
        begun = time.perf_counter()
        published = publish()
        took = time.perf_counter() - begun
    assert published.sequenced == 0 and files.checkpoint().size == published.size
    return took


@contextmanager
def _timed_fsync(syncs: list[float]) -> Iterator[None]:
    """Within the block every fsync is timed; their sum is added at its end."""
    spent, fsync = [0.0], os.fsync

    def timed(descriptor: int) -> None:
        begun = time.perf_counter()
        fsync(descriptor)
        spent[0] += time.perf_counter() - begun

    with patch("os.fsync", timed):
        yield
    syncs.append(spent[0])
