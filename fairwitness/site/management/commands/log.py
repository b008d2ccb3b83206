"""`fairwitness log verify`: check ledger, public log, records and bytes against each other."""

import datetime as dt
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fairwitness.evidence.check import check_blobs
from fairwitness.kernel import blobs, clock
from fairwitness.publiclog import files
from fairwitness.publiclog.sequence import waiting
from fairwitness.site import checks


class Command(BaseCommand):
    help = "Check that the ledger, the public log, the records and the stored bytes agree, and say what does not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("--no-blobs", action="store_true", help="leave the stored bytes unread")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for fault in self.faults(read_blobs=not options["no_blobs"]):
            faults += 1
            self.stdout.write(f"WRONG  {fault}")
        count, oldest = waiting()
        every = dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY)
        self.stdout.write(
            f"{count} entries are not yet published; the oldest has waited {clock.in_words(oldest)} "
            f"(the log is published every {clock.in_words(every)})."
            if count
            else "Every entry is published."
        )
        if faults:
            self.stdout.write(f"{faults} faults. The log does not verify.")
            raise SystemExit(1)
        self.stdout.write(
            f"All is well: {files.checkpoint().size} entries in the log, {self.read} bytes read."
        )

    def faults(self, *, read_blobs: bool) -> Iterator[str]:
        self.read = 0
        yield from checks.faults()
        if read_blobs:
            yield from check_blobs(blobs.store(), self._count)

    def _count(self, size: int) -> None:
        self.read += size
