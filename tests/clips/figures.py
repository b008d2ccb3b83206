"""People, drawn: heads with faces, bodies with moving limbs, from far off or face to face."""

import math
from dataclasses import dataclass
from typing import Final

from tests.clips.canvas import Canvas, Colour, Point, darker, mixed
from tests.clips.portrait import draw_head

_EYE_WHITE: Final[Colour] = (244, 242, 238)
_LIPS: Final[Colour] = (150, 62, 60)


@dataclass(frozen=True)
class Person:
    """What one person looks like. With `portrait` the head is the photograph."""

    skin: Colour
    hair: Colour
    coat: Colour
    legs: Colour
    height_m: float = 1.72
    long_hair: bool = False
    cap: Colour | None = None
    beard: bool = False
    portrait: bool = False
    uniform: bool = False


@dataclass(frozen=True)
class Pose:
    """How a person stands at one moment.

    `facing` runs from -1 (walking left) over 0 (towards us) to 1; `away` turns the back to us; `stride` is the phase of
    the walk in radians, None when standing. From 0 to 1: `speaking` opens the mouth, `gesture` raises a hand, `dim`
    takes light away.
    """

    facing: float = 0.0
    stride: float | None = None
    speaking: float = 0.0
    gesture: float = 0.0
    dim: float = 0.0
    blink: bool = False
    away: bool = False


def draw_person(canvas: Canvas, feet: Point, height: float, person: Person, pose: Pose) -> None:
    """A whole person whose soles touch `feet`, `height` pixels tall, with a shadow on the ground."""
    unit = height / 7.5
    bob = 0.07 * unit * abs(math.sin(pose.stride)) if pose.stride is not None else 0.0
    hip = (feet[0], feet[1] - 3.75 * unit - bob)
    neck = (feet[0] + 0.12 * unit * pose.facing, feet[1] - 6.35 * unit - bob)
    canvas.ellipse((feet[0], feet[1]), 1.25 * unit, 0.24 * unit, (20, 22, 26), 0.45, soft=1.0)
    for side in (-1, 1):
        _leg(canvas, hip, feet[1], unit, side, person, pose)
    _arm(canvas, neck, unit, -1, person, pose)
    _torso(canvas, neck, hip, unit, person, pose)
    _arm(canvas, neck, unit, 1, person, pose)
    _neck_and_head(canvas, neck, unit, person, pose)


def draw_bust(canvas: Canvas, neck: Point, unit: float, person: Person, pose: Pose) -> None:
    """Head, shoulders and chest face to face; `unit` is about one head's height in pixels."""
    hip = (neck[0], neck[1] + 2.8 * unit)
    _arm(canvas, neck, unit, -1, person, pose)
    _torso(canvas, neck, hip, unit, person, pose)
    _arm(canvas, neck, unit, 1, person, pose)
    _neck_and_head(canvas, neck, unit, person, pose)


def _swing(pose: Pose, side: int) -> float:
    return 0.0 if pose.stride is None else math.sin(pose.stride) * side


def _leg(
    canvas: Canvas, hip: Point, ground: float, unit: float, side: int, person: Person, pose: Pose
) -> None:
    cloth = darker(person.legs, pose.dim + (0.18 if side < 0 else 0.0))
    shoe = darker((38, 34, 34), pose.dim)
    angle = 0.48 * _swing(pose, side)
    lift = 0.0 if pose.stride is None else max(0.0, math.cos(pose.stride) * side)
    bend = 0.12 + 0.85 * lift
    spread = 0.42 * side * unit * (1 - abs(pose.facing))
    thigh = shin = (ground - hip[1]) / 2 - 0.06 * unit
    top = (hip[0] + spread * 0.75, hip[1])
    knee = (top[0] + thigh * math.sin(angle) * pose.facing + spread * 0.1, top[1] + thigh * math.cos(angle))
    heel = (
        knee[0] + shin * math.sin(angle - bend) * pose.facing,
        knee[1] + shin * math.cos(angle - bend * (abs(pose.facing) or 0.5)) - 0.1 * unit,
    )
    toe = (heel[0] + 0.42 * unit * pose.facing + 0.12 * spread, heel[1] + 0.05 * unit)
    canvas.limb(heel, toe, 0.17 * unit, 0.14 * unit, shoe)
    canvas.limb(knee, heel, 0.29 * unit, 0.2 * unit, cloth, 0.3)
    canvas.limb(top, knee, 0.42 * unit, 0.3 * unit, cloth, 0.3)


