"""What the real server takes from us: all of a body to its end, and no more than it came for."""

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwitness.kernel import sending
from tests.dock.site import free_port, until
from tests.house import ROOT

pytestmark = [pytest.mark.slow, pytest.mark.enable_socket]
SIZE = 64 * sending.CHUNK + 1000


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """The port of a server that sends one file; it has answered."""
    (tmp_path / "file").touch()
    os.truncate(tmp_path / "file", SIZE)
    port = free_port()
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fairwitness.site.settings"}
    command = [sys.executable, "-m", "tests.kernel.served", str(port), str(tmp_path)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        until(lambda: listens(port), "the server")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


def left(folder: Path) -> list[int]:
    """From where to where bytes left, once that is told."""
    until((folder / "left").exists, "what left")
    return [int(number) for number in (folder / "left").read_text().split()]


def test_after_the_last_bytes_the_server_comes_once_more(port: int, tmp_path: Path) -> None:
    """Without that, nobody would ever be told that all of it was sent."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as answer:
        assert len(answer.read()) == SIZE
    assert left(tmp_path) == [0, SIZE]


def test_of_a_connection_that_breaks_not_all_has_left(port: int, tmp_path: Path) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as asked:
        asked.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        asked.recv(1000)
        time.sleep(1)
    begin, end = left(tmp_path)
    assert (begin, 0 < end < SIZE) == (0, True)
    assert end % sending.CHUNK == 0
