"""Scenes face to face and indoors."""

import math

from tests.clips import rooms
from tests.clips.canvas import Canvas, Colour, cut_out, darker
from tests.clips.figures import Pose, draw_bust, draw_person
from tests.clips.portrait import draw_portrait
from tests.clips.scene import (
    PAINTS,
    SUIT,
    Camera,
    Cast,
    Scene,
    blinks,
    mouth,
    standing,
    steady,
    sway,
)
from tests.clips.space import Eye, Light, blank, person_at


def driver_window(cast: Cast, light: Light) -> Scene:
    """The driver of a stopped car, face to face through the window, who holds out a licence with a portrait on it."""
    phase = float(cast.rng.uniform(0, 6))
    world = blank()
    paint = light.on(cast.pick(PAINTS))
    world.fade(0, 430, light.sky, light.horizon)
    world.fade(430, 860, light.on((110, 116, 112)), light.on((80, 82, 86)))
    for x in range(0, 1500, 260):
        world.ellipse((x + 60, 300), 170, 150, light.on((96, 130, 98), 30), round_=0.2)
    world.limb((380, 120), (1240, 120), 70, 90, paint, 0.1)
    world.box((250, 110), (1100, 470), paint, 90)
    world.box((330, 160), (860, 400), light.on((38, 42, 48)), 60)
    world.box((930, 300), (190, 300), light.on((70, 66, 66)), 60)
    driver, door = cast.portrait(), cut_out(world, lambda canvas: _car_door(canvas, paint))

    def act(canvas: Canvas, seconds: float) -> None:
        draw_bust(canvas, (700 + 5 * math.sin(seconds), 420), 190, driver, Pose(dim=0.5 * light.dim))
        canvas.lay(door)
        if seconds > 2.5:
            out = min(1.0, (seconds - 2.5) / 1.5)
            _licence(canvas, (1010 - 210 * out + 4 * math.sin(2 * seconds), 590 - 70 * out), light)

    return Scene(
        "driver",
        "The driver of a stopped car, face to face, holding out a licence",
        steady(world),
        act,
        lambda s: standing(s, phase, 1180 - 12 * s, 400),
        ("street", "speech"),
        (),
        portrait=True,
        people=1,
        dark=light.lamps,
    )


def _car_door(canvas: Canvas, paint: Colour) -> None:
    canvas.box((-100, 560), (1700, 400), paint)
    canvas.box((-100, 548), (1700, 26), darker(paint, 0.35), 8)
    canvas.box((-100, 640), (1700, 7), darker(paint, 0.25))
    canvas.box((1010, 690), (150, 30), darker(paint, 0.5), 14)
    canvas.ellipse((250, 520), 120, 74, darker(paint, 0.15), round_=0.3)


def _licence(canvas: Canvas, corner: tuple[float, float], light: Light) -> None:
    x, y = corner
    canvas.limb((900, 610), (x + 70, y + 140), 62, 40, light.on(SUIT), 0.2)
    canvas.limb((x + 80, y + 150), (x + 60, y + 110), 36, 30, light.on((222, 172, 140)), 0.2)
    canvas.box((x, y), (250, 150), light.on((214, 226, 236)), 12)
    canvas.box((x, y), (250, 32), light.on((60, 92, 140)), 12)
    canvas.text((x + 12, y + 9), "DRIVER LICENSE", 2, (244, 246, 248))
    draw_portrait(canvas, (x + 14, y + 42), 78, 92)
    for row, text in enumerate(("S12345678", "SAMPLE", "CAMBRIDGE")):
        canvas.text((x + 104, y + 50 + row * 30), text, 2, light.on((40, 48, 60)))
    canvas.limb((x + 40, y + 160), (x + 62, y + 132), 15, 13, light.on((222, 172, 140)))


def doorstep(cast: Cast, light: Light) -> Scene:
    """A front door opens, and somebody comes to talk."""
    phase, colour = float(cast.rng.uniform(0, 6)), cast.pick(rooms.DOORS)
    world = rooms.doorstep(light, cast.rng, str(int(cast.rng.integers(11, 400))))
    real = bool(cast.rng.random() < 0.6)
    resident = cast.portrait() if real else cast.passer()

    def act(canvas: Canvas, seconds: float) -> None:
        opened = min(1.0, max(0.0, (seconds - 2.2) / 1.2))
        if opened > 0:
            step = min(1.0, max(0.0, (seconds - 3.0) / 1.8))
            pose = Pose(
                stride=6 * seconds if step < 1 else None,
                speaking=mouth(seconds, phase) if step == 1 else 0,
                gesture=max(0.0, math.sin(0.9 * seconds)) if step == 1 else 0,
                dim=0.12,
                blink=blinks(seconds, phase),
            )
            draw_person(canvas, (768, 622 + 48 * step), 372 + 62 * step, resident, pose)
        rooms.door_leaf(canvas, light, colour, opened)

    return Scene(
        "doorstep",
        "A front door; somebody opens and talks",
        steady(world),
        act,
        lambda s: standing(s, phase, 1180 - 22 * min(s, 12), 400),
        ("knock", "speech"),
        (),
        portrait=real,
        people=1,
        dark=light.lamps,
    )


def corridor(cast: Cast, light: Light) -> Scene:
    """A walk along a corridor towards somebody who comes the other way."""
    eye, phase = Eye(middle=(750.0, 420.0)), float(cast.rng.uniform(0, 6))
    world = rooms.corridor(eye, light, cast.rng)
    people = [cast.passer(), cast.officer()]

    def act(canvas: Canvas, seconds: float) -> None:
        person_at(
            canvas, eye, (0.55, 0, max(3.0, 14.5 - 0.55 * seconds)), people[1], Pose(stride=5.6 * seconds)
        )
        spot = (-0.7, 0.0, max(2.0, 11.5 - 0.95 * seconds))
        arrived = spot[2] <= 2.0
        person_at(
            canvas,
            eye,
            spot,
            people[0],
            Pose(
                stride=None if arrived else 5.9 * seconds,
                speaking=mouth(seconds, phase),
                blink=blinks(seconds, phase),
            ),
        )

    return Scene(
        "corridor",
        "A corridor with doors; two people come towards the camera",
        steady(world),
        act,
        lambda s: Camera(750 + sway(s, phase, 1.8)[0], 424 + sway(s, phase, 1.8)[1], 1240 - 26 * s),
        ("room", "steps", "speech"),
        people=2,
    )


def lobby(cast: Cast, light: Light) -> Scene:
    """Two people behind a desk give a statement in turn."""
    phase = float(cast.rng.uniform(0, 6))
    world = rooms.lobby(light, cast.rng)
    first, second, front = (
        cast.passer(),
        cast.passer(),
        cut_out(world, lambda canvas: rooms.desk(canvas, light)),
    )

    def act(canvas: Canvas, seconds: float) -> None:
        turn = math.sin(0.7 * seconds + phase) > 0
        draw_bust(
            canvas,
            (600, 380),
            128,
            first,
            Pose(
                speaking=mouth(seconds, 0) if turn else 0,
                blink=blinks(seconds, 0),
                gesture=max(0.0, math.sin(1.1 * seconds)) if turn else 0,
            ),
        )
        draw_bust(
            canvas,
            (905, 396),
            120,
            second,
            Pose(speaking=0 if turn else mouth(seconds, 2), blink=blinks(seconds, 1.5)),
        )
        canvas.lay(front)

    return Scene(
        "lobby",
        "Two people at a station's desk give a statement",
        steady(world),
        act,
        lambda s: standing(s, phase, 1210, 400),
        ("room", "speech"),
        (),
        portrait=True,
        people=2,
    )
