"""A bag: whole by strangers' tools, gone on with after any stop, honest about a full disk and about bytes that differ."""

import datetime as dt
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import bagit
import pytest

from fairwitness.kernel import blobs
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.refusals import StoreFull, WrongState
from fairwitness.packages import bag as bags
from fairwitness.packages.bag import Bag, Differs, Finished, Member, Streamed, of_bytes
from fairwitness.packages.names import safe_name
from fairwitness.packages.targets import Folder, Target, Zip
from tests.conftest import shared

WHEN = dt.datetime(2026, 3, 4, 5, 6, 8, tzinfo=dt.UTC)
INFO = [("Source-Organization", "Police\nof nowhere"), ("Bagging-Date", "2026-03-04")]
MIB = 2**20


def stored(path: Path, data: bytes, name: str = "") -> Member:
    """Bytes in a file of a store, as a member of the payload."""
    path.write_bytes(data)
    sha256 = hashlib.sha256(data).hexdigest()
    return Member(
        f"data/{name or path.name}", len(data), sha256, lambda: FileReader(os.open(path, os.O_RDONLY))
    )


def films(tmp_path: Path) -> list[Member | Streamed]:
    """Two large files of a store, small ones, and one that is made while it is written."""
    folder = tmp_path / "store"
    folder.mkdir(exist_ok=True)
    return [
        stored(folder / "one.mp4", bytes(range(256)) * 4096 * 5),
        of_bytes("data/notes/ünï.txt", b"a note"),
        stored(folder / "two.mp4", b"2" * (3 * MIB + 17)),
        stored(folder / "empty.bin", b""),
        Streamed("data/list.csv", lambda: (b"row\n" for _ in range(1000)), settled=True),
    ]


def written(target: Target, journal: Path, members: list[Any], **more: Any) -> Finished:
    with Bag(target, journal, top="P-1", **more) as bag:
        for member in members:
            bag.add(member)
        return bag.finish(INFO, [of_bytes("index.html", b"<!doctype html>")])


def zipped(tmp_path: Path) -> Zip:
    return Zip(tmp_path / "P-1.zip", WHEN)


def unpacked(tmp_path: Path) -> Path:
    """The ZIP unpacked by the standard library, which checks every CRC."""
    with zipfile.ZipFile(tmp_path / "P-1.zip") as file:
        assert file.testzip() is None
        file.extractall(tmp_path / "out")
    return tmp_path / "out" / "P-1"


def test_a_zip_is_a_bag(tmp_path: Path) -> None:
    done = written(zipped(tmp_path), tmp_path / "journal", films(tmp_path))
    folder = unpacked(tmp_path)
    bag = bagit.Bag(str(folder))
    assert bag.validate()
    assert bag.info["Source-Organization"] == "Police of nowhere"
    assert (folder / "data/one.mp4").read_bytes() == bytes(range(256)) * 4096 * 5
    assert done.sha256 == hashlib.sha256((folder / "tagmanifest-sha256.txt").read_bytes()).hexdigest()
    assert bag.info["Payload-Oxum"] == f"{done.octets}.{done.members}"
    assert not (tmp_path / "journal").exists()
    assert sorted(p.name for p in tmp_path.glob("P-1*")) == ["P-1.zip"]


def test_a_folder_is_a_bag(tmp_path: Path) -> None:
    written(Folder(tmp_path / "out"), tmp_path / "journal", films(tmp_path))
    assert bagit.Bag(str(tmp_path / "out" / "P-1")).validate()
    assert not list(tmp_path.rglob("*.part"))


def test_zip_and_folder_are_the_same(tmp_path: Path) -> None:
    one = written(zipped(tmp_path), tmp_path / "journal", films(tmp_path))
    assert one == written(Folder(tmp_path / "out"), tmp_path / "journal", films(tmp_path))


