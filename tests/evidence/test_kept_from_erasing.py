"""What keeps a recording up to the last moment: rules of that minute, holds, requests that wait; and what is too late."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import category, erasing
from fairwitness.evidence.acts.hold import add_to_hold
from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.acts.preservation import lift_preservation
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors import dry_runs, holds, is_going, keeping, preservation
from fairwitness.evidence.models import Disposal, DisposalList, Recording, Retention
from fairwitness.incidents.models import Incident
from fairwitness.kernel import blobs, clock, history
from fairwitness.kernel.actors import system
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import WrongState
from fairwitness.policy import acts as policy
from fairwitness.policy.models import Clearance
from fairwitness.storage.models import Copy, Store
from tests.evidence.disposals import KEPT, after_grace, dated, due, erase, in_grace, made_of, row
from tests.evidence.holding import BEGINS, asked, facts_of, film, held_over, scene
from tests.evidence.kept import approved, version_with
from tests.evidence.made import BY, sealed
from tests.evidence.test_erase import erase_until_begun
from tests.incidents.made import dispatch, incident
from tests.world import World

DATA = b"a recording"
ROW = "26-001,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,"
LATER = "26-001,3/4/2026,19:05,Noise,12 Main St,4A12,19:06,,19:12,19:40,"


def _sibling_for_ever(world: World, found: Incident) -> Recording:
    """A recording of an incident that is kept for ever."""
    made = sealed(b"the other", incident=found.number)
    category.add_category(made.pk, "officer-involved", by=world.actor("costa"))
    return made


def _said(found: DisposalList, what: Any = DATA) -> tuple[str, str]:
    here = row(found, what)
    return here.status, here.because


MOVED = (Disposal.Status.TAKEN_BACK, "its date has moved")
HELD = (Disposal.Status.TAKEN_BACK, "a hold stands over it")
ASKED = (
    Disposal.Status.TAKEN_BACK,
    "a resident's request that may mean it was not looked at yet",
)


def test_a_sibling_for_ever_keeps_what_is_linked_to_it_in_grace(world: World) -> None:
    dispatch(ROW)
    _sibling_for_ever(world, incident())
    found = in_grace(world, DATA)
    recording = row(found, DATA).recording
    made = link_incident(recording.pk, incident().pk, by=world.actor("costa"))
    kept = Retention.objects.get(recording=recording)
    assert kept.state == Retention.State.FOR_EVER, "decided in the change of the link"
    assert history.of("evidence.recording", recording.pk)
    erase(found)
    assert _said(found) == MOVED
    assert blobs.store().holds(recording.sha256)
    unlink_incident(made.pk, by=world.actor("costa"))
    kept.refresh_from_db()
    assert kept.state == Retention.State.FOR_EVER and kept.nearer_on, "nearer only by a dry run"


def test_a_link_moves_the_siblings_too(world: World) -> None:
    dispatch(ROW)
    here, there = due(b"here", incident="26-001"), dated(sealed(b"there"), days=30)
    category.add_category(there.pk, "officer-involved", by=world.actor("costa"))
    link_incident(there.pk, incident().pk, by=world.actor("costa"))
    assert Retention.objects.get(recording=here).state == Retention.State.FOR_EVER
    entry = Entry.objects.get(event=events.INCIDENT_LINKED.name)
    assert any(each.entry_id == entry.pk for each in history.of("evidence.recording", here.pk))


def test_a_stored_day_that_is_behind_the_rules_lets_nothing_go(world: World) -> None:
    """Whatever forgot to decide again: approving, the grace and the erasing ask the rules themselves."""
    dispatch(ROW)
    _sibling_for_ever(world, incident())
    found = in_grace(world, DATA)
    recording = row(found, DATA).recording
    link_incident(recording.pk, incident().pk, by=BY)
    dated(recording)
    assert list(doors.unfit(found.disposals.all())) == [row(found, DATA)]
    assert doors.why_unfit(recording) == "moved"
    erase(found)
    assert _said(found) == MOVED


def test_a_longer_version_in_force_within_the_hour(world: World) -> None:
    found = in_grace(world, DATA)
    erase_until_begun(found)
    version = approved(world, version_with(world, "for ever"))
    policy.give_clearance(version_id=version.pk, what=Clearance.What.RETENTION, by=BY)
    policy.bring_into_force(version_id=version.pk, by=system("policy.bring_due"))
    erase(found)
    assert _said(found) == MOVED
    assert set(Copy.objects.values_list("status", flat=True)) == {"good"}
    jobs.retain_anew()
    kept = Retention.objects.get(recording=row(found, DATA).recording)
    assert kept.state == Retention.State.FOR_EVER, "the job after the version decides again"


def test_an_import_that_moves_an_event_to_it(world: World) -> None:
    """A unit's recording belongs to the incident only since the export says that it was there at that time."""
    scene(LATER)
    _sibling_for_ever(world, incident())
    mine = film(DATA)
    dated(mine)
    found = in_grace(world, b"another")
    assert row(found, mine).status == Disposal.Status.GRACE
    dispatch(ROW)
    assert doors.why_unfit(mine) == "moved"
    jobs.retain_anew()
    assert Retention.objects.get(recording=mine).state == Retention.State.FOR_EVER
    erase(found)
    assert _said(found, mine) == MOVED
    assert row(found, b"another").status == Disposal.Status.ERASED


