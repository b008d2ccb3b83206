"""The agent's rules by themselves: waiting, steadiness, names, its list, its settings."""

import email.utils
import hashlib
import os
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dock import fairwitness_dock as dock

CHANCE = st.floats(0, 1, exclude_max=True)


@given(tries=st.integers(0, 10_000), chance=CHANCE)
def test_pauses_grow_are_spread_and_are_bounded(tries: int, chance: float) -> None:
    seconds = dock.pause(tries, chance)
    assert 0.5 <= seconds <= dock.LONGEST_PAUSE
    assert dock.pause(tries + 1, 0) >= dock.pause(tries, 0)
    assert dock.pause(tries, 0) / 2 <= seconds <= dock.pause(tries, 0)


@given(value=st.text(max_size=40) | st.integers(-(10**12), 10**12).map(str), now=st.floats(0, 4e9))
def test_whatever_retry_after_says_the_wait_is_bounded(value: str, now: float) -> None:
    wait = dock.retry_after(value, now)
    assert wait is None or 0 <= wait <= dock.LONGEST_RETRY_AFTER


def test_retry_after_as_seconds_and_as_a_date() -> None:
    assert dock.retry_after("7", 0) == 7
    assert dock.retry_after(" 120 ", 0) == 120
    assert dock.retry_after(email.utils.formatdate(1_000_060, usegmt=True), 1_000_000) == 60
    assert dock.retry_after("Thu, 01 Jan 1970 00:00:00 GMT", 1_000_000) == 0
    assert dock.retry_after(None, 0) is dock.retry_after("soon", 0) is dock.retry_after("-3", 0) is None


@given(
    seconds=st.floats(0.1, 100),
    steps=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.floats(0.01, 60)), min_size=1, max_size=30),
)  # fmt: skip
def test_a_file_is_finished_when_nothing_changed_for_so_long(
    seconds: float, steps: list[tuple[int, int, float]]
) -> None:
    steady, now, since, before = dock.Steady(seconds), 0.0, 0.0, (-1, -1)
    for size, mtime, wait in steps:
        now += wait
        if (size, mtime) != before:
            since, before = now, (size, mtime)
        assert steady.finished("A", dock.Held(b"x", size, mtime), now) is (now - since >= seconds)


def test_a_camera_put_in_again_is_looked_at_anew() -> None:
    steady, held = dock.Steady(10), dock.Held(b"x", 1, 1)
    steady.finished("A", held, 0)
    steady.forget("A")
    assert not steady.finished("A", held, 20)
    assert steady.finished("A", held, 30)


@given(raw=st.binary(min_size=1, max_size=400).filter(lambda raw: b"\0" not in raw))
def test_every_name_can_be_shown_and_sent(raw: bytes) -> None:
    name = dock.name_of(raw)
    assert 0 < len(name) <= 255
    assert name.isprintable()
    name.encode("utf-8")
    assert dock.name_of(raw) == name


@given(st.lists(st.binary(min_size=1, max_size=300), min_size=2, max_size=8, unique=True))
def test_no_two_names_look_the_same(raws: list[bytes]) -> None:
    assert len({dock.name_of(raw) for raw in raws}) == len(raws)


@pytest.mark.parametrize("name", ["A.MP4", "DCIM/100/Ä ö.mp4", "x" * 255])
def test_a_plain_name_stays_as_it_is(name: str) -> None:
    assert dock.name_of(name.encode()) == name


