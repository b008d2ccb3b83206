"""Uploads by tus: the real site beside tuspyserver, what a resumption costs, and pages while fifty docks upload."""

import base64
import contextlib
import functools
import hashlib
import http.client
import json
import selectors
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from bench import databases, ingest, receivers, senders, visitors
from bench.compare import Result, at_least, at_most, by_rounds, in_turn, listed
from bench.receivers import Receiver, Site
from bench.stored import KEEPER

MIB = 2**20
SIZE = databases.sized(1024 * MIB, 8 * MIB)
FIRST = databases.sized(64 * MIB, 4 * MIB)
CHUNK = databases.sized(16 * MIB, MIB)
ROUNDS = databases.sized(5, 1)
MOST_GROWTH = 64 * MIB
# A resumption reads what is there once. A tenth more, because two readings of the same bytes differ by as much here.
MOST_RESUMED = 1.1

DOCKS = databases.sized(50, 5)
DOCK_SIZE, DOCK_CHUNK = databases.sized(64 * MIB, 4 * MIB), databases.sized(4 * MIB, MIB)
EVERY = 0.2  # seconds from one page asked for to the next
PAGES = databases.sized(60, 4)
MOST_SLOWER = 2
# At half time the slowest dock has at least so much of what the one in the middle has.
LEAST_SHARE = 0.5


def beside_uvicorn() -> Result:
    """1 GiB by tuspy, ours to tuspyserver under uvicorn; and that the site's memory stays flat."""
    return _beside("uvicorn", 1.3)


def beside_granian() -> Result:
    """The same under the server that we use too: it neither hashes what comes nor answers for the disk."""
    return _beside("granian", 0.7)


@dataclass(frozen=True)
class _Sent:
    """What one run of all sides came to: MiB a second of each round, the site's peaks of memory, seconds to the seal."""

    rates: dict[str, list[float]]
    first: int
    last: int
    seals: list[float]


def _beside(server: str, least: float) -> Result:
    sent = _all_sides()
    if server not in sent.rates:
        said = [f"NOT COMPARED: tuspyserver could not be started under {server}"]
        return Result(f"upload-{server}", 0, f">={least:g}", False, said)
    best = {side: max(rates) for side, rates in sent.rates.items()}
    said = [f"{SIZE // MIB} MiB by tuspy in chunks of {CHUNK // MIB} MiB; MiB a second of each round:"]
    said += [
        f"{side:>8}: {listed(rates, '.0f')}; best {best[side]:.0f}" for side, rates in sent.rates.items()
    ]
    said += [
        f"the ratio is the middle one of the rounds'; that of the best rounds: {best['ours'] / best[server]:.2f}",
        f"ours hashes, syncs each chunk before it answers, and seals: {listed(sent.seals)} s after the last chunk",
        f"most memory of the site: {sent.first // MIB} MiB after {FIRST // MIB} MiB, {sent.last // MIB} MiB in the end",
    ]
    ratio = by_rounds(sent.rates["ours"], sent.rates[server])
    result = at_least(f"upload-{server}", ratio, least, *said)
    flat = sent.last - sent.first < MOST_GROWTH
    return Result(result.name, result.ratio, result.target, result.ok and flat, said)


@functools.cache
def _all_sides() -> _Sent:
    """Ours and both peers in turn, measured once for both comparisons."""
    whole = ingest.file_of(databases.HOME / "upload.bin", SIZE)
    start = ingest.file_of(databases.HOME / "upload-first.bin", FIRST)
    try:
        with receivers.site() as site, contextlib.ExitStack() as peers:
            _send(site, start)
            first, seals = site.high_water(), list[float]()
            sides = {"ours": lambda: _rate(site, whole, seals)}
            for server in receivers.PEERS:
                with contextlib.suppress(receivers.NotStarted):
                    peer = peers.enter_context(receivers.peer(server))
                    sides[server] = functools.partial(_rate, peer, whole)
            rates = in_turn(sides, ROUNDS)
            return _Sent(rates, first, site.high_water(), seals)
    finally:
        whole.unlink()
        start.unlink()


def _rate(receiver: Receiver, path: Path, seals: list[float] | None = None) -> float:
    """MiB a second of one upload of bytes that were never sent before."""
    ingest.made_new(path)
    seconds = _send(receiver, path, seals)
    return path.stat().st_size / MIB / seconds


