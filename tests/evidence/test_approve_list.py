"""Approving: two different people, of the list as it is; struck out, it is another list; then grace, and taking back."""

import datetime as dt

import pytest

from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.models import Approval, Disposal, DisposalList
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, Refusal, WrongState
from tests.evidence.disposals import WHY, approve, due, erase, in_grace, proposed, row
from tests.evidence.made import grown, rows
from tests.evidence.test_propose_disposals import hold
from tests.world import World

Status, ListStatus = Disposal.Status, DisposalList.Status


def test_it_works(world: World) -> None:
    made = proposed(b"one", b"two", b"three")
    acts.strike_disposal(row(made, b"two").pk, WHY, by=world.actor("costa"))
    made = approve(made, world.actor("weber"))
    assert made.status == ListStatus.PROPOSED
    made = approve(made, world.actor("hale"))
    assert made.status == ListStatus.GRACE
    assert made.erased_from
    assert made.erased_from == made.proposed_at + dt.timedelta(days=14), (
        "it rests seven days, then has seven of grace"
    )
    jobs.begin_grace(str(made.pk))
    assert {r.status for r in made.disposals.exclude(recording=row(made, b"two").recording)} == {"grace"}
    noted = Entry.objects.filter(event=events.DISPOSAL_APPROVED.name)
    assert noted.count() == 2, "one entry for each recording"
    facts = EntryPrivate.objects.get(entry_id=noted[0].pk).facts
    assert facts["list_sha256"] == f"sha256:{Approval.objects.all()[0].digest}"
    assert row(made, b"two").because == WHY


def test_the_grace_is_not_shortened_by_a_list_that_rested(world: World) -> None:
    made = proposed(b"one")
    with clock.frozen(clock.now() + dt.timedelta(days=30)):
        made = approve(made, world.actor("weber"), world.actor("hale"))
        assert made.erased_from
        assert made.erased_from - clock.now() == dt.timedelta(days=7)


def test_the_same_person_twice_is_refused(world: World) -> None:
    made = approve(proposed(b"one"), world.actor("weber"))
    before = rows()
    with pytest.raises(Invalid, match="another person"):
        approve(made, world.actor("weber"))
    assert grown(before) == {}
    made.refresh_from_db()
    assert made.status == ListStatus.PROPOSED


def test_an_approval_of_an_older_list_does_not_count(world: World) -> None:
    made = proposed(b"one", b"two")
    seen = doors.digest_of(made)
    approve(made, world.actor("weber"))
    acts.strike_disposal(row(made, b"two").pk, WHY, by=world.actor("costa"))
    assert not doors.approvals(made).exists()
    assert Entry.objects.filter(event=events.APPROVALS_WITHDRAWN.name).count() == 1
    with pytest.raises(WrongState, match="not the one that you looked at"):
        acts.approve_list(made.pk, seen, by=world.actor("hale"))
    made = approve(made, world.actor("hale"))
    assert made.status == ListStatus.PROPOSED
    assert approve(made, world.actor("weber")).status == ListStatus.GRACE


def test_what_is_held_meanwhile_is_taken_off_first(world: World) -> None:
    made = proposed(b"one", b"two")
    seen = doors.digest_of(made)
    hold(row(made, b"two").recording)
    with pytest.raises(WrongState, match="taken off the list"):
        acts.approve_list(made.pk, seen, by=world.actor("weber"))
    assert row(made, b"two").status == Status.TAKEN_BACK
    approve(made, world.actor("weber"), world.actor("hale"))
    assert made.disposals.filter(status=Status.PROPOSED).count() == 1


def test_what_is_held_between_approval_and_grace_is_taken_off(world: World) -> None:
    made = approve(proposed(b"one", b"two"), world.actor("weber"), world.actor("hale"))
    hold(row(made, b"two").recording)
    jobs.begin_grace(str(made.pk))
    assert row(made, b"one").status == Status.GRACE
    assert row(made, b"two").status == Status.TAKEN_BACK
    assert Entry.objects.filter(event=events.DISPOSAL_APPROVED.name).count() == 1


def test_a_list_from_which_all_was_struck_is_over(world: World) -> None:
    made = proposed(b"one")
    acts.strike_disposal(row(made, b"one").pk, WHY, by=world.actor("weber"))
    made.refresh_from_db()
    assert made.status == ListStatus.WITHDRAWN
    assert made.ended_at


