"""Four 1080p cameras side by side in Chromium: how soon they run, and how far their pictures are from one another."""

import datetime as dt
import os
import shutil
import subprocess
import sys
import time
from itertools import groupby
from pathlib import Path
from statistics import median
from typing import Any

import av
import numpy as np
from django.urls import reverse
from playwright.sync_api import Page

from bench import databases, stored, visitors, world
from bench.compare import Result, listed
from fairwitness.evidence.models import Recording, Viewing
from tests.browser import chromium

FPS = 30
SECONDS = databases.sized(20, 6)
SIZE = (320, 180) if databases.SMALL else (1920, 1080)
ROUNDS = databases.sized(3, 1)
PLAYED = databases.sized(8, 2)
CAMERAS = 4
NAME = "camera_{n}.mp4"
MOST_START, MOST_FRAMES = 2.0, 1.0
# A refresh of the screen, in ms.
REFRESH = 1000 / 60
# Every picture of every camera of which the page is told: the moment at which it is shown, its own moment on the line,
# and how many of that camera were shown by then. A busy page is told of some late or not at all; shown they are.
WATCH = """() => {
  window.shown = [];
  for (const figure of document.querySelectorAll('[data-camera]')) {
    const video = figure.querySelector('video'), starts = Number(figure.dataset.startsMs);
    const note = (now, frame) => {
      window.shown.push([figure.dataset.camera, frame.expectedDisplayTime, starts + frame.mediaTime * 1000,
        frame.presentedFrames]);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
}"""
READY = "() => [...document.querySelectorAll('video')].every(each => each.readyState >= 3)"
# The cameras that showed a picture since play was pressed; and how long the last of them took to its first.
RUNNING = f"""() => new Set(window.shown.filter(
  each => each[1] > window.pressed + 30).map(each => each[0])).size === {CAMERAS}"""
# A camera that began later than the others runs from its own place on the line: until then nothing of it is late.
FIRST = """() => {
  const starts = new Map([...document.querySelectorAll('[data-camera]')].map(
    each => [each.dataset.camera, Number(each.dataset.startsMs)]));
  const begins = Math.min(...starts.values()), first = new Map();
  for (const [key, at] of window.shown) if (at > window.pressed + 30 && !first.has(key)) first.set(key, at);
  return Math.max(...[...first].map(([key, at]) => at - window.pressed - (starts.get(key) - begins)));
}"""


def run() -> Result:
    """The ratio is how far apart nine tenths of the pictures are at most, in pictures; they must also run within 2 s."""
    if not any(map(shutil.which, chromium.WHOLE)):
        return Result(
            "cameras-4", 0, f"<={MOST_FRAMES:g}", False, ["NOT COMPARED: no Chromium on this machine"]
        )
    cameras = [str(each.pk) for each in _recordings()]
    begun, apart, most, clocks, shown_rate = [], [], [], [], []
    name, value = visitors.cookie(visitors.browser(stored.KEEPER)).split("=", 1)
    with stored.site() as (port, _process), chromium.started(chromium.WHOLE) as browser:
        for _round in range(ROUNDS):
            context = browser.new_context(viewport={"width": 1920, "height": 1080})
            context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
            page = context.new_page()
            begun.append(_started(page, port, cameras))
            page.wait_for_timeout(PLAYED * 1000)
            shown = filled(page.evaluate("window.shown"))
            found, rate = differences(shown), len(shown) / CAMERAS / PLAYED
            shown_rate.append(rate)
            clocks.append(_clocks(shown) * FPS / 1000)
            apart.append(found[int(0.9 * len(found))] * FPS / 1000)
            most.append(found[int(0.99 * len(found))] * FPS / 1000)
            page.close(run_before_unload=False)
            context.close()
    said = [
        f"{CAMERAS} cameras of {SIZE[0]} × {SIZE[1]} at {FPS} pictures a second, decoded by this machine's processors",
        f"seconds from opening them until all run, less the way to the button and what began later: {listed(begun)}",
        f"pictures a second that this machine came to show of each: {listed(shown_rate, '.1f')}",
        f"their clocks apart, in pictures (middle of each half second, nine tenths within): {listed(clocks)}",
        f"any two apart, in pictures: nine tenths within {listed(apart)}; ninety-nine hundredths within {listed(most)}",
    ]
    ok = median(begun) <= MOST_START and median(apart) <= MOST_FRAMES
    return Result("cameras-4", median(apart), f"<={MOST_FRAMES:g}", ok, said)


