"""`fairwitness arrive FOLDER`: bring in what another system exported, and say what became of each thing."""

from argparse import ArgumentParser
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError

from fairwitness.kernel import actors
from fairwitness.kernel.refusals import Refusal
from fairwitness.moving.acts.arrive import arrive
from fairwitness.moving.acts.lines import Line, counted, total
from fairwitness.moving.acts.look import look
from fairwitness.moving.models import Outcome

BY = actors.system("moving.arrive")
SHOWN = {Outcome.ARRIVED: "arrived", Outcome.HERE: "here", Outcome.NOT: "NOT", Outcome.UNCLAIMED: "unclaimed"}


class Command(BaseCommand):
    help = "Bring in another system's export. Safe to repeat; broken off, it goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="where the export lies")
        parser.add_argument("--columns", default="axon_evidence", help="the mapping (default: axon_evidence)")
        parser.add_argument("--look", action="store_true", help="say what would come, and write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"].absolute()
        try:
            lines = self._look(folder, options) if options["look"] else self._arrive(folder, options)
        except Refusal as refusal:
            raise SystemExit(f"fairwitness arrive: {refusal.sentence}") from refusal
        except (OperationalError, InterfaceError) as error:
            raise SystemExit(
                "fairwitness arrive: The database does not answer. What was reported above is here; nothing is half "
                "written. Run the same command again when it is back."
            ) from error
        if total(counted(lines), Outcome.NOT):
            raise SystemExit(1)

    def _arrive(self, folder: Path, options: dict[str, Any]) -> list[Line]:
        done = arrive(folder, options["columns"], by=BY, tell=self._tell)
        self._sum(done.lines, "arrived")
        if done.arrival:
            self.stdout.write(f"The report is kept as {done.arrival.number}, under Arrivals.")
        else:
            self.stdout.write("Nothing was new, so nothing was written.")
        return done.lines

    def _look(self, folder: Path, options: dict[str, Any]) -> list[Line]:
        lines = []
        for line in look(folder, options["columns"]):
            self._tell(line)
            lines.append(line)
        self._sum(lines, "would arrive")
        self.stdout.write("Nothing was written.")
        return lines

    def _tell(self, line: Line) -> None:
        words = [SHOWN[Outcome(line.outcome)], line.kind, line.number or "-", line.name]
        more = " ".join(filter(None, (line.why, f"“{line.said[:80]}”" if line.said and line.why else "")))
        self.stdout.write(_shown("  ".join(words) + (f"  ({more})" if more else "")))

    def _sum(self, lines: Iterable[Line], came: str) -> None:
        counts = counted(lines)
        self.stdout.write(
            f"{total(counts, Outcome.ARRIVED)} {came}, {total(counts, Outcome.HERE)} were here, "
            f"{total(counts, Outcome.NOT)} did not come, {total(counts, Outcome.UNCLAIMED)} said and not claimed."
        )


def _shown(text: str) -> str:
    """One line of a terminal: controls and undecodable bytes are spelt out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
