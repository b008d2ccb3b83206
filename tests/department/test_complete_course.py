"""The acts add_course and complete_course."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound
from tests.department.ledger import latest
from tests.world import World

DAY = dt.timedelta(days=1)


def test_it_works(world: World) -> None:
    li, course, today = world.id("li"), world.course, doors.today()
    assert doors.missing_training(li, today) == [course]
    acts.complete_course(member_id=li, course_id=course.pk, expires_on=today + DAY, by=world.actor("costa"))
    assert doors.missing_training(li, today) == []
    assert doors.missing_training(li, today - DAY) == [course]
    assert doors.missing_training(li, today + DAY) == [course], "it has expired"
    event, subjects, facts = latest()
    assert event == "department.course_completed"
    assert subjects == {("department.member", li), ("department.course", course.pk)}
    assert facts == {
        "member_id": str(li),
        "course_id": str(course.pk),
        "completed_on": today.isoformat(),
        "expires_on": (today + DAY).isoformat(),
    }


def test_a_new_required_course_is_required_of_everyone(world: World) -> None:
    course = acts.add_course(
        code="BWC-2", title="Refresher", required_for_camera=True, by=world.actor("costa")
    )
    facts = {"course_id": str(course.pk), "required_for_camera": True}
    assert latest() == ("department.course_added", {("department.course", course.pk)}, facts)
    assert doors.missing_training(world.id("ruiz"), doors.today()) == [course]


@pytest.mark.parametrize(
    ("entered", "says"),
    [
        ({"on": 1}, "to come"),
        ({"on": 0, "expires_on": 0}, "expire after"),
    ],
)
def test_days_that_cannot_be_are_refused(world: World, entered: dict[str, int], says: str) -> None:
    days = {name: doors.today() + offset * DAY for name, offset in entered.items()}
    with pytest.raises(Invalid, match=says):
        acts.complete_course(
            member_id=world.id("li"), course_id=world.course.pk, **days, by=world.actor("costa")
        )


def test_the_same_again_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="recorded already"):
        acts.complete_course(
            member_id=world.id("ruiz"), course_id=world.course.pk, on=world.since, by=world.actor("costa")
        )


def test_an_unknown_course_is_refused(world: World) -> None:
    with pytest.raises(NotFound):
        acts.complete_course(member_id=world.id("li"), course_id=world.id("li"), by=world.actor("costa"))


def test_a_taken_course_code_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="code"):
        acts.add_course(code="BWC-1", title="Again", by=world.actor("costa"))


def test_nobody_records_training_but_the_bwc_unit(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.complete_course(member_id=world.id("li"), course_id=world.course.pk, by=world.actor("ruiz"))
