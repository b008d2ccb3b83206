"""The real site as a process of its own, to be sent to, killed and started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import requests
from django.conf import settings

from bench.stored import children, free_port, wait
from tests.house import ROOT


class Served:
    """`fairwitness site` on loopback, on the database and home of this test."""

    def __init__(self, **environment: str) -> None:
        self.port = free_port()
        self.environment = environment
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/uploads"

    def start(self) -> None:
        home = {"FAIRWITNESS_HOME": str(settings.FAIRWITNESS_HOME), "PORT": str(self.port)}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fairwitness", "site"],
            cwd=ROOT,
            env={**os.environ, "FAIRWITNESS_TEST": "1", **home, **self.environment},
            start_new_session=True,
        )
        self._wait()

    def _wait(self) -> None:
        """Until it answers: granian tries its port with a socket of its own before its worker listens."""
        for _ in range(600):
            assert self.process is not None and self.process.poll() is None, "the site ended"
            try:
                requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=30)
                return
            except requests.exceptions.RequestException:
                time.sleep(0.1)
        raise AssertionError("the site does not answer")

    def pids(self) -> list[int]:
        """The site and its worker."""
        assert self.process is not None
        return [self.process.pid, *children(self.process.pid)]

    def kill(self) -> None:
        """As by kill -9 of all of it, in the middle of whatever it does."""
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        assert self.process is not None
        self.process.wait(30)
        wait(self.port, listening=False)  # its worker dies by itself

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.kill()


def peak(pid: int) -> int:
    """The most memory that a process ever held, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0
