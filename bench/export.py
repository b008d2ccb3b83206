"""Everything taken out of a hundred thousand recordings beside ten thousand: memory must not grow with them."""

import os
import resource
import shutil
import tempfile
import time
import traceback
from pathlib import Path

from django.db import connections

from bench import databases, world
from bench.compare import Result, at_most
from fairwitness.moving.acts.export import export
from fairwitness.moving.models import Export

MANY = databases.sized(100_000, 1_000)
FEW = databases.sized(10_000, 500)
# The digests of all bytes are held, so that none is written twice: that is what may grow.
MOST = 1.25


def run() -> Result:
    """The highest memory of a process that writes the whole export, with many and with few recordings."""
    few, many = _peak("bench_10k", FEW), _peak("bench_100k", MANY)
    rows, spent = many[1], many[2]
    return at_most(
        "export-100k",
        many[0] / few[0],
        MOST,
        f"the highest memory with {FEW} recordings: {few[0] / 1024:.0f} MiB; with {MANY}: {many[0] / 1024:.0f} MiB",
        f"{rows} rows with CASE/UCO, custody and receipts in {spent:.0f} s: {rows / spent:.0f} rows a second",
    )


def _peak(name: str, count: int) -> tuple[int, int, float]:
    """KiB at the most, rows written, seconds: of a process that does this and nothing else."""
    world.filled(name, count)
    connections.close_all()
    here, there = os.pipe()
    if pid := os.fork():
        os.close(there)
        with os.fdopen(here) as told:
            said = told.read().split()
        os.waitpid(pid, 0)
        return int(said[0]), int(said[1]), float(said[2])
    try:
        os.close(here)
        os.write(there, " ".join(map(str, _written())).encode())
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(1)


def _written() -> tuple[int, int, float]:
    folder = Path(tempfile.mkdtemp(dir=databases.HOME))
    begun = time.perf_counter()
    try:
        export(folder / "all", by=world.BY, say=lambda _sentence: None)
    finally:
        shutil.rmtree(folder)
    spent = time.perf_counter() - begun
    rows = Export.objects.latest("begun_at").rows
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, rows, spent
