"""A page while a hundred slow viewers watch, beside the same page while nobody does."""

import subprocess
import sys
import time
import urllib.request
from statistics import median

from bench import databases, reader, stored
from bench.compare import Result, at_most

VIEWERS, RATE = databases.sized(100, 5), 64 * 1024
PAGES = databases.sized(40, 3)
MOST = 2


def run() -> Result:
    """The list's first page, fetched through the real site; a watching round between two idle ones."""
    recording = stored.recording()
    with stored.served(recording) as door:
        _pages(door, 5)
        idle = _pages(door, PAGES)
        viewers = _viewers(door, recording.size)
        watched = _pages(door, PAGES)
        came = int(viewers.communicate("\n", timeout=30)[0].split()[-1])
        idle += _pages(door, PAGES)
    # At least half of their rate, but for the tick at each end: else it was not viewing that was measured.
    fair = VIEWERS * RATE * max(0, sum(watched) - 2 * reader.TICK) / 2
    assert came >= fair, f"the viewers got only {came} bytes"
    slowest = max(watched) * 1000
    return at_most(
        "slow-viewers",
        median(watched) / median(idle),
        MOST,
        f"{VIEWERS} viewers at {RATE // 1024} KiB a second, who got {came // 2**20} MiB meanwhile",
        f"a page: median {median(idle) * 1000:.1f} ms idle, {median(watched) * 1000:.1f} ms while they watch "
        f"(slowest {slowest:.1f} ms)",
    )


def _viewers(door: stored.Door, size: int) -> "subprocess.Popen[str]":
    command = [sys.executable, "-S", "-m", "bench.reader", "slow", str(door.port), door.path]
    command += ["--cookie", door.cookie, "--size", str(size), "--viewers", str(VIEWERS), "--rate", str(RATE)]
    viewers = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert viewers.stdout and viewers.stdout.readline() == "watching\n"
    return viewers


def _pages(door: stored.Door, count: int) -> list[float]:
    """Seconds of each page, from request to last byte."""
    times = []
    asked = urllib.request.Request(
        f"http://127.0.0.1:{door.port}/recordings/", headers={"Cookie": door.cookie}
    )
    for _page in range(count):
        begun = time.perf_counter()
        with urllib.request.urlopen(asked, timeout=60) as answer:
            assert b"</html>" in answer.read()
        times.append(time.perf_counter() - begun)
    return times