class Stop(Exception):
    """Somebody pulls the plug."""


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is made durable at once."""
    monkeypatch.setattr(bags, "DURABLE_BYTES", 1)


@pytest.mark.parametrize("make", [zipped, lambda tmp: Folder(tmp / "out")], ids=["zip", "folder"])
@pytest.mark.parametrize("at", [0, 1, 2 * MIB, 4 * MIB, 5 * MIB, 6 * MIB, 8 * MIB, 8 * MIB + 3000])
def test_what_was_stopped_goes_on(
    tmp_path: Path, often: None, at: int, make: Callable[[Path], Target]
) -> None:
    told: list[int] = []

    def progress(count: int) -> None:
        told.append(count)
        if sum(told) > at:
            raise Stop

    with pytest.raises(Stop):
        written(make(tmp_path), tmp_path / "journal", films(tmp_path), progress=progress)
    assert not (tmp_path / "P-1.zip").exists()
    again: list[int] = []
    done = written(make(tmp_path), tmp_path / "journal", films(tmp_path), progress=again.append)
    folder = unpacked(tmp_path) if (tmp_path / "P-1.zip").exists() else tmp_path / "out" / "P-1"
    assert bagit.Bag(str(folder)).validate()
    assert sum(again) >= done.octets


def test_what_lies_there_is_not_read_again(tmp_path: Path, often: None) -> None:
    with pytest.raises(Stop), Bag(zipped(tmp_path), tmp_path / "journal", top="P-1") as bag:
        bag.add(films(tmp_path)[0])
        raise Stop
    (tmp_path / "store" / "one.mp4").unlink()
    members = films(tmp_path)
    (tmp_path / "store" / "one.mp4").unlink()
    written(zipped(tmp_path), tmp_path / "journal", members)
    assert bagit.Bag(str(unpacked(tmp_path))).validate()


def test_another_content_is_written_from_where_it_differs(tmp_path: Path, often: None) -> None:
    with pytest.raises(Stop), Bag(zipped(tmp_path), tmp_path / "journal", top="P-1") as bag:
        for member in films(tmp_path)[:3]:
            bag.add(member)
        raise Stop
    members = films(tmp_path)
    members[1] = of_bytes("data/notes/other.txt", b"another note, and a longer one")
    written(zipped(tmp_path), tmp_path / "journal", members)
    folder = unpacked(tmp_path)
    assert bagit.Bag(str(folder)).validate()
    assert [p.name for p in (folder / "data/notes").iterdir()] == ["other.txt"]


def test_what_the_disk_lost_is_written_anew(tmp_path: Path, often: None) -> None:
    """After a power cut the part file may hold other bytes than were written."""
    told: list[int] = []

    def progress(count: int) -> None:
        told.append(count)
        if sum(told) > 2 * MIB:
            raise Stop

    with pytest.raises(Stop):
        written(zipped(tmp_path), tmp_path / "journal", films(tmp_path), progress=progress)
    assert json.loads((tmp_path / "journal").read_text().splitlines()[-1])["have"]
    with (tmp_path / "P-1.zip.part").open("r+b") as part:
        part.seek(MIB)
        part.write(b"\0" * 4096)
    written(zipped(tmp_path), tmp_path / "journal", films(tmp_path))
    assert bagit.Bag(str(unpacked(tmp_path))).validate()


TARGETS = pytest.mark.parametrize(
    "make", [zipped, lambda tmp: Folder(tmp / "out" / "P-1")], ids=["zip", "folder"]
)


def stopped(tmp_path: Path, make: Callable[[Path], Target], count: int = 3) -> list[Member | Streamed]:
    """A package that was stopped after so many members; all that it is made of."""
    members = films(tmp_path)
    with pytest.raises(Stop), Bag(make(tmp_path), tmp_path / "journal") as bag:
        for member in members[:count]:
            bag.add(member)
        raise Stop
    return members


def gone_on_with(tmp_path: Path, make: Callable[[Path], Target], members: list[Any]) -> Path:
    """The package written to its end, and found to be whole."""
    with Bag(make(tmp_path), tmp_path / "journal") as bag:
        for member in members:
            bag.add(member)
        bag.finish(INFO)
    folder = tmp_path / "out" / "P-1"
    if (tmp_path / "P-1.zip").exists():
        with zipfile.ZipFile(tmp_path / "P-1.zip") as file:
            assert file.testzip() is None
            file.extractall(folder)
    assert bagit.Bag(str(folder)).validate()
    return folder


@TARGETS
def test_what_was_removed_is_not_taken_as_written(
    tmp_path: Path, often: None, make: Callable[[Path], Target]
) -> None:
    """Somebody removes the half that was written, and leaves the journal."""
    members = stopped(tmp_path, make)
    shutil.rmtree(tmp_path / "out", ignore_errors=True)
    (tmp_path / "P-1.zip.part").unlink(missing_ok=True)
    folder = gone_on_with(tmp_path, make, members)
    assert (folder / "data/one.mp4").read_bytes() == bytes(range(256)) * 4096 * 5


@pytest.mark.parametrize("left", [0, 3, 100, 5 * MIB])
def test_a_file_that_was_cut_off_is_written_from_there(tmp_path: Path, often: None, left: int) -> None:
    members = stopped(tmp_path, zipped)
    os.truncate(tmp_path / "P-1.zip.part", left)
    gone_on_with(tmp_path, zipped, members)


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: os.truncate(path, 3)], ids=["gone", "short"])
def test_a_member_that_is_missing_in_a_folder_is_written(
    tmp_path: Path, often: None, spoil: Callable[[Path], None]
) -> None:
    def make(tmp: Path) -> Folder:
        return Folder(tmp / "out" / "P-1")

    members = stopped(tmp_path, make)
    spoil(tmp_path / "out/P-1/data/notes/ünï.txt")
    gone_on_with(tmp_path, make, members)


@TARGETS
def test_a_stop_between_its_name_and_the_end_of_the_journal(
    tmp_path: Path, often: None, make: Callable[[Path], Target], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package has its name, and the journal speaks of it still: what is written next has no holes."""

    def stop(journal: object) -> None:
        raise Stop

    members = films(tmp_path)
    with monkeypatch.context() as patched, pytest.raises(Stop):
        patched.setattr(bags._Journal, "remove", stop)
        gone_on_with(tmp_path, make, members)
    assert (tmp_path / "journal").exists()
    gone_on_with(tmp_path, make, members)
    assert not (tmp_path / "journal").exists() and not (tmp_path / "P-1.zip.part").exists()


