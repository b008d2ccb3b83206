"""POST /api/recordings/{pk}/receipt: taking a receipt is recorded, so it is posted, as on the page."""

import uuid

from django.test import Client

from fairwitness.kernel.models import Entry
from fairwitness.publiclog.publish import publish
from tests.evidence.made import sealed
from tests.world import World


def taken() -> int:
    return Entry.objects.filter(event="evidence.receipt_issued").count()


def test_taken_and_recorded(world: World) -> None:
    recording = sealed(b"what the camera saw", device="AX-0101")
    publish()
    browser = world.sign_in("whitfield")
    answer = browser.post(f"/api/recordings/{recording.pk}/receipt")
    assert answer.status_code == 200
    assert answer.json()["entry"]["facts"]["number"] == recording.number
    assert taken() == 1


def test_what_came_by_hand_says_so(world: World) -> None:
    for by_hand, says in ((True, True), (False, None)):
        recording = sealed(f"sent by hand: {by_hand}".encode(), device="AX-0101", by_hand=by_hand)
        publish()
        answer = world.sign_in("whitfield").post(f"/api/recordings/{recording.pk}/receipt")
        assert answer.json()["entry"]["facts"].get("by_hand") == says


def test_asked_for_by_a_link_it_is_not(world: World) -> None:
    recording = sealed(b"what the camera saw", device="AX-0101")
    browser = world.sign_in("whitfield")
    for address in (f"/api/recordings/{recording.pk}/receipt", f"/recordings/{recording.pk}/receipt/"):
        assert browser.get(address).status_code == 405
    assert taken() == 0


def test_another_site_cannot_have_it_taken(world: World) -> None:
    recording = sealed(b"what the camera saw", device="AX-0101")
    member = world.sign_in("whitfield")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = member.cookies
    assert strict.post(f"/api/recordings/{recording.pk}/receipt").status_code == 403
    assert taken() == 0


def test_what_is_not_there(world: World) -> None:
    assert world.sign_in("costa").post(f"/api/recordings/{uuid.uuid4()}/receipt").status_code == 404
