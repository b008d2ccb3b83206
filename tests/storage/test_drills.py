"""Drills: bytes are flipped, stores are lost, disks fill and answer slowly, and everything heals or says so."""

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from fairwitness.department.models import Alarm
from fairwitness.evidence import jobs as evidence
from fairwitness.evidence.acts.probe import keep_derivative
from fairwitness.evidence.models import Derivative
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs import keys
from fairwitness.kernel.models import BlobKey
from fairwitness.storage import acts, doors, jobs
from fairwitness.storage.models import Copy, Damage, Store
from tests.evidence.made import BY, readable, run, sealed, stored
from tests.storage.made import copy_in, entries, file_of, flip, is_good, now_in_seconds


def open_alarms() -> list[tuple[str, str]]:
    return list(Alarm.objects.filter(ended_at=None).values_list("code", "key"))


@pytest.mark.parametrize("encrypt", [False, True])
class TestFlippedBytes:
    """One store's disk gives other bytes than it was given."""

    def test_it_heals(self, two: Path, settings: Any, encrypt: bool) -> None:
        settings.FAIRWITNESS_ENCRYPT = encrypt
        recording, other = sealed(os.urandom(700_000)), sealed(b"untouched")
        flip(file_of("two", recording.sha256), 300_000)
        assert jobs.check_now() == (4, 1)
        assert is_good("two", recording.sha256)
        (damage,) = Damage.objects.all()
        assert (damage.what, damage.repaired_how, damage.repaired_from) == (
            "changed",
            "copied",
            Store.objects.get(name="one"),
        )
        (found,), (repaired,) = entries("storage.damage_found"), entries("storage.damage_repaired")
        assert found["damage_id"] == repaired["damage_id"] == str(damage.pk)
        assert found["sha256"] == f"sha256:{recording.sha256}"
        assert open_alarms() == [], "raised, and over"
        assert len(entries("department.alarm_raised")) == 1
        (aside,) = (two / "two" / "aside").iterdir()
        assert aside.name.startswith(recording.sha256), "the damaged bytes are kept"
        assert {copy.status for copy in Copy.objects.all()} == {"good"}
        assert is_good("two", other.sha256)
        assert jobs.check_now() == (4, 0)

    def test_a_missing_file_comes_back(self, two: Path, settings: Any, encrypt: bool) -> None:
        settings.FAIRWITNESS_ENCRYPT = encrypt
        recording = sealed()
        file_of("one", recording.sha256).unlink()
        assert jobs.check_now() == (2, 1)
        assert is_good("one", recording.sha256)
        assert Damage.objects.get().what == "missing"

    def test_while_it_is_watched_the_good_copy_is_read(self, two: Path, settings: Any, encrypt: bool) -> None:
        settings.FAIRWITNESS_ENCRYPT = encrypt
        recording = sealed(b"a recording")
        file_of("one", recording.sha256).unlink()
        with blobs.store().open(recording.sha256) as file:
            assert file.read() == b"a recording"


def test_without_a_good_copy_it_stays_damaged_and_the_alarm_open(two: Path) -> None:
    recording = sealed()
    for name in ("one", "two"):
        flip(file_of(name, recording.sha256))
    jobs.check_now()
    jobs.watch(now_in_seconds())
    assert Damage.objects.filter(repaired_at=None).count() == 2
    assert sorted(open_alarms()) == [("storage.damage", "one"), ("storage.damage", "two")]
    assert file_of("one", recording.sha256).exists(), "what is left is not thrown away"
    ran = run("storage", "check")
    assert ran.code == 1
    # Brought back from a backup, it is found whole, and the other copy is repaired from it.
    file_of("one", recording.sha256).unlink()
    file_of("one", recording.sha256).write_bytes(b"a recording")
    jobs.watch(now_in_seconds())
    jobs.watch(now_in_seconds())
    assert is_good("one", recording.sha256) and is_good("two", recording.sha256)
    assert open_alarms() == []
    assert {d.repaired_how for d in Damage.objects.all()} == {"found", "copied"}


def test_a_damaged_good_copy_is_noted_on_the_way(two: Path) -> None:
    """The copy that should repair another is damaged itself, and nobody had read it yet."""
    recording = sealed()
    flip(file_of("two", recording.sha256))
    copy = copy_in("one", recording.sha256)
    flip(file_of("one", recording.sha256))
    acts.note_check(copy.store, [acts.Read(copy, "changed")], by=BY)
    jobs.mend(copy.store)
    assert {c.status for c in Copy.objects.all()} == {"damaged"}
    assert Damage.objects.filter(repaired_at=None).count() == 2


