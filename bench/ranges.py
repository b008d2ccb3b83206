"""Range reads of a stored recording through the real door, beside nginx serving the same bytes from the same disk."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import databases, stored
from bench.compare import Result, at_least, by_rounds, in_turn, listed
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs

MIB = 2**20
RANGE = min(64 * MIB, stored.SIZE // 8)
# Ranges as a player asks for them when somebody jumps about; then the whole recording at once.
READS = {
    f"4 ranges of {RANGE // MIB} MiB": [(at * RANGE, (at + 1) * RANGE - 1) for at in (6, 1, 4, 3)],
    "the whole": [(0, stored.SIZE - 1)],
}
ROUNDS = databases.sized(7, 1)
MOST_GROWTH = 64 * MIB

NGINX = """
daemon off; pid {home}/nginx.pid; error_log stderr warn; user root; worker_processes auto;
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; default_type application/octet-stream;
  server {{ listen 127.0.0.1:{port}; location / {{ root {blobs}; }} }}
}}
"""


def run() -> Result:
    """The ratio is that of the slower of the two ways to read; the site's memory must stay flat."""
    if shutil.which("nginx") is None:
        return Result("ranges", 0, ">=0.8", False, ["NOT COMPARED: nginx is not on this machine"])
    recording = stored.recording()
    with stored.served(recording) as door, _nginx(recording) as (port, path):
        _read(door.port, door.path, door.cookie, READS["the whole"])
        before, ratios, said = door.memory(), [], []
        with _watched(door) as peak:
            for name, ranges in READS.items():
                size = sum(last - first + 1 for first, last in ranges)
                measured = in_turn(
                    {
                        "ours": lambda r=ranges: _read(door.port, door.path, door.cookie, r),  # type: ignore[misc]
                        "nginx": lambda r=ranges: _read(port, path, "", r),  # type: ignore[misc]
                    },
                    ROUNDS,
                )
                rates = {side: [size / MIB / seconds for seconds in each] for side, each in measured.items()}
                ratios.append(max(rates["ours"]) / max(rates["nginx"]))
                said.append(f"{name}: {ratios[-1]:.2f}; MiB a second of each round:")
                said += [f"{side:>8}: {listed(each, '.0f')}" for side, each in rates.items()]
    growth = max(peak) - before
    said.append(
        f"memory of the site: {before // MIB} MiB after the first read, at most {max(peak) // MIB} MiB"
    )
    result = at_least("ranges", min(ratios), 0.8, *said)
    return Result(result.name, result.ratio, result.target, result.ok and growth < MOST_GROWTH, said)


def encrypted() -> Result:
    """The same recording encrypted at rest, beside itself plain, each behind a site of its own."""
    recording = stored.recording()
    place = f"main={_encrypted_copy(recording)}"
    ratios, said = [], []
    with stored.served(recording) as plain, stored.another(plain, FAIRWITNESS_STORES=place) as door:
        for side in (plain, door):
            _read(side.port, side.path, side.cookie, READS["the whole"])
        for name, ranges in READS.items():
            size = sum(last - first + 1 for first, last in ranges)
            measured = in_turn(
                {
                    "encrypted": lambda r=ranges: _read(door.port, door.path, door.cookie, r),  # type: ignore[misc]
                    "plain": lambda r=ranges: _read(plain.port, plain.path, plain.cookie, r),  # type: ignore[misc]
                },
                ROUNDS,
            )
            rates = {side: [size / MIB / seconds for seconds in each] for side, each in measured.items()}
            ratios.append(by_rounds(rates["encrypted"], rates["plain"]))
            said.append(f"{name}: {ratios[-1]:.2f}; MiB a second of each round:")
            said += [f"{side:>10}: {listed(each, '.0f')}" for side, each in rates.items()]
    return at_least("ranges-encrypted", min(ratios), 0.6, *said)


def _encrypted_copy(recording: Recording) -> Path:
    """A store that holds the recording encrypted, and nothing else."""
    store = blobs.FileStore(databases.HOME / "encrypted", marked=True)
    store.begin()
    if not list(store.digests()):
        with blobs.store().first.path(recording.sha256).open("rb") as file:
            blobs.Stores((store,), encrypt=True).put(file)
    return store.root


def _read(port: int, path: str, cookie: str, ranges: list[tuple[int, int]]) -> float:
    command = [sys.executable, "-S", "-m", "bench.reader", "fast", str(port), path]
    command += ["--cookie", cookie, "--ranges", json.dumps(ranges)]
    seconds: float = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return seconds


@contextmanager
def _nginx(recording: Recording) -> Iterator[tuple[int, str]]:
    """nginx with sendfile over the store's own folder; answers its port and the recording's path."""
    store, port = blobs.store().first, stored.free_port()
    config = databases.HOME / "nginx.conf"
    config.write_text(NGINX.format(home=databases.HOME, port=port, blobs=store.root), encoding="utf-8")
    process = subprocess.Popen(["nginx", "-c", str(config), "-p", str(databases.HOME)])
    path = "/" + str(store.path(recording.sha256).relative_to(store.root))
    try:
        stored.wait(port)
        yield port, path
    finally:
        process.terminate()
        process.wait(30)


@contextmanager
def _watched(door: stored.Door) -> Iterator[list[int]]:
    """Within the block the site's memory is looked at ten times a second."""
    peak, done = [door.memory()], threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            peak.append(door.memory())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()
