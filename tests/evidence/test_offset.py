"""Cameras' clocks: what a person finds about one is shown and withdrawn, and the evidence is never touched."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from fairwitness.evidence.acts import offset as acts
from fairwitness.evidence.acts.incident import link_incident
from fairwitness.evidence.check import check_rows
from fairwitness.evidence.doors import clocks, timeline
from fairwitness.evidence.models import Offset, Recording
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.evidence.made import BEGAN, BY, days_ago, grown, readable, rows, sealed, try_to_seal
from tests.evidence.test_square import an_incident
from tests.world import CAST, World

LAID = event("test.incident_moved", "{actor} moved an incident")
WHY = "The same light is seen in both."
S = dt.timedelta(seconds=1)


@pytest.fixture
def recording(world: World) -> Recording:
    """A minute, made by Whitfield ten days ago."""
    return camera(b"first")


def camera(
    data: bytes, later: dt.timedelta = dt.timedelta(), device: str = "AX-0101", **words: Any
) -> Recording:
    """A minute that began so much later, as its clock says."""
    return readable(sealed(data, device=device, started=days_ago(10) + later, **words))


def by_dispatch(recording: Recording, by: Any, slow: dt.timedelta, at_ms: int = 5_000) -> Offset:
    true_at = recording.started + dt.timedelta(milliseconds=at_ms) + slow
    return acts.find_by_dispatch(recording.pk, at_ms=at_ms, true_at=true_at, because=WHY, by=by)


def test_it_works(world: World, recording: Recording) -> None:
    started, delivered = recording.started, recording.delivered
    row = by_dispatch(recording, world.actor("ruiz"), 12 * S)
    assert (row.offset_ms, row.how, row.found_by_id) == (12_000, "dispatch", world.id("ruiz"))
    event, subjects, facts = latest()
    assert event == "evidence.offset_found"
    assert subjects == {("evidence.recording", recording.pk), ("evidence.offset", row.pk)}
    assert (facts["offset_ms"], facts["at_ms"], facts["offset_how"]) == (12_000, 5_000, "dispatch")
    assert "against the times of dispatch; the recording is left as it is" in sentence()
    recording.refresh_from_db()
    assert (recording.started, recording.delivered) == (started, delivered), "never written into the evidence"
    found = timeline.timeline(world.actor("ruiz"), [recording.pk])
    assert found is not None
    assert found.lanes[0].begins == started + 12 * S
    assert not list(check_rows())


def test_a_mark_sets_one_camera_by_another(world: World, recording: Recording) -> None:
    """The clap is at second 10 of the first, and at second 3 of the second, whose clock says a minute more."""
    second = camera(b"second", 60 * S, "AX-0102")
    row = acts.find_by_mark(
        second.pk, at_ms=3_000, other_id=recording.pk, other_ms=10_000, because=WHY, by=world.actor("ruiz")
    )
    assert row.offset_ms == -53_000
    found = timeline.timeline(world.actor("ruiz"), [recording.pk, second.pk])
    assert found is not None
    first_lane, second_lane = found.lanes
    assert first_lane.begins + 10 * S == second_lane.begins + 3 * S
    assert latest()[2]["other_id"] == str(recording.pk)
    by_dispatch(recording, world.actor("ruiz"), 100 * S)
    again = timeline.timeline(world.actor("ruiz"), [second.pk])
    assert again is not None
    assert again.lanes[0].offset_ms == -53_000 + 100_000, "what is known of the first counts for the second"


def test_a_year_is_shown_and_not_moved_by_itself(world: World, recording: Recording) -> None:
    near, wrong = camera(b"near", 5 * S, "AX-0102"), camera(b"wrong", -365 * 86_400 * S, "AX-0101")
    ids = [recording.pk, near.pk, wrong.pk]
    found = timeline.timeline(world.actor("costa"), ids)
    assert found is not None
    assert [lane.loose for lane in found.lanes] == [False, False, True]
    lane = found.lanes[2]
    assert (lane.recording, lane.wrong_day, lane.away) == (wrong, True, -365 * 86_400 * S)
    assert found.starts_ms(lane) == 0
    acts.find_by_mark(
        wrong.pk, at_ms=0, other_id=recording.pk, other_ms=2_000, because=WHY, by=world.actor("costa")
    )
    found = timeline.timeline(world.actor("costa"), ids)
    assert found is not None
    assert not any(lane.loose for lane in found.lanes)
    moved = next(lane for lane in found.lanes if lane.recording == wrong)
    assert moved.begins == recording.started + 2 * S
    assert moved.wrong_day, "that it had another year is still told"


def test_what_was_found_before_is_withdrawn(world: World, recording: Recording) -> None:
    first = by_dispatch(recording, world.actor("ruiz"), 12 * S)
    second = by_dispatch(recording, world.actor("whitfield"), 3 * S)
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    assert clocks.standing([recording.pk]) == {recording.pk: second}
    assert latest()[2]["earlier_id"] == str(first.pk)


def test_withdrawing(world: World, recording: Recording) -> None:
    row = by_dispatch(recording, world.actor("ruiz"), 12 * S)
    acts.withdraw_offset(row.pk, by=world.actor("ruiz"))
    assert latest()[0] == "evidence.offset_withdrawn"
    assert clocks.standing([recording.pk]) == {}
    with pytest.raises(WrongState, match="withdrawn before"):
        acts.withdraw_offset(row.pk, by=world.actor("ruiz"))
    with pytest.raises(NotFound):
        acts.withdraw_offset(row.pk, by=world.actor("brandt"))


@pytest.mark.parametrize("at_ms", [-1, 60_001, 2**62])
def test_a_moment_outside_is_refused(world: World, recording: Recording, at_ms: int) -> None:
    second, by = camera(b"second"), world.actor("ruiz")
    before = rows()
    with pytest.raises(Invalid, match="not in the recording"):
        acts.find_by_dispatch(recording.pk, at_ms=at_ms, true_at=BEGAN, because=WHY, by=by)
    for here, there in ((at_ms, 0), (0, at_ms)):
        with pytest.raises(Invalid, match="not in the recording"):
            acts.find_by_mark(
                recording.pk, at_ms=here, other_id=second.pk, other_ms=there, because=WHY, by=by
            )
    assert grown(before) == {}


@pytest.mark.parametrize("because", ["", "  ", "\0", "x" * 1001])
def test_it_needs_a_reason(world: World, recording: Recording, because: str) -> None:
    with pytest.raises(Invalid):
        acts.find_by_dispatch(recording.pk, at_ms=0, true_at=BEGAN, because=because, by=world.actor("ruiz"))


def test_a_time_to_come_is_refused(world: World, recording: Recording) -> None:
    later = clock.now() + dt.timedelta(minutes=1)
    with pytest.raises(Invalid, match="has not come"):
        acts.find_by_dispatch(recording.pk, at_ms=0, true_at=later, because=WHY, by=world.actor("ruiz"))


def test_a_camera_is_not_set_by_itself_nor_by_one_that_it_sets(world: World, recording: Recording) -> None:
    by = world.actor("costa")
    second, third = camera(b"second"), camera(b"third")

    def mark(one: Recording, other: Recording) -> Offset:
        return acts.find_by_mark(one.pk, at_ms=0, other_id=other.pk, other_ms=0, because=WHY, by=by)

    with pytest.raises(Invalid, match="another camera"):
        mark(recording, recording)
    mark(recording, second)
    mark(second, third)
    before = rows()
    with pytest.raises(WrongState, match="is itself set by"):
        mark(third, recording)
    with pytest.raises(WrongState, match="is itself set by"):
        mark(second, recording)
    assert grown(before) == {}


MAY = {"whitfield", "ruiz", "okafor", "costa", "nair"}
FINDS = MAY | {"hale", "park", "sato", "weber", "novak"}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_who_may(world: World, recording: Recording, part: Any) -> None:
    actor = world.actor(part.key)
    if part.key in MAY:
        assert by_dispatch(recording, actor, S)
        return
    with pytest.raises(Forbidden if part.key in FINDS else NotFound):
        by_dispatch(recording, actor, S)


def test_who_may_not_open_the_other_camera_marks_nothing(world: World, recording: Recording) -> None:
    theirs = camera(b"theirs", device="AX-0111")
    with pytest.raises(NotFound):
        acts.find_by_mark(
            recording.pk, at_ms=0, other_id=theirs.pk, other_ms=0, because=WHY, by=world.actor("whitfield")
        )


def test_what_was_seen_is_told_to_whom_the_footage_opens(world: World, recording: Recording) -> None:
    """By how much a clock differs everyone reads who finds the recording; what both cameras show is what they show."""
    second = camera(b"second", 60 * S, "AX-0111")
    why = "The driver falls, and the light goes out."
    acts.find_by_mark(
        recording.pk, at_ms=3_000, other_id=second.pk, other_ms=10_000, because=why, by=world.actor("costa")
    )

    def page(who: str) -> str:
        return world.sign_in(who).get(reverse("recording", args=[recording.pk])).content.decode()

    assert why in page("costa") and second.number in page("costa")
    assert why in page("whitfield")
    assert second.number not in page("whitfield"), "it is of another watch"
    assert "the same is seen by another camera" in page("whitfield")
    for who in ("novak", "hale", "weber"):
        assert why not in page(who) and second.number not in page(who)
        assert "The camera&#x27;s clock" in page(who) or "The camera's clock" in page(who)


def test_what_was_refused_has_no_clock(world: World) -> None:
    refused = try_to_seal(b"").recording
    with pytest.raises(WrongState, match="Only a sealed recording"):
        by_dispatch(refused, world.actor("costa"), S)


class TestTimeline:
    """The lanes come narrowed to who asks."""

    def test_of_an_incident(self, world: World, recording: Recording) -> None:
        theirs = camera(b"theirs", 9 * S, "AX-0111")
        incident = an_incident("26-77")
        for each in (recording, theirs):
            link_incident(each.pk, incident.pk, by=world.actor("costa"))
        found = timeline.of_incident(world.actor("costa"), incident.pk)
        assert found is not None
        assert [lane.recording for lane in found.lanes] == [recording, theirs]
        assert (found.length_ms, found.starts_ms(found.lanes[1])) == (69_000, 9_000)
        assert all(lane.may_open for lane in found.lanes)
        own = timeline.of_incident(world.actor("whitfield"), incident.pk)
        assert own is not None
        assert [lane.recording for lane in own.lanes] == [recording]
        looked = timeline.of_incident(world.actor("hale"), incident.pk)
        assert looked is not None
        assert not any(lane.may_open for lane in looked.lanes)
        assert timeline.of_incident(world.actor("chen"), incident.pk) is None

    def test_a_clock_that_nobody_believes_lies_on_no_line(self, world: World, recording: Recording) -> None:
        odd = readable(sealed(b"odd", device="AX-0101", started=None))
        found = timeline.timeline(world.actor("costa"), [recording.pk, odd.pk])
        assert found is not None
        assert {lane.recording.pk: lane.loose for lane in found.lanes} == {recording.pk: False, odd.pk: True}
        alone = timeline.timeline(world.actor("costa"), [odd.pk])
        assert alone is not None
        assert not alone.lanes[0].loose

    def test_of_two_that_disagree_the_incident_tells_which(self, world: World) -> None:
        """The one that agrees with dispatch stands, though the other is earlier."""
        right, wrong = camera(b"right"), camera(b"wrong", -365 * 86_400 * S)
        incident = an_incident("26-78")
        for each in (right, wrong):
            link_incident(each.pk, incident.pk, by=world.actor("costa"))
        found = timeline.of_incident(world.actor("costa"), incident.pk)
        assert found is not None
        # The incident of this test was opened just now, ten days after: neither is near, and the earlier stands.
        assert [lane.recording for lane in found.lanes if lane.loose] == [right]
        with change(LAID, by=BY) as entry:
            incident.opened = right.started
            incident.save()
            entry.about(incident)
        found = timeline.of_incident(world.actor("costa"), incident.pk)
        assert found is not None
        assert [lane.recording for lane in found.lanes if lane.loose] == [wrong]

    def test_of_many_the_rest_is_counted(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(timeline, "LANES", 3)
        ids = [camera(bytes([n]), n * S).pk for n in range(5)]
        found = timeline.timeline(world.actor("costa"), ids)
        assert found is not None
        assert (len(found.lanes), found.more) == (3, 2)
