"""Every template in a real browser, at two sizes and in both themes: nothing overflows, axe and the CSP find nothing."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any, Literal, cast
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import av
import numpy as np
import pytest
from django.conf import settings
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.handlers.wsgi import WSGIHandler
from django.test import override_settings
from PIL import Image
from playwright.sync_api import Browser, Page

from fairwitness.kernel import clock
from fairwitness.site import assets
from tests.browser.chromium import listen, started, violations
from tests.site import gallery

pytestmark = [pytest.mark.browser, pytest.mark.enable_socket]

SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


def _make_media(folder: Path) -> None:
    """Twelve seconds of a moving gradient at 25 frames a second, its filmstrip of 24 tiles, a waveform and a still."""
    height, width, frames = 360, 640, 300
    across, down = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    tiles = []
    with av.open(str(folder / "clip.mp4"), "w", options={"movflags": "faststart"}) as container:
        stream = container.add_stream("libx264", rate=25, options={"g": "25", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(frames):
            sun = 255 * np.exp(-(((across - number / frames) ** 2) * 40 + (down - 0.4) ** 2 * 60))
            sky = np.stack(
                [90 * down + sun, 110 * down + 0.8 * sun + 30, 150 - 80 * down + 0.3 * sun], axis=-1
            )
            picture = np.clip(sky, 0, 255).astype(np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
            if number % (frames // 24) == 0:
                tiles.append(Image.fromarray(picture).resize((160, 90)))
        container.mux(stream.encode())
    film = Image.new("RGB", (160 * len(tiles), 90))
    for place, tile in enumerate(tiles):
        film.paste(tile, (160 * place, 0))
    film.save(folder / "film.jpg")
    tiles[12].save(folder / "still.jpg")
    loud = np.abs(np.sin(np.linspace(0, 60, 1200)) * np.sin(np.linspace(0, 7, 1200))) * 38 + 2
    rows = np.abs(np.arange(80)[:, None] - 40)
    wave = np.where((rows < loud)[..., None], np.array([115, 179, 231, 255]), np.array([0, 0, 0, 0]))
    Image.fromarray(wave.astype(np.uint8)).save(folder / "wave.png")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The gallery behind the product's own content security policy, on a free port; answers its address."""
    media = tmp_path_factory.mktemp("gallery")
    _make_media(media)
    gallery.MEDIA[:] = [media]
    assets.lay()
    templates = [
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "DIRS": [Path(__file__).parent / "gallery_templates"],
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "tests.site.gallery.surroundings",
                ],
                "builtins": cast(dict[str, Any], settings.TEMPLATES[0]["OPTIONS"])["builtins"],
            },
        }
    ]
    middleware = ["django.middleware.csrf.CsrfViewMiddleware", "csp.middleware.CSPMiddleware"]
    with (
        clock.frozen(gallery.NOW),
        override_settings(ROOT_URLCONF="tests.site.gallery", TEMPLATES=templates, MIDDLEWARE=middleware),
    ):
        server = _Server(("127.0.0.1", 0), _Silent)
        server.set_app(StaticFilesHandler(WSGIHandler()))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with started() as browser:
        yield browser


@pytest.fixture
def opened(site: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page of the gallery at one size; `said` on the page's context collects what the console says."""
    contexts = []

    def open_page(name: str, size: str = "desktop", **options: Any) -> Page:
        width, height = SIZES[size]
        touch = size == "phone"
        context = chromium.new_context(
            viewport={"width": width, "height": height}, is_mobile=touch, has_touch=touch, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{site}/{name}", wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _keep(page: Page, name: str) -> None:
    """A picture of the page, where someone wants to look: in the folder named by GALLERY."""
    folder = os.environ.get("GALLERY")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name.replace('/', '-')}.png"), full_page=True)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", gallery.PAGES)
def test_page(opened: Callable[..., Page], name: str, size: str) -> None:
    """No violation of axe in either theme, nothing on the console (the CSP speaks there), no sideways scrolling."""
    page = opened(name, size)
    said = listen(page)
    address = page.url
    page.goto("about:blank")
    page.goto(address, wait_until="load")
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        page.emulate_media(color_scheme=scheme)
        _keep(page, f"{name}-{size}-{scheme}")
        # Colours of the dark set are the same at both sizes; looking once is enough.
        if (size, scheme) != ("phone", "dark"):
            assert not violations(page), scheme
    assert not said
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def test_policy_is_strict(site: str, chromium: Browser) -> None:
    """The pages above were shown under the product's policy, which allows no script or style inside a page."""
    page = chromium.new_page()
    answer = page.goto(f"{site}/home")
    assert answer is not None
    policy = answer.headers["content-security-policy"]
    page.close()
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_menu_opens_on_a_phone(opened: Callable[..., Page]) -> None:
    page = opened("home", "phone")
    way = page.get_by_role("link", name="Recordings", exact=True)
    assert not way.is_visible()
    page.get_by_role("button", name="Menu").tap()
    assert way.is_visible()
    assert not violations(page)


