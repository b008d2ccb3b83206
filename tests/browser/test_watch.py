"""Watching: opened for a purpose, played, stepped through, noted, closed; and gone when the right is gone."""

import re

import pytest
from playwright.sync_api import Page, Response

from tests.browser.chromium import until
from tests.browser.conftest import Running, Seat, enter, numbered, opened, opened_with_filmstrip

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]


def _frame(page: Page) -> int:
    shown = re.search(r"\d+", page.locator("[data-frame]").inner_text())
    assert shown
    return int(shown[0])


def test_a_purpose_is_asked_for(running: Running, seat: Seat) -> None:
    page = numbered(seat("whitfield"), running, "clip plain")
    page.get_by_role("button", name="Open", exact=True).click()
    assert page.evaluate("document.querySelector('input[name=purpose]').validity.valueMissing")
    assert "/recordings/" in page.url


def test_it_plays_by_ranges_and_is_written_down(running: Running, seat: Seat) -> None:
    page = seat("whitfield")
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer) if answer.url.endswith("/playing") else None)
    opened(page, running, "clip plain", "Writing a report")
    until(page, "video.readyState >= 2")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "video.currentTime > 0.5")
    assert page.evaluate("document.querySelector('video').videoWidth") == 320
    assert answers
    assert {answer.status for answer in answers} == {206}
    until(page, "video.ended")
    page.get_by_role("button", name="Close the recording").click()
    page.get_by_text("The viewing is closed and recorded.").wait_for()
    history = page.get_by_role("region", name="Custody history")
    assert "Officer Dana Whitfield opened the recording; purpose: writing a report" in history.inner_text()
    ended = history.locator("li", has_text="Officer Dana Whitfield ended the viewing: it was closed").first
    assert re.search(r"(1\.\d|2) s played", ended.inner_text())
    assert re.search(r"\d kB sent", ended.inner_text())


def test_a_step_is_one_frame(running: Running, seat: Seat) -> None:
    page = opened(seat("whitfield"), running, "clip plain")
    until(page, "video.readyState >= 2")
    for expected in (1, 2, 3):
        page.keyboard.press(".")
        until(page, "!video.seeking")
        assert _frame(page) == expected
    page.keyboard.press(",")
    until(page, "!video.seeking")
    assert _frame(page) == 2
    # 24 frames a second: the middle of frame 2.
    assert page.evaluate("document.querySelector('video').currentTime") == pytest.approx(2.5 / 24, abs=0.001)


def test_a_note_stands_at_its_moment(running: Running, seat: Seat) -> None:
    page = opened(seat("whitfield"), running, "clip plain")
    until(page, "video.readyState >= 2")
    page.evaluate("document.querySelector('video').currentTime = 1.25")
    until(page, "!video.seeking && video.currentTime > 1")
    page.keyboard.press("n")
    page.keyboard.type("The dot has passed the middle.")
    page.get_by_role("button", name="Add note").click()
    page.get_by_text("The note is kept.").wait_for()
    # The same viewing goes on: writing a note opens nothing anew.
    assert "/viewings/" in page.url
    marker = page.get_by_role("button", name="00:00:01.250 The dot has passed the middle.")
    until(page, "video.readyState >= 1")
    marker.click()
    until(page, "!video.seeking && video.currentTime > 1.2")
    lane, place = page.locator(".player__notes-lane").bounding_box(), marker.bounding_box()
    assert lane is not None
    assert place is not None
    middle = (place["x"] + place["width"] / 2 - lane["x"]) / lane["width"]
    length = page.evaluate("document.querySelector('video').duration")
    assert middle == pytest.approx(1.25 / length, abs=0.01)
    page.get_by_text("Withdraw a note of yours").click()
    page.get_by_role("button", name="Withdraw the note at 00:00:01.250").click()
    page.get_by_text("The note is withdrawn.").wait_for()
    assert page.get_by_text("The dot has passed the middle.").count() == 0


