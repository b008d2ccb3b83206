"""`fairwitness export PLACE`: everything in this system, as a folder or a ZIP file that anyone can read."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel import actors
from fairwitness.kernel.refusals import Refusal
from fairwitness.moving.acts.export import export

BY = actors.system("moving.export")


class Command(BaseCommand):
    help = "Write every table, all bytes, the public log and the verifier into PLACE. Broken off, it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("place", type=Path, help="a new folder, or a file that ends in .zip")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = export(options["place"].absolute(), by=BY, progress=Progress(), say=self._say)
        except Refusal as refusal:
            raise SystemExit(f"fairwitness export: {refusal.sentence}") from refusal
        count = written.count
        self._say(
            f"{written.export.number}: {count.rows} rows of {count.tables} tables and {count.blobs} blobs, "
            f"{written.whole.octets} bytes. Its digest is sha256:{written.whole.sha256}."
        )
        self._say("It is not encrypted. Keep it as confidential as the footage.")
        if count.missing:
            self._say(f"{len(count.missing)} blobs were given by no store; data/missing.jsonl names them.")
            raise SystemExit(1)

    def _say(self, sentence: str) -> None:
        self.stdout.write(sentence)
        self.stdout.flush()


class Progress:
    """How many bytes were written, on the terminal alone, a line for each GiB."""

    def __init__(self) -> None:
        self.octets = 0

    def __call__(self, count: int) -> None:
        before, self.octets = self.octets, self.octets + count
        if sys.stderr.isatty() and before // 2**30 != self.octets // 2**30:
            print(f"{self.octets // 2**30} GiB", file=sys.stderr)
