"""Who is named by a text that somebody else wrote."""

import pytest

from fairwitness.department import acts, doors
from tests.world import BY, World


@pytest.mark.parametrize(
    "text",
    [
        "21",
        "Maria Ruiz",
        "maria  RUIZ",
        "Sgt. Maria Ruiz",
        "Ruiz, Maria",
        "Ruiz, Maria (mruiz)",
        "Maria Ruiz (Badge ID: 21)",
        "Ruiz, Maria (21)",
        "somebody else (badge: 21)",
    ],
)
def test_it_works(world: World, text: str) -> None:
    acts.give_sign_in(member_id=world.id("ruiz"), username="mruiz", by=BY)
    assert doors.member_named(text) == world.members["ruiz"]


@pytest.mark.parametrize(
    "text", ["", " ", "()", "Ruiz", "Maria", "Grace", "29", "a\0b", "\ud800", "(", "x" * 10_000]
)
def test_nobody_is_guessed(world: World, text: str) -> None:
    assert doors.member_named(text) is None


def test_two_of_one_name_are_not_guessed(world: World) -> None:
    acts.add_member(badge="900", given_name="Maria", family_name="Ruiz", rank="detective", by=BY)
    assert doors.member_named("Maria Ruiz") is None
    assert doors.member_named("Maria Ruiz (900)").badge == "900"  # type: ignore[union-attr]


def test_a_camera_is_found_whatever_the_case(world: World) -> None:
    assert doors.camera_by_serial(" ax-0021 ") == world.cameras["AX-0021"]
    assert doors.camera_by_serial("AX-9999") is None


def test_things_are_named(world: World) -> None:
    ruiz, camera = world.members["ruiz"], world.spare()
    assert doors.member_names([ruiz.pk]) == {ruiz.pk: "Sgt. Maria Ruiz"}
    assert doors.camera_names([camera.pk]) == {camera.pk: "AX-0900"}
    assert doors.unit_names([world.units["records"].pk]) == {world.units["records"].pk: "Records"}
    assert doors.course_names([world.course.pk]) == {world.course.pk: "Body-worn camera, basic"}
