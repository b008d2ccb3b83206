"""The page of cameras side by side: lanes for who may find, players for who opened, refusals for the rest."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.urls import reverse

from fairwitness.evidence.acts.incident import link_incident
from fairwitness.evidence.models import Clip, Note, Offset, Recording, Viewing
from fairwitness.incidents.models import Incident
from fairwitness.kernel.models import Entry
from tests.evidence.cutting import made
from tests.evidence.made import days_ago, grown, readable, rows, sealed
from tests.evidence.test_square import an_incident
from tests.world import CAST, World

S = dt.timedelta(seconds=1)


def camera(data: bytes, later: dt.timedelta = dt.timedelta(), device: str = "AX-0101") -> Recording:
    return readable(sealed(data, device=device, started=days_ago(10) + later))


@pytest.fixture
def cameras(world: World) -> list[Recording]:
    """Three cameras of one incident; the clock of the third is a year behind."""
    return [camera(b"1"), camera(b"2", 5 * S, "AX-0102"), camera(b"3", -365 * 86_400 * S, "AX-0021")]


@pytest.fixture
def incident(world: World, cameras: list[Recording]) -> Incident:
    made = an_incident("26-77")
    for each in cameras:
        link_incident(each.pk, made.pk, by=world.actor("costa"))
    return made


def page(world: World, incident: Incident, key: str = "ruiz") -> Any:
    return world.sign_in(key).get(reverse("incident-cameras", args=[incident.pk]))


def opened(browser: Any, incident: Incident, *cameras: Recording, purpose: str = "investigation") -> Any:
    said = {"incident": incident.pk, "r": [each.pk for each in cameras], "purpose": purpose}
    return browser.post(reverse("side-by-side-open"), said)


def test_it_works(world: World, incident: Incident, cameras: list[Recording]) -> None:
    text = page(world, incident).content.decode()
    assert all(each.number in text for each in cameras)
    assert "365 days" in text
    assert "It is not moved by itself." in text
    assert "<video" not in text, "nothing plays before it was opened for a purpose"
    browser = world.sign_in("ruiz")
    answer = opened(browser, incident, *cameras)
    assert answer["Location"] == reverse("incident-cameras", args=[incident.pk])
    text = browser.get(answer["Location"]).content.decode()
    assert text.count("<video") == 3
    begun = Viewing.objects.filter(ended=None)
    assert {(each.recording_id, each.purpose) for each in begun} == {
        (each.pk, "investigation") for each in cameras
    }
    assert Entry.objects.filter(event="evidence.viewing_begun").count() == 3
    assert "cameras.js" in text


def test_the_page_of_the_incident_leads_there(
    world: World, incident: Incident, cameras: list[Recording]
) -> None:
    """Its picture leaves out the camera whose clock has another year, and its list does not."""
    text = world.sign_in("ruiz").get(reverse("incident", args=[incident.pk])).content.decode()
    assert reverse("incident-cameras", args=[incident.pk]) in text
    assert all(each.number in text for each in cameras)
    assert [text.count(f"<b>{each.number}</b>") for each in cameras] == [1, 1, 0]


def test_choosing_others_closes_the_first(world: World, incident: Incident, cameras: list[Recording]) -> None:
    browser = world.sign_in("ruiz")
    opened(browser, incident, cameras[0], cameras[1])
    opened(browser, incident, cameras[1])
    assert [each.recording for each in Viewing.objects.filter(ended=None)] == [cameras[1]]
    browser.post(reverse("side-by-side-close"), {"incident": incident.pk})
    assert not Viewing.objects.filter(ended=None).exists()


@pytest.mark.parametrize("purpose", ["", "curiosity"])
def test_a_purpose_is_needed_and_nothing_is_half_opened(
    world: World, incident: Incident, cameras: list[Recording], purpose: str
) -> None:
    browser = world.sign_in("ruiz")
    before = rows()
    assert opened(browser, incident, *cameras, purpose=purpose).status_code == 422
    assert not Viewing.objects.exists()
    assert "evidence_viewing" not in grown(before)


def test_one_that_is_closed_closes_all(world: World, incident: Incident, cameras: list[Recording]) -> None:
    """Whitfield may open the own one, and not Okoye's."""
    browser = world.sign_in("whitfield")
    assert opened(browser, incident, cameras[0], cameras[1]).status_code == 404
    assert not Viewing.objects.exists()


