"""`fairwitness prepare` twice at once: the second waits, and finds it done."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from fairwitness.policy.models import Document
from fairwitness.site.management.commands.prepare import LOCK
from tests.house import ROOT

WAITING = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


def test_two_at_once(own_database: str, tmp_path: Path) -> None:
    environment = {**os.environ, "FAIRWITNESS_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "fairwitness", "prepare"]
    with psycopg.connect(own_database, autocommit=True) as held:
        held.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        both = [
            subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            for _each in range(2)
        ]
        _until_waiting(held, 2)
    said = [process.communicate(timeout=120)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum("documents of the policy book came into force" in each for each in said) == 1, said
    assert Document.objects.exists()


def _until_waiting(connection: "psycopg.Connection[tuple[object, ...]]", count: int) -> None:
    for _each in range(600):
        row = connection.execute(WAITING).fetchone()
        if row and row[0] == count:
            return
        time.sleep(0.1)
    raise AssertionError("they never waited")
