"""`fairwitness run`: everything on one machine: database, publisher, worker, witnesses, site; Ctrl-C stops all of it."""

import ctypes
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from fairwitness.kernel.agency import agency
from fairwitness.publiclog import keys

PR_SET_PDEATHSIG = 1
GONE_WITHIN = 2  # seconds, after being killed
STOP_WITHIN = 12  # seconds; whoever pressed Ctrl-C is not kept waiting for more than 15


class Command(BaseCommand):
    help = "Run the whole system on this machine until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--world", default="", help="a function that loads a demo world and says how to sign in"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("prepare", verbosity=0)
        keys.key_of(keys.signing_key())
        stopped: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, _noting(stopped))
        parts = Parts()
        try:
            witnesses = _witnesses(parts) if settings.FAIRWITNESS_DEMO else []
            parts.start(
                "publisher", FAIRWITNESS_WITNESSES=" ".join([*settings.FAIRWITNESS_WITNESSES, *witnesses])
            )
            parts.start("worker")
            parts.start("site")
            signs = import_string(options["world"])(self.stdout.write) if options["world"] else []
            _dock(parts)
            self._say(signs, parts, stopped)
            while not stopped and not parts.ended():
                time.sleep(0.3)
            if ended := parts.ended():
                self.stderr.write(f"{ended} ended by itself; everything is being stopped.")
        finally:
            self.stdout.write("Stopping.")
            parts.stop()
        if not stopped:
            raise SystemExit(1)

    def _say(self, signs: list[str], parts: "Parts", stopped: list[int]) -> None:
        where = f"http://localhost:{settings.PORT}/"
        if not _answers(f"http://127.0.0.1:{settings.PORT}/healthz", lambda: bool(stopped or parts.ended())):
            return
        lines = [
            "",
            f"{agency().name}",
            f"Look at  {where}",
            f"Data in  {settings.FAIRWITNESS_HOME}",
            *signs,
            "Ctrl-C stops everything; the next start finds it all again.",
            "",
        ]
        self.stdout.write("\n".join(lines))
        self.stdout.flush()


class Parts:
    """The processes of the system, each a command of its own."""

    def __init__(self) -> None:
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, *words: str, **environment: str) -> None:
        command = [sys.executable, *(words or ("-m", "fairwitness", name))]
        # The owner's way in is for `prepare` alone.
        inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
        self.running[name] = subprocess.Popen(
            command,
            env={**inherited, **environment},
            # Ctrl-C in the terminal goes to this process alone, which stops the others in order.
            start_new_session=True,
            preexec_fn=_die_with_parent if sys.platform == "linux" else None,
        )

    def ended(self) -> str:
        return next((name for name, process in self.running.items() if process.poll() is not None), "")

    def stop(self) -> None:
        """The site first, so that nobody is half served; the publisher last, so that it can finish its round."""
        for name in sorted(self.running, key=["site", "worker"].__contains__, reverse=True):
            self.running[name].terminate()
        until = time.monotonic() + STOP_WITHIN
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, until - time.monotonic()))
        for process in self.running.values():
            _end_group(process.pid)
            process.wait()


def _end_group(leader: int) -> None:
    """End a part with all that it started, and wait until it is gone: only then is the database free to stop."""
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
        for _each in range(GONE_WITHIN * 20):
            os.killpg(leader, 0)
            time.sleep(0.05)


def _noting(stopped: list[int]) -> Callable[[int, FrameType | None], None]:
    def note(number: int, _frame: FrameType | None) -> None:
        stopped.append(number)

    return note


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def _witnesses(parts: Parts) -> list[str]:
    """Two witnesses of the demo, each with its own key and memory; their public keys are given to the log."""
    program = settings.ROOT / "verify" / "fairwitness_witness.py"
    log_key = str(keys.key_of(keys.signing_key()))
    addresses, lines = [], []
    for number, name in enumerate(("city-clerk", "newspaper")):
        folder: Path = settings.FAIRWITNESS_HOME / "witnesses" / name
        port = settings.PORT + 11 + number
        vkey = folder.with_suffix(".vkey")
        if not vkey.exists():
            folder.parent.mkdir(exist_ok=True)
            make = [
                sys.executable,
                str(program),
                "init",
                "--dir",
                str(folder),
                "--name",
                f"{name}.example",
                "--log",
                log_key,
            ]
            vkey.write_bytes(subprocess.run(make, check=True, capture_output=True).stdout)
        lines.append(vkey.read_text(encoding="utf-8").strip())
        parts.start(f"witness {name}", str(program), "serve", "--dir", str(folder), "--port", str(port))
        addresses.append(f"http://127.0.0.1:{port}")
    (settings.FAIRWITNESS_HOME / "keys" / "witnesses").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return addresses


def _dock(parts: Parts) -> None:
    """The dock of the demo, where its world made one."""
    written = settings.FAIRWITNESS_HOME / "dock" / "dock.toml"
    if settings.FAIRWITNESS_DEMO and written.exists():
        parts.start(
            "dock", str(settings.ROOT / "dock" / "fairwitness_dock.py"), "run", "--config", str(written)
        )


def _answers(url: str, given_up: Callable[[], bool]) -> bool:
    """Wait until the site answers anything at all; False when a part ended or somebody stopped us."""
    while not given_up():
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            time.sleep(0.2)
    return False
