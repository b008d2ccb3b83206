"""The verifier on a log behind a web server, also one that means harm."""

import gzip
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.verify.published import Log, flip, some_leaves, verify, written

pytestmark = pytest.mark.slow


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder, keeps connections open, says nothing."""

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Trickster(BaseHTTPRequestHandler):
    """Answers as `server.trick` says: a function from path to status, headers, body."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_GET(self) -> None:
        """The trick's answer."""
        status, headers, body = self.server.trick(self.path)
        self.server.asked.append(self.path)
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(body))} | headers).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class Site:
    """A web server on this machine, for a test."""

    def __init__(self, handler: Any) -> None:
        server: Any = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.server = server
        self.server.daemon_threads = True
        self.server.asked = []
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        """Stop serving."""
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    made = Log(tmp_path / "www/log")
    made.publish(some_leaves(600))
    return made


@pytest.fixture
def site(log: Log) -> Iterator[Site]:
    made = Site(lambda *args: Quiet(*args, directory=str(log.folder.parent)))
    yield made
    made.close()


@pytest.fixture
def trickster(log: Log) -> Iterator[Site]:
    made = Site(Trickster)
    made.server.trick = lambda path: (200, {}, log.fetch(path.removeprefix("/log/")))
    yield made
    made.close()


def test_it_works(site: Site, log: Log, tmp_path: Path) -> None:
    old = written(tmp_path / "old", log.checkpoint)
    receipt = written(tmp_path / "receipt.json", log.seal(b"moving pictures"))
    log.publish(some_leaves(300))
    for address in (f"{site.address}/log", f"{site.address}/log/"):
        outcome = verify("--log", address, "--since", old, "--receipt", receipt, "--all", cwd=tmp_path)
        assert outcome.holds, outcome.text
        assert "901 entries and every tile" in outcome.text


def test_a_changed_byte(site: Site, log: Log, tmp_path: Path) -> None:
    flip(log.folder / "tile/entries/001", 90)
    outcome = verify("--log", f"{site.address}/log", "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "Entry 257, number 1 in tile/entries/001" in outcome.faults[0]


def test_a_removed_tile(site: Site, log: Log, tmp_path: Path) -> None:
    (log.folder / "tile/0/002.p/88").unlink()
    outcome = verify("--log", f"{site.address}/log", "--key", log.key, cwd=tmp_path)
    assert outcome.faults == ["tile/0/002.p/88 is missing."]


def test_a_log_that_is_not_there(site: Site, tmp_path: Path) -> None:
    outcome = verify("--log", f"{site.address}/elsewhere", cwd=tmp_path)
    assert outcome.faults == ["key is missing."]


def test_a_server_that_is_not_there(site: Site, log: Log, tmp_path: Path) -> None:
    site.server.server_close()
    outcome = verify("--log", f"{site.address}/log", "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "checkpoint could not be fetched" in outcome.faults[0]


def test_it_follows_within_the_same_server_only(trickster: Site, log: Log, tmp_path: Path) -> None:
    def moved(path: str) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/log/"):
            return 301, {"Location": path.replace("/log/", "/new/", 1)}, b""
        return 200, {}, log.fetch(path.removeprefix("/new/"))

    trickster.server.trick = moved
    assert verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path).holds


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:1/checkpoint",
        "http://localhost:1/checkpoint",
        "https://127.0.0.1/checkpoint",
        "//evil.example/checkpoint",
        "file:///etc/passwd",
        "http://[::1",
    ],
)
def test_it_is_not_led_to_another_server(trickster: Site, log: Log, tmp_path: Path, location: str) -> None:
    trickster.server.trick = lambda path: (302, {"Location": location}, b"")
    outcome = verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert outcome.faults[0].startswith(
        ("checkpoint leads to another server", "checkpoint could not be fetched")
    )


