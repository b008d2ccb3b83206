"""The acts record_order and withdraw_order: on a court's order alone does the defence get what a statute protects."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fairwitness.department import doors as department
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.acts.order import record_order, withdraw_order
from fairwitness.evidence.doors import orders
from fairwitness.evidence.models import CourtOrder, Recording
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.evidence.made import rows, sealed
from tests.world import World

PROTECTED = "domestic-violence"
SAID: dict[str, Any] = {
    "court": "Cambridge District Court",
    "docket": "2652CR000123",
    "ordered_on": dt.date(2026, 3, 2),
    "sha256": "a" * 64,
}


@pytest.fixture
def recording(world: World) -> Recording:
    """Of violence at home, which M.G.L. c. 41 § 97D protects."""
    found = sealed(device="AX-0101")
    add_category(found.pk, PROTECTED, by=world.actor("costa"))
    return found


def recorded(world: World, recording: Recording, key: str = "weber", **more: Any) -> CourtOrder:
    return record_order(recording.pk, by=world.actor(key), **{**SAID, **more})


def test_only_on_an_order_is_it_shared_with_the_defence(world: World, recording: Recording) -> None:
    with pytest.raises(Forbidden, match="court order .*97D"):
        orders.check_shared_with_defence(recording)
    made = recorded(world, recording)
    orders.check_shared_with_defence(recording)
    withdraw_order(made.pk, by=world.actor("hale"))
    with pytest.raises(Forbidden, match="none is recorded"):
        orders.check_shared_with_defence(recording)


def test_what_no_statute_protects_needs_none(world: World) -> None:
    orders.check_shared_with_defence(sealed())


def test_it_goes_by_every_category_that_is_carried(world: World) -> None:
    found = sealed()
    add_category(found.pk, "traffic-stop", by=world.actor("costa"))
    orders.check_shared_with_defence(found)
    add_category(found.pk, PROTECTED, by=world.actor("costa"))
    with pytest.raises(Forbidden):
        orders.check_shared_with_defence(found)


def test_the_entry_names_no_court_and_no_case(world: World, recording: Recording) -> None:
    made = recorded(world, recording)
    event, subjects, facts = latest()
    assert event == "evidence.order_recorded"
    assert {("evidence.courtorder", made.pk), ("evidence.recording", recording.pk)} <= subjects
    assert facts["sha256"] == "sha256:" + "a" * 64
    assert "Cambridge" not in str(facts) and "2652CR" not in str(facts)
    assert sentence().startswith("Jonas Weber recorded a court order of")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"court": " "}, "court"),
        ({"court": "x" * 201}, "court"),
        ({"docket": "\0"}, "docket"),
        ({"docket": "x" * 101}, "docket"),
        ({"sha256": "a" * 63}, "sha256"),
        ({"sha256": "A" * 64}, "sha256"),
        ({"sha256": "g" * 64}, "sha256"),
    ],
)
def test_what_cannot_be_is_refused(
    world: World, recording: Recording, said: dict[str, Any], field: str
) -> None:
    before = rows()
    with pytest.raises(Invalid) as refused:
        recorded(world, recording, **said)
    assert field in refused.value.details
    assert rows() == before


def test_a_day_to_come_is_refused(world: World, recording: Recording) -> None:
    with pytest.raises(Invalid, match="not come"):
        recorded(world, recording, ordered_on=department.today() + dt.timedelta(days=1))


def test_twice_is_refused(world: World, recording: Recording) -> None:
    made = recorded(world, recording)
    with pytest.raises(WrongState, match="already"):
        recorded(world, recording)
    withdraw_order(made.pk, by=world.actor("weber"))
    with pytest.raises(WrongState, match="before"):
        withdraw_order(made.pk, by=world.actor("weber"))
    assert recorded(world, recording).pk != made.pk, "recorded anew after it was withdrawn"


RECORDERS = {"weber", "hale", "park"}
REFUSED = {"whitfield": Forbidden, "adeyemi": NotFound, "chen": NotFound}


@pytest.mark.parametrize(
    "key", ["whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen"]
)
def test_who_records_and_withdraws(world: World, recording: Recording, key: str) -> None:
    browser, page = world.sign_in(key), reverse("record-order", args=[recording.pk])
    mine = {**SAID, "ordered_on": "2026-03-02"}
    if key in RECORDERS:
        assert browser.get(page).status_code == 200
        assert browser.post(page, mine).status_code == 302
        made = CourtOrder.objects.get()
        shown = browser.get(reverse("recording", args=[recording.pk])).content.decode()
        assert "2652CR000123" in shown and reverse("withdraw-order", args=[made.pk]) in shown
        assert browser.post(reverse("withdraw-order", args=[made.pk]), {}).status_code == 302
        assert CourtOrder.objects.get().withdrawn_at
        return
    with pytest.raises(REFUSED.get(key, Forbidden)):
        recorded(world, recording, key)
    made = recorded(world, recording)
    shown = browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert ("2652CR000123" in shown) is (key in {"costa", "sato"}), "of the case they are told who look on"
    with pytest.raises(Forbidden):
        withdraw_order(made.pk, by=world.actor(key))
    for address in (page, reverse("withdraw-order", args=[made.pk])):
        assert browser.get(address).status_code in {403, 404}
        assert browser.post(address, mine).status_code in {403, 404}
    assert CourtOrder.objects.get().withdrawn_at is None


def test_withdrawing_locks_the_recording_first(world: World, recording: Recording) -> None:
    """As recording one does: what asks under the lock whether one stands is not told of one that is going."""
    made = recorded(world, recording)
    with CaptureQueriesContext(connection) as seen:
        withdraw_order(made.pk, by=world.actor("weber"))
    locks = [query["sql"].split(" FROM ")[1].split()[0] for query in seen if "FOR UPDATE" in query["sql"]]
    assert locks[:2] == ['"evidence_recording"', '"evidence_courtorder"']
