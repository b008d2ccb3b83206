"""The whole square of access: role, class, grant, lockout, act; asked of the doors and held to a table by hand."""

import datetime as dt
import uuid
from collections.abc import Mapping

import pytest

from fairwitness.department.models import Member
from fairwitness.evidence import doors
from fairwitness.evidence.doors import access
from fairwitness.evidence.models import Categorisation, Grant, Recording
from fairwitness.incidents import acts as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.roles import Role
from fairwitness.policy import doors as policy
from fairwitness.policy.models import ACCESS
from tests import reference
from tests.evidence.made import BY, days_ago, sealed
from tests.world import World

LAID = event("test.access_laid", "{actor} laid rows")

# What a recording carries, and whether that opens it; `97d` is a sensitive category with a statute.
KINDS: Mapping[str, tuple[str, ...]] = {
    "none": (),
    "ordinary": ("traffic-stop",),
    "sensitive": ("medical",),
    "97d": ("domestic-violence",),
    "confidential": ("confidential-investigation",),
    "restricted": ("restricted",),
    "unknown": ("no-such-category",),
    "both": ("traffic-stop", "medical"),
}
# By role alone, on a recording of one's own: the kinds that open. Written by hand from the issue, not from the code.
ALL_BUT_NARROW = "none ordinary sensitive 97d both"
BY_ROLE = {
    Role.OFFICER: ALL_BUT_NARROW,
    Role.SUPERVISOR: ALL_BUT_NARROW,
    Role.BWC_UNIT: ALL_BUT_NARROW,
    Role.INTERNAL_AUDITOR: "none ordinary",
}
# Stills and filmstrips: what has no category counts as sensitive.
BY_ROLE_PREVIEW = {**BY_ROLE, Role.INTERNAL_AUDITOR: "ordinary"}
NOTES = (Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT)
# By a grant: linked to the work or an audit opens all but what is restricted; a name opens that too. A statute binds.
WORK = "none ordinary sensitive confidential both"
NAMED = f"{WORK} restricted unknown"
GRANTABLE = set(Role) - {Role.COMMUNITY_SUPERVISOR, Role.ACCOUNT_ADMINISTRATOR}
OF_THE_STATUTE = {Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT, Role.RECORDS_OFFICER}


def granted(role: Role, kind: str) -> set[str]:
    """The kinds that a grant opens to a role."""
    if role not in GRANTABLE or kind not in ("named", "work", "audit"):
        return set()
    opened = set((NAMED if kind == "named" else WORK).split())
    return opened | {"97d"} if role in OF_THE_STATUTE else opened


def lay(*rows: Categorisation | Grant) -> None:
    """Rows as other acts write them."""
    with change(LAID, by=BY) as entry:
        for row in rows:
            row.save(force_insert=True)
        entry.about(*rows)


def carry(recording: Recording, *codes: str) -> Recording:
    """The recording with these categories."""
    version = policy.the_rule("lockout").version_id
    if codes:
        lay(
            *(
                Categorisation(recording=recording, code=c, how="hand", version_id=version, since=clock.now())
                for c in codes
            )
        )
    return recording


def grant(member: uuid.UUID, kind: str, *, until: dt.date | None = None, **of: object) -> Grant:
    """A grant as Deputy Superintendent Hale makes it."""
    made = Grant(kind=kind, member_id=member, because="it is needed", granted_at=clock.now(), until=until)
    made.granted_by = Member.objects.get(badge="2")
    for name, value in of.items():
        setattr(made, name, value)
    lay(made)
    return made


@pytest.fixture
def recordings(world: World) -> dict[str, Recording]:
    """One of each kind, made by Sergeant Ruiz."""
    return {name: carry(sealed(name.encode(), device="AX-0021"), *codes) for name, codes in KINDS.items()}


def opened(role: Role, world: World, recordings: dict[str, Recording], act: str) -> set[str]:
    """The kinds that open; list and single decision must agree."""
    asker = actors.member(world.id("ruiz"), frozenset({role}))
    listed = set(doors.narrowed(asker, act).values_list("pk", flat=True))
    decided = {name for name, each in recordings.items() if doors.may(asker, each.pk, act)}
    assert {name for name, each in recordings.items() if each.pk in listed} == decided
    return decided


@pytest.mark.parametrize("role", Role)
def test_by_role(world: World, recordings: dict[str, Recording], role: Role) -> None:
    assert opened(role, world, recordings, "open") == set(BY_ROLE.get(role, "").split())
    assert opened(role, world, recordings, "preview") == set(BY_ROLE_PREVIEW.get(role, "").split())
    notes = set(BY_ROLE[role].split()) if role in NOTES else set()
    assert opened(role, world, recordings, "note") == notes


