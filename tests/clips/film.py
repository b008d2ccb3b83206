"""Films a scene: wide lens, swaying camera, time code and serial on top, H.264 with AAC in an MP4."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import av
import numpy as np
from av.filter import Graph

from tests.clips.canvas import Canvas
from tests.clips.font import text_mask
from tests.clips.scene import Scene
from tests.clips.sound import RATE, Samples

WIDTH: Final = 854
HEIGHT: Final = 480
FRAMES_PER_SECOND: Final = 24
# The lens takes its edge from outside the picture: so much more is drawn than is shown.
_WIDE, _HIGH = 950, 534
_MARGIN: Final = _WIDE / WIDTH
HERE: Final = ZoneInfo("America/New_York")


@dataclass(frozen=True)
class Stamp:
    """What the camera writes into its picture, and when it began (with a zone)."""

    started_at: datetime
    unit: str
    serial: str

    def lines(self, second: int) -> tuple[str, str]:
        """The two lines that are on the picture in that second."""
        now = (self.started_at + timedelta(seconds=second)).astimezone(HERE)
        return now.strftime("%Y-%m-%d %H:%M:%S %z"), f"BODY CAM {self.serial}  UNIT {self.unit}"


def write_film(path: Path, scene: Scene, stamp: Stamp, seconds: float, sound: Samples) -> None:
    """Write one clip, in one thread of x264 so that the same seed gives the same bytes."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["creation_time"] = stamp.started_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        picture = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        picture.options = {
            "crf": "25",
            "preset": "superfast",
            "tune": "animation",
            "threads": "1",
            "g": str(FRAMES_PER_SECOND * 2),
        }
        voice = container.add_stream("aac", rate=RATE, layout="mono")
        voice.bit_rate = 40_000
        for frame in _frames(scene, stamp, seconds):
            container.mux(picture.encode(frame))
        container.mux(picture.encode(None))
        for block in sound_frames(sound, RATE, voice.codec_context.frame_size or 1024):
            container.mux(voice.encode(block))
        container.mux(voice.encode(None))


def sound_frames(sound: Samples, rate: int, size: int, layout: str = "mono") -> Iterator[av.AudioFrame]:
    """The samples as frames of `size`, planar float, numbered from zero; every channel carries the same."""
    channels = av.AudioLayout(layout).nb_channels
    for start in range(0, len(sound), size):
        part = np.ascontiguousarray(
            np.broadcast_to(sound[start : start + size], (channels, len(sound[start : start + size])))
        )
        frame = av.AudioFrame.from_ndarray(part, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
        yield frame


def _frames(scene: Scene, stamp: Stamp, seconds: float) -> Iterator[av.VideoFrame]:
    lens = _lens()
    for number in range(round(seconds * FRAMES_PER_SECOND)):
        frame = _seen(scene, number / FRAMES_PER_SECOND)
        frame.pts, frame.time_base = number, Fraction(1, FRAMES_PER_SECOND)
        lens.push(frame)
        shown = lens.pull()
        if not isinstance(shown, av.VideoFrame):
            raise TypeError("the filter graph gave something that is no picture")
        _write_on(shown, stamp.lines(number // FRAMES_PER_SECOND))
        shown.pts, shown.time_base = number, Fraction(1, FRAMES_PER_SECOND)
        yield shown


def _lens() -> Graph:
    graph = Graph()
    last = graph.add_buffer(
        width=_WIDE, height=_HIGH, format=av.VideoFormat("yuv420p"), time_base=Fraction(1, FRAMES_PER_SECOND)
    )
    for name, settings in (
        ("lenscorrection", "k1=0.09:k2=0.015:i=bilinear"),
        ("crop", f"{WIDTH}:{HEIGHT}"),
        ("vignette", "angle=PI/6.5"),
    ):
        following = graph.add(name, settings)
        last.link_to(following)
        last = following
    last.link_to(graph.add("buffersink"))
    graph.configure()
    return graph


def _seen(scene: Scene, seconds: float) -> av.VideoFrame:
    """What the camera sees before the lens: the backdrop cut to the view, with what moves drawn onto it."""
    world, camera = scene.backdrop(seconds), scene.camera(seconds)
    width = min(round(camera.width * _MARGIN), world.shape[1])
    height = min(round(width * _HIGH / _WIDE), world.shape[0])
    x = min(max(0, round(camera.x - width / 2)), world.shape[1] - width)
    y = min(max(0, round(camera.y - height / 2)), world.shape[0] - height)
    view = np.array(world[y : y + height, x : x + width], order="C")
    scene.act(Canvas(view, (x, y)), seconds)
    return av.VideoFrame.from_ndarray(view, format="rgb24").reformat(
        width=_WIDE, height=_HIGH, format="yuv420p", interpolation="AREA"
    )


def _write_on(frame: av.VideoFrame, lines: tuple[str, str]) -> None:
    """White letters with a dark edge, into the luma alone, at the top left."""
    plane = frame.planes[0]
    luma = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    for row, line in enumerate(lines):
        mask = text_mask(line, 2)
        top, left = 12 + 20 * row, 16
        band = luma[top - 3 : top + mask.shape[0] + 3, left - 4 : left + mask.shape[1] + 2]
        band[:] = band // 2 + 8
        letters = luma[top : top + mask.shape[0], left : left + mask.shape[1]]
        letters[:] = np.where(mask > 0.5, 232, letters)
