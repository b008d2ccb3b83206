"""The dock's own page and the pages of docks, as people see them: on a desk, on a phone, in the dark, by keyboard."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from dock import fairwitness_dock as dock
from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, violations
from tests.browser.conftest import Running, Seat
from tests.dock.conftest import Stepped, camera
from tests.dock.fake import Fake, serving
from tests.dock.test_agent import finish, sha

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]
# A dock's little screen.
SMALL = {"width": 480, "height": 320}


@contextlib.contextmanager
def docked(place: Path, fake: Fake) -> Iterator[tuple[Stepped, str]]:
    """An agent that is stepped, and the address of its page."""
    for name in ("cameras", "state"):
        (place / name).mkdir()
    token = place / "token"
    token.write_text(fake.token, encoding="utf-8")
    token.chmod(0o600)
    agent = Stepped(
        dock.Settings(fake.url, token, place / "cameras", state=place / "state", steady_seconds=0, page="127.0.0.1:0")
    )  # fmt: skip
    server = dock.serve_page(agent)
    try:
        yield agent, f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


def looked_at(page: Page, address: str, said: list[str]) -> list[str]:
    """What is wrong with the page on every screen."""
    faults = []
    for size in (DESKTOP, PHONE, SMALL):
        page.set_viewport_size(size)
        page.goto(address)
        faults += violations(page)
        if wider := sideways(page):
            faults.append(f"{wider} px wider than {size['width']}")
    return faults + said


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_docks_own_page(browser: Browser, tmp_path: Path, scheme: str) -> None:
    with serving(Fake()) as fake, docked(tmp_path, fake) as (agent, address):
        context = browser.new_context(color_scheme=scheme)
        page = context.new_page()
        said = listen(page)
        assert not looked_at(page, address, said), "empty"
        folder = camera(tmp_path / "cameras", "AX-1", a=b"one", b=b"two")
        camera(tmp_path / "cameras", "AX-2", **{"x" * 200: b"three"})
        agent.look_twice()
        assert not looked_at(page, address, said), "waiting"
        page.get_by_role("heading", name="3 recordings on the way").wait_for()
        fake.refuses = {sha(b"one")}
        finish(agent)
        folder.rename(tmp_path / "out")
        fake.token = "another"
        agent.look_twice()
        agent.tell()
        assert not looked_at(page, address, said), "with faults"
        page.get_by_text("refused by the server").wait_for()
        page.get_by_role("status").wait_for()
        page.get_by_role("link", name="Hold this page still").click()
        assert page.url.endswith("/still")
        assert page.locator("form, button, input, script").count() == 0
        context.close()


def test_it_shows_what_changed_by_itself_without_javascript(browser: Browser, tmp_path: Path) -> None:
    with serving(Fake()) as fake, docked(tmp_path, fake) as (agent, address):
        context = browser.new_context(java_script_enabled=False)
        page = context.new_page()
        page.goto(address)
        camera(tmp_path / "cameras", "AX-1", a=b"one")
        finish(agent)
        page.get_by_role("heading", name="Everything on these cameras is received and sealed").wait_for(
            timeout=15_000
        )
        context.close()


def test_an_officer_sees_that_the_camera_still_holds_recordings(running: Running, seat: Seat) -> None:
    page = seat("whitfield")
    page.get_by_role("link", name="Your camera still holds recordings").click()
    page.wait_for_url("**/cameras-hold/")
    rows = page.locator("tbody tr")
    assert rows.count() == 2
    assert "Whitfield" in rows.first.inner_text()
    assert "ZZ-9" not in page.content()


def test_the_bwc_unit_goes_from_a_dock_to_what_is_not_sealed(running: Running, seat: Seat) -> None:
    page = seat("costa")
    page.goto(running.url("docks/"))
    page.locator("tbody th a").first.click()
    page.get_by_role("link", name="What is not sealed yet").click()
    page.wait_for_url("**/cameras-hold/?dock=**")
    assert page.locator("tbody tr").count() == 4
    page.get_by_label("Camera").select_option(index=1)
    page.get_by_role("button", name="Show").click()
    assert page.locator("tbody tr").count() == 2
    assert page.locator(".chip").count() == 3
