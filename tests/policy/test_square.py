"""The whole squares: role and act, status and act."""

from collections.abc import Callable

import pytest

from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.policy import acts, doors
from fairwitness.policy.models import Version
from tests.policy import made
from tests.world import CAST, World

HOLDER = {part.role: part.key for part in reversed(CAST)}
DRAFTERS = {Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMUNITY_SUPERVISOR, Role.COMMAND_STAFF, Role.CHIEF}
DECIDERS = {Role.COMMAND_STAFF, Role.CHIEF}
# Written down a second time and by hand: the table in the doors must say the same.
WHO_MAY = {
    "read_drafts": set(Role),
    "draft_version": DRAFTERS,
    "propose_version": DRAFTERS,
    "withdraw_version": DRAFTERS,
    "approve_version": DECIDERS,
    "send_version_back": DECIDERS,
    "bring_into_force": DECIDERS,
}
Do = Callable[[Version, Actor], object]
# Each act on a version: which right it wants, from which states it goes, and how it is done.
ON_A_VERSION: dict[str, tuple[str, set[str], Do]] = {
    "change_particulars": (
        "draft_version",
        {"draft"},
        lambda v, by: acts.change_particulars(version_id=v.pk, particulars={"title": "Else"}, by=by),
    ),
    "change_rule": (
        "draft_version",
        {"draft"},
        lambda v, by: acts.change_rule(version_id=v.pk, rule=made.rule("t.two"), by=by),
    ),
    "remove_rule": (
        "draft_version",
        {"draft"},
        lambda v, by: acts.remove_rule(version_id=v.pk, rule_id="t.one", by=by),
    ),
    "propose_version": (
        "propose_version",
        {"draft"},
        lambda v, by: acts.propose_version(version_id=v.pk, because="Rain.", by=by),
    ),
    "send_back_version": (
        "send_version_back",
        {"proposed"},
        lambda v, by: acts.send_back_version(version_id=v.pk, by=by),
    ),
    "approve_version": (
        "approve_version",
        {"proposed"},
        lambda v, by: acts.approve_version(version_id=v.pk, digest=v.digest, by=by),
    ),
    "bring_into_force": (
        "bring_into_force",
        {"approved"},
        lambda v, by: acts.bring_into_force(version_id=v.pk, by=by),
    ),
    "withdraw_version": (
        "withdraw_version",
        {"draft", "proposed", "approved"},
        lambda v, by: acts.withdraw_version(version_id=v.pk, by=by),
    ),
    "give_clearance": (
        "",
        {"draft", "proposed", "approved"},
        lambda v, by: acts.give_clearance(version_id=v.pk, what="retention", by=by),
    ),
}  # fmt: skip


@pytest.mark.parametrize("act", WHO_MAY)
def test_the_table_says_who_may(act: str) -> None:
    assert doors.REACH.keys() == WHO_MAY.keys()
    assert {role for role, far in doors.REACH[act].items() if far} == WHO_MAY[act]


@pytest.mark.parametrize("act", [act for act, (right, _from, _do) in ON_A_VERSION.items() if right])
@pytest.mark.parametrize("role", [*Role, None])
def test_the_act_obeys_the_table(world: World, act: str, role: Role | None) -> None:
    right, states, do = ON_A_VERSION[act]
    version = made.in_state(world, min(states))
    by = world.actor(HOLDER[role]) if role else PUBLIC
    # Whoever approves in these worlds is the deputy; so is the one who would approve here.
    if role in WHO_MAY[right]:
        do(version, by)
    else:
        with pytest.raises(Forbidden):
            do(version, by)


@pytest.mark.parametrize("role", [*Role, None])
def test_who_begins(world: World, role: Role | None) -> None:
    by = world.actor(HOLDER[role]) if role else PUBLIC
    made.in_force(world)
    if role in DRAFTERS:
        acts.begin_version(number="T-1", by=by)
        acts.add_document(number="T-9", particulars=made.PARTICULARS, by=by)
    else:
        with pytest.raises(Forbidden):
            acts.begin_version(number="T-1", by=by)
        with pytest.raises(Forbidden):
            acts.add_document(number="T-9", particulars=made.PARTICULARS, by=by)


@pytest.mark.parametrize("act", ON_A_VERSION)
@pytest.mark.parametrize("status", list(Version.Status))
def test_an_act_goes_from_its_states_alone(world: World, act: str, status: str) -> None:
    _right, states, do = ON_A_VERSION[act]
    version, by = made.in_state(world, status), world.actor("park")
    if status in states:
        do(version, by)
    else:
        with pytest.raises(WrongState):
            do(version, by)
        assert made.read_again(version).status == status


@pytest.mark.parametrize("status", list(Version.Status))
def test_a_version_that_ended_goes_nowhere(status: Version.Status) -> None:
    ends = {Version.Status.SUPERSEDED, Version.Status.WITHDRAWN}
    assert bool(Version.MOVES[status]) is (status not in ends)
