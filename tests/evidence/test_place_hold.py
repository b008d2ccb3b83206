"""The acts place_hold and add_to_hold; what an incident's hold covers, and what comes under it later."""

import datetime as dt
import hashlib

import pytest
from django.db import transaction

from fairwitness.department import doors as department
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import hold as acts
from fairwitness.evidence.acts.hold import add_to_hold, cover, place_hold, release_from_hold
from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.doors import belonging, holds
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.models import Held, Hold, Recording
from fairwitness.kernel import actors, history
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.evidence.holding import BEGINS, OTHER_ROW, ROWS, events_since, facts_of, film, held_over, scene
from tests.evidence.made import sealed, try_to_seal
from tests.world import World


def is_held(recording: Recording) -> bool:
    """As the filter and as the single question say it: both must agree."""
    by_filter = Recording.objects.filter(holds.is_held(), pk=recording.pk).exists()
    assert by_filter == bool(holds.holds_over([recording.pk]))
    return by_filter


def test_a_supervisor_places_a_hold(world: World) -> None:
    one, two = film(b"1"), film(b"2", started=BEGINS + dt.timedelta(hours=3))
    before = Entry.objects.count()
    hold = held_over(one.pk, two.pk, by=world.actor("ruiz"))
    assert hold.number.startswith("H-") and hold.placed_by_id == world.id("ruiz")
    assert is_held(one) and is_held(two)
    assert sorted(events_since(before)) == [
        "evidence.hold_placed",
        "evidence.recording_held",
        "evidence.recording_held",
    ]
    placed = Entry.objects.get(event="evidence.hold_placed")
    assert {e.caused_by for e in Entry.objects.filter(event="evidence.recording_held")} == {placed.pk}
    line = history.of("evidence.recording", one.pk)[-1].sentence
    assert line == f"Sgt. Maria Ruiz put the recording under the hold {hold.number} for a court"
    (line,) = [each.sentence for each in history.of("evidence.hold", hold.pk)]
    assert (
        line
        == f"Sgt. Maria Ruiz placed the hold {hold.number} for a court, until it is lifted; recordings: 2"
    )


def test_the_ledger_binds_the_reason_and_never_has_it(world: World) -> None:
    hold = held_over(film().pk, by=world.actor("ruiz"))
    facts = facts_of("evidence.hold_placed")
    assert facts["reason_sha256"] == "sha256:" + hashlib.sha256(b"Trial in May").hexdigest()
    assert set(facts) == {"hold_id", "hold_kind", "count", "reason_sha256", "reference_sha256"}
    assert not {hold.reason, hold.reference} & set(map(str, facts.values()))


def test_the_incident_s_recordings_are_covered_when_the_placer_says_so(world: World) -> None:
    found = scene(f"{ROWS}\n{OTHER_ROW}")
    linked = film(b"linked", incident="26-001", started=BEGINS + dt.timedelta(days=1))
    mine, theirs = film(b"1"), film(b"2", "AX-0102", BEGINS + dt.timedelta(minutes=10))
    too_short = film(b"3", "AX-0102", BEGINS + dt.timedelta(minutes=4, seconds=50), 19)
    # At another incident at the same time: overlaps theirs, belongs to none of it.
    chained = film(b"4", "AX-0111", BEGINS + dt.timedelta(minutes=12))
    hold = place_hold(kind="investigation", reason="Why", incident_id=found.pk, by=world.actor("ruiz"))
    assert {row.recording_id for row in hold.held.all()} == {linked.pk, mine.pk, theirs.pk}
    assert not is_held(too_short) and not is_held(chained)
    assert facts_of("evidence.hold_placed")["count"] == 3


def test_one_recording_alone_leaves_its_incident(world: World) -> None:
    scene()
    one, two = film(b"1", incident="26-001"), film(b"2", "AX-0102", incident="26-001")
    held_over(one.pk, by=world.actor("ruiz"))
    assert is_held(one) and not is_held(two)


def test_what_comes_later_is_covered_at_once_and_gets_its_row_by_the_job(world: World) -> None:
    found = scene()
    hold = place_hold(kind="court", reason="Why", incident_id=found.pk, by=world.actor("ruiz"))
    linked, sibling = film(b"1", incident="26-001"), film(b"2", "AX-0102", BEGINS + dt.timedelta(minutes=6))
    assert is_held(linked), "by its link, before any job"
    assert not is_held(sibling)
    for _twice in range(2):
        jobs.cover_holds(0)
    assert {row.recording_id for row in hold.held.all()} == {linked.pk, sibling.pk}
    assert is_held(sibling)
    line = history.of("evidence.recording", sibling.pk)[-1].sentence
    assert line == (
        f"The system (putting under holds what came later) put the recording under the hold {hold.number} for a court"
    )


def test_linking_by_hand_leaves_the_job_and_unlinking_frees_nothing(world: World) -> None:
    found, costa = scene(), world.actor("costa")
    hold = place_hold(kind="court", reason="Why", incident_id=found.pk, by=costa)
    recording = film(started=BEGINS + dt.timedelta(days=2))
    link_incident(recording.pk, found.pk, by=costa)
    unlink_incident(linking.links(recording)[0].pk, by=world.actor("whitfield"))
    assert is_held(recording), "whose camera it was cannot unlink it out of a hold"
    assert hold.held.get().recording_id == recording.pk
    jobs.cover_incident(str(found.pk))
    assert hold.held.count() == 1