@pytest.mark.parametrize(
    "what",
    [
        ".banner summary",
        ".band__tools .drop summary",
        ".band__ways summary >> nth=0",
        ".drop--plain summary",
        "[data-do=help]",
    ],
)
def test_what_opens_is_sound_too(opened: Callable[..., Page], what: str) -> None:
    """Banner, account, further acts and keys: axe looks only at what is open."""
    page = opened("recording")
    page.locator(what).click()
    _keep(page, f"recording-open-{what.strip('.[]').replace(' ', '-')}")
    assert not violations(page)


def test_escape_closes_a_menu_and_leaves_the_focus_on_it(opened: Callable[..., Page]) -> None:
    page = opened("recording")
    page.locator(".drop--plain summary").click()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    assert page.locator("details[data-dismiss][open]").count() == 0
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_groups_of_ways_open_one_at_a_time_and_close_behind_the_keyboard(
    opened: Callable[..., Page],
) -> None:
    page = opened("home")
    evidence, department = (
        page.locator(".band__ways details", has_text=w) for w in ("Evidence", "Department")
    )
    evidence.locator("summary").focus()
    page.keyboard.press("Enter")
    assert not violations(page)
    _keep(page, "home-ways")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Recordings"
    page.keyboard.press("Escape")
    assert evidence.get_attribute("open") is None
    assert page.evaluate("document.activeElement.textContent") == "Evidence"
    evidence.locator("summary").click()
    department.locator("summary").click()
    assert (evidence.get_attribute("open"), department.get_attribute("open")) == (None, "")
    for _each in range(4):
        page.keyboard.press("Tab")
    assert page.locator(".band__ways details[open]").count() == 0


def test_groups_of_ways_open_without_scripts(site: str, chromium: Browser) -> None:
    page = chromium.new_page(java_script_enabled=False, viewport={"width": 1440, "height": 900})
    page.goto(f"{site}/home")
    for group, way in (("Evidence", "Retention"), ("Department", "Cameras")):
        page.locator(".band__ways summary", has_text=group).press("Enter")
        page.locator(".band__ways").get_by_role("link", name=way).wait_for()
    assert not page.locator(".band__ways").get_by_role("link", name="Retention").is_visible()
    page.close()


