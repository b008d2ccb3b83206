"""Witnesses: asked each round, believed only by their key; whatever they do, the log is published."""

import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fairwitness.publiclog import files, receipts
from fairwitness.publiclog.publish import publish
from fairwitness.rules import notes
from tests.publiclog.made import checkpoint, entries, stranger
from tests.verify.published import new_key, program

pytestmark = pytest.mark.usefixtures("own_database")
Answer = Callable[[BaseHTTPRequestHandler], None]


class Real:
    """A witness as its operator runs it: verify/fairwitness_witness.py in a process of its own."""

    def __init__(self, folder: Path, name: str = "witness.example/w1", log: Path | None = None) -> None:
        self.folder, self.command = folder, program("witness", folder)
        self.process: subprocess.Popen[str] | None = None
        key = (log or files.folder()) / "key"
        made = self._run("init", "--name", name, "--log", key)
        assert made.returncode == 0, made.stderr
        self.vkey = made.stdout.strip()

    def _run(self, command: str, *words: object) -> "subprocess.CompletedProcess[str]":
        line = [*self.command, command, "--dir", self.folder / "memory", *words]
        return subprocess.run(list(map(str, line)), capture_output=True, text=True, timeout=60, check=False)

    def serve(self) -> str:
        line = [*self.command, "serve", "--dir", str(self.folder / "memory"), "--port", "0"]
        self.process = subprocess.Popen(line, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        return self.process.stdout.readline().split()[-1]

    def stop(self) -> None:
        if self.process:
            self.process.kill()
            self.process.communicate()
            self.process = None


@pytest.fixture
def witness(home: Path, tmp_path: Path, settings: Any) -> Iterator[Real]:
    """One that serves and is believed, of a log that has three entries."""
    entries(3)
    publish()
    made = Real(tmp_path / "witness")
    (home / "keys" / "witnesses").write_text(f"# ours\n{made.vkey}\n")
    settings.FAIRWITNESS_WITNESSES = [made.serve()]
    yield made
    made.stop()


@pytest.fixture
def forger(home: Path, settings: Any) -> Iterator[Callable[[Answer], None]]:
    """A server in a witness's place that answers what it is told to answer."""
    entries(3)
    publish()
    _private, key = new_key("witness.example/w1", notes.COSIGNATURE)
    (home / "keys" / "witnesses").write_text(f"{key}\n")
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Answer) -> None:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                answer(self)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        settings.FAIRWITNESS_WITNESSES = [f"http://127.0.0.1:{server.server_address[1]}/"]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def says(status: int, body: bytes) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    return answer


def cosigners() -> list[str]:
    return list(receipts.state()["cosigners"])


def test_it_works(witness: Real, home: Path, tmp_path: Path) -> None:
    """It signs the first it sees, then what goes on from that, by a proof."""
    assert publish().cosigned == 1
    entries(300)
    done = publish()
    assert (done.size, done.cosigned, done.refusals) == (303, 1, ())
    assert cosigners() == ["witness.example/w1"]
    assert stranger(tmp_path, "--witness", home / "keys" / "witnesses", "--need", 1).holds


def test_two_witnesses(witness: Real, home: Path, tmp_path: Path, settings: Any) -> None:
    second = Real(tmp_path / "second", "witness.example/w2")
    try:
        settings.FAIRWITNESS_WITNESSES += [second.serve()]
        with (home / "keys" / "witnesses").open("a") as file:
            file.write(f"{second.vkey}\n")
        assert publish().cosigned == 2
        assert stranger(tmp_path, "--witness", home / "keys" / "witnesses", "--need", 2).holds
    finally:
        second.stop()


def test_one_that_is_down_does_not_stop_the_log(witness: Real, tmp_path: Path, home: Path) -> None:
    witness.stop()
    entries(2)
    done = publish()
    assert (done.size, done.cosigned) == (5, 0)
    assert "Connection refused" in done.refusals[0]
    assert checkpoint().size == 5
    assert not stranger(tmp_path, "--witness", home / "keys" / "witnesses", "--need", 1).holds


def test_one_that_comes_back_catches_up(witness: Real, settings: Any) -> None:
    publish()
    witness.stop()
    for _ in range(2):
        entries(10)
        publish()
    settings.FAIRWITNESS_WITNESSES = [witness.serve()]
    done = publish()
    assert (done.size, done.cosigned, done.refusals) == (23, 1, ())


@pytest.mark.parametrize("known", ["{}", '{"http": 7}', "no JSON", "[]", "", '{"URL": "x"}', '{"URL": 4}'])
def test_its_memory_is_what_counts(witness: Real, home: Path, settings: Any, known: str) -> None:
    """What is remembered here of what it saw may be lost or wrong: it answers 409 with what it knows."""
    publish()
    entries(5)
    (home / "run" / "witnesses.json").write_text(known.replace("URL", settings.FAIRWITNESS_WITNESSES[0]))
    done = publish()
    assert (done.cosigned, done.refusals) == (1, ())


def test_a_checkpoint_that_was_put_back_is_overtaken(witness: Real, home: Path) -> None:
    """The files are restored from an older copy: the index goes on, so the log grows again as it was."""
    was = files.fetch("checkpoint")
    entries(5)
    assert publish().cosigned == 1
    (home / "log" / "checkpoint").write_bytes(was)
    entries(1)
    done = publish()
    assert (done.size, done.cosigned, done.refusals) == (9, 1, ())


