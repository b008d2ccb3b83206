"""Runs commands of fairwitness in processes that are really killed at a chosen step; used by the crash tests alone.

It reads one job a line from its standard input, as JSON: {"words": [...], "kill_at": n, "folder": path, "home": path}.
Each job runs in a fork of this process, which has everything loaded and no connection open. In the fork, functions at
which something becomes true on disk or in the database are wrapped: each is a step before it and a step after it,
written to `folder`/trace; at step `kill_at` the fork sends itself SIGKILL. The answer is {"code": n}.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

django.setup()

# Only now: these need the apps.
from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from fairwitness.evidence.acts import seal  # noqa: E402
from fairwitness.kernel import change  # noqa: E402


class Steps:
    """Counts the steps, notes each, and kills the process at the one that was chosen."""

    def __init__(self, trace: Path, kill_at: int) -> None:
        self.trace, self.kill_at, self.count = trace, kill_at, 0

    def __call__(self, name: str) -> None:
        with self.trace.open("a") as file:
            file.write(name + "\n")
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.count += 1

    def watch(self, owner: Any, name: str, words: Callable[..., str]) -> None:
        """Make the calls of `owner.name` steps; `words` names one by its arguments."""
        real = getattr(owner, name)

        def stepping(*args: Any, **more: Any) -> Any:
            called = words(*args)
            self(f"before {called}")
            result = real(*args, **more)
            self(f"after {called}")
            return result

        setattr(owner, name, stepping)


def watch_all(steps: Steps) -> None:
    """Everything that makes something true on disk or in the database."""
    steps.watch(os, "copy_file_range", lambda *_: "copying")
    steps.watch(os, "fchmod", lambda *_: "closing the bytes to writing")
    steps.watch(os, "fsync", lambda fd: f"syncing {_kind(fd)}")
    steps.watch(os, "link", lambda *_: "naming the blob")
    steps.watch(Path, "replace", lambda part, final: f"naming {_plain(final)}")
    steps.watch(shutil, "rmtree", lambda path, *_: "removing what was outgrown")
    steps.watch(change.OpenEntry, "_write", lambda entry: f"writing the entry {entry.event.name}")
    steps.watch(seal, "enqueue", lambda name: f"leaving {name}")
    steps.watch(BaseDatabaseWrapper, "_commit", lambda _: "committing")


def _kind(descriptor: int) -> str:
    path = Path(f"/proc/self/fd/{descriptor}").readlink()
    return f"folder {_plain(path)}" if path.is_dir() else _plain(path)


def _plain(path: Path) -> str:
    """A path's name without what differs from run to run."""
    if path.suffix == ".part" and path.parent.name == "staging":
        return "staged bytes"
    if "blobs" in path.parts:
        return "of blobs, level " + str(len(path.parts) - path.parts.index("blobs") - 1)
    return path.name


def run(job: dict[str, Any]) -> int:
    """Run one job to its end; the exit code."""
    folder = Path(job["folder"])
    settings.FAIRWITNESS_HOME = Path(job["home"])
    for stream, name in ((sys.stdout, "out"), (sys.stderr, "err")):
        os.dup2(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream.fileno())
    watch_all(Steps(folder / "trace", job["kill_at"]))
    try:
        call_command(*job["words"])
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    finally:
        sys.stdout.flush()
    return 0


def main() -> None:
    """Answer jobs until the input ends."""
    for line in sys.stdin:
        fork = os.fork()
        if fork == 0:
            os._exit(run(json.loads(line)))
        _pid, status = os.waitpid(fork, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


if __name__ == "__main__":
    main()
