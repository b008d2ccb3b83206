"""Search over everything that one may see: each kind, narrowed for each of the cast, no word in an address."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.cases import acts
from fairwitness.cases.models import Case
from fairwitness.evidence.acts.category import add_category, withdraw_category
from fairwitness.evidence.acts.clip import ask_clip
from fairwitness.evidence.acts.note import add_note
from fairwitness.evidence.acts.offset import find_by_dispatch
from fairwitness.incidents.acts import file_report, mark_critical
from fairwitness.kernel import clock
from fairwitness.kernel.models import SavedSearch
from fairwitness.site import searching
from tests.cases.made import opened, sealed_file
from tests.evidence.conftest import home
from tests.evidence.holding import BEGINS, film, scene
from tests.evidence.made import readable
from tests.incidents.made import incident
from tests.world import CAST, World

__all__ = ["home"]
pytestmark = pytest.mark.django_db
WORD = "umbrella"


@pytest.fixture
def laid(world: World) -> Case:
    """The word stands in one thing of every kind; what it stands in is Whitfield's, and a detective's case."""
    costa, lead = world.actor("costa"), world.actor("lindqvist")
    found = scene(
        f"26-001,3/4/2026,13:05,Noise with {WORD},12 Main St,4A12,13:06,,13:12,13:40,\n"
        "26-002,3/4/2026,13:25,Fire,9 Elm St,5B11,13:25,,13:26,14:00,"
    )
    recording = readable(film(title=f"The {WORD} turns", incident="26-001"))
    add_note(recording.pk, 12_345, f"Here the {WORD} falls", by=world.actor("whitfield"))
    ask_clip(
        recording.pk, name=f"The {WORD} alone", begins_ms=12_000, ends_ms=15_000, by=world.actor("costa")
    )
    find_by_dispatch(
        recording.pk,
        at_ms=12_000,
        true_at=recording.started,
        because=f"The {WORD} opens",
        by=world.actor("costa"),
    )
    case = opened(world, title=f"The {WORD} case")
    acts.add_person(case.pk, name="Ann Elk", role="witness", about=f"Held the {WORD}", by=lead)
    acts.add_case_note(case.pk, f"Whose {WORD} was it?", by=lead)
    sealed_file(case, lead, name=f"{WORD}.jpg")
    acts.set_court_date(case.pk, at=clock.now(), court="District Court", what=f"The {WORD}", by=costa)
    file_report(
        found.pk,
        kind="incident",
        number=f"REP-{WORD}",
        sha256="0" * 64,
        filed_at=clock.now(),
        author_id=world.id("whitfield"),
        by=costa,
    )
    return case


IN_CASES = {"cases", "persons", "case-notes", "files", "court-dates"}
AT_A_MOMENT = {"notes", "clips", "marks"}
OF_RECORDINGS = {"recordings", *AT_A_MOMENT, "incidents"}
SEES: dict[str, set[str]] = {
    "costa": {*OF_RECORDINGS, *IN_CASES, "reports"},
    "nair": {*OF_RECORDINGS, *IN_CASES, "reports"},
    "sato": {*OF_RECORDINGS, *IN_CASES, "reports"},
    "hale": {"recordings", "incidents", *IN_CASES, "reports"},
    "park": {"recordings", "incidents", *IN_CASES, "reports"},
    "weber": {"recordings", "incidents", "reports"},
    "okafor": {*OF_RECORDINGS, *IN_CASES, "reports"},
    "ruiz": {*OF_RECORDINGS, "reports"},
    "brandt": {"incidents", "reports"},
    "whitfield": OF_RECORDINGS,
    "lindqvist": IN_CASES,
    "novak": {"recordings"},
}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_each_finds_what_they_may_see_and_no_more(world: World, laid: Case, part: Any) -> None:
    groups = searching.found(world.actor(part.key), searching.read(WORD), None)
    assert {group.key for group in groups} == SEES.get(part.key, set())
    for group in groups:
        for hit in group.hits:
            assert any(each.found and each.text.lower() == WORD for each in hit.parts), group.key


def test_nor_the_public(client: Client) -> None:
    assert client.get(reverse("search")).status_code == 302
    assert client.post(reverse("search"), {"text": "x"}).status_code == 302


def test_the_page_shows_where_it_stands(world: World, laid: Case) -> None:
    browser = world.sign_in("costa")
    answer = browser.post(reverse("search"), {"text": WORD})
    assert WORD not in answer["Location"]
    page = browser.get(answer["Location"]).content.decode()
    assert page.count(f"<mark>{WORD}</mark>") == 11
    assert "00:00:12.345" in page and "#t=12.345" in page
    assert "Here the <mark>" in page
    kept = SavedSearch.objects.latest("at")
    assert kept.words == {"text": WORD}
    other = world.sign_in("sato").get(answer["Location"]).content.decode()
    assert WORD not in other, "only who searched may use it"
    listed = browser.get(f"{reverse('cases')}?q={kept.pk}").content.decode()
    assert laid.number in listed


def test_by_day_and_by_time(world: World, laid: Case) -> None:
    costa = world.actor("costa")

    def keys(text: str) -> set[str]:
        return {group.key for group in searching.found(costa, searching.read(text), None)}

    assert keys("3/4/2026") >= {"recordings", "incidents"}
    assert keys("2026-03-04 13:15") >= {"recordings", "incidents"}
    assert keys("2026-03-04 18:00") == set()
    assert keys(f"2026-03-04 {WORD}") == {"recordings", "incidents"}
    assert keys("2026-03-05") == set()
    assert BEGINS.date() == dt.date(2026, 3, 4)


@pytest.mark.parametrize("text", ["Lindqvist", "201", "lindqvist grace"])
def test_people_are_found_by_name_and_badge(world: World, text: str) -> None:
    groups = searching.found(world.actor("costa"), searching.read(text), None)
    assert any(group.key == "people" and "Lindqvist" in group.hits[0].title for group in groups)


def test_what_is_taken_in_is_found_by_who_works_on_the_case(world: World, laid: Case) -> None:
    lead = world.actor("lindqvist")
    recording = film(b"another", "AX-0102", title="The parasol")
    assert not searching.found(lead, searching.read("parasol"), None)
    acts.take_in(laid.pk, recording.pk, by=world.actor("costa"))
    (group,) = searching.found(lead, searching.read("parasol"), None)
    assert group.key == "recordings" and group.hits[0].title == recording.number


def test_who_is_locked_out_finds_no_note(world: World, laid: Case) -> None:
    mark_critical(incident().pk, [world.id("whitfield")], by=world.actor("ruiz"))
    keys = {group.key for group in searching.found(world.actor("whitfield"), searching.read(WORD), None)}
    assert not AT_A_MOMENT & keys


@pytest.mark.parametrize(("key", "finds"), [("whitfield", True), ("sato", True), ("brandt", False)])
def test_by_the_words_of_a_category(world: World, laid: Case, key: str, finds: bool) -> None:
    found = film(b"stopped", "AX-0101")
    add_category(found.pk, "traffic-stop", by=world.actor("costa"))
    groups = searching.found(world.actor(key), searching.read("traffic STOP"), None)
    assert [(group.key, group.hits[0].title) for group in groups] == [("categories", found.number)] * finds
    withdraw_category(found.categorisations.get(code="traffic-stop").pk, by=world.actor("costa"))
    assert not searching.found(world.actor(key), searching.read("traffic stop"), None)


@pytest.mark.parametrize(
    "text",
    ["", " ", "%", "_", "' OR 1=1 --", "<script>", "x" * 200, "\u202e", "9999-12-31", "0001-01-01 00:10"],
)
def test_odd_words(world: World, laid: Case, text: str) -> None:
    browser = world.sign_in("costa")
    answer = browser.post(reverse("search"), {"text": text})
    page = browser.get(answer["Location"])
    assert page.status_code == 200 and "<script>alert" not in page.content.decode()


def test_more_than_are_shown(world: World) -> None:
    for number in range(12):
        opened(world, title=f"Umbrella {number}")
    (group,) = searching.found(world.actor("costa"), searching.read(WORD), None)
    assert len(group.hits) == 10 and group.more
