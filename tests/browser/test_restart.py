"""`make run` stopped by Ctrl-C and started again: nothing is left running, and everything is found again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode

import pytest

from fairwitness.site import assets
from tests.browser.conftest import _free_ports, _passwords
from tests.house import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]
FIRST_START, NEXT_START, STOP = 180, 60, 15  # seconds; a quiet machine needs a tenth of the first two


@pytest.fixture
def home(open_folder: Path) -> Path:
    """A home that the embedded database may enter as a user of its own."""
    folder = open_folder / "restart"
    folder.mkdir(mode=0o755)
    return folder


@contextmanager
def running(home: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """`fairwitness run` with the small world, as a terminal starts it."""
    environment = {
        **os.environ,
        "FAIRWITNESS_HOME": str(home),
        "FAIRWITNESS_DEMO": "1",
        "FAIRWITNESS_PUBLISH_EVERY": "1",
        "PORT": str(port),
    }
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "fairwitness", "run", "--world", "tests.browser.small.load"]
    with (home / "said.txt").open("ab") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(60)


def until(truth: Callable[[], bool], process: "subprocess.Popen[bytes]", home: Path, seconds: float) -> float:
    """Wait for a truth; answers how long it took."""
    begun = time.monotonic()
    while not truth():
        assert process.poll() is None and time.monotonic() - begun < seconds, (home / "said.txt").read_text()
        time.sleep(0.1)
    return time.monotonic() - begun


def asked(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def ready(port: int, home: Path, starts: int) -> Callable[[], bool]:
    return lambda: (
        (home / "said.txt").read_text().count("Ctrl-C stops") >= starts and asked(port, "/healthz")[0] == 200
    )


def stop(process: "subprocess.Popen[bytes]") -> float:
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(STOP * 2)
    return time.monotonic() - begun


def left(home: Path) -> list[str]:
    """The processes of this home that are still there after a moment: the database says it is gone just before it is."""
    for _moment in range(50):
        if not (found := _processes(home)):
            break
        time.sleep(0.1)
    return found


def _processes(home: Path) -> list[str]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            environment, line = (process / "environ").read_bytes(), (process / "cmdline").read_bytes()
        except OSError:
            continue
        if f"FAIRWITNESS_HOME={home}".encode() in environment or str(home).encode() in line:
            found.append(line.replace(b"\0", b" ").decode())
    return found


def signed_in(port: int, home: Path) -> str:
    """The list of recordings, as Ana Costa sees it after signing in with the password of the first start."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    address = f"http://127.0.0.1:{port}/account/login/"
    page = browser.open(address, timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    said = {"login": "costa", "password": _passwords(home)["costa"], "csrfmiddlewaretoken": token[1]}
    browser.open(urllib.request.Request(address, urlencode(said).encode(), {"Referer": address}), timeout=20)
    found: str = browser.open(f"http://127.0.0.1:{port}/recordings/", timeout=20).read().decode()
    return found


def test_stopped_while_it_reads_and_started_again(home: Path) -> None:
    assets.lay()
    port = _free_ports()
    with running(home, port) as first:
        until(lambda: (home / "sign-in.txt").exists(), first, home, FIRST_START)
        until(ready(port, home, 1), first, home, FIRST_START)
        before = asked(port, "/log/checkpoint")[1].splitlines()
        seconds = stop(first)
    assert seconds < STOP, "Ctrl-C ends everything within 15 s"
    assert left(home) == []
    with running(home, port) as second:
        until(ready(port, home, 2), second, home, NEXT_START)
        after = asked(port, "/log/checkpoint")[1].splitlines()
        assert after[0] == before[0] and int(after[1]) >= int(before[1]), "the log goes on"
        assert "R-2026" in signed_in(port, home) or re.search(r"R-\d{4}-\d{6}", signed_in(port, home))
        assert json.loads(asked(port, "/healthz")[1]) == {"well": True, "faults": []}
        stop(second)
    assert left(home) == []