@pytest.mark.parametrize("count", [0, 5])
def test_none_or_too_many(world: World, incident: Incident, count: int) -> None:
    many = [camera(bytes([n]), n * S) for n in range(10, 10 + count)]
    browser = world.sign_in("ruiz")
    answer = opened(browser, incident, *many)
    assert answer.status_code == 302
    assert not Viewing.objects.exists()
    assert "Choose between one and 4 cameras." in browser.get(answer["Location"]).content.decode()


SEES = {"whitfield": 1, "ruiz": 3, "okafor": 3, "costa": 3, "hale": 3, "sato": 3, "novak": 3, "weber": 3}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_every_role_sees_its_own(
    world: World, incident: Incident, cameras: list[Recording], part: Any
) -> None:
    answer = page(world, incident, part.key)
    if answer.status_code != 200:
        assert answer.status_code in {403, 404}
        return
    text = answer.content.decode()
    shown = sum(each.number in text for each in cameras)
    if part.key in SEES:
        assert shown == SEES[part.key]
    if part.key in {"hale", "weber", "novak"}:
        assert "None of them is open to you" in text


def test_of_chosen_ones(world: World, cameras: list[Recording]) -> None:
    browser = world.sign_in("whitfield")
    address = f"{reverse('side-by-side')}?r={cameras[0].pk}&r={cameras[1].pk}&r={uuid.uuid4()}&r=nonsense"
    text = browser.get(address).content.decode()
    assert cameras[0].number in text
    assert cameras[1].number not in text, "what one may not find is not there"
    said = {"of": [str(cameras[0].pk)], "r": [str(cameras[0].pk)], "purpose": "report"}
    answer = browser.post(reverse("side-by-side-open"), said)
    assert answer["Location"] == f"{reverse('side-by-side')}?r={cameras[0].pk}"
    assert "No camera to show here." in browser.get(reverse("side-by-side")).content.decode()


def test_a_note_and_a_mark_from_the_players(
    world: World, incident: Incident, cameras: list[Recording]
) -> None:
    browser = world.sign_in("ruiz")
    opened(browser, incident, *cameras)
    where = {"incident": incident.pk}
    note = {**where, "recording": cameras[1].pk, "at_ms": 2_000, "text": "A light goes on."}
    back = browser.post(reverse("side-by-side-note"), note)
    assert Note.objects.get().recording == cameras[1]
    mark = {**where, "recording": cameras[2].pk, "at_ms": 1_000, "other": cameras[0].pk, "other_ms": 4_000}
    browser.post(reverse("side-by-side-mark"), {**mark, "because": "The same light."})
    assert Offset.objects.get().recording == cameras[2]
    text = browser.get(back["Location"]).content.decode()
    assert "A light goes on." in text
    assert "365 days" in text
    assert "It is not moved by itself." not in text


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"recording": "x", "at_ms": "1", "text": "y", "other": "z", "other_ms": "1", "because": "w"},
        {"recording": str(uuid.uuid4()), "at_ms": "-1", "text": "y"},
        {"recording": str(uuid.uuid4()), "at_ms": "1", "text": "\0", "because": "\0"},
    ],
)
def test_nonsense_is_refused_and_nothing_written(
    world: World, incident: Incident, said: dict[str, str]
) -> None:
    browser = world.sign_in("ruiz")
    before = rows()
    for name in ("side-by-side-note", "side-by-side-mark"):
        assert browser.post(reverse(name), {"incident": incident.pk, **said}).status_code in {404, 422}
    assert not {"evidence_note", "evidence_offset", "kernel_entry"} & set(grown(before))