def test_a_circle_of_addresses(trickster: Site, log: Log, tmp_path: Path) -> None:
    trickster.server.trick = lambda path: (302, {"Location": path}, b"")
    outcome = verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path)
    assert outcome.faults == ["checkpoint leads from one address to another without end."]
    assert len(trickster.server.asked) == 4


def test_compressed_answers(trickster: Site, log: Log, tmp_path: Path) -> None:
    trickster.server.trick = lambda path: (
        200,
        {"Content-Encoding": "gzip"},
        gzip.compress(log.fetch(path.removeprefix("/log/"))),
    )
    assert verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path).holds


BOMB = gzip.compress(bytes(250 * 2**20))
LITTLE_MEMORY = ["sh", "-c", 'ulimit -v 200000; exec "$@"', "sh"]  # KiB; less than the bomb unfolds to

ANSWERS = [
    (200, {}, b"x" * 300_000, "checkpoint is too large."),
    (200, {"Content-Encoding": "gzip"}, BOMB, "checkpoint is too large."),
    (200, {"Content-Encoding": "gzip"}, b"not gzip", "checkpoint could not be fetched"),
    (200, {"Content-Length": "1000000000000"}, b"x" * 300_000, "checkpoint is too large."),
    (500, {}, b"no", "checkpoint could not be fetched: the server answers 500."),
    (204, {"Content-Length": "0"}, b"", "checkpoint could not be fetched: the server answers 204."),
    (404, {}, b"x" * 2**20, "checkpoint is missing."),
    (200, {"Content-Length": "nonsense"}, b"x", "checkpoint"),
    (200, {f"X-{n}": "x" for n in range(200)}, b"x", "checkpoint could not be fetched"),
    (200, {"X-Long": "x" * 70_000}, b"x", "checkpoint could not be fetched"),
]


@pytest.mark.parametrize(("status", "headers", "body", "says"), ANSWERS)
def test_a_bad_answer_is_a_sentence(
    trickster: Site, log: Log, tmp_path: Path, status: int, headers: dict[str, str], body: bytes, says: str
) -> None:
    def answer(path: str) -> tuple[int, dict[str, str], bytes]:
        return status, {**headers, "Connection": "close"}, body

    trickster.server.trick = answer
    words = ("--log", f"{trickster.address}/log", "--key", log.key)
    outcome = verify(*words, cwd=tmp_path, limit=LITTLE_MEMORY)
    assert len(outcome.faults) == 1
    assert says in outcome.faults[0]


def test_an_answer_cut_short(trickster: Site, log: Log, tmp_path: Path) -> None:
    def half(path: str) -> tuple[int, dict[str, str], bytes]:
        data = log.fetch(path.removeprefix("/log/"))
        if path.endswith("tile/0/001"):
            return 200, {"Content-Length": str(len(data)), "Connection": "close"}, data[: len(data) // 2]
        return 200, {}, data

    trickster.server.trick = half
    outcome = verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path)
    assert len(outcome.faults) == 1
    assert "tile/0/001" in outcome.faults[0]


def test_it_asks_for_nothing_but_the_logs_files(trickster: Site, log: Log, tmp_path: Path) -> None:
    verify("--log", f"{trickster.address}/log", "--key", log.key, cwd=tmp_path)
    files = {f"/log/{path.relative_to(log.folder)}" for path in log.folder.rglob("*") if path.is_file()}
    assert set(trickster.server.asked) == files - {"/log/key"}


@pytest.mark.parametrize("suffix", ["?x=1", "#x"])
def test_an_address_with_more_to_it(site: Site, tmp_path: Path, suffix: str) -> None:
    outcome = verify("--log", f"{site.address}/log{suffix}", cwd=tmp_path)
    assert "must be a plain address" in outcome.faults[0]


def test_an_address_with_a_password(site: Site, tmp_path: Path) -> None:
    outcome = verify("--log", site.address.replace("//", "//user:secret@"), cwd=tmp_path)
    assert "must be a plain address" in outcome.faults[0]
