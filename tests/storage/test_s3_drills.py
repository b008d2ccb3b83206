"""Drills with a bucket as the second store: it lies, it is slow, it is full, it refuses, it is lost whole."""

import http.client
import http.server
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from fairwitness.department.models import Alarm
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs import Damaged
from fairwitness.kernel.blobs import s3 as s3_store
from fairwitness.kernel.refusals import NotFound, StoreFull, Unavailable
from fairwitness.site.management.commands import doctor
from fairwitness.storage import jobs
from fairwitness.storage.models import Copy, Damage
from tests.evidence.made import run, sealed, stored
from tests.kernel.seaweed import Seaweed, running
from tests.storage.made import entries, is_good, now_in_seconds
from tests.world import World

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running(tmp_path_factory.mktemp("seaweed") / "home") as server:
        yield server


class Liar:
    """A proxy before a server; `lie` may change what is asked, what is answered, or how soon."""

    def __init__(self, server: Seaweed) -> None:
        self.server = server
        # By method: (path) -> another path, seconds to wait, or (status, S3 error code).
        self.other_path: dict[str, str] = {}
        self.wait = 0.0
        self.refuse: dict[str, tuple[int, str]] = {}
        self.garble = False
        liar = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                liar._answer(self)

            do_GET = do_PUT = do_HEAD = do_POST = do_DELETE = answer

            def log_message(self, *words: object) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.http.server_port}"

    def _answer(self, asked: http.server.BaseHTTPRequestHandler) -> None:
        time.sleep(self.wait)
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        if said := self.refuse.get(asked.command):
            text = f"<Error><Code>{said[1]}</Code><Message>no</Message></Error>".encode()
            asked.send_response(said[0])
            asked.send_header("Content-Length", str(len(text)))
            asked.end_headers()
            asked.wfile.write(text)
            return
        # The server checks signatures over the host it was called by, so it is told that one.
        there = http.client.HTTPConnection("127.0.0.1", self.server.port)
        path = self.other_path.get(asked.path, asked.path) if asked.command in ("GET", "HEAD") else asked.path
        headers = dict(asked.headers.items())
        if path != asked.path:
            self._ask_unsigned(asked, path)
            return
        there.request(asked.command, path, body=body or None, headers=headers)
        self._send_on(asked, there.getresponse())

    def _ask_unsigned(self, asked: http.server.BaseHTTPRequestHandler, path: str) -> None:
        """Another object's answer in place of the one that was asked for."""
        bucket, _sep, key = path.lstrip("/").partition("/")
        ranged = asked.headers.get("Range")
        found = self.server.client().get_object(
            Bucket=bucket, Key=key, **({"Range": ranged} if ranged else {})
        )
        data = found["Body"].read()
        asked.send_response(206 if ranged else 200)
        asked.send_header("Content-Length", str(found["ContentLength"]))
        asked.send_header("ETag", found["ETag"])
        for name, value in found["Metadata"].items():
            asked.send_header(f"x-amz-meta-{name}", value)
        if ranged:
            asked.send_header("Content-Range", found["ContentRange"])
        asked.end_headers()
        if asked.command == "GET":
            asked.wfile.write(data)

    def _send_on(self, asked: http.server.BaseHTTPRequestHandler, answer: http.client.HTTPResponse) -> None:
        data = answer.read()
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "connection", "content-length"):
                asked.send_header(name, value)
        length = answer.getheader("Content-Length") if asked.command == "HEAD" else str(len(data))
        asked.send_header("Content-Length", length or "0")
        asked.end_headers()
        if self.garble and asked.command == "GET":
            data = bytes(byte ^ 1 for byte in data)
        asked.wfile.write(data)


@pytest.fixture
def liar(
    seaweed: Seaweed, home: Path, settings: Any, world: World, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Liar]:
    """A folder, and a bucket behind a proxy that does not lie yet; each must confirm what is sealed."""
    monkeypatch.setattr(s3_store, "ANSWER", 2)
    monkeypatch.setattr(s3_store, "TRIES", 2)
    proxy = Liar(seaweed)
    address = f"s3://evidence/{home.parent.name}?endpoint={proxy.endpoint}"
    settings.FAIRWITNESS_STORES = f"here={home}/here there={address}"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    yield proxy
    proxy.http.shutdown()
    proxy.http.server_close()


def key(sha256: str, ending: str = "") -> str:
    store: Any = blobs.store().one("there")
    return f"/{store.bucket}/{store._key(sha256 + ending)}"


def codes() -> list[str]:
    return list(Alarm.objects.filter(ended_at=None).values_list("code", flat=True))


def test_an_honest_bucket(liar: Liar) -> None:
    recording = sealed(os.urandom(1_000_000))
    assert is_good("there", recording.sha256)
    assert jobs.check_now() == (2, 0)


@pytest.mark.parametrize("encrypt", [False, True])
def test_it_answers_with_another_objects_bytes(liar: Liar, settings: Any, encrypt: bool) -> None:
    settings.FAIRWITNESS_ENCRYPT = encrypt
    ending = ".aes" if encrypt else ""
    one, other = sealed(b"a recording"), sealed(b"another one")
    liar.other_path[key(one.sha256, ending)] = key(other.sha256, ending)
    assert not _good_there(one)
    assert blobs.store().open(one.sha256).read() == b"a recording", "the folder's copy is read"
    jobs.check_now()
    assert Damage.objects.get(sha256=one.sha256).what == "changed"
    assert Copy.objects.get(store__name="here", sha256=one.sha256).status == "good"
    liar.other_path.clear()
    jobs.watch(now_in_seconds())
    assert is_good("there", one.sha256) and codes() == []


