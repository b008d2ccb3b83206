"""Draws the filmstrip of a recording, and single stills from it."""

from typing import Any

import numpy as np

from fairwitness.media.frames import Picture, frames_at, jpeg, pixel_shape, timeline, upright
from fairwitness.media.source import Handed, Unreadable, WrittenBytes

TILE_WIDTH, TILE_HEIGHT = 160, 160
_STILL_WIDTH = 640


def filmstrip(source: Handed, picture: int, *, tiles: int) -> dict[str, Any]:
    """Write a JPEG of up to `tiles` upright frames side by side, evenly spaced in time, and say when each was.

    Answers tile_width, tile_height and times_ms (one per tile, rising). Raises `Unreadable` without a picture.
    """
    line, facts = timeline(source)
    shape = pixel_shape(facts)
    wanted = [line.length_ms * (2 * tile + 1) // (2 * tiles) for tile in range(tiles)]
    found = [
        (at, upright(frame, TILE_WIDTH, TILE_HEIGHT, shape)) for at, frame in frames_at(source, line, wanted)
    ]
    if not found:
        raise Unreadable("no_picture_decodes")
    height, width = found[0][1].shape[:2]
    strip = np.concatenate([_fitted(tile, height, width) for _, tile in found], axis=1)
    WrittenBytes(picture).write(jpeg(strip))
    return {"made": True, "tile_width": width, "tile_height": height, "times_ms": [at for at, _ in found]}


def still(source: Handed, picture: int, *, at_ms: int) -> dict[str, Any]:
    """Write one upright frame as JPEG, at most 640 pixels wide: the one shown at `at_ms`, or the last before."""
    line, facts = timeline(source)
    for at, frame in frames_at(source, line, [min(at_ms, line.length_ms)]):
        found = upright(frame, _STILL_WIDTH, _STILL_WIDTH, pixel_shape(facts))
        WrittenBytes(picture).write(jpeg(found))
        return {"made": True, "width": found.shape[1], "height": found.shape[0], "at_ms": at}
    raise Unreadable("no_picture_decodes")


def _fitted(tile: Picture, height: int, width: int) -> Picture:
    """The tile on the first tile's area: the picture's size may change within a recording."""
    whole = np.zeros((height, width, 3), dtype=np.uint8)
    part = tile[:height, :width]
    whole[: part.shape[0], : part.shape[1]] = part
    return whole
