"""The demo's stop that three cameras saw: one with the right time, one some seconds fast, one set to another year."""

import csv
import dataclasses
import datetime as dt
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from django.conf import settings
from django.core.management import call_command

from fairwitness.evidence import jobs
from fairwitness.evidence.acts.clip import ask_clip
from fairwitness.evidence.acts.note import add_note
from fairwitness.evidence.acts.offset import find_by_mark
from fairwitness.evidence.models import Recording
from fairwitness.incidents.acts import add_incident
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from tests.clips.canvas import Canvas
from tests.clips.film import Stamp, write_film
from tests.clips.make_clips import CAMERAS
from tests.clips.programme import SCENES
from tests.clips.scene import Cast, Scene
from tests.clips.sound import mixed

SECONDS = 12
# A light goes on at this second after the first camera began, for so long: by it clocks are set right.
LIGHT_AT, LIGHT_FOR = 7.0, 0.125
YEAR = dt.timedelta(days=365)
# Which of CAMERAS, which of SCENES, how many seconds after the first it began, and by how much its clock is fast.
SEEN = (
    (0, 1, 0.0, dt.timedelta()),
    (1, 5, 2.0, dt.timedelta(seconds=8)),
    (3, 12, 1.0, -YEAR + dt.timedelta(seconds=4)),
)
PLACE = "Front St, by the bridge"


def make(clips: Path, by: Actor) -> Incident:
    """Draw the three, bring them in with the times that their clocks say, and set the second right by the light."""
    day = clock.now().astimezone(agency().tz) - dt.timedelta(days=1)
    began = day.replace(hour=14, minute=5, second=0, microsecond=0)
    incident = add_incident(
        number=f"{began:%y}-020417",
        opened=began - dt.timedelta(minutes=4),
        kind="Traffic stop",
        place=PLACE,
        by=by,
    )
    recordings = _bring_in(clips, began, incident.number)
    if len(recordings) == len(SEEN):
        _set_right(recordings, by)
    return incident


def _set_right(recordings: list[Recording], by: Actor) -> None:
    first, second, _third = recordings
    at = round(LIGHT_AT * 1000)
    find_by_mark(
        second.pk,
        at_ms=at - round(SEEN[1][2] * 1000),
        other_id=first.pk,
        other_ms=at,
        because="The same light goes on.",
        by=by,
    )
    add_note(first.pk, at, "A light goes on across the street.", by=by)
    ask_clip(
        first.pk, name="The light goes on", begins_ms=at - 1_500, ends_ms=at + 1_500, wanted="encoded", by=by
    )


def _bring_in(clips: Path, began: dt.datetime, number: str) -> list[Recording]:
    delivery = settings.FAIRWITNESS_HOME / "demo-delivery-cameras"
    delivery.mkdir(exist_ok=True)
    says = [began + dt.timedelta(seconds=later) + fast for _serial, _scene, later, fast in SEEN]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        films = list(pool.map(lambda place: _drawn(clips, place, says[place]), range(len(SEEN))))
    with (delivery / "evidence.csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(
            ["Evidence ID", "ID External", "Title", "Device Serial", "Created Date Record Start", "File Name"]
        )
        for place, (film, start) in enumerate(zip(films, says, strict=True)):
            name = f"camera_{place}.mp4"
            if not (delivery / name).exists():
                os.link(film, delivery / name)
            serial = CAMERAS[SEEN[place][0]][0]
            table.writerow(
                [f"demo-cameras-{place}", number, "Stop by the bridge", serial, start.isoformat(), name]
            )
    call_command("ingest", str(delivery), "--no-read", stdout=io.StringIO())
    found = list(Recording.objects.filter(external_id__startswith="demo-cameras-").order_by("external_id"))
    for each in found:
        jobs.probe(str(each.pk))
    return found


def _drawn(clips: Path, place: int, says: dt.datetime) -> Path:
    """What one camera sees, with the time in its picture that its own clock says."""
    number, scene_number, later, _fast = SEEN[place]
    path = clips / "cameras" / f"{says:%Y%m%d}_{place}.mp4"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng((417, place))
    build, light = SCENES[scene_number]
    scene = lit(build(Cast(rng, first_coat=place), light), LIGHT_AT - later)
    part = path.with_suffix(f".{os.getpid()}.part")
    serial, unit = CAMERAS[number]
    write_film(part, scene, Stamp(says, unit, serial), SECONDS, mixed(SECONDS, scene.sounds, rng))
    part.replace(path)
    return path


def lit(scene: Scene, at: float) -> Scene:
    """The scene, with a light that goes on for a moment and fills the picture."""

    def act(canvas: Canvas, seconds: float) -> None:
        scene.act(canvas, seconds)
        if at <= seconds < at + LIGHT_FOR:
            canvas.pixels[...] = (255, 250, 235)

    return dataclasses.replace(scene, act=act)
