"""`fairwitness logs export`: ledger and sign-in log for a collector, once or following (CJIS AU-2, AU-6, AU-7)."""

import datetime as dt
import json
import time
from argparse import ArgumentParser
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.dateparse import parse_datetime

from fairwitness.accounts import acts, doors
from fairwitness.kernel import actors, clock
from fairwitness.kernel.refusals import Invalid
from fairwitness.site import collector

BY = actors.system("logs.export")
# A change is dated when it opens and seen when it ends: what is younger than this may still get a neighbour.
SETTLED = dt.timedelta(seconds=2)
# No change takes so long; what came late is found by looking back so far, and nothing goes twice.
LOOK_BACK = dt.timedelta(minutes=10)
LOOK_EVERY_S = 2.0


@dataclass
class Cursor:
    """How far was exported, from where on, and what of the last LOOK_BACK was; kept in a file, if one is named."""

    until: dt.datetime
    since: dt.datetime
    file: Path | None = None
    lately: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path | None, since: dt.datetime | None) -> "Cursor":
        """Where the last run ended; else from `since`; else from the beginning. Raises Invalid."""
        if file is not None and file.exists() and since is None:
            try:
                said = json.loads(file.read_text(encoding="utf-8"))
                until, begun = (dt.datetime.fromisoformat(said[name]) for name in ("until", "since"))
                return cls(until, begun, file, dict(said["lately"]))
            except (ValueError, KeyError, TypeError) as error:
                raise Invalid(f"{file} is no cursor of this command.") from error
        begun = since or doors.oldest() or clock.now()
        return cls(begun, begun, file)

    @property
    def looks_from(self) -> dt.datetime:
        """From where the next run reads: far enough back for what came late, and never before the beginning."""
        return max(self.since, self.until - LOOK_BACK)

    def moved(self, until: dt.datetime) -> None:
        """Go on from `until`, and keep that; written whole, so that a kill leaves the old one or the new one."""
        self.until = max(self.until, until)
        horizon = clock.rfc3339(self.until - LOOK_BACK)
        self.lately = {key: at for key, at in self.lately.items() if at >= horizon}
        if self.file:
            part = self.file.with_name(self.file.name + ".part")
            said = {
                "until": clock.rfc3339(self.until),
                "since": clock.rfc3339(self.since),
                "lately": self.lately,
            }
            part.write_text(json.dumps(said), encoding="utf-8")
            part.replace(self.file)


class Command(BaseCommand):
    help = "Take out all that happened, ledger and sign-in log in order, as JSON lines or syslog (RFC 5424)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["export"])
        parser.add_argument("--format", choices=sorted(collector.FORMATS), default="jsonl")
        parser.add_argument(
            "--since", default="", metavar="RFC3339", help="from this moment, whatever the cursor says"
        )
        parser.add_argument(
            "--cursor", type=Path, metavar="FILE", help="go on where the last run with FILE ended"
        )
        parser.add_argument("--to", default="", metavar="URL", help="udp://host:port or tcp://host:port")
        parser.add_argument("--follow", action="store_true", help="go on with what happens, until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        since = _moment(options["since"]) if options["since"] else None
        cursor = Cursor.read(options["cursor"], since)
        taker = collector.taker(options["to"], self.stdout)  # type: ignore[arg-type]
        if not options["follow"]:
            sent = self.export(cursor, taker, options["format"])
            acts.note_log_exported(lines=sent, by=BY)
            self.stderr.write(f"{sent} lines, up to {clock.rfc3339(cursor.until)}")
            return
        acts.note_log_exported(lines=0, by=BY)
        while True:
            self.export(cursor, taker, options["format"])
            time.sleep(LOOK_EVERY_S)

    def export(self, cursor: Cursor, taker: collector.Taker, form: str) -> int:
        """Send what happened since the cursor and is settled, and what came late; answers how many lines."""
        until, sent = clock.now() - SETTLED, 0
        try:
            for each in doors.happened(cursor.looks_from, until):
                key = f"{each.log}:{each.id}"
                if key not in cursor.lately:
                    taker.send(collector.FORMATS[form](each))
                    cursor.lately[key] = clock.rfc3339(each.at)
                    cursor.until = max(cursor.until, each.at)
                    sent += 1
                    if sent % 1000 == 0:
                        cursor.moved(cursor.until)
        finally:
            # Also when nobody takes it any more: what was handed over is not handed over again.
            cursor.moved(cursor.until)
        cursor.moved(until)
        return sent


def _moment(text: str) -> dt.datetime:
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(f"“{text}” is not a moment such as 2026-01-31T08:00:00Z.")
    return moment.astimezone(dt.UTC)
