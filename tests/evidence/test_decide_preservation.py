"""The acts confirm_preservation and lift_preservation; who may, in which state; the figure of what was in time."""

import datetime as dt

import pytest

from fairwitness.department import doors as department
from fairwitness.evidence import jobs
from fairwitness.evidence.acts.hold import extend_hold, lift_hold, release_from_hold
from fairwitness.evidence.acts.preservation import confirm_preservation, lift_preservation
from fairwitness.evidence.doors import holds, preservation
from fairwitness.evidence.models import Hold, PreservationRequest
from fairwitness.kernel import clock, history
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from fairwitness.policy.models import Figure
from fairwitness.site import cards
from tests.evidence.holding import asked, film, scene
from tests.incidents.made import local
from tests.world import CAST, World

FAR = dt.timedelta(days=200)


@pytest.fixture
def request_(world: World) -> PreservationRequest:
    """A request that matched a recording and is held."""
    scene()
    film()
    request = asked()
    jobs.match_preservation(str(request.pk))
    request.refresh_from_db()
    return request


def test_confirm_works(world: World, request_: PreservationRequest) -> None:
    done = confirm_preservation(request_.pk, "A complaint is likely", by=world.actor("weber"))
    assert (done.status, done.decided_because) == ("confirmed", "A complaint is likely")
    assert done.decided_by_id == world.id("weber") and done.decided_at
    hold = Hold.objects.get()
    assert holds.stands(hold) and hold.until == department.today() + dt.timedelta(days=90)
    said = [line.sentence for line in history.of("evidence.preservationrequest", request_.pk)]
    assert said[-1] == f"Jonas Weber confirmed {request_.number}"


def test_confirm_with_a_later_day_extends(world: World, request_: PreservationRequest) -> None:
    until = department.today() + FAR
    confirm_preservation(request_.pk, "Why", until=until, by=world.actor("weber"))
    assert Hold.objects.get().until == until
    extended = Entry.objects.get(event="evidence.hold_extended")
    assert extended.caused_by == Entry.objects.get(event="evidence.preservation_confirmed").pk
    later = until + dt.timedelta(days=1)
    assert extend_hold(Hold.objects.get().pk, later, by=world.actor("weber")).until == later


def test_a_day_no_later_than_now_s_is_refused_and_nothing_decided(
    world: World, request_: PreservationRequest
) -> None:
    with pytest.raises(Invalid, match="later day"):
        confirm_preservation(
            request_.pk, "Why", until=department.today() + dt.timedelta(days=5), by=world.actor("weber")
        )
    request_.refresh_from_db()
    assert (request_.status, request_.decided_at) == ("received", None)


def test_there_is_no_day_where_nothing_is_held(world: World) -> None:
    request = asked(incident_number="99-999")
    with pytest.raises(WrongState, match="Nothing is held"):
        confirm_preservation(request.pk, "Why", until=department.today() + FAR, by=world.actor("weber"))
    assert confirm_preservation(request.pk, "Why", by=world.actor("weber")).status == "confirmed"


def test_lift_works(world: World, request_: PreservationRequest) -> None:
    done = lift_preservation(request_.pk, "Another town", by=world.actor("weber"))
    assert (done.status, done.decided_because) == ("lifted", "Another town")
    hold = Hold.objects.get()
    assert hold.lifted_because == "Another town" and not hold.held.filter(released_at=None).exists()
    jobs.cover_holds(0)
    assert not holds.holds_over(list(hold.held.values_list("recording", flat=True)))


def test_lifted_before_it_was_looked_for_holds_nothing(world: World) -> None:
    scene()
    film()
    request = asked()
    lift_preservation(request.pk, "Sent by mistake", by=world.actor("weber"))
    jobs.match_preservation(str(request.pk))
    assert not Hold.objects.exists()


def test_when_it_was_first_decided_stays(world: World, request_: PreservationRequest) -> None:
    first = confirm_preservation(request_.pk, "Why", by=world.actor("weber")).decided_at
    with clock.frozen(clock.now() + dt.timedelta(days=10)):
        done = lift_preservation(request_.pk, "No longer", by=world.actor("weber"))
    assert (done.decided_at, done.decided_because) == (first, "No longer")