def test_a_hold_over_an_incident_keeps_what_its_units_made(world: World) -> None:
    """Also before the job of every ten minutes has put it under the hold."""
    scene(LATER)
    mine = film(DATA)
    dated(mine)
    found = in_grace(world, b"another")
    held_over(by=world.actor("weber"), incident_id=incident().pk)
    dispatch(ROW)
    erase(found)
    assert _said(found, mine) == HELD


# While bytes are being erased


def _lost(found: DisposalList, what: Any = DATA) -> Disposal:
    """As far as one store has let go: the disposal, let go a moment after the grace."""
    erase_until_begun(found)
    with clock.frozen(after_grace(found)):
        return erasing.let_go(row(found, what).pk, by=BY)


def test_a_hold_stops_the_erasing_while_no_store_has_let_go(world: World, home: Path, settings: Any) -> None:
    settings.FAIRWITNESS_STORES = f"one={home}/one"
    blobs.store().all[0].begin()
    found = in_grace(world, DATA)
    mark = home / "one" / ".fairwitness-store"
    mark.unlink()
    erase(found)
    here = row(found, DATA)
    assert (here.status, here.let_go_at) == (Disposal.Status.ERASING, None), "no store answered"
    mark.touch()
    held_over(here.recording_id, by=world.actor("weber"))
    erase(found)
    assert _said(found) == HELD
    assert blobs.store().holds(here.recording.sha256)


