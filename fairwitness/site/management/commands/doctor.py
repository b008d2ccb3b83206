"""`fairwitness doctor`: what this machine and installation can and cannot give, in plain words."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fairwitness.kernel import child, locks
from fairwitness.publiclog import keys


class Command(BaseCommand):
    help = "Name every wall around the reading of media, every lock on history and every key, and whether it stands."

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        for well, sentence in self.findings():
            self.stdout.write(f"{'ok   ' if well else 'WRONG'}  {sentence}")
            faults += not well
        if faults:
            raise SystemExit(1)

    def findings(self) -> Iterator[tuple[bool, str]]:
        accepted = settings.FAIRWITNESS_ACCEPT_MISSING_WALLS
        for name, wall in sorted(child.walls().items()):
            note = " (accepted in settings)" if not wall.stands and name in accepted else ""
            yield wall.stands or name in accepted, f"Wall around reading media, {name}: {wall.why}{note}"
        missing = locks.missing()
        yield not missing, "All three locks on history stand." if not missing else " ".join(missing)
        for path in (keys.folder() / "log.key", keys.folder() / "session.key"):
            if path.exists():
                open_to_others = path.stat().st_mode & 0o077
                words = "can be read by others" if open_to_others else "can be read by its owner alone"
                yield not open_to_others, f"The key {path.name} {words}."
        witnesses = keys.witness_keys()
        yield (
            bool(witnesses),
            f"{len(witnesses)} witnesses are configured."
            if witnesses
            else "No witness is configured: a log rewritten from the start would be noticed only by those who kept a checkpoint.",
        )
        yield (
            not settings.FAIRWITNESS_DEMO,
            "This is the demonstration." if settings.FAIRWITNESS_DEMO else "Not a demonstration.",
        )