class TestBook:
    """The list, which is on disk before anything counts."""

    @pytest.fixture
    def book(self, tmp_path: Path) -> dock.Book:
        return dock.Book(tmp_path / "dock.sqlite")

    def seen(self, book: dock.Book, size: int = 10, mtime: int = 1) -> dock.File:
        book.see("A", b"x.mp4", size, mtime)
        return book.files()[0]

    def test_it_is_kept_in_full(self, book: dock.Book) -> None:
        assert book.db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert book.db.execute("PRAGMA synchronous").fetchone() == (2,)

    def test_the_same_file_seen_again_is_no_news(self, book: dock.Book) -> None:
        assert book.see("A", b"x.mp4", 10, 1) is True
        assert book.see("A", b"x.mp4", 10, 1) is False

    @pytest.mark.parametrize("state", ["uploading", "uploaded", "sealed", "refused", "gone"])
    def test_a_file_that_changed_begins_anew(self, book: dock.Book, state: str) -> None:
        file = self.seen(book)
        book.write("UPDATE file SET state = ?, sha256 = 'a', url = '/u', offset = 5, released = 1", state)
        assert book.see("A", b"x.mp4", 11, 1) is True
        file = book.files()[0]
        assert (file.state, file.sha256, file.url, file.offset, file.released) == ("seen", "", "", 0, 0)

    def test_it_goes_its_way(self, book: dock.Book) -> None:
        file = self.seen(book)
        book.hashed(file, "a" * 64)
        book.begun(file, "/u")
        book.advanced(file, 4)
        assert (book.files()[0].state, book.files()[0].offset) == ("uploading", 4)
        book.advanced(file, 10)
        assert book.files()[0].state == "uploaded"
        assert book.settle("sealed", "a" * 64) == 1
        assert book.settle("sealed", "a" * 64) == 0
        assert book.settle("refused", "a" * 64) == 0
        assert book.files()[0].state == "sealed"

    def test_refused_twice_and_then_sealed_after_all(self, book: dock.Book) -> None:
        file = self.seen(book)
        book.hashed(file, "a" * 64)
        assert book.settle("refused", "a" * 64) == 0, "it was not sent"
        for state in ("seen", "refused"):
            book.hashed(file, "a" * 64)
            book.advanced(file, 10)
            assert book.settle("refused", "a" * 64) == 1
            assert book.files()[0].state == state
        assert book.settle("sealed", "a" * 64) == 1

    def test_what_is_sealed_is_not_begun_lost_or_advanced(self, book: dock.Book) -> None:
        file = self.seen(book)
        book.hashed(file, "a" * 64)
        book.settle("sealed", "a" * 64)
        book.begun(file, "/u")
        book.advanced(file, 3)
        book.lose(file)
        book.begin_again(file, "x")
        assert (book.files()[0].state, book.files()[0].url) == ("sealed", "")

    def test_gone_and_there_again_goes_on_where_it_was(self, book: dock.Book) -> None:
        file = self.seen(book)
        book.begun(file, "/u")
        book.advanced(file, 4)
        book.lose(file)
        assert book.files()[0].state == "gone"
        assert book.see("A", b"x.mp4", 10, 1) is True
        assert (book.files()[0].state, book.files()[0].offset, book.files()[0].url) == ("uploading", 4, "/u")

    def test_a_damaged_list_is_put_aside_and_a_new_one_begun(self, book: dock.Book, tmp_path: Path) -> None:
        self.seen(book)
        book.db.close()
        path = tmp_path / "dock.sqlite"
        path.write_bytes(b"not a database, by a long way" * 100)
        again = dock.Book(path)
        assert again.files() == []
        assert [aside.name for aside in tmp_path.glob("*.damaged-*")]

    def test_a_list_that_cannot_be_opened_is_not_put_aside(self, tmp_path: Path) -> None:
        with pytest.raises(sqlite3.OperationalError):
            dock.Book(tmp_path / "nowhere" / "dock.sqlite")


