"""The other end of launcher.py: start it, give it jobs, read what the killed process had come to."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings

from tests.evidence.made import ROOT

KILLED = -signal.SIGKILL


@dataclass
class Launcher:
    """Runs commands in forks that are killed at a step; `trace` is what the last one came past."""

    folder: Path
    process: "subprocess.Popen[str]" = field(init=False)

    def __post_init__(self) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fairwitness.site.settings"}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.evidence.launcher"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *words: object, kill_at: int = -1) -> int:
        """The exit code of a command, or KILLED."""
        for name in ("trace", "out", "err"):
            (self.folder / name).unlink(missing_ok=True)
        job: dict[str, Any] = {"words": [str(word) for word in words], "kill_at": kill_at}
        job |= {"folder": str(self.folder), "home": str(settings.FAIRWITNESS_HOME)}
        assert self.process.stdin
        assert self.process.stdout
        print(json.dumps(job), file=self.process.stdin, flush=True)
        return int(json.loads(self.process.stdout.readline())["code"])

    @property
    def trace(self) -> list[str]:
        return (self.folder / "trace").read_text().splitlines()

    def close(self) -> None:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