def _started(page: Page, port: int, cameras: list[str]) -> float:
    """Seconds from opening them until the page is ready, and from pressing play until each shows a new picture."""
    chosen = "&".join(f"r={each}" for each in cameras)
    page.goto(f"http://127.0.0.1:{port}{reverse('side-by-side')}?{chosen}")
    page.locator(f"#purpose-{Viewing.Purpose.TECHNICAL}").evaluate("choice => { choice.checked = true; }")
    page.locator("input[name=r]").evaluate_all("all => all.forEach(each => { each.checked = true; })")
    page.get_by_role("button", name="Open those chosen").click(no_wait_after=True)
    page.locator("[data-camera]").nth(CAMERAS - 1).wait_for(state="attached")
    page.evaluate(WATCH)
    _until(page, READY)
    loaded: float = page.evaluate("performance.now()")
    page.evaluate(
        "() => { window.pressed = performance.now(); document.querySelector('[data-do=toggle]').click(); }"
    )
    _until(page, RUNNING)
    running: float = page.evaluate(FIRST)
    return (loaded + running) / 1000


def _until(page: Page, truth: str) -> None:
    """Asked from outside: the page's own policy forbids what Playwright's waiting would do inside."""
    until = time.monotonic() + 60
    while not page.evaluate(truth):
        if time.monotonic() > until:
            raise TimeoutError(truth)
        time.sleep(0.02)


def filled(told: list[list[Any]]) -> list[list[Any]]:
    """What was shown, of what the page was told: what lies between two that it was told of was shown between them."""
    last: dict[str, list[Any]] = {}
    shown = []
    for each in told:
        key, at, line, count = each
        if key in last and count > (before := last[key])[3]:
            whole = count - before[3]
            for n in range(1, whole):
                part = n / whole
                shown.append(
                    [key, before[1] + part * (at - before[1]), before[2] + part * (line - before[2])]
                )
        shown.append([key, at, line])
        last[key] = each
    return shown


def differences(shown: list[list[Any]]) -> list[float]:
    """At each moment at which a new picture is shown, how far any two cameras' pictures are apart on the line; by size.

    What is shown at one refresh of the screen is shown together. Whatever phase their pictures have, two cameras on one
    clock are never a whole picture apart.
    """
    latest: dict[str, tuple[float, float]] = {}
    found = []
    for at, together in groupby(
        sorted(shown, key=lambda each: each[1]), lambda each: round(each[1] / REFRESH)
    ):
        for key, moment, line in together:
            latest[key] = (moment, line)
        running = [line for moment, line in latest.values() if at * REFRESH - moment < 1000]
        if len(running) == CAMERAS:
            found.append(max(running) - min(running))
    # The first second is that of finding together.
    found = found[len(found) // 8 :]
    return sorted(found)


def _clocks(shown: list[list[Any]]) -> float:
    """How far the cameras' clocks are apart in nine tenths of the half seconds, in ms; dropped pictures left aside."""
    halves: dict[int, dict[str, list[float]]] = {}
    for key, at, line in shown:
        halves.setdefault(int(at // 500), {}).setdefault(key, []).append(line - at)
    whole = [half for half in halves.values() if len(half) == CAMERAS]
    found = sorted(
        max(map(median, half.values())) - min(map(median, half.values())) for half in whole[len(whole) // 8 :]
    )
    return found[int(0.9 * len(found))] if found else float("inf")


def _recordings() -> list[Recording]:
    """The four, brought in where they are not yet stored."""
    world.filled("bench_10k", databases.sized(10_000, 500))
    read = Recording.objects.filter(
        source_name__contains=f"{SIZE[1]}_camera_", readable=Recording.Readable.YES
    ).order_by("number")
    if read.count() < CAMERAS:
        delivery = databases.HOME / "cameras"
        delivery.mkdir(exist_ok=True)
        began = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
        rows = ["Evidence ID,Title,Created Date Record Start,File Name"]
        for n in range(CAMERAS):
            name = f"{SIZE[1]}_{NAME.format(n=n)}"
            _film(delivery / name, n)
            # Each began a little later than the one before, as cameras do.
            began += dt.timedelta(milliseconds=170)
            rows.append(f"cam-{n},Camera {n},{began.isoformat()},{name}")
        (delivery / "evidence.csv").write_text("\n".join(rows), encoding="utf-8")
        command = [sys.executable, "-m", "fairwitness", "ingest", str(delivery)]
        environment = os.environ | databases.addresses("bench_10k") | {"FAIRWITNESS_DEMO": "1"}
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    return list(read[:CAMERAS])


def _film(path: Path, number: int) -> None:
    """A street-like picture that moves, at about 6 Mbit a second: as a body-worn camera writes it."""
    rng = np.random.default_rng(number)
    width, height = SIZE
    still = rng.integers(60, 190, (height // 8, width // 8, 3), np.uint8).repeat(8, 0).repeat(8, 1)
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as output:
        stream: Any = output.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.bit_rate = 6_000_000
        stream.options = {"preset": "veryfast", "g": str(FPS)}
        for place in range(SECONDS * FPS):
            pixels = np.roll(still[:height, :width], place * 3, axis=1)
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
