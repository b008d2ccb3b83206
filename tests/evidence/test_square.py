"""The whole square of evidence: every role, every act, every relation to the recording, written out by hand."""

import uuid
from typing import Any

import pytest

from fairwitness.evidence import doors, jobs
from fairwitness.evidence.acts import erasing
from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.disposal import propose_disposals
from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.acts.note import add_note, withdraw_note
from fairwitness.evidence.acts.probe import read_again
from fairwitness.evidence.acts.seal import settle_owner
from fairwitness.evidence.acts.settle_clock import settle_clock
from fairwitness.evidence.models import DisposalList, Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Reach, Role
from tests.evidence.disposals import KEPT, after_grace, approve, dated, due, erase, in_grace, row
from tests.evidence.holding import held_over
from tests.evidence.made import BY, grown, readable, rows, sealed
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


# What the locked door still gives when the bytes go, or are gone. All else is refused by name, whoever asks.
AFTER_ALL = {
    *("find", "export", "receipt", "certificate", "see_retention", "see_holds", "see_preservation"),
    *(
        "link_incident",
        "categorise",
        "see_disposals",
        "see_watch",
        "place_hold",
        "lift_hold",
        "open",
        "preview",
    ),
}


@pytest.mark.parametrize("state", ["sealed", "erasing", "erased"])
def test_the_square_of_states(world: World, state: str) -> None:
    found = in_grace(world, b"a recording")
    recording = row(found, b"a recording").recording
    if state == "erasing":
        with clock.frozen(after_grace(found)):
            erasing.begin_list(found.pk, by=BY)
            erasing.begin_erasing(row(found, recording).pk, by=BY)
    elif state == "erased":
        erase(found)
    asker = actors.member(world.id("weber"), frozenset(Role))
    for act in sorted(doors.REACH):
        if doors.far(asker, act) != Reach.ALL:
            continue
        given = act in AFTER_ALL or state == "sealed"
        if given:
            assert doors.recording(asker, recording.pk, act, lock=True).pk == recording.pk, act
        else:
            with pytest.raises(
                WrongState, match=f"of {recording.number} (were|are being) erased under a rule"
            ):
                doors.recording(asker, recording.pk, act, lock=True)


def test_every_act_on_what_is_erased_is_refused_by_name(world: World) -> None:
    """The acts themselves, not the door alone: nothing is written, whoever asks."""
    data = b"a recording"
    recording = readable(due(data, device=""))
    costa, park = world.actor("costa"), world.actor("park")
    noted = add_note(recording.pk, 0, "He runs.", by=costa)
    carried = add_category(recording.pk, "call-for-service", by=costa)
    linked = link_incident(recording.pk, an_incident("26-1").pk, by=costa)
    other = an_incident("26-2")
    dated(recording)
    found = approve(proposed_again(), world.actor("weber"), world.actor("hale"))
    jobs.begin_grace(str(found.pk))
    erase(found)
    recording.refresh_from_db()
    assert recording.status == Recording.Status.ERASED
    acts: dict[str, Any] = {
        "note": lambda: add_note(recording.pk, 0, "Later.", by=costa),
        "withdraw a note": lambda: withdraw_note(noted.pk, by=costa),
        "categorise": lambda: add_category(recording.pk, "arrest", by=costa),
        "withdraw a category": lambda: withdraw_category(carried.pk, by=costa),
        "link": lambda: link_incident(recording.pk, other.pk, by=costa),
        "link by the system": lambda: link_incident(recording.pk, other.pk, by=BY),
        "unlink": lambda: unlink_incident(linked.pk, by=costa),
        "settle the clock": lambda: settle_clock(recording.pk, because="It lay in a drawer.", by=costa),
        "settle the owner": lambda: settle_owner(recording.pk, world.members["whitfield"], by=costa),
        "read again": lambda: read_again(recording.pk, by=costa),
        "read again by the system": lambda: read_again(recording.pk, by=BY),
        "hold": lambda: held_over(recording.pk, by=costa),
        "grant": lambda: grant_access(
            world.id("hale"), kind="named", because="Why not.", recording_id=recording.pk, by=park
        ),
    }
    before = rows()
    for name, act in acts.items():
        with pytest.raises(WrongState):
            act()
        assert grown(before) == {}, name


def an_incident(number: str) -> Incident:
    """An incident with nothing known of it but its number."""
    with change(KEPT, by=BY) as entry:
        made = Incident(number=number, opened=clock.now())
        made.save()
        entry.about(made)
    return made


def proposed_again() -> DisposalList:
    """The list of what is due."""
    made = propose_disposals(by=BY)
    assert made
    return made


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
