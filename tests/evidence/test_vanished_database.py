"""A database that goes away in the middle: said in one sentence, nothing half sealed, and run again it goes on."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from fairwitness.evidence.acts import seal
from fairwitness.evidence.models import Recording
from fairwitness.kernel import change
from fairwitness.kernel.blobs import Stores
from fairwitness.site import embedded
from tests.evidence.made import ROOT, command, ingest, run, written
from tests.world import World

pytestmark = pytest.mark.slow
SENTENCE = (
    "fairwitness ingest: The database does not answer. What was reported above is sealed; nothing "
    "is half sealed. Run the same command again when it is back."
)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return written(tmp_path / "delivery", a=b"recording a", b=b"recording b", c=b"recording c")


def cut(admin: str) -> None:
    """End every connection to the database of this test, as an administrator or a failover does."""
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'own_database'"
        )


# Where it is cut: what is wrapped, and at which of its calls (the first two recordings have passed by then).
MOMENTS: dict[str, tuple[object, str, int]] = {
    "while the bytes are stored": (Stores, "put", 3),
    "when the delivery is opened": (change.OpenEntry, "_write", 1),
    "before the entry is written": (change.OpenEntry, "_write", 3),
    "when the job is left": (seal, "enqueue", 2),
    "before the commit": (BaseDatabaseWrapper, "_commit", 3),
    "when the delivery is closed": (change.OpenEntry, "_write", 5),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_cut(
    own_world: World,
    database_server: str,
    delivery: Path,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
    when: str,
) -> None:
    owner, name, number = MOMENTS[moment]
    with monkeypatch.context() as patched:
        patched.setattr(owner, name, _cutting(getattr(owner, name), number, when, database_server))
        done = ingest(delivery)
    connections.close_all()  # what runs next is another process
    assert (done.code, done.last_words) == (1, SENTENCE)
    for line in done.json:
        assert Recording.objects.filter(number=line["recording"], sha256=line["sha256"]).exists()
    again = ingest(delivery)
    assert again.code == 0
    assert again.statuses.count("duplicate") >= len(done.json)
    assert Recording.objects.count() == 3
    assert run("log", "verify").code == 0


def _cutting(real: Callable[..., object], number: int, when: str, admin: str) -> Callable[..., object]:
    calls = iter(range(1, 1000))

    def cutting(*args: object, **more: object) -> object:
        now = next(calls) == number
        if now and when == "before":
            cut(admin)
        result = real(*args, **more)
        if now and when == "after":
            cut(admin)
        return result

    return cutting


def test_it_is_not_there_at_all(own_world: World, delivery: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process of its own, with a server that has stopped: no traceback, exit code 1, and it goes on later."""
    address = os.environ["DATABASE_URL"]
    monkeypatch.setenv("DATABASE_URL", psycopg.conninfo.make_conninfo(address, host="/nowhere"))
    done = command("ingest", "--no-read", delivery)
    assert (done.returncode, done.stdout) == (1, b"")
    assert done.stderr.decode().strip() == SENTENCE
    monkeypatch.setenv("DATABASE_URL", address)
    assert command("ingest", "--no-read", delivery).returncode == 0


def test_the_server_is_stopped_in_the_middle(
    own_world: World, delivery: Path, open_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A real server of its own, stopped at once while the second recording is being sealed, and started again."""
    data = open_folder / "own-server"
    admin = embedded.start(data)
    embedded.create(admin, "fairwitness")
    for name, role in (("DATABASE_URL", embedded.SERVICE), ("DATABASE_OWNER_URL", embedded.OWNER)):
        monkeypatch.setenv(name, embedded.address(admin, role, "fairwitness"))
    try:
        assert command("prepare").returncode == 0
        program = (
            "import os, sys, django; django.setup()\n"
            "from pathlib import Path; from django.core.management import call_command\n"
            "from fairwitness.evidence.acts import seal; import signal, time\n"
            "left, real = iter(range(3)), seal.enqueue\n"
            "def enqueue(*a, **k):\n"
            "    real(*a, **k)\n"
            "    if next(left) == 1:\n"
            f"        running = Path({str(data)!r}, 'postmaster.pid')\n"
            "        os.kill(int(running.read_text().split()[0]), signal.SIGQUIT)\n"
            "        while running.exists(): time.sleep(0.05)\n"
            "seal.enqueue = enqueue\n"
            f"call_command('ingest', '--json', '--no-read', {str(delivery)!r})\n"
        )
        done = _python(program)
        assert done.returncode == 1
        assert done.stderr.decode().strip() == SENTENCE
        assert len(done.stdout.splitlines()) == 1, "what was reported is sealed"
        embedded.start(data)
        again = command("ingest", "--json", "--no-read", delivery)
        assert again.returncode == 0
        assert [b'"duplicate"' in line for line in again.stdout.splitlines()] == [True, False, False]
        assert command("log", "verify").returncode == 0
    finally:
        embedded.stop(data)


def _python(program: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {
        **os.environ,
        "FAIRWITNESS_HOME": str(settings.FAIRWITNESS_HOME),
        "DJANGO_SETTINGS_MODULE": "fairwitness.site.settings",
    }
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        timeout=120,
        check=False,
    )
