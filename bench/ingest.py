"""Ingest, from the first byte read to the committed seal, beside hashing the same file and beside copying it."""

import hashlib
import os
import re
import subprocess
import sys
import time
from pathlib import Path

from django.conf import settings

from bench import databases
from bench.compare import Result, at_most, in_turn, listed
from fairwitness.evidence.acts.seal import Said, seal
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, blobs

BY = actors.system("bench")
MIB = 2**20
BLOCK = 64 * MIB
MOST_MEMORY = 200 * MIB
ROUNDS, STARTS = databases.sized(5, 1), databases.sized(3, 1)


def one_gibibyte() -> Result:
    """1 GiB, five rounds."""
    return _compare("ingest-1g", databases.sized(1024 * MIB, 8 * MIB), within=120)


def one_gibibyte_encrypted() -> Result:
    """The same, encrypted at rest: each file under its own key."""
    kept = settings.FAIRWITNESS_ENCRYPT
    os.environ["FAIRWITNESS_ENCRYPT"], settings.FAIRWITNESS_ENCRYPT = "1", True
    try:
        return _compare("ingest-1g-encrypted", databases.sized(1024 * MIB, 8 * MIB), within=120, limit=1.6)
    finally:
        settings.FAIRWITNESS_ENCRYPT = kept
        del os.environ["FAIRWITNESS_ENCRYPT"]


def eight_gibibytes() -> Result:
    """8 GiB where the disk has room for three such files; as many rounds as begin within four minutes."""
    return _compare("ingest-8g", databases.sized(8192 * MIB, 16 * MIB), within=240)


def _compare(name: str, size: int, within: float, limit: float = 1.15) -> Result:
    databases.use("bench")
    said = []
    room = os.statvfs(databases.HOME).f_bavail * os.statvfs(databases.HOME).f_frsize
    if room < 3 * size + 4096 * MIB:
        size = max(BLOCK, (room - 4096 * MIB) // 3 // BLOCK * BLOCK)
        said.append(
            f"NOT THE WHOLE SIZE: the disk has {room // MIB} MiB free, so {size // MIB} MiB were used"
        )
    path = file_of(databases.HOME / f"{name}.bin", size)
    try:
        sides = {"ours": lambda: _ours(path), "sha256": lambda: _hash(path), "cp": lambda: _cp(path)}
        measured = in_turn(sides, ROUNDS, within=within)
        memory, whole = _fresh_process(path)
    finally:
        path.unlink()
    best = {side: min(times) for side, times in measured.items()}
    said += [
        f"{size // MIB} MiB, {len(measured['ours'])} of {ROUNDS} rounds; seconds of each:",
        *(f"{side:>8}: {listed(times)}; best {best[side]:.3f}" for side, times in measured.items()),
        f"ours to cp with fsync: {best['ours'] / best['cp']:.2f}",
        f"`fairwitness ingest` in a fresh process: peak memory {memory // MIB} MiB (at most 200), {whole:.2f} s",
        f"its start-up alone, with nothing to bring in: {_start_up():.2f} s",
    ]
    result = at_most(name, best["ours"] / best["sha256"], limit, *said)
    return Result(result.name, result.ratio, result.target, result.ok and memory < MOST_MEMORY, said)


def file_of(path: Path, size: int) -> Path:
    """A file of bytes that no disk can compress or share, on disk before anything is timed."""
    block = bytearray(os.urandom(min(BLOCK, size)))
    with path.open("wb") as file:
        for number in range(size // len(block)):
            block[:8] = number.to_bytes(8, "big")
            file.write(block)
        os.fsync(file.fileno())
    return path


def made_new(path: Path) -> None:
    """Other bytes at the beginning: what was sealed before would not be sealed again. Nothing is left to write."""
    with path.open("r+b") as file:
        file.write(os.urandom(16))
    os.sync()


def _ours(path: Path) -> float:
    made_new(path)
    store = blobs.store()
    Recording.objects.first()  # the connection stands, as it does from the second file of a delivery on
    begun = time.perf_counter()
    with path.open("rb") as file:
        blob = store.put(file)
    sealed = seal(blob, Said(source_name=path.name, row={}), lambda: None, by=BY)
    took = time.perf_counter() - begun
    assert sealed.new and sealed.recording.size == path.stat().st_size
    _forget(blob.sha256)
    return took


def _forget(sha256: str) -> None:
    """Remove the bytes, plain or encrypted, so that the disk does not fill."""
    place = blobs.store().first.path(sha256)
    for path in place.parent.glob(f"{sha256}*"):
        path.unlink()


def _hash(path: Path) -> float:
    os.sync()
    begun = time.perf_counter()
    with path.open("rb") as file:
        hashlib.file_digest(file, "sha256")
    return time.perf_counter() - begun


def _cp(path: Path) -> float:
    os.sync()
    copy = path.with_suffix(".copy")
    begun = time.perf_counter()
    subprocess.run(["cp", path, copy], check=True)
    with copy.open("rb") as file:
        os.fsync(file.fileno())
    took = time.perf_counter() - begun
    copy.unlink()
    return took


def _fresh_process(path: Path) -> tuple[int, float]:
    """The command on the file in a process of its own: peak memory in bytes, seconds from start to end."""
    made_new(path)
    memory, took = _command(path)
    latest = Recording.objects.latest("sealed_at")
    assert latest.size == path.stat().st_size
    _forget(latest.sha256)
    return memory, took


def _start_up() -> float:
    """The command with nothing to bring in."""
    empty = databases.HOME / "empty"
    empty.mkdir(exist_ok=True)
    return min(_command(empty)[1] for _round in range(STARTS))


def _command(path: Path) -> tuple[int, float]:
    command = [sys.executable, "-m", "fairwitness", "ingest", "--no-read", str(path)]
    begun, memory = time.perf_counter(), 0
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    while process.poll() is None:
        memory = max(memory, high_water(process.pid))
        time.sleep(0.01)
    assert process.returncode == 0, f"{command} ended with {process.returncode}"
    return memory, time.perf_counter() - begun


def high_water(pid: int) -> int:
    """The most memory that the process held so far, in bytes.

    Asked of /proc and not of wait4, whose answer also counts what this process held when it forked.
    """
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) * 1024 if found else 0
