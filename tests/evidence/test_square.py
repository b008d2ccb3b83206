"""The whole square of evidence: every role, every act, every relation to the recording, written out by hand."""

import uuid
from typing import Any

import pytest

from fairwitness.evidence import doors
from fairwitness.kernel import actors
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Reach, Role
from tests.evidence.made import sealed
from tests.world import CAST, World

ACTS = (
    *("find", "open", "note", "export", "receipt", "settle_owner", "read_again", "link_incident", "count"),
    *("see_holds", "place_hold", "lift_hold", "see_preservation", "decide_preservation"),
    *("see_disposals", "strike_disposal", "approve_disposal", "take_back_disposal", "certificate"),
)
# Whose recording it is, seen from the one who asks.
RELATIONS = ("own", "below", "other", "nobody's")

# One line a role: for each act the relations in which the role reaches. `count` has no single recording, so it
# stands as yes or no. Written by hand from the issue and docs, not drawn from the code.
EXPECTED: dict[Role, dict[str, str]] = {
    Role.OFFICER: {
        "link_incident": "own",
        "find": "own",
        "open": "own",
        "note": "own",
        "export": "own",
        "receipt": "own",
        "count": "yes",
    },
    Role.SUPERVISOR: {
        "link_incident": "own below",
        "find": "own below",
        "open": "own below",
        "note": "own below",
        "export": "own below",
        "receipt": "own below",
        "count": "yes",
    },
    Role.BWC_UNIT: {
        "link_incident": "own below other nobody's",
        "find": "own below other nobody's",
        "open": "own below other nobody's",
        "note": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "settle_owner": "own below other nobody's",
        "read_again": "own below other nobody's",
        "count": "yes",
    },
    Role.INTERNAL_AUDITOR: {
        "find": "own below other nobody's",
        "open": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "count": "yes",
    },
    Role.RECORDS_OFFICER: {
        "find": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "count": "yes",
    },
    Role.COMMAND_STAFF: {
        "find": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "count": "yes",
    },
    Role.CHIEF: {
        "find": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "count": "yes",
    },
    Role.EXTERNAL_AUDITOR: {
        "find": "own below other nobody's",
        "export": "own below other nobody's",
        "receipt": "own below other nobody's",
        "count": "yes",
    },
    Role.COMMUNITY_SUPERVISOR: {},
    Role.ACCOUNT_ADMINISTRATOR: {},
}

# Who sees that a recording is held, who holds it, who lets it go; the same for residents' requests.
ALL = "own below other nobody's"
DECIDERS = (Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF)
EXPECTED[Role.OFFICER] |= {"see_holds": "own"}
EXPECTED[Role.SUPERVISOR] |= {"see_holds": "own below", "place_hold": "own below"}
for keeper in (*DECIDERS, Role.INTERNAL_AUDITOR):
    EXPECTED[keeper] |= {"see_holds": ALL, "place_hold": ALL, "see_preservation": ALL}
for decider in DECIDERS:
    EXPECTED[decider] |= {"lift_hold": ALL}
EXPECTED[Role.RECORDS_OFFICER] |= {"decide_preservation": ALL}
# Disposal is decided on for the whole department, by four roles; the internal auditor looks on.
EVERYBODYS = "own below other nobody's"
DECIDE = ("strike_disposal", "approve_disposal", "take_back_disposal")
for decides in (Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF):
    EXPECTED[decides] |= dict.fromkeys(DECIDE, EVERYBODYS)
for sees in (Role.BWC_UNIT, Role.RECORDS_OFFICER, Role.COMMAND_STAFF, Role.CHIEF, Role.INTERNAL_AUDITOR):
    EXPECTED[sees] |= dict.fromkeys(("see_disposals", "certificate"), EVERYBODYS)

# Ruiz asks: she wears AX-0021, Whitfield is below her, Haddad is not, and nobody knows of the last.
CAMERAS = {"own": "AX-0021", "below": "AX-0101", "other": "AX-0111", "nobody's": ""}


@pytest.fixture
def recordings(world: World) -> dict[str, uuid.UUID]:
    return {whose: sealed(whose.encode(), device=camera).pk for whose, camera in CAMERAS.items()}


def test_the_table_has_every_role_and_every_act() -> None:
    assert set(EXPECTED) == set(Role)
    # What decides keeping and access has squares of its own.
    assert set(doors.REACH) >= set(ACTS)
    assert {act for acts in EXPECTED.values() for act in acts} <= set(ACTS)


@pytest.mark.parametrize("role", Role)
def test_decision_and_list_agree_with_the_table(
    world: World, recordings: dict[str, uuid.UUID], role: Role
) -> None:
    asker = actors.member(world.id("ruiz"), frozenset({role}))
    for act in ACTS:
        expected = EXPECTED[role].get(act, "")
        if act == "count":
            assert doors.may_count(asker) == (expected == "yes")
            continue
        reached = set(expected.split())
        listed = {
            whose for whose, pk in recordings.items() if doors.narrowed(asker, act).filter(pk=pk).exists()
        }
        decided = {whose for whose, pk in recordings.items() if doors.may(asker, pk, act)}
        given = {whose for whose, pk in recordings.items() if _given(asker, pk, act)}
        locked = {whose for whose, pk in recordings.items() if _given(asker, pk, act, lock=True)}
        assert (act, listed, decided, given, locked) == (act, reached, reached, reached, reached)
    found = set(doors.narrowed(asker, "find").values_list("pk", flat=True))
    assert {row.pk for row in doors.listing(asker, doors.Filters()).rows} == found
    assert {row.pk for row in doors.every(asker, doors.Filters())} == found
    assert doors.count_of(asker, doors.Filters()) == (len(found), False)
    assert doors.may_list(asker) == bool(EXPECTED[role].get("find"))


def _given(asker: actors.Actor, pk: uuid.UUID, act: str, **more: Any) -> bool:
    """Whether the door gives the recording; a refusal must look as it should."""
    try:
        return doors.recording(asker, pk, act, **more).pk == pk
    except Forbidden:
        assert doors.may(asker, pk, "find"), "who may not find it must not learn that it is there"
    except NotFound:
        assert not doors.may(asker, pk, "find")
    return False


def test_roles_add_up(world: World, recordings: dict[str, uuid.UUID]) -> None:
    both = actors.member(world.id("ruiz"), frozenset({Role.OFFICER, Role.RECORDS_OFFICER}))
    assert doors.narrowed(both, "find").count() == 4
    assert [r.pk for r in doors.narrowed(both, "open")] == [recordings["own"]]


@pytest.mark.parametrize(
    "nobody",
    [actors.PUBLIC, actors.system("anything"), actors.Actor("device", str(uuid.uuid4()), frozenset(Role))],
    ids=["the public", "the system", "a device with roles"],
)
def test_whoever_is_no_member_reaches_nothing(
    world: World, recordings: dict[str, uuid.UUID], nobody: actors.Actor
) -> None:
    for act in ACTS:
        assert doors.far(nobody, act) is Reach.NONE
        assert not doors.narrowed(nobody, act).exists()


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_the_cast_holds_the_roles_that_the_table_speaks_of(world: World, part: Any) -> None:
    assert world.actor(part.key).roles == {part.role}
