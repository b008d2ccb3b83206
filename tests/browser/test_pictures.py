"""The pictures in the README: taken of the running product where SCREENSHOTS=1 asks for it, and never out of step."""

import datetime as dt
import os
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image
from playwright.sync_api import Page

from fairwitness.kernel import clock
from tests.browser.chromium import PHONE, until
from tests.browser.conftest import Running, Seat, opened, opened_with_filmstrip
from tests.house import ROOT

PICTURES = ROOT / "docs" / "screenshots"
LARGEST = 250_000  # bytes: a README that opens quickly
wanted = pytest.mark.skipif(
    os.environ.get("SCREENSHOTS") != "1", reason="pictures are taken with SCREENSHOTS=1"
)


def test_the_readme_shows_every_picture_and_no_other() -> None:
    shown = set(re.findall(r"docs/screenshots/([\w.-]+)", (ROOT / "README.md").read_text(encoding="utf-8")))
    there = {path.name for path in PICTURES.iterdir()}
    assert shown == there
    assert 5 <= len(there) <= 8
    assert not [path.name for path in PICTURES.iterdir() if path.stat().st_size > LARGEST]


def _keep(page: Page, name: str, height: int) -> None:
    """Keep the page's upper part, as high as the scene wants it."""
    clip = {"x": 0, "y": 0, "width": 1440, "height": height}
    _write(name, Image.open(BytesIO(page.screenshot(clip=clip, full_page=True))))


def _write(name: str, picture: Image.Image) -> None:
    """Write it small: in 256 colours where all of its colours would make it too large."""
    path = PICTURES / f"{name}.png"
    path.parent.mkdir(exist_ok=True)
    picture.convert("RGB").save(path, optimize=True)
    if path.stat().st_size > LARGEST:
        picture.convert("RGB").quantize(256, kmeans=3).save(path, optimize=True)
    assert path.stat().st_size < LARGEST, name


def _home(page: Page, running: Running) -> None:
    page.goto(running.address)


def _list(page: Page, running: Running) -> None:
    page.goto(running.url(f"recordings/?since={clock.now() - dt.timedelta(days=14):%Y-%m-%d}"))


def _player(page: Page, running: Running) -> None:
    opened_with_filmstrip(page, running, "corridor", "Supervision and training")
    until(page, "video.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 3.5")
    until(page, "!video.seeking && video.currentTime > 3")
    if not page.get_by_text("Two people come towards the camera.").count():
        page.keyboard.press("n")
        page.keyboard.type("Two people come towards the camera.")
        page.get_by_role("button", name="Add note").click()
        page.get_by_text("The note is kept.").wait_for()
        page.get_by_role("button", name="Close the recording").click()
        opened(page, running, "corridor", "Supervision and training")
        until(page, "video.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 6")
    until(page, "!video.seeking && video.currentTime > 5")
    page.locator("canvas.player__film").wait_for()
    page.wait_for_timeout(500)


def _custody(page: Page, running: Running) -> None:
    page.goto(running.url("recordings/?readable=yes"))
    page.locator("main").get_by_label("Search").fill("corridor")
    page.get_by_role("button", name="Find").click()
    page.locator("table tbody th a").first.click()
    page.wait_for_load_state()


def _coverage(page: Page, running: Running) -> None:
    page.goto(running.url("coverage/"))


def _log(page: Page, running: Running) -> None:
    for _ in range(30):
        page.goto(running.url("log/"))
        if page.get_by_text("2 of 2 witnesses").count():
            return
        page.wait_for_timeout(1000)


SCENES: dict[str, tuple[str, Callable[[Page, Running], None], int]] = {
    "home": ("costa", _home, 720),
    "recordings": ("costa", _list, 900),
    "player": ("ruiz", _player, 1040),
    "custody": ("costa", _custody, 1420),
    "coverage": ("park", _coverage, 900),
    "public-log": ("", _log, 900),
}


@wanted
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.enable_socket
@pytest.mark.parametrize("name", SCENES)
def test_a_picture(running: Running, seat: Seat, name: str) -> None:
    who, scene, height = SCENES[name]
    page = seat(who)
    _settled(seat("costa"), running)
    scene(page, running)
    _keep(page, name, height)


@wanted
@pytest.mark.browser
@pytest.mark.slow
@pytest.mark.enable_socket
def test_a_picture_of_a_phone(running: Running, seat: Seat) -> None:
    """Two pages side by side, as they are held in a hand: what a resident sees, and what a supervisor sees."""
    halves = []
    for who, scene in (("", _home), ("ruiz", _player)):
        page = seat(who, viewport=PHONE)
        scene(page, running)
        page.evaluate("scrollTo(0, 0)")
        halves.append(Image.open(BytesIO(page.screenshot())).convert("RGB"))
    side_by_side = Image.new("RGB", (PHONE["width"] * 2 + 24, PHONE["height"]), "white")
    for place, half in enumerate(halves):
        side_by_side.paste(half, (place * (PHONE["width"] + 24), 0))
    _write("phone", side_by_side)


def _settled(page: Page, running: Running) -> None:
    """Wait until the worker has read what came in: a picture of a list that is still filling says little."""
    for _ in range(120):
        page.goto(running.url("recordings/?readable=waiting"))
        if page.get_by_text("Nothing matches these filters.").count():
            return
        page.wait_for_timeout(1000)
