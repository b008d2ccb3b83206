"""Settling from when a recording counts: one person for its receipt, two for an earlier time."""

import datetime as dt

import pytest

from fairwitness.evidence.acts.settle_clock import (
    confirm_clock,
    settle_clock,
    settle_delivery,
    withdraw_settlement,
)
from fairwitness.evidence.models import Ingest, Recording, Retention
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.evidence.kept import days, decided, prompt, row
from tests.evidence.made import days_ago, sealed
from tests.world import BY, CAST, LAID, World

pytestmark = pytest.mark.django_db
State = Retention.State
WHY = "It lay in a drawer."


def late() -> Recording:
    """A recording that came ten days after it was made."""
    found = sealed(b"late", started=days_ago(10), ended=days_ago(9.99), device="AX-0101")
    decided()
    return found


def test_it_works(world: World) -> None:
    recording = late()
    assert row(recording).state == State.DOUBTFUL
    settle_clock(recording.pk, because=WHY, by=world.actor("costa"))
    kept = row(recording)
    assert (kept.state, kept.due_on, kept.nearer_on) == (State.DATED, days(180), None)
    assert kept.starts == recording.sealed_at


def test_an_earlier_time_takes_two_and_a_dry_run(world: World) -> None:
    recording = late()
    settled = settle_clock(recording.pk, because=WHY, ended=days_ago(9), by=world.actor("costa"))
    assert row(recording).state == State.DOUBTFUL
    confirm_clock(settled.pk, by=world.actor("nair"))
    kept = row(recording)
    # Counting from the receipt is safe at once; what the earlier time would give waits for a dry run.
    assert (kept.state, kept.due_on) == (State.DATED, days(180))
    assert kept.nearer_on and kept.nearer_on < days(173)


def test_nobody_confirms_their_own(world: World) -> None:
    settled = settle_clock(late().pk, because=WHY, ended=days_ago(9), by=world.actor("costa"))
    with pytest.raises(Forbidden, match="second person"):
        confirm_clock(settled.pk, by=world.actor("costa"))
    confirm_clock(settled.pk, by=world.actor("hale"))
    with pytest.raises(WrongState, match="waits for nobody"):
        confirm_clock(settled.pk, by=world.actor("nair"))


def test_what_one_person_settled_needs_nobody(world: World) -> None:
    settled = settle_clock(late().pk, because=WHY, by=world.actor("costa"))
    with pytest.raises(WrongState, match="waits for nobody"):
        confirm_clock(settled.pk, by=world.actor("nair"))


def test_after_the_receipt_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="cannot have ended after"):
        settle_clock(
            late().pk, because=WHY, ended=clock.now() + dt.timedelta(hours=1), by=world.actor("costa")
        )


@pytest.mark.parametrize("because", ["", "  \n "])
def test_without_a_reason_is_refused(world: World, because: str) -> None:
    with pytest.raises(Invalid, match="Say why"):
        settle_clock(late().pk, because=because, by=world.actor("costa"))


def test_twice_is_refused_and_withdrawn_it_is_open_again(world: World) -> None:
    recording = late()
    settled = settle_clock(recording.pk, because=WHY, by=world.actor("costa"))
    with pytest.raises(WrongState, match="is settled"):
        settle_clock(recording.pk, because=WHY, by=world.actor("costa"))
    withdraw_settlement(settled.pk, by=world.actor("costa"))
    assert row(recording).state == State.DOUBTFUL
    with pytest.raises(WrongState, match="withdrawn before"):
        withdraw_settlement(settled.pk, by=world.actor("costa"))
    settle_clock(recording.pk, because=WHY, by=world.actor("costa"))


def test_old_footage_whose_clock_is_good_waits_too(world: World) -> None:
    """Prompt recordings may have an earlier time settled as well: their day stays until a dry run."""
    recording = prompt()
    decided()
    settled = settle_clock(recording.pk, because=WHY, ended=days_ago(100), by=world.actor("costa"))
    confirm_clock(settled.pk, by=world.actor("park"))
    assert row(recording).due_on == days(180) and row(recording).nearer_on is not None


def test_a_whole_delivery(world: World) -> None:
    with change(LAID, by=BY) as entry:
        delivery = Ingest(source="old system", begun=clock.now(), by="world")
        delivery.save()
        entry.about(delivery)
    recording = late()
    with change(LAID, by=BY) as entry:
        entry.about(recording)
    with pytest.raises(WrongState, match="No recording of this delivery"):
        settle_delivery(delivery.pk, because=WHY, by=world.actor("costa"))


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_who_may(world: World, who: str) -> None:
    recording = late()
    if who in {"costa", "nair"}:
        settle_clock(recording.pk, because=WHY, by=world.actor(who))
    else:
        with pytest.raises((Forbidden, NotFound)):
            settle_clock(recording.pk, because=WHY, by=world.actor(who))
    with pytest.raises((Forbidden, NotFound, WrongState)):
        settle_delivery(recording.pk, because=WHY, by=world.actor(who))
