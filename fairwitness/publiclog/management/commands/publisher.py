"""`fairwitness publisher`: the one process that writes the public log and reads its signing key."""

import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel.refusals import Refusal
from fairwitness.publiclog.publish import publish, run_for_ever


class Command(BaseCommand):
    help = "Publish the log at set times, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="publish what waits, then end")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            try:
                done = publish()
            except (Refusal, OSError) as error:
                raise SystemExit(f"fairwitness publisher: {error}") from error
            self.stdout.write(
                f"{done.sequenced} entries added; the log has {done.size}; {done.cosigned} cosignatures."
            )
            return
        stopped: list[int] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda received, _frame: stopped.append(received))
        run_for_ever(lambda: bool(stopped), self.stderr.write)
