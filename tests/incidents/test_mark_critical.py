"""The acts mark_critical and unmark_critical: who is named and who proposed, and who may not loosen what binds them."""

import pytest

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel.models import Entry, Notice
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.incidents import made
from tests.incidents.made import dispatch, incident
from tests.world import World

ROW = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,13:07:30,13:12:00,13:40:00,"


@pytest.fixture
def found(world: World) -> Incident:
    """Whitfield and Okoye were on scene, by their shifts."""
    made.shifts("101,4A12,2026-03-04,07:00,19:00\n102,4A14,2026-03-04,07:00,19:00\n")
    dispatch(f"{ROW}\n26-001,3/4/2026,13:05:00,Noise,1 Main St,4A14,13:06:00,13:07:30,13:12:00,13:40:00,")
    return incident()


def statuses(found: Incident) -> dict[str, str]:
    return {each.member.badge: each.status for each in doors.involved_in(found)}


def test_it_works(world: World, found: Incident) -> None:
    marked = acts.mark_critical(found.pk, [world.id("whitfield")], by=world.actor("ruiz"))
    assert marked.critical
    assert statuses(marked) == {"101": "involved", "102": "proposed"}
    event, subjects, facts = latest()
    assert event == "incidents.critical_marked"
    assert facts == {"incident_id": str(found.pk), "involved": 1, "proposed": 1}
    assert {kind for kind, _pk in subjects} == {
        *("incidents.incident", "incidents.involvement", "department.member"),
    }
    assert sentence() == "Sgt. Maria Ruiz marked 26-001 as critical: 1 named as involved, 1 proposed"
    assert set(Notice.objects.values_list("member", flat=True)) == {world.id("whitfield"), world.id("okoye")}
    for key in ("whitfield", "okoye"):
        assert doors.is_locked_out(world.id(key), marked)
    assert not doors.is_locked_out(world.id("haddad"), marked)


def test_marks_twice(world: World, found: Incident) -> None:
    acts.mark_critical(found.pk, by=world.actor("costa"))
    with pytest.raises(WrongState, match="is marked"):
        acts.mark_critical(found.pk, by=world.actor("ruiz"))
    assert Entry.objects.filter(event="incidents.critical_marked").count() == 1


@pytest.mark.parametrize("key", ["weber", "hale", "park", "sato", "whitfield"])
def test_who_finds_it_and_may_not_mark_it(world: World, found: Incident, key: str) -> None:
    with pytest.raises(Forbidden):
        acts.mark_critical(found.pk, by=world.actor(key))


@pytest.mark.parametrize("key", ["haddad", "novak", "adeyemi", "chen"])
def test_who_does_not_even_find_it(world: World, found: Incident, key: str) -> None:
    with pytest.raises((NotFound, Forbidden)):
        acts.mark_critical(found.pk, by=world.actor(key))


def test_nobody_of_that_key(world: World, found: Incident) -> None:
    with pytest.raises(NotFound):
        acts.mark_critical(found.pk, [found.pk], by=world.actor("costa"))
    found.refresh_from_db()
    assert not found.critical
    assert not Involvement.objects.exists()


def test_who_comes_on_scene_by_a_later_export_is_locked_too(world: World, found: Incident) -> None:
    acts.mark_critical(found.pk, by=world.actor("costa"))
    assert not doors.is_locked_out(world.id("haddad"), found)
    made.shifts("111,4A19,2026-03-04,07:00,19:00\n")
    dispatch("26-001B,3/4/2026,13:05:00,Noise,1 Main St,4A19,13:06:00,13:07:30,13:12:00,13:40:00,")
    other = incident("26-001B")
    acts.mark_critical(other.pk, by=world.actor("costa"))
    dispatch("26-001B,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,13:07:30,13:12:00,13:40:00,")
    other.refresh_from_db()
    assert doors.is_locked_out(world.id("whitfield"), other)
    assert statuses(other)["101"] == "proposed"
    acts.strike_off(other.pk, world.id("whitfield"), by=world.actor("ruiz"))
    assert not doors.is_locked_out(world.id("whitfield"), other)


class TestUnmark:
    """A mistake is taken back, by command, for a reason, and never by who is locked out."""

    def test_it_works(self, world: World, found: Incident) -> None:
        acts.mark_critical(found.pk, [world.id("whitfield")], by=world.actor("ruiz"))
        unmarked = acts.unmark_critical(found.pk, "mistake", by=world.actor("hale"))
        assert not unmarked.critical
        assert sentence().endswith("took back that 26-001 is critical: it was marked by mistake")
        assert not doors.is_locked_out(world.id("whitfield"), unmarked)
        assert Involvement.objects.count() == 2, "what was written stays"
        again = acts.mark_critical(found.pk, [world.id("whitfield")], by=world.actor("ruiz"))
        assert doors.is_locked_out(world.id("whitfield"), again)
        assert doors.is_locked_out(world.id("okoye"), again)

    def test_a_reason_is_needed(self, world: World, found: Incident) -> None:
        acts.mark_critical(found.pk, by=world.actor("ruiz"))
        for why in ("", "because"):
            with pytest.raises(Invalid, match="Say why"):
                acts.unmark_critical(found.pk, why, by=world.actor("hale"))

    @pytest.mark.parametrize("key", ["ruiz", "costa", "weber", "sato", "whitfield"])
    def test_who_may_not(self, world: World, found: Incident, key: str) -> None:
        acts.mark_critical(found.pk, by=world.actor("ruiz"))
        with pytest.raises(Forbidden):
            acts.unmark_critical(found.pk, "mistake", by=world.actor(key))

    def test_what_is_not_critical(self, world: World, found: Incident) -> None:
        with pytest.raises(WrongState, match="not marked"):
            acts.unmark_critical(found.pk, "mistake", by=world.actor("hale"))

    def test_nobody_loosens_what_binds_themselves(self, world: World, found: Incident) -> None:
        acts.mark_critical(found.pk, [world.id("hale")], by=world.actor("ruiz"))
        with pytest.raises(Forbidden, match="somebody else"):
            acts.unmark_critical(found.pk, "mistake", by=world.actor("hale"))
        assert not acts.unmark_critical(found.pk, "found", by=world.actor("park")).critical
