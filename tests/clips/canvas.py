"""Draws smooth shapes on a picture: each is a distance to an edge, computed only within the shape's own frame."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tests.clips.font import text_mask

Floats = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Point = tuple[float, float]
Colour = tuple[float, float, float]

BLACK: Final[Colour] = (0, 0, 0)
WHITE: Final[Colour] = (255, 255, 255)


def mixed(one: Colour, other: Colour, share: float) -> Colour:
    """`share` of the other colour, the rest of the first."""
    first, second, third = (a + (b - a) * share for a, b in zip(one, other, strict=True))
    return (first, second, third)


def darker(colour: Colour, share: float) -> Colour:
    """The colour with `share` of its light taken away."""
    return mixed(colour, BLACK, share)


class Patch(NamedTuple):
    """The part of the picture that one shape may touch, with the coordinates of its pixels' centres."""

    pixels: Pixels
    xs: Floats
    ys: Floats


class CutOut(NamedTuple):
    """A part of a picture to lay over what is drawn later, such as a parked car over people behind it."""

    corner: tuple[int, int]
    pixels: Pixels
    covers: npt.NDArray[np.bool_]


class Canvas:
    """A picture that is being drawn on: RGB bytes shaped (height, width, 3), and where its top left corner lies."""

    def __init__(self, pixels: Pixels, origin: Point = (0.0, 0.0)) -> None:
        self.pixels = pixels
        self.origin = origin

    def fade(self, top: float, bottom: float, upper: Colour, lower: Colour) -> None:
        """Fill the rows between two heights with one colour that passes into another."""
        patch = self._patch(-1e6, top, 1e6, bottom)
        if patch:
            share = np.clip((patch.ys - top) / (bottom - top), 0, 1)[..., None]
            patch.pixels[:] = _rgb(upper) + (_rgb(lower) - _rgb(upper)) * share

    def limb(self, a: Point, b: Point, ra: float, rb: float, colour: Colour, round_: float = 0.0) -> None:
        """A bar with round ends, radius `ra` at `a` and `rb` at `b`; `round_` darkens the side away from the light."""
        reach = max(ra, rb)
        patch = self._patch(
            min(a[0], b[0]) - reach, min(a[1], b[1]) - reach, max(a[0], b[0]) + reach, max(a[1], b[1]) + reach
        )
        if not patch:
            return
        dx, dy, length = b[0] - a[0], b[1] - a[1], max(1e-6, (b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2)
        px, py = patch.xs - a[0], patch.ys - a[1]
        along = np.clip((px * dx + py * dy) / length, 0, 1)
        radius = ra + (rb - ra) * along
        aside = px - along * dx
        distance = np.hypot(aside, py - along * dy) - radius
        _paint(patch, distance, colour, 1.0, 1 - round_ * np.clip(aside / reach, 0, 1) if round_ else None)

    def ellipse(
        self,
        centre: Point,
        rx: float,
        ry: float,
        colour: Colour,
        opacity: float = 1.0,
        soft: float = 0.0,
        round_: float = 0.0,
    ) -> None:
        """An ellipse; `soft` (0 to 1) is the share of it that fades, `round_` darkens its right side."""
        patch = self._patch(centre[0] - rx, centre[1] - ry, centre[0] + rx, centre[1] + ry)
        if not patch:
            return
        distance = (np.hypot((patch.xs - centre[0]) / rx, (patch.ys - centre[1]) / ry) - 1) * min(rx, ry)
        shade = 1 - round_ * np.clip((patch.xs - centre[0]) / rx, 0, 1) if round_ else None
        _paint(patch, distance / (1 + soft * min(rx, ry)) + 0.5 * bool(soft), colour, opacity, shade)

    def box(
        self, corner: Point, size: Point, colour: Colour, radius: float = 0.0, opacity: float = 1.0
    ) -> None:
        """A rectangle with rounded corners, by its top left corner and its width and height."""
        patch = self._patch(corner[0], corner[1], corner[0] + size[0], corner[1] + size[1])
        if not patch:
            return
        dx = np.abs(patch.xs - corner[0] - size[0] / 2) - size[0] / 2 + radius
        dy = np.abs(patch.ys - corner[1] - size[1] / 2) - size[1] / 2 + radius
        distance = np.hypot(np.maximum(dx, 0), np.maximum(dy, 0)) + np.minimum(np.maximum(dx, dy), 0) - radius
        _paint(patch, distance, colour, opacity)

    def polygon(self, points: Sequence[Point], colour: Colour, opacity: float = 1.0) -> None:
        """A convex polygon, its corners in order, either way round."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        patch = self._patch(min(xs), min(ys), max(xs), max(ys))
        if not patch:
            return
        turn = 1 if _area(points) > 0 else -1
        distance = np.full((1, 1), -1e9, np.float32)
        for (ax, ay), (bx, by) in zip(points, [*points[1:], points[0]], strict=True):
            length = max(1e-6, float(np.hypot(bx - ax, by - ay)))
            aside = ((patch.xs - ax) * (by - ay) - (patch.ys - ay) * (bx - ax)) * (turn / length)
            distance = np.maximum(distance, aside)
        _paint(patch, distance, colour, opacity)

    def glow(self, centre: Point, reach: float, colour: Colour, strength: float = 1.0) -> None:
        """Light added around a point, gone at `reach` pixels."""
        patch = self._patch(centre[0] - reach, centre[1] - reach, centre[0] + reach, centre[1] + reach)
        if patch:
            near = np.clip(1 - np.hypot(patch.xs - centre[0], patch.ys - centre[1]) / reach, 0, 1) ** 2
            lit = patch.pixels + near[..., None] * (_rgb(colour) * strength)
            patch.pixels[:] = np.minimum(lit, 255)

    def text(self, corner: Point, text: str, dot: int, colour: Colour) -> None:
        """Text by its top left corner, each dot of a letter `dot` pixels wide."""
        self.cover(corner, text_mask(text, dot), colour)

    def cover(self, corner: Point, mask: Floats, colour: Colour) -> None:
        """Colour laid on as thickly as the mask says (0 to 1), whose top left pixel lies at `corner`."""
        self.picture(corner, np.broadcast_to(_rgb(colour), (*mask.shape, 3)), mask)

    def picture(self, corner: Point, picture: npt.NDArray[np.number], mask: Floats) -> None:
        """Another picture laid on through a mask of the same size."""
        x, y = round(corner[0] - self.origin[0]), round(corner[1] - self.origin[1])
        left, top = max(0, -x), max(0, -y)
        target = self.pixels[max(0, y) : max(0, y + mask.shape[0]), max(0, x) : max(0, x + mask.shape[1])]
        rows, columns = target.shape[:2]
        cut = np.s_[top : top + rows, left : left + columns]
        target[:] = target + (picture[cut] - target.astype(np.float32)) * mask[cut][..., None]

    def lay(self, part: CutOut) -> None:
        """Lay a cut-out over the picture where it lies in the world."""
        x, y = part.corner[0] - round(self.origin[0]), part.corner[1] - round(self.origin[1])
        left, top = max(0, -x), max(0, -y)
        height, width = part.covers.shape[:2]
        target = self.pixels[max(0, y) : max(0, y + height), max(0, x) : max(0, x + width)]
        cut = np.s_[top : top + target.shape[0], left : left + target.shape[1]]
        np.copyto(target, part.pixels[cut], where=part.covers[cut])

    def _patch(self, left: float, top: float, right: float, bottom: float) -> Patch | None:
        height, width = self.pixels.shape[:2]
        x0, x1 = max(0, int(left - self.origin[0]) - 1), min(width, int(right - self.origin[0]) + 2)
        y0, y1 = max(0, int(top - self.origin[1]) - 1), min(height, int(bottom - self.origin[1]) + 2)
        if x0 >= x1 or y0 >= y1:
            return None
        xs = np.arange(x0, x1, dtype=np.float32)[None, :] + np.float32(self.origin[0] + 0.5)
        ys = np.arange(y0, y1, dtype=np.float32)[:, None] + np.float32(self.origin[1] + 0.5)
        return Patch(self.pixels[y0:y1, x0:x1], xs, ys)


def cut_out(world: Canvas, draw: Callable[[Canvas], None]) -> CutOut:
    """What `draw` changes on the world, cut out along its edge; the world itself is left as it was."""
    after, inverted = Canvas(world.pixels.copy()), Canvas(255 - world.pixels)
    draw(after)
    draw(inverted)  # So that a pixel painted in the colour it already had is found as well.
    changed = ((after.pixels != world.pixels) | (inverted.pixels != 255 - world.pixels)).any(axis=2)
    rows, columns = np.flatnonzero(changed.any(axis=1)), np.flatnonzero(changed.any(axis=0))
    cut = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return CutOut((int(columns[0]), int(rows[0])), after.pixels[cut].copy(), changed[cut][..., None])


@lru_cache(maxsize=4096)
def _rgb(colour: Colour) -> Floats:
    return np.array(colour, np.float32)


def _area(points: Sequence[Point]) -> float:
    following = [*points[1:], points[0]]
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(points, following, strict=True))


def _paint(
    patch: Patch,
    distance: npt.NDArray[np.floating],
    colour: Colour,
    opacity: float,
    shade: npt.NDArray[np.floating] | None = None,
) -> None:
    cover = np.clip(0.5 - distance, 0, 1)[..., None] * np.float32(opacity)
    paint = _rgb(colour) if shade is None else _rgb(colour) * shade[..., None]
    patch.pixels[:] = patch.pixels + (paint - patch.pixels) * cover
