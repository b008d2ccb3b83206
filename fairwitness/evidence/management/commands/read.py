"""`fairwitness read --untried`: have read what was not tried, because a wall around the reading was missing."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.evidence.acts.probe import read_untried
from fairwitness.kernel import actors

BY = actors.system("read")


class Command(BaseCommand):
    help = (
        "Leave to the workers what was not read because a wall was missing. See `fairwitness doctor` first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--untried", action="store_true", required=True, help="all that was not tried")

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{read_untried(by=BY)} recordings will be read.")
