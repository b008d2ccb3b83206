"""The ways around: in groups, narrowed by role, the current one marked."""

from typing import Any

import pytest

from fairwitness.kernel import actors
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.roles import Role
from fairwitness.site import ways

EVERYBODY = {"/", "/book/", "/log/"}
WORN = {"/recordings/", "/cases/", "/packages/", "/incidents/", "/uploads/", "/people/", "/cameras/"}
FOUND = {"/recordings/", "/cases/", "/packages/", "/incidents/", "/retention/", "/people/", "/cameras/"}
EQUIPMENT = {"/docks/", "/coverage/"}
OPEN = {
    Role.OFFICER: WORN,
    Role.SUPERVISOR: WORN | {"/coverage/"},
    Role.BWC_UNIT: FOUND
    | EQUIPMENT
    | {"/uploads/", "/storage/", "/tokens/", "/alarms/", "/arrivals/", "/exports/"},
    Role.RECORDS_OFFICER: FOUND | {"/arrivals/"},
    Role.COMMUNITY_SUPERVISOR: set[str](),
    Role.COMMAND_STAFF: FOUND | EQUIPMENT | {"/exports/"},
    Role.CHIEF: FOUND | EQUIPMENT | {"/reviews/", "/exports/"},
    Role.INTERNAL_AUDITOR: FOUND
    | EQUIPMENT
    | {"/uploads/", "/storage/", "/sign-in-log/", "/tokens/", "/alarms/", "/exports/"},
    Role.EXTERNAL_AUDITOR: {
        "/recordings/",
        "/cases/counts/",
        "/incidents/counts/",
        "/retention/",
        "/coverage/",
        "/storage/",
        "/exports/",
    },
    Role.ACCOUNT_ADMINISTRATOR: {"/people/", "/storage/", "/sessions/", "/alarms/", "/exports/"},
}


def somebody(*roles: Role) -> Actor:
    return actors.member(new_id(), frozenset(roles))


def flat(found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [way for one in found for way in one.get("ways", [one])]


def test_it_works() -> None:
    """Groups in their order; a group of one way is that way by itself; the page and its group are marked."""
    found = ways.around(somebody(Role.BWC_UNIT), "/cameras/")
    said = ["Home", "Evidence", "Incidents", "Policy", "Department", "Administration"]
    assert [str(one["label"]) for one in found] == said
    assert [str(one["label"]) for one in found if one["current"]] == ["Department"]
    assert [str(way["label"]) for way in flat(found) if way["current"] == "page"] == ["Cameras"]
    assert "ways" not in found[2]


@pytest.mark.parametrize("role", OPEN)
def test_each_role_sees_its_own_and_no_more(role: Role) -> None:
    assert {way["url"] for way in flat(ways.around(somebody(role), "/"))} == EVERYBODY | OPEN[role]


def test_a_guest_sees_what_is_shared_with_them() -> None:
    found = [str(one["label"]) for one in ways.around(actors.guest(new_id()), "/")]
    assert found == ["Home", "Policy", "Keep a recording", "Shared with you", "Public log"]


def test_those_outside_see_no_groups() -> None:
    found = ways.around(PUBLIC, "/log/")
    assert [str(one["label"]) for one in found] == ["Home", "Policy", "Keep a recording", "Public log"]
    assert not any("ways" in one for one in found)


@pytest.mark.parametrize(
    ("path", "label"), [("/holds/", "Recordings"), ("/disposal/", "Retention"), ("/jobs/", "System")]
)
def test_what_lies_below_is_marked_too(path: str, label: str) -> None:
    found = flat(ways.around(somebody(Role.BWC_UNIT), path))
    assert [(str(way["label"]), way["current"]) for way in found if way["current"]] == [(label, "true")]