def _arm(canvas: Canvas, neck: Point, unit: float, side: int, person: Person, pose: Pose) -> None:
    sleeve = darker(person.coat, pose.dim + (0.16 if side < 0 else 0.06))
    skin = darker(person.skin, pose.dim)
    reach = 0.86 * side * (1 - 0.72 * abs(pose.facing))
    shoulder = (neck[0] + reach * unit, neck[1] + 0.62 * unit)
    angle = -0.42 * _swing(pose, side)
    raised = pose.gesture if side > 0 else 0.0
    elbow = (
        shoulder[0] + 1.2 * unit * (math.sin(angle) * pose.facing + 0.16 * side * (1 - abs(pose.facing))),
        shoulder[1] + 1.2 * unit,
    )
    bend = angle + 0.3
    low = (elbow[0] + 1.05 * unit * math.sin(bend) * pose.facing, elbow[1] + 1.05 * unit * math.cos(bend))
    high = (elbow[0] - 0.35 * unit * side, elbow[1] - 0.95 * unit)
    hand = (low[0] + (high[0] - low[0]) * raised, low[1] + (high[1] - low[1]) * raised)
    palm = (hand[0] + 0.2 * (hand[0] - elbow[0]), hand[1] + 0.2 * (hand[1] - elbow[1]))
    canvas.limb(shoulder, elbow, 0.31 * unit, 0.26 * unit, sleeve, 0.25)
    canvas.limb(elbow, hand, 0.25 * unit, 0.17 * unit, mixed(sleeve, (0, 0, 0), 0.1 * raised), 0.25)
    canvas.ellipse(palm, 0.18 * unit, 0.24 * unit, skin, round_=0.15)


def _torso(canvas: Canvas, neck: Point, hip: Point, unit: float, person: Person, pose: Pose) -> None:
    cloth = darker(person.coat, pose.dim)
    wide = 1 - 0.42 * abs(pose.facing)
    left, right = neck[0] - 0.6 * unit * wide, neck[0] + 0.6 * unit * wide
    canvas.limb(
        (left, neck[1] + 0.62 * unit), (right, neck[1] + 0.62 * unit), 0.38 * unit, 0.38 * unit, cloth, 0.1
    )
    chest = (neck[0], neck[1] + 1.05 * unit)
    canvas.limb(chest, (hip[0], hip[1] + 0.1 * unit), 0.86 * unit * wide, 0.66 * unit * wide, cloth, 0.22)
    if unit > 16 and abs(pose.facing) < 0.5 and not pose.away:
        _clothes(canvas, neck, hip, unit, person, pose)


def _clothes(canvas: Canvas, neck: Point, hip: Point, unit: float, person: Person, pose: Pose) -> None:
    cloth = darker(person.coat, pose.dim)
    lower = (neck[0], hip[1] - 0.2 * unit)
    collar = mixed(cloth, (255, 255, 255), 0.18)
    canvas.limb((neck[0], neck[1] + 0.5 * unit), lower, 0.03 * unit, 0.03 * unit, darker(cloth, 0.35))
    for side in (-1, 1):
        canvas.limb(
            (neck[0] + 0.3 * side * unit, neck[1] + 0.12 * unit),
            (neck[0] + 0.05 * side * unit, neck[1] + 0.55 * unit),
            0.1 * unit,
            0.05 * unit,
            collar,
        )
    if person.uniform:
        canvas.box(
            (neck[0] + 0.3 * unit, neck[1] + 1.0 * unit),
            (0.3 * unit, 0.36 * unit),
            (214, 180, 84),
            0.1 * unit,
        )
        canvas.box((neck[0] - 0.6 * unit, neck[1] + 1.1 * unit), (0.36 * unit, 0.12 * unit), (210, 212, 216))


def _neck_and_head(canvas: Canvas, neck: Point, unit: float, person: Person, pose: Pose) -> None:
    skin = darker(person.skin, pose.dim)
    head = (neck[0] + 0.06 * unit * pose.facing, neck[1] - 0.5 * unit)
    if person.long_hair and not person.portrait:
        _back_hair(canvas, head, unit, person, pose)
    canvas.limb(
        (neck[0], neck[1] - 0.1 * unit),
        (neck[0], neck[1] + 0.28 * unit),
        0.25 * unit,
        0.3 * unit,
        darker(skin, 0.16),
    )
    if person.portrait:
        draw_head(canvas, (head[0], head[1] - 0.04 * unit), 1.36 * unit, pose.dim)
        return
    for side in (-1, 1):
        canvas.ellipse(
            (head[0] + 0.42 * side * unit, head[1] + 0.04 * unit), 0.08 * unit, 0.13 * unit, darker(skin, 0.1)
        )
    canvas.limb(
        (head[0], head[1] - 0.14 * unit),
        (head[0], head[1] + 0.28 * unit),
        0.43 * unit,
        0.29 * unit,
        skin,
        0.22,
    )
    if pose.away:
        canvas.ellipse(
            (head[0], head[1] - 0.1 * unit),
            0.44 * unit,
            0.46 * unit,
            darker(person.hair, pose.dim),
            round_=0.2,
        )
    _features(canvas, (head[0] + 0.17 * unit * pose.facing, head[1]), unit, person, pose)
    _front_hair(canvas, head, unit, person, pose)


