"""Nobody brings a date nearer alone: whatever one person does, and in whatever order, waits for a dry run."""

import datetime as dt
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.dry_run import approve_dry_run, try_recordings
from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.acts.settle_clock import settle_clock, withdraw_settlement
from fairwitness.evidence.models import Recording, Retention
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Refusal
from tests.evidence.kept import days, decided, prompt, row
from tests.evidence.made import days_ago, sealed
from tests.world import BY, LAID, World

pytestmark = pytest.mark.django_db
State = Retention.State
Step = Callable[[Recording, Actor], object]
WHY = "It lay in a drawer."


def late() -> Recording:
    """A recording that came ten days after it was made."""
    return sealed(b"late", started=days_ago(10), ended=days_ago(9.99), device="AX-0101")


def add(code: str) -> Step:
    return lambda recording, by: add_category(recording.pk, code, by=by)


def withdraw(recording: Recording, by: Actor) -> None:
    for carried in recording.categorisations.filter(withdrawn_at=None):
        withdraw_category(carried.pk, by=by)


def settle(recording: Recording, by: Actor) -> None:
    settle_clock(recording.pk, because=WHY, by=by)


def doubt(recording: Recording, by: Actor) -> None:
    withdraw_settlement(recording.settlements.get(withdrawn_at=None).pk, by=by)


def join(recording: Recording, by: Actor) -> None:
    link_incident(recording.pk, Incident.objects.get(number="26-1").pk, by=by)


def leave(recording: Recording, by: Actor) -> None:
    unlink_incident(recording.incident_links.get(withdrawn_at=None).pk, by=by)


def night(recording: Recording, by: Actor) -> None:
    decided(anew=True)


STEPS: dict[str, Step] = {
    "for ever": add("officer-involved"),
    "longer": add("use-of-force"),
    "withdraw": withdraw,
    "settle": settle,
    "doubt": doubt,
    "join": join,
    "leave": leave,
    "night": night,
}


def test_a_clock_in_doubt_again_keeps_what_was_promised(world: World) -> None:
    """Settled, for ever; the settlement and the category withdrawn; settled anew: still for ever."""
    recording, by = late(), world.actor("costa")
    decided()
    for step in ("settle", "for ever", "doubt", "withdraw"):
        STEPS[step](recording, by)
    kept = row(recording)
    assert (kept.state, kept.due_on, kept.promised_on) == (State.DOUBTFUL, None, dt.date.max)
    settle(recording, by)
    kept = row(recording)
    assert (kept.state, kept.due_on, kept.nearer_on) == (State.FOR_EVER, None, days(180))
    assert kept.category == "officer-involved" and kept.promised_on is None


def test_what_it_carried_in_doubt_was_promised_too(world: World) -> None:
    recording, by = late(), world.actor("costa")
    decided()
    for step in ("longer", "withdraw", "night", "settle"):
        STEPS[step](recording, by)
    kept = row(recording)
    assert kept.state == State.DATED and kept.due_on and kept.due_on > days(1000)
    assert (kept.nearer_on, kept.category) == (days(180), "use-of-force")


def test_a_dry_run_lets_it_come_nearer(world: World) -> None:
    recording, by = late(), world.actor("costa")
    decided()
    for step in ("settle", "for ever", "doubt", "withdraw", "settle"):
        STEPS[step](recording, by)
    run = try_recordings(by=by)
    assert run.counts["sooner"] == 1
    approve_dry_run(run.pk, digest=run.list_sha256, by=world.actor("nair"))
    with clock.frozen(clock.now() + dt.timedelta(days=8)):
        decided()
        kept = row(recording)
        assert (kept.state, kept.due_on, kept.nearer_on) == (State.DATED, days(180 - 8), None)


def test_what_is_added_in_doubt_counts_when_it_is_settled(world: World) -> None:
    recording, by = late(), world.actor("costa")
    decided()
    for step in ("settle", "doubt", "for ever", "settle"):
        STEPS[step](recording, by)
    assert (row(recording).state, row(recording).nearer_on) == (State.FOR_EVER, None)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(made="late", steps=["settle", "for ever", "doubt", "withdraw", "settle"])
@example(made="late", steps=["settle", "join", "night", "doubt", "leave", "settle"])
@example(made="prompt", steps=["join", "night", "settle", "leave", "doubt", "night"])
@given(made=st.sampled_from(["late", "prompt"]), steps=st.lists(st.sampled_from(list(STEPS)), max_size=7))
def test_whatever_one_person_does(world: World, made: str, steps: list[str]) -> None:
    """No day that was promised is ever followed by an earlier one."""
    outer = transaction.savepoint()
    try:
        _never_nearer(world, made, steps)
    finally:
        transaction.savepoint_rollback(outer)


def _never_nearer(world: World, made: str, steps: list[str]) -> None:
    recording = late() if made == "late" else prompt()
    _kept_for_long(world)
    promised = dt.date.min
    for step in [*steps, "night"]:
        with suppress(Refusal, ObjectDoesNotExist):
            STEPS[step](recording, world.actor("costa"))
        kept = Retention.objects.filter(recording=recording).first()
        if kept and kept.state != State.DOUBTFUL:
            assert (kept.due_on or dt.date.max) >= promised
            promised = kept.due_on or dt.date.max


def _kept_for_long(world: World) -> None:
    """An incident of which another recording is kept for three years."""
    other = prompt(device="AX-0102")
    decided()
    with change(LAID, by=BY) as entry:
        incident = Incident(number="26-1", opened=clock.now())
        incident.save()
        entry.about(incident)
    join(other, world.actor("costa"))
    add("use-of-force")(other, world.actor("costa"))
