"""What stands along a street: houses in rows, cars with number plates, a police car with its lights."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from tests.clips.canvas import Canvas, Colour, darker, mixed
from tests.clips.font import HEIGHT, WIDTH
from tests.clips.space import Eye, Light, Spot, blank, face_of, ground, lamp_post, tree

BRICKS: Final[tuple[Colour, ...]] = (
    (168, 92, 74),
    (212, 190, 158),
    (122, 134, 146),
    (188, 128, 92),
    (150, 158, 140),
    (196, 170, 150),
)
AWNINGS: Final[tuple[Colour, ...]] = ((172, 54, 52), (44, 92, 120), (52, 108, 82), (196, 146, 62))
RED: Final[Colour] = (255, 44, 44)
BLUE: Final[Colour] = (56, 96, 255)


@dataclass(frozen=True)
class Car:
    """A car seen from behind or from the front, by the middle of the end that faces us."""

    colour: Colour
    plate: str
    spot: Spot
    front: bool = False
    police: bool = False


def street(eye: Eye, light: Light, rng: np.random.Generator) -> Canvas:
    """An empty street between two rows of houses, seen from the middle of one lane."""
    canvas = blank()
    canvas.fade(0, eye.middle[1], light.sky, light.horizon)
    canvas.fade(eye.middle[1], 860, light.horizon, light.on((96, 100, 98)))
    _far_end(canvas, eye, light)
    ground(canvas, eye, light, (-9.0, 8.0), (0.6, 90), (168, 164, 154))
    ground(canvas, eye, light, (-5.6, 4.6), (0.6, 90), (88, 91, 97))
    for kerb in (-5.6, 4.6):
        ground(canvas, eye, light, (kerb - 0.12, kerb + 0.12), (0.6, 90), (202, 198, 188))
    for start in np.arange(2.0, 70, 4.0):
        ground(canvas, eye, light, (-0.58, -0.44), (float(start), float(start) + 2.0), (220, 204, 140))
    for side, wall in ((-1, -9.0), (1, 8.0)):
        _row_of_houses(canvas, eye, light, rng, side, wall)
    for z in (34.0, 21.0, 12.5):
        tree(canvas, eye, light, -6.6, z + 2.5)
        lamp_post(canvas, eye, light, 5.3, z)
    return canvas


def _far_end(canvas: Canvas, eye: Eye, light: Light) -> None:
    for x, height, colour in (
        (-14.0, 15.0, (150, 140, 134)),
        (-2.0, 11.0, (168, 130, 112)),
        (8.0, 18.0, (134, 142, 152)),
    ):
        spots = [(x, 0.0, 88.0), (x + 11, 0.0, 88.0), (x + 11, height, 88.0), (x, height, 88.0)]
        face_of(canvas, eye, spots, light.on(colour, 80))


def _row_of_houses(
    canvas: Canvas, eye: Eye, light: Light, rng: np.random.Generator, side: int, wall: float
) -> None:
    far = 76.0
    while far > 2.5:
        depth = float(rng.uniform(6.5, 11.0))
        near = max(far - depth, 1.0)
        _house(canvas, eye, light, rng, wall, near, far, floors=int(rng.integers(2, 5)))
        far = near


def _house(
    canvas: Canvas,
    eye: Eye,
    light: Light,
    rng: np.random.Generator,
    wall: float,
    near: float,
    far: float,
    floors: int,
) -> None:
    brick = BRICKS[int(rng.integers(len(BRICKS)))]
    awning = AWNINGS[int(rng.integers(len(AWNINGS)))]
    roof = 3.6 + 3.0 * (floors - 1) + 0.5
    inner, outer = wall, wall * 1.9
    face_of(
        canvas,
        eye,
        [(inner, 0, near), (outer, 0, near), (outer, roof, near), (inner, roof, near)],
        light.on(darker(brick, 0.3), near),
    )
    _wall(canvas, eye, light, inner, (near, far), (0, roof), darker(brick, 0.12))
    _wall(
        canvas, eye, light, inner * 0.985, (near, far), (roof - 0.4, roof), mixed(brick, (255, 255, 255), 0.3)
    )
    bays = max(2, round((far - near) / 2.6))
    width = (far - near) / bays
    for bay in range(bays - 1, -1, -1):
        start = near + bay * width
        for floor in range(1, floors):
            _window(
                canvas,
                eye,
                light,
                rng,
                inner,
                (start + 0.28 * width, start + 0.72 * width),
                0.9 + 3.0 * floor + 0.5,
            )
        _shop(
            canvas,
            eye,
            light,
            inner,
            (start + 0.1 * width, start + 0.9 * width),
            awning,
            door=bay == bays // 2,
        )


def _wall(
    canvas: Canvas,
    eye: Eye,
    light: Light,
    x: float,
    z: tuple[float, float],
    y: tuple[float, float],
    colour: Colour,
) -> None:
    steps = np.linspace(z[0], z[1], 4)
    for near, far in zip(steps[:-1], steps[1:], strict=True):
        spots = [(x, y[0], near), (x, y[1], near), (x, y[1], far * 1.004), (x, y[0], far * 1.004)]
        face_of(canvas, eye, spots, light.on(colour, float(near)))


def _window(
    canvas: Canvas,
    eye: Eye,
    light: Light,
    rng: np.random.Generator,
    x: float,
    z: tuple[float, float],
    sill: float,
) -> None:
    lit = light.lamps and rng.random() < 0.45
    glass: Colour = (255, 212, 140) if lit else light.on((74, 92, 108), z[0])
    _wall(
        canvas, eye, light, x * 0.995, (z[0] - 0.12, z[1] + 0.12), (sill - 0.12, sill + 1.72), (226, 220, 208)
    )
    face_of(
        canvas,
        eye,
        [
            (x * 0.99, sill, z[0]),
            (x * 0.99, sill + 1.6, z[0]),
            (x * 0.99, sill + 1.6, z[1]),
            (x * 0.99, sill, z[1]),
        ],
        glass,
    )
    middle = (z[0] + z[1]) / 2
    _wall(canvas, eye, light, x * 0.985, (middle - 0.04, middle + 0.04), (sill, sill + 1.6), (226, 220, 208))


def _shop(
    canvas: Canvas, eye: Eye, light: Light, x: float, z: tuple[float, float], awning: Colour, *, door: bool
) -> None:
    glass: Colour = (238, 196, 128) if light.lamps else light.on((92, 114, 126), z[0])
    low = 0.0 if door else 0.55
    pane = darker((120, 78, 54), light.dim) if door else glass
    face_of(
        canvas,
        eye,
        [(x * 0.995, low, z[0]), (x * 0.995, 2.5, z[0]), (x * 0.995, 2.5, z[1]), (x * 0.995, low, z[1])],
        pane,
    )
    for shift in (0.0, 0.5):
        part = (z[0] + shift * (z[1] - z[0]), z[0] + (shift + 0.5) * (z[1] - z[0]))
        colour = light.on(awning if shift else mixed(awning, (255, 255, 255), 0.75), z[0])
        out = x * 0.9
        face_of(
            canvas,
            eye,
            [(x, 3.1, part[0]), (x, 3.1, part[1]), (out, 2.6, part[1]), (out, 2.6, part[0])],
            colour,
        )


def draw_car(canvas: Canvas, eye: Eye, light: Light, car: Car) -> None:
    """The car with its plate; the plate can be read where a dot of a letter is at least one pixel."""
    x, _, z = car.spot
    scale, paint = eye.scale(z), light.on(car.colour, z)
    foot = eye.at((x, 0, z))
    canvas.ellipse((foot[0], foot[1]), 1.25 * scale, 0.2 * scale, (10, 11, 13), 0.75, soft=0.8)
    _flank(canvas, eye, light, car)

    def box(left: float, top: float, width: float, height: float, colour: Colour, radius: float) -> None:
        canvas.box(
            (foot[0] + left * scale, foot[1] - top * scale),
            (width * scale, height * scale),
            colour,
            radius * scale,
        )

    for side in (-0.86, 0.6):
        box(side, 0.42, 0.26, 0.42, (20, 21, 24), 0.08)
    box(-0.72, 1.47, 1.44, 0.8, darker(paint, 0.1), 0.2)
    glass = light.on((52, 68, 82) if not car.front else (86, 108, 122), z)
    box(-0.62, 1.39, 1.24, 0.5, glass, 0.14)
    canvas.polygon(
        [
            (foot[0] + dx * scale, foot[1] - dy * scale)
            for dx, dy in ((-0.5, 1.36), (-0.2, 1.36), (-0.42, 0.92), (-0.6, 0.92))
        ],
        mixed(glass, (255, 255, 255), 0.22),
    )
    box(-0.92, 0.95, 1.84, 0.72, paint, 0.16)
    box(-0.88, 0.95, 1.76, 0.07, mixed(paint, (255, 255, 255), 0.3 * (1 - light.dim)), 0.03)
    box(-0.94, 0.42, 1.88, 0.22, darker(paint, 0.38), 0.08)
    _lights(canvas, foot, scale, light, car)
    _plate(canvas, foot, scale, light, car)
    if car.police:
        box(-0.5, 1.57, 1.0, 0.11, (30, 32, 38), 0.04)


def _lights(canvas: Canvas, foot: tuple[float, float], scale: float, light: Light, car: Car) -> None:
    lamp: Colour = (255, 246, 216) if car.front else (226, 40, 38)
    colour = lamp if light.lamps or car.front else darker(lamp, 0.22)
    for side in (-0.88, 0.54):
        canvas.box(
            (foot[0] + side * scale, foot[1] - 0.86 * scale),
            (0.34 * scale, 0.2 * scale),
            colour,
            0.06 * scale,
        )
        if light.lamps:
            canvas.glow((foot[0] + (side + 0.17) * scale, foot[1] - 0.76 * scale), 0.75 * scale, lamp, 0.55)


def _flank(canvas: Canvas, eye: Eye, light: Light, car: Car) -> None:
    x, _, z = car.spot
    if abs(x) < 1.3:
        return  # The eye looks along the flank.
    side = x - 0.9 if x > 0 else x + 0.9
    far, shade = z + 4.3, light.on(darker(car.colour, 0.32), z)
    face_of(canvas, eye, [(side, 0.25, z), (side, 0.9, z), (side, 0.86, far), (side, 0.25, far)], shade)
    end = x + 0.72 * (-1 if x > 0 else 1)
    cabin = [(side, 0.88, z), (end, 1.46, z), (end, 1.42, z + 2.5), (side, 0.88, z + 3.5)]
    face_of(canvas, eye, cabin, light.on(darker(car.colour, 0.2), z))
    pane = [(side, 0.94, z + 0.5), (end, 1.36, z + 0.5), (end, 1.34, z + 2.3), (side, 0.93, z + 3.0)]
    face_of(canvas, eye, pane, light.on((48, 60, 72), z))
    for wheel in (z + 0.8, z + 3.4):
        hub = eye.at((side, 0.3, wheel))
        canvas.ellipse(hub, 0.16 * eye.scale(wheel), 0.32 * eye.scale(wheel), (22, 23, 26))
        canvas.ellipse(hub, 0.09 * eye.scale(wheel), 0.18 * eye.scale(wheel), light.on((150, 154, 160), z))


def _plate(canvas: Canvas, foot: tuple[float, float], scale: float, light: Light, car: Car) -> None:
    width, height = 0.56 * scale, 0.26 * scale
    corner = (foot[0] - width / 2, foot[1] - 0.7 * scale)
    canvas.box((corner[0] - 2, corner[1] - 2), (width + 4, height + 4), (26, 28, 32), 0.03 * scale)
    canvas.box(corner, (width, height), darker((244, 244, 238), light.dim * 0.55), 0.02 * scale)
    state, number = car.plate.split(" ")
    dot = max(1, int(width * 0.9 / ((WIDTH + 1) * len(number))))
    small = max(1, dot // 3)
    left = foot[0] - (len(number) * (WIDTH + 1) - 1) * dot / 2
    canvas.text((left, corner[1] + height * 0.62 - HEIGHT * dot / 2), number, dot, (28, 52, 122))
    if scale > 90:
        canvas.text(
            (foot[0] - (len(state) * 6 - 1) * small / 2, corner[1] + 0.06 * height),
            state,
            small,
            (170, 40, 44),
        )


def beacons(canvas: Canvas, eye: Eye, light: Light, car: Car, seconds: float) -> None:
    """The flashing lights on a police car's roof at one moment: three flashes a second, in turn."""
    x, _, z = car.spot
    scale = eye.scale(z)
    roof = eye.at((x, 1.55, z))
    on = int(seconds * 6) % 2
    for side, colour, lit in ((-0.28, RED, on), (0.28, BLUE, 1 - on)):
        centre = (roof[0] + side * scale, roof[1])
        canvas.box(
            (centre[0] - 0.2 * scale, centre[1] - 0.06 * scale),
            (0.4 * scale, 0.12 * scale),
            darker(colour, 0.0 if lit else 0.7),
            0.04 * scale,
        )
        if lit:
            canvas.glow(centre, 2.2 * scale, colour, 0.35 + light.dim)
            canvas.glow(centre, 0.4 * scale, (255, 255, 255), 0.9)
