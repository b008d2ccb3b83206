"""A pinhole eye at chest height: turns metres in front of the camera into pixels, and light into colours."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tests.clips.canvas import Canvas, Colour, Pixels, Point, darker, mixed
from tests.clips.figures import Person, Pose, draw_person

Spot = tuple[float, float, float]


@dataclass(frozen=True)
class Eye:
    """Where the camera is: x to the right, y up from the ground, z ahead, in metres; the rest in pixels."""

    focal: float = 700.0
    middle: Point = (750.0, 400.0)
    above_ground: float = 1.45

    def at(self, spot: Spot) -> Point:
        """The pixel on which a spot falls; what is nearer than 20 cm counts as 20 cm away."""
        scale = self.scale(spot[2])
        return (self.middle[0] + spot[0] * scale, self.middle[1] + (self.above_ground - spot[1]) * scale)

    def scale(self, z: float) -> float:
        """Pixels per metre at the distance z."""
        return self.focal / max(z, 0.2)


@dataclass(frozen=True)
class Light:
    """The colours of an hour: sky above and at the horizon, haze, how much light is taken away, are windows lit."""

    sky: Colour
    horizon: Colour
    dim: float = 0.0
    lamps: bool = False
    tint: Colour = (255, 255, 255)
    tinted: float = 0.0

    def on(self, colour: Colour, z: float = 0.0) -> Colour:
        """What a surface of this colour, z metres away, looks like in this light."""
        lit = mixed(darker(colour, self.dim), self.tint, self.tinted)
        return mixed(lit, self.horizon, 1 - math.exp(-z / 90))


DAY = Light(sky=(104, 164, 214), horizon=(216, 230, 236))
OVERCAST = Light(sky=(158, 170, 182), horizon=(206, 212, 216), dim=0.14)
DUSK = Light(
    sky=(58, 64, 112), horizon=(226, 150, 112), dim=0.42, lamps=True, tint=(214, 120, 110), tinted=0.08
)
NIGHT = Light(sky=(10, 14, 28), horizon=(24, 30, 48), dim=0.64, lamps=True, tint=(40, 60, 120), tinted=0.06)


def blank(width: int = 1500, height: int = 860) -> Canvas:
    """An empty world, somewhat larger than what the camera sees at once."""
    return Canvas(np.zeros((height, width, 3), np.uint8))


def lit_by(pixels: Pixels, colour: Colour, share: float, centre: Point, reach: float) -> Pixels:
    """The picture under a coloured light that falls off from a centre; for lights that flash."""
    height, width = pixels.shape[:2]
    xs, ys = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    near = np.clip(1 - np.hypot(xs - centre[0], (ys - centre[1]) * 1.4) / reach, 0, 1)[..., None] * share
    hue = np.array(colour, np.float32)
    lit = pixels * (1 - 0.25 * near + 0.9 * near * hue / 255) + near * hue * 0.16
    return np.asarray(np.minimum(lit, 255), np.uint8)


def face_of(canvas: Canvas, eye: Eye, spots: Sequence[Spot], colour: Colour) -> None:
    """A flat surface, by its corners in space."""
    canvas.polygon([eye.at(spot) for spot in spots], colour)


def ground(
    canvas: Canvas,
    eye: Eye,
    light: Light,
    x: tuple[float, float],
    z: tuple[float, float],
    colour: Colour,
    y: float = 0.0,
) -> None:
    """A strip of level ground between two x and two z, paler where it is further away."""
    steps = np.geomspace(z[0], z[1], 14)
    for near, far in zip(steps[:-1], steps[1:], strict=True):
        spots = [(x[0], y, near), (x[1], y, near), (x[1], y, far * 1.02), (x[0], y, far * 1.02)]
        face_of(canvas, eye, spots, light.on(colour, float(near)))


def person_at(canvas: Canvas, eye: Eye, spot: Spot, person: Person, pose: Pose) -> None:
    """A person standing on a spot, as large as the distance makes them."""
    draw_person(canvas, eye.at(spot), person.height_m * eye.scale(spot[2]), person, pose)


def lamp_post(canvas: Canvas, eye: Eye, light: Light, x: float, z: float) -> None:
    """A street lamp, with its light when the lamps are lit."""
    scale, iron = eye.scale(z), light.on((58, 62, 66), z)
    foot, top = eye.at((x, 0, z)), eye.at((x, 5.4, z))
    head = eye.at((x - math.copysign(0.9, x), 5.5, z))
    canvas.limb(foot, top, 0.08 * scale, 0.05 * scale, iron, 0.3)
    canvas.limb(top, head, 0.05 * scale, 0.05 * scale, iron)
    canvas.limb(
        (head[0] - 0.18 * scale, head[1]), (head[0] + 0.18 * scale, head[1]), 0.09 * scale, 0.09 * scale, iron
    )
    if light.lamps:
        canvas.glow((head[0], head[1] + 0.1 * scale), 1.9 * scale, (255, 206, 130), 0.9)


def tree(canvas: Canvas, eye: Eye, light: Light, x: float, z: float, leaf: Colour = (70, 122, 72)) -> None:
    """A street tree with a round crown of several leaves' shades."""
    scale = eye.scale(z)
    foot, fork = eye.at((x, 0, z)), eye.at((x, 2.6, z))
    canvas.ellipse(foot, 1.3 * scale, 0.2 * scale, (18, 20, 22), 0.4, soft=1.0)
    canvas.limb(foot, fork, 0.16 * scale, 0.11 * scale, light.on((92, 72, 56), z), 0.4)
    for dx, dy, radius, shade in (
        (-0.8, 3.2, 1.05, 0.24),
        (0.85, 3.3, 1.0, 0.3),
        (0.0, 3.1, 1.1, 0.16),
        (-0.3, 4.2, 1.1, 0.0),
        (0.5, 4.3, 0.9, 0.08),
    ):
        crown = eye.at((x + dx, dy, z))
        canvas.ellipse(
            crown, radius * scale, 0.9 * radius * scale, light.on(darker(leaf, shade), z), round_=0.2
        )
