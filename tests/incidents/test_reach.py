"""The square of role and act of this room: written down a second time and by hand, and kept by the doors."""

import pytest

from fairwitness.incidents import doors
from fairwitness.kernel import actors
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.roles import Reach, Role
from tests.incidents.made import dispatch, incident, shifts
from tests.world import World

LOOKERS = {
    *(Role.SUPERVISOR, Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF),
    Role.INTERNAL_AUDITOR,
}
KEEPERS = {Role.SUPERVISOR, Role.BWC_UNIT, Role.COMMAND_STAFF}
MARKERS = {Role.SUPERVISOR, Role.BWC_UNIT}
ALL: dict[str, set[Role]] = {
    **dict.fromkeys(("find", "export", "list_shifts", "see_reports", "see_involved"), LOOKERS),
    **dict.fromkeys(("add_incident", "change_incident", "file_report", "withdraw_report"), KEEPERS),
    **dict.fromkeys(
        ("import_dispatch", "import_shifts", "withdraw_shift", "change_mapping"), {Role.BWC_UNIT}
    ),
    "see_imports": {Role.BWC_UNIT, Role.INTERNAL_AUDITOR},
    **dict.fromkeys(("mark_critical", "involve_member", "strike_off", "file_statement"), MARKERS),
    "unmark_critical": {Role.COMMAND_STAFF, Role.CHIEF},
}
OWN = {"find", "export", "list_shifts"}


def test_the_table_says_the_same() -> None:
    assert doors.REACH.keys() == ALL.keys() | {"count"}
    for act, roles in ALL.items():
        own = {Role.OFFICER: Reach.OWN} if act in OWN else {}
        assert doors.REACH[act] == {**dict.fromkeys(roles, Reach.ALL), **own}, act
    counters = LOOKERS | {Role.OFFICER, Role.EXTERNAL_AUDITOR}
    assert doors.REACH["count"] == dict.fromkeys(counters, Reach.COUNTS)


@pytest.mark.parametrize("role", Role)
def test_lists_and_single_incidents_agree_with_it(world: World, role: Role) -> None:
    shifts("101,4A12,2026-03-04,07:00,19:00\n")
    dispatch("1,3/4/2026,13:05,,,4A12,13:06,,,,\n2,3/4/2026,14:05,,,4A14,14:06,,,,\n")
    asker = actors.member(world.id("whitfield"), frozenset({role}))
    expected = {"1", "2"} if role in LOOKERS else {"1"} if role == Role.OFFICER else set()
    assert {each.number for each in doors.narrowed(asker)} == expected
    for number in ("1", "2"):
        pk = incident(number).pk
        for act in ("find", "change_incident", "file_report"):
            may = doors.narrowed(asker, act).filter(pk=pk).exists()
            assert may is (number in expected if act == "find" else role in KEEPERS)


@pytest.mark.parametrize("nobody", [PUBLIC, actors.Actor("device", "0" * 32, frozenset(Role))])
def test_whoever_is_no_member_reaches_nothing(nobody: actors.Actor) -> None:
    assert not any(doors.may(nobody, act) for act in doors.REACH)
