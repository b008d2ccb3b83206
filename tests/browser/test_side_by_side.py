"""Cameras side by side: opened for a purpose, played together, stepped, noted, a clock set right by eye; and closed."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE, listen, sideways, until, violations
from tests.browser.conftest import Running, Seat
from tests.browser.small import SEEN_BY_THREE
from tests.clips import several

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]

FRAME_MS = 1000 / several.FPS
# Each camera's last picture on the line, with the moment at which it was shown.
WATCH = """() => {
  window.shown = [];
  for (const figure of document.querySelectorAll('[data-camera]')) {
    const video = figure.querySelector('video');
    const note = (now, frame) => {
      window.shown.push([figure.dataset.camera, frame.expectedDisplayTime, frame.mediaTime * 1000]);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
}"""


def cameras(page: Page, running: Running) -> Page:
    """The page of the incident's cameras, by the ways that a person goes."""
    page.goto(running.url("incidents/"))
    page.get_by_role("link", name=SEEN_BY_THREE).click()
    page.wait_for_load_state()
    way = page.get_by_role("link", name="Cameras side by side")
    if not way.is_visible():
        page.locator("main summary").first.click()
    way.click()
    page.wait_for_url("**/cameras/")
    return page


def opened(page: Page, running: Running) -> Page:
    cameras(page, running)
    for box in page.locator("input[name=r]").all():
        box.evaluate("box => { box.checked = true; }")
    page.get_by_text("Investigation", exact=True).click()
    # Where those of the test before are still open there are videos already: the next page is waited for.
    with page.expect_navigation():
        page.get_by_role("button", name="Open those chosen").click()
    page.locator("video").nth(2).wait_for()
    until(page, "[...document.querySelectorAll('video')].every(each => each.readyState >= 2)", 60)
    return page


def to_second(page: Page, second: int) -> None:
    """Go to a second of the line, by keyboard."""
    page.get_by_role("slider", name="Position on the time line").focus()
    page.keyboard.press("Home")
    for _ in range(second):
        page.keyboard.press("ArrowUp")


def places(page: Page) -> list[float]:
    """Where each camera stands on the line, in ms."""
    found: list[float] = page.evaluate(
        """[...document.querySelectorAll('[data-camera]')].map(
          each => Number(each.dataset.startsMs) + each.querySelector('video').currentTime * 1000)"""
    )
    return found


def test_a_year_is_told_and_nothing_plays_unasked(running: Running, seat: Seat) -> None:
    page = cameras(seat("costa"), running)
    said = listen(page)
    assert page.locator("video").count() == 0
    page.get_by_text("another day").wait_for()
    page.get_by_text("It is not moved by itself.").wait_for()
    assert page.locator(".cameras__lane[data-lane]").count() == 3
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        assert not violations(page)
        assert sideways(page) == 0
    assert not said


def test_they_play_together(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    said = listen(page)
    page.evaluate(WATCH)
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "window.shown.length > 120", 60)
    page.get_by_role("button", name="Pause", exact=True).click()
    starts = page.evaluate(
        """Object.fromEntries([...document.querySelectorAll('[data-camera]')].map(
          each => [each.dataset.camera, Number(each.dataset.startsMs)]))"""
    )
    apart = differences(page.evaluate("window.shown"), starts)
    assert len(apart) > 20
    # This machine may be busy: what is asked here is that they hold together, the bench asks to within what.
    assert sorted(apart)[len(apart) // 2] <= 2 * FRAME_MS
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert sideways(page) == 0
    assert not violations(page)
    assert not said


def differences(shown: list[list[Any]], starts: dict[str, float]) -> list[float]:
    """For each picture, how far the line's moment in it is from that in the other cameras' pictures at that time."""
    last: dict[str, tuple[float, float]] = {}
    found = []
    for key, at, ms in sorted(shown, key=lambda each: each[1]):
        last[key] = (at, starts[key] + ms)
        others = [
            line + at - then for other, (then, line) in last.items() if other != key and at - then < 200
        ]
        found += [abs(starts[key] + ms - line) for line in others]
    return found


def test_paused_and_stepped_they_show_the_same_moment(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    track = page.get_by_role("slider", name="Position on the time line")
    track.focus()
    page.keyboard.press("Home")
    for _ in range(4):
        page.keyboard.press("ArrowUp")
    until(page, "[...document.querySelectorAll('video')].every(each => !each.seeking)")
    before = page.locator("[data-position]").inner_text()
    page.keyboard.press(".")
    until(page, "[...document.querySelectorAll('video')].every(each => !each.seeking)")
    assert page.locator("[data-position]").inner_text() != before
    found = [place for place in places(page) if place > 100]
    assert max(found[0], 0) == pytest.approx(4_000 + FRAME_MS, abs=FRAME_MS)


def test_a_note_is_written_where_the_chosen_camera_stands(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    to_second(page, 5)
    page.keyboard.press("1")
    page.keyboard.press("n")
    page.keyboard.type("The bar has come to the middle.")
    page.get_by_role("button", name="Add note").click()
    page.get_by_text("The note is kept.").wait_for()
    assert page.locator("video").count() == 3, "the same viewings go on"
    assert page.locator("[data-position]").inner_text().startswith("00:00:05")
    marker = page.locator(".cameras__note")
    marker.first.click()
    assert "The bar has come to the middle." in page.get_by_role("region", name="Notes").inner_text()


def test_a_clock_is_set_right_by_eye(running: Running, seat: Seat) -> None:
    """The second camera is moved by a second against the first, and that is kept; then it is taken back."""
    page = opened(seat("nair"), running) if "nair" in running.passwords else opened(seat("costa"), running)
    to_second(page, 10)
    page.get_by_label("Move").select_option(index=1)
    page.get_by_label("against").select_option(index=0)
    page.get_by_role("button", name="−1 s").click()
    assert page.locator("[data-nudged]").inner_text() == "-1000 ms"
    page.get_by_label("What is seen in both").fill("The same bar.")
    page.get_by_role("button", name="Both show the same now").click()
    page.get_by_text("By how much the clocks differ is kept and shown.").wait_for()
    page.locator(".cameras__clock", has_text="fast").first.wait_for()
    second = page.locator("figure[data-camera]").nth(1).get_by_role("link")
    second.click()
    page.get_by_role("button", name="Withdraw this").click()
    page.get_by_text("It is withdrawn.").wait_for()


def test_a_note_that_is_begun_follows_the_camera_that_is_chosen(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    to_second(page, 10)
    page.keyboard.press("1")
    page.keyboard.press("n")
    moment = page.locator("form[data-note] input[name=at_ms]")
    first = int(moment.input_value())
    page.locator("[data-pick]").nth(1).click()
    starts = page.locator("figure[data-camera]").evaluate_all(
        "all => all.map(e => Number(e.dataset.startsMs))"
    )
    assert int(moment.input_value()) - first == pytest.approx(starts[0] - starts[1], abs=1)


def test_nothing_is_the_same_where_one_does_not_record(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    to_second(page, 0)
    page.get_by_label("What is seen in both").fill("Nothing.")
    refused = page.locator("[data-not-both]")
    assert not refused.is_visible()
    page.get_by_role("button", name="Both show the same now").click()
    refused.wait_for()
    assert not violations(page)
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert sideways(page) == 0


def test_leaving_the_page_ends_every_viewing(running: Running, seat: Seat) -> None:
    page = opened(seat("costa"), running)
    number = page.locator("figure[data-camera] a").first.inner_text()
    page.evaluate("setTimeout(() => location.reload())")
    page.get_by_role("button", name="Open those chosen").wait_for()
    page.locator("video").first.wait_for(state="detached", timeout=30_000)
    page.wait_for_load_state("networkidle")
    page.get_by_role("link", name=number).first.click()
    history = page.get_by_role("region", name="Custody history")
    assert "ended the viewing: it was closed" in history.inner_text()


def test_without_scripts_each_plays_by_itself(running: Running, seat: Seat) -> None:
    page = seat("costa", java_script_enabled=False)
    page.goto(running.url("incidents/"))
    page.get_by_role("link", name=SEEN_BY_THREE).click()
    address = page.url
    page.goto(address + "cameras/")
    page.get_by_text("Audit", exact=True).click()
    page.get_by_role("button", name="Open those chosen").click()
    assert page.locator("video[controls]").count() == 3
    assert page.get_by_role("slider").count() == 0
    page.get_by_role("button", name="Close all of them").click()
    page.get_by_text("The viewings are closed and recorded.").wait_for()


def test_a_clip_is_cut_and_taken(running: Running, seat: Seat) -> None:
    page = cameras(seat("costa"), running)
    page.locator("table tbody th a").first.click()
    page.get_by_role("link", name="Make a clip").click()
    said = listen(page)
    page.get_by_label("Name").fill("The light")
    page.get_by_label("From", exact=True).fill("0:05.5")
    page.get_by_label("To", exact=True).fill("0:04")
    page.get_by_role("button", name="Make the clip").click()
    page.get_by_text("A clip ends after it begins.").first.wait_for()
    assert not violations(page)
    page.get_by_label("To", exact=True).fill("0:07")
    page.get_by_text("Encoded anew, from the very frame").click()
    page.get_by_role("button", name="Make the clip").click()
    take = page.get_by_role("button", name="Download the clip The light")
    take.first.wait_for(timeout=90_000)
    with page.expect_download() as download:
        take.first.click()
    assert b"ftyp" in download.value.path().read_bytes()[:16]
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    assert sideways(page) == 0
    assert not violations(page)
    assert not [line for line in said if "status of 4" not in line]
