"""A package for court, from the stored originals to the closed file, beside copying and hashing the same bytes."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import databases
from bench.compare import Result, at_least, by_rounds, in_turn, listed
from bench.ingest import MIB, file_of
from fairwitness.kernel import clock
from fairwitness.kernel.blobs import FileStore
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.packages import disclosure
from fairwitness.packages.content import Disclosure, Exhibit, Line
from fairwitness.packages.targets import Zip

WHOLE = 20 * 1024 * MIB
ORIGINALS = 10
ROUNDS = 3


def run() -> Result:
    """20 GiB in ten originals, or as much as the disk has room for, twice."""
    said = []
    size = databases.sized(WHOLE, 16 * MIB)
    room = os.statvfs(databases.HOME).f_bavail * os.statvfs(databases.HOME).f_frsize
    if room < 2 * size + 4096 * MIB:
        size = max(ORIGINALS * MIB, (room - 4096 * MIB) // 2 // (64 * MIB * ORIGINALS) * 64 * MIB * ORIGINALS)
        said.append(
            f"NOT THE WHOLE SIZE: the disk has {room // MIB} MiB free, so {size // MIB} MiB were used"
        )
    with _originals(size) as paths:
        sides = {"ours": lambda: _ours(paths), "copy and hash": lambda: _peer(paths)}
        measured = in_turn(sides, ROUNDS, within=400)
    rate = {name: [size / MIB / seconds for seconds in times] for name, times in measured.items()}
    said += [
        f"{size // MIB} MiB in {len(paths)} originals, {len(measured['ours'])} rounds; MiB a second:",
        *(f"{name:>14}: {listed(rates, '.0f')}" for name, rates in rate.items()),
        "copy and hash: each file put into a store, hashed from the stored bytes while they are written, and synced",
    ]
    return at_least("package-20g", by_rounds(rate["ours"], rate["copy and hash"]), 0.7, *said)


@contextmanager
def _originals(size: int) -> Iterator[list[Path]]:
    folder = databases.HOME / "package-originals"
    folder.mkdir(exist_ok=True)
    _digests.clear()
    paths = [file_of(folder / f"{n}.mp4", size // ORIGINALS) for n in range(ORIGINALS)]
    try:
        yield paths
    finally:
        for path in paths:
            path.unlink()


_digests: dict[Path, str] = {}


def _digest(path: Path) -> str:
    if path not in _digests:
        with path.open("rb") as file:
            _digests[path] = hashlib.file_digest(file, "sha256").hexdigest()
    return _digests[path]


def _case(paths: list[Path]) -> Disclosure:
    """A case of these originals, each with a custody history of fifty lines."""
    now = clock.now()
    custody = tuple(Line(now, f"Somebody opened it for the {n}th time.", str(n), n) for n in range(50))
    exhibits = tuple(
        Exhibit(
            number=f"R-2026-{n:06}",
            kind="recording",
            kind_words="Recording, the original",
            title=path.name,
            ending=".mp4",
            size=path.stat().st_size,
            sha256=_digest(path),
            open=lambda path=path: FileReader(os.open(path, os.O_RDONLY)),  # type: ignore[misc]
            reads="video/mp4",
            custody=custody,
        )
        for n, path in enumerate(paths)
    )
    return Disclosure(
        number="P-2026-000001",
        case_number="C-2026-000001",
        case_title="Bench",
        asked=now,
        asked_by="Bench",
        for_whom="the defence",
        exhibits=exhibits,
        agency="Police",
        contact="Here",
        language="en-us",
        zone="UTC",
        product="Fairwitness",
    )


def _ours(paths: list[Path]) -> float:
    said, target = _case(paths), databases.HOME / "bench.zip"
    os.sync()
    begun = time.perf_counter()
    disclosure.write(said, Zip(target, said.asked), databases.HOME / "bench.journal")
    took = time.perf_counter() - begun
    assert target.stat().st_size > disclosure.total(said)
    target.unlink()
    return took


def _peer(paths: list[Path]) -> float:
    store = FileStore(databases.HOME / "bench-store")
    store.begin()
    os.sync()
    begun = time.perf_counter()
    put = []
    for path in paths:
        with path.open("rb") as file:
            put.append(store.put(file))
    took = time.perf_counter() - begun
    for blob in put:
        store.path(blob.sha256).unlink()
    return took
