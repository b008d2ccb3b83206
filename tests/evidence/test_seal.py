"""Sealing: who, when and what is written, and what is not written twice."""

import datetime as dt
import hashlib
import threading

import pytest
from django.db import DatabaseError, connection, connections, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import acts as department
from fairwitness.evidence.acts.seal import AHEAD, EARLIEST, seal
from fairwitness.evidence.models import Recording
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from tests.department.ledger import latest
from tests.evidence.made import BY, days_ago, grown, nowhere, rows, said, sealed, stored, try_to_seal
from tests.world import World

Clock, Owner = Recording.Clock, Recording.Owner


def test_it_works(world: World) -> None:
    blob = stored(b"a recording")
    done = seal(blob, said(device="ax-0101", row={"owner": "x"}), nowhere, by=BY)
    recording = Recording.objects.get()
    assert done.new
    assert done.recording.pk == recording.pk
    assert (recording.sha256, recording.size, recording.status) == (blob.sha256, 11, "sealed")
    assert recording.number == f"R-{clock.now().astimezone(agency().tz).year}-000001"
    event, subjects, facts = latest()
    assert event == "evidence.recording_sealed"
    assert subjects == {("evidence.recording", recording.pk)}
    assert facts == {
        "sha256": f"sha256:{blob.sha256}",
        "size": 11,
        "number": recording.number,
        "started": clock.rfc3339(recording.started),
        "clock": "delivered",
        "owner_id": str(world.id("whitfield")),
        "owner_how": "assignment",
        "camera_id": str(world.cameras["AX-0101"].pk),
        "delivered_sha256": "sha256:" + hashlib.sha256(b'{"owner":"x"}').hexdigest(),
    }


def test_it_leaves_the_reading_to_a_worker(world: World) -> None:
    recording = sealed()
    job = ProcrastinateJob.objects.get()
    assert (job.task_name, job.args, job.queue_name) == (
        "evidence.probe",
        {"recording_id": str(recording.pk)},
        "media",
    )


def test_the_same_bytes_are_sealed_once(world: World) -> None:
    first, before = sealed(b"same"), rows()
    again = try_to_seal(b"same", source_name="another name.mp4")
    assert (again.recording.pk, again.new) == (first.pk, False)
    assert grown(before) == {}


def test_two_processes_that_seal_the_same_bytes_get_one_recording(own_world: World) -> None:
    blob, done, start = stored(b"same"), [], threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            done.append(seal(blob, said(), nowhere, by=BY))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == 4
    assert len({each.recording.pk for each in done}) == 1
    assert sum(each.new for each in done) == 1
    assert [r.number[-6:] for r in Recording.objects.all()] == ["000001"], "numbers have no gap"


@pytest.mark.parametrize("column", Recording.FROZEN)
def test_what_is_sealed_never_changes(world: World, column: str) -> None:
    sealed()
    name = Recording._meta.get_field(column).column
    other = {
        "size": "7",
        "sealed_at": "now()",
        "delivered": '\'{"x": "y"}\'',
        "ingest": "gen_random_uuid()",
        "by_hand": "true",
    }
    with pytest.raises(DatabaseError, match=f"{name} is sealed"), transaction.atomic():
        cursor = connection.cursor()
        cursor.execute("SELECT set_config('fairwitness.change', 'somebody', true)")
        value = other.get(column, "'x'")
        cursor.execute(f"UPDATE evidence_recording SET {name} = {value}")


