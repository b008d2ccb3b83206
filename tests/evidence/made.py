"""What tests of evidence need made: sealed recordings of the cast, answers of the reader, counts of every table."""

import datetime as dt
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from fairwitness.evidence.acts import probe
from fairwitness.evidence.acts.seal import Said, Sealed, seal
from fairwitness.evidence.models import Recording
from fairwitness.kernel import actors, blobs, clock
from fairwitness.kernel.blobs import Blob

BY = actors.system("test")
BEGAN = clock.now().replace(microsecond=0)
ROOT = Path(__file__).resolve().parents[2]


def stored(data: bytes) -> Blob:
    """Bytes put into the store of this test's home."""
    path = settings.FAIRWITNESS_HOME / "source"
    path.write_bytes(data)
    with path.open("rb") as file:
        return blobs.store().put(file)


def said(**words: Any) -> Said:
    """What a source says of a file; ten days ago unless told otherwise."""
    return Said(**{"source_name": "clip.mp4", "row": {}, "started": days_ago(10), **words})


def days_ago(days: float) -> dt.datetime:
    """A moment in UTC, counted back from when the tests began, so that it stays the same within a test."""
    return BEGAN - dt.timedelta(days=days)


def nowhere() -> None:
    """A recording that came with no delivery."""
    return


def try_to_seal(data: bytes, **words: Any) -> Sealed:
    """Seal bytes, or see them refused."""
    return seal(stored(data), said(**words), nowhere, by=BY)


def sealed(data: bytes = b"a recording", **words: Any) -> Recording:
    """A sealed recording."""
    done = try_to_seal(data, **words)
    assert done.recording.status == Recording.Status.SEALED
    return done.recording


def readable(recording: Recording, **more: Any) -> Recording:
    """The recording, read and found to be a minute long."""
    return probe.note_probe(recording.pk, answer(**more), by=BY)


def answer(**more: Any) -> dict[str, Any]:
    """What the reader of media says of a plain minute of video, changed by `more`."""
    return {**PLAIN, **more, "recorded_at": {**PLAIN["recorded_at"], **more.get("recorded_at", {})}}


# fmt: off
PLAIN: dict[str, Any] = {
    "size": 11, "readable": True, "reason_code": None, "browser_playable": True, "container": ["mp4"], "brand": "isom",
    "stream_count": 1, "main_video": 0, "main_audio": None, "timing": "in_file", "declared_ms": 60_000,
    "found_ms": 60_000, "packet_faults": 0, "decoded": "all", "frames_decoded": 1440, "sound_frames_decoded": 0,
    "video_faults": 0, "audio_faults": 0, "first_frame": None, "rotation": 0, "frame_format": "yuv420p",
    "frame_width": 320, "frame_height": 240,
    "recorded_at": {
        "text": None, "tag": None, "utc": None, "zone": None, "clock": "absent", "why": "no_time_in_file",
    },
    "streams": [{
        "index": 0, "kind": "video", "codec": "h264", "profile": None, "codec_tag": "avc1", "name": None,
        "language": None, "disposition": ["default"], "meaning": None, "bit_rate": 400_000, "time_base": [1, 12288],
        "start_ticks": 0, "duration_ticks": 737_280, "packets": 1440, "keyframes": 60, "bytes": 3_000_000,
        "first_ticks": 0, "end_ticks": 737_280, "dated": True, "undated": 0, "backward": 0, "discarded": 0,
        "width": 320, "height": 240, "pixel_format": "yuv420p", "pixel_shape": [1, 1], "frame_rate": [24, 1],
        "variable": False, "gap_count": 0, "gaps": [], "sample_rate": None, "channels": None,
    }],
}
# fmt: on


def rows() -> dict[str, int]:
    """How many rows every table has: what adds nothing leaves this as it is."""
    with connection.cursor() as cursor:
        counted = {}
        for table in sorted(model._meta.db_table for model in apps.get_models()):
            cursor.execute(f'SELECT count(*) FROM "{table}"')
            counted[table] = cursor.fetchone()[0]
    return counted


def grown(before: dict[str, int]) -> dict[str, int]:
    """The tables that have more or fewer rows than before, with the difference."""
    return {table: n - before[table] for table, n in rows().items() if n != before[table]}


@dataclass(frozen=True)
class Ran:
    """What a command ended with: exit code, the lines it said, its last words where it gave up."""

    code: int
    lines: list[str]
    last_words: str = ""

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines]

    @property
    def statuses(self) -> list[str]:
        return [line["status"] for line in self.json]


def run(*words: object) -> Ran:
    """Run a command of fairwitness in this process, as its command line does."""
    out = io.StringIO()
    code, last_words = 0, ""
    try:
        call_command(*map(str, words), stdout=out)
    except SystemExit as end:
        code, last_words = (end.code, "") if isinstance(end.code, int) else (1, str(end.code))
    return Ran(code, out.getvalue().splitlines(), last_words)


def ingest(*words: object) -> Ran:
    """Bring files in without reading the media; one JSON object a line."""
    return run("ingest", "--json", "--no-read", *words)


def command(*words: object, timeout: int = 120) -> "subprocess.CompletedProcess[bytes]":
    """Run a command of fairwitness in a process of its own, on the database and the home of this test."""
    return subprocess.run(
        [sys.executable, "-m", "fairwitness", *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "FAIRWITNESS_HOME": str(settings.FAIRWITNESS_HOME)},
        capture_output=True,
        timeout=timeout,
        check=False,
    )


def written(folder: Path, **files: bytes) -> Path:
    """A folder with files; `a` becomes a.mp4."""
    folder.mkdir(exist_ok=True)
    for name, data in files.items():
        (folder / f"{name}.mp4").write_bytes(data)
    return folder
