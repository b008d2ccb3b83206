"""`fairwitness restore PLACE`: make this empty system the same as the one that an export was taken from."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel import actors
from fairwitness.kernel.refusals import Refusal
from fairwitness.moving.acts.restore import restore

BY = actors.system("moving.restore")


class Command(BaseCommand):
    help = "Bring an export into this empty system (after `fairwitness prepare --without-book`), and compare the two."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", type=Path, help="the folder or ZIP file that `fairwitness export` wrote")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = restore(options["place"].absolute(), by=BY, say=self._say)
        except Refusal as refusal:
            raise SystemExit(f"fairwitness restore: {refusal.sentence}") from refusal
        self._say(f"{done.rows} rows and {done.blobs} blobs are here.")
        for sha256 in done.missing:
            self._say(f"MISSING  {sha256}: no store gave it when the export was written.")
        if done.missing:
            raise SystemExit(1)
        self._say(
            "Both are the same. Before the publisher starts, bring back keys/log.key, and run `fairwitness log verify`."
        )

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()