class TestWho:
    """Who wore the camera: by assignment at the recorded time, else the owner named, else nobody knows."""

    def test_by_assignment_at_the_time(self, world: World) -> None:
        camera = world.cameras["AX-0101"]
        with clock.frozen(days_ago(20)):
            department.return_camera(camera_id=camera.pk, by=BY)
        with clock.frozen(days_ago(19)):
            department.complete_course(member_id=world.id("li"), course_id=world.course.pk, by=BY)
            department.assign_camera(camera_id=camera.pk, member_id=world.id("li"), by=BY)
        before = sealed(b"1", device="AX-0101", started=days_ago(25), owner="102")
        between = sealed(b"2", device="AX-0101", started=days_ago(19.5))
        after = sealed(b"3", device="AX-0101", started=days_ago(5))
        assert (before.owner, before.owner_how) == (world.members["whitfield"], Owner.ASSIGNMENT)
        assert (between.owner, between.owner_how) == (None, Owner.UNKNOWN)
        assert (after.owner, after.owner_how) == (world.members["li"], Owner.ASSIGNMENT)

    def test_by_name_where_nobody_is_known_to_have_worn_it(self, world: World) -> None:
        recording = sealed(device="AX-0900", owner="102")
        assert (recording.owner, recording.owner_how) == (world.members["okoye"], Owner.NAMED)
        assert recording.camera == world.spare()

    def test_a_time_that_nobody_stated_says_nothing_of_who_wore_it(self, world: World) -> None:
        recording = sealed(device="AX-0101", started=None, file_date=days_ago(3))
        assert (recording.owner, recording.owner_how) == (None, Owner.UNKNOWN)

    def test_else_nobody_knows(self, world: World) -> None:
        recording = sealed(device="no such camera", owner="no such person")
        assert (recording.owner, recording.owner_how, recording.camera) == (None, Owner.UNKNOWN, None)

    def test_the_unit_is_that_of_the_day(self, world: World) -> None:
        with clock.frozen(days_ago(8)):
            department.post(
                member_id=world.id("whitfield"),
                unit_id=world.units["patrol_2"].pk,
                reports_to=world.id("brandt"),
                by=BY,
            )
        assert sealed(b"1", device="AX-0101", started=days_ago(10)).unit == world.units["patrol_1"]
        assert sealed(b"2", device="AX-0101", started=days_ago(5)).unit == world.units["patrol_2"]


class TestWhen:
    """The time it is filed under, and how good that is known."""

    @pytest.mark.parametrize(
        "impossible",
        [
            dt.datetime(1970, 1, 1, 0, 0, 9, tzinfo=dt.UTC),
            dt.datetime(2099, 12, 31, tzinfo=dt.UTC),
            EARLIEST - dt.timedelta(microseconds=1),
        ],
    )
    def test_an_impossible_time_is_kept_as_text_alone(self, world: World, impossible: dt.datetime) -> None:
        recording = sealed(started=impossible, started_text=str(impossible), file_date=days_ago(2))
        assert (recording.started, recording.clock) == (days_ago(2), Clock.IMPLAUSIBLE)
        assert recording.started_text == str(impossible)

    def test_a_text_that_is_no_time_is_kept(self, world: World) -> None:
        recording = sealed(started=None, started_text="last Tuesday", file_date=days_ago(2))
        assert (recording.clock, recording.started_text) == (Clock.IMPLAUSIBLE, "last Tuesday")

    def test_a_clock_may_run_a_little_ahead(self, world: World) -> None:
        with clock.frozen(days_ago(0)):
            soon = clock.now() + AHEAD
            assert sealed(b"1", started=soon).clock == Clock.DELIVERED
            assert sealed(b"2", started=soon + dt.timedelta(seconds=1)).clock == Clock.IMPLAUSIBLE

    def test_the_files_own_date_is_the_weakest_word(self, world: World) -> None:
        recording = sealed(started=None, file_date=days_ago(3))
        assert (recording.started, recording.clock) == (days_ago(3), Clock.FILE)

    def test_without_any_word_it_is_filed_under_its_sealing(self, world: World) -> None:
        recording = sealed(started=None, file_date=dt.datetime(1980, 1, 1, tzinfo=dt.UTC))
        assert (recording.started, recording.clock) == (recording.sealed_at, Clock.NONE)

    def test_an_end_before_the_beginning_is_not_believed(self, world: World) -> None:
        assert sealed(b"1", ended=days_ago(11)).ended is None
        assert sealed(b"2", ended=days_ago(9)).ended == days_ago(9)


@pytest.mark.parametrize("odd", ["nul\0nul", "half \udcff of a character", "x" * 5000, "e\u0301"])
def test_odd_words_are_bounded_and_kept(world: World, odd: str) -> None:
    recording = sealed(
        source_name=odd, title=odd, incident=odd, label=odd, external_id=odd, started_text=odd[:80]
    )
    recording.refresh_from_db()
    assert len(recording.title) <= 300
    assert "\0" not in recording.title
    assert recording.title[:1] == odd[:1].replace("e", "\u00e9")
