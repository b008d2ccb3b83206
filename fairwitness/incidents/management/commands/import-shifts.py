"""`fairwitness import-shifts FILE`: import a shift roster as the page does, by a saved mapping; for nightly runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fairwitness.incidents import acts
from fairwitness.incidents.management.importing import arguments, bring_in
from fairwitness.incidents.models import Mapping


class Command(BaseCommand):
    help = "Import a shift roster (CSV or XLSX) by a saved mapping. Safe to repeat: what is here is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        bring_in(self, options, Mapping.Purpose.SHIFTS, acts.preview_shifts, acts.import_shifts)
