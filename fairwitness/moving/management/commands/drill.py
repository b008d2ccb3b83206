"""`fairwitness drill FOLDER`: export, restore into an empty system of its own, compare the two, say what differs."""

import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel import actors
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import Refusal
from fairwitness.moving.acts.export import export, note_drill
from fairwitness.moving.management.commands.export import Progress

BY = actors.system("moving.drill")
# What leads to this system, and must not lead the other one here.
OURS = ("DATABASE_", "FAIRWITNESS_STORE", "FAIRWITNESS_COPIES", "FAIRWITNESS_ENCRYPT", "FAIRWITNESS_DEMO")


class Command(BaseCommand):
    help = "Export into FOLDER, make an empty system of it, compare the two, check all of it, and remove that system."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "folder", type=Path, help="where the export is written, and the other system is made"
        )
        parser.add_argument("--keep", action="store_true", help="leave the other system there, to look at")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        bag = folder / "export"
        try:
            written = export(bag, by=BY, progress=Progress(), say=self._say)
        except Refusal as refusal:
            raise SystemExit(f"fairwitness drill: {refusal.sentence}") from refusal
        home = Path(tempfile.mkdtemp(dir=folder, prefix="system-"))
        # As root the embedded database runs as a user of its own, who has to get to its folder.
        home.chmod(0o755)
        try:
            faults = self._restored(home, bag) + len(written.count.missing)
        finally:
            if not options["keep"]:
                shutil.rmtree(home, ignore_errors=True)
        note_drill(written.export.pk, faults, by=BY)
        if faults:
            self._say("The drill failed: what was taken out does not make the same system.")
            raise SystemExit(1)
        self._say(f"The drill succeeded: {written.export.number} makes the same system. It lies in {bag}.")

    def _restored(self, home: Path, bag: Path) -> int:
        """How many of the three steps failed: making the system, bringing the export in, checking it."""
        steps = (["prepare", "--without-book"], ["restore", str(bag)], ["log", "verify"])
        for place, step in enumerate(steps):
            if self._run(home, step):
                return len(steps) - place
        return 0

    def _run(self, home: Path, words: list[str]) -> int:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        there = {**kept, "FAIRWITNESS_HOME": str(home), "FAIRWITNESS_AGENCY": agency().key}
        self._say(f"In the other system: fairwitness {' '.join(words)}")
        done = subprocess.run(
            [sys.executable, "-m", "fairwitness", *words],
            env=there,
            capture_output=True,
            text=True,
            check=False,
        )
        for line in (done.stdout + done.stderr).splitlines():
            self._say(f"  {line}")
        return done.returncode

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
