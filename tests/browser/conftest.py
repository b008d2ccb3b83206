"""The running product, and people who sit before it."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from fairwitness.site import assets
from tests.browser import chromium
from tests.house import ROOT

LONGEST_START = 180  # seconds; a first start draws the clips


@dataclass
class Running:
    """The product as it runs: its address, its home, and the passwords of one person for each role."""

    address: str
    home: Path
    passwords: dict[str, str]
    kept: dict[str, Any] = field(default_factory=dict)

    def url(self, path: str) -> str:
        return self.address + path.lstrip("/")


@pytest.fixture(scope="session")
def running(open_folder: Path) -> Iterator[Running]:
    """`fairwitness run` with the small world: database, publisher, worker, witnesses and site, in a home of its own."""
    assets.lay()
    home = open_folder / "home"
    home.mkdir(mode=0o755)
    port = _free_ports()
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
    with (home / "said.txt").open("wb") as said:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=said)
    try:
        _wait(lambda: "Ctrl-C stops" in (home / "said.txt").read_text(), process, home)
        _wait(lambda: _well(port), process, home)
        yield Running(f"http://127.0.0.1:{port}/", home, _passwords(home))
    finally:
        process.terminate()
        process.wait(30)


def _free_ports() -> int:
    """A port that is free together with those of the two witnesses, 11 and 12 above it."""
    for _ in range(50):
        with socket.socket() as asked:
            asked.bind(("127.0.0.1", 0))
            port: int = asked.getsockname()[1]
        if port < 65000 and all(_is_free(each) for each in (port, port + 11, port + 12)):
            return port
    raise RuntimeError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as asked:
        try:
            asked.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _wait(truth: Callable[[], bool], process: "subprocess.Popen[bytes]", home: Path) -> None:
    for _ in range(LONGEST_START * 4):
        if process.poll() is not None:
            break
        if truth():
            return
        time.sleep(0.25)
    raise AssertionError("the product did not start:\n" + (home / "said.txt").read_text())


def _well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
    except urllib.error.HTTPError:
        return False


def _passwords(home: Path) -> dict[str, str]:
    lines = (home / "sign-in.txt").read_text(encoding="utf-8").splitlines()[1:]
    return {words[-2]: words[-1] for words in map(str.split, lines)}


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with chromium.started() as browser:
        yield browser


Seat = Callable[..., Page]


@pytest.fixture
def seat(running: Running, browser: Browser) -> Iterator[Seat]:
    """Seats somebody before a browser of their own: signed in by password, or nobody where no name is given."""
    contexts: list[BrowserContext] = []

    def sit_down(name: str = "", viewport: Any = None, **options: Any) -> Page:
        context = browser.new_context(viewport=viewport or chromium.DESKTOP, **options)
        contexts.append(context)
        if name:
            _sign_in(running, context, name)
        page = context.new_page()
        page.goto(running.address)
        return page

    yield sit_down
    for context in contexts:
        context.close()


def _sign_in(running: Running, context: BrowserContext, name: str) -> None:
    """By password once for each person; later seats share that sign-in's cookies, unless they were signed out."""
    if name in running.kept:
        context.add_cookies(running.kept[name])
        return
    page = context.new_page()
    enter(page, running, name)
    running.kept[name] = context.cookies()
    page.close()


def enter(page: Page, running: Running, name: str) -> None:
    """Go through the sign-in page with the password, as a person does."""
    page.goto(running.url("account/login/"))
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(running.passwords[name])
    page.get_by_role("button", name="sign in").click()
    page.wait_for_load_state()


def numbered(page: Page, running: Running, words: str) -> Page:
    """Search the list for words and open the first recording that is found."""
    page.goto(running.url("recordings/"))
    page.locator("main").get_by_label("Search").fill(words)
    page.locator("main").get_by_role("button", name="Find").click()
    page.locator("table tbody th a").first.click()
    page.wait_for_load_state()
    return page


def opened(page: Page, running: Running, words: str, purpose: str = "Investigation") -> Page:
    """Find a recording and open it for a purpose."""
    numbered(page, running, words)
    page.get_by_text(purpose, exact=True).click()
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_url("**/viewings/**")
    return page


def opened_with_filmstrip(page: Page, running: Running, words: str, purpose: str = "Investigation") -> Page:
    """Open it once the worker has drawn its strip; a page that was opened before stays without."""
    for _ in range(30):
        opened(page, running, words, purpose)
        if page.locator("[data-tiles]").count():
            return page
        page.get_by_role("button", name="Close the recording").click()
        page.wait_for_timeout(2000)
    raise AssertionError("the filmstrip was never drawn")
