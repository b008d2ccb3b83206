"""Adding and withdrawing a category: acts, and old rows stay."""

import uuid

import pytest

from fairwitness.evidence.acts.category import add_category, deliver_category, withdraw_category
from fairwitness.evidence.models import Recording
from fairwitness.kernel.change import change
from fairwitness.kernel.history import of
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.conftest import shared
from tests.evidence.kept import days, decided, prompt, row
from tests.evidence.made import try_to_seal
from tests.world import BY, CAST, LAID, World

pytestmark = pytest.mark.django_db


def test_it_works(world: World) -> None:
    recording = prompt()
    carried = add_category(recording.pk, "arrest", by=world.actor("whitfield"))
    assert (carried.code, carried.how, carried.withdrawn_at) == ("arrest", "hand", None)
    assert row(recording).category == "arrest"
    line = of("evidence.recording", recording.pk)[-1]
    assert (
        "added the category “arrest”" in line.sentence and line.facts and line.facts["rule"] == "keep.arrest"
    )


def test_withdrawing_leaves_the_row_and_the_day(world: World) -> None:
    recording = prompt()
    decided()
    carried = add_category(recording.pk, "arrest", by=world.actor("ruiz"))
    until = row(recording).due_on
    withdrawn = withdraw_category(carried.pk, by=world.actor("ruiz"))
    assert withdrawn.withdrawn_at and recording.categorisations.count() == 1
    assert (row(recording).due_on, row(recording).nearer_on) == (until, days(180))


def test_withdrawn_and_added_again_it_is_two_rows(world: World) -> None:
    recording = prompt()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    add_category(recording.pk, "arrest", by=world.actor("costa"))
    assert recording.categorisations.count() == 2
    assert row(recording).nearer_on is None


def test_twice_is_refused(world: World) -> None:
    recording = prompt()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    with pytest.raises(WrongState, match="carries this category already"):
        add_category(recording.pk, "arrest", by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    with pytest.raises(WrongState, match="withdrawn before"):
        withdraw_category(carried.pk, by=world.actor("costa"))


def test_a_delivery_brings_one_and_people_do_not(world: World) -> None:
    recording = prompt()
    with pytest.raises(Forbidden, match="Only a delivery"):
        deliver_category(recording.pk, "arrest", by=world.actor("costa"))
    carried = deliver_category(recording.pk, "arrest", by=BY)
    assert carried.how == "delivered" and row(recording).category == "arrest"
    with pytest.raises(WrongState, match="carries this category already"):
        deliver_category(recording.pk, "arrest", by=BY)
    with pytest.raises(Invalid):
        deliver_category(recording.pk, "no-such", by=BY)
    refused = try_to_seal(b"", started=None).recording
    with pytest.raises(WrongState, match="Only a sealed"):
        deliver_category(refused.pk, "arrest", by=BY)


@pytest.mark.parametrize("code", ["uncategorised", "", "no-such", "ARREST", "arrest\0"])
def test_what_the_policy_does_not_have_is_refused(world: World, code: str) -> None:
    with pytest.raises(Invalid, match="no such category"):
        add_category(prompt().pk, code, by=world.actor("costa"))


def test_hostile_codes_are_refused(world: World) -> None:
    recording = prompt()
    for text in shared("data/conformance/strings/blns.json").read_text().splitlines()[:200]:
        with pytest.raises(Invalid):
            add_category(recording.pk, text, by=world.actor("costa"))


def test_what_was_refused_carries_none(world: World) -> None:
    refused = try_to_seal(b"").recording
    assert refused.status == Recording.Status.REFUSED
    with pytest.raises(WrongState, match="Only a sealed recording"):
        add_category(refused.pk, "arrest", by=world.actor("costa"))


def test_nobody_opens_it_to_themselves_by_withdrawing(world: World) -> None:
    recording = prompt()
    closed = add_category(recording.pk, "restricted", by=world.actor("costa"))
    for who in ("ruiz", "costa"):
        with pytest.raises(Forbidden, match="closed to you"):
            withdraw_category(closed.pk, by=world.actor(who))


def test_a_category_that_nobody_added(world: World) -> None:
    with pytest.raises(NotFound):
        withdraw_category(uuid.uuid4(), by=world.actor("costa"))


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_who_may(world: World, who: str) -> None:
    """Whitfield's recording: hers, her supervisors' and the BWC Unit's to categorise; not hers to withdraw."""
    recording = prompt()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    adds, withdraws = (
        who in {"whitfield", "ruiz", "okafor", "costa", "nair"},
        who in {"ruiz", "okafor", "costa", "nair"},
    )
    if adds:
        add_category(recording.pk, "pursuit", by=world.actor(who))
    else:
        with pytest.raises((Forbidden, NotFound)):
            add_category(recording.pk, "pursuit", by=world.actor(who))
    if withdraws:
        withdraw_category(carried.pk, by=world.actor(who))
    else:
        with pytest.raises((Forbidden, NotFound)):
            withdraw_category(carried.pk, by=world.actor(who))


def test_a_category_that_the_policy_lost_keeps_no_less_than_none(world: World) -> None:
    """A code that no rule knows any more: the recording is kept as one without a category, never shorter."""
    recording = prompt()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    with change(LAID, by=BY) as entry:
        type(carried).objects.filter(pk=carried.pk).update(withdrawn_at=None)
        entry.about(recording)
    from fairwitness.evidence.doors import keeping

    rules = keeping.rules_now()
    without = keeping.Rules({code: kept for code, kept in rules.kept.items() if code != "arrest"})
    decision = keeping.decide(Recording.objects.filter(pk=recording.pk), without)[recording.pk]
    assert decision.category == "uncategorised"
