"""Four 1080p cameras side by side in Chromium: how soon they run, and how far their pictures are from one another."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
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
# Every picture of every camera, with the moment at which it is shown.
WATCH = """() => {
  window.shown = [];
  for (const figure of document.querySelectorAll('[data-camera]')) {
    const video = figure.querySelector('video'), starts = Number(figure.dataset.startsMs);
    const note = (now, frame) => {
      window.shown.push([figure.dataset.camera, frame.expectedDisplayTime, starts + frame.mediaTime * 1000]);
      video.requestVideoFrameCallback(note);
    };
    video.requestVideoFrameCallback(note);
  }
}"""
READY = "() => [...document.querySelectorAll('video')].every(each => each.readyState >= 3)"
RUNNING = f"() => new Set(window.shown.filter(each => each[1] > window.pressed).map(each => each[0])).size === {CAMERAS}"


def run() -> Result:
    """The ratio is how far apart the pictures are at the ninth tenth, in frames; they must also run within 2 s."""
    cameras = _recordings()
    begun, apart, most = [], [], []
    client = visitors.browser(stored.KEEPER)
    with stored._site() as (port, _process), chromium.started() as browser:
        for _round in range(ROUNDS):
            for each in cameras:
                client.post(reverse("open-recording", args=[each.pk]), {"purpose": Viewing.Purpose.TECHNICAL})
            context = browser.new_context(viewport={"width": 1920, "height": 1080})
            name, value = visitors.cookie(client).split("=", 1)
            context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
            page = context.new_page()
            begun.append(_started(page, port, cameras))
            page.wait_for_timeout(PLAYED * 1000)
            found = differences(page.evaluate("window.shown"))
            apart.append(found[int(0.9 * len(found))] * FPS / 1000)
            most.append(found[int(0.99 * len(found))] * FPS / 1000)
            context.close()
    said = [
        f"{CAMERAS} cameras of {SIZE[0]} × {SIZE[1]} at {FPS} pictures a second, decoded by this machine's processors",
        f"seconds from asking for the page until all of them run: {listed(begun)}",
        f"apart, in pictures: nine tenths within {listed(apart)}; ninety-nine hundredths within {listed(most)}",
    ]
    ok = min(begun) <= MOST_START and min(apart) <= MOST_FRAMES
    return Result("cameras-4", min(apart), f"<={MOST_FRAMES:g}", ok, said)


def _started(page: Page, port: int, cameras: list[Recording]) -> float:
    """Seconds of loading the page, and of pressing play until each camera shows a new picture; reading aside."""
    address = f"http://127.0.0.1:{port}{reverse('side-by-side')}?" + "&".join(
        f"r={each.pk}" for each in cameras
    )
    page.goto(address, wait_until="domcontentloaded")
    page.evaluate(WATCH)
    page.wait_for_function(READY, polling=20)
    loaded: float = page.evaluate("performance.now()")
    page.evaluate("window.pressed = performance.now(); document.querySelector('[data-do=toggle]').click()")
    page.wait_for_function(RUNNING, polling=20)
    running: float = page.evaluate(
        "Math.max(...Object.values(window.shown.filter(each => each[1] > window.pressed).reduce("
        "(first, [key, at]) => ({[key]: at, ...first}), {}))) - window.pressed"
    )
    return (loaded + running) / 1000


def differences(shown: list[list[Any]]) -> list[float]:
    """For each picture, how far its moment on the line is from what each other camera shows then; in order of size.

    Whatever phase their pictures have, two cameras on one clock are never a whole picture apart.
    """
    latest: dict[str, tuple[float, float]] = {}
    found = []
    for key, at, line in sorted(shown, key=lambda each: each[1]):
        latest[key] = (at, line)
        if len(latest) == CAMERAS:
            found += [
                abs(line - theirs)
                for other, (then, theirs) in latest.items()
                if other != key and at - then < 1000
            ]
    # The first second is that of finding together.
    found = found[len(found) // 8 :]
    return sorted(found)


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