@pytest.mark.parametrize("because", ["", "  ", "x" * 1001, "\0"])
def test_a_reason_is_needed(world: World, because: str) -> None:
    made = proposed(b"one")
    with pytest.raises(Invalid, match="Say why"):
        acts.strike_disposal(row(made, b"one").pk, because, by=world.actor("weber"))


def test_one_is_taken_back_in_grace(world: World) -> None:
    made = in_grace(world, b"one", b"two")
    acts.take_back(row(made, b"one").pk, WHY, by=world.actor("weber"))
    assert row(made, b"one").status == Status.TAKEN_BACK
    assert doors.approvals(made).count() == 2, "the approvals stand for what is left"
    erase(made)
    assert row(made, b"one").recording.status == "sealed"
    assert row(made, b"two").recording.status == "erased"


def test_a_whole_list_is_taken_back(world: World) -> None:
    made = in_grace(world, b"one", b"two")
    acts.take_back_list(made.pk, WHY, by=world.actor("hale"))
    erase(made)
    assert {each.recording.status for each in made.disposals.all()} == {"sealed"}, "from that moment on"
    for _again in range(2):
        jobs.take_back_rest(str(made.pk))
    assert {(each.status, each.because) for each in made.disposals.all()} == {(Status.TAKEN_BACK, WHY)}
    assert Entry.objects.filter(event=events.DISPOSAL_TAKEN_BACK.name).count() == 2
    made.refresh_from_db()
    assert made.status == ListStatus.WITHDRAWN
    erase(made)
    assert {each.recording.status for each in made.disposals.all()} == {"sealed"}


# Every act against every state of what it is done to: whether it is done.
ACTS = ("strike", "approve", "take_back", "take_back_list")
SQUARE = {
    Status.PROPOSED: {"strike", "approve", "take_back_list"},
    Status.STRUCK: set(),
    Status.GRACE: {"take_back", "take_back_list"},
    Status.TAKEN_BACK: set(),
    Status.ERASED: set(),
}


@pytest.mark.parametrize("state", list(SQUARE))
@pytest.mark.parametrize("act", ACTS)
def test_status_and_act(world: World, state: str, act: str) -> None:
    made = proposed(b"one")
    if state == Status.STRUCK:
        acts.strike_disposal(row(made, b"one").pk, WHY, by=world.actor("park"))
    if state in (Status.GRACE, Status.TAKEN_BACK, Status.ERASED):
        made = approve(made, world.actor("weber"), world.actor("hale"))
        jobs.begin_grace(str(made.pk))
    if state == Status.TAKEN_BACK:
        acts.take_back(row(made, b"one").pk, WHY, by=world.actor("park"))
    if state == Status.ERASED:
        erase(made)
    assert row(made, b"one").status == state
    before = rows()
    if act in SQUARE[state]:
        _do(act, made, world.actor("costa"))
        return
    with pytest.raises(WrongState):
        _do(act, made, world.actor("costa"))
    assert grown(before) == {}


def _do(act: str, made: DisposalList, by: Actor) -> None:
    if act == "strike":
        acts.strike_disposal(row(made, b"one").pk, WHY, by=by)
    elif act == "approve":
        acts.approve_list(made.pk, doors.digest_of(made), by=by)
    elif act == "take_back":
        acts.take_back(row(made, b"one").pk, WHY, by=by)
    else:
        acts.take_back_list(made.pk, WHY, by=by)


DECIDE = {"costa", "weber", "hale", "park", "nair"}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    "who", ["whitfield", "ruiz", "costa", "weber", "hale", "park", "sato", "novak", "adeyemi", "chen"]
)
def test_role_and_act(world: World, who: str, act: str) -> None:
    made = in_grace(world, b"one") if act == "take_back" else proposed(b"one")
    before = rows()
    if who in DECIDE:
        _do(act, made, world.actor(who))
        return
    expected: type[Refusal] = Forbidden if who == "sato" else NotFound
    with pytest.raises(expected):
        _do(act, made, world.actor(who))
    assert grown(before) == {}


def test_what_is_not_there_is_not_found(world: World) -> None:
    recording = due(b"one")
    for call in (
        lambda: acts.strike_disposal(recording.pk, WHY, by=world.actor("weber")),
        lambda: acts.take_back(recording.pk, WHY, by=world.actor("weber")),
        lambda: acts.take_back_list(recording.pk, WHY, by=world.actor("weber")),
        lambda: acts.approve_list(recording.pk, "0" * 64, by=world.actor("weber")),
    ):
        with pytest.raises(NotFound):
            call()
