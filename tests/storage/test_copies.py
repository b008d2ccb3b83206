"""Copies commit with what names the bytes; further stores get theirs by a job; older bytes are found."""

import datetime as dt
import time
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.evidence import doors as evidence_doors
from fairwitness.evidence import jobs as evidence
from fairwitness.evidence.acts.probe import keep_derivative
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import HouseRule, Unavailable
from fairwitness.storage import acts, doors, events, jobs
from fairwitness.storage.models import Copy, Damage, Store
from tests.evidence.made import BY, readable, sealed, stored, try_to_seal
from tests.storage.made import copy_in, entries, file_of, is_good, now_in_seconds
from tests.world import World


def test_it_works(two: Path) -> None:
    recording = sealed()
    assert [(c.store.name, c.status, c.kind) for c in doors.copies_of(recording.sha256)] == [
        ("one", "good", "evidence"),
        ("two", "good", "evidence"),
    ]
    assert {copy.written_by for copy in Copy.objects.all()} == {recording.written_by}, "one change, one entry"
    assert Store.objects.get(name="one").place == str(two / "one")


def test_what_was_refused_is_kept_as_well(two: Path) -> None:
    refused = try_to_seal(b"a recording", sha256="0" * 64).recording
    assert len(doors.copies_of(refused.sha256)) == 2
    sealed(b"a recording")
    assert len(doors.copies_of(refused.sha256)) == 2


def test_copies_are_confirmed_in_a_change_alone(two: Path) -> None:
    with pytest.raises(HouseRule):
        acts.confirm_copies(stored(b"x"))


def test_too_few_stores_seal_nothing(two: Path) -> None:
    (two / "two" / ".fairwitness-store").unlink()
    with pytest.raises(Unavailable, match="Only 1 of 2 stores took the bytes"):
        sealed()
    assert not Recording.objects.exists() and not Copy.objects.exists()
    blobs.store().one("two").begin()
    assert len(doors.copies_of(sealed().sha256)) == 2, "tried again, it is sealed"


def test_further_stores_get_theirs_by_a_job(two: Path, settings: Any) -> None:
    settings.FAIRWITNESS_COPIES = 1
    recording = sealed()
    assert [c.store.name for c in doors.copies_of(recording.sha256)] == ["one"]
    assert ProcrastinateJob.objects.filter(task_name="storage.spread", queue_name="storage").exists()
    jobs.spread(recording.sha256)
    jobs.spread(recording.sha256)
    assert [c.store.name for c in doors.copies_of(recording.sha256)] == ["one", "two"]
    assert is_good("two", recording.sha256)
    (made,) = entries("storage.copies_made")
    assert (made["copies"], made["bytes"]) == (1, recording.size)


def test_one_entry_for_many_copies(two: Path, settings: Any) -> None:
    settings.FAIRWITNESS_COPIES = 1
    recordings = [sealed(b"%d" % n) for n in range(5)]
    for recording in recordings:
        jobs.spread(recording.sha256)
    assert [facts["copies"] for facts in entries("storage.copies_made")] == [5]


def test_what_is_made_again_goes_to_the_first_alone(two: Path, settings: Any) -> None:
    settings.FAIRWITNESS_COPIES = 1
    recording = readable(sealed())
    blob = stored(b"pictures")
    keep_derivative(recording.pk, "filmstrip", blob, "image/jpeg", {}, by=BY)
    jobs.spread(recording.sha256)
    assert [(c.store.name, c.kind) for c in doors.copies_of(blob.sha256)] == [("one", "made")]


def test_what_was_sealed_before_copies_were_counted_is_found(
    own_world: World, own_database: str, home: Path
) -> None:
    sealed_before = {sealed(b"%d" % n).sha256 for n in range(3)}
    _forgotten(own_database)
    assert {copy.sha256 for copy in evidence_doors.uncounted(100)} == sealed_before
    evidence.confirm_older(now_in_seconds())
    evidence.confirm_older(now_in_seconds())
    assert {copy.sha256 for copy in Copy.objects.filter(store__name="main")} == sealed_before
    assert len(entries("storage.copies_made")) == 1


def test_older_bytes_that_are_nowhere_raise_an_alarm(own_world: World, own_database: str, home: Path) -> None:
    recording = sealed()
    _forgotten(own_database)
    file_of("main", recording.sha256).rename(home / "elsewhere")
    evidence.confirm_older(now_in_seconds())
    assert [facts["code"] for facts in entries("department.alarm_raised")] == ["storage.absent"]
    (home / "elsewhere").rename(file_of("main", recording.sha256))
    evidence.confirm_older(now_in_seconds())
    assert len(entries("department.alarm_ended")) == 1