def test_chosen_theme_is_kept(opened: Callable[..., Page]) -> None:
    page = opened("home", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Dark").click()
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    assert page.get_by_role("button", name="Dark").get_attribute("aria-pressed") == "true"


def test_digest_is_copied_whole(opened: Callable[..., Page]) -> None:
    page = opened("recording", permissions=["clipboard-read", "clipboard-write"])
    page.locator("[data-copy]").first.click()
    assert page.evaluate("navigator.clipboard.readText()") == gallery.DIGEST


@pytest.mark.parametrize("name", ["home", "recording", "list-crowded"])
def test_prints_exact_times_and_no_controls(opened: Callable[..., Page], name: str) -> None:
    page = opened(name)
    page.emulate_media(media="print", color_scheme="dark")
    _keep(page, f"{name}-print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    for hidden in (".band__ways", ".band__nav", ".band__tools", ".foot__look", ".pager", ".player"):
        for element in page.locator(hidden).all():
            assert not element.is_visible(), hidden


# The player


@pytest.fixture
def player(opened: Callable[..., Page]) -> Iterator[Page]:
    gallery.BEATS.clear()
    gallery.ANSWER["status"] = 204
    page = opened("recording")
    _until(page, "video.readyState >= 2")
    yield page
    gallery.ANSWER["status"] = 204


def _shown(page: Page) -> tuple[str, str]:
    return page.locator("[data-position]").inner_text(), page.locator("[data-frame]").inner_text()


def _beat(page: Page) -> None:
    """Beats at once, as the player does when its page is looked at again."""
    with page.expect_response("**/beat"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def _until(page: Page, truth: str) -> None:
    """Waits up to 10 s for a truth about the video; asks from outside, because the policy forbids eval in the page."""
    for _ in range(200):
        if page.evaluate(f"(() => {{ const video = document.querySelector('video'); return {truth}; }})()"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {truth}")


def _settled(page: Page) -> None:
    _until(page, "!video.seeking")


def test_steps_are_of_one_frame(player: Page) -> None:
    """At 25 frames a second a frame is 40 ms; the player stands in a frame's middle, so that it is surely that one."""
    for _ in range(3):
        player.keyboard.press(".")
        _settled(player)
    assert _shown(player) == ("00:00:00.140", "frame 3")
    player.keyboard.press(",")
    _settled(player)
    assert _shown(player) == ("00:00:00.100", "frame 2")


def test_keys_jump_and_change_the_speed(player: Page) -> None:
    player.keyboard.press("ArrowRight")
    _settled(player)
    assert _shown(player) == ("00:00:05.000", "frame 125")
    player.keyboard.press(">")
    assert player.evaluate("document.querySelector('video').playbackRate") == 1.5
    for _ in range(9):
        player.keyboard.press("<")
    assert player.evaluate("document.querySelector('video').playbackRate") == 0.25
    player.keyboard.press("m")
    assert player.evaluate("document.querySelector('video').muted")


def test_keys_do_nothing_while_a_note_is_written(player: Page) -> None:
    player.keyboard.press("ArrowRight")
    _settled(player)
    player.keyboard.press("n")
    player.keyboard.type("m, l and k.")
    note = player.locator("form[data-note]")
    assert note.locator("[name=text]").input_value() == "m, l and k."
    assert note.locator("[name=at_ms]").input_value() == "5000"
    assert not player.evaluate("document.querySelector('video').muted")


def test_slider_says_where_it_is(player: Page) -> None:
    slider = player.get_by_role("slider")
    slider.focus()
    player.keyboard.press("End")
    _settled(player)
    assert slider.get_attribute("aria-valuetext") == "00:00:12.000"
    player.keyboard.press("Home")
    _settled(player)
    assert slider.get_attribute("aria-valuenow") == "0"
    box = slider.bounding_box()
    assert box is not None
    player.mouse.click(box["x"] + box["width"] / 2, box["y"] + 20)
    _settled(player)
    assert slider.get_attribute("aria-valuetext") == "00:00:06.000"


def test_a_note_leads_to_its_moment(player: Page) -> None:
    player.get_by_role("link", name="00:00:08.040").click()
    _settled(player)
    assert _shown(player) == ("00:00:08.040", "frame 201")
    player.get_by_role("button", name="Plate comes into view.").click()
    _settled(player)
    assert _shown(player)[0] == "00:00:02.480"


def test_filmstrip_shows_tiles_in_their_own_shape(player: Page) -> None:
    """Canvas is filled to its right end, with pictures of 16 by 9."""
    player.wait_for_selector("canvas.player__film")
    painted = player.evaluate(
        """() => { const c = document.querySelector('canvas.player__film');
        return c.getContext('2d').getImageData(c.width - 2, c.height / 2, 1, 1).data[3]; }"""
    )
    assert painted == 255


def test_tells_what_was_really_played(player: Page) -> None:
    """Two seconds are played after a jump, and only they are told; the answer to a forged request would not be 204."""
    player.keyboard.press("ArrowRight")
    _settled(player)
    player.keyboard.press(" ")
    _until(player, "video.currentTime >= 7")
    player.keyboard.press("k")
    _beat(player)
    address, body = gallery.BEATS[-1]
    told = json.loads(body)
    assert address == "/beat"
    assert 1900 <= told["played_ms"] <= 2600
    assert told["position_ms"] == pytest.approx(5000 + told["played_ms"], abs=60)


@pytest.mark.parametrize("status", [401, 403, 410])
def test_stops_and_hides_when_the_right_has_gone(player: Page, status: int) -> None:
    player.keyboard.press(" ")
    gallery.ANSWER["status"] = status
    _beat(player)
    player.get_by_text("You were signed out, so the recording stopped.").first.wait_for()
    assert not player.locator("video").is_visible()
    assert player.evaluate("document.querySelector('video').getAttribute('src')") is None
    player.keyboard.press(" ")
    assert player.evaluate("document.querySelector('video').paused")


def test_a_lost_connection_pauses_but_keeps_the_picture(player: Page) -> None:
    player.keyboard.press(" ")
    player.context.set_offline(True)
    for _ in range(3):
        # The lock of the screen asks at the same moment; it is the player's own word that is waited for.
        with player.expect_event("requestfailed", lambda request: request.url.endswith("/beat")):
            player.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    player.get_by_text("The site cannot be reached").wait_for()
    assert player.evaluate("document.querySelector('video').paused")
    player.locator("video").wait_for()


def test_says_goodbye_on_leaving(player: Page, site: str) -> None:
    player.goto(f"{site}/home")
    player.wait_for_timeout(200)
    assert gallery.BEATS[-1][0] == "/end"


def test_plays_without_script_by_the_browser_s_own_controls(opened: Callable[..., Page]) -> None:
    page = opened("recording", java_script_enabled=False)
    page.locator("video[controls]").wait_for()
    assert not page.locator(".player__bar").is_visible()
