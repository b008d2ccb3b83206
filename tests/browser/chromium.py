"""Chromium for tests: how it is started, what it says, what axe finds."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required")  # fmt: skip


WHOLE = ("chromium", "chromium-browser")
# The same without what stands around a page: half the work.
LIGHT = ("chromium-headless-shell", *WHOLE)

_library: list[Playwright] = []
_running: dict[str, Browser] = {}


@contextmanager
def started(programs: tuple[str, ...] = LIGHT) -> Iterator[Browser]:
    """A running Chromium, the first of these that is here, one for all; skips the test loudly where there is none."""
    path = next(filter(None, map(shutil.which, programs)), None)
    if path is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the pages were not looked at (apt-get install chromium)")
    if path in _running:
        yield _running[path]
        return
    with _one_library() as playwright:
        _running[path] = browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        yield browser
        del _running[path]
        browser.close()


@contextmanager
def _one_library() -> Iterator[Playwright]:
    """Runs once in a process, for as long as whoever came first wants it."""
    if _library:
        yield _library[0]
        return
    with sync_playwright() as playwright:
        _library.append(playwright)
        yield playwright
        _library.clear()


def listen(page: Page) -> list[str]:
    """Collects whatever the page complains of: script errors, refused policies, missing files."""
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it is now."""
    found = Axe().run(page).response["violations"]
    return [f"{each['id']} {[node['target'] for node in each['nodes'][:3]]}" for each in found]


def sideways(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return wider


def until(page: Page, truth: str, seconds: float = 15) -> None:
    """Wait for a truth about the page; asked from outside, because the policy forbids eval inside it."""
    for _ in range(int(seconds * 20)):
        if page.evaluate(f"(() => {{ const video = document.querySelector('video'); return {truth}; }})()"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {truth}")
