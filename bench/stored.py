"""A stored recording of 1 GiB behind the real site: brought in by the command, opened by a member for a purpose."""

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np
from django.urls import reverse

from bench import databases, visitors, world
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.kernel import blobs

SIZE = databases.sized(2**30, 2**25)
NAME = "patrol.mp4"
KEEPER = "B001"


@dataclass(frozen=True)
class Door:
    """The site as it serves: its port and process, and what a signed-in member with an open viewing may fetch."""

    port: int
    process: "subprocess.Popen[bytes]"
    cookie: str
    path: str

    def memory(self) -> int:
        """Bytes that the site and its workers hold in memory now."""
        return sum(_resident(pid) for pid in [self.process.pid, *children(self.process.pid)])


def recording() -> Recording:
    """The recording, brought in where it is not yet stored; this process is led to its database."""
    world.filled("bench_10k", databases.sized(10_000, 500))
    read = Recording.objects.filter(source_name__endswith=NAME, size=SIZE, readable=Recording.Readable.YES)
    if (found := read.first()) is None or not blobs.store().holds(found.sha256):
        delivery = databases.HOME / "delivery"
        delivery.mkdir(exist_ok=True)
        _film(delivery / NAME)
        command = [sys.executable, "-m", "fairwitness", "ingest", str(delivery)]
        environment = os.environ | databases.addresses("bench_10k") | {"FAIRWITNESS_DEMO": "1"}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        (delivery / NAME).unlink()
    return read.get()


def _film(path: Path) -> None:
    """Two seconds that a browser plays, and after them a `free` box (ISO/IEC 14496-12) up to the size."""
    with av.open(str(path), "w", format="mp4") as container:
        stream: Any = container.add_stream("libx264", rate=24, options={"threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for number in range(48):
            picture = np.full((180, 320, 3), number * 5, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    rest = SIZE - path.stat().st_size
    block, filler = random.Random(1).randbytes(2**24), path.open("ab")
    with filler as file:
        file.write(rest.to_bytes(4, "big") + b"free")
        rest -= 8
        while rest:
            rest -= file.write(block[:rest])


@contextmanager
def served(stored: Recording) -> Iterator[Door]:
    """The real site on loopback for as long as the block lasts, and an open viewing of the recording."""
    client = visitors.browser(KEEPER)
    client.post(reverse("open-recording", args=[stored.pk]), {"purpose": Viewing.Purpose.TECHNICAL})
    viewing = Viewing.objects.filter(recording=stored, ended=None).latest("begun")
    with site() as (port, process):
        yield Door(port, process, visitors.cookie(client), reverse("media", args=[viewing.pk, "playing"]))
        client.post(reverse("close-recording", args=[viewing.pk]))


@contextmanager
def another(door: Door, **more: str) -> Iterator[Door]:
    """The same viewing behind a second site, whose environment has `more`."""
    with site(**more) as (port, process):
        yield Door(port, process, door.cookie, door.path)


@contextmanager
def site(**more: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "fairwitness", "site"],
        env=os.environ | databases.addresses("bench_10k") | {"PORT": str(port)} | more,
        start_new_session=True,
    )
    try:
        wait(port)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


def wait(port: int, *, listening: bool = True) -> None:
    """Wait until somebody listens on the port of loopback, or until nobody does. Raises TimeoutError."""
    until = time.monotonic() + 120
    while listens(port) != listening:
        if time.monotonic() > until:
            raise TimeoutError(f"port {port} of loopback")
        time.sleep(0.1)


def listens(port: int) -> bool:
    """Whether somebody listens on the port of loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port)):
            return True
    except OSError:
        return False


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="utf-8").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def children(pid: int) -> list[int]:
    """The processes that this one started and that still run."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8")
    return [int(child) for child in text.split()]
