"""The acts lift_hold, extend_hold and release_from_hold; a hold whose day has come; who may, in which state."""

import datetime as dt

import pytest

from fairwitness.department import doors as department
from fairwitness.evidence.acts.hold import extend_hold, lift_hold, place_hold, release_from_hold
from fairwitness.evidence.doors import holds
from fairwitness.evidence.models import Hold
from fairwitness.kernel import clock, history
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, Refusal, WrongState
from tests.evidence.holding import BEGINS, facts_of, film, held_over, scene
from tests.world import CAST, World

TOMORROW = dt.timedelta(days=1)


def test_it_works(world: World) -> None:
    one, two = film(b"1"), film(b"2", started=BEGINS + dt.timedelta(hours=3))
    hold = held_over(one.pk, two.pk, by=world.actor("ruiz"))
    lifted = lift_hold(hold.pk, "The case is closed", by=world.actor("weber"))
    assert (lifted.lifted_because, lifted.lifted_by_id) == ("The case is closed", world.id("weber"))
    assert holds.holds_over([one.pk, two.pk]) == {}
    assert not hold.held.filter(released_at=None).exists()
    assert Entry.objects.filter(event="evidence.recording_let_out").count() == 2
    assert history.of("evidence.recording", one.pk)[-1].sentence == (
        f"Jonas Weber let the recording out of the hold {hold.number}, which was lifted"
    )
    assert history.of("evidence.hold", hold.pk)[-1].sentence == (
        f"Jonas Weber lifted the hold {hold.number}; recordings: 2"
    )


def test_a_hold_is_lifted_once(world: World) -> None:
    hold = held_over(film().pk, by=world.actor("ruiz"))
    lift_hold(hold.pk, "Over", by=world.actor("weber"))
    before = Entry.objects.count()
    with pytest.raises(WrongState, match="lifted before"):
        lift_hold(hold.pk, "Over again", by=world.actor("costa"))
    assert Entry.objects.count() == before
    assert Hold.objects.get().lifted_because == "Over"


def test_another_hold_goes_on(world: World) -> None:
    recording, costa = film(), world.actor("costa")
    one, other = held_over(recording.pk, by=costa), held_over(recording.pk, by=costa, kind="complaint")
    lift_hold(one.pk, "Over", by=costa)
    assert holds.holds_over([recording.pk]) == {recording.pk: [other]}


def test_a_lifted_hold_over_an_incident_covers_nothing(world: World) -> None:
    found, costa = scene(), world.actor("costa")
    recording = film(incident="26-001")
    hold = place_hold(kind="court", reason="Why", incident_id=found.pk, by=costa)
    lift_hold(hold.pk, "Over", by=costa)
    assert holds.holds_over([recording.pk]) == {}
    assert list(holds.to_be_covered()) == []


def test_a_hold_ends_on_its_day_and_is_extended_before(world: World) -> None:
    recording, costa = film(), world.actor("costa")
    until = department.today() + TOMORROW
    hold = held_over(recording.pk, by=costa, until=until)
    later = until + dt.timedelta(days=5)
    extend_hold(hold.pk, later, by=world.actor("ruiz"))
    assert facts_of("evidence.hold_extended") == {
        "hold_id": str(hold.pk),
        "before": until.isoformat(),
        "until": later.isoformat(),
    }
    with clock.frozen(clock.now() + dt.timedelta(days=6)):
        hold.refresh_from_db()
        assert holds.state_of(hold) == "ended"
        assert holds.holds_over([recording.pk]) == {}
        with pytest.raises(WrongState, match="ended on its day"):
            extend_hold(hold.pk, later + TOMORROW, by=costa)
        with pytest.raises(WrongState, match="ended on its day"):
            lift_hold(hold.pk, "Late", by=costa)


def test_a_hold_is_extended_for_ever_and_never_shortened(world: World) -> None:
    costa = world.actor("costa")
    hold = held_over(film().pk, by=costa, until=department.today() + dt.timedelta(days=10))
    with pytest.raises(Invalid, match="later day"):
        extend_hold(hold.pk, department.today() + TOMORROW, by=costa)
    assert extend_hold(hold.pk, None, by=costa).until is None
    with pytest.raises(WrongState, match="has no end"):
        extend_hold(hold.pk, department.today() + TOMORROW, by=costa)


def test_one_recording_is_let_out_once_with_the_reason(world: World) -> None:
    costa = world.actor("costa")
    one, two = film(b"1"), film(b"2", started=BEGINS + dt.timedelta(hours=3))
    hold = held_over(one.pk, two.pk, by=costa)
    row = hold.held.get(recording=one)
    released = release_from_hold(row.pk, "Shows another street", by=costa)
    assert released.released_because == "Shows another street"
    assert set(holds.holds_over([one.pk, two.pk])) == {two.pk}
    with pytest.raises(WrongState, match="let out before"):
        release_from_hold(row.pk, "Again", by=costa)


@pytest.mark.parametrize("reason", ["", " \t", "x" * 1001])
def test_why_is_asked(world: World, reason: str) -> None:
    hold, costa = held_over(film().pk, by=world.actor("ruiz")), world.actor("costa")
    with pytest.raises(Invalid):
        lift_hold(hold.pk, reason, by=costa)
    with pytest.raises(Invalid):
        release_from_hold(hold.held.get().pk, reason, by=costa)
    assert Hold.objects.get().lifted_at is None


# Who, of those who do not reach it at all (404), see it (403), or may.
LIFTS = {"costa", "nair", "weber", "hale", "park"}
SEES = {"ruiz", "okafor", "whitfield", "sato"}
EXTENDS = LIFTS | {"ruiz", "okafor", "sato"}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_the_square_of_roles(world: World, part: object) -> None:
    """Over a recording of Whitfield's, who serves under Ruiz and Okafor."""
    key = part.key  # type: ignore[attr-defined]
    by = world.actor(key)
    hold = held_over(film().pk, by=world.actor("costa"), until=department.today() + dt.timedelta(days=9))
    acts = {
        "extend": lambda: extend_hold(hold.pk, department.today() + dt.timedelta(days=20), by=by),
        "let out": lambda: release_from_hold(hold.held.get().pk, "Why", by=by),
        "lift": lambda: lift_hold(hold.pk, "Why", by=by),
    }
    for name, act in acts.items():
        allowed = key in (EXTENDS if name == "extend" else LIFTS)
        assert _answer(act) == ("" if allowed else "forbidden" if key in SEES else "not_found"), name


def _answer(act: object) -> str:
    try:
        act()  # type: ignore[operator]
    except (Forbidden, NotFound) as refusal:
        return refusal.code
    return ""


@pytest.mark.parametrize("state", ["stands", "ended", "lifted"])
def test_the_square_of_states(world: World, state: str) -> None:
    costa, day = world.actor("costa"), department.today()
    hold = held_over(film().pk, by=costa, until=day + TOMORROW)
    row = hold.held.get()
    if state == "lifted":
        lift_hold(hold.pk, "Over", by=costa)
    now = clock.now() + (dt.timedelta(days=2) if state == "ended" else dt.timedelta())
    with clock.frozen(now):
        for act in (
            lambda: extend_hold(hold.pk, day + dt.timedelta(days=30), by=costa),
            lambda: release_from_hold(row.pk, "Why", by=costa),
            lambda: lift_hold(hold.pk, "Why", by=costa),
        ):
            try:
                act()
                went = True
            except Refusal as refusal:
                assert refusal.code == "wrong_state"
                went = False
            assert went == (state == "stands")
