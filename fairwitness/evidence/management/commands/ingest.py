"""`fairwitness ingest PATH…`: bring folders and files in, seal them, read them, and say what became of each."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError
from procrastinate.exceptions import ConnectorException

from fairwitness.evidence import forms, jobs
from fairwitness.evidence.acts.delivery import Sealed, said_of, sort_delivery, subject_of
from fairwitness.evidence.acts.ingest import Found, Outcome, begin_ingest, end_ingest, take_in
from fairwitness.evidence.models import Ingest, Recording
from fairwitness.kernel import actors, blobs, child
from fairwitness.kernel.refusals import Refusal

BY = actors.system("ingest")
# What programs are told: true, false, or null while it is not known.
KNOWN: dict[str, bool] = {Recording.Readable.YES: True, Recording.Readable.NO: False}
SAID: dict[str, str] = {Recording.Readable.YES: "readable", Recording.Readable.NO: "unreadable"}
# What a database that goes away in the middle may look like from here.
GONE = (OperationalError, InterfaceError, ConnectorException)


class Command(BaseCommand):
    help = "Seal recordings from folders and files. Safe to repeat: what is here already is left as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument(
            "--metadata", type=Path, metavar="FILE", help="CSV or JSON table that describes the files"
        )
        parser.add_argument(
            "--columns", default="axon_evidence", help="column mapping (default: axon_evidence)"
        )
        parser.add_argument("--json", action="store_true", help="one JSON object a line instead of words")
        parser.add_argument(
            "--no-read", action="store_true", help="leave the reading of the media to the worker"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            run = Run(self, options)
            run.all()
        except Refusal as refusal:
            raise SystemExit(f"fairwitness ingest: {refusal.sentence}") from refusal
        except GONE as error:
            raise SystemExit(
                "fairwitness ingest: The database does not answer. What was reported above is sealed; nothing "
                "is half sealed. Run the same command again when it is back."
            ) from error
        if run.counts["refused"]:
            raise SystemExit(1)


class Run:
    """One run of the command: what it found, what became of it."""

    def __init__(self, command: BaseCommand, options: dict[str, Any]) -> None:
        self.out = command.stdout
        self.json: bool = options["json"]
        self.read = not options["no_read"]
        self.columns = forms.columns(options["columns"])
        self.store = blobs.store()
        self.store.sweep_staging()
        self.counts: Counter[str] = Counter()
        self._ingest: Ingest | None = None
        self._source = ", ".join(str(p) for p in options["paths"])
        self.table, self.files = sort_delivery(options["paths"], options["metadata"], self.columns)
        self.progress = Progress(sum(map(_size, self.files)), len(self.files))

    def delivery(self) -> Ingest:
        """The delivery of this run, opened when the first new thing arrives."""
        if self._ingest is None:
            self._ingest = begin_ingest(self._source, by=BY)
        return self._ingest

    def all(self) -> None:
        sealed: Sealed = {}
        for path in self.files:
            outcome = self._one(path, sealed)
            self.counts[outcome.status] += 1
            if outcome.recording and not outcome.attachment:
                sealed.setdefault(path.parent, []).append((path.stem, outcome.recording))
            self.progress.clear()
            self._say(outcome)
        if self._ingest:
            end_ingest(self._ingest, self.counts, by=BY)
        self.progress.clear()
        if not self.json:
            self.out.write(
                "{sealed} sealed, {duplicate} already here, {refused} refused.".format_map(
                    {"sealed": 0, "duplicate": 0, "refused": 0, **self.counts}
                )
            )

    def _one(self, path: Path, sealed: Sealed) -> Outcome:
        trail = forms.is_audit_trail(path, self.columns)
        told = forms.Delivered() if trail else self.table.about(path)
        subject, doubt = subject_of(path, sealed) if trail else (None, told.doubt)
        self.progress.begin(path)
        outcome = take_in(
            Found(path, trail),
            said_of(path, told),
            self.store,
            self.delivery,
            recording=subject,
            progress=self.progress.add,
            by=BY,
        )
        recording = outcome.recording
        if recording and not trail and self.read and recording.readable == Recording.Readable.WAITING:
            outcome.reason = outcome.reason or _read(recording)
        if outcome.status == "sealed":
            outcome.reason = " ".join(filter(None, (outcome.reason, doubt)))
        return outcome

    def _say(self, outcome: Outcome) -> None:
        recording = outcome.recording
        line = {
            "path": str(outcome.path),
            "sha256": outcome.sha256 or None,
            "status": outcome.status,
            "recording": recording.number if recording else None,
            "readable": None if recording is None or outcome.attachment else KNOWN.get(recording.readable),
            "reason": outcome.reason or None,
        }
        if self.json:
            self.out.write(json.dumps(line))
            return
        parts = [
            line["status"],
            line["recording"] or "-",
            SAID.get(recording.readable, recording.readable) if recording and not outcome.attachment else "-",
            line["sha256"] or "-",
            _shown(str(outcome.path)),
        ]
        self.out.write("  ".join(str(p) for p in parts) + (f"  ({outcome.reason})" if outcome.reason else ""))


def _read(recording: Recording) -> str:
    """Why it cannot be read, or nothing. What may pass is left to the worker, which tries again."""
    try:
        jobs.probe(str(recording.pk), tried=0)
    except child.MediaRefused as refused:
        return f"{refused.sentence} It will be tried again."
    recording.refresh_from_db()
    return recording.unreadable_because


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _shown(text: str) -> str:
    """A name in one line of a terminal: control characters and undecodable bytes are spelt out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class Progress:
    """A progress bar on a terminal; nothing where the output is kept in a file."""

    def __init__(self, total: int, files: int) -> None:
        self.total, self.files = max(total, 1), files
        self.done = self.number = 0
        self.shown = sys.stderr.isatty()
        self.name = ""

    def begin(self, path: Path) -> None:
        self.number += 1
        self.name = _shown(path.name)[:40]
        self.add(0)

    def add(self, count: int) -> None:
        self.done += count
        if self.shown:
            share = min(self.done / self.total, 1)
            bar = "█" * int(share * 30) + "·" * (30 - int(share * 30))
            print(
                f"\r{bar} {share:4.0%}  {self.number} of {self.files}  {self.name:<40}",
                end="",
                file=sys.stderr,
            )

    def clear(self) -> None:
        if self.shown:
            print("\r" + " " * 100 + "\r", end="", file=sys.stderr, flush=True)