def test_what_was_begun_at_another_time_is_gone_on_with(tmp_path: Path, often: None) -> None:
    members = stopped(tmp_path, zipped)
    (tmp_path / "store" / "one.mp4").unlink()
    gone_on_with(tmp_path, lambda tmp: Zip(tmp / "P-1.zip", WHEN + dt.timedelta(hours=5)), members)


@pytest.mark.parametrize("torn", [b"", b'{"path": "P-1/da', b"\xff\xfe\n", b"\n"])
def test_a_torn_journal_costs_only_its_last_line(tmp_path: Path, often: None, torn: bytes) -> None:
    with pytest.raises(Stop), Bag(zipped(tmp_path), tmp_path / "journal", top="P-1") as bag:
        for member in films(tmp_path)[:3]:
            bag.add(member)
        raise Stop
    with (tmp_path / "journal").open("ab") as file:
        file.write(torn)
    written(zipped(tmp_path), tmp_path / "journal", films(tmp_path))
    assert bagit.Bag(str(unpacked(tmp_path))).validate()


def test_two_do_not_write_the_same_package(tmp_path: Path) -> None:
    with Bag(zipped(tmp_path), tmp_path / "journal") as bag:
        bag.add(of_bytes("data/a", b"a"))
        with pytest.raises(WrongState, match="already"):
            Bag(zipped(tmp_path), tmp_path / "journal")


