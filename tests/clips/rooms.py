"""Places off the street: a doorstep, a corridor, a lobby with a desk, the seat of a patrol car."""

import math
from typing import Final

import numpy as np

from tests.clips.canvas import Canvas, Colour, darker, mixed
from tests.clips.portrait import draw_portrait
from tests.clips.space import Eye, Light, blank, face_of, ground

SIDINGS: Final[tuple[Colour, ...]] = (
    (196, 206, 208),
    (222, 208, 176),
    (150, 174, 160),
    (178, 150, 132),
    (232, 230, 222),
)
DOORS: Final[tuple[Colour, ...]] = ((146, 44, 46), (42, 76, 108), (48, 92, 72), (70, 56, 50))
DOORWAY: Final = (640.0, 196.0, 236.0, 470.0)  # left, top, width and height of the opening


def doorstep(light: Light, rng: np.random.Generator, number: str) -> Canvas:
    """A house's front with steps, lamp, letter box and window; its doorway shows the hall inside."""
    canvas = blank()
    siding, trim = SIDINGS[int(rng.integers(len(SIDINGS)))], light.on((246, 244, 238))
    canvas.fade(0, 700, light.on(mixed(siding, (255, 255, 255), 0.06)), light.on(darker(siding, 0.12)))
    for y in range(14, 690, 30):
        canvas.box((0, y), (1500, 3), light.on(darker(siding, 0.22)))
        canvas.box((0, y + 3), (1500, 2), light.on(mixed(siding, (255, 255, 255), 0.3)))
    _house_window(canvas, light, 180)
    _house_window(canvas, light, 1060)
    _hall(canvas)
    _frame(canvas, trim)
    _porch(canvas, light)
    canvas.box((934, 250), (34, 62), light.on((40, 42, 46)), 8)
    canvas.box((940, 262), (22, 38), (255, 232, 176), 6)
    canvas.glow((951, 282), 190, (255, 210, 140), 0.85 if light.lamps else 0.25)
    canvas.text((906, 350), number, 5, light.on((44, 48, 54)))
    canvas.box((914, 430), (74, 44), light.on((52, 60, 68)), 6)
    canvas.box((922, 440), (58, 5), light.on((150, 154, 158)), 2)
    return canvas


def door_leaf(canvas: Canvas, light: Light, colour: Colour, opened: float) -> None:
    """The door itself: shut at 0, swung inwards at 1."""
    left, top, width, height = DOORWAY
    shown = width * (1 - 0.86 * opened)
    lean = 34 * opened
    paint = light.on(darker(colour, 0.35 * opened))
    canvas.polygon(
        [
            (left, top),
            (left + shown, top + lean),
            (left + shown, top + height - 0.4 * lean),
            (left, top + height),
        ],
        paint,
    )
    if opened > 0.85:
        return
    for row in (0.08, 0.5):
        for column in (0.14, 0.56):
            canvas.box(
                (left + column * shown, top + lean * 0.4 + row * height),
                (0.3 * shown, 0.36 * height - lean * 0.5),
                darker(paint, 0.2),
                4,
            )
            canvas.box(
                (left + column * shown + 4, top + lean * 0.4 + row * height + 4),
                (0.3 * shown - 6, 0.36 * height - lean * 0.5 - 6),
                mixed(paint, (255, 255, 255), 0.07),
                4,
            )
    canvas.ellipse((left + 0.92 * shown, top + 0.53 * height), 9, 9, (222, 186, 96), round_=0.4)


def _house_window(canvas: Canvas, light: Light, left: float) -> None:
    canvas.box((left - 14, 186), (288, 300), light.on((246, 244, 238)), 4)
    canvas.box((left, 200), (260, 268), (250, 214, 150) if light.lamps else light.on((96, 116, 132)))
    curtain = (226, 190, 140) if light.lamps else light.on((206, 204, 200))
    canvas.polygon([(left, 200), (left + 86, 200), (left + 40, 340), (left, 430)], curtain)
    canvas.polygon([(left + 260, 200), (left + 174, 200), (left + 220, 340), (left + 260, 430)], curtain)
    canvas.box((left + 126, 200), (8, 268), light.on((246, 244, 238)))
    canvas.box((left, 330), (260, 8), light.on((246, 244, 238)))
    canvas.box((left - 22, 468), (304, 18), light.on((228, 226, 218)), 4)


