"""The pages of grants and of critical incidents, for every role; the name in the picture; what a closed page says."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.models import Derivative, Grant, Recording
from fairwitness.incidents import acts as incidents
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry
from tests.evidence.made import readable, sealed
from tests.evidence.test_access_square import carry
from tests.world import World

EVERYONE = ("whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen")
GRANTERS, SEERS = {"hale", "park"}, {"hale", "park", "costa", "sato"}
FINDERS = {"ruiz", "costa", "weber", "hale", "park", "sato"}
MARKERS = {"ruiz", "costa"}


@pytest.fixture
def recording(world: World) -> Recording:
    """Okoye's, of a critical incident in which Okoye is involved."""
    opened = clock.now() - dt.timedelta(days=11)
    found = incidents.add_incident(number="26-001", opened=opened, by=world.actor("costa"))
    made = readable(sealed(device="AX-0102", incident="26-001"))
    incidents.mark_critical(found.pk, [world.id("okoye")], by=world.actor("costa"))
    return made


@pytest.mark.parametrize("key", EVERYONE)
def test_who_gets_what(world: World, recording: Recording, key: str) -> None:
    incident, okoye = Incident.objects.get(), world.id("okoye")
    grant = grant_access(
        world.id("weber"), kind="work", because="x", recording_id=recording.pk, by=world.actor("hale")
    )
    browser = world.sign_in(key)
    hidden = {"whitfield": 404, "adeyemi": 404, "novak": 404, "chen": 404}.get(key, 403)
    for name, args, who in (
        ("grants", [], SEERS),
        ("grant-end", [grant.pk], GRANTERS),
        ("recording-grant", [recording.pk], GRANTERS),
        ("incident-grant", [incident.pk], GRANTERS),
        ("critical-mark", [incident.pk], MARKERS),
        ("critical-unmark", [incident.pk], GRANTERS),
        ("involve", [incident.pk], MARKERS),
        ("strike-off", [incident.pk, okoye], MARKERS),
        ("statement", [incident.pk, okoye], MARKERS),
    ):
        status = browser.get(reverse(name, args=args)).status_code
        assert status == 200 if key in who else status in {403, hidden}, (name, status)
        if key not in who:
            assert browser.post(reverse(name, args=args), {}).status_code in {403, 404, 405}, name
    assert browser.get(reverse("my-access")).status_code == 200
    assert Client().get(reverse("my-access")).status_code == 302


def test_a_grant_is_made_and_ended_on_its_pages(world: World, recording: Recording) -> None:
    browser = world.sign_in("hale")
    address = reverse("recording-grant", args=[recording.pk])
    for said in (
        {},
        {"badge": "nobody", "kind": "work", "because": "x"},
        {"badge": "P311", "kind": "odd", "because": "x"},
    ):
        assert browser.post(address, said).status_code == 422
    refused = browser.post(address, {"badge": "P311", "kind": "audit", "because": "Request"})
    assert refused.status_code == 422 and "Only an auditor" in refused.content.decode()
    said = {"badge": "P311", "kind": "work", "because": "Request <12>", "until": "2099-01-01"}
    assert browser.post(address, said).status_code == 302
    grant = Grant.objects.get()
    page = browser.get(reverse("grants")).content.decode()
    assert "Request &lt;12&gt;" in page and "Jonas Weber" in page
    assert "Request &lt;12&gt;" in world.sign_in("weber").get(reverse("my-access")).content.decode()
    assert "Jonas Weber" in browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert browser.post(reverse("grant-end", args=[grant.pk])).status_code == 302
    grant.refresh_from_db()
    assert grant.ended_at
    assert browser.post(reverse("grant-end", args=[grant.pk])).status_code == 422