@pytest.mark.parametrize("kind", Grant.Kind.values)
@pytest.mark.parametrize("role", Role)
def test_by_grant(world: World, recordings: dict[str, Recording], role: Role, kind: str) -> None:
    for each in recordings.values():
        grant(world.id("ruiz"), kind, recording=each)
    by_role = set(BY_ROLE.get(role, "").split())
    assert opened(role, world, recordings, "open") == by_role | granted(role, kind)
    preview = set(BY_ROLE_PREVIEW.get(role, "").split())
    assert opened(role, world, recordings, "preview") == preview | granted(role, kind)


@pytest.mark.parametrize("role", Role)
def test_locked_out_nothing_opens_and_the_exception_gives_back(
    world: World, recordings: dict[str, Recording], role: Role
) -> None:
    incident = critical(world, recordings)
    mine = world.id("ruiz")
    for each in recordings.values():
        grant(mine, "named", recording=each)
    for act in access.WITHOUT_CATEGORY:
        assert opened(role, world, recordings, act) == set()
    grant(mine, "lockout", incident=incident)
    expected = set(BY_ROLE.get(role, "").split()) | granted(role, "named")
    assert opened(role, world, recordings, "open") == expected


def critical(world: World, recordings: dict[str, Recording]) -> Incident:
    """A critical incident in which Ruiz is involved, while these recordings were made."""
    made = incidents.add_incident(
        number="26-CRIT", opened=days_ago(11), closed=days_ago(9), by=world.actor("costa")
    )
    return incidents.mark_critical(made.pk, [world.id("ruiz")], by=world.actor("costa"))


def test_the_table_in_code_says_the_same_of_every_cell() -> None:
    book = profile_book()
    for role in Role:
        for name, codes in KINDS.items():
            by_role = role in BY_ROLE and book.may_by_role(role, codes, "open")
            assert by_role == (name in BY_ROLE.get(role, "").split()), (role, name)
            for kind in Grant.Kind.values:
                if role in GRANTABLE:
                    assert book.may_by_grant([role], codes, kind) == (name in granted(role, kind)), (
                        role,
                        name,
                    )


def profile_book() -> access.Book:
    """The book of the profile without a database."""
    return reference.profile_book()


def test_a_code_that_the_book_does_not_know_counts_as_restricted() -> None:
    book = profile_book()
    assert book.class_of(["no-such-category"]) == "restricted"
    assert book.class_of(["traffic-stop", "no-such-category"]) == "restricted"
    assert access.Book({}, {}).class_of(["traffic-stop"]) == "restricted"
    assert not access.Book({}, {}).may_by_role(Role.BWC_UNIT, [], "open")


def test_the_class_is_the_narrowest() -> None:
    book = profile_book()
    assert book.class_of([]) == "ordinary"
    assert book.class_of([], "preview") == "sensitive"
    assert book.class_of(["uncategorised"]) == "ordinary"
    assert book.class_of(["traffic-stop", "medical"]) == "sensitive"
    assert book.class_of(["medical", "confidential-investigation", "arrest"]) == "confidential"
    assert list(ACCESS) == ["ordinary", "sensitive", "confidential", "restricted"]


def test_footage_under_the_statute_is_shared_only_by_order() -> None:
    (cited,) = profile_book().shared_only_by_order(["domestic-violence", "traffic-stop"])
    assert cited.rule.id == "cat.domestic-violence"
    assert profile_book().shared_only_by_order(["traffic-stop"]) == []


def test_a_withdrawn_category_closes_nothing(world: World) -> None:
    recording = carry(sealed(device="AX-0021"), "restricted")
    row = recording.categorisations.get()
    assert not doors.may(world.actor("costa"), recording.pk, "open")
    with change(LAID, by=BY) as entry:
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        entry.about(row)
    assert doors.may(world.actor("costa"), recording.pk, "open")


def test_two_roles_are_each_held_to_their_own(world: World) -> None:
    """An auditor's reach does not carry an officer's classes to other people's recordings."""
    mine, other = (
        carry(sealed(b"1", device="AX-0021"), "medical"),
        carry(sealed(b"2", device="AX-0111"), "medical"),
    )
    both = actors.member(world.id("ruiz"), frozenset({Role.OFFICER, Role.INTERNAL_AUDITOR}))
    assert doors.may(both, mine.pk, "open")
    assert not doors.may(both, other.pk, "open")


def test_finding_is_not_opening(world: World, recordings: dict[str, Recording]) -> None:
    critical(world, recordings)
    asker = world.actor("ruiz")
    assert doors.narrowed(asker, "find").count() == len(recordings)
    assert doors.narrowed(asker, "open").count() == 0


def test_a_range_costs_four_short_questions_more(world: World, django_assert_num_queries: object) -> None:
    """The book is asked, and what it says is read from memory; then whether anything is granted, linked or locked."""
    recording = sealed(device="AX-0101")
    asker = world.actor("whitfield")
    doors.may(asker, recording.pk, "open")
    with django_assert_num_queries(5):  # type: ignore[operator]
        assert doors.may(asker, recording.pk, "open")
