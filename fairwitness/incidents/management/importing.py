"""What the two commands that import share: they read a file by a saved mapping, say what comes of it, and do it."""

from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from fairwitness.incidents import acts, doors
from fairwitness.kernel import actors
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.refusals import Refusal
from fairwitness.kernel.tables import MAX_BYTES

Act = Callable[..., acts.Result]


def arguments(parser: ArgumentParser) -> None:
    """FILE, --mapping NAME, --preview."""
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--mapping", metavar="NAME", help="a saved mapping (default: the one last used for this header)"
    )
    parser.add_argument("--preview", action="store_true", help="say what would happen, write nothing")


def bring_in(command: BaseCommand, options: dict[str, Any], purpose: str, preview: Act, bring: Act) -> None:
    """Import, and print a line for each row that was left out. Exits with 1 where some were, as `ingest` does."""
    by = actors.system(f"import-{purpose}")
    try:
        data = _bytes(options["file"])
        reading = _reading(data, purpose, options["mapping"])
        result = preview(data=data, reading=reading, by=by)
        if result.doing and not options["preview"]:
            result = bring(data=data, reading=reading, agreed=result.digest, by=by)
    except Refusal as refusal:
        raise CommandError(refusal.sentence) from refusal
    for outcome in result.outcomes:
        if outcome.kind == "faulty":
            command.stdout.write(
                f"line {outcome.line}: left out: {outcome.number}: {' '.join(outcome.words)}"
            )
    kinds = ("added", "changed", "moved", "cancelled", "unchanged", "faulty")
    command.stdout.write(", ".join(f"{result.count(kind)} {kind}" for kind in kinds))
    if result.count("faulty"):
        raise SystemExit(1)


def _bytes(path: Path) -> bytes:
    try:
        # One byte more than is read, so that a larger file is refused as such.
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CommandError(f"{path.name} cannot be read: {error.strerror}.") from error


def _reading(data: bytes, purpose: str, name: str | None) -> acts.Reading:
    """By the mapping that is named; else as this header was read last; else by the header's words."""
    header = acts.whole_table(data).header
    if name:
        return acts.as_saved(doors.mapping_named(purpose, name))
    saved = doors.mapping_of(purpose, header)
    return acts.as_saved(saved) if saved else acts.Reading(guess_columns(header, acts.COLUMNS[purpose]))