def _send(receiver: Receiver, path: Path, seals: list[float] | None = None) -> float:
    """Seconds that tuspy takes; then it is looked after whether all of it is there, and nothing is left to do."""
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    asked = {
        "url": receiver.url,
        "token": receiver.token,
        "path": str(path),
        "chunk": CHUNK,
        "metadata": {"filename": path.name, "filetype": "application/octet-stream", "sha256": sha256},
    }
    command = [sys.executable, "-m", "bench.senders", "tuspy"]
    done = subprocess.run(
        command, input=json.dumps(asked) + "\n", check=True, stdout=subprocess.PIPE, text=True
    )
    if isinstance(receiver, Site):
        took = receivers.sealed({sha256})
        if seals is not None:
            seals.append(took)
        receivers.idle()
    else:
        _came(receiver, path)
    seconds: float = json.loads(done.stdout)
    return seconds


def _came(peer: Receiver, path: Path) -> None:
    """The peer has the whole file; it goes, so that the next one finds the same room."""
    for kept in peer.home.iterdir():
        if kept.is_file():
            assert kept.suffix or kept.stat().st_size == path.stat().st_size
            kept.unlink()


def resumed() -> Result:
    """What a `kill -9` of the site in mid-upload costs: what is left takes longer, to one reading of what was there.

    Until the last byte is acknowledged, which waits for the digest of the whole; the seal after it is the same work
    with and without a kill, and takes longer or shorter with the disk by more than a reading.
    """
    whole = ingest.file_of(databases.HOME / "upload.bin", SIZE)
    usual, killed = list[_Times](), list[_Times]()
    try:
        with receivers.site() as site:
            for _round in range(ROUNDS):
                usual.append(_interrupted(site, whole, kill=False))
                killed.append(_interrupted(site, whole, kill=True))
    finally:
        whole.unlink()
    reading = min(times.reading for times in killed)
    pairs = zip(killed, usual, strict=True)
    cost = median(after.chunk + after.rest - before.chunk - before.rest for after, before in pairs)
    said = [
        f"{SIZE // 2 // MIB} MiB were there; one reading of them {reading:.3f} s; seconds of each round:",
        *(
            f"{name}: the next chunk {listed([t.chunk for t in times], '.3f')}, "
            f"all after it {listed([t.rest for t in times], '.3f')}"
            for name, times in (("after a kill", killed), ("without one", usual))
        ),
    ]
    return at_most("upload-resume", max(0.0, cost) / reading, MOST_RESUMED, *said)


@dataclass(frozen=True)
class _Times:
    """Seconds: asking for the offset and sending a chunk there; sending all the rest; a reading of what was there."""

    chunk: float
    rest: float
    reading: float


