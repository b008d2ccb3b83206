"""What counts as kept longer than the policy allows: not what a list lets go within the policy's pauses."""

import datetime as dt

import pytest

from fairwitness.department import doors as department
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors.measures import past_maximum
from fairwitness.evidence.models import Recording
from fairwitness.kernel import clock
from fairwitness.rules import retention
from tests.evidence.disposals import approve, dated, erase, row
from tests.evidence.made import BY, sealed
from tests.world import World

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def bounded(data: bytes = b"thirty-one days", ago: int = 1) -> Recording:
    """A recording of which least and most are the same length, which ended so many days ago."""
    return dated(sealed(data), -ago, at_most_on=department.today() - ago * DAY)


def found(days: int = 0) -> int:
    """How many are findings so many days from now."""
    with clock.frozen(clock.now() + days * DAY):
        return past_maximum().count()


def test_it_works(world: World) -> None:
    recording = bounded()
    assert [found(n) for n in (0, 1, 2)] == [0, 1, 1], "the night may still draw it; a day later none has"
    made = acts.propose_disposals(by=BY)
    assert made and row(made, recording)
    assert doors.pauses() == 14 * DAY
    assert [found(n) for n in (1, 15, 16)] == [0, 0, 1], "the pauses and a day, and not one more"


def test_what_goes_its_way_is_never_a_finding(world: World) -> None:
    recording = bounded()
    made = acts.propose_disposals(by=BY)
    assert made
    approve(made, world.actor("weber"), world.actor("hale"))
    jobs.begin_grace(str(made.pk))
    assert found(14) == 0
    erase(made)
    recording.refresh_from_db()
    assert recording.status == Recording.Status.ERASED and found(30) == 0


def test_what_was_approved_too_late_is_one(world: World) -> None:
    bounded()
    made = acts.propose_disposals(by=BY)
    assert made
    with clock.frozen(clock.now() + 12 * DAY):
        made = approve(made, world.actor("weber"), world.actor("hale"))
    assert made.status == "grace" and [found(n) for n in (15, 16)] == [0, 1]


def test_what_was_struck_out_or_taken_back_is_one(world: World) -> None:
    struck, back = bounded(b"struck", 2), bounded(b"back", 2)
    made = acts.propose_disposals(by=BY)
    assert made and found() == 0
    acts.strike_disposal(row(made, struck).pk, "It stays.", by=world.actor("weber"))
    assert found() == 1
    acts.take_back_list(made.pk, "It stays too.", by=world.actor("weber"))
    jobs.take_back_rest(str(made.pk))
    assert found() == 2 and row(made, back).status == "taken_back"


def test_on_a_list_that_was_taken_back_it_is_one_before_the_job_says_so_of_each(world: World) -> None:
    recording = bounded(ago=2)
    made = acts.propose_disposals(by=BY)
    assert made and found() == 0
    acts.take_back_list(made.pk, "It stays.", by=world.actor("weber"))
    assert row(made, recording).status == "proposed" and found() == 1


def test_the_door_counts_as_the_rule_says(world: World) -> None:
    recording = bounded(ago=40)
    made = acts.propose_disposals(by=BY)
    assert made
    last, listed = recording.retention.at_most_on, department.today()
    for n in range(20):
        with clock.frozen(clock.now() + n * DAY):
            said = retention.overstays(last, department.today(), listed, doors.pauses())
            assert past_maximum().count() == said, n
