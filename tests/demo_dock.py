"""The demo's dock: a folder of cameras that an agent of its own empties, slowly enough to be watched."""

import datetime as dt
import os
import shutil
from pathlib import Path

from django.conf import settings

from fairwitness.accounts.acts import issue_token
from fairwitness.department.acts import add_dock
from fairwitness.department.models import Dock
from fairwitness.kernel import actors, clock
from fairwitness.uploads.acts import CameraSaid, FileSaid, Report, report_holdings
from tests.clips.make_clips import CAMERAS, ClipFacts

# Whose camera was taken out too early: Officer Okoye's, by the second of the demo's serials.
LEFT_BEHIND = CAMERAS[1][0]
BY = actors.system("demo")


def folder() -> Path:
    """Where the dock is: its settings, its token, its cameras."""
    return Path(settings.FAIRWITNESS_HOME) / "dock"


def make(clips: list[ClipFacts]) -> None:
    """Add a dock, with these clips on the cameras that made them."""
    made = add_dock(serial="DEMO-DOCK-1", name="Dock at the front desk", place="Headquarters", by=BY)
    expires = clock.now() + dt.timedelta(days=360)
    scopes = ["upload", "report"]
    _token, secret = issue_token(name=made.name, scopes=scopes, dock_id=made.pk, expires_at=expires, by=BY)
    folder().mkdir(exist_ok=True)
    with os.fdopen(os.open(folder() / "token", os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write(secret)
    left_behind(made, LEFT_BEHIND)
    for clip in clips:
        camera = folder() / "cameras" / clip.camera
        camera.mkdir(parents=True, exist_ok=True)
        path = camera / clip.path.name
        shutil.copyfile(clip.path, path)
        # As a camera leaves it: dated by when the recording began.
        os.utime(path, (clip.started_at.timestamp(),) * 2)


def left_behind(dock: Dock, serial: str) -> None:
    """A day ago a camera was in the dock, and was taken out before its recordings were sent."""
    with clock.frozen(clock.now() - dt.timedelta(hours=30)):
        began = clock.now().replace(microsecond=0) - dt.timedelta(hours=2)
        begins = (began, began + dt.timedelta(minutes=25))
        files = tuple(
            FileSaid(f"{at:%Y%m%d_%H%M%S}.mp4", size, at)
            for at, size in zip(begins, (412_300_118, 96_004_511), strict=True)
        )
        camera = CameraSaid(serial, True, len(files), sum(file.size for file in files), files)
        _report(dock, camera)
    _report(dock)


def _report(dock: Dock, *cameras: CameraSaid) -> None:
    report_holdings(Report("fairwitness-dock 1", clock.now(), 21_500_000_000, cameras), dock=dock, by=BY)


def lines() -> list[str]:
    """Write the agent's settings for this start, and say where the dock is; nothing where there is none."""
    if not (folder() / "token").exists():
        return []
    page = f"127.0.0.1:{settings.PORT + 20}"
    said = {
        "server": f"http://127.0.0.1:{settings.PORT}",
        "token_file": str(folder() / "token"),
        "watch": str(folder() / "cameras"),
        "state": str(folder() / "list"),
        "page": page,
    }
    words = [f'{name} = "{value}"' for name, value in said.items()]
    words += ["bandwidth_kib = 256", "chunk_mib = 1", "steady_seconds = 3"]
    (folder() / "dock.toml").write_text("\n".join(words) + "\n", encoding="utf-8")
    return [
        f"A dock is being emptied: http://{page}/",
        f"  Put a video into a camera's folder in {folder() / 'cameras'} and watch it come in.",
    ]