def test_a_hold_between_the_beginning_and_the_stores(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the gap between asking and erasing, which no lock covered."""
    found = in_grace(world, DATA)
    real = doors.bytes_of
    placed: list[Any] = []

    def late(recording: Recording) -> list[doors.Named]:
        if not placed and is_going(recording.pk):
            placed.append(held_over(recording.pk, by=world.actor("weber")))
        return real(recording)

    monkeypatch.setattr(doors, "bytes_of", late)
    erase(found)
    assert placed and _said(found) == HELD
    assert blobs.store().holds(row(found, DATA).recording.sha256)


@pytest.mark.parametrize("how", ["link", "category"])
def test_up_to_the_stores_an_incident_or_a_category_keeps_it(world: World, how: str) -> None:
    dispatch(ROW)
    _sibling_for_ever(world, incident())
    found = in_grace(world, DATA)
    erase_until_begun(found)
    here = row(found, DATA).recording
    if how == "link":
        link_incident(here.pk, incident().pk, by=world.actor("costa"))
    else:
        category.add_category(here.pk, "officer-involved", by=world.actor("costa"))
    erase(found)
    assert _said(found) == MOVED
    assert blobs.store().holds(here.sha256)


def test_once_a_store_let_go_a_hold_is_refused(world: World) -> None:
    found = in_grace(world, DATA)
    going = _lost(found)
    title = policy_title(going)
    with pytest.raises(
        WrongState, match=f"cannot be kept any more: its erasing began on .* under the rule {title}"
    ):
        held_over(going.recording_id, by=world.actor("weber"))
    hold = held_over(sealed(b"x").pk, by=world.actor("weber"))
    with pytest.raises(WrongState, match="cannot be kept any more"):
        add_to_hold(hold.pk, going.recording_id, by=world.actor("weber"))
    dispatch(ROW)
    with pytest.raises(WrongState, match="cannot be kept any more"):
        link_incident(going.recording_id, incident().pk, by=world.actor("costa"))
    with pytest.raises(WrongState, match="cannot be kept any more"):
        category.add_category(going.recording_id, "officer-involved", by=world.actor("costa"))
    with pytest.raises(WrongState):
        erasing.keep_after_all(going.pk, by=BY)
    erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASED
    assert holds.holds_over([going.recording_id]) == {}


def policy_title(going: Disposal) -> str:
    cited = keeping.decision_of(going.recording).cited
    return str(cited.rule.title)


def test_a_hold_over_an_incident_of_which_one_is_being_erased(world: World) -> None:
    dispatch(ROW)
    gone, stays = due(b"gone", incident="26-001"), sealed(b"stays", incident="26-001")
    found = in_grace(world, DATA)
    going = _lost(found, gone)
    hold = held_over(by=world.actor("weber"), incident_id=incident().pk)
    assert holds.holds_over([gone.pk, stays.pk]) == {stays.pk: [hold]}
    assert not Recording.objects.filter(holds.is_held(), pk=gone.pk).exists()
    assert facts_of("evidence.hold_placed")["count"] == 1
    told = [each.sentence for each in history.of("evidence.recording", gone.pk)]
    assert any(
        f"out of the hold {hold.number}, which came after its erasing had begun" in each for each in told
    )
    page = world.sign_in("weber").get(f"/holds/{hold.pk}/").content.decode()
    assert f"{gone.number} cannot be kept any more" in page
    erase(found)
    assert Disposal.objects.get(pk=going.pk).status == Disposal.Status.ERASED
    assert holds.holds_over([gone.pk, stays.pk]) == {stays.pk: [hold]}


def test_a_hold_over_an_incident_covers_no_recording_that_was_erased(world: World) -> None:
    dispatch(ROW)
    gone = due(b"gone", incident="26-001")
    found = in_grace(world, DATA)
    erase(found)
    assert row(found, gone).status == Disposal.Status.ERASED
    held_over(by=world.actor("weber"), incident_id=incident().pk)
    assert holds.holds_over([gone.pk]) == {}


def test_nothing_is_certified_that_was_not_let_go(world: World) -> None:
    found = in_grace(world, DATA)
    erase_until_begun(found)
    here = row(found, DATA)
    read_back = [erasing.ReadBack("main", here.recording.sha256, clock.now())]
    with pytest.raises(WrongState, match="Nobody asked before"):
        erasing.bytes_erased(here.pk, read_back, by=BY)


# Requests that wait to be matched


def _slowed(**said: Any) -> Any:
    """A request that nobody has matched yet."""
    made = asked(**said)
    assert made.matched_at is None
    return made


@pytest.mark.parametrize(
    "said",
    [
        {"incident_number": " 26-001"},
        {
            "place": "main st",
            "since": BEGINS - dt.timedelta(hours=1),
            "until": BEGINS + dt.timedelta(hours=1),
        },
    ],
)
def test_what_a_waiting_request_may_mean_is_kept(world: World, said: dict[str, Any]) -> None:
    scene(ROW)
    mine = film(DATA)
    dated(mine)
    found = in_grace(world, b"another")
    request = _slowed(**said)
    assert preservation.asking_for(mine) == [request]
    assert preservation.asked_for([mine.pk, row(found, b"another").recording_id]) == {
        mine.pk: [request.number]
    }
    (line,) = dry_runs.tried(Recording.objects.filter(pk=mine.pk), keeping.rules_now()).lines
    assert line.requests == (request.number,)
    erase(found)
    assert _said(found, mine) == ASKED
    assert row(found, b"another").status == Disposal.Status.ERASED


def test_by_the_number_that_came_with_it(world: World) -> None:
    found = in_grace(world, b"another")
    mine = due(DATA, incident="26-777a ")
    assert preservation.asking_for(mine) == []
    request = _slowed(incident_number="26-777A")
    assert preservation.asking_for(mine) == [request]
    lift_preservation(request.pk, "By mistake", by=world.actor("weber"))
    assert preservation.asking_for(mine) == [], "what was lifted asks for nothing"
    erase(found)


def test_a_request_that_comes_while_it_is_erased_places_no_hold_over_it(world: World) -> None:
    gone, stays = due(b"gone", incident="26-777"), sealed(b"stays", incident="26-777")
    found = in_grace(world, DATA)
    _lost(found, gone)
    request = asked(incident_number="26-777")
    jobs.match_preservation(str(request.pk))
    request.refresh_from_db()
    assert holds.holds_over([gone.pk, stays.pk]) == {stays.pk: [request.hold]}
    erase(found)
    assert row(found, gone).status == Disposal.Status.ERASED


# What the certificate says


def test_the_certificate_has_what_was_asked_and_when(world: World) -> None:
    dispatch(ROW)
    mine = due(b"mine", incident="26-001")
    mate = sealed(b"mate", incident="26-001")
    found = in_grace(world, DATA)
    erase(found)
    checks = {each["check"]: each for each in row(found, mine).certificate["checks"]}
    at = clock.rfc3339(row(found, mine).let_go_at)
    assert checks["holds"] == {"check": "holds", "result": "none", "count": 0, "at": at}
    assert checks["requests"] == {"check": "requests", "result": "none", "count": 0, "at": at}
    assert checks["siblings"]["recordings"] == [{"number": mate.number, "state": "sealed"}]
    again = checks["rule decided again"]
    assert (again["result"], again["at"]) == ("kept until a day that is over", at)
    assert again["due_on"] < str(clock.now().date()) and again["rule"] == row(found, mine).rule


def test_stores_given_up_count_for_what_was_made_of_it_too(world: World) -> None:
    found = in_grace(world, DATA)
    made_of(row(found, DATA).recording, b"a picture")
    copy = Copy.objects.get(kind=Copy.Kind.MADE)
    with change(KEPT, by=BY) as entry:
        gone = Store(name="gone", kind=Store.Kind.FILE, begun_at=clock.now())
        gone.save()
        Copy(
            store=gone,
            sha256=copy.sha256,
            size=copy.size,
            kind=copy.kind,
            confirmed_at=copy.confirmed_at,
            checked_at=copy.checked_at,
        ).save()
        entry.about(row(found, DATA).recording)
    erase(found)
    reach = {each["what"]: each.get("count") for each in row(found, DATA).certificate["cannot_reach"]}
    assert reach["stores that the settings name no more"] == 1
