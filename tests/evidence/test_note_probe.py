"""Noting what reading a recording came to: once, and never touching what was sealed."""

import hashlib
import json
import threading

import pytest
from django.db import connections
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import probe
from fairwitness.evidence.models import Probe, Recording
from fairwitness.kernel import child, child_answers, clock
from fairwitness.kernel.models import Entry
from tests.department.ledger import latest
from tests.evidence.made import BY, answer, days_ago, grown, readable, rows, sealed
from tests.world import World


def test_the_answer_that_these_tests_give_is_one_that_the_reader_may_give() -> None:
    assert child_answers.checked(answer(), child_answers.ANSWERS["probe"]) == answer()


def test_it_works(world: World) -> None:
    recording = readable(sealed())
    recording.refresh_from_db()
    assert (recording.readable, recording.unreadable_because, recording.duration_ms) == ("yes", "", 60_000)
    assert Probe.objects.get().found == answer()
    event, subjects, facts = latest()
    assert (event, subjects) == ("evidence.recording_probed", {("evidence.recording", recording.pk)})
    spelt = json.dumps(answer(), sort_keys=True, separators=(",", ":")).encode()
    assert facts["found"] == f"sha256:{hashlib.sha256(spelt).hexdigest()}"
    assert (facts["readable"], facts["owner_how"]) == ("yes", "unknown")


def test_a_second_reading_writes_nothing(world: World) -> None:
    recording = readable(sealed())
    before = rows()
    readable(recording, readable=False, reason_code="empty", reason="The file is empty.")
    probe.note_unreadable(recording.pk, "crashed", "It broke off.", by=BY)
    recording.refresh_from_db()
    assert (recording.readable, grown(before)) == ("yes", {})


def test_of_two_readers_at_once_one_is_heard(own_world: World) -> None:
    recording, start = sealed(), threading.Barrier(4)

    def one() -> None:
        start.wait()
        try:
            readable(recording)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Entry.objects.filter(event="evidence.recording_probed").count() == 1
    assert ProcrastinateJob.objects.filter(task_name="evidence.derive").count() == 1


def test_what_cannot_be_read_is_evidence_all_the_same(world: World) -> None:
    recording = sealed()
    was = Recording.objects.values_list(*Recording.FROZEN).get()
    probe.note_unreadable(recording.pk, "timeout", "Reading this file took longer than is allowed.", by=BY)
    recording.refresh_from_db()
    assert (recording.readable, recording.status) == ("no", "sealed")
    assert recording.unreadable_because == "Reading this file took longer than is allowed."
    assert latest()[2] == {"readable": "no", "reason": "timeout"}
    assert Recording.objects.values_list(*Recording.FROZEN).get() == was


def test_a_reason_in_the_answer_is_shown(world: World) -> None:
    recording = readable(
        sealed(),
        readable=False,
        reason_code="not_media",
        reason="No known kind of recording.",
        found_ms=None,
        declared_ms=None,
    )
    recording.refresh_from_db()
    assert (recording.readable, recording.unreadable_because) == ("no", "No known kind of recording.")
    assert recording.duration_ms is None
    assert not ProcrastinateJob.objects.filter(task_name="evidence.derive").exists()


def test_a_missing_wall_means_not_yet_tried(world: World) -> None:
    recording = sealed()
    probe.note_unreadable(recording.pk, "wall_missing", "This machine cannot wall in the reader.", by=BY)
    recording.refresh_from_db()
    assert recording.readable == "untried"
    readable(recording)
    recording.refresh_from_db()
    assert (recording.readable, recording.unreadable_because) == ("yes", "")


@pytest.mark.parametrize(
    ("found", "kinds"),
    [
        ({}, {"filmstrip"}),
        ({"main_audio": 1}, {"filmstrip", "waveform"}),
        ({"main_video": None, "main_audio": 0}, {"waveform"}),
        ({"browser_playable": False}, {"filmstrip", "viewing_copy"}),
        ({"readable": False, "reason_code": "empty", "reason": "The file is empty."}, set()),
    ],
)
def test_what_pages_need_is_left_to_a_worker(world: World, found: dict[str, object], kinds: set[str]) -> None:
    recording = readable(sealed(), **found)
    left = ProcrastinateJob.objects.filter(task_name="evidence.derive").values_list("args", flat=True)
    assert {args["kind"] for args in left} == kinds
    assert {args["recording_id"] for args in left} <= {str(recording.pk)}