class TestALostStore:
    """A store is gone whole: its folder was deleted, or its disk has died and another one is put in its place."""

    def test_it_is_refilled(self, two: Path, settings: Any) -> None:
        recordings = [sealed(b"recording %d" % n) for n in range(12)]
        shutil.rmtree(two / "one")
        jobs.watch(now_in_seconds())
        assert open_alarms() == [("storage.unreachable", "one")]
        assert not Damage.objects.exists(), "a store that is away is not yet lost"
        assert blobs.store().open(recordings[0].sha256).read() == b"recording 0"
        ran = run("storage", "begin", "one")
        assert "12 copies are brought there" in ran.lines[0]
        jobs.watch(now_in_seconds())
        assert all(is_good("one", r.sha256) for r in recordings)
        (lost,) = Damage.objects.all()
        assert (lost.what, lost.copies, lost.repaired_how) == ("lost", 12, "copied")
        assert open_alarms() == []
        assert jobs.check_now() == (24, 0)

    def test_a_store_that_was_away_is_as_it_was(self, two: Path) -> None:
        sealed()
        (two / "two").rename(two / "elsewhere")
        jobs.watch(now_in_seconds())
        assert open_alarms() == [("storage.unreachable", "two")]
        (two / "elsewhere").rename(two / "two")
        jobs.watch(now_in_seconds())
        assert open_alarms() == [] and not Damage.objects.exists()

    def test_an_empty_mount_point_is_not_the_store(self, two: Path) -> None:
        """The disk is not mounted: nothing is written below it, and nothing is called missing."""
        sealed()
        (two / "two").rename(two / "elsewhere")
        (two / "two").mkdir()
        jobs.watch(now_in_seconds())
        assert list((two / "two").iterdir()) == []
        assert {c.status for c in Copy.objects.all()} == {"good"}


class TestAStoreLosesMany:
    """Sixty of a hundred files are gone at once: a folder was deleted, a disk of several has died."""

    @pytest.fixture
    def gone(self, two: Path) -> list[str]:
        recordings = [sealed(b"recording %d" % n) for n in range(100)]
        gone = [recording.sha256 for recording in recordings[:60]]
        for sha256 in gone:
            file_of("one", sha256).unlink()
        return gone

    def test_it_is_asked_begun_and_refilled(self, two: Path, gone: list[str]) -> None:
        ran = run("storage", "check")
        assert ran.code == 1 and "Of 100 copies in the store one, 60 are not there." in " ".join(ran.lines)
        assert open_alarms() == [("storage.lost", "one")] and not Damage.objects.exists()
        ran = run("storage", "begin", "one")
        assert "60 copies are brought there" in ran.lines[0]
        assert open_alarms() == [("storage.damage", "one")]
        assert {c.sha256 for c in Copy.objects.filter(status="missing", store__name="one")} == set(gone)
        jobs.watch(now_in_seconds())
        assert all(is_good("one", sha256) for sha256 in gone)
        (lost,) = Damage.objects.all()
        assert (lost.what, lost.copies, lost.repaired_how) == ("lost", 60, "copied")
        assert open_alarms() == []
        assert run("storage", "check").code == 0 and jobs.check_now() == (200, 0)

    def test_without_another_store_they_come_from_a_backup(self, two: Path, gone: list[str]) -> None:
        kept = {sha256: file_of("two", sha256).read_bytes() for sha256 in gone}
        for sha256 in gone:
            file_of("two", sha256).unlink()
        for name in ("one", "two"):
            run("storage", "begin", name)
        ran = run("storage", "check")
        assert ran.code == 1 and ("storage.lost", "one") not in open_alarms()
        for sha256, data in kept.items():
            file_of("one", sha256).write_bytes(data)
        run("storage", "check")
        jobs.watch(now_in_seconds())
        assert all(is_good("two", sha256) for sha256 in gone)
        assert not Copy.objects.exclude(status="good").exists()
        assert open_alarms() == [] and run("storage", "check").code == 0

    def test_what_is_left_is_read_before_anybody_answers(self, two: Path, gone: list[str]) -> None:
        flip(file_of("one", Copy.objects.exclude(sha256__in=gone).first().sha256))
        jobs.check_now()
        assert Damage.objects.get().what == "changed"


