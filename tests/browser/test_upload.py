"""The page to drop files on, in a browser: by choosing and by dropping, paused, closed and gone on with, sealed."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import PHONE, listen, sideways, violations
from tests.browser.conftest import Running, Seat
from tests.browser.small import WEARER

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]
MIB = 2**20


def film(folder: Path, name: str, size: int = 100_000) -> Path:
    path = folder / name
    path.write_bytes(os.urandom(size))
    return path


def row(page: Page, name: str) -> Any:
    return page.locator(".upload__file", has_text=name)


def slowly(route: Route) -> None:
    if route.request.method == "PATCH":
        time.sleep(0.7)
    route.continue_()


def pictured(page: Page, name: str) -> None:
    if folder := os.environ.get("LOOK_AT"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_files_are_chosen_and_sealed(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("costa")
    said = listen(page)
    page.goto(running.url("uploads/"))
    pictured(page, "list")
    page.get_by_role("link", name="Upload recordings").click()
    pictured(page, "new")
    assert not violations(page)
    page.get_by_label("Incident number").fill("26-777")
    page.locator("#files").set_input_files([film(tmp_path, "one.mp4"), film(tmp_path, "two.mp4")])
    for name in ("one.mp4", "two.mp4"):
        expect(row(page, name).locator("[data-state]")).to_contain_text("Sealed as R-", timeout=60_000)
    pictured(page, "sent")
    assert not violations(page)
    # The same bytes again are already here.
    page.locator("#files").set_input_files([tmp_path / "one.mp4"])
    expect(row(page, "one.mp4").last.locator("[data-state]")).to_contain_text(
        "Already here as", timeout=60_000
    )
    kept = page.evaluate("JSON.stringify(localStorage)")
    assert "one.mp4" not in kept
    assert "26-777" not in kept
    page.set_viewport_size(PHONE)
    assert not sideways(page)
    pictured(page, "sent-phone")
    row(page, "two.mp4").get_by_role("link").click()
    expect(page.get_by_text("By hand", exact=True)).to_be_visible()
    pictured(page, "upload-phone")
    assert not sideways(page)
    assert not said


def test_an_upload_is_paused_closed_and_gone_on_with(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("costa")
    page.route("**/api/uploads/**", slowly)
    path = film(tmp_path, "long.mp4", 70 * MIB)
    page.goto(running.url("uploads/new/"))
    page.locator("#files").set_input_files([path])
    state = row(page, "long.mp4").locator("[data-state]")
    expect(row(page, "long.mp4").locator("[data-came]")).to_contain_text("16.0 MiB of", timeout=30_000)
    row(page, "long.mp4").get_by_role("button", name="Pause").click()
    expect(state).to_have_text("Paused.")
    pictured(page, "paused")
    # The laptop sleeps, the page is gone; the same file is added again and goes on.
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(running.url("uploads/new/"))
    page.unroute("**/api/uploads/**")
    begun: list[str] = []
    page.on("request", lambda r: begun.append(r.url) if r.method == "POST" else None)
    page.locator("#files").set_input_files([path])
    expect(row(page, "long.mp4").locator("[data-state]")).to_contain_text("Sealed as R-", timeout=60_000)
    assert not begun


def test_an_officer_sends_what_their_camera_recorded(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("whitfield")
    page.goto(running.url("uploads/new/"))
    expect(page.get_by_label("Camera")).to_have_value(WEARER)
    pictured(page, "officer")
    # What the page's clock shows now, as its field for a local time takes it.
    now = "new Date(Date.now() - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 19)"
    page.get_by_label("Recorded").fill(page.evaluate(now))
    page.locator("#files").set_input_files([film(tmp_path, "mine.mp4")])
    expect(row(page, "mine.mp4").locator("[data-state]")).to_contain_text("Sealed as R-", timeout=60_000)
    page.goto(running.url("uploads/"))
    expect(page.get_by_text("mine.mp4")).to_be_visible()
    pictured(page, "officer-list")


# With one retry at once, instead of minutes of them.
FEW_RETRIES = """() => {
    const Upload = class extends tus.Upload {
        constructor(file, options) { super(file, { ...options, retryDelays: [0] }); }
    };
    window.tus = { ...tus, Upload };
}"""


def test_it_goes_on_by_itself_when_the_connection_is_back(
    running: Running, seat: Seat, tmp_path: Path
) -> None:
    page = seat("costa")
    page.goto(running.url("uploads/new/"))
    page.evaluate(FEW_RETRIES)
    page.context.set_offline(True)
    page.locator("#files").set_input_files([film(tmp_path, "away.mp4")])
    state = row(page, "away.mp4").locator("[data-state]")
    expect(state).to_contain_text("It could not be sent", timeout=20_000)
    page.context.set_offline(False)
    expect(state).to_contain_text("Sealed as R-", timeout=60_000)


def test_it_goes_on_by_itself_when_somebody_is_back(running: Running, seat: Seat, tmp_path: Path) -> None:
    page = seat("costa")
    page.goto(running.url("uploads/new/"))
    page.evaluate(FEW_RETRIES)
    page.route("**/api/uploads", lambda route: route.abort())
    page.locator("#files").set_input_files([film(tmp_path, "asleep.mp4")])
    state = row(page, "asleep.mp4").locator("[data-state]")
    expect(state).to_contain_text("It could not be sent", timeout=20_000)
    page.unroute("**/api/uploads")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(state).to_contain_text("Sealed as R-", timeout=60_000)


def test_files_are_dropped(running: Running, seat: Seat) -> None:
    page = seat("costa")
    page.goto(running.url("uploads/new/"))
    page.evaluate(
        """() => {
            const carried = new DataTransfer();
            carried.items.add(new File([crypto.getRandomValues(new Uint8Array(5000))], "dropped.mp4"));
            document.querySelector("[data-drop]").dispatchEvent(
                new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        }"""
    )
    expect(row(page, "dropped.mp4").locator("[data-state]")).to_contain_text("Sealed as R-", timeout=60_000)


def test_without_javascript_it_says_what_is_needed(running: Running, seat: Seat) -> None:
    page = seat("costa", java_script_enabled=False)
    page.goto(running.url("uploads/new/"))
    expect(page.get_by_text("JavaScript; it is switched off")).to_be_visible()
    expect(page.locator("form.upload")).to_be_hidden()
