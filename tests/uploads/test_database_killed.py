"""The database's server is killed in mid-upload: what was acknowledged is there when it is back, and it goes on."""

import os
import shutil
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.db import connections, transaction

from fairwitness.site import embedded
from fairwitness.uploads.acts import staged
from fairwitness.uploads.models import Upload
from tests.conftest import point_at
from tests.uploads.served import Served
from tests.uploads.test_clients import MIB, connected, raw, sealed_as, tuspy, wait_for
from tests.uploads.tus import token_of
from tests.world import Kept

pytestmark = pytest.mark.slow


@pytest.fixture
def server(
    django_db_setup: None, database_server: str, django_db_blocker: Any, open_folder: Path
) -> Iterator[Path]:
    """A server of this test's own, with fsync as in service; Django is led to it. Answers its folder."""
    data = open_folder / "killed" / "db"
    admin = embedded.start(data)
    embedded.create(admin, "fairwitness")
    with django_db_blocker.unblock():
        point_at(admin, "fairwitness")
        try:
            call_command("prepare", verbosity=0)
            yield data
        finally:
            connections.close_all()
            point_at(database_server, "tests")
            embedded.start(data)
            embedded.stop(data)
            shutil.rmtree(data.parent)


def kill(data: Path) -> None:
    """The server and everything that it started, at once, as a power cut does (the disk's own cache aside)."""
    postmaster = int((data / "postmaster.pid").read_text().split()[0])
    pids = [postmaster]
    for each in Path("/proc").iterdir():
        if each.name.isdecimal() and f"\nPPid:\t{postmaster}\n" in _status(each):
            pids.append(int(each.name))
    for pid in pids:
        with suppress(ProcessLookupError):  # its children go by themselves when it is gone
            os.kill(pid, signal.SIGKILL)
    while any("\nState:\tZ" not in (said := _status(Path("/proc", str(pid)))) and said for pid in pids):
        time.sleep(0.02)


def _status(process: Path) -> str:
    try:
        return (process / "status").read_text()
    except OSError:
        return ""


def test_killed_in_mid_upload(server: Path, tmp_path: Path) -> None:
    with transaction.atomic():
        world = Kept().world
    secret = token_of(world)
    film = tmp_path / "film.mp4"
    film.write_bytes(os.urandom(40 * MIB))
    with Served() as site:
        uploader = tuspy(site, secret, film)
        uploader.upload(stop_at=8 * MIB)
        path = "/api/uploads/" + uploader.url.rsplit("/", 1)[1]
        pk = uuid.UUID(path[-36:])
        with connected(site, secret, path, 8 * MIB, 16 * MIB) as piece:
            piece.sendall(film.read_bytes()[8 * MIB : 20 * MIB])
            assert wait_for(lambda: staged.size_of(pk) == 20 * MIB)
            connections.close_all()
            kill(server)
            piece.sendall(film.read_bytes()[20 * MIB : 24 * MIB])
            answer = piece.recv(65536)
            assert answer.startswith(b"HTTP/1.1 503"), answer[:200]
            assert b"retry-after: 30" in answer.lower()
        away = raw(site, secret, "HEAD", path)
        assert away.status_code == 503
        cookies = {settings.SESSION_COOKIE_NAME: "somebody"}
        page = requests.get(f"http://127.0.0.1:{site.port}/", cookies=cookies, timeout=30)
        assert (page.status_code, "The database does not answer" in page.text) == (503, True)
        with pytest.raises(requests.exceptions.HTTPError):
            requests.get(f"http://127.0.0.1:{site.port}/healthz", timeout=30).raise_for_status()
        embedded.start(server)
        assert wait_for(lambda: raw(site, secret, "HEAD", path).status_code == 200, within=60)
        # What was acknowledged, and nothing that was not.
        assert raw(site, secret, "HEAD", path).headers["Upload-Offset"] == str(8 * MIB)
        tuspy(site, secret, film, url=uploader.url).upload()
        assert Upload.objects.get().status == "received"
        assert sealed_as(film)
