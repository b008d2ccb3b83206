"""Scenes in the street and on the road."""

import math

import numpy as np

from tests.clips import rooms
from tests.clips.canvas import Canvas, CutOut, cut_out
from tests.clips.figures import Pose
from tests.clips.scene import (
    Camera,
    Cast,
    Scene,
    blinks,
    mouth,
    standing,
    steady,
    sway,
)
from tests.clips.space import OVERCAST, Eye, Light, lit_by, person_at
from tests.clips.street import BLUE, RED, Car, beacons, draw_car, street


def _parked(world: Canvas, eye: Eye, light: Light, car: Car) -> CutOut:
    """Draw a parked car into the world, and cut it out for laying over whoever passes behind it."""
    part = cut_out(world, lambda canvas: draw_car(canvas, eye, light, car))
    world.lay(part)
    return part


def street_walk(cast: Cast, light: Light) -> Scene:
    """People come and go along a street with parked cars; one comes close enough to be known."""
    eye, phase = Eye(), float(cast.rng.uniform(0, 6))
    world = street(eye, light, cast.rng)
    draw_car(world, eye, light, cast.car((3.5, 0.0, 18.0)))
    middle, close = (
        _parked(world, eye, light, cast.car(spot)) for spot in ((3.45, 0.0, 11.4), (3.1, 0.0, 4.6))
    )
    near, others = cast.portrait(), [cast.passer() for _ in range(4)]

    def act(canvas: Canvas, seconds: float) -> None:
        stride, dim = 2 * math.pi * 0.9 * seconds, 0.6 * light.dim
        person_at(
            canvas, eye, (6.3, 0, 12 + 0.5 * seconds), others[1], Pose(stride=stride + 1, dim=dim, away=True)
        )
        canvas.lay(middle)
        person_at(canvas, eye, (4.5 - 1.15 * seconds, 0, 10.2), others[2], Pose(-1, stride + 2, dim=dim))
        canvas.lay(close)
        person_at(
            canvas, eye, (-7.2, 0, max(5.0, 19 - 1.1 * seconds)), others[0], Pose(stride=stride, dim=dim)
        )
        person_at(canvas, eye, (-8 + 1.05 * seconds, 0, 8.9), others[3], Pose(1, stride, dim=dim))
        spot = (-1.25, 0.0, max(2.35, 8.6 - 0.75 * seconds))
        person_at(canvas, eye, spot, near, Pose(stride=stride if spot[2] > 2.35 else None, dim=dim))

    hour = "at dusk" if light.lamps else "by day"
    return Scene(
        "street",
        f"A street {hour}: parked cars and five people walking",
        steady(world),
        act,
        lambda s: Camera(750 + sway(s, phase, 1.7)[0], 418 + sway(s, phase, 1.7)[1], 1240 - 7 * s),
        ("street", "steps", "radio"),
        tuple(cast.plates),
        portrait=True,
        people=5,
        dark=light.lamps,
    )


def traffic_stop(cast: Cast, light: Light) -> Scene:
    """A stopped car seen from behind, its plate readable; a colleague walks up to the driver's side."""
    eye, phase = Eye(), float(cast.rng.uniform(0, 6))
    world = street(eye, light, cast.rng)
    draw_car(world, eye, light, cast.car((-3.9, 0.0, 17.0), front=True))
    draw_car(world, eye, light, cast.car((1.0, 0.0, 3.3)))
    flashes = [lit_by(world.pixels, colour, 0.3 + 0.7 * light.dim, (750, 620), 800) for colour in (RED, BLUE)]
    colleague = cast.officer()

    def act(canvas: Canvas, seconds: float) -> None:
        spot = (-1.35, 0.0, min(7.0, 3.2 + 0.5 * seconds))
        walking = spot[2] < 7.0
        pose = Pose(
            stride=5.4 * seconds if walking else None,
            dim=0.6 * light.dim,
            away=True,
            gesture=0.0 if walking else 0.5,
        )
        person_at(canvas, eye, spot, colleague, pose)

    def camera(seconds: float) -> Camera:
        near = min(1.0, max(0.0, (seconds - 2) / 3)) * min(1.0, max(0.0, (10 - seconds) / 2))
        dx, dy = sway(seconds, phase, 1.4 if seconds < 5 else 0)
        return Camera(750 + 150 * near + dx, 418 + 80 * near + dy, 1240 - 440 * near)

    return Scene(
        "traffic_stop",
        "A traffic stop: the stopped car's plate, and a colleague walking up to it",
        lambda s: flashes[int(s * 4) % 2] if int(s * 8) % 2 == 0 else world.pixels,
        act,
        camera,
        ("street", "speech", "radio"),
        tuple(cast.plates),
        people=1,
        dark=light.lamps,
    )