def _hall(canvas: Canvas) -> None:
    left, top, width, height = DOORWAY
    canvas.box((left, top), (width, height), (120, 92, 66))
    canvas.box((left + 44, top + 30), (width - 88, height - 120), (158, 124, 88))
    canvas.box((left + 66, top + 70), (46, 62), (92, 70, 54), 3)
    canvas.box((left + 71, top + 75), (36, 52), (186, 196, 190), 2)
    canvas.polygon(
        [
            (left, top + height),
            (left + 44, top + height - 90),
            (left + width - 44, top + height - 90),
            (left + width, top + height),
        ],
        (104, 74, 52),
    )
    canvas.glow((left + width / 2, top + 60), 190, (255, 214, 150), 0.5)


def _frame(canvas: Canvas, trim: Colour) -> None:
    left, top, width, height = DOORWAY
    canvas.box((left - 26, top - 30), (26, height + 30), trim, 3)
    canvas.box((left + width, top - 30), (26, height + 30), trim, 3)
    canvas.box((left - 36, top - 48), (width + 72, 48), trim, 5)
    canvas.box((left - 36, top - 6), (width + 72, 6), darker(trim, 0.2))


def _porch(canvas: Canvas, light: Light) -> None:
    left, top, width, height = DOORWAY
    sill = top + height
    canvas.fade(sill, 860, light.on((150, 146, 140)), light.on((104, 102, 98)))
    for step, reach in ((0, 90), (52, 150), (112, 230)):
        canvas.box((left - reach, sill + step), (width + 2 * reach, 40), light.on((186, 182, 174)), 3)
        canvas.box((left - reach, sill + step + 34), (width + 2 * reach, 18), light.on((122, 120, 116)), 2)
    canvas.box((left + 28, sill + 8), (width - 56, 24), light.on((92, 78, 60)), 4)
    for pot in (left - 92, left + width + 60):
        canvas.limb((pot, sill - 46), (pot, sill + 6), 32, 24, light.on((172, 98, 70)), 0.3)
        for dx, dy in ((-18, -84), (16, -90), (0, -112), (-26, -112), (26, -116)):
            canvas.ellipse((pot + dx, sill + dy), 24, 26, light.on((78, 128, 76)), round_=0.35)


def corridor(eye: Eye, light: Light, rng: np.random.Generator) -> Canvas:
    """A corridor of an office building with doors, ceiling lights, a sign and a framed portrait at its end."""
    canvas = blank()
    wall: Colour = ((206, 214, 210), (222, 212, 192), (200, 208, 222))[int(rng.integers(3))]
    end = 17.0
    face_of(
        canvas,
        eye,
        [(-1.6, 0, end), (1.6, 0, end), (1.6, 2.8, end), (-1.6, 2.8, end)],
        light.on(darker(wall, 0.06)),
    )
    edges = np.geomspace(0.6, end, 18)
    for near, far in zip(edges[:-1], edges[1:], strict=True):
        dim = 0.22 * (1 - float(near) / end)
        for side in (-1.6, 1.6):
            _panel(canvas, eye, side, (float(near), float(far)), (0, 2.8), light.on(darker(wall, dim + 0.02)))
            _panel(
                canvas,
                eye,
                side,
                (float(near), float(far)),
                (0, 0.95),
                light.on(darker((128, 146, 154), dim)),
            )
            _panel(
                canvas,
                eye,
                side,
                (float(near), float(far)),
                (0.95, 1.02),
                light.on(darker((92, 78, 64), dim)),
            )
    ground(canvas, eye, light, (-1.6, 1.6), (0.6, end), (150, 138, 124))
    ground(canvas, eye, light, (-1.6, 1.6), (0.6, end), (232, 232, 226), y=2.8)
    for z in np.arange(1.5, end, 1.5):
        ground(canvas, eye, light, (-1.6, 1.6), (float(z), float(z) + 0.03), (126, 116, 104))
    for z in np.arange(2.0, end, 3.0):
        ground(canvas, eye, light, (-0.45, 0.45), (float(z), float(z) + 1.3), (255, 255, 250), y=2.79)
    for side, start in ((-1.6, 3.6), (-1.6, 8.2), (1.6, 5.4), (1.6, 10.6), (-1.6, 12.6)):
        _side_door(canvas, eye, light, side, start)
    _end_wall(canvas, eye, light, end)
    return canvas


