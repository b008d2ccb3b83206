"""Coverage: the share of sworn members trained and equipped (duty B04)."""

import datetime as dt

import pytest

from fairwitness.department import acts, doors
from fairwitness.kernel.refusals import Forbidden
from tests.world import BY, World


def _of(shares: list[doors.Share]) -> dict[str, tuple[int, int, int]]:
    return {share.label: (share.sworn, share.trained, share.equipped) for share in shares}


def test_it_works(world: World) -> None:
    found = doors.coverage(world.actor("park"))
    assert (found.whole.sworn, found.whole.trained, found.whole.equipped) == (11, 5, 5)
    assert _of(found.by_rank) == {
        "Command Staff": (2, 0, 0),
        "Supervisor": (4, 2, 2),
        "Patrol Officer": (4, 3, 3),
        "Detective": (1, 0, 0),
    }
    assert _of(found.by_unit) == {
        "Community Relations": (1, 0, 0),
        "Detectives": (1, 0, 0),
        "Headquarters": (3, 0, 0),
        "Patrol 1 (Day)": (4, 3, 3),
        "Patrol 2 (Night)": (2, 2, 2),
    }


def test_training_counts_apart_from_the_camera(world: World) -> None:
    acts.complete_course(member_id=world.id("lindqvist"), course_id=world.course.pk, by=BY)
    assert _of(doors.coverage(world.actor("park")).by_rank)["Detective"] == (1, 1, 0)


def test_a_camera_in_repair_does_not_equip(world: World) -> None:
    acts.move_camera(camera_id=world.cameras["AX-0022"].pk, to="in_repair", by=BY)
    assert _of(doors.coverage(world.actor("park")).by_rank)["Supervisor"] == (4, 2, 1)


def test_expired_training_does_not_count(world: World) -> None:
    today = doors.today()
    acts.complete_course(
        member_id=world.id("li"),
        course_id=world.course.pk,
        on=today - dt.timedelta(days=9),
        expires_on=today,
        by=BY,
    )
    assert doors.coverage(world.actor("park")).whole.trained == 5
    assert doors.coverage(world.actor("park"), today - dt.timedelta(days=1)).whole.trained == 6


def test_a_second_required_course_is_required(world: World) -> None:
    acts.add_course(code="BWC-2", title="Refresher", required_for_camera=True, by=BY)
    assert doors.coverage(world.actor("park")).whole.trained == 0


def test_without_a_required_course_nobody_is_trained(db: None) -> None:
    acts.add_member(badge="1", given_name="A", family_name="B", rank="detective", by=BY)
    whole = doors.coverage(BY).whole
    assert (whole.sworn, whole.trained) == (1, 0)


def test_one_who_left_counts_no_longer(world: World) -> None:
    acts.leave(member_id=world.id("okoye"), by=BY)
    assert doors.coverage(world.actor("park")).whole == doors.Share("All sworn members", 10, 4, 4)


def test_an_earlier_day_is_told_as_it_was(world: World) -> None:
    first = doors.coverage(world.actor("park"), world.since).whole
    assert (first.sworn, first.trained, first.equipped) == (11, 5, 0), "cameras came a day after the training"
    assert doors.coverage(world.actor("park"), world.since - dt.timedelta(days=1)).whole.sworn == 0


def test_an_empty_department_has_no_shares(db: None) -> None:
    found = doors.coverage(BY)
    assert (found.whole.sworn, found.whole.equipped_share, found.by_rank, found.by_unit) == (0, 0.0, [], [])


def test_an_officer_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        doors.coverage(world.actor("whitfield"))