def _back_hair(canvas: Canvas, head: Point, unit: float, person: Person, pose: Pose) -> None:
    hair = darker(person.hair, pose.dim + 0.12)
    canvas.limb(
        (head[0], head[1] - 0.1 * unit), (head[0], head[1] + 0.52 * unit), 0.52 * unit, 0.5 * unit, hair
    )


def _front_hair(canvas: Canvas, head: Point, unit: float, person: Person, pose: Pose) -> None:
    hair = darker(person.hair, pose.dim)
    if person.cap is not None:
        cap = darker(person.cap, pose.dim)
        canvas.limb(
            (head[0] - 0.26 * unit, head[1] - 0.4 * unit),
            (head[0] + 0.26 * unit, head[1] - 0.4 * unit),
            0.24 * unit,
            0.24 * unit,
            cap,
            0.15,
        )
        canvas.box(
            (head[0] - 0.5 * unit, head[1] - 0.36 * unit), (unit, 0.15 * unit), darker(cap, 0.35), 0.07 * unit
        )
        return
    canvas.limb(
        (head[0] - 0.2 * unit, head[1] - 0.4 * unit),
        (head[0] + 0.22 * unit, head[1] - 0.42 * unit),
        0.25 * unit,
        0.21 * unit,
        hair,
        0.2,
    )
    for side in (-1, 1):
        canvas.limb(
            (head[0] + 0.39 * side * unit, head[1] - 0.3 * unit),
            (head[0] + 0.42 * side * unit, head[1] - 0.06 * unit),
            0.1 * unit,
            0.05 * unit,
            hair,
        )


def _features(canvas: Canvas, face: Point, unit: float, person: Person, pose: Pose) -> None:
    """Eyes, brows, nose and mouth; left out where they would be smaller than a pixel, or seen from behind."""
    if unit < 9 or abs(pose.facing) > 0.9 or pose.away:
        return
    x, y = face
    shadow = darker(person.skin, pose.dim + 0.26)
    for side in (-1, 1):
        eye = (x + 0.18 * side * unit, y - 0.02 * unit)
        canvas.limb(
            (eye[0] - 0.09 * unit, eye[1] - 0.15 * unit),
            (eye[0] + 0.09 * unit, eye[1] - 0.15 * unit),
            0.028 * unit,
            0.028 * unit,
            darker(person.hair, pose.dim),
        )
        _eye(canvas, eye, unit, pose)
    canvas.limb(
        (x + 0.01 * unit, y + 0.02 * unit),
        (x + 0.05 * unit, y + 0.17 * unit),
        0.022 * unit,
        0.03 * unit,
        shadow,
    )
    canvas.limb(
        (x - 0.045 * unit, y + 0.195 * unit),
        (x + 0.05 * unit, y + 0.195 * unit),
        0.025 * unit,
        0.025 * unit,
        shadow,
    )
    if person.beard:
        canvas.limb(
            (x - 0.17 * unit, y + 0.36 * unit),
            (x + 0.17 * unit, y + 0.36 * unit),
            0.17 * unit,
            0.17 * unit,
            darker(person.hair, pose.dim + 0.1),
        )
    mouth = darker(_LIPS, pose.dim)
    canvas.ellipse((x, y + 0.33 * unit), 0.14 * unit, (0.032 + 0.06 * pose.speaking) * unit, mouth)
    if pose.speaking > 0.3:
        canvas.ellipse((x, y + 0.325 * unit), 0.09 * unit, 0.035 * unit * pose.speaking, darker(mouth, 0.6))


def _eye(canvas: Canvas, eye: Point, unit: float, pose: Pose) -> None:
    if pose.blink:
        canvas.limb(
            (eye[0] - 0.07 * unit, eye[1]),
            (eye[0] + 0.07 * unit, eye[1]),
            0.02 * unit,
            0.02 * unit,
            (60, 44, 40),
        )
        return
    canvas.ellipse(eye, 0.088 * unit, 0.052 * unit, darker(_EYE_WHITE, pose.dim))
    canvas.ellipse(eye, 0.046 * unit, 0.05 * unit, (46, 36, 32))
    if unit > 40:
        canvas.ellipse(
            (eye[0] - 0.015 * unit, eye[1] - 0.018 * unit), 0.014 * unit, 0.014 * unit, (250, 250, 250)
        )