def test_a_log_that_was_rewritten_is_refused(witness: Real, home: Path, own_database: str) -> None:
    """With the right key and whole in itself; the witness remembers the other one."""
    publish()
    with psycopg.connect(own_database, autocommit=True) as owner:
        owner.execute("ALTER TABLE publiclog_leaf DISABLE TRIGGER USER")
        owner.execute("UPDATE publiclog_leaf SET data = data || '\\x20' WHERE \"index\" = 0")
    (home / "log" / "checkpoint").unlink()
    forked = publish()
    assert (forked.size, forked.cosigned) == (3, 0)
    assert "FORK" in forked.refusals[0] or "refused with 409" in forked.refusals[0]
    entries(1)
    grown = publish()
    assert (grown.size, grown.cosigned) == (4, 0)
    assert "refused with 422" in grown.refusals[0]
    assert cosigners() == []


def test_one_of_another_log_refuses(home: Path, tmp_path: Path, settings: Any) -> None:
    entries(1)
    publish()
    _private, other = new_key(checkpoint().origin, notes.ED25519)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "key").write_text(f"{other}\n")
    stranger_to_us = Real(tmp_path / "witness", log=tmp_path / "other")
    try:
        (home / "keys" / "witnesses").write_text(stranger_to_us.vkey + "\n")
        settings.FAIRWITNESS_WITNESSES = [stranger_to_us.serve()]
        done = publish()
        assert done.cosigned == 0
        assert "refused with 403" in done.refusals[0]
    finally:
        stranger_to_us.stop()


class TestForged:
    """Whatever stands in a witness's place and answers: the log is published, and nothing of it is believed."""

    def published_without(self, sentence: str = "") -> bool:
        entries(2)
        done = publish()
        assert (done.size, done.cosigned) == (5, 0)
        assert len(done.refusals) == 1
        assert sentence in done.refusals[0]
        assert checkpoint().size == 5
        assert cosigners() == []
        return True

    @pytest.mark.parametrize(
        ("status", "body", "sentence"),
        [
            (200, b"", ""),
            (200, b"not a signature\n", "does not begin with a dash"),
            (200, b"\xff\xfe\x00", "decode"),
            (200, "— witness.example/w1 AAAA\n".encode(), "shorter"),
            (200, "— other.example/x AAAAAAAAAAAA\n".encode(), "not among the keys"),
            (204, b"", "refused with 204"),
            (403, b"no", "refused with 403: no"),
            (409, b"99999999999999999999", "refused with 409"),
            (409, b"9" * 5000, ""),
            (409, "²".encode(), ""),
            (409, b"1", "refused with 409"),
            (500, b"\xff", "refused with 500"),
        ],
    )
    def test_by_a_false_answer(
        self, forger: Callable[[Answer], None], status: int, body: bytes, sentence: str
    ) -> None:
        forger(says(status, body))
        if (status, body) == (200, b""):
            entries(2)
            assert publish().cosigned == 0
        else:
            assert self.published_without(sentence)

    def test_by_its_name_and_another_key(self, forger: Callable[[Answer], None], home: Path) -> None:
        """The right name and key id, but no signature of that key."""
        key = notes.parse_key((home / "keys" / "witnesses").read_text())
        false = notes.Signature(key.name, key.id, bytes(72))
        forger(says(200, f"{false}\n".encode()))
        assert self.published_without("does not belong to this checkpoint")

    def test_by_a_connection_that_breaks(self, forger: Callable[[Answer], None]) -> None:
        def broken(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            request.connection.shutdown(socket.SHUT_RDWR)

        forger(broken)
        assert self.published_without()

    def test_by_what_is_no_http(self, forger: Callable[[Answer], None]) -> None:
        def noise(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")

        forger(noise)
        assert self.published_without()

    def test_by_an_address_that_is_none(self, forger: object, settings: Any) -> None:
        settings.FAIRWITNESS_WITNESSES = ["witness.example"]
        assert self.published_without("begins with http")

    @pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
    def test_by_dripping(
        self, forger: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch, before: bytes
    ) -> None:
        """Byte by byte, each well within the time-out of a socket: in the first line, in the head, in the body."""
        monkeypatch.setattr("fairwitness.publiclog.publish.WITNESS_TIMEOUT", 0.5)

        def drip(request: BaseHTTPRequestHandler) -> None:
            request.wfile.write(before)
            for _ in range(200):
                time.sleep(0.05)
                request.wfile.write(b"a")

        def answer(request: BaseHTTPRequestHandler) -> None:
            with suppress(OSError):
                drip(request)

        forger(answer)
        begun = time.monotonic()
        done = publish()
        assert time.monotonic() - begun < 5, "the whole would take ten seconds"
        assert done.cosigned == 0
        assert "it took too long to answer" in done.refusals[0]

    def test_by_silence(self, forger: Callable[[Answer], None], monkeypatch: pytest.MonkeyPatch) -> None:
        still = threading.Event()
        monkeypatch.setattr("fairwitness.publiclog.publish.WITNESS_TIMEOUT", 0.3)
        forger(lambda request: still.wait(5) and None)  # type: ignore[func-returns-value]
        assert self.published_without("it took too long to answer")
        still.set()