def night_lights(cast: Cast, light: Light) -> Scene:
    """A street at night under a police car's flashing lights."""
    eye, phase = Eye(), float(cast.rng.uniform(0, 6))
    world = street(eye, light, cast.rng)
    police = cast.car((-2.7, 0.0, 8.2), front=True, police=True)
    draw_car(world, eye, light, cast.car((3.4, 0.0, 11.0)))
    draw_car(world, eye, light, police)
    draw_car(world, eye, light, cast.car((2.9, 0.0, 4.4)))
    source = eye.at((police.spot[0], 1.5, police.spot[2]))
    flashes = [lit_by(world.pixels, colour, 1.0, source, 950) for colour in (RED, BLUE)]
    people = [cast.officer(), cast.passer(), cast.passer()]

    def act(canvas: Canvas, seconds: float) -> None:
        beacons(canvas, eye, light, police, seconds)
        person_at(
            canvas, eye, (-0.6, 0, 7.2), people[0], Pose(dim=0.3, gesture=0.5 + 0.5 * math.sin(seconds))
        )
        person_at(
            canvas,
            eye,
            (0.55, 0, 6.4),
            people[1],
            Pose(dim=0.26, speaking=mouth(seconds, phase), blink=blinks(seconds, 1)),
        )
        person_at(
            canvas,
            eye,
            (-7.3, 0, max(7.0, 17 - 1.0 * seconds)),
            people[2],
            Pose(stride=5.6 * seconds, dim=0.42),
        )

    return Scene(
        "night",
        "A street at night with a police car's flashing lights; three people",
        lambda s: flashes[1 - int(s * 6) % 2],
        act,
        lambda s: standing(s, phase, 1240 - 14 * s),
        ("siren", "radio", "speech"),
        tuple(cast.plates),
        people=3,
        dark=True,
    )


def flashlight(cast: Cast, light: Light) -> Scene:
    """Somebody found in the dark by a torch."""
    eye, phase = Eye(), float(cast.rng.uniform(0, 6))
    world = street(eye, OVERCAST, cast.rng)
    height, width = world.pixels.shape[:2]
    xs, ys = np.arange(width, dtype=np.float32)[None, :], np.arange(height, dtype=np.float32)[:, None]
    beam = np.clip(1.15 - np.hypot(xs - 740, (ys - 440) * 1.1) / 430, 0.07, 1)[..., None]
    world.pixels[:] = world.pixels * beam * np.array((1.0, 0.97, 0.86), np.float32)
    found = cast.portrait()

    def act(canvas: Canvas, seconds: float) -> None:
        near = max(2.6, 6.5 - 0.5 * seconds)
        person_at(
            canvas, eye, (-0.1, 0, near), found, Pose(stride=4.6 * seconds if near > 2.6 else None, dim=0.12)
        )

    return Scene(
        "flashlight",
        "Somebody found in the dark by a torch",
        steady(world),
        act,
        lambda s: Camera(745 + 1.6 * sway(s, phase, 1.5)[0], 420 + sway(s, phase, 1.5)[1], 1180 - 10 * s),
        ("night", "steps", "speech"),
        portrait=True,
        people=1,
        dark=True,
    )


def patrol(cast: Cast, light: Light) -> Scene:
    """A ride in a patrol car behind another car."""
    eye, phase = Eye(), float(cast.rng.uniform(0, 6))
    world = rooms.dashboard(light)
    inside = cut_out(world, lambda canvas: rooms.cockpit(canvas, light))
    ahead, oncoming = cast.car((1.4, 0.0, 11.0)), cast.car((-2.8, 0.0, 60.0), front=True)

    def act(canvas: Canvas, seconds: float) -> None:
        moved = 11.0 * seconds
        for start in np.arange(0, 90, 9.0)[::-1]:
            z = float((start - moved) % 90) + 1.0
            canvas.polygon(
                [eye.at((x, 0, d)) for x, d in ((-0.75, z), (-0.6, z), (-0.6, z + 3), (-0.75, z + 3))],
                light.on((232, 222, 170), z),
            )
            for side in (-7.5, 6.5):
                foot, top = eye.at((side, 0, z)), eye.at((side, 6.5, z))
                canvas.limb(foot, top, 0.09 * eye.scale(z), 0.07 * eye.scale(z), light.on((90, 78, 66), z))
        gap = 9.5 + 2.5 * math.sin(0.4 * seconds + phase)
        passing = 62 - (22 * seconds) % 75
        if passing > 1.5:
            draw_car(
                canvas, eye, light, Car(oncoming.colour, oncoming.plate, (-2.8, 0.0, passing), front=True)
            )
        draw_car(canvas, eye, light, Car(ahead.colour, ahead.plate, (1.0, 0.0, gap)))
        canvas.lay(inside)
        rooms.steering(canvas, light, 0.12 * math.sin(0.6 * seconds))

    return Scene(
        "patrol",
        "A ride in a patrol car behind another car",
        steady(world),
        act,
        lambda s: standing(s, phase, 1260, 430),
        ("engine", "radio"),
        tuple(cast.plates),
        dark=light.lamps,
    )
