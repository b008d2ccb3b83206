"""Chromium for tests: how it is started, what it says, what axe finds."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
          "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required")  # fmt: skip


_running: list[Browser] = []


@contextmanager
def started() -> Iterator[Browser]:
    """A running Chromium; skips the test loudly where there is none. Its library runs once in a process: one for all."""
    if _running:
        yield _running[0]
        return
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        pytest.skip("NO CHROMIUM ON THIS MACHINE: the pages were not looked at (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(_FLAGS))
        _running.append(browser)
        yield browser
        _running.clear()
        browser.close()


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