def _interrupted(site: Site, path: Path, *, kill: bool) -> _Times:
    """Send half, perhaps kill the site in the middle of a chunk and start it again, then send the rest."""
    ingest.made_new(path)
    content = path.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    sender = senders.Sender(site.port, site.token)
    sender.create(site.path, len(content), {"filename": path.name, "sha256": sha256})
    at = _patched(sender, content, 0, len(content) // 2)
    begun = time.perf_counter()
    hashlib.sha256(memoryview(content)[:at])
    reading = time.perf_counter() - begun
    if kill:
        _broken_off(sender, content, at)
        site.kill()
        site.start_again()
    sender.connection.close()
    begun = time.perf_counter()
    at = sender.offset()
    at = _patched(sender, content, at, at + 1)
    chunk = time.perf_counter() - begun
    begun = time.perf_counter()
    _patched(sender, content, at, len(content))
    rest = time.perf_counter() - begun
    receivers.sealed({sha256})
    receivers.idle()
    return _Times(chunk, rest, reading)


def _patched(sender: senders.Sender, content: bytes, at: int, to: int) -> int:
    """Send whole chunks from `at` until `to` is reached; answers the offset then."""
    while at < to:
        part = memoryview(content)[at : at + CHUNK]
        at = sender.patch(at, part, base64.b64encode(hashlib.sha256(part).digest()).decode())
    return at


def _broken_off(sender: senders.Sender, content: bytes, at: int) -> None:
    """Begin a chunk, and leave it in the middle."""
    part = memoryview(content)[at : at + CHUNK]
    headers = {"Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
    connection = sender.connection
    connection.putrequest("PATCH", sender.path)
    for name, value in (sender.headers | headers | {"Content-Length": str(len(part))}).items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(part[: len(part) // 2])
    time.sleep(0.05)


def fifty_docks() -> Result:
    """Pages idle and while fifty docks upload; that each dock gets its share, and everything is sealed in the end."""
    with receivers.site() as site:
        tokens = [receivers.dock_token(number) for number in range(2, DOCKS + 2)]
        pages = _Pages(site.port)
        pages.ask(8)
        idle = pages.ask(PAGES)
        sent, busy = _docked(site, tokens, pages)
        errors = [dock["error"] for dock in sent["docks"] if dock["error"]]
        assert not errors, f"{len(errors)} docks failed, the first with {errors[0]}"
        waited = receivers.sealed({dock["sha256"] for dock in sent["docks"]})
        receivers.idle()
        for name, times in pages.ask(PAGES).items():
            idle[name] += times
    half, least, ends = _shares(sent)
    slower = {name: median(busy[name]) / median(idle[name]) for name in idle}
    rate = DOCKS * DOCK_SIZE / MIB / (max(ends) - sent["begun"])
    said = [
        f"{DOCKS} docks, {DOCK_SIZE // MIB} MiB each in chunks of {DOCK_CHUNK // MIB} MiB: {rate:.0f} MiB a second",
        f"at half time ({half:.1f} s) the last of them had {least:.2f} of the middle one's bytes (least: {LEAST_SHARE})",
        f"the first ended after {min(ends) - sent['begun']:.1f} s, the last after {max(ends) - sent['begun']:.1f} s",
        f"no error; all were sealed with the right digest {waited:.1f} s later",
    ]
    said += [
        f"{name}: {_times(idle[name])} idle, {_times(busy[name])} meanwhile ({len(busy[name])} pages): "
        f"median {slower[name]:.2f}, p95 {_p95(busy[name]) / _p95(idle[name]):.2f}"
        for name in idle
    ]
    result = at_most("docks-50", max(slower.values()), MOST_SLOWER, *said)
    return Result(result.name, result.ratio, result.target, result.ok and least >= LEAST_SHARE, said)


def _docked(site: Site, tokens: list[str], pages: "_Pages") -> tuple[dict[str, Any], dict[str, list[float]]]:
    """What the docks say when all have sent everything, and the pages asked for meanwhile."""
    asked = {"port": site.port, "path": site.path, "tokens": tokens, "size": DOCK_SIZE, "chunk": DOCK_CHUNK}
    command = [sys.executable, "-m", "bench.senders", "docks"]
    docks = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert docks.stdin and docks.stdout
    docks.stdin.write(json.dumps(asked) + "\n")
    docks.stdin.flush()
    assert docks.stdout.readline() == "ready\n"
    docks.stdin.write("begin\n")
    docks.stdin.flush()
    with selectors.DefaultSelector() as ended:
        ended.register(docks.stdout, selectors.EVENT_READ)
        busy = pages.ask(10**6, until=lambda: bool(ended.select(0)))
    said: dict[str, Any] = json.loads(docks.communicate(timeout=60)[0])
    return said, busy


def _shares(sent: dict[str, Any]) -> tuple[float, float, list[float]]:
    """Half of the time in seconds, what the last dock had then to the middle one, and when each dock ended."""
    ends = [dock["acknowledged"][-1][0] for dock in sent["docks"]]
    half = (max(ends) - sent["begun"]) / 2
    had = [
        max((offset for at, offset in dock["acknowledged"] if at <= sent["begun"] + half), default=0)
        for dock in sent["docks"]
    ]
    return half, min(had) / max(1, median(had)), ends


def _times(times: list[float]) -> str:
    return f"median {median(times) * 1000:.0f} ms and p95 {_p95(times) * 1000:.0f} ms"


def _p95(times: list[float]) -> float:
    return quantiles(times, n=20)[-1] if len(times) > 1 else times[0]


class _Pages:
    """A member who looks at the list and at the home page in turn, one page each `EVERY` seconds."""

    WHERE = {"list": "/recordings/", "home": "/"}

    def __init__(self, port: int) -> None:
        self.headers = {"Cookie": visitors.cookie(visitors.browser(KEEPER))}
        self.port = port

    def ask(self, count: int, until: Any = lambda: False) -> dict[str, list[float]]:
        """Seconds of each page, from the request to the last byte."""
        times: dict[str, list[float]] = {name: [] for name in self.WHERE}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        for number in range(count):
            name = list(self.WHERE)[number % len(self.WHERE)]
            begun = time.perf_counter()
            if until():
                break
            connection.request("GET", self.WHERE[name], headers=self.headers)
            answer = connection.getresponse()
            said = answer.read()
            assert answer.status == 200 and b"</html>" in said, f"{name}: {answer.status}"
            times[name].append(time.perf_counter() - begun)
            time.sleep(max(0.0, EVERY - times[name][-1]))
        connection.close()
        return times