def _forgotten(owner: str) -> None:
    """As in a database from before: no copy is known. Only the owner can take the locks off for that."""
    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("ALTER TABLE storage_copy DISABLE TRIGGER USER")
        connection.execute("DELETE FROM storage_copy")
        connection.execute("ALTER TABLE storage_copy ENABLE TRIGGER USER")


def test_a_store_that_was_given_up_counts_for_nothing_and_is_not_missed(two: Path, settings: Any) -> None:
    recording = sealed()
    settings.FAIRWITNESS_COPIES = 1
    settings.FAIRWITNESS_STORES = f"two={two}/two three={two}/three"
    blobs.store().one("three").begin()
    jobs.watch(now_in_seconds())
    assert [c.store.name for c in doors.copies_of(recording.sha256)] == ["three", "two"]
    assert copy_in("one", recording.sha256).status == "good" and not Damage.objects.exists()


class TestChecked:
    """A round of reading again."""

    def older(self, days: float) -> None:
        at = clock.now() - dt.timedelta(days=days)
        with change(events.COPIES_CHECKED, by=BY) as entry:
            entry.about(*Store.objects.all())
            Copy.objects.update(checked_at=at)

    def test_it_works(self, two: Path) -> None:
        recording = sealed()
        self.older(8)
        jobs.watch(now_in_seconds())
        assert copy_in("one", recording.sha256).checked_at > clock.now() - dt.timedelta(minutes=1)
        checked = entries("storage.copies_checked")
        assert [(c.get("copies"), c.get("damaged")) for c in checked[1:]] == [(1, 0), (1, 0)]
        jobs.watch(now_in_seconds())
        assert len(entries("storage.copies_checked")) == 3, "what was read today rests"

    def test_the_oldest_first_and_no_more_than_the_share(self, two: Path, settings: Any) -> None:
        settings.FAIRWITNESS_COPIES = 1
        for n in range(40):
            sealed(bytes([n]) * 1000)
        self.older(2)
        store = Store.objects.get(name="one")
        assert len(doors.due(store, 300, 10**6)) == 1, "one of forty, as 300 s are of six days"
        assert len(doors.due(store, 6 * 86_400, 10**6)) == 40
        self.older(8)
        assert len(doors.due(store, 300, 10**6)) == 40, "whatever is overdue"
        assert len(doors.due(store, 300, 50)) == 15, "at 50 bytes a second"

    def test_reading_that_falls_behind_is_told_once_until_it_has_caught_up(
        self, two: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(time, "sleep", lambda seconds: None)
        for n in range(3):
            sealed(bytes([n]) * 1000)
        rate, settings.FAIRWITNESS_CHECK_RATE = settings.FAIRWITNESS_CHECK_RATE, 1
        self.older(7.5)
        jobs.watch(now_in_seconds())
        assert not entries("department.alarm_raised"), "a day of grace"
        self.older(8.5)
        jobs.watch(now_in_seconds())
        raised = entries("department.alarm_raised")
        assert [(f["code"], f["key"]) for f in raised] == [
            ("storage.behind", "one"),
            ("storage.behind", "two"),
        ]
        self.older(7.5)
        jobs.watch(now_in_seconds())
        assert not entries("department.alarm_ended"), "still more than a week"
        settings.FAIRWITNESS_CHECK_RATE = rate
        jobs.watch(now_in_seconds())
        assert len(entries("department.alarm_raised")) == len(entries("department.alarm_ended")) == 2

    def test_many_that_are_missing_are_for_a_person_to_judge(self, two: Path) -> None:
        for n in range(jobs.MANY):
            sealed(b"%d" % n)
        for folder in (two / "one").glob("[0-9a-f]*"):
            for path in folder.rglob("*"):
                if path.is_file():
                    path.unlink()
        self.older(7.5)
        jobs.watch(now_in_seconds())
        assert not Damage.objects.exists()
        assert [facts["code"] for facts in entries("department.alarm_raised")] == ["storage.lost"]
        acts.begin_store("one", by=BY)
        jobs.watch(now_in_seconds())
        (lost,) = Damage.objects.all()
        assert (lost.what, lost.copies, lost.repaired_how) == ("lost", jobs.MANY, "copied")
        assert not doors.not_whole(Store.objects.get(name="one")).exists()
