"""What a scene is: a place, what moves in it, how the camera moves, what is heard, and who plays, by lot."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tests.clips.canvas import Canvas, Colour, Pixels
from tests.clips.figures import Person
from tests.clips.space import Spot
from tests.clips.street import Car

SKINS: Final[tuple[Colour, ...]] = (
    (236, 192, 164),
    (222, 172, 138),
    (190, 138, 104),
    (148, 102, 74),
    (104, 72, 54),
)
HAIRS: Final[tuple[Colour, ...]] = ((42, 32, 28), (84, 58, 40), (138, 98, 58), (58, 54, 54), (168, 164, 160))
COATS: Final[tuple[Colour, ...]] = (
    (52, 92, 142),
    (178, 62, 58),
    (78, 124, 92),
    (214, 156, 66),
    (116, 88, 136),
    (70, 76, 86),
    (196, 196, 188),
)
TROUSERS: Final[tuple[Colour, ...]] = ((48, 54, 74), (64, 62, 60), (92, 82, 70), (40, 60, 96))
PAINTS: Final[tuple[Colour, ...]] = (
    (152, 34, 38),
    (44, 78, 122),
    (206, 208, 210),
    (62, 66, 72),
    (70, 110, 88),
    (186, 150, 84),
)
OFFICER_COAT: Final[Colour] = (36, 46, 76)
SUIT: Final[Colour] = (226, 108, 52)


@dataclass(frozen=True)
class Camera:
    """What the camera looks at, at one moment: the middle of the view in the world's pixels, and the view's width."""

    x: float
    y: float
    width: float = 1240.0


@dataclass(frozen=True)
class Scene:
    """One place with its action. `backdrop` gives the still part at a second, `act` draws what moves onto it."""

    kind: str
    shows: str
    backdrop: Callable[[float], Pixels]
    act: Callable[[Canvas, float], None]
    camera: Callable[[float], Camera]
    sounds: tuple[str, ...]
    plates: tuple[str, ...] = ()
    portrait: bool = False
    people: int = 0
    dark: bool = False


@dataclass
class Cast:
    """Draws people, cars and plates by lot, the same for the same seed; at most one person has the photograph's face."""

    rng: np.random.Generator
    plates: list[str] = field(default_factory=list)
    worn: int = 0
    first_coat: int = 0

    def coat(self) -> Colour:
        """The next coat, so that no two people of one clip wear the same."""
        self.worn += 1
        return COATS[(self.worn + self.first_coat) % len(COATS)]

    def pick(self, colours: tuple[Colour, ...]) -> Colour:
        """One of the colours."""
        return colours[int(self.rng.integers(len(colours)))]

    def passer(self) -> Person:
        """Somebody in the street."""
        coin = self.rng.random(3)
        return Person(
            self.pick(SKINS),
            self.pick(HAIRS),
            self.coat(),
            self.pick(TROUSERS),
            float(self.rng.uniform(1.58, 1.86)),
            long_hair=bool(coin[0] < 0.45),
            beard=bool(coin[0] > 0.75),
            cap=self.pick(COATS) if coin[1] < 0.2 else None,
        )

    def officer(self) -> Person:
        """A colleague in uniform."""
        return Person(
            self.pick(SKINS),
            self.pick(HAIRS),
            OFFICER_COAT,
            (34, 38, 54),
            1.78,
            cap=(28, 34, 58),
            uniform=True,
        )

    def portrait(self) -> Person:
        """The one person with a real face."""
        return Person((226, 180, 150), (150, 110, 60), SUIT, (60, 70, 104), 1.7, portrait=True)

    def plate(self) -> str:
        """A made-up Massachusetts plate, kept in the list of this clip's plates."""
        letters = "".join("ABCDEFGHJKLMNPRSTVWXYZ"[int(i)] for i in self.rng.integers(22, size=3))
        self.plates.append(f"MA {int(self.rng.integers(1, 10))}{letters}{int(self.rng.integers(10, 100))}")
        return self.plates[-1]

    def car(self, spot: Spot, *, front: bool = False, police: bool = False) -> Car:
        """A car on a spot, its plate on the list; a police car is white."""
        return Car((226, 228, 232) if police else self.pick(PAINTS), self.plate(), spot, front, police)


def sway(seconds: float, phase: float, steps: float = 0.0) -> tuple[float, float]:
    """How far breathing and, with `steps` per second, walking move the camera, in pixels right and down."""
    breath = 6 * math.sin(0.9 * seconds + phase) + 3 * math.sin(2.3 * seconds + 2 * phase)
    walk = 9 * abs(math.sin(math.pi * steps * seconds)) if steps else 0.0
    tilt = 7 * math.sin(math.pi * steps * seconds + phase) if steps else 0.0
    return breath + tilt, 4 * math.sin(1.3 * seconds + phase) + walk


def standing(
    seconds: float, phase: float, width: float = 1240.0, y: float = 418.0, x: float = 750.0
) -> Camera:
    """The view of somebody who stands still, and breathes."""
    dx, dy = sway(seconds, phase)
    return Camera(x + dx, y + dy, width)


def mouth(seconds: float, phase: float) -> float:
    """How far a speaker's mouth is open, 0 to 1: syllables with pauses."""
    syllable = 0.5 + 0.5 * math.sin(2 * math.pi * 3.1 * seconds + phase)
    return syllable if math.sin(0.8 * seconds + phase) > -0.3 else 0.0


def blinks(seconds: float, phase: float) -> bool:
    """Whether the eyes are shut: for an eighth of a second every 3.4 seconds."""
    return (seconds + phase) % 3.4 < 0.13


def steady(canvas: Canvas) -> Callable[[float], Pixels]:
    """A backdrop that does not change."""
    return lambda seconds: canvas.pixels