def test_what_it_stores_is_not_what_it_was_given(liar: Liar) -> None:
    liar.garble = True
    with pytest.raises(Unavailable, match="Only 1 of 2 stores took the bytes. .*gave other bytes back"):
        sealed()
    assert not Recording.objects.exists()
    liar.garble = False
    assert len(stored(b"a recording").copies) == 2
    assert sealed().status == "sealed"


def test_another_object_in_the_middle_of_reading(liar: Liar) -> None:
    """The store begins with the right object and goes on with another."""
    one, other = sealed(os.urandom(2_000_000)), sealed(os.urandom(2_000_000))
    file = blobs.store().open_in("there", one.sha256)
    file.pread(10, 0)
    liar.other_path[key(one.sha256)] = key(other.sha256)
    with file, pytest.raises(Damaged, match="answered with other bytes"):
        file.pread(10, 1_500_000)


def test_it_is_slow(liar: Liar) -> None:
    sealed(b"before")
    blobs.stores._s3.cache_clear()
    liar.wait = 5
    begun = time.monotonic()
    with pytest.raises(Unavailable, match="The store there does not answer"):
        sealed()
    assert time.monotonic() - begun < 20, "bounded by the timeout and the tries"
    jobs.watch(now_in_seconds())
    assert codes() == ["storage.unreachable"]
    liar.wait = 0
    jobs.watch(now_in_seconds())
    assert codes() == [] and sealed().status == "sealed"


@pytest.mark.parametrize(
    ("status", "code", "refusal"),
    [
        (507, "InsufficientStorage", StoreFull),
        (503, "SlowDown", Unavailable),
        (403, "AccessDenied", Unavailable),
    ],
)
def test_it_refuses(liar: Liar, status: int, code: str, refusal: type[Exception]) -> None:
    liar.refuse["PUT"] = (status, code)
    with pytest.raises(
        Unavailable, match="Only 1 of 2 stores took the bytes. Nothing was sealed and nothing is lost"
    ):
        sealed()
    with pytest.raises(refusal):
        blobs.store().one("there").begin()
    liar.refuse.clear()
    assert sealed().status == "sealed"


def test_it_is_lost_whole_and_refilled(home: Path, settings: Any, world: World, tmp_path: Path) -> None:
    with running(tmp_path / "server") as server:
        settings.FAIRWITNESS_STORES = f"here={home}/here there=s3://evidence?endpoint={server.endpoint}"
        settings.FAIRWITNESS_COPIES = 2
        assert run("storage", "begin").lines == ["The store here is begun.", "The store there is begun."]
        recordings = [sealed(b"recording %d" % n) for n in range(5)]
        server.stop()
        with pytest.raises(Unavailable, match="does not answer"):
            sealed(b"one more")
        jobs.watch(now_in_seconds())
        assert codes() == ["storage.unreachable"]
        server.empty()
        server.start()
        jobs.watch(now_in_seconds())
        assert codes() == ["storage.unreachable"], "it answers, and is not the store that it was"
        assert "5 copies are brought there" in run("storage", "begin", "there").lines[0]
        jobs.watch(now_in_seconds())
        assert all(is_good("there", recording.sha256) for recording in recordings)
        assert [facts["how"] for facts in entries("storage.damage_repaired")] == ["copied"]
        assert codes() == []
        assert jobs.check_now()[1] == 0


def test_a_locked_bucket_keeps_what_is_set_aside(
    seaweed: Seaweed, home: Path, settings: Any, world: World
) -> None:
    """What we delete loses its name alone: the locked version stays, and not even its keys' owner can delete it."""
    s3 = seaweed.client()
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    retention = {"Mode": "COMPLIANCE", "Days": 1}
    lock = {"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": retention}}
    s3.put_object_lock_configuration(Bucket="locked", ObjectLockConfiguration=lock)
    settings.FAIRWITNESS_STORES = f"here={home}/here there=s3://locked?endpoint={seaweed.endpoint} open=s3://open?endpoint={seaweed.endpoint}"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    sha256 = sealed(b"a recording").sha256
    name = key(sha256).split("/", 2)[2]
    blobs.store().one("there").set_aside(sha256)
    with pytest.raises(NotFound):
        blobs.store().open_in("there", sha256)
    (version,) = s3.list_object_versions(Bucket="locked", Prefix=name)["Versions"]
    assert version["Key"] == name
    with pytest.raises(ClientError):
        s3.delete_object(Bucket="locked", Key=name, VersionId=version["VersionId"])
    kept = s3.get_object(Bucket="locked", Key=name, VersionId=version["VersionId"])
    assert kept["Body"].read() == b"a recording"
    said = list(doctor._stores())
    assert ("ok", "The bucket of the store there has object lock: compliance, 1 days.") in said
    assert any(mark == "note" and s.startswith("The bucket of the store open has no") for mark, s in said)


def _good_there(recording: Recording) -> bool:
    try:
        return is_good("there", recording.sha256)
    except Damaged:
        return False
