"""The agent step by step against a server that misbehaves: what is on a camera is in the end sealed exactly once."""

import datetime as dt
import errno
import hashlib
import ipaddress
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from dock import fairwitness_dock as dock
from tests.dock.conftest import Stepped, camera
from tests.dock.fake import Fake, refuse, serving

MIB = 1 << 20
Settings = Callable[..., dock.Settings]


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def finish(agent: Stepped, rounds: int = 30) -> None:
    """Let the agent go on, without waiting, until nothing is open any more."""
    for _ in range(rounds):
        agent.look_twice()
        agent.patience()
        agent.send_all()
        agent.tell()
        if not agent.book.files("state IN ('seen', 'uploading', 'uploaded')"):
            return


def once(*answers: Any) -> Callable[[str, str], Any]:
    """Give these answers to the first PATCHes, and the right ones to all that follow."""
    left = list(answers)
    return lambda method, path: left.pop(0) if left and method == "PATCH" else None


class TestSending:
    """The plain way."""

    def test_what_is_on_a_camera_is_sent_and_sealed(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        big = os.urandom(3 * MIB + 17)
        camera(cameras, "AX-1", a=big, b=b"small", empty=b"")
        finish(agent)
        assert agent.states() == dict.fromkeys(("AX-1/a.mp4", "AX-1/b.mp4", "AX-1/empty.mp4"), "sealed")
        assert sorted(fake.sealed) == sorted(map(sha, (big, b"small", b"")))
        upload = next(u for u in fake.uploads.values() if u.length == len(big))
        moment = time.gmtime((cameras / "AX-1" / "a.mp4").stat().st_mtime)
        assert upload.metadata == {
            "filename": "a.mp4",
            "sha256": sha(big),
            "device": "AX-1",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", moment),
        }
        assert bytes(upload.data) == big
        assert (cameras / "AX-1" / "a.mp4").exists()

    def test_nothing_is_sent_twice(
        self, agent: Stepped, fake: Fake, cameras: Path, settings: Settings
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        finish(agent)
        finish(Stepped(settings()))
        assert len(fake.uploads) == 1

    def test_a_lost_list_costs_no_second_recording(
        self, agent: Stepped, fake: Fake, cameras: Path, settings: Settings
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        finish(agent)
        shutil.rmtree(agent.settings.state)
        again = Stepped(settings())
        finish(again)
        assert again.states() == {"AX-1/a.mp4": "sealed"}
        assert fake.sealed == [sha(b"one")]

    def test_cameras_have_their_turns(
        self, settings: Settings, fake: Fake, cameras: Path, monkeypatch: Any
    ) -> None:
        monkeypatch.setattr(dock, "TURN", MIB)
        agent = Stepped(settings())
        for serial in ("AX-1", "AX-2", "AX-3"):
            camera(cameras, serial, a=os.urandom(3 * MIB))
        agent.look_twice()
        agent.send_all()
        sent = [request.split("/")[-1] for request in fake.requests if request.startswith("PATCH")]
        assert sent == ["0", "1", "2"] * 3

    def test_a_growing_file_is_left_alone(self, settings: Settings, fake: Fake, cameras: Path) -> None:
        agent = Stepped(settings(steady_seconds=60))
        camera(cameras, "AX-1", a=b"not yet")
        agent.look_twice()
        agent.send_all()
        assert agent.states() == {}
        assert fake.uploads == {}

    def test_a_file_that_grew_after_all_is_sent_anew_as_it_is(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"half")
        agent.look_twice()
        folder.joinpath("a.mp4").write_bytes(b"the whole")
        agent.send_all()
        assert fake.uploads == {}
        finish(agent)
        assert fake.sealed == [sha(b"the whole")]

    @pytest.mark.parametrize("after", [b"short", b"a longer one than before"])
    def test_a_file_that_changes_while_it_is_sent(
        self, agent: Stepped, fake: Fake, cameras: Path, after: bytes
    ) -> None:
        folder = camera(cameras, "AX-1", a=os.urandom(2 * MIB))

        def change(method: str, path: str) -> None:
            if method == "PATCH" and not (folder / "changed").exists():
                folder.joinpath("a.mp4").write_bytes(after)
                folder.joinpath("changed").touch()

        fake.before = change
        finish(agent)
        assert fake.sealed == [sha(after)]
        assert fake.refused == []

    def test_odd_names(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        folder = camera(cameras, "AX-1")
        for number, raw in enumerate(
            (b"\xff\xfe.mp4", "Ä ö 💾.mp4".encode(), b"a\nb.mp4", b"';DROP TABLE.mp4")
        ):
            (folder / os.fsdecode(raw)).write_bytes(b"%d" % number)
        finish(agent)
        assert sorted(fake.sealed) == sorted(sha(b"%d" % number) for number in range(4))
        names = {upload.metadata["filename"] for upload in fake.uploads.values()}
        assert all(name.isprintable() for name in names)

    def test_the_limit_on_bandwidth(self, settings: Settings, fake: Fake, cameras: Path) -> None:
        agent = Stepped(settings(bandwidth_kib=1024))
        camera(cameras, "AX-1", a=os.urandom(MIB))
        agent.look_twice()
        began = time.monotonic()
        agent.send_all()
        assert time.monotonic() - began > 0.7


class TestUnplugging:
    """A camera pulled out at any moment."""

    def test_in_mid_reading_and_put_back(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        data = os.urandom(4 * MIB)
        folder = camera(cameras, "AX-1", a=data)

        def pull(method: str, path: str) -> None:
            if method == "PATCH" and len(fake.uploads["/api/uploads/0"].data) >= 2 * MIB:
                agent.stop.set()  # the source is open: only the end of the turn closes it

        fake.before = pull
        agent.look_twice()
        agent.turn()
        agent.stop.clear()
        folder.rename(cameras.parent / "out")
        agent.look_twice()
        agent.send_all()
        assert agent.cameras == {}
        assert agent.states() == {"AX-1/a.mp4": "uploading"}
        agent.tell()
        assert fake.reports[-1]["cameras"][0]["connected"] is False
        assert fake.reports[-1]["cameras"][0]["waiting"] == 1
        fake.before = lambda method, path: None
        (cameras.parent / "out").rename(folder)
        finish(agent)
        assert fake.sealed == [sha(data)]
        assert len(fake.uploads) == 1

    def test_the_folder_goes_between_look_and_reading(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        folder.rename(cameras.parent / "out")
        agent.send_all()
        assert "taken out" in agent.book.files()[0].error
        (cameras.parent / "out").rename(folder)
        finish(agent)
        assert fake.sealed == [sha(b"one")]

    @pytest.mark.parametrize("error", [errno.EIO, errno.ENODEV, errno.ESTALE, 0])
    @pytest.mark.parametrize("at", [0, 1, 2, 3, 4])
    def test_the_card_is_torn_out_under_the_reading(
        self, agent: Stepped, fake: Fake, cameras: Path, monkeypatch: Any, error: int, at: int
    ) -> None:
        """At each of the first readings, for the digest and for sending: an error, or (0) nothing more to read."""
        data = os.urandom(3 * MIB)
        camera(cameras, "AX-1", a=data)
        real, readings = os.pread, iter(range(100))

        def torn(descriptor: int, count: int, offset: int) -> bytes:
            if next(readings) != at:
                return real(descriptor, count, offset)
            if error:
                raise OSError(error, os.strerror(error))
            return b""

        monkeypatch.setattr(os, "pread", torn)
        agent.look_twice()
        agent.turn()
        error_said = agent.book.files()[0].error
        assert ("taken out" if error else "shorter") in error_said
        finish(agent)
        assert fake.sealed == [sha(data)]
        assert len(fake.uploads) == 1

    def test_an_empty_mount_point_is_not_an_empty_camera(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        (folder / "a.mp4").rename(cameras.parent / "a.mp4")
        agent.look_twice()
        assert agent.cameras == {}
        assert agent.states() == {"AX-1/a.mp4": "seen"}

    def test_a_file_that_vanished_from_a_camera_that_is_there_is_gone_and_said_once(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one", b=b"two")
        agent.look_twice()
        (folder / "a.mp4").unlink()
        agent.look()
        assert agent.states()["AX-1/a.mp4"] == "seen"
        agent.look()
        assert agent.states()["AX-1/a.mp4"] == "gone"
        for _ in range(2):
            agent.tell()
        said = [[f["gone"] for c in report["cameras"] for f in c["files"]] for report in fake.reports]
        assert [sum(each) for each in said] == [1, 0]
        (folder / "a.mp4").write_bytes(b"one")
        finish(agent)
        assert sorted(fake.sealed) == sorted([sha(b"one"), sha(b"two")])


class TestServer:
    """A server that is away, slow, full, forgetful or lying."""

    @pytest.mark.parametrize(
        "answer",
        ["hang up", refuse(500), refuse(503, **{"Retry-After": "7"}), refuse(429), refuse(409), refuse(460),
         refuse(423), refuse(507), refuse(404), refuse(410), refuse(413), refuse(301, Location="http://192.0.2.1/"),
         (204, {"Upload-Offset": "99999999"}, b""), (204, {"Upload-Offset": "0"}, b""),
         (204, {"Upload-Offset": "-1"}, b""), (204, {}, b""), (204, {"Upload-Offset": "9" * 30}, b""),
         (200, {}, b"<html>a captive portal</html>")],
        ids=lambda answer: str(answer)[:40],
    )  # fmt: skip
    @pytest.mark.parametrize("done", [False, True], ids=["not carried out", "carried out"])
    def test_every_odd_answer_to_a_chunk_is_got_over(
        self, agent: Stepped, fake: Fake, cameras: Path, answer: Any, done: bool
    ) -> None:
        data = os.urandom(2 * MIB + 5)
        camera(cameras, "AX-1", a=data)
        setattr(fake, "after" if done else "before", once(answer, answer))
        finish(agent)
        assert agent.states() == {"AX-1/a.mp4": "sealed"}
        assert sha(data) in fake.sealed
        assert fake.refused == []

    @pytest.mark.parametrize("offset", ["", "-5", "99999999", "x"])
    def test_a_lying_head_begins_anew(self, agent: Stepped, fake: Fake, cameras: Path, offset: str) -> None:
        data = os.urandom(2 * MIB)
        camera(cameras, "AX-1", a=data)
        lies = [(200, {"Upload-Offset": offset, "Upload-Length": str(len(data))}, b"")]
        fake.before = lambda method, path: (
            lies.pop() if method == "HEAD" and lies
            else refuse(500) if method == "PATCH" and lies and fake.uploads[path].data
            else None
        )  # fmt: skip
        finish(agent)
        assert fake.sealed == [sha(data)]

    def test_a_wrong_length_begins_anew(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.after = once(refuse(500))
        agent.look_twice()
        agent.send_all()
        fake.uploads["/api/uploads/0"].length = 4
        finish(agent)
        assert fake.sealed == [sha(b"one")] * 2 or fake.sealed == [sha(b"one")]

    def test_the_answer_to_the_creation_is_lost(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        lost = ["hang up"]
        fake.after = lambda method, path: lost.pop() if path == "/api/uploads" and lost else None
        finish(agent)
        assert fake.sealed == [sha(b"one")]

    def test_a_word_about_another_digest_seals_nothing(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        fake.before = lambda method, path: refuse(503) if path == "/api/uploads" else None
        fake.sealed = [sha(b"another"), "", "x"]
        agent.send_all()
        agent.tell()
        assert agent.states() == {"AX-1/a.mp4": "seen"}

    def test_refused_by_the_server_is_sent_once_more_and_then_said(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.refuses = {sha(b"one")}
        finish(agent)
        assert agent.states() == {"AX-1/a.mp4": "refused"}
        assert len(fake.uploads) == 2
        finish(agent)
        assert len(fake.uploads) == 2

    def test_misread_once_is_sealed_the_second_time(
        self, agent: Stepped, fake: Fake, cameras: Path, monkeypatch: Any
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        whole, wrong = dock.Source.digest, [sha(b"misread")]
        monkeypatch.setattr(dock.Source, "digest", lambda *given: wrong.pop() if wrong else whole(*given))
        finish(agent)
        assert fake.refused == [sha(b"misread")]
        assert fake.sealed == [sha(b"one")]
        assert agent.states() == {"AX-1/a.mp4": "sealed"}

    def test_no_room_at_the_server_waits_as_long_as_it_says(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.before = lambda method, path: (
            refuse(507, **{"Retry-After": "90"}) if path == "/api/uploads" else None
        )
        agent.look_twice()
        agent.send_all()
        assert 80 < agent.pause_until - time.monotonic() <= 90
        assert "no room" in agent.faults["server"]
        asked = len(fake.requests)
        agent.send_all()
        assert len(fake.requests) == asked
        fake.before = lambda method, path: None
        finish(agent)
        assert fake.sealed == [sha(b"one")]
        assert "server" not in agent.faults

    def test_away_for_days(self, settings: Settings, cameras: Path, fake: Fake) -> None:
        nowhere = Fake()
        with serving(nowhere):
            port = int(nowhere.url.rpartition(":")[2])
        agent = Stepped(settings(server=nowhere.url))
        camera(cameras, "AX-1", a=b"one")
        finish(agent, rounds=3)
        assert agent.states() == {"AX-1/a.mp4": "seen"}
        assert "does not answer" in agent.faults["server"]
        assert agent.failures >= 3
        camera(cameras, "AX-2", b=b"two")
        with serving(Fake(), port) as back:
            finish(agent)
            assert sorted(back.sealed) == sorted([sha(b"one"), sha(b"two")])
        assert agent.faults == {}

    def test_that_nobody_answered_is_not_said_once_somebody_does(
        self, settings: Settings, cameras: Path
    ) -> None:
        """A report that failed stays away from the page as soon as a recording goes out again."""
        nowhere = Fake()
        with serving(nowhere):
            port = int(nowhere.url.rpartition(":")[2])
        agent = Stepped(settings(server=nowhere.url))
        camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        agent.tell()
        assert "does not answer" in agent.faults["contact"]
        with serving(Fake(), port):
            agent.send_all()
        assert agent.faults == {}

    def test_a_location_elsewhere_leads_nowhere_else(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        finish(agent)
        assert (
            agent.book.files()[0].url == "/api/uploads/0"
        )  # the fake says http://elsewhere.example/api/uploads/0

    def test_one_bad_file_does_not_hold_up_the_others(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"bad", b=b"good", c=b"better")
        os.utime(folder / "a.mp4", (1, 1))
        fake.before = lambda method, path: refuse(500) if path == "/api/uploads/0" else None
        agent.look_twice()
        for _ in range(8):
            agent.pause_until = 0.0
            agent.turn()
        agent.tell()
        states = agent.states()
        assert (states["AX-1/b.mp4"], states["AX-1/c.mp4"]) == ("sealed", "sealed")

    def test_sent_whole_and_forgotten_is_sent_again(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        agent.look_twice()
        agent.send_all()
        assert agent.states() == {"AX-1/a.mp4": "uploaded"}
        fake.uploads.clear()
        fake.sealed.clear()
        finish(agent)
        assert agent.states() == {"AX-1/a.mp4": "sealed"}


class TestToken:
    """A token that is not good (any more)."""

    def test_ended_stops_sending_and_keeps_watching(
        self, agent: Stepped, fake: Fake, cameras: Path, token: Path
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.token = "fwt_other"
        finish(agent, rounds=3)
        asked = len(fake.requests)
        camera(cameras, "AX-2", b=b"two")
        finish(agent, rounds=3)
        assert set(agent.states()) == {"AX-1/a.mp4", "AX-2/b.mp4"}
        assert len(fake.requests) == asked, "a refused token is not shown again at once"
        assert "401" in agent.faults["token"]
        token.write_text("fwt_other", encoding="utf-8")
        finish(agent)
        assert set(agent.states().values()) == {"sealed"}
        assert agent.faults == {}

    def test_shown_again_after_a_while(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        fake.token = "fwt_other"
        finish(agent, rounds=2)
        fake.token = "fwt_test"
        agent.refused = {purpose: (digest, -1e9) for purpose, (digest, _at) in agent.refused.items()}
        finish(agent)
        assert fake.sealed == [sha(b"one")]

    def test_a_new_one_that_comes_while_the_old_is_refused_is_shown(
        self, agent: Stepped, fake: Fake, cameras: Path, token: Path
    ) -> None:
        """What was refused is what was shown, not what the file holds by then."""
        camera(cameras, "AX-1", a=b"one")
        fake.token = "fwt_other"

        def put_there(method: str, path: str) -> None:
            token.write_text("fwt_other", encoding="utf-8")

        fake.after = put_there
        finish(agent)
        assert fake.sealed == [sha(b"one")]
        assert agent.faults == {}

    def test_readable_by_others_is_not_shown_at_all(
        self, agent: Stepped, fake: Fake, cameras: Path, token: Path
    ) -> None:
        camera(cameras, "AX-1", a=b"one")
        token.chmod(0o644)
        finish(agent, rounds=2)
        assert fake.requests == []
        assert "chmod 600" in agent.faults["token"]
        token.chmod(0o600)
        finish(agent)
        assert fake.sealed == [sha(b"one")]


class TestReport:
    """What the server is told."""

    def test_pages_are_bounded_and_name_every_camera(self, agent: Stepped, cameras: Path) -> None:
        folder = camera(cameras, "AX-1")
        for number in range(1203):
            (folder / f"{number:04}.mp4").touch()
        camera(cameras, "AX-2", b=b"two")
        agent.look_twice()
        pages = [page for page, _gone in agent.pages()]
        assert [sum(len(c["files"]) for c in page["cameras"]) for page in pages] == [500, 500, 204]
        for page in pages:
            assert [(c["serial"], c["connected"], c["waiting"]) for c in page["cameras"]] == [
                ("AX-1", True, 1203), ("AX-2", True, 1)]  # fmt: skip

    def test_what_is_sealed_is_said_no_more(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        camera(cameras, "AX-1", a=b"one")
        finish(agent)
        agent.tell()
        assert fake.reports[-1]["cameras"] == [
            {"serial": "AX-1", "connected": True, "waiting": 0, "waiting_bytes": 0, "files": []}
        ]

    def test_dates_years_off_are_said_as_near_as_can_be(
        self, agent: Stepped, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one", b=b"two")
        os.utime(folder / "a.mp4", (-(2**31), -(2**31)))
        os.utime(folder / "b.mp4", (2**34 - 1, 2**34 - 1))
        finish(agent)
        modified = {f["name"]: f["modified"] for r in fake.reports for c in r["cameras"] for f in c["files"]}
        assert modified == {"a.mp4": 0, "b.mp4": (2**63 - 1) // 10**9}
        assert len(fake.sealed) == 2

    def test_the_difference_of_the_clocks_is_known(self, agent: Stepped, fake: Fake, cameras: Path) -> None:
        fake.ahead = 3 * 365 * 86400
        agent.tell()
        assert agent.ahead is not None
        assert abs(agent.ahead + 3 * 365 * 86400) <= 2

    def test_an_answer_that_is_none_is_got_over(self, agent: Stepped, fake: Fake) -> None:
        for answer in (
            (200, {}, b"{"),
            (200, {}, b"[]"),
            (200, {}, b'{"time": "x"}'),
            "hang up",
            refuse(422),
        ):
            fake.before = lambda method, path, answer=answer: answer
            agent.tell()
            assert agent.faults["report"]
        fake.before = lambda method, path: None
        agent.tell()
        assert agent.faults == {}


class TestRelease:
    """Deleting from a camera: only when asked for, and only what was sealed."""

    def test_never_unless_asked_for(self, agent: Stepped, cameras: Path) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        finish(agent)
        agent.patience()
        agent.send_all()
        assert (folder / "a.mp4").exists()

    def test_what_was_sealed_is_released(self, settings: Settings, fake: Fake, cameras: Path) -> None:
        agent = Stepped(settings(release=True))
        folder = camera(cameras, "AX-1", a=b"one", b=b"two")
        fake.refuses = {sha(b"two")}
        finish(agent)
        agent.send_all()
        assert not (folder / "a.mp4").exists()
        assert (folder / "b.mp4").exists()
        agent.look_twice()
        assert agent.states() == {"AX-1/a.mp4": "sealed", "AX-1/b.mp4": "refused"}

    def test_what_is_sealed_no_more_is_sent_again_and_released_only_then(
        self, settings: Settings, fake: Fake, cameras: Path
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        finish(Stepped(settings()))
        fake.sealed.clear()  # months later the server holds it no more
        agent = Stepped(settings(release=True))
        agent.look_twice()
        agent.turn()
        assert (folder / "a.mp4").exists()
        assert agent.states() == {"AX-1/a.mp4": "seen"}
        finish(agent)
        agent.send_all()
        assert fake.sealed == [sha(b"one")]
        assert not (folder / "a.mp4").exists()

    @pytest.mark.parametrize(
        "answer",
        [
            refuse(401),
            refuse(403),
            refuse(404),
            refuse(500),
            "hang up",
            (200, {}, b"yes"),
            (200, {}, b'{"sealed": true}'),
            (200, {}, b'{"sha256": "%s", "sealed": 1}' % sha(b"one").encode()),
            (200, {}, b'{"sha256": "%s", "sealed": true}' % sha(b"two").encode()),
        ],
    )
    def test_without_a_clear_yes_it_stays(
        self, settings: Settings, fake: Fake, cameras: Path, answer: Any
    ) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        finish(Stepped(settings()))
        fake.before = lambda method, path: answer if "/sealed/" in path else None
        agent = Stepped(settings(release=True))
        agent.look_twice()
        agent.send_all()
        assert (folder / "a.mp4").exists()
        assert agent.states() == {"AX-1/a.mp4": "sealed"}
        fake.before = lambda method, path: None
        agent.patience()
        agent.send_all()
        assert not (folder / "a.mp4").exists()

    def test_what_is_lost_while_it_is_read_stays(self, settings: Settings, fake: Fake, cameras: Path) -> None:
        folder = camera(cameras, "AX-1", a=b"one")
        finish(Stepped(settings()))
        agent, read = Stepped(settings(release=True)), dock.Source.digest

        def lost(source: dock.Source, stop: threading.Event) -> str:
            fake.sealed.clear()
            return read(source, stop)

        agent.look_twice()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(dock.Source, "digest", lost)
            agent.turn()
        assert (folder / "a.mp4").exists()

    def test_what_changed_under_the_same_date_stays(
        self, settings: Settings, fake: Fake, cameras: Path
    ) -> None:
        plain = Stepped(settings())
        folder = camera(cameras, "AX-1", a=b"one")
        finish(plain)
        about = (folder / "a.mp4").stat()
        (folder / "a.mp4").write_bytes(b"two")
        os.utime(folder / "a.mp4", ns=(about.st_mtime_ns, about.st_mtime_ns))
        agent = Stepped(settings(release=True))
        agent.look_twice()
        agent.send_all()
        assert (folder / "a.mp4").read_bytes() == b"two"
        assert "not what was sealed" in agent.book.files()[0].error


def test_what_cannot_be_looked_at_is_said(agent: Stepped, cameras: Path) -> None:
    (cameras / ("x" * 41)).mkdir()
    agent.look()
    assert "for want of a serial number" in agent.faults["odd"]
    (cameras / ("x" * 41)).rmdir()
    cameras.rename(cameras.parent / "away")
    agent.look()
    assert set(agent.faults) == {"watch"}
    (cameras.parent / "away").rename(cameras)
    agent.look()
    assert agent.faults == {}


class TestHttps:
    """The server is verified, and there is no setting to leave that out."""

    @pytest.fixture
    def certificate(self, tmp_path: Path) -> Path:
        """For 127.0.0.1, signed by itself; key and certificate in one file."""
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = dt.datetime.now(dt.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(
                x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False
            )
            .sign(key, hashes.SHA256())
        )
        path = tmp_path / "server.pem"
        plain = serialization.NoEncryption()
        pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        path.write_bytes(key.private_bytes(pem, form, plain) + made.public_bytes(pem))
        return path

    def test_a_server_that_cannot_be_verified_is_sent_nothing(
        self, settings: Settings, cameras: Path, certificate: Path
    ) -> None:
        with serving(Fake(), certificate=certificate) as fake:
            agent = Stepped(settings(server=fake.url))
            camera(cameras, "AX-1", a=b"one")
            finish(agent, rounds=2)
            assert fake.requests == []
            assert "certificate is not good" in agent.faults["server"]
            finish(trusting := Stepped(settings(server=fake.url, ca_file=str(certificate))))
            assert fake.sealed == [sha(b"one")]
            assert trusting.faults == {}


def test_two_agents_on_one_mount_are_refused(settings: Settings, tmp_path: Path) -> None:
    with dock.alone(settings()):
        with pytest.raises(dock.Taken, match="these cameras"), dock.alone(settings(state=tmp_path / "other")):
            raise AssertionError
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        with pytest.raises(dock.Taken, match="this list"), dock.alone(settings(watch=elsewhere)):
            raise AssertionError


def test_its_own_disk_is_full(agent: Stepped, fake: Fake, cameras: Path) -> None:
    """What cannot be noted is not done; it is said in plain words, and it goes on when there is room."""
    files = {f"{number:03}{'x' * 150}": b"%d" % number for number in range(80)}
    camera(cameras, "AX-1", **files)
    pages = agent.book.db.execute("PRAGMA page_count").fetchone()[0]
    agent.book.db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        agent.look_twice()
    worker = threading.Thread(target=agent._again_and_again, args=(agent._watching,))
    worker.start()
    for _ in range(100):
        if "self" in agent.faults:
            break
        time.sleep(0.05)
    agent.stop.set()
    worker.join()
    agent.stop.clear()
    assert "disk is full" in agent.faults["self"]
    agent.book.db.execute("PRAGMA max_page_count = 100000")
    finish(agent)
    assert sorted(fake.sealed) == sorted(map(sha, files.values()))


_FAULTS = st.sampled_from(
    [
        None,
        None,
        None,
        "hang up",
        refuse(500),
        refuse(503),
        refuse(409),
        refuse(460),
        refuse(404),
        refuse(507),
    ]
)


@hypothesis_settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    sizes=st.lists(st.integers(0, 3 * MIB), min_size=1, max_size=4),
    before=st.lists(_FAULTS, max_size=20),
    after=st.lists(_FAULTS, max_size=20),
)
def test_whatever_the_server_does_each_recording_is_received_with_its_digest(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], before: list[Any], after: list[Any]
) -> None:
    place = tmp_path_factory.mktemp("dock")
    for name in ("cameras", "state"):
        (place / name).mkdir()
    (place / "token").write_text("fwt_test", encoding="utf-8")
    (place / "token").chmod(0o600)
    wanted = set()
    for number, size in enumerate(sizes):
        data = bytes([number]) * size
        wanted.add(sha(data))
        camera(place / "cameras", f"AX-{number % 2}", **{f"f{number}": data})
    with serving(Fake()) as fake:
        fake.before = lambda method, path: before.pop() if before else None
        fake.after = lambda method, path: after.pop() if after else None
        agent = Stepped(
            dock.Settings(fake.url, place / "token", place / "cameras", state=place / "state", steady_seconds=0,
                          chunk_mib=1, timeout_seconds=5, page="")
        )  # fmt: skip
        finish(agent, rounds=60)
    assert set(agent.states().values()) == {"sealed"}
    assert set(fake.sealed) == wanted
    assert fake.refused == []
