"""The real site and worker as processes, which tests start, kill and start again; and the agent as one."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from dock import fairwitness_dock as program
from fairwitness.accounts.acts import issue_token
from fairwitness.department.acts import add_dock
from tests.house import ROOT
from tests.world import BY

PROGRAM = str(ROOT / "dock" / "fairwitness_dock.py")
LONGEST = 120  # seconds that anything may take


def until(truth: Callable[[], object], what: str, seconds: float = LONGEST) -> None:
    """Wait until `truth`."""
    for _ in range(int(seconds / 0.1)):
        if truth():
            return
        time.sleep(0.1)
    raise AssertionError(f"it never came: {what}")


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        port: int = asked.getsockname()[1]
        return port


class Site:
    """Site and worker over the database of the test, on one port."""

    def __init__(self, home: Path) -> None:
        self.port, self.home = free_port(), home
        self.running: list[subprocess.Popen[bytes]] = []
        self.dock = add_dock(serial="D-1", name="Front desk", by=BY)
        self.token, secret = issue_token(
            name="Front desk", scopes=["upload", "report"], dock_id=self.dock.pk, by=BY
        )
        self.secret = home / "dock.token"
        self.secret.write_text(secret, encoding="utf-8")
        self.secret.chmod(0o600)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self, **settings: str) -> None:
        """Start both, and wait until the site answers."""
        environment = {**os.environ, "PORT": str(self.port), "FAIRWITNESS_HOME": str(self.home), **settings}
        with (self.home / "said.txt").open("ab") as said:
            self.running = [
                subprocess.Popen(
                    [sys.executable, "-m", "fairwitness", part],
                    cwd=ROOT, env=environment, stdout=said, stderr=said, start_new_session=True,
                )
                for part in ("site", "worker")
            ]  # fmt: skip
        until(self._answers, f"the site:\n{(self.home / 'said.txt').read_text()}")

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """The power is cut."""
        for process in self.running:
            with_children = os.getpgid(process.pid)
            os.killpg(with_children, signal.SIGKILL)
            process.wait()
        self.running = []


class Agents:
    """An agent as a process of its own, over one folder of cameras and one list."""

    def __init__(self, folder: Path, server: str, token: Path, **more: object) -> None:
        self.cameras = folder / "cameras"
        self.cameras.mkdir()
        self.settings = folder / "dock.toml"
        given = {
            "server": server, "token_file": str(token), "watch": str(self.cameras), "state": str(folder / "state"),
            "steady_seconds": 0.2, "scan_seconds": 0.1, "report_seconds": 1, "chunk_mib": 1, "page": "",
            "timeout_seconds": 20, **more,
        }  # fmt: skip
        # What JSON says of texts, numbers and truths, TOML says alike.
        lines = [f"{name} = {json.dumps(value)}" for name, value in given.items()]
        self.settings.write_text("\n".join(lines), encoding="utf-8")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, PROGRAM, "run", "--config", str(self.settings)]
        with self.settings.with_suffix(".said").open("ab") as said:
            self.process = subprocess.Popen(command, stdout=said, stderr=said)

    def status(self) -> str:
        """What `status` says."""
        command = [sys.executable, PROGRAM, "status", "--config", str(self.settings)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    def offset(self) -> int:
        """How much of its one file was acknowledged, as its list has it."""
        try:
            book = program.Book(self.settings.parent / "state" / "dock.sqlite", read_only=True)
            return sum(file.offset for file in book.files())
        except sqlite3.OperationalError:
            return 0  # it is only being made

    def kill(self) -> None:
        """The plug is pulled."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def put_in(self, serial: str, **files: bytes) -> Path:
        """Put a camera in, with its files."""
        folder = self.cameras / serial
        folder.mkdir(exist_ok=True)
        for stem, data in files.items():
            (folder / f"{stem}.mp4").write_bytes(data)
        return folder
