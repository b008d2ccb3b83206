"""Reading again: what could not be read, or was not tried, is read anew when the BWC Unit asks."""

import pytest
from django.urls import reverse
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob
from procrastinate.jobs import Job

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import probe
from fairwitness.evidence.models import Probe, Recording
from fairwitness.kernel import child
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.evidence.made import BY, answer, grown, readable, rows, run, sealed, try_to_seal
from tests.world import World

UNREAD = {"readable": False, "reason_code": "not_media", "reason": "No known kind of recording."}


def left() -> int:
    return ProcrastinateJob.objects.filter(task_name="evidence.probe").count()


def test_it_works(world: World) -> None:
    recording = sealed()
    probe.note_unreadable(recording.pk, "timeout", "It took too long.", by=BY)
    probe.read_again(recording.pk, by=world.actor("costa"))
    recording.refresh_from_db()
    assert (recording.readable, recording.unreadable_because, left()) == ("waiting", "", 2)
    assert latest() == ("evidence.reading_asked", {("evidence.recording", recording.pk)}, {})
    assert sentence() == "Ana Costa asked that the recording be read again"


def test_the_later_answer_takes_the_place_of_the_earlier(world: World) -> None:
    recording = readable(sealed(), **UNREAD)
    probe.read_again(recording.pk, by=world.actor("costa"))
    assert readable(recording).readable == "yes"
    assert Probe.objects.get().found == answer()


def test_what_was_read_or_is_being_read_is_not_read_again(world: World) -> None:
    refused, waiting, read = try_to_seal(b"").recording, sealed(b"one"), readable(sealed(b"two"))
    before = rows()
    for recording in (refused, waiting, read):
        with pytest.raises(WrongState):
            probe.read_again(recording.pk, by=world.actor("costa"))
    assert grown(before) == {}


@pytest.mark.parametrize(
    ("key", "refusal"),
    [("whitfield", Forbidden), ("ruiz", Forbidden), ("sato", Forbidden), ("brandt", NotFound)],
)
def test_nobody_else_asks(world: World, key: str, refusal: type[Exception]) -> None:
    recording = readable(sealed(device="AX-0101"), **UNREAD)
    before = rows()
    with pytest.raises(refusal):
        probe.read_again(recording.pk, by=world.actor(key))
    assert grown(before) == {}


def test_the_page_offers_it_to_the_bwc_unit(world: World) -> None:
    recording = sealed(device="AX-0101")
    probe.note_unreadable(recording.pk, "crashed", "It broke off.", by=BY)
    page, address = reverse("recording", args=[recording.pk]), reverse("read-again", args=[recording.pk])
    assert address not in world.sign_in("whitfield").get(page).content.decode()
    browser = world.sign_in("costa")
    assert address in browser.get(page).content.decode()
    assert "It will be read again" in browser.post(address, follow=True).content.decode()
    assert address not in browser.get(page).content.decode()
    assert Recording.objects.get().readable == "waiting"


def test_the_command_asks_for_all_that_was_not_tried(world: World) -> None:
    untried = [sealed(bytes([n])) for n in range(3)]
    for recording in untried[:2]:
        probe.note_unreadable(recording.pk, "wall_missing", "A wall is missing.", by=BY)
    probe.note_unreadable(untried[2].pk, "crashed", "It broke off.", by=BY)
    try_to_seal(b"")
    assert run("read", "--untried").lines == ["2 recordings will be read."]
    assert sorted(Recording.objects.values_list("readable", flat=True)) == [
        "no",
        "untried",
        "waiting",
        "waiting",
    ]
    assert left() == 5
    assert run("read", "--untried").lines == ["0 recordings will be read."]


@pytest.mark.parametrize("code", sorted(jobs.MAY_PASS))
def test_what_may_pass_is_tried_three_times(world: World, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """By the table of jobs, as a worker does it: the job counts how often it was tried."""

    def fail(*words: object, **more: object) -> None:
        raise child.MediaRefused(code)

    monkeypatch.setattr(child, "read_media", fail)
    recording, seen = sealed(), []
    task = app.tasks["evidence.probe"]
    for attempts in range(jobs.TRIES):
        job = Job(
            id=1, status="doing", queue="media", lock=None, queueing_lock=None, task_name=task.name,
            attempts=attempts,
        )  # fmt: skip
        try:
            task.func(
                JobContext(app=app, job=job, start_timestamp=0, abort_reason=lambda: None),
                recording_id=str(recording.pk),
            )
        except child.MediaRefused as refused:
            assert task.get_retry_exception(exception=refused, job=job), "the worker will do it again"
        recording.refresh_from_db()
        seen.append(recording.readable)
    assert seen == ["waiting", "waiting", "no"]
