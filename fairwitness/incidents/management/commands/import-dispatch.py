"""`fairwitness import-dispatch FILE`: import a dispatch export as the page does, by a saved mapping; for nightly runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from fairwitness.incidents import acts
from fairwitness.incidents.management.importing import arguments, bring_in
from fairwitness.incidents.models import Mapping


class Command(BaseCommand):
    help = "Import a dispatch export (CSV or XLSX) by a saved mapping. Safe to repeat: what is here is left as it is."

    def add_arguments(self, parser: CommandParser) -> None:
        arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        bring_in(self, options, Mapping.Purpose.DISPATCH, acts.preview_dispatch, acts.import_dispatch)
