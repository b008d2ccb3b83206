"""A disk that is really small: uploads wait before it is full, nothing acknowledged is lost, and with room they go on."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from fairwitness.department.models import Alarm
from fairwitness.evidence.models import Recording
from fairwitness.uploads import jobs
from fairwitness.uploads.acts import seal, staged, watch
from fairwitness.uploads.doors import incoming as doors
from tests.uploads.tus import BY, Sender, token_of, upload_at
from tests.world import World

pytestmark = pytest.mark.slow
KIB = 1024


@pytest.fixture
def disk(home: Path, settings: Any) -> Iterator[Callable[[int], None]]:
    """The home on a disk of so many KiB, 100 of which are to stay free; given again, it is made larger."""
    settings.FAIRWITNESS_KEEP_FREE = 100 * KIB
    mounted: list[bool] = []

    def mount(size: int) -> None:
        how = ["-o", f"remount,size={size}k"] if mounted else ["-t", "tmpfs", "-o", f"size={size}k"]
        target = [str(home)] if mounted else ["tmpfs", str(home)]
        done = subprocess.run(["mount", *how, *target], capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"needs to mount a small disk, which this machine refuses: {done.stderr.strip()}")
        mounted.append(True)

    yield mount
    if mounted:
        subprocess.run(["umount", "--lazy", str(home)], check=True)


def test_what_open_uploads_declare_is_never_promised_twice(
    world: World, dock: Sender, disk: Callable[[int], None]
) -> None:
    disk(1000)
    film = os.urandom(300 * KIB)
    path = dock.begin(len(film))
    other = Sender(token=token_of(world, "DOCK-2"))
    answer: Any = other.ask("POST", "/api/uploads", Upload_Length=200 * KIB)
    assert (answer.status_code, answer.json()["code"]) == (507, "store_full")
    assert dock.patch(path, film).status_code == 204
    assert seal.seal_upload(upload_at(path).pk, by=BY).status == "sealed"
    assert other.begin(200 * KIB)


def test_others_fill_the_disk_and_uploads_wait(dock: Sender, disk: Callable[[int], None], home: Path) -> None:
    disk(1000)
    film = os.urandom(300 * KIB)
    path = dock.begin(len(film))
    assert dock.patch(path, film[: 100 * KIB]).status_code == 204
    (home / "filler").write_bytes(bytes(doors.disk().free - 150 * KIB))
    answer: Any = dock.patch(path, film[100 * KIB :], 100 * KIB)
    assert (answer.status_code, answer.json()["code"]) == (507, "store_full")
    assert answer.headers["Retry-After"]
    assert dock.offset(path) == 100 * KIB
    assert doors.disk().free >= 100 * KIB
    assert Alarm.objects.get(ended_at=None).code == watch.NO_ROOM
    (home / "filler").unlink()
    jobs.look_after(0)
    assert not Alarm.objects.filter(ended_at=None).exists()
    assert dock.patch(path, film[100 * KIB :], 100 * KIB).status_code == 204
    assert seal.seal_upload(upload_at(path).pk, by=BY).status == "sealed"


@pytest.mark.parametrize("room", [0, 4, 100])
def test_a_disk_that_is_full_in_the_middle_of_a_piece(
    dock: Sender, disk: Callable[[int], None], home: Path, settings: Any, room: int
) -> None:
    """Filled by others between the look and the write: what is acknowledged is there, and it goes on from there."""
    disk(1000)
    film = os.urandom(300 * KIB)
    path = dock.begin(len(film))
    assert dock.patch(path, film[:KIB]).status_code == 204
    settings.FAIRWITNESS_KEEP_FREE = -(2**40)
    (home / "filler").write_bytes(bytes(doors.disk().free - room * KIB))
    answer: Any = dock.patch(path, film[KIB:], KIB)
    assert answer.status_code == 507, answer.content
    offset = dock.offset(path)
    # What came before the disk was full is kept; the page in which the first KiB ends had room of its own.
    assert KIB + room * KIB // 2 <= offset <= (room + 4) * KIB
    (home / "filler").unlink()
    assert dock.patch(path, film[offset:], offset).status_code == 204
    assert staged.path_of(upload_at(path).pk).read_bytes() == film
    assert seal.seal_upload(upload_at(path).pk, by=BY).status == "sealed"
    assert Recording.objects.get().size == len(film)
