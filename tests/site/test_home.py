"""Home: what needs somebody today by role, what they were told, what they did lately."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from fairwitness.accounts import acts as accounts
from fairwitness.department import acts as department
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.acts import probe, view
from fairwitness.evidence.models import Viewing
from fairwitness.incidents import acts as incidents
from fairwitness.kernel.clock import frozen, now
from fairwitness.kernel.models import Notice
from fairwitness.site import cards as home_cards
from tests.evidence import made
from tests.evidence.holding import film, scene
from tests.incidents.made import incident
from tests.world import World


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: Any) -> Path:
    """A home of this test's own, for the bytes of its recordings."""
    settings.FAIRWITNESS_HOME = tmp_path
    return tmp_path


def cards(browser: Client) -> dict[str, int]:
    """The cards of whoever is signed in: title and count."""
    return {str(card.title): card.count for card in browser.get("/").context["cards"]}


def test_it_works(world: World) -> None:
    """In order of harm: an alarm, then wearers to settle. The officer sees their own."""
    department.raise_alarm("disk.low", "The disk is full.", by=made.BY)
    made.sealed(b"one", device="AX-0101", started=made.days_ago(2))
    made.sealed(b"two", device="no such camera", started=made.days_ago(2))
    unit = cards(world.sign_in("costa"))
    assert list(unit)[:2] == ["Alarms of the system", "Recordings whose wearer is not known"]
    assert unit["Recordings whose wearer is not known"] == 1
    assert unit["Recordings of the last 14 days"] == 2
    assert cards(world.sign_in("whitfield")) == {"Your recordings of the last 14 days": 1}


def test_what_cannot_be_played_is_counted_as_the_list_has_it_and_cheaply(world: World) -> None:
    """Also for who is locked out: whether each opens was asked for a minute and more over a million recordings."""
    scene()
    theirs = film()
    probe.note_unreadable(theirs.pk, "timeout", "It took too long.", by=made.BY)
    incidents.mark_critical(incident().pk, [world.id("whitfield")], by=world.actor("costa"))
    assert not evidence.may(world.actor("whitfield"), theirs.pk, "open")
    listed = world.sign_in("whitfield").get("/recordings/?readable=no").content.decode()
    assert theirs.number in listed
    for who, count in {"whitfield": [1], "ruiz": [1], "costa": [1], "okoye": [], "weber": []}.items():
        with CaptureQueriesContext(connection) as seen:
            assert [card.count for card in home_cards._unreadable(world.actor(who))] == count
        asked = " ".join(query["sql"] for query in seen)
        assert "evidence_categorisation" not in asked and "incidents_" not in asked


@pytest.mark.parametrize("who", ["adeyemi"])
def test_nothing_waits(world: World, who: str) -> None:
    assert "Nothing waits for you." in world.sign_in(who).get("/").content.decode()


def test_an_external_auditor_has_numbers_and_nothing_to_do(world: World) -> None:
    made.sealed(b"one")
    found = cards(world.sign_in("novak"))
    assert set(found) <= {"Recordings of the last 14 days", "The public log is not well"}


def test_a_token_that_soon_ends_asks_whoever_may_issue_another(world: World) -> None:
    title = "Tokens that end within 14 days"
    for days in (13, 15):
        accounts.issue_token(
            name="Dock",
            scopes=["upload"],
            expires_at=now() + dt.timedelta(days=days),
            by=world.actor("costa"),
        )
    assert cards(world.sign_in("costa"))[title] == 1
    assert cards(world.sign_in("chen"))[title] == 1
    assert title not in cards(world.sign_in("sato"))
    with frozen(now() + dt.timedelta(days=14)):
        assert cards(world.sign_in("costa"))[title] == 1, "one has expired, the other will"


def test_what_one_did_leads_to_the_recording(world: World) -> None:
    recording = made.sealed(b"one", device="AX-0101", started=made.days_ago(2))
    view.view(recording.pk, Viewing.Purpose.REPORT, "a session", by=world.actor("whitfield"))
    done = world.sign_in("whitfield").get("/").context["changes"]
    assert [line["thing"]["label"] for line in done] == [recording.number]
    assert done[0]["sentence"].endswith("opened the recording; purpose: writing a report")


def test_the_visit_before_this_one_is_told(world: World) -> None:
    """Somebody else's visit would show here: it is the sign-in before the present one, never the present one."""
    assert world.sign_in("whitfield").get("/").context["since"] is None
    again = world.sign_in("whitfield").get("/").context["since"]
    assert again is not None
    assert world.sign_in("whitfield").get("/").context["since"] > again


def test_what_others_told_comes_with_its_link_until_it_is_read(world: World) -> None:
    Notice.objects.create(
        member=world.id("whitfield"), sentence="Please look.", link="/recordings/", at=now()
    )
    browser = world.sign_in("whitfield")
    assert browser.get("/").context["told"][0]["thing"]["url"] == "/recordings/"
    browser.post("/notices/")
    assert browser.get("/").context["told"] == []
