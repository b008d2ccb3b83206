"""Makes the clips of the tests and of the demo: `python tests/clips/make_clips.py --out DIR [--demo] [--seed N]`."""

import argparse
import hashlib
import os
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Final

import av
import numpy as np

if __package__ in (None, ""):  # Started as a file: the package lies two folders up.
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.clips.film import HERE, Stamp, write_film
from tests.clips.odd import make_test_clips
from tests.clips.programme import SAME_EVENT, SCENES
from tests.clips.scene import Cast, Scene
from tests.clips.sound import mixed
from tests.clips.space import DUSK, NIGHT

__all__ = ["CAMERAS", "LAST_DAY", "ClipFacts", "demo_facts", "make_demo_clips", "make_test_clips"]

# Made-up serials, with the call signs of the units that carry them.
CAMERAS: Final[tuple[tuple[str, str], ...]] = (
    ("X60A10417", "4A12"),
    ("X60A10432", "4A14"),
    ("X60A10458", "2B21"),
    ("X60A10466", "2B23"),
    ("X60A10503", "1C31"),
    ("X60A10519", "1C35"),
    ("X60A10527", "5D40"),
    ("X60A10544", "5D42"),
)
LAST_DAY: Final = date(2026, 3, 13)
DAYS: Final = 14


@dataclass(frozen=True)
class ClipFacts:
    """What is true of one demo clip, known before it is drawn."""

    path: Path
    started_at: datetime
    seconds: int
    camera: str
    unit: str
    kind: str
    shows: str
    plates: tuple[str, ...]
    people: int
    portrait: bool
    incident: str


def demo_facts(folder: Path, *, count: int = 14, seed: int = 1, last_day: date = LAST_DAY) -> list[ClipFacts]:
    """What `make_demo_clips` makes, in order of time, without drawing anything. `count` is at most 20.

    Raises ValueError for a count that the scenes do not cover.
    """
    return sorted(
        (facts for facts, _ in _plan(folder, count, seed, last_day)), key=lambda facts: facts.started_at
    )


def make_demo_clips(
    folder: Path, *, count: int = 14, seed: int = 1, last_day: date = LAST_DAY
) -> list[ClipFacts]:
    """Draw the clips of two weeks up to `last_day` into a folder named by what they depend on; keep those already there.

    Each has sound, a time code, and a true creation_time (UTC, whole seconds); the times are spread over the fourteen
    days, by night where the scene is dark. Returns facts in order of time. Raises ValueError for a count over 20, and
    FileNotFoundError where scikit-image, which carries the portrait, is not installed.
    """
    plan = _plan(folder, count, seed, last_day)
    for facts, _ in plan:
        facts.path.parent.mkdir(parents=True, exist_ok=True)
    missing = [(facts, scene) for facts, scene in plan if not facts.path.exists()]
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        list(pool.map(lambda pair: _film(*pair), missing))
    return sorted((facts for facts, _ in plan), key=lambda facts: facts.started_at)


def _film(facts: ClipFacts, scene: Scene) -> None:
    """Write beside the place and move there, so that a clip which exists is a whole one."""
    rng = np.random.default_rng(int(hashlib.sha256(facts.path.name.encode()).hexdigest()[:8], 16))
    part = facts.path.with_suffix(f".{os.getpid()}.part")  # another process may be drawing the same clip
    write_film(
        part,
        scene,
        Stamp(facts.started_at, facts.unit, facts.camera),
        facts.seconds,
        mixed(facts.seconds, scene.sounds, rng),
    )
    part.replace(facts.path)


def _plan(folder: Path, count: int, seed: int, last_day: date) -> list[tuple[ClipFacts, Scene]]:
    if not 1 <= count <= len(SCENES):
        raise ValueError(f"count must be between 1 and {len(SCENES)}")
    home = folder / _recipe(seed, last_day)
    return [_one(home, number, seed, last_day) for number in range(count)]


def _one(home: Path, number: int, seed: int, last_day: date) -> tuple[ClipFacts, Scene]:
    rng = np.random.default_rng((seed, number))
    build, light = SCENES[number]
    scene = build(Cast(rng, first_coat=int(rng.integers(7))), light)
    serial, unit = CAMERAS[number % len(CAMERAS)]
    started_at, incident = _event(number, seed, last_day)
    local = started_at.astimezone(HERE)
    path = home / f"Body_Camera_Video_{local:%Y-%m-%d_%H%M}_{serial}.mp4"
    return ClipFacts(
        path,
        started_at,
        8 + (3 * number + seed) % 5,
        serial,
        unit,
        scene.kind,
        scene.shows,
        scene.plates,
        scene.people,
        scene.portrait,
        incident,
    ), scene


def _event(number: int, seed: int, last_day: date) -> tuple[datetime, str]:
    """When the clip begins, and the number of its incident: a second camera is there some seconds later."""
    first = SAME_EVENT.get(number, number)
    rng, light = np.random.default_rng((seed, first, 1)), SCENES[first][1]
    hours = (20, 24) if light is NIGHT else (18, 19) if light is DUSK else (8, 17)
    day = last_day - timedelta(days=DAYS - 1 - (first * 5) % DAYS)
    begun = datetime.combine(
        day, time(int(rng.integers(*hours)), int(rng.integers(60)), int(rng.integers(60))), HERE
    )
    later = timedelta(seconds=5 if first != number else 0)
    return begun.astimezone(UTC) + later, f"{begun:%y}-{int(rng.integers(1000, 19999)):06d}"


def _recipe(seed: int, last_day: date) -> str:
    """A name for everything the pictures depend on: these modules, the libraries, the seed and the date."""
    sources = sorted(path for path in Path(__file__).parent.glob("*.py") if not path.name.startswith("test_"))
    versions = f"{av.__version__} {np.__version__} {seed} {last_day}".encode()
    return hashlib.sha256(b"\0".join([versions, *(path.read_bytes() for path in sources)])).hexdigest()[:12]


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the clips and print one line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--demo", action="store_true", help="the demo's clips in place of the tests'")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=14, help="how many demo clips, at most 20")
    chosen = parser.parse_args(arguments)
    if chosen.demo:
        for facts in make_demo_clips(chosen.out, count=chosen.count, seed=chosen.seed):
            print(f"{facts.started_at:%Y-%m-%dT%H:%M:%SZ}  {facts.camera}  {facts.path}  {facts.shows}")
    else:
        for name, path in make_test_clips(chosen.out).items():
            print(f"{name:24}  {path}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
