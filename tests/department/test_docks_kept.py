"""The acts add_dock, change_dock, retire_dock and note_heard, and the pages on which they are done and seen."""

import datetime as dt
import uuid

import pytest
from django.urls import reverse

from fairwitness.department import acts
from fairwitness.department.models import CameraHeard, Dock, DockHeard
from fairwitness.department.pages import docks as pages
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.world import BY, World

SAID = {"agent": "1", "clock_ahead": 0, "free_bytes": 10**9}


@pytest.fixture
def dock(world: World) -> Dock:
    return acts.add_dock(serial="D-1", name="Front desk", place="Station 2", by=world.actor("costa"))


def test_it_is_added_in_service(dock: Dock) -> None:
    assert Dock.objects.get().status == Dock.Status.IN_SERVICE
    assert latest() == ("department.dock_added", {("department.dock", dock.pk)}, {"dock_id": str(dock.pk)})
    assert "the dock Front desk" in sentence()


@pytest.mark.parametrize("serial", ["D-1", "d-1"])
def test_a_taken_serial_is_refused(world: World, dock: Dock, serial: str) -> None:
    with pytest.raises(Invalid, match="serial"):
        acts.add_dock(serial=serial, name="Another", by=world.actor("costa"))


def test_a_correction_names_the_fields(world: World, dock: Dock) -> None:
    acts.change_dock(dock_id=dock.pk, name="Hall", place="Station 2", by=world.actor("costa"))
    facts = {"dock_id": str(dock.pk), "fields": ["name"]}
    assert latest() == ("department.dock_changed", {("department.dock", dock.pk)}, facts)
    assert Dock.objects.get().name == "Hall"


def test_the_same_again_is_refused(world: World, dock: Dock) -> None:
    with pytest.raises(Invalid, match="Nothing differs"):
        acts.change_dock(dock_id=dock.pk, name=dock.name, place=dock.place, by=world.actor("costa"))


def test_a_retired_dock_stays_retired(world: World, dock: Dock) -> None:
    acts.retire_dock(dock_id=dock.pk, by=world.actor("costa"))
    assert latest() == ("department.dock_retired", {("department.dock", dock.pk)}, {"dock_id": str(dock.pk)})
    assert Dock.objects.get().status == Dock.Status.RETIRED
    with pytest.raises(WrongState):
        acts.retire_dock(dock_id=dock.pk, by=world.actor("costa"))


def test_the_administrator_of_accounts_may_not(world: World, dock: Dock) -> None:
    with pytest.raises(Forbidden):
        acts.retire_dock(dock_id=dock.pk, by=world.actor("chen"))


def test_a_dock_that_is_not_there(world: World) -> None:
    with pytest.raises(NotFound):
        acts.retire_dock(dock_id=uuid.uuid4(), by=BY)


def _heard(dock: Dock, serial: str, **more: object) -> CameraHeard:
    fields = {"dock": dock, "at": clock.now(), "connected": True, "waiting": 0, "waiting_bytes": 0}
    return CameraHeard(serial=serial, **{**fields, **more})


def test_what_is_heard_is_no_record_and_overwrites(dock: Dock) -> None:
    entries = Entry.objects.count()
    acts.note_heard(dock, SAID, [_heard(dock, "AX-1"), _heard(dock, "AX-2")], clock.now())
    acts.note_heard(dock, {**SAID, "clock_ahead": 9}, [_heard(dock, "AX-1", waiting=3)], clock.now())
    assert DockHeard.objects.get().clock_ahead == 9
    found = {heard.serial: (heard.connected, heard.waiting) for heard in CameraHeard.objects.all()}
    assert found == {"AX-1": (True, 3), "AX-2": (False, 0)}
    assert Entry.objects.count() == entries


def test_a_camera_that_went_to_another_dock_is_there_and_not_here(world: World, dock: Dock) -> None:
    other = acts.add_dock(serial="D-2", name="Back door", by=BY)
    acts.note_heard(dock, SAID, [_heard(dock, "AX-1")], clock.now())
    acts.note_heard(other, SAID, [_heard(other, "AX-1")], clock.now())
    acts.note_heard(dock, SAID, [], clock.now())
    heard = CameraHeard.objects.get()
    assert (heard.dock, heard.connected) == (other, True)


class TestState:
    """How a dock is said to be."""

    def said(self, dock: Dock, *, minutes: int = 0, ahead: int = 0) -> tuple[str, str]:
        at = clock.now() - dt.timedelta(minutes=minutes)
        acts.note_heard(dock, {**SAID, "clock_ahead": ahead}, [], at)
        return pages.state(Dock.objects.select_related("heard").get())

    def test_never_heard_of(self, dock: Dock) -> None:
        assert pages.state(dock)[0] == "Never heard of"

    def test_well(self, dock: Dock) -> None:
        assert self.said(dock) == ("In service", "done")

    def test_silent(self, dock: Dock) -> None:
        assert self.said(dock, minutes=31) == ("Silent", "attention")

    @pytest.mark.parametrize("ahead", [121, -121, 10**10])
    def test_the_clock_is_off(self, dock: Dock, ahead: int) -> None:
        assert self.said(dock, ahead=ahead) == ("Clock is off", "attention")

    def test_a_retired_one_is_not_silent(self, dock: Dock) -> None:
        acts.retire_dock(dock_id=dock.pk, by=BY)
        assert self.said(dock, minutes=31) == ("Retired", "quiet")


@pytest.mark.parametrize(
    ("ahead", "words"),
    [(0, "The same"), (-1, "The same"), (45, "45 s ahead"), (-300, "5 min behind"), (9000, "2 h ahead"),
     (-400 * 86400, "400 d behind")],
)  # fmt: skip
def test_the_page_says_what_it_last_said(world: World, dock: Dock, ahead: int, words: str) -> None:
    camera = world.cameras["AX-0101"]
    one = _heard(dock, "AX-0101", camera=camera, waiting=2, waiting_bytes=3_000_000)
    gone = _heard(dock, "ZZ-9", connected=False)
    acts.note_heard(dock, {**SAID, "clock_ahead": ahead}, [one, gone], clock.now())
    shown = world.sign_in("costa").get(reverse("dock", args=[dock.pk])).content.decode()
    for expected in ("AX-0101", "2 recordings, 3.00 MB", "not in the register", "1.00 GB", words):
        assert expected in shown


def test_a_technician_adds_corrects_and_retires_by_the_pages(world: World) -> None:
    browser = world.sign_in("costa")
    assert "No dock is here yet." in browser.get(reverse("docks")).content.decode()
    browser.post(reverse("dock-add"), {"serial": "D-9", "name": "Garage", "place": ""})
    dock = Dock.objects.get()
    browser.post(reverse("dock-change", args=[dock.pk]), {"name": "Garage", "place": "Station 4"})
    assert "Station 4" in browser.get(reverse("docks")).content.decode()
    found = b"".join(browser.get(reverse("docks-csv"))).decode()
    assert "D-9,Garage,Station 4" in found
    browser.post(reverse("dock-retire", args=[dock.pk]))
    shown = browser.get(reverse("dock", args=[dock.pk])).content.decode()
    assert "A retired dock stays retired." in shown


def test_a_search_narrows(world: World, dock: Dock) -> None:
    acts.add_dock(serial="D-2", name="Back door", by=BY)
    browser = world.sign_in("park")
    address = browser.post(reverse("docks"), {"text": "station"})["Location"]
    assert "station" not in address.lower()
    assert [row.name for row, _state in browser.get(address).context["rows"]] == ["Front desk"]
