"""`fairwitness storage begin|check|list`: begin stores, read them again now, say what they hold."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from fairwitness.kernel import actors, blobs
from fairwitness.kernel.refusals import Refusal, Unavailable
from fairwitness.storage import acts, doors, jobs

BY = actors.system("storage")


class Command(BaseCommand):
    help = "begin NAME…: begin stores that the settings name. check: read every copy again now. list: what is where."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["begin", "check", "list"])
        parser.add_argument(
            "names", nargs="*", metavar="NAME", help="stores (default: all that are not begun)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"do_{options['verb']}")(options["names"])
        except Refusal as refusal:
            raise SystemExit(f"fairwitness storage: {refusal.sentence}") from refusal

    def do_begin(self, names: list[str]) -> None:
        for name in names or [place.name for place in blobs.store().all if _away(place)]:
            store = acts.begin_store(name, by=BY)
            missing = doors.not_whole(store).count()
            self.stdout.write(
                f"The store {name} is begun."
                + (f" {missing} copies are brought there from the other stores." if missing else "")
            )

    def do_check(self, names: list[str]) -> None:
        """Also after an event that may have harmed a store: a fall, a fire, a flood, a full disk."""
        read, bad = jobs.check_now()
        left = doors.open_damages().count()
        self.stdout.write(
            f"{read} copies read, {bad} were not as they were; {left} damages are not repaired."
        )
        alarms = list(doors.open_alarms().order_by("raised_at"))
        for alarm in alarms:
            self.stdout.write(alarm.sentence)
        if left or alarms:
            raise SystemExit(1)

    def do_list(self, names: list[str]) -> None:
        for held in doors.held():
            oldest = f"{held.oldest:%Y-%m-%d}" if held.oldest else "-"
            self.stdout.write(
                f"{held.store.name}  {held.store.place}  {held.copies} copies  {held.bytes} bytes  "
                f"{held.not_good} damaged or missing  oldest check {oldest}"
            )


def _away(place: blobs.Store) -> bool:
    try:
        place.check()
    except Unavailable:
        return True
    return False