class TestSettings:
    """One TOML file, whose faults are said in plain words."""

    GOOD = 'server = "https://fairwitness.example"\ntoken_file = "t"\nwatch = "w"\n'

    def read(self, tmp_path: Path, text: str) -> dock.Settings:
        path = tmp_path / "dock.toml"
        path.write_text(text, encoding="utf-8")
        return dock.settings_from(path)

    def test_three_lines_are_enough(self, tmp_path: Path) -> None:
        settings = self.read(tmp_path, self.GOOD)
        assert (settings.release, settings.side_by_side, settings.watch) == (False, 2, Path("w"))

    def test_the_folder_that_systemd_gives_is_used(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/x")
        assert self.read(tmp_path, self.GOOD).state == Path("/var/lib/x")

    @pytest.mark.parametrize(
        ("text", "fault"),
        [
            ("", "missing: server, token_file, watch"),
            ("server = ", "not valid TOML"),
            (GOOD + "tokn = 1", "not known: tokn"),
            (GOOD + 'token = "fwt_x"', "not known: token"),
            (GOOD + "release = 1", "release is not of the kind"),
            (GOOD + "side_by_side = true", "side_by_side is not of the kind"),
            (GOOD + "side_by_side = 0", "between 1 and 16"),
            (GOOD + "chunk_mib = 65", "between 1 and 64"),
            (GOOD + 'include = "*.mp4"', "include is not of the kind"),
            (GOOD + 'layout = "tree"', "layout"),
            (GOOD + 'page = "8765"', "host and port"),
            (GOOD.replace("https:", "http:"), "https"),
            (GOOD.replace("https://fairwitness.example", "fairwitness.example"), "address"),
            (GOOD.replace("https://", "https://me:secret@"), "address"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_said(self, tmp_path: Path, text: str, fault: str) -> None:
        with pytest.raises(dock.Fault, match=fault):
            self.read(tmp_path, text)

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
    def test_a_token_that_others_can_read_is_refused(self, token: Path, mode: int) -> None:
        token.chmod(mode)
        with pytest.raises(dock.Fault, match="read by others"):
            dock.token_from(token)

    @pytest.mark.parametrize("text", ["", "\n", "two words", "naïve", "a\nb"])
    def test_what_is_no_token(self, token: Path, text: str) -> None:
        token.write_text(text, encoding="utf-8")
        with pytest.raises(dock.Fault, match="does not hold a token"):
            dock.token_from(token)


class TestCameras:
    """What counts as a camera, and what as a finished recording."""

    def test_by_folder_or_by_the_file_serial(
        self, cameras: Path, settings: Callable[..., dock.Settings]
    ) -> None:
        (cameras / "AX-1").mkdir()
        (cameras / "NO NAME").mkdir()
        (cameras / "NO NAME" / "serial").write_text("AX-2\n", encoding="utf-8")
        (cameras / ".Trash").mkdir()
        (cameras / ("x" * 41)).mkdir()
        (cameras / "file").write_text("x", encoding="utf-8")
        (cameras / "Z").mkdir()
        (cameras / "Z" / "serial").write_text("AX-2\n", encoding="utf-8")
        found, odd = dock.cameras_in(settings())
        assert found == {"AX-1": cameras / "AX-1", "AX-2": cameras / "NO NAME"}
        assert odd == ["Z", "x" * 39 + "…"]

    def test_the_mount_itself(self, cameras: Path, settings: Callable[..., dock.Settings]) -> None:
        assert dock.cameras_in(settings(layout="mount")).found == {"cameras": cameras}
        (cameras / "serial").write_text("AX-9", encoding="utf-8")
        assert dock.cameras_in(settings(layout="mount")).found == {"AX-9": cameras}

    def test_only_recordings_and_no_links(
        self, cameras: Path, settings: Callable[..., dock.Settings]
    ) -> None:
        deep = cameras / "DCIM" / "100"
        deep.mkdir(parents=True)
        for name in ("a.MP4", "b.mp4.part", ".c.mp4", "~d.mp4", "e.tmp", "f.idx", "g.mov"):
            (deep / name).write_bytes(b"x")
        (deep / "h.mp4").symlink_to("/etc/passwd")
        (cameras / "loop").symlink_to(cameras)
        held = dock.files_on(cameras, settings())
        assert held is not None
        assert [each.raw for each in held] == [b"DCIM/100/a.MP4", b"DCIM/100/g.mov"]

    def test_an_empty_place_is_no_camera(self, cameras: Path, settings: Callable[..., dock.Settings]) -> None:
        assert dock.files_on(cameras, settings()) is None


def test_the_pace_is_kept() -> None:

    pace, stop, began = dock.Pace(1_000_000), threading.Event(), time.monotonic()
    for _ in range(7):
        pace.wait(50_000, stop)
    assert 0.25 <= time.monotonic() - began < 2


def test_a_file_is_deleted_only_when_it_is_what_was_sealed(cameras: Path) -> None:

    path = cameras / "x.mp4"
    path.write_bytes(b"sealed")
    about = path.stat()
    file = dock.File(1, "A", b"x.mp4", 6, about.st_mtime_ns, "", "sealed", "", 0, 0, "", 0)
    stop, good = threading.Event(), hashlib.sha256(b"sealed").hexdigest()
    for digest in ("", "0" * 64):
        with dock.Source(cameras, file) as source, pytest.raises(dock.Vanished):
            source.delete(digest, stop, lambda: True)
    with dock.Source(cameras, file) as source:
        path.rename(cameras / "moved")
        path.write_bytes(b"others")
        os.utime(path, ns=(about.st_mtime_ns, about.st_mtime_ns))
        with pytest.raises(dock.Vanished, match="Another file"):
            source.delete(good, stop, lambda: True)
    path.write_bytes(b"other!")
    os.utime(path, ns=(about.st_mtime_ns, about.st_mtime_ns))
    with dock.Source(cameras, file) as source, pytest.raises(dock.Vanished, match="stays"):
        source.delete(good, stop, lambda: True)
    path.write_bytes(b"sealed")
    os.utime(path, ns=(about.st_mtime_ns, about.st_mtime_ns))
    with dock.Source(cameras, file) as source:
        assert not source.delete(good, stop, lambda: False)
        assert path.exists()
        assert source.delete(good, stop, lambda: True)
    assert not path.exists()