def test_what_was_let_out_stays_out_until_it_is_put_back_by_hand(world: World) -> None:
    found, costa = scene(), world.actor("costa")
    recording = film(incident="26-001")
    hold = place_hold(kind="court", reason="Why", incident_id=found.pk, by=costa)
    release_from_hold(hold.held.get().pk, "Shows nothing of it", by=costa)
    assert not is_held(recording)
    assert cover(hold.pk, by=actors.system("test")) == 0
    assert not is_held(recording)
    add_to_hold(hold.pk, recording.pk, by=costa)
    assert is_held(recording)


def test_a_recording_that_ends_nobody_knows_when_is_covered_where_it_began_there(world: World) -> None:
    found = scene()
    inside = sealed(b"in", started=BEGINS, device="AX-0101")
    outside = sealed(b"out", started=BEGINS - dt.timedelta(hours=1), device="AX-0101")
    assert holds.covered_by(found.pk) == [inside.pk]
    assert outside.pk not in holds.covered_by(found.pk)


def test_a_hold_covers_more_than_the_siblings_of_retention(world: World) -> None:
    """On purpose (docs/howto/holds.md): it errs on the side of keeping; retention wants an end and ten seconds."""
    found = scene()
    begun = BEGINS + dt.timedelta(minutes=2)
    long = film(b"a minute", started=begun)
    short = film(b"five seconds", started=begun, seconds=5)
    endless = sealed(b"no end", started=begun, device="AX-0101")
    apart = film(b"five seconds before", started=BEGINS - dt.timedelta(minutes=30), seconds=5)
    assert set(holds.covered_by(found.pk)) == {long.pk, short.pk, endless.pk}
    alike = film(b"another minute", device="AX-0102", started=BEGINS + dt.timedelta(minutes=6))
    assert {each.pk for each in belonging.siblings(alike)} == {long.pk}
    assert belonging.siblings(short) == belonging.siblings(endless) == belonging.siblings(apart) == []
    hold = place_hold(kind="court", reason="Why", incident_id=found.pk, by=world.actor("costa"))
    assert all(is_held(each) for each in (long, short, endless, alike))
    release_from_hold(hold.held.get(recording=short).pk, "Shows a pocket", by=world.actor("costa"))
    assert not is_held(short) and cover(hold.pk, by=actors.system("test")) == 0


class TestRefused:
    """Each refusal by name; nothing is written by any."""

    @pytest.fixture(autouse=True)
    def _nothing_is_written(self, world: World) -> None:
        self.recording = film()

    def _refuses(self, refusal: type[Exception], by: actors.Actor, **said: object) -> None:
        before = Entry.objects.count()
        given = {"kind": "court", "reason": "Why", "recordings": [self.recording.pk], **said}
        with pytest.raises(refusal), transaction.atomic():
            place_hold(**given, by=by)  # type: ignore[arg-type]
        assert (Entry.objects.count(), Hold.objects.count(), Held.objects.count()) == (before, 0, 0)

    @pytest.mark.parametrize("reason", ["", "  \n ", "\x00", "x" * 1001, "\ud800"])
    def test_no_reason_or_none_that_can_be_kept(self, world: World, reason: str) -> None:
        self._refuses(Invalid, world.actor("ruiz"), reason=reason)

    @pytest.mark.parametrize("kind", ["", "whim", "preservation"])
    def test_no_kind_for_people(self, world: World, kind: str) -> None:
        self._refuses(Invalid, world.actor("weber"), kind=kind)

    def test_a_day_that_has_come(self, world: World) -> None:
        self._refuses(Invalid, world.actor("ruiz"), until=department.today())

    def test_over_nothing(self, world: World) -> None:
        self._refuses(Invalid, world.actor("ruiz"), recordings=[])

    def test_beyond_the_chain(self, world: World) -> None:
        self._refuses(NotFound, world.actor("brandt"))

    def test_who_may_not(self, world: World) -> None:
        self._refuses(Forbidden, world.actor("whitfield"))
        self._refuses(Forbidden, world.actor("novak"))
        self._refuses(Forbidden, actors.PUBLIC)

    def test_what_was_refused(self, world: World) -> None:
        refused = try_to_seal(b"", device="AX-0101").recording
        self._refuses(WrongState, world.actor("costa"), recordings=[refused.pk])

    def test_all_or_none(self, world: World) -> None:
        hidden = film(b"other", "AX-0111")
        self._refuses(NotFound, world.actor("ruiz"), recordings=[self.recording.pk, hidden.pk])


def test_a_recording_is_added_once_and_to_a_hold_that_stands(world: World) -> None:
    ruiz, costa = world.actor("ruiz"), world.actor("costa")
    one, two = film(b"1"), film(b"2", started=BEGINS + dt.timedelta(hours=3))
    hold = held_over(one.pk, by=ruiz)
    with pytest.raises(WrongState, match="is under this hold"):
        add_to_hold(hold.pk, one.pk, by=ruiz)
    add_to_hold(hold.pk, two.pk, by=ruiz)
    assert is_held(two)
    with pytest.raises(NotFound):
        add_to_hold(hold.pk, film(b"3", "AX-0111").pk, by=ruiz)
    acts.lift_hold(hold.pk, "Over", by=costa)
    with pytest.raises(WrongState, match="lifted before"):
        add_to_hold(hold.pk, film(b"4", started=BEGINS + dt.timedelta(hours=5)).pk, by=ruiz)


@pytest.mark.parametrize("key", ["whitfield", "novak", "chen", "adeyemi"])
def test_who_may_not_place_may_not_add(world: World, key: str) -> None:
    hold = held_over(film().pk, by=world.actor("costa"))
    other = film(b"2", started=BEGINS + dt.timedelta(hours=3))
    with pytest.raises((Forbidden, NotFound)):
        add_to_hold(hold.pk, other.pk, by=world.actor(key))