@pytest.mark.parametrize("state", ["received", "confirmed", "lifted"])
def test_the_square_of_states(world: World, request_: PreservationRequest, state: str) -> None:
    weber = world.actor("weber")
    if state == "confirmed":
        confirm_preservation(request_.pk, "Why", by=weber)
    if state == "lifted":
        lift_preservation(request_.pk, "Why", by=weber)
    if state != "received":
        with pytest.raises(WrongState):
            confirm_preservation(request_.pk, "Again", by=weber)
    if state == "lifted":
        with pytest.raises(WrongState):
            lift_preservation(request_.pk, "Again", by=weber)
    else:
        assert lift_preservation(request_.pk, "Why", by=weber).status == "lifted"


SEES = {"costa", "nair", "hale", "park", "sato"}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_the_square_of_roles(world: World, request_: PreservationRequest, part: object) -> None:
    key = part.key  # type: ignore[attr-defined]
    by = world.actor(key)
    if key == "weber":
        assert confirm_preservation(request_.pk, "Why", by=by).status == "confirmed"
        assert lift_preservation(request_.pk, "Why", by=by).status == "lifted"
        return
    for act in (confirm_preservation, lift_preservation):
        with pytest.raises(Forbidden if key in SEES else NotFound):
            act(request_.pk, "Why", by=by)
    assert preservation.narrowed(by).exists() == (key in SEES)


@pytest.mark.parametrize("reason", ["", "\n", "x" * 1001])
def test_why_is_asked(world: World, request_: PreservationRequest, reason: str) -> None:
    for act in (confirm_preservation, lift_preservation):
        with pytest.raises(Invalid):
            act(request_.pk, reason, by=world.actor("weber"))


def test_its_hold_is_not_lifted_behind_its_back(world: World, request_: PreservationRequest) -> None:
    hold = Hold.objects.get()
    for key in ("costa", "weber", "park"):
        with pytest.raises(WrongState, match="resident's request"):
            lift_hold(hold.pk, "Why", by=world.actor(key))
        with pytest.raises(WrongState, match="resident's request"):
            release_from_hold(hold.held.get().pk, "Why", by=world.actor(key))


def test_the_card_says_what_is_due_and_marks_what_is_overdue(
    world: World, request_: PreservationRequest
) -> None:
    def card() -> cards.Card | None:
        return next((c for c in cards.cards(world.actor("weber")) if "Preservation" in c.title), None)

    found = card()
    assert found and (found.count, found.tone) == (1, "attention")
    with clock.frozen(clock.now() + dt.timedelta(days=20)):
        late = card()
        assert late and late.tone == "bad" and "was due" in late.words
    assert not [c for c in cards.cards(world.actor("costa")) if "Preservation" in c.title]
    confirm_preservation(request_.pk, "Why", by=world.actor("weber"))
    assert card() is None


def test_the_figure_counts_what_was_due_and_what_was_decided_by_its_day(world: World) -> None:
    weber = world.actor("weber")
    with clock.frozen(local("2026-06-01T12:00")):
        early, late, _never = asked(sender="1"), asked(sender="2"), asked(sender="3")
    with clock.frozen(local("2026-06-03T23:30")):
        confirm_preservation(early.pk, "Why", by=weber)
    with clock.frozen(local("2026-06-04T00:30")):
        lift_preservation(late.pk, "Why", by=weber)
        asked(sender="4")
        for _twice in range(2):
            jobs.measure_preservation(0)
    figure = Figure.objects.get(measure="preservation_in_time")
    assert (figure.numerator, figure.denominator, figure.room) == (1, 3, "evidence")


def test_where_nothing_was_due_nothing_is_reported(world: World) -> None:
    asked()
    jobs.measure_preservation(0)
    assert not Figure.objects.filter(measure="preservation_in_time").exists()