class TestTheClockOfTheDevice:
    """A time that the device wrote beats the file's own date, and may tell who wore the camera."""

    AT = {"clock": "device_utc", "why": "utc_in_file"}

    def test_it_tells_who_wore_it(self, world: World) -> None:
        recording = sealed(device="AX-0101", started=None, file_date=days_ago(1))
        assert recording.owner is None
        readable(recording, recorded_at={**self.AT, "utc": clock.rfc3339(days_ago(4)), "text": "as written"})
        recording.refresh_from_db()
        assert (recording.started, recording.clock) == (days_ago(4), "device")
        assert recording.started_text == "as written"
        assert (recording.owner, recording.owner_how) == (world.members["whitfield"], "assignment")
        assert recording.unit == world.units["patrol_1"]
        assert "Whitfield" in recording.search
        assert latest()[2]["owner_id"] == str(world.id("whitfield"))

    def test_a_local_time_is_the_agencys(self, world: World) -> None:
        recording = sealed(started=None)
        readable(recording, recorded_at={**self.AT, "clock": "device_local", "text": "2026-03-02T14:05:31"})
        recording.refresh_from_db()
        assert clock.rfc3339(recording.started) == "2026-03-02T19:05:31.000000Z"

    @pytest.mark.parametrize(
        "at",
        [
            {"clock": "container_default", "utc": "1970-01-01T00:00:09.000000Z"},
            {"clock": "device_utc", "utc": "1970-01-01T00:00:09.000000Z"},
            {"clock": "device_utc", "utc": "2099-12-31T23:59:59.000000Z"},
            {"clock": "device_local", "text": "no time"},
            {"clock": "device_local", "text": None},
            {"clock": "implausible", "utc": "2026-03-02T14:05:31.000000Z"},
        ],
    )
    def test_a_time_that_cannot_be_believed_changes_nothing(self, world: World, at: dict[str, str]) -> None:
        recording = sealed(started=None, file_date=days_ago(1))
        readable(recording, recorded_at=at)
        recording.refresh_from_db()
        assert (recording.started, recording.clock) == (days_ago(1), "file")

    def test_the_delivering_system_is_believed_more(self, world: World) -> None:
        recording = sealed(device="AX-0101", started=days_ago(10))
        readable(recording, recorded_at={**self.AT, "utc": clock.rfc3339(days_ago(4))})
        recording.refresh_from_db()
        assert (recording.started, recording.clock) == (days_ago(10), "delivered")

    def test_an_owner_who_was_named_stays(self, world: World) -> None:
        recording = sealed(device="AX-0101", owner="102", started=None)
        readable(recording, recorded_at={**self.AT, "utc": clock.rfc3339(days_ago(4))})
        recording.refresh_from_db()
        assert (recording.owner, recording.owner_how) == (world.members["okoye"], "named")


class TestTheJob:
    """The worker's side: whatever happens to the child, the recording ends readable, unreadable or untried."""

    def test_what_was_read_is_not_read_again(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        recording = readable(sealed())
        monkeypatch.setattr(child, "read_media", None)  # would be a TypeError
        jobs.probe(str(recording.pk))

    @pytest.mark.parametrize(
        ("code", "readable_now"),
        [("crashed", "no"), ("timeout", "no"), ("memory", "no"), ("malformed", "no")],
    )
    def test_a_child_that_fails(
        self, world: World, monkeypatch: pytest.MonkeyPatch, code: str, readable_now: str
    ) -> None:
        def fail(*words: object, **more: object) -> None:
            raise child.MediaRefused(code)

        monkeypatch.setattr(child, "read_media", fail)
        recording = sealed()
        jobs.probe(str(recording.pk))
        recording.refresh_from_db()
        assert recording.readable == readable_now
        assert recording.unreadable_because.endswith(".")
