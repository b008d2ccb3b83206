"""The acts add_incident, change_incident, change_mapping and withdraw_mapping."""

import pytest

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Incident, Mapping
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound
from tests.department.ledger import latest, sentence
from tests.incidents import made
from tests.incidents.made import dispatch, local
from tests.world import World

OPENED = local("2026-03-04T13:05")
ROW = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,,,,"


def test_an_incident_is_added(world: World) -> None:
    found = acts.add_incident(number=" 26-001 ", opened=OPENED, kind="Noise", by=world.actor("ruiz"))
    assert doors.incident_by_number("26-001") == found
    assert latest() == (
        "incidents.incident_added",
        {("incidents.incident", found.pk)},
        {"incident_id": str(found.pk)},
    )
    assert sentence() == "Sgt. Maria Ruiz added the incident 26-001"


@pytest.mark.parametrize(
    ("said", "says"),
    [
        ({"number": "26-A"}, "with this number exists"),
        ({"number": "26-a"}, "with this number exists"),
        ({"number": ""}, "number"),
        ({"number": "26\x00"}, "U+0000"),
        ({"closed": local("2026-03-04T13:00")}, "closes after it opens"),
    ],
)
def test_what_cannot_be_added(world: World, said: dict[str, object], says: str) -> None:
    by = world.actor("costa")
    acts.add_incident(number="26-A", opened=OPENED, by=by)
    with pytest.raises(Invalid, match=says.replace("+", r"\+")):
        acts.add_incident(**{"number": "26-B", "opened": OPENED, "by": by, **said})
    assert Incident.objects.count() == 1


def test_an_export_adds_its_event_to_what_was_added_by_hand(world: World) -> None:
    found = acts.add_incident(number="26-001", opened=OPENED, by=world.actor("costa"))
    dispatch(ROW)
    found.refresh_from_db()
    assert (found.kind, [event.version for event in doors.events_of(found)]) == ("Noise", [1])


def test_particulars_are_corrected(world: World) -> None:
    found = acts.add_incident(number="26-001", opened=OPENED, by=world.actor("costa"))
    acts.change_incident(found.pk, opened=OPENED, place="2 Main St", by=world.actor("hale"))
    event, _subjects, facts = latest()
    assert (event, facts["fields"]) == ("incidents.incident_changed", ["place"])
    with pytest.raises(Invalid, match="Nothing was changed"):
        acts.change_incident(found.pk, opened=OPENED, place="2 Main St", by=world.actor("hale"))


@pytest.mark.parametrize("key", ["weber", "park", "sato"])
def test_who_finds_it_and_may_not_correct_it(world: World, key: str) -> None:
    found = acts.add_incident(number="26-001", opened=OPENED, by=world.actor("costa"))
    with pytest.raises(Forbidden):
        acts.change_incident(found.pk, opened=OPENED, kind="x", by=world.actor(key))
    with pytest.raises(Forbidden):
        acts.add_incident(number="26-002", opened=OPENED, by=world.actor(key))


@pytest.mark.parametrize("key", ["whitfield", "adeyemi", "novak", "chen"])
def test_who_does_not_even_find_it(world: World, key: str) -> None:
    found = acts.add_incident(number="26-001", opened=OPENED, by=world.actor("costa"))
    with pytest.raises((NotFound, Forbidden)):
        acts.change_incident(found.pk, opened=OPENED, kind="x", by=world.actor(key))


def test_a_mapping_is_corrected_and_withdrawn(world: World) -> None:
    dispatch(ROW)
    by, saved = world.actor("costa"), made.mapping()
    said = {"name": "Regional CAD", "style": "day_first", "layout": "per_event", "cancelled_words": "ABORT"}
    acts.change_mapping(saved.pk, **said, by=by)
    assert acts.as_saved(made.mapping()).calls_off == {"abort"}
    assert sentence() == "Ana Costa changed how files are read: Regional CAD"
    with pytest.raises(Invalid, match="Nothing was changed"):
        acts.change_mapping(saved.pk, **said, by=by)
    dispatch("incident,date\n26-002,3/4/2026\n")
    other = Mapping.objects.exclude(pk=saved.pk).get()
    with pytest.raises(Invalid, match="another name"):
        acts.change_mapping(other.pk, **{**said, "name": "regional cad"}, by=by)
    for key in ("ruiz", "sato", "chen"):
        with pytest.raises(Forbidden):
            acts.withdraw_mapping(saved.pk, by=world.actor(key))
    acts.withdraw_mapping(saved.pk, by=by)
    assert doors.mapping_of("dispatch", made.HEADER.split(",")) is None
    with pytest.raises(NotFound):
        acts.withdraw_mapping(saved.pk, by=by)
    assert Mapping.objects.count() == 2, "it stays"