def _panel(
    canvas: Canvas, eye: Eye, x: float, z: tuple[float, float], y: tuple[float, float], colour: Colour
) -> None:
    face_of(
        canvas,
        eye,
        [(x, y[0], z[0]), (x, y[1], z[0]), (x, y[1], z[1] * 1.01), (x, y[0], z[1] * 1.01)],
        colour,
    )


def _side_door(canvas: Canvas, eye: Eye, light: Light, x: float, z: float) -> None:
    _panel(canvas, eye, x * 0.995, (z - 0.08, z + 1.1), (0, 2.2), light.on((96, 84, 74)))
    _panel(canvas, eye, x * 0.99, (z, z + 1.0), (0, 2.1), light.on((160, 116, 78)))
    _panel(canvas, eye, x * 0.985, (z + 0.6, z + 0.85), (1.2, 1.9), light.on((196, 214, 222)))
    _panel(canvas, eye, x * 0.985, (z + 0.1, z + 0.2), (0.98, 1.06), light.on((220, 220, 220)))
    _panel(canvas, eye, x * 0.99, (z - 0.5, z - 0.2), (1.5, 1.72), light.on((60, 84, 120)))


def _end_wall(canvas: Canvas, eye: Eye, light: Light, end: float) -> None:
    scale = eye.scale(end)
    left, top = eye.at((-1.1, 2.1, end))
    canvas.box((left, top), (0.95 * scale, 2.1 * scale), light.on((140, 100, 70)), 2)
    exit_left, exit_top = eye.at((-0.35, 2.6, end - 3))
    canvas.box((exit_left - 4, exit_top - 4), (60, 24), (236, 240, 236), 3)
    canvas.text((exit_left + 4, exit_top + 1), "EXIT", 2, (190, 34, 34))
    frame = eye.at((0.35, 2.15, end))
    canvas.box((frame[0] - 3, frame[1] - 3), (40, 44), (88, 66, 44))
    draw_portrait(canvas, frame, 34, 38)


