"""The act assign_camera: no camera before the completed training."""

import datetime as dt
import threading

import pytest
from django.db import connections

from fairwitness.department import acts, doors
from fairwitness.department.models import Assignment, Camera
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Forbidden, Invalid, Refusal, WrongState
from tests.department.ledger import latest, sentence
from tests.world import BY, World, build

DAY = dt.timedelta(days=1)


def _train(world: World, key: str, on: dt.date | None = None, expires_on: dt.date | None = None) -> None:
    acts.complete_course(
        member_id=world.id(key),
        course_id=world.course.pk,
        on=on,
        expires_on=expires_on,
        by=world.actor("costa"),
    )


def test_it_works(world: World) -> None:
    li, spare = world.id("li"), world.spare()
    _train(world, "li")
    before = clock.now()
    made = acts.assign_camera(camera_id=spare.pk, member_id=li, by=world.actor("costa"))
    assert doors.wearer_at(spare.pk, clock.now()) == world.members["li"]
    assert doors.wearer_at(spare.pk, before - DAY) is None
    event, subjects, facts = latest()
    assert event == "department.camera_assigned"
    assert subjects == {("department.camera", spare.pk), ("department.member", li)}
    assert facts == {"camera_id": str(spare.pk), "member_id": str(li), "since": clock.rfc3339(made.since)}
    assert sentence() == "Ana Costa assigned the camera AX-0900 to Officer Wei Li"


def test_before_the_training_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="has not completed the training: Body-worn camera, basic"):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("li"), by=world.actor("costa"))


def test_with_expired_training_is_refused(world: World) -> None:
    today = doors.today()
    _train(world, "li", on=today - 30 * DAY, expires_on=today)
    with pytest.raises(WrongState, match="has not completed"):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("li"), by=world.actor("costa"))


def test_from_a_moment_before_the_training_is_refused(world: World) -> None:
    _train(world, "li")
    with pytest.raises(WrongState, match="has not completed"):
        acts.assign_camera(
            camera_id=world.spare().pk,
            member_id=world.id("li"),
            since=clock.now() - 2 * DAY,
            by=world.actor("costa"),
        )


def test_with_one_of_two_required_courses_is_refused(world: World) -> None:
    acts.add_course(code="BWC-2", title="Refresher", required_for_camera=True, by=world.actor("costa"))
    with pytest.raises(WrongState, match="Refresher"):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("ruiz"), by=world.actor("costa"))


def test_while_no_course_is_required_is_refused(db: None) -> None:
    member = acts.add_member(badge="1", given_name="A", family_name="B", rank="detective", by=BY)
    camera = acts.add_camera(serial="S", model="M", by=BY)
    with pytest.raises(WrongState, match="No course is required"):
        acts.assign_camera(camera_id=camera.pk, member_id=member.pk, by=BY)


def test_one_that_is_worn_is_refused(world: World) -> None:
    with pytest.raises(WrongState, match="Officer Dana Whitfield has this camera"):
        acts.assign_camera(
            camera_id=world.cameras["AX-0101"].pk, member_id=world.id("ruiz"), by=world.actor("costa")
        )


def test_for_a_time_before_another_wearer_is_refused(world: World) -> None:
    camera = world.cameras["AX-0101"].pk
    acts.return_camera(camera_id=camera, by=world.actor("costa"))
    with pytest.raises(WrongState, match="has this camera"):
        acts.assign_camera(
            camera_id=camera, member_id=world.id("ruiz"), since=clock.now() - 2 * DAY, by=world.actor("costa")
        )


@pytest.mark.parametrize("status", ["in_repair", "lost", "retired"])
def test_one_not_in_service_is_refused(world: World, status: str) -> None:
    acts.move_camera(camera_id=world.spare().pk, to=status, by=world.actor("costa"))
    with pytest.raises(WrongState, match="not in service"):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("ruiz"), by=world.actor("costa"))


def test_to_one_who_left_is_refused(world: World) -> None:
    acts.leave(member_id=world.id("okoye"), by=world.actor("chen"))
    with pytest.raises(WrongState, match="has left"):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("okoye"), by=world.actor("costa"))


def test_from_a_moment_to_come_is_refused(world: World) -> None:
    with pytest.raises(Invalid, match="not before"):
        acts.assign_camera(
            camera_id=world.spare().pk,
            member_id=world.id("ruiz"),
            since=clock.now() + DAY,
            by=world.actor("costa"),
        )


def test_a_supervisor_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.assign_camera(camera_id=world.spare().pk, member_id=world.id("ruiz"), by=world.actor("ruiz"))


def test_two_at_once_give_it_to_one(own_database: str) -> None:
    """Both find the camera spare before either writes; the lock lets one after the other decide."""
    world = build()
    spare, came = world.spare().pk, []

    def hand_to(key: str) -> None:
        try:
            came.append(acts.assign_camera(camera_id=spare, member_id=world.id(key), by=BY))
        except Refusal as refusal:
            came.append(refusal)
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=hand_to, args=[key]) for key in ("ruiz", "brandt", "whitfield", "okoye")
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in came) == ["Assignment", *["WrongState"] * 3]
    assert Assignment.objects.filter(camera=spare, until=None).count() == 1
    assert Camera.objects.get(pk=spare).status == Camera.Status.IN_SERVICE