def test_what_was_made_is_made_anew_and_never_repaired(two: Path, settings: Any, clips: Any) -> None:
    settings.FAIRWITNESS_COPIES = 1
    recording = readable(
        sealed(clips["plain"].read_bytes() if "plain" in clips else next(iter(clips.values())).read_bytes())
    )
    keep_derivative(recording.pk, "filmstrip", stored(b"pictures"), "image/jpeg", {}, by=BY)
    old = Derivative.objects.get().sha256
    flip(file_of("one", old))
    jobs.check_now()
    assert Damage.objects.get().repaired_at is None, "no copying of what can be made again"
    evidence.rebuild(old)
    evidence.rebuild(old)
    new = Derivative.objects.get().sha256
    assert new != old and is_good("one", new)
    assert Damage.objects.get().repaired_how == "rebuilt"
    assert copy_in("one", old).status == "outgrown"
    assert open_alarms() == []


def test_what_is_sealed_and_made_counts_as_sealed(two: Path, settings: Any, clips: Any) -> None:
    """A filmstrip was also brought in as a file: its bytes are evidence, so they are mended and never set aside."""
    recording = readable(sealed(next(iter(clips.values())).read_bytes()))
    strip = stored(b"pictures")
    sealed(b"pictures")
    keep_derivative(recording.pk, "filmstrip", strip, "image/jpeg", {}, by=BY)
    assert {c.kind for c in Copy.objects.filter(sha256=strip.sha256)} == {"evidence"}
    flip(file_of("one", strip.sha256))
    evidence.rebuild(strip.sha256)
    assert is_good("two", strip.sha256), "the good copy stays where it is"
    jobs.check_now()
    jobs.watch(now_in_seconds())
    assert is_good("one", strip.sha256)


def test_a_full_store_is_said_and_nothing_is_lost(
    two: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.FAIRWITNESS_COPIES = 1
    recording = sealed()
    link = os.link

    def full(source: Any, target: Any, *more: Any) -> None:
        if str(two / "two") in str(target):
            raise OSError(errno.ENOSPC, "No space left on device")
        link(source, target, *more)

    with monkeypatch.context() as patched:
        patched.setattr(os, "link", full)
        jobs.watch(now_in_seconds())
        jobs.watch(now_in_seconds())
    assert open_alarms() == [("storage.refuses", "two")]
    assert Alarm.objects.count() == 1, "told once, not each round"
    assert "The store of recordings is full" in Alarm.objects.get().sentence
    assert [c.store.name for c in doors.copies_of(recording.sha256)] == ["one"]
    jobs.spread(recording.sha256)
    assert is_good("two", recording.sha256) and open_alarms() == []


def test_read_only_stores_are_read_and_not_written(two: Path, settings: Any) -> None:
    recording = sealed()
    flip(file_of("two", recording.sha256))
    jobs.check_now()
    flip(file_of("two", recording.sha256))
    settings.FAIRWITNESS_STORE_READ_ONLY = True
    jobs.check_now()
    jobs.watch(now_in_seconds())
    assert Damage.objects.filter(repaired_at=None).count() == 1 and not is_good("two", recording.sha256)
    settings.FAIRWITNESS_STORE_READ_ONLY = False
    jobs.watch(now_in_seconds())
    assert is_good("two", recording.sha256)


def test_keys_are_wrapped_anew_without_touching_the_bytes(two: Path, settings: Any) -> None:
    settings.FAIRWITNESS_ENCRYPT = True
    recordings = [sealed(b"recording %d" % n) for n in range(5)]
    before = {r.sha256: file_of("one", r.sha256).read_bytes() for r in recordings}
    ran = run("keys", "rotate")
    assert ran.lines[0].startswith("5 keys are wrapped by the new master key")
    assert len(keys.masters()) == 2
    old, new = keys.masters()
    assert {str(key.master) for key in BlobKey.objects.all()} == {new.stem}
    assert entries("storage.keys_rotated") == [{"keys": 5}]
    old.unlink()
    keys._master.cache_clear()
    assert all(is_good("two", r.sha256) for r in recordings)
    assert {r.sha256: file_of("one", r.sha256).read_bytes() for r in recordings} == before
    assert len(doors.copies_of(sealed(b"after").sha256)) == 2