@pytest.mark.parametrize("size", [10, 3 * MIB])
def test_bytes_that_differ_are_not_taken(tmp_path: Path, size: int) -> None:
    good = stored(tmp_path / "film.mp4", b"x" * size)
    bad = stored(tmp_path / "bad.mp4", b"y" * size)
    wrong = Member("data/bad.mp4", size, good.sha256, bad.open)
    short = Member("data/bad.mp4", size + 1, bad.sha256, bad.open)
    with Bag(zipped(tmp_path), tmp_path / "journal", top="P-1") as bag:
        bag.add(good)
        for member in (wrong, short):
            with pytest.raises(Differs, match=r"The bytes of bad\.mp4 are not those that were sealed"):
                bag.add(member)
        bag.add(of_bytes("data/after.txt", b"what comes after is well"))
        bag.finish(INFO)
    folder = unpacked(tmp_path)
    assert bagit.Bag(str(folder)).validate()
    assert not (folder / "data/bad.mp4").exists()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """A disk of so many KiB; asked again, it is made larger."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted: list[bool] = []

    def mount(size: int) -> Path:
        how = ["-o", f"remount,size={size}k"] if mounted else ["-t", "tmpfs", "-o", f"size={size}k"]
        done = subprocess.run(
            ["mount", *how, *([] if mounted else ["tmpfs"]), str(folder)], capture_output=True
        )
        if done.returncode:
            pytest.skip("needs to mount a small disk, which this machine refuses")
        mounted.append(True)
        return folder

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_is_said_and_with_room_it_goes_on(
    tmp_path: Path, often: None, small_disk: Callable[[int], Path]
) -> None:
    disk = small_disk(7000)
    members = films(tmp_path)
    with pytest.raises(StoreFull, match="The disk for packages is full. What was written stays there"):
        written(Zip(disk / "P-1.zip", WHEN), tmp_path / "journal", members)
    kept = (tmp_path / "journal").read_text()
    assert "one.mp4" in kept
    small_disk(20000)
    (tmp_path / "store" / "one.mp4").unlink()
    written(Zip(disk / "P-1.zip", WHEN), tmp_path / "journal", members)
    with zipfile.ZipFile(disk / "P-1.zip") as file:
        file.extractall(tmp_path / "out")
    assert bagit.Bag(str(tmp_path / "out" / "P-1")).validate()


def test_too_little_room_is_said_beforehand(tmp_path: Path) -> None:
    bags.check_room(tmp_path, 1)
    with pytest.raises(StoreFull, match=r"needs \d+ MiB, and the disk has \d+ MiB free. Nothing was written"):
        bags.check_room(tmp_path, 2**60)
    bags.check_room(tmp_path, 2**60, 2**60)


KILLED = """
import sys, time
from pathlib import Path
from tests.packages import test_bag
from fairwitness.packages import bag as bags
bags.DURABLE_BYTES = 1
home = Path(sys.argv[1])
test_bag.written(test_bag.zipped(home), home / "journal", test_bag.films(home), progress=lambda n: time.sleep(0.003))
"""


@pytest.mark.slow
def test_killed_anywhere_it_goes_on(tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "fairwitness.site.settings"}
    for wait in (1.2, 1.3, 1.5, 1.8):
        running = subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], env=environment)
        time.sleep(wait)
        running.send_signal(signal.SIGKILL)
        running.wait()
    written(zipped(tmp_path), tmp_path / "journal", films(tmp_path))
    assert bagit.Bag(str(unpacked(tmp_path))).validate()


class Zeros(blobs.Reader):
    """Very many zeros that lie nowhere."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def pread(self, count: int, at: int) -> bytes:
        return bytes(min(count, self.size - at))


@pytest.mark.slow
def test_more_than_four_gibibytes(tmp_path: Path) -> None:
    """A document of 2 GiB, and one beyond what ZIP knew before ZIP64, and a member behind it."""
    sizes = {"two.bin": 2**31, "five.bin": 2**32 + 5}
    members: list[Member] = []
    for name, size in sizes.items():
        digest = hashlib.sha256()
        for _ in range(size // MIB):
            digest.update(bytes(MIB))
        digest.update(bytes(size % MIB))
        members.append(Member(f"data/{name}", size, digest.hexdigest(), lambda size=size: Zeros(size)))  # type: ignore[misc]
    written(zipped(tmp_path), tmp_path / "journal", [*members, of_bytes("data/last.txt", b"last")])
    with zipfile.ZipFile(tmp_path / "P-1.zip") as file:
        assert {i.filename: i.file_size for i in file.infolist()}["P-1/data/five.bin"] == 2**32 + 5
        assert file.read("P-1/data/last.txt") == b"last"
    listed = subprocess.run(
        ["python3", "-m", "zipfile", "-t", str(tmp_path / "P-1.zip")], capture_output=True
    )
    assert listed.returncode == 0


@pytest.mark.slow
def test_very_many_members_take_no_memory(tmp_path: Path) -> None:
    """66,000 small files: more than ZIP counted before ZIP64, and a journal on disk instead of a list in memory."""
    tracemalloc.start()
    with Bag(zipped(tmp_path), tmp_path / "journal", top="P-1") as bag:
        for number in range(66_000):
            bag.add(of_bytes(f"data/{number:06}.txt", b"%d" % number))
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        bag.finish(INFO)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert peak < 4 * MIB
    with zipfile.ZipFile(tmp_path / "P-1.zip") as file:
        assert len(file.infolist()) == 66_004
        assert file.read("P-1/data/065999.txt") == b"65999"


def test_names_are_safe_everywhere() -> None:
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    for text in [*strings, "..", "../../etc/passwd", "C:\\x\\y.txt", "a" * 300 + ".pdf", "x.mp4 ", "con.txt"]:
        name = safe_name(text)
        assert name not in {"", ".", ".."}
        assert not set(name) & set('/\\<>:"|?*%\r\n\0')
        assert len(name) <= 81
        assert name.isprintable()
        name.encode()


def test_a_bag_bears_any_name(tmp_path: Path) -> None:
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    members = [of_bytes(f"data/{n:03} {safe_name(text)}", text.encode()) for n, text in enumerate(strings)]
    written(zipped(tmp_path), tmp_path / "journal", members)
    assert bagit.Bag(str(unpacked(tmp_path))).validate()
