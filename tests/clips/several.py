"""Films of one moment by several cameras: each numbers its pictures, and all see the same light go on."""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

FPS = 25
SECONDS = 12
# The light goes on at this second of true time, for so many pictures.
LIGHT_AT, LIGHT_FOR = 6.0, 4


@dataclass(frozen=True)
class View:
    """One camera: its serial, when it really began (seconds of true time), by how much its clock is fast, its colour."""

    serial: str
    began: float
    fast: float
    colour: tuple[int, int, int]


YEAR = 365 * 86_400.0
# The first has the right time, the second is some seconds fast, the third is a year and a little slow.
VIEWS = (
    View("X60A10417", 0.0, 0.0, (40, 60, 90)),
    View("X60A10432", 2.0, 7.5, (70, 50, 40)),
    View("X60A10466", 1.0, -YEAR - 3.0, (40, 70, 50)),
)


def film(path: Path, view: View, *, size: tuple[int, int] = (320, 180), seconds: int = SECONDS) -> Path:
    """Write what one camera sees: a bar that moves with true time, and the light."""
    width, height = size
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as output:
        stream: Any = output.add_stream("libx264", rate=FPS)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.options = {"preset": "ultrafast", "crf": "30", "threads": "1", "g": str(FPS)}
        for number in range(seconds * FPS):
            true = view.began + number / FPS
            pixels = np.empty((height, width, 3), np.uint8)
            pixels[:] = view.colour
            left = int(true * 40) % (width - 12)
            pixels[height // 3 : 2 * height // 3, left : left + 12] = (230, 200, 60)
            if LIGHT_AT <= true < LIGHT_AT + LIGHT_FOR / FPS:
                pixels[:] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return path