def test_loading_the_page_again_leads_to_the_recording(running: Running, seat: Seat) -> None:
    """Leaving the page ends the viewing; whoever comes back says again for what."""
    page = opened(seat("whitfield"), running, "clip plain")
    page.evaluate("setTimeout(() => location.reload())")
    page.wait_for_url("**/recordings/*-*/")
    page.get_by_text("That viewing has ended.").wait_for()
    page.get_by_role("heading", name="Open this recording").wait_for()


def test_filmstrip_and_waveform_stand_under_the_picture(running: Running, seat: Seat) -> None:
    page = opened_with_filmstrip(seat("whitfield"), running, "clip plain")
    page.locator("canvas.player__film").wait_for()
    wave = page.locator(".player__wave")
    assert wave.evaluate("picture => picture.complete && picture.naturalWidth") == 1600
    painted = page.locator("canvas.player__film").evaluate(
        "c => c.getContext('2d').getImageData(c.width - 2, c.height / 2, 1, 1).data[3]"
    )
    assert painted == 255


def test_signed_out_in_another_tab_it_stops(running: Running, seat: Seat) -> None:
    """Stills and strips go with the footage: each address of the viewing answers with a refusal."""
    page = seat()
    enter(page, running, "ruiz")
    opened_with_filmstrip(page, running, "street")
    until(page, "video.readyState >= 2")
    source = page.locator("video").get_attribute("src")
    strip = page.locator("img.player__film").get_attribute("src")
    assert source
    assert strip
    other = page.context.new_page()
    other.goto(running.address)
    other.locator("summary[aria-label^='Your account']").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/account/login/**")
    for address in (source, strip):
        answer = other.request.get(
            running.url(address), headers={"Accept": "application/json"}, max_redirects=0
        )
        assert answer.status in {302, 401, 403, 404, 410}
        assert b"ftyp" not in answer.body()
    with page.expect_response("**/beat/"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    # The player lets go of the footage; over the whole page stands that the sign-in has ended.
    until(page, "!video.getAttribute('src')")
    assert "no longer open to you" in str(page.locator(".player__gone").text_content())
    page.get_by_text("This sign-in has ended.").wait_for()
    assert not page.locator("video").is_visible()


def test_hevc_plays_by_its_viewing_copy(running: Running, seat: Seat) -> None:
    """The copy may still be being made when the page opens: it looks again by itself."""
    page = opened(seat("whitfield"), running, "clip hevc")
    page.locator("video").wait_for(timeout=60_000)
    assert str(page.locator("video").get_attribute("src")).endswith("/viewing_copy")
    until(page, "video.readyState >= 2")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "video.currentTime > 0.3 && video.videoWidth === 320")
    page.get_by_text("What plays is a viewing copy").wait_for()


def test_sound_alone_plays_too(running: Running, seat: Seat) -> None:
    page = opened(seat("whitfield"), running, "clip wav")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, "document.querySelector('audio').currentTime > 0.3")
    page.locator(".player__wave").wait_for()
    assert page.get_by_role("button", name="One frame on").count() == 0


def test_what_cannot_be_read_is_kept_and_says_why(running: Running, seat: Seat) -> None:
    page = numbered(seat("whitfield"), running, "clip random")
    assert "No known kind of recording is recognised in these bytes." in page.locator(".opener").inner_text()
    assert page.get_by_role("heading", name="What the file holds").count() == 0
    page.get_by_text("Preparing for court", exact=True).click()
    page.get_by_role("button", name="Open", exact=True).click()
    page.wait_for_url("**/viewings/**")
    assert page.locator("video, audio").count() == 0
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the original").click()
    assert download.value.path().stat().st_size == 40_000


def test_those_who_find_but_do_not_open_are_told_so(running: Running, seat: Seat) -> None:
    page = numbered(seat("hale"), running, "clip plain")
    page.get_by_role("heading", name="Closed to you").wait_for()
    assert page.get_by_role("button", name="Open", exact=True).count() == 0
