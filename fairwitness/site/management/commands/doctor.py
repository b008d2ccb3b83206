"""`fairwitness doctor`: what this machine and installation can and cannot give, in plain words."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from fairwitness.kernel import child, locks
from fairwitness.publiclog import keys

OK, NOTE, WRONG = "ok", "note", "WRONG"


class Command(BaseCommand):
    help = "Name every wall around the reading of media, every lock on history and every key, and whether it stands."

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for mark, sentence in self.findings():
            self.stdout.write(f"{mark:<6} {sentence}")
            wrong += mark == WRONG
        if wrong:
            raise SystemExit(1)

    def findings(self) -> Iterator[tuple[str, str]]:
        yield from _walls()
        missing = locks.missing()
        yield (WRONG, " ".join(missing)) if missing else (OK, "All three locks on history stand.")
        yield from _keys()
        yield from _witnesses()


def _walls() -> Iterator[tuple[str, str]]:
    accepted = settings.FAIRWITNESS_ACCEPT_MISSING_WALLS
    for name, wall in sorted(child.walls().items()):
        mark = OK if wall.stands else NOTE if name in accepted else WRONG
        yield (
            mark,
            f"Wall around reading media, {name}: {wall.why}{'' if mark != NOTE else ' (accepted in settings)'}",
        )


def _keys() -> Iterator[tuple[str, str]]:
    for path in (keys.folder() / "log.key", keys.folder() / "session.key"):
        if path.exists():
            others = path.stat().st_mode & 0o077
            words = "can be read by others" if others else "can be read by its owner alone"
            yield WRONG if others else OK, f"The key {path.name} {words}."


def _witnesses() -> Iterator[tuple[str, str]]:
    if count := len(keys.witness_keys()):
        yield OK, f"{count} witnesses are configured."
        return
    yield (
        NOTE,
        (
            "No witness is configured: a log rewritten from the start would be noticed only by those who kept a "
            "checkpoint."
        ),
    )
