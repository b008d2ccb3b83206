"""Killed at every step of the way: no half-sealed recording, nothing lost, and running it again puts it right."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject, Outbox
from tests.evidence.crashes import KILLED, Launcher
from tests.evidence.made import grown, ingest, rows, run, written
from tests.world import World

pytestmark = pytest.mark.slow

# Every step of bringing one file in, as the launcher names them: a new step makes test_the_steps fail until it
# stands here, and is then killed at like the others.
AROUND = ("before {}", "after {}")
WORKS = (
    "syncing folder home",
    "copying",
    "copying",
    "closing the bytes to writing",
    "syncing staged bytes",
    "naming the blob",
    "syncing folder of blobs, level 2",
    "syncing folder of blobs, level 1",
    "syncing folder of blobs, level 0",
    "writing the entry evidence.ingest_begun",
    "committing",
    "leaving evidence.probe",
    "writing the entry evidence.recording_sealed",
    "committing",
    "writing the entry evidence.ingest_ended",
    "committing",
)
STEPS = [around.format(work) for work in WORKS for around in AROUND]
DATA = b"what the camera saw"


@pytest.fixture
def launcher(own_world: World, tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.close()


@pytest.fixture
def delivery(tmp_path: Path) -> Path:
    return written(tmp_path / "delivery", clip=DATA)


def test_the_steps(launcher: Launcher, delivery: Path) -> None:
    """What is killed at below is everything that there is."""
    assert launcher.run("ingest", "--no-read", delivery) == 0
    assert launcher.trace == STEPS


@pytest.mark.parametrize("step", range(len(STEPS)), ids=lambda n: STEPS[n])
def test_killed_at(launcher: Launcher, delivery: Path, home: Path, step: int) -> None:
    assert launcher.run("ingest", "--no-read", delivery, kill_at=step) == KILLED
    assert launcher.trace == STEPS[: step + 1]
    assert (delivery / "clip.mp4").read_bytes() == DATA, "the original is untouched"
    _nothing_is_half_sealed()
    found = run("log", "verify")
    wrong = [line for line in found.lines if line.startswith("WRONG")]
    assert all("which no record names: left by a delivery that broke off" in line for line in wrong), wrong
    _let_time_pass(home)
    again = ingest(delivery)
    assert again.code == 0
    assert Recording.objects.count() == 1
    _nothing_is_half_sealed()
    assert run("log", "verify").code == 0
    assert list((home / "blobs" / "staging").iterdir()) == []
    before = rows()
    assert ingest(delivery).statuses == ["duplicate"]
    assert grown(before) == {}


def _nothing_is_half_sealed() -> None:
    """A recording is there with its bytes, its whole entry, its place in the queue and its job; or not at all."""
    for recording in Recording.objects.all():
        with blobs.store().open(recording.sha256) as file:
            assert file.read() == DATA
        about = EntrySubject.objects.filter(kind="evidence.recording", subject=recording.pk).values(
            "entry_id"
        )
        entry = Entry.objects.get(pk__in=about, event="evidence.recording_sealed")
        assert EntryPrivate.objects.get(entry_id=entry.pk).facts["sha256"] == f"sha256:{recording.sha256}"
        assert Outbox.objects.filter(entry_id=entry.pk).count() == 1
        assert ProcrastinateJob.objects.filter(args={"recording_id": str(recording.pk)}).count() == 1
    sealed = Entry.objects.filter(event="evidence.recording_sealed").count()
    assert sealed == Recording.objects.count() == ProcrastinateJob.objects.count() <= 1


def _let_time_pass(home: Path) -> None:
    """What was left half-written is swept only when it has lain for a while."""
    for part in (home / "blobs").glob("staging/*.part"):
        os.utime(part, (time.time() - 3600,) * 2)
