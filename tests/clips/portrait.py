"""The one real face in the demo: NASA's portrait of Eileen Collins, in the public domain, out of scikit-image."""

from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import av
import numpy as np

from tests.clips.canvas import Canvas, Floats, Pixels, Point

# Where the head is in the 512 x 512 picture: left, top, right, bottom.
_HEAD: Final = (146, 8, 310, 196)
# The head's outline in the picture, traced by hand from the crown over the left ear, neck and right ear.
_OUTLINE: Final = (
    (231, 17),
    (215, 21),
    (200, 26),
    (191, 34),
    (184, 42),
    (172, 47),
    (164, 54),
    (157, 62),
    (155, 72),
    (156, 88),
    (159, 103),
    (169, 115),
    (175, 127),
    (181, 130),
    (184, 147),
    (188, 163),
    (188, 176),
    (196, 183),
    (220, 187),
    (235, 189),
    (251, 185),
    (253, 172),
    (258, 160),
    (266, 139),
    (272, 135),
    (279, 124),
    (291, 112),
    (297, 102),
    (300, 88),
    (297, 70),
    (291, 56),
    (285, 42),
    (271, 31),
    (256, 23),
    (243, 18),
)
_INSIDE: Final = (225, 100)


def portrait_path() -> Path:
    """The picture's file, found without importing scikit-image, whose dependencies are not installed.

    Raises FileNotFoundError where scikit-image is not installed.
    """
    spec = find_spec("skimage")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("scikit-image, which carries the portrait, is not installed")
    return Path(spec.origin).parent / "data" / "astronaut.png"


@lru_cache(maxsize=1)
def _whole() -> Pixels:
    with av.open(str(portrait_path())) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format="rgb24"), np.uint8)


@lru_cache(maxsize=256)
def _scaled(part: tuple[int, int, int, int], width: int, height: int) -> Pixels:
    left, top, right, bottom = part
    cut = np.ascontiguousarray(_whole()[top:bottom, left:right])
    frame = av.VideoFrame.from_ndarray(cut, format="rgb24")
    smaller = frame.reformat(width=width, height=height, interpolation="AREA")
    return np.asarray(smaller.to_ndarray(format="rgb24"), np.uint8)


@lru_cache(maxsize=256)
def _head_mask(width: int, height: int) -> Floats:
    xs = (np.arange(width, dtype=np.float32)[None, :] + 0.5) / width * (_HEAD[2] - _HEAD[0]) + _HEAD[0]
    ys = (np.arange(height, dtype=np.float32)[:, None] + 0.5) / height * (_HEAD[3] - _HEAD[1]) + _HEAD[1]
    outline = np.array(_OUTLINE, np.float32) - _INSIDE
    angles, radii = np.arctan2(outline[:, 1], outline[:, 0]), np.hypot(outline[:, 0], outline[:, 1])
    order = np.argsort(angles)
    dx, dy = xs - _INSIDE[0], ys - _INSIDE[1]
    edge = np.interp(np.arctan2(dy, dx), angles[order], radii[order], period=2 * np.pi)
    return np.asarray(np.clip((edge - np.hypot(dx, dy)) / 2.5 + 0.3, 0, 1), np.float32)


def draw_head(canvas: Canvas, centre: Point, height: float, dim: float = 0.0) -> None:
    """The head alone, hair to chin, `height` pixels high around `centre`, with `dim` of its light taken away."""
    rows = max(8, round(height / 2) * 2)
    columns = round(rows * (_HEAD[2] - _HEAD[0]) / (_HEAD[3] - _HEAD[1]))
    corner = (centre[0] - columns / 2, centre[1] - rows / 2)
    canvas.picture(corner, _scaled(_HEAD, columns, rows) * np.float32(1 - dim), _head_mask(columns, rows))


def draw_portrait(canvas: Canvas, corner: Point, width: int, height: int) -> None:
    """Head and shoulders as a picture on a wall or on a card, by its top left corner."""
    part = (88, 0, 368, round(280 * height / width))
    canvas.picture(corner, _scaled(part, width, height), np.ones((height, width), np.float32))
