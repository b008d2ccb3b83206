"""Every profile starts: settings, prepare, the front page and the policy, in a process and a database of its own."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from fairwitness.kernel import agency, profiles
from fairwitness.site import embedded
from tests.house import ROOT

LOOK = """
import django; django.setup()
from django.core.management import call_command
from django.test import Client
call_command("prepare", verbosity=0)
call_command("prepare", verbosity=0)
for page in ("/", "/policy/", "/policy/scorecard/", "/policy/scorecard.json"):
    answer = Client().get(page)
    assert answer.status_code == 200, (page, answer.status_code)
    print(answer.content.decode())
"""


@pytest.mark.parametrize("key", profiles.known())
def test_an_agency_starts(database_server: str, tmp_path: Path, key: str) -> None:
    name = f"agency_{key}"
    embedded.create(database_server, name)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "fairwitness.site.settings",
        "FAIRWITNESS_AGENCY": key,
        "FAIRWITNESS_HOME": str(tmp_path / "home"),
        "DATABASE_URL": embedded.address(database_server, embedded.SERVICE, name),
        "DATABASE_OWNER_URL": embedded.address(database_server, embedded.OWNER, name),
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    with psycopg.connect(database_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert done.returncode == 0, done.stderr[-3000:]
    assert agency.load(key).name in done.stdout
    assert "came into force" in done.stdout
    assert (tmp_path / "home" / "agency").read_text().strip() == key


def test_make_gives_each_agency_a_home_of_its_own() -> None:
    said = {
        key: subprocess.run(
            ["make", "-n", "-o", "assets", "run", f"AGENCY={key}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for key in profiles.known()
    }
    assert "FAIRWITNESS_AGENCY=cambridgeshire" in said["cambridgeshire"]
    assert ":-var/cambridgeshire}" in said["cambridgeshire"]
    assert ":-var}" in said["cambridge_ma"]
