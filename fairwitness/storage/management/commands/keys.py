"""`fairwitness keys rotate`: a new master key for the stores, by which every key of stored bytes is wrapped anew."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel import actors
from fairwitness.kernel.blobs import keys
from fairwitness.kernel.refusals import Refusal
from fairwitness.storage import acts

BY = actors.system("keys")


class Command(BaseCommand):
    help = "rotate: make a new master key and wrap the keys of all stored bytes by it; no stored byte is touched."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["rotate"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            count = acts.rotate_keys(by=BY)
        except Refusal as refusal:
            raise SystemExit(f"fairwitness keys: {refusal.sentence}") from refusal
        newest = keys.masters()[-1]
        self.stdout.write(
            f"{count} keys are wrapped by the new master key {newest.stem}. Put a copy of {newest.name} into its safe "
            "now. Keep the older ones as long as any backup of the database is older than this."
        )