def lobby(light: Light, rng: np.random.Generator) -> Canvas:
    """A station's lobby: a notice board, a clock, a framed portrait; the desk is drawn in front of people."""
    canvas = blank()
    wall: Colour = ((198, 208, 214), (214, 204, 186))[int(rng.integers(2))]
    canvas.fade(0, 860, light.on(mixed(wall, (255, 255, 255), 0.1)), light.on(darker(wall, 0.2)))
    canvas.box((0, 520), (1500, 8), light.on(darker(wall, 0.3)))
    canvas.box((176, 140), (300, 200), light.on((150, 112, 74)), 4)
    canvas.box((186, 150), (280, 180), light.on((214, 186, 146)))
    for index, colour in enumerate(
        ((244, 240, 230), (206, 222, 236), (244, 226, 150), (230, 240, 226), (240, 206, 196))
    ):
        x, y = 204 + (index % 3) * 86, 164 + (index // 3) * 82
        canvas.box((x, y), (70, 66), light.on(colour), 2)
        for row in range(4):
            canvas.box((x + 10, y + 14 + row * 12), (50 - 12 * (row % 2), 4), light.on((132, 136, 144)))
    canvas.ellipse((1010, 160), 56, 56, light.on((60, 64, 70)))
    canvas.ellipse((1010, 160), 50, 50, light.on((246, 246, 240)))
    for hour in range(12):
        angle = hour * math.pi / 6
        canvas.ellipse(
            (1010 + 41 * math.sin(angle), 160 - 41 * math.cos(angle)), 3, 3, light.on((60, 64, 70))
        )
    canvas.limb((1010, 160), (1010, 128), 3, 2, light.on((40, 42, 46)))
    canvas.limb((1010, 160), (1030, 172), 3, 3, light.on((40, 42, 46)))
    canvas.box((1150, 130), (172, 204), light.on((84, 62, 40)), 4)
    draw_portrait(canvas, (1162, 142), 148, 180)
    return canvas


def desk(canvas: Canvas, light: Light) -> None:
    """The counter between us and whoever sits behind it, with papers and a monitor's back."""
    canvas.box((-200, 610), (2000, 40), light.on((176, 128, 84)), 6)
    canvas.fade(648, 900, light.on((120, 84, 56)), light.on((84, 58, 40)))
    canvas.polygon([(520, 636), (700, 636), (716, 614), (548, 614)], light.on((246, 246, 240)))
    canvas.polygon([(560, 630), (640, 630), (648, 618), (572, 618)], light.on((178, 190, 204)))
    canvas.box((1010, 430), (250, 160), light.on((48, 52, 58)), 10)
    canvas.box((1110, 586), (50, 30), light.on((60, 64, 70)))


def dashboard(light: Light) -> Canvas:
    """What a driver sees and what stands still: sky, land and the road's surface."""
    canvas = blank()
    canvas.fade(0, 400, light.sky, light.horizon)
    canvas.fade(400, 860, light.on((126, 140, 104), 40), light.on((92, 112, 74)))
    for x, y, rx, ry in ((220, 404, 330, 60), (760, 410, 420, 44), (1300, 404, 360, 66)):
        canvas.ellipse((x, y), rx, ry, light.on((92, 122, 104), 60))
    canvas.box((0, 404), (1500, 200), light.on((126, 140, 104), 30))
    ground(canvas, Eye(), light, (-5.4, 4.0), (0.6, 260), (92, 95, 100))
    return canvas


def cockpit(canvas: Canvas, light: Light) -> None:
    """The windscreen's frame, the mirror and the dashboard."""
    dark = light.on((44, 46, 50))
    canvas.polygon([(-200, -100), (230, -100), (90, 900), (-200, 900)], dark)
    canvas.polygon([(1290, -100), (1700, -100), (1700, 900), (1420, 900)], dark)
    canvas.box((620, 96), (300, 76), light.on((30, 32, 36)), 28)
    canvas.box((634, 106), (272, 56), light.on((128, 146, 158)), 20)
    canvas.box((634, 140), (272, 22), light.on((92, 100, 98)), 10)
    canvas.ellipse((750, 960), 900, 370, light.on((52, 54, 60)))
    canvas.ellipse((750, 975), 880, 360, light.on((36, 38, 42)))
    canvas.box((1010, 640), (170, 110), light.on((24, 26, 30)), 12)
    canvas.box((1020, 650), (150, 84), (44, 92, 120), 6)
    canvas.limb((1032, 712), (1150, 668), 3, 3, (214, 190, 90))


def steering(canvas: Canvas, light: Light, turn: float) -> None:
    """The steering wheel with the driver's hands, turned by `turn` radians."""
    hub = (560.0, 850.0)
    for step in range(16):
        a, b = (math.pi * (1.02 + 0.96 * (step + end) / 16) + turn for end in (0, 1))
        canvas.limb(
            (hub[0] + 250 * math.cos(a), hub[1] + 215 * math.sin(a)),
            (hub[0] + 250 * math.cos(b), hub[1] + 215 * math.sin(b)),
            20,
            20,
            light.on((22, 23, 26)),
            0.3,
        )
    for angle in (1.2, 1.8):
        hand = (
            hub[0] + 250 * math.cos(math.pi * angle + turn),
            hub[1] + 215 * math.sin(math.pi * angle + turn),
        )
        canvas.limb((hand[0] + (hand[0] - hub[0]) * 0.3, 900), hand, 54, 34, light.on((40, 50, 80)), 0.3)
        canvas.limb(
            (hand[0] - 12, hand[1] - 6), (hand[0] + 12, hand[1] + 6), 30, 30, light.on((214, 164, 132)), 0.25
        )
