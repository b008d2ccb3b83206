"""The acts involve_member, strike_off and file_statement, and the whole square of who may."""

import datetime as dt
import uuid
from collections.abc import Callable

import pytest
from django.db import DatabaseError, transaction

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.world import BY, World

LAID = event("test.involvement_laid", "{actor} laid rows")
DIGEST = "ab" * 32
EVERYONE = (
    "whitfield",
    "haddad",
    "ruiz",
    "costa",
    "weber",
    "hale",
    "park",
    "sato",
    "novak",
    "adeyemi",
    "chen",
)
MARKERS = {"ruiz", "costa"}


@pytest.fixture
def found(world: World) -> Incident:
    """A critical incident of yesterday in which Whitfield is involved."""
    opened = clock.now() - dt.timedelta(days=1)
    made = acts.add_incident(number="26-001", opened=opened, by=world.actor("costa"))
    return acts.mark_critical(made.pk, [world.id("whitfield")], by=world.actor("ruiz"))


def stated(found: Incident, member: uuid.UUID, world: World, by: str = "ruiz", **more: object) -> Involvement:
    said = {"stated_at": clock.now() - dt.timedelta(hours=1), "sha256": DIGEST, **more}
    return acts.file_statement(found.pk, member, by=world.actor(by), **said)  # type: ignore[arg-type]


def status(world: World, found: Incident, key: str) -> str:
    return Involvement.objects.get(incident=found, member=world.id(key)).status


class TestInvolve:
    """A member is named later."""

    def test_it_works(self, world: World, found: Incident) -> None:
        acts.involve_member(found.pk, world.id("okoye"), by=world.actor("costa"))
        assert status(world, found, "okoye") == "involved"
        assert sentence() == "Ana Costa named Officer Sam Okoye as involved in 26-001"
        assert Notice.objects.filter(member=world.id("okoye")).exists()
        assert doors.is_locked_out(world.id("okoye"), found)

    def test_who_is_involved_already(self, world: World, found: Incident) -> None:
        with pytest.raises(WrongState, match="already"):
            acts.involve_member(found.pk, world.id("whitfield"), by=world.actor("costa"))

    def test_who_was_struck_off_is_named_again(self, world: World, found: Incident) -> None:
        acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("costa"))
        acts.involve_member(found.pk, world.id("whitfield"), by=world.actor("costa"))
        assert status(world, found, "whitfield") == "involved"

    def test_what_is_not_critical(self, world: World) -> None:
        plain = acts.add_incident(number="26-002", opened=clock.now(), by=BY)
        with pytest.raises(WrongState, match="not marked"):
            acts.involve_member(plain.pk, world.id("okoye"), by=world.actor("costa"))


class TestStrikeOff:
    """Whoever had no part is struck off, by somebody else."""

    def test_it_works(self, world: World, found: Incident) -> None:
        acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("ruiz"))
        assert status(world, found, "whitfield") == "struck"
        assert sentence() == "Sgt. Maria Ruiz struck Officer Dana Whitfield off those involved in 26-001"
        assert not doors.is_locked_out(world.id("whitfield"), found)

    def test_somebody_not_involved(self, world: World, found: Incident) -> None:
        with pytest.raises(WrongState, match="not involved"):
            acts.strike_off(found.pk, world.id("haddad"), by=world.actor("ruiz"))

    def test_twice(self, world: World, found: Incident) -> None:
        acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("ruiz"))
        with pytest.raises(WrongState, match="before"):
            acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("ruiz"))

    def test_after_the_statement(self, world: World, found: Incident) -> None:
        stated(found, world.id("whitfield"), world)
        with pytest.raises(WrongState, match="filed"):
            acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("ruiz"))

    def test_an_involved_one_names_themselves_out(self, world: World, found: Incident) -> None:
        acts.involve_member(found.pk, world.id("ruiz"), by=world.actor("costa"))
        for member in ("ruiz", "whitfield"):
            with pytest.raises(Forbidden, match="somebody else"):
                acts.strike_off(found.pk, world.id(member), by=world.actor("ruiz"))
        assert status(world, found, "ruiz") == "involved"


class TestStatement:
    """The lockout ends per member by their statement, recorded by somebody else."""

    def test_it_works(self, world: World, found: Incident) -> None:
        acts.involve_member(found.pk, world.id("okoye"), by=world.actor("costa"))
        row = stated(found, world.id("whitfield"), world, sha256=f"sha256:{DIGEST.upper()}")
        assert (row.status, row.statement_sha256, row.recorded_by_id) == ("stated", DIGEST, world.id("ruiz"))
        name, _subjects, facts = latest()
        assert (name, facts["sha256"]) == ("incidents.statement_filed", f"sha256:{DIGEST}")
        assert not doors.is_locked_out(world.id("whitfield"), found)
        assert doors.is_locked_out(world.id("okoye"), found), "for them alone"

    def test_by_its_author(self, world: World, found: Incident) -> None:
        acts.involve_member(found.pk, world.id("ruiz"), by=world.actor("costa"))
        with pytest.raises(Forbidden, match="somebody else"):
            stated(found, world.id("ruiz"), world)

    def test_the_database_refuses_its_author_too(self, world: World, found: Incident) -> None:
        row = Involvement.objects.get()
        with pytest.raises(DatabaseError, match="statement_recorded_by_another"), transaction.atomic():  # noqa: SIM117
            with change(LAID, by=BY) as entry:
                row.recorded_by_id = row.member_id
                row.save(update_fields=["recorded_by"])
                entry.about(row)

    @pytest.mark.parametrize("digest", ["", "abc", "g" * 64, "ab" * 33])
    def test_a_digest_that_is_none(self, world: World, found: Incident, digest: str) -> None:
        with pytest.raises(Invalid, match="64"):
            stated(found, world.id("whitfield"), world, sha256=digest)

    @pytest.mark.parametrize("days", [-2, 1])
    def test_a_time_that_cannot_be(self, world: World, found: Incident, days: int) -> None:
        with pytest.raises(Invalid, match="after the incident"):
            stated(found, world.id("whitfield"), world, stated_at=clock.now() + dt.timedelta(days=days))
        assert status(world, found, "whitfield") == "involved"

    def test_twice(self, world: World, found: Incident) -> None:
        stated(found, world.id("whitfield"), world)
        with pytest.raises(WrongState, match="filed"):
            stated(found, world.id("whitfield"), world)

    def test_of_who_was_struck_off(self, world: World, found: Incident) -> None:
        acts.strike_off(found.pk, world.id("whitfield"), by=world.actor("costa"))
        with pytest.raises(WrongState):
            stated(found, world.id("whitfield"), world)


@pytest.mark.parametrize("key", EVERYONE)
def test_the_whole_square(world: World, found: Incident, key: str) -> None:
    """Each role with each act; the acts that it may not do leave everything as it was."""
    by, whitfield, okoye = world.actor(key), world.id("whitfield"), world.id("okoye")
    before = Involvement.objects.count()
    tried: tuple[Callable[[], object], ...] = (
        lambda: acts.involve_member(found.pk, okoye, by=by),
        lambda: acts.strike_off(found.pk, okoye, by=by),
        lambda: stated(found, whitfield, world, by=key),
    )
    for act in tried:
        if key in MARKERS:
            act()
            continue
        with pytest.raises((Forbidden, NotFound)):
            act()
    if key not in MARKERS:
        assert (Involvement.objects.count(), status(world, found, "whitfield")) == (before, "involved")
