"""The whole square of role and act: the table, the doors and the acts agree in every cell."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from procrastinate.contrib.django import app

from fairwitness.department import acts, doors
from fairwitness.department.models import Camera, Member
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.refusals import Forbidden, Refusal
from fairwitness.kernel.roles import Reach, Role
from tests.world import BY, CAST, World

HOLDER = {part.role: part.key for part in reversed(CAST)}
ADMIN, BWC = Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT
# Who may do what, written down a second time and by hand: the table in the doors must say the same.
WHO_MAY: dict[str, set[Role]] = {
    "add_unit": {ADMIN, BWC},
    "add_member": {ADMIN, BWC},
    "change_member": {ADMIN, BWC},
    "post": {ADMIN, BWC},
    "import_roster": {ADMIN, BWC},
    "leave": {ADMIN},
    "grant_role": {ADMIN},
    "end_role": {ADMIN},
    "give_sign_in": {ADMIN},
    "add_course": {BWC},
    "complete_course": {BWC},
    "add_camera": {BWC},
    "change_camera": {BWC},
    "move_camera": {BWC},
    "assign_camera": {BWC},
    "return_camera": {BWC},
    "try_job_again": {ADMIN, BWC},
    "cancel_job": {ADMIN, BWC},
    "add_dock": {BWC},
    "change_dock": {BWC},
    "retire_dock": {BWC},
}
LISTED = {role: Reach.ALL for role in Role if role not in (Role.COMMUNITY_SUPERVISOR, Role.EXTERNAL_AUDITOR)}


def _failed_job() -> int:
    """A job that failed for good."""
    job = int(app.configure_task("evidence.probe", queue="media", allow_unknown=True).defer(recording_id=""))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET status = 'doing' WHERE id = %s", [job])
        cursor.execute("UPDATE procrastinate_jobs SET status = 'failed' WHERE id = %s", [job])
    return job


def _doing(world: World) -> dict[str, Callable[[Actor], object]]:
    """Each act with arguments that it accepts from whoever may."""
    li, unit, course, spare = world.id("li"), world.units["patrol_2"].pk, world.course.pk, world.spare().pk
    dock = acts.add_dock(serial="D-1", name="Front desk", by=BY).pk
    named = {"given_name": "A", "family_name": "B", "rank": "detective"}
    roster = b"badge,given name,family name,rank\n999,New,Member,Detective\n"
    columns = {"badge": 0, "given_name": 1, "family_name": 2, "rank": 3}
    return {
        "add_unit": lambda by: acts.add_unit(code="K9", name="Canine", by=by),
        "add_member": lambda by: acts.add_member(badge="999", **named, by=by),
        "change_member": lambda by: acts.change_member(member_id=li, **named, by=by),
        "post": lambda by: acts.post(member_id=li, unit_id=unit, by=by),
        "import_roster": lambda by: acts.import_roster(data=roster, columns=columns, by=by),
        "leave": lambda by: acts.leave(member_id=li, by=by),
        "grant_role": lambda by: acts.grant_role(member_id=li, role=Role.SUPERVISOR, by=by),
        "end_role": lambda by: acts.end_role(member_id=li, role=Role.OFFICER, by=by),
        "give_sign_in": lambda by: acts.give_sign_in(member_id=li, username="wli", by=by),
        "add_course": lambda by: acts.add_course(code="C", title="C", by=by),
        "complete_course": lambda by: acts.complete_course(member_id=li, course_id=course, by=by),
        "add_camera": lambda by: acts.add_camera(serial="S", model="M", by=by),
        "change_camera": lambda by: acts.change_camera(camera_id=spare, model="M", firmware="", by=by),
        "move_camera": lambda by: acts.move_camera(camera_id=spare, to="lost", by=by),
        "assign_camera": lambda by: acts.assign_camera(camera_id=spare, member_id=world.id("ruiz"), by=by),
        "try_job_again": lambda by: acts.try_job_again(job_id=_failed_job(), by=by),
        "cancel_job": lambda by: acts.cancel_job(job_id=_failed_job(), by=by),
        "return_camera": lambda by: acts.return_camera(camera_id=world.cameras["AX-0101"].pk, by=by),
        "add_dock": lambda by: acts.add_dock(serial="D-2", name="Back door", by=by),
        "change_dock": lambda by: acts.change_dock(dock_id=dock, name="Hall", place="", by=by),
        "retire_dock": lambda by: acts.retire_dock(dock_id=dock, by=by),
    }


def test_the_table_names_every_act_once() -> None:
    reading = {"list_members", "open_member_file", "list_cameras", "list_docks", "see_coverage", "see_system"}
    reading |= {
        "see_open_work",
        "reset_sign_in",
        "stop_sign_in",
    }  # the latter two: tests/accounts/test_emergency.py
    assert doors.REACH.keys() == WHO_MAY.keys() | reading


@pytest.mark.parametrize("act", WHO_MAY)
def test_the_table_says_who_may(act: str) -> None:
    assert {role for role, far in doors.REACH[act].items() if far} == WHO_MAY[act]


@pytest.mark.parametrize("act", WHO_MAY)
@pytest.mark.parametrize("role", list(Role))
def test_the_act_obeys_the_table(world: World, act: str, role: Role) -> None:
    do, by = _doing(world)[act], world.actor(HOLDER[role])
    assert by.roles == {role}
    if role in WHO_MAY[act]:
        do(by)
    else:
        with pytest.raises(Forbidden):
            do(by)


@pytest.mark.parametrize("act", WHO_MAY)
def test_the_public_may_nothing(world: World, act: str) -> None:
    with pytest.raises(Forbidden):
        _doing(world)[act](PUBLIC)


@pytest.mark.parametrize("role", list(Role))
def test_who_lists_people(world: World, role: Role) -> None:
    by = world.actor(HOLDER[role])
    everyone = Member.objects.count()
    assert doors.members_for(by).count() == (everyone if role in LISTED else 0)
    assert doors.may_list_members(by) is (role in LISTED)


FILES: dict[Role, Any] = {
    **dict.fromkeys((Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, BWC, ADMIN), "everyone"),
    Role.SUPERVISOR: {"okafor", "ruiz", "brandt", "whitfield", "okoye", "li", "haddad", "lindqvist"},
    Role.OFFICER: {"whitfield"},
    Role.RECORDS_OFFICER: {"weber"},
}


@pytest.mark.parametrize("role", list(Role))
def test_whose_file_is_open(world: World, role: Role) -> None:
    by = world.actor(HOLDER[role])
    expected = FILES.get(role, set())
    found = {key for key in world.members if doors.may_open_file(by, world.id(key))}
    assert found == (set(world.members) if expected == "everyone" else expected)


CAMERAS: dict[Role, int] = {
    **dict.fromkeys((Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, BWC, Role.RECORDS_OFFICER), 6),
    Role.SUPERVISOR: 5,
    Role.OFFICER: 1,
}


@pytest.mark.parametrize("role", list(Role))
def test_which_cameras_are_found(world: World, role: Role) -> None:
    by = world.actor(HOLDER[role])
    assert doors.cameras_for(by).count() == CAMERAS.get(role, 0)
    assert doors.may_list_cameras(by) is (role in CAMERAS)


@pytest.mark.parametrize("role", list(Role))
def test_who_finds_docks(world: World, role: Role) -> None:
    acts.add_dock(serial="D-1", name="Front desk", by=BY)
    may = {Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, BWC}
    assert doors.docks_for(world.actor(HOLDER[role])).count() == (1 if role in may else 0)
    assert doors.may_list_docks(world.actor(HOLDER[role])) is (role in may)


@pytest.mark.parametrize("role", list(Role))
def test_who_sees_coverage(world: World, role: Role) -> None:
    may = {Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR, BWC, Role.SUPERVISOR, Role.EXTERNAL_AUDITOR}
    assert doors.may_see_coverage(world.actor(HOLDER[role])) is (role in may)


def test_a_supervisor_moved_away_no_longer_reaches(world: World) -> None:
    assert doors.may_open_file(world.actor("ruiz"), world.id("li"))
    acts.post(
        member_id=world.id("li"),
        unit_id=world.units["patrol_2"].pk,
        reports_to=world.id("brandt"),
        by=world.actor("chen"),
    )
    assert not doors.may_open_file(world.actor("ruiz"), world.id("li"))
    assert doors.may_open_file(world.actor("brandt"), world.id("li"))


def test_roles_add_up(world: World) -> None:
    acts.grant_role(member_id=world.id("adeyemi"), role=Role.CHIEF, by=world.actor("chen"))
    assert doors.may_list_cameras(world.actor("adeyemi"))


def test_nobody_else_is_found(world: World) -> None:
    for pk in (uuid.uuid4(), world.spare().pk):
        with pytest.raises(Refusal):
            doors.member_for(world.actor("park"), pk)
    with pytest.raises(Refusal):
        doors.camera_for(world.actor("whitfield"), Camera.objects.get(serial="AX-0102").pk)