class TestClipPages:
    """Clips on the page of their recording."""

    def test_asked_for(self, world: World, cameras: list[Recording]) -> None:
        browser = world.sign_in("ruiz")
        address = reverse("clip-ask", args=[cameras[0].pk])
        assert "00:01:00.000" in browser.get(address).content.decode()
        said = {"name": "He runs", "begins_ms": "10", "ends_ms": "0:20.5", "wanted": "encoded"}
        answer = browser.post(address, said)
        assert answer.status_code == 302, answer.content.decode()
        found = Clip.objects.get()
        assert (found.begins_ms, found.ends_ms, found.wanted) == (10_000, 20_500, "encoded")
        assert "He runs" in browser.get(reverse("recording", args=[cameras[0].pk])).content.decode()

    @pytest.mark.parametrize(
        ("begins", "ends", "words"),
        [
            ("20", "10", "A clip ends after it begins."),
            ("0", "2:00", "not in the recording"),
            ("x", "1", "Write a moment"),
        ],
    )
    def test_what_is_wrong_stands_beside_the_form(
        self, world: World, cameras: list[Recording], begins: str, ends: str, words: str
    ) -> None:
        said = {"name": "a", "begins_ms": begins, "ends_ms": ends, "wanted": "copied"}
        answer = world.sign_in("ruiz").post(reverse("clip-ask", args=[cameras[0].pk]), said)
        assert answer.status_code == 422
        assert words in answer.content.decode()

    def test_taken_out(self, world: World, cameras: list[Recording]) -> None:
        found = made(cameras[0], world.actor("ruiz"))
        browser = world.sign_in("ruiz")
        assert browser.get(reverse("clip-take", args=[found.pk])).status_code == 405
        answer = browser.post(reverse("clip-take", args=[found.pk]))
        assert answer.getvalue() == b"a clip"
        assert f"{cameras[0].number}-clip-10000-20000.mp4" in answer["Content-Disposition"]
        assert Entry.objects.filter(event="evidence.clip_taken").count() == 1
        assert world.sign_in("hale").post(reverse("clip-take", args=[found.pk])).status_code == 403
        assert world.sign_in("brandt").post(reverse("clip-take", args=[found.pk])).status_code == 404
        assert world.sign_in("ruiz").post(reverse("clip-withdraw", args=[found.pk])).status_code == 302
        assert browser.post(reverse("clip-take", args=[found.pk])).status_code == 409


class TestClockPages:
    """A camera's clock on the page of its recording."""

    def test_by_dispatch(self, world: World, cameras: list[Recording]) -> None:
        browser = world.sign_in("ruiz")
        address = reverse("clock-dispatch", args=[cameras[0].pk])
        assert browser.get(address).status_code == 200
        said = {"at_ms": "5", "true_at": "2026-01-05T10:00:00.250", "because": "Radio"}
        answer = browser.post(address, said)
        assert answer.status_code == 302, answer.content.decode()
        row = Offset.objects.get()
        text = browser.get(reverse("recording", args=[cameras[0].pk])).content.decode()
        assert "Radio" in text
        assert browser.post(reverse("clock-withdraw", args=[row.pk])).status_code == 302
        row.refresh_from_db()
        assert row.withdrawn_at

    @pytest.mark.parametrize(
        "true_at", ["", "soon", "2026-13-01T10:00", "9999-12-31T23:59:59.999", "0001-01-01T00:00"]
    )
    def test_a_time_that_is_none(self, world: World, cameras: list[Recording], true_at: str) -> None:
        said = {"at_ms": "5", "true_at": true_at, "because": "Radio"}
        answer = world.sign_in("ruiz").post(reverse("clock-dispatch", args=[cameras[0].pk]), said)
        assert answer.status_code == 422 or Offset.objects.get().true_at
        assert true_at == "0001-01-01T00:00" or answer.status_code == 422

    def test_by_another_camera(self, world: World, incident: Incident, cameras: list[Recording]) -> None:
        browser = world.sign_in("ruiz")
        address = reverse("clock-mark", args=[cameras[2].pk])
        assert cameras[0].number in browser.get(address).content.decode()
        said = {"at_ms": "1", "other": str(cameras[0].pk), "other_ms": "2", "because": "A clap"}
        assert browser.post(address, said).status_code == 302
        assert Offset.objects.get().other == cameras[0]
        assert browser.post(address, {**said, "other": str(uuid.uuid4())}).status_code == 422
