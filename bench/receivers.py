"""Whoever receives uploads, each in a process of its own on loopback: the real site with its worker, and the peers."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection

from bench import databases, ingest, stored, world
from fairwitness.accounts.acts import issue_token
from fairwitness.department.acts import add_dock
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors

BY = actors.system("bench")
PATH = "/api/uploads"
WITHIN = 300  # seconds
PEERS = {
    "uvicorn": ["-m", "uvicorn", "bench.tus_peer:app", "--log-level", "error", "--port", "{port}"],
    "granian": ["-m", "granian", "bench.tus_peer:app", "--interface", "asgi", "--log-level", "error"]
    + ["--port", "{port}"],
}


class NotStarted(Exception):
    """A peer that is not on this machine, or does not run on it."""


@dataclass
class Receiver:
    """A server of tus: its process, where it listens, what token opens it, and where it keeps what comes."""

    process: "subprocess.Popen[bytes]"
    port: int
    path: str
    home: Path
    token: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    def high_water(self) -> int:
        """The most memory that the server and its workers held so far, in bytes."""
        return sum(ingest.high_water(pid) for pid in [self.process.pid, *stored.children(self.process.pid)])


@dataclass
class Site(Receiver):
    """The real site on a world of its own, which goes with it; a worker beside it does what changes leave."""

    worker: "subprocess.Popen[bytes]" = field(kw_only=True)

    def kill(self) -> None:
        """End the site at once, workers and all, as a power cut does (the disk's own cache aside)."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(30)
        stored.wait(self.port, listening=False)

    def start_again(self) -> None:
        """Start the site where it was killed, and wait until it answers."""
        self.process = _started(["-m", "fairwitness", "site"], _environment(self.home, self.port))
        _answers(self.process, self.port)


@contextmanager
def site() -> Iterator[Site]:
    """The site, its worker, a dock and its token, in the world of 10,000 recordings, made anew."""
    world.filled("bench_10k", databases.sized(10_000, 500))
    databases.use_new("bench_uploads", of="bench_10k")
    home, port = _emptied("uploads"), stored.free_port()
    environment = _environment(home, port)
    process = _started(["-m", "fairwitness", "site"], environment)
    worker = _started(["-m", "fairwitness", "worker"], environment)
    served = Site(process, port, PATH, home, dock_token(1), worker=worker)
    try:
        _answers(process, port)
        yield served
    finally:
        for each in (served.process, worker):
            _stop(each)
        shutil.rmtree(home)


@contextmanager
def peer(server: str) -> Iterator[Receiver]:
    """tuspyserver under the server of that name. Raises NotStarted."""
    home, port = _emptied(f"uploads-{server}"), stored.free_port()
    command = [word.format(port=port) for word in PEERS[server]]
    process = _started(command, os.environ | {"TUS_FILES": str(home)})
    try:
        _listens(process, port)
        yield Receiver(process, port, "/files", home)
    finally:
        _stop(process)
        shutil.rmtree(home)


def dock_token(number: int) -> str:
    """The secret of a new dock's token."""
    dock = add_dock(serial=f"BENCH-{number}", name=f"Dock {number}", by=BY)
    return issue_token(name=f"Dock {number}", scopes=["upload"], dock_id=dock.pk, by=BY)[1]


def sealed(digests: set[str]) -> float:
    """Wait until recordings with all these digests are sealed; answers for how many seconds."""
    begun = time.monotonic()
    found = Recording.objects.filter(sha256__in=digests, status=Recording.Status.SEALED)
    while found.count() < len(digests):
        assert time.monotonic() < begun + WITHIN, f"only {found.count()} of {len(digests)} were sealed"
        time.sleep(0.01)
    return time.monotonic() - begun


def idle() -> None:
    """Wait until the worker has done what was left for it."""
    until = time.monotonic() + WITHIN
    while _waiting():
        assert time.monotonic() < until, "the worker does not come to its end"
        time.sleep(0.05)


def _waiting() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM procrastinate_jobs WHERE queue_name <> 'clock' AND "
            "(status = 'doing' OR status = 'todo' AND attempts = 0)"
        )
        count: int = cursor.fetchone()[0]
    return count


def _environment(home: Path, port: int) -> dict[str, str]:
    """That of a service on the new world, with files of its own, whose sign-ins this process can make."""
    named = {"FAIRWITNESS_HOME": str(home), "PORT": str(port), "FAIRWITNESS_DEMO": "1"}
    key = {"FAIRWITNESS_SECRET_KEY_FILE": str(databases.HOME / "keys" / "session.key")}
    return os.environ | databases.addresses("bench_uploads") | named | key


def _emptied(name: str) -> Path:
    home = databases.HOME / name
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    return home


def _started(command: list[str], environment: dict[str, str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, *command], env=environment, start_new_session=True)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(30)


def _listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    while not stored.listens(port):
        if process.poll() is not None:
            raise NotStarted(f"{process.args!r} ended by itself")
        time.sleep(0.1)


def _answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Wait until the site has answered once: what it loads at its first request is not an upload's cost."""
    _listens(process, port)
    asked = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    with contextlib.closing(asked):
        asked.request("GET", "/healthz")
        asked.getresponse().read()
