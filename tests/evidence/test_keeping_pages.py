"""The pages of how long recordings are kept, for every role; and a shortening from the draft to the list."""

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.dry_run import try_recordings
from fairwitness.evidence.models import DryRun
from tests.evidence.kept import decided, prompt, row, version_with
from tests.evidence.made import days_ago, sealed
from tests.world import CAST, World

pytestmark = pytest.mark.django_db
SEES_ALL = {"costa", "nair", "weber", "hale", "park", "sato"}
SEES_COUNTS = {"novak"}


def _run(world: World) -> DryRun:
    recording = prompt()
    decided()
    carried = add_category(recording.pk, "arrest", by=world.actor("costa"))
    withdraw_category(carried.pk, by=world.actor("costa"))
    return try_recordings(by=world.actor("costa"))


@pytest.mark.parametrize("who", [part.key for part in CAST])
def test_every_role_sees_what_it_may(world: World, who: str) -> None:
    run, browser = _run(world), world.sign_in(who)
    assert browser.get(reverse("retention")).status_code == (200 if who in SEES_ALL | SEES_COUNTS else 404)
    lists = [
        reverse(name, args=[what]) for name in ("kept", "kept-csv") for what in ("nearer", "doubtful", "due")
    ]
    lists += [reverse("dry-run", args=[run.pk]), reverse("dry-run-csv", args=[run.pk])]
    assert {browser.get(address).status_code for address in lists} == {200 if who in SEES_ALL else 404}


def test_nobody_without_a_sign_in(world: World) -> None:
    assert Client().get(reverse("retention")).status_code == 302


def test_the_recording_says_until_when_and_why(world: World) -> None:
    recording = prompt()
    decided()
    page = world.sign_in("whitfield").get(reverse("recording", args=[recording.pk])).content.decode()
    assert "How long: Without a category" in page and "None yet." in page
    browser = world.sign_in("costa")
    browser.post(reverse("categorise", args=[recording.pk]), {"code": "arrest"})
    page = browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "Withdraw the category" in page and row(recording).category == "arrest"


def test_an_administrator_is_shown_what_would_die(world: World) -> None:
    recording = prompt()
    decided()
    version = version_with(world, "30 days", at_most="30 months")
    browser = world.sign_in("costa")
    page = browser.get(reverse("version", args=[version.document.number, version.n])).content.decode()
    way = reverse("what-if", args=[version.document.number, version.n])
    assert way in page
    shown = browser.get(way).content.decode()
    assert recording.number in shown and not DryRun.objects.exists()
    made = browser.post(way)
    assert made.status_code == 302 and DryRun.objects.get().counts["sooner"] == 1
    assert recording.number in browser.get(made["Location"]).content.decode()


def test_a_doubtful_clock_is_settled_by_hand(world: World) -> None:
    recording = sealed(b"late", started=days_ago(10), ended=days_ago(9.9))
    decided()
    browser = world.sign_in("costa")
    assert recording.number in browser.get(reverse("kept", args=["doubtful"])).content.decode()
    refused = browser.post(reverse("settle", args=[recording.pk]), {"because": ""})
    assert refused.status_code == 422
    browser.post(reverse("settle", args=[recording.pk]), {"because": "It lay in a drawer."})
    assert row(recording).state == "dated"


def test_no_such_list(world: World) -> None:
    browser = world.sign_in("costa")
    assert browser.get("/retention/lists/others/").status_code == 404
