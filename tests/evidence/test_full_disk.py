"""A disk that is really full, at different moments: nothing is half sealed, and with room it goes on."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs
from fairwitness.publiclog import files
from fairwitness.publiclog.publish import publish
from tests.evidence.made import Ran, grown, ingest, rows, run, written
from tests.publiclog.made import check_all_published, checkpoint, entries, stranger
from tests.world import World

pytestmark = pytest.mark.slow
KIB = 1024


@pytest.fixture
def disk(home: Path) -> Iterator[Callable[..., Path]]:
    """Mounts a disk of so many KiB at a folder of the home; given again, it is made larger."""
    mounted: list[Path] = []

    def mount(folder: str, size: int, files: int = 0) -> Path:
        path = home / folder
        options = f"size={size}k" + (f",nr_inodes={files}" if files else "")
        how = ["-o", f"remount,{options}"] if path in mounted else ["-t", "tmpfs", "-o", options]
        path.mkdir(exist_ok=True)
        target = [str(path)] if path in mounted else ["tmpfs", str(path)]
        done = subprocess.run(["mount", *how, *target], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"needs to mount a small disk, which this machine refuses: {done.stderr.strip()}")
        mounted.append(path)
        return path

    yield mount
    for path in dict.fromkeys(mounted):
        subprocess.run(["umount", "--lazy", str(path)], check=True)


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return written(tmp_path / "delivery", clip=os.urandom(300 * KIB))


def refused(delivery: Path) -> Ran:
    """What the command says when the store is full."""
    source, before = (delivery / "clip.mp4").read_bytes(), rows()
    done = ingest(delivery)
    assert done.code == 1
    assert done.last_words == (
        "fairwitness ingest: The store of recordings is full. Nothing was kept half; the original is untouched."
    )
    assert (delivery / "clip.mp4").read_bytes() == source
    assert grown(before) == {}
    assert not list(blobs.store().first.root.glob("staging/*"))
    assert list(blobs.store().digests()) == []
    return done


@pytest.mark.parametrize("room", [4, 100, 296], ids=lambda room: f"{room} KiB of 300")
def test_in_the_middle_of_a_file(
    own_world: World, disk: Callable[..., Path], delivery: Path, room: int
) -> None:
    disk("blobs", room)
    refused(delivery)
    disk("blobs", 1000)
    assert ingest(delivery).statuses == ["sealed"]
    assert run("log", "verify").code == 0


@pytest.mark.parametrize("files", [1, 2, 3, 4, 5], ids=lambda files: f"room for {files} names")
def test_no_room_for_another_name(
    own_world: World, disk: Callable[..., Path], delivery: Path, files: int
) -> None:
    """A disk can be full of names while there is room for bytes: at the staging folder, the part, each folder."""
    disk("blobs", 1000, files)
    before, done = rows(), ingest(delivery)
    if done.code:
        assert "The store of recordings is full" in done.last_words
        assert grown(before) == {}
        disk("blobs", 1000, 50)
        assert ingest(delivery).statuses == ["sealed"]
    assert Recording.objects.count() == 1
    assert run("log", "verify").code == 0


def test_what_came_before_is_sealed(own_world: World, disk: Callable[..., Path], tmp_path: Path) -> None:
    """The third of five does not fit: two are sealed, and running it again takes the rest."""
    folder = written(tmp_path / "delivery", **{name: os.urandom(100 * KIB) for name in "abcde"})
    disk("blobs", 250)
    done = ingest(folder)
    assert (done.code, done.statuses) == (1, ["sealed", "sealed"])
    assert run("log", "verify").code == 0
    disk("blobs", 1000)
    assert ingest(folder).statuses == ["duplicate", "duplicate", "sealed", "sealed", "sealed"]
    assert run("log", "verify").code == 0


def test_a_source_on_the_same_disk(own_world: World, disk: Callable[..., Path], home: Path) -> None:
    """There the kernel copies by itself, and is refused by itself."""
    root = disk("blobs", 500)
    delivery = written(root / "delivery", clip=os.urandom(300 * KIB))
    before, done = rows(), ingest(delivery)
    assert (done.code, grown(before)) == (1, {})
    assert "The store of recordings is full" in done.last_words
    disk("blobs", 2000)
    assert ingest(delivery).statuses == ["sealed"]


@pytest.mark.parametrize("room", [4, 20, 40, 60], ids=lambda room: f"{room} KiB")
def test_the_log_on_a_full_disk(
    own_database: str, disk: Callable[..., Path], home: Path, tmp_path: Path, room: int
) -> None:
    """The checkpoint that stands stays; with room the log goes on as if nothing had been."""
    disk("log", 1000)
    entries(3)
    publish()
    was = files.fetch("checkpoint")
    disk_now = os.statvfs(home / "log")
    (home / "log" / "filler").write_bytes(bytes(disk_now.f_bavail * disk_now.f_bsize - room * KIB))
    entries(600)
    done = run("publisher", "--once")
    assert (done.code, done.lines) == (1, [])
    assert "No space left on device" in done.last_words
    assert files.fetch("checkpoint") == was
    assert stranger(tmp_path).holds
    (home / "log" / "filler").unlink()
    publish()
    assert checkpoint().size == 603
    check_all_published()
    assert stranger(tmp_path).holds