def test_a_critical_incident_on_its_page(world: World, recording: Recording) -> None:
    incident = Incident.objects.get()
    address = reverse("incident", args=[incident.pk])
    browser = world.sign_in("ruiz")
    assert "Critical incident" in browser.get(address).content.decode()
    assert "Open its recordings to somebody" in world.sign_in("hale").get(address).content.decode()
    bad = browser.post(reverse("involve", args=[incident.pk]), {"badge": "nobody"})
    assert bad.status_code == 422
    assert browser.post(reverse("involve", args=[incident.pk]), {"badge": "101"}).status_code == 302
    strike = reverse("strike-off", args=[incident.pk, world.id("whitfield")])
    assert browser.post(strike).status_code == 302
    statement = reverse("statement", args=[incident.pk, world.id("okoye")])
    assert browser.post(statement, {"filed_at": "2026-01-01T10:00"}).status_code == 422
    now = (clock.now() - dt.timedelta(minutes=5)).astimezone(agency().tz).strftime("%Y-%m-%dT%H:%M:%S")
    assert browser.post(statement, {"filed_at": now, "sha256": "0" * 64}).status_code == 302
    assert set(Involvement.objects.values_list("status", flat=True)) == {"struck", "stated"}
    assert browser.get(reverse("strike-off", args=[incident.pk, world.id("haddad")])).status_code == 404


def test_the_mark_names_several_and_refuses_a_stranger(world: World, recording: Recording) -> None:
    other = incidents.add_incident(number="26-002", opened=clock.now(), by=world.actor("costa"))
    browser, address = world.sign_in("costa"), reverse("critical-mark", args=[other.pk])
    assert browser.post(address, {"badges": "101, nobody"}).status_code == 422
    assert browser.post(address, {"badges": "101, 111"}).status_code == 302
    assert Involvement.objects.filter(incident=other, status="involved").count() == 2


def test_who_is_involved_is_told_everywhere(world: World, recording: Recording) -> None:
    browser = world.sign_in("okoye")
    assert "you are involved" in browser.get(reverse("home")).content.decode()
    assert "26-001" in browser.get(reverse("my-access")).content.decode()
    page = browser.get(reverse("recording", args=[recording.pk])).content.decode()
    assert "Closed to you until your statement is filed." in page
    assert '#ev.lockout"' in page
    assert "Open this recording" not in page
    assert (
        browser.post(reverse("open-recording", args=[recording.pk]), {"purpose": "report"}).status_code == 403
    )


@pytest.mark.parametrize(
    ("code", "key", "says", "rule"),
    [
        ("medical", "sato", "Sensitive: it opens to Officer, Supervisor, BWC Unit", "ev.access-sensitive"),
        ("restricted", "costa", "named one by one", "ev.access-restricted"),
        ("confidential-investigation", "costa", "to nobody by role", "ev.access-confidential"),
        (
            "domestic-violence",
            "hale",
            "97D: it opens to Officer, Supervisor, BWC Unit, Records officer",
            "cat.domestic",
        ),
    ],
)
def test_a_closed_page_says_why(world: World, code: str, key: str, says: str, rule: str) -> None:
    made = carry(sealed(device="AX-0101"), code)
    page = world.sign_in(key).get(reverse("recording", args=[made.pk])).content.decode()
    assert "Closed to you" in page and says in page and rule in page


def test_looking_writes_nothing(world: World, recording: Recording) -> None:
    browser, before = world.sign_in("hale"), Entry.objects.count()
    for name in ("my-access", "grants", "watch"):
        assert browser.get(reverse(name)).status_code == 200
    assert Entry.objects.count() == before


def test_who_watches_stands_in_the_picture(own_world: World) -> None:
    made = readable(sealed(device="AX-0101"))
    browser = own_world.sign_in("whitfield")
    opened = browser.post(reverse("open-recording", args=[made.pk]), {"purpose": "report"})["Location"]
    page = browser.get(opened).content.decode()
    assert "Officer Dana Whitfield · 101" in page and "data-mark-time" in page
    original = browser.get(f"{opened}media/original")
    assert b"".join(original) == b"a recording", "it is not in the file"  # type: ignore[call-overload]


def test_an_auditor_sees_no_filmstrip_of_what_has_no_category(world: World) -> None:
    made = readable(sealed(device="AX-0101"))
    browser = world.sign_in("sato")
    opened = browser.post(reverse("open-recording", args=[made.pk]), {"purpose": "audit"})["Location"]
    for kind in (Derivative.Kind.FILMSTRIP, Derivative.Kind.WAVEFORM, Derivative.Kind.STILL):
        assert browser.get(f"{opened}media/{kind}").status_code == 410
    assert browser.head(f"{opened}media/original").status_code == 200
