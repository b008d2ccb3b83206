"""The pages of holds and requests: for every role, with what was typed kept, and the public page under attack."""

import json
import re
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from fairwitness.evidence import jobs
from fairwitness.evidence.models import Hold, PreservationRequest
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry
from tests.conftest import shared
from tests.evidence.holding import asked, film, held_over, scene
from tests.incidents.made import local
from tests.world import CAST, World

DAY = {"place": "Main St", "day": "2026-03-04", "begins": "12:00", "ends": "14:00"}


def _said(answer: Any) -> str:
    return str(answer.content.decode())


# The public page


def _send(browser: Client, way: str = "preserve-incident", **said: str) -> Any:
    return browser.post(reverse(way), {"step": "send", **said})


@pytest.fixture
def noon(world: World) -> Any:
    """The day after the incident of the tests."""
    with clock.frozen(local("2026-03-05T12:00")):
        yield


class TestPublic:
    """Without an account and without JavaScript."""

    def test_it_works_step_by_step(self, world: World, noon: None, client: Client) -> None:
        start = _said(client.get(reverse("preserve")))
        assert reverse("preserve-place") in start and "90 days" in start and "at most 6 hours" in start
        form = _said(client.get(reverse("preserve-place")))
        assert "Massachusetts public records law" in form
        check = _said(client.post(reverse("preserve-place"), {"step": "check", **DAY, "name": "Ann <b>Elk"}))
        assert "Ann &lt;b&gt;Elk" in check and "Send the request" in check
        assert not PreservationRequest.objects.exists()
        back = _said(client.post(reverse("preserve-place"), {"step": "change", **DAY, "name": "Ann Elk"}))
        assert 'value="Ann Elk"' in back and 'value="12:00"' in back
        answer = _send(client, "preserve-place", **DAY, name="Ann Elk")
        request = PreservationRequest.objects.get()
        assert answer["Location"] == reverse("preserve-sent", args=[request.pk])
        sent = _said(client.get(answer["Location"]))
        assert request.number in sent and "by Mar 9, 2026" in sent
        assert (request.since, request.until) == (local("2026-03-04T12:00"), local("2026-03-04T14:00"))
        assert Entry.objects.get(event="evidence.preservation_asked").actor == "public"

    def test_the_same_answer_to_the_byte(self, world: World, noon: None) -> None:
        scene()
        film()
        for ways in (
            [("preserve-incident", {"incident_number": n}) for n in ("26-001", "99-999")],
            [("preserve-place", {**DAY, "place": p}) for p in ("Main St", "Nowhere")],
        ):
            first, second = [self._answers(way, said) for way, said in ways]
            assert first == second

    def _answers(self, way: str, said: dict[str, str]) -> list[object]:
        browser = Client()
        check = browser.post(reverse(way), {"step": "check", **said})
        sent = _send(browser, way, **said)
        jobs.match_preservation(str(PreservationRequest.objects.latest("received_at").pk))
        page = browser.get(sent["Location"])
        return [_bare(check, said), sent.status_code, _bare(page, said), sorted(page.headers)]

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            ({"ends": "12:00"}, "It ends when it begins."),
            ({"ends": "18:01"}, "At most 6 hours"),
            ({"ends": "11:00"}, "At most 6 hours"),
            ({"day": "2027-03-04"}, "not happened"),
            ({"day": "0001-01-01", "begins": "00:00"}, ""),
            ({"day": "9999-12-31", "begins": "23:00", "ends": "01:00"}, "none that can be looked for"),
            ({"day": "yesterday"}, "Enter a valid date"),
            ({"begins": "25:00"}, "Enter a valid time"),
            ({"place": ""}, "required"),
            ({"place": "x" * 201}, "at most 200"),
            ({"place": "()"}, "more exactly"),
            ({"name": "x" * 121}, "at most 120"),
            ({"words": "x" * 2001}, "at most 2000"),
            ({"place": "a\x00b"}, "Null"),
        ],
    )
    def test_errors_are_clear_and_lose_nothing(
        self, world: World, noon: None, client: Client, more: dict[str, str], words: str
    ) -> None:
        for step in ("check", "send"):
            answer = client.post(
                reverse("preserve-place"), {"step": step, **DAY, "contact": "call 555", **more}
            )
            assert answer.status_code == 422
            assert words in _said(answer) and 'value="call 555"' in _said(answer)
        assert not PreservationRequest.objects.exists()

    def test_a_span_over_midnight(self, world: World, noon: None, client: Client) -> None:
        _send(client, "preserve-place", **{**DAY, "begins": "22:00", "ends": "02:30"})
        request = PreservationRequest.objects.get()
        assert (request.since, request.until) == (local("2026-03-04T22:00"), local("2026-03-05T02:30"))

    @pytest.mark.parametrize(
        ("day", "begins", "ends", "hours"),
        [
            # Clocks are put back: half past one is twice; both are meant.
            ("2025-11-02", "01:30", "01:45", 1.25),
            ("2025-11-02", "00:30", "03:00", 3.5),
            # Clocks are put forward: half past two is not there; what is around it is meant.
            ("2026-03-08", "01:30", "03:30", 1),
            ("2026-03-08", "02:15", "02:45", 1.5),
        ],
    )
    def test_the_nights_on_which_clocks_change(
        self, world: World, client: Client, day: str, begins: str, ends: str, hours: float
    ) -> None:
        with clock.frozen(local("2026-04-01T12:00")):
            _send(client, "preserve-place", place="Main St", day=day, begins=begins, ends=ends)
        request = PreservationRequest.objects.get()
        assert request.since and request.until
        assert (request.until - request.since).total_seconds() / 3600 == hours

    def test_six_hours_of_that_night_are_six_hours(self, world: World, client: Client) -> None:
        with clock.frozen(local("2026-04-01T12:00")):
            answer = _send(
                client, "preserve-place", place="Main St", day="2025-11-02", begins="00:30", ends="06:30"
            )
        assert answer.status_code == 422

    def test_hostile_strings_are_shown_as_text(self, world: World, noon: None, client: Client) -> None:
        strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
        for text in strings[::6]:
            said = {"incident_number": text[:40], "words": text, "name": text[:100], "contact": text[:100]}
            answer = client.post(reverse("preserve-incident"), {"step": "check", **said})
            assert answer.status_code in (200, 422)
            assert "<script>alert" not in _said(answer)
            assert _send(client, **said).status_code in (302, 422)

    def test_ten_megabytes_are_refused(self, world: World, client: Client) -> None:
        answer = client.post(
            reverse("preserve-incident"), {"step": "send", "incident_number": "1", "words": "x" * 10_000_000}
        )
        assert answer.status_code in (400, 413, 422)
        assert not PreservationRequest.objects.exists()

    def test_another_site_cannot_send(self, world: World) -> None:
        browser = Client(enforce_csrf_checks=True)
        assert _send(browser, incident_number="26-001").status_code == 403
        page = _said(browser.get(reverse("preserve-incident")))
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
        assert token
        answer = _send(browser, incident_number="26-001", csrfmiddlewaretoken=token[1])
        assert answer.status_code == 302

    def test_the_address_is_not_kept(self, world: World, client: Client) -> None:
        for address in ("203.0.113.7", "203.0.113.7", "203.0.113.8"):
            client.post(
                reverse("preserve-incident"), {"step": "send", "incident_number": "1"}, REMOTE_ADDR=address
            )
        senders = list(PreservationRequest.objects.order_by("number").values_list("sender", flat=True))
        assert senders[0] == senders[1] != senders[2]
        assert all(re.fullmatch("[0-9a-f]{64}", sender) for sender in senders)

    def test_a_page_of_no_request(self, world: World, client: Client) -> None:
        key = held_over(film().pk, by=world.actor("ruiz")).pk
        assert client.get(reverse("preserve-sent", args=[key])).status_code == 404

    def test_the_public_sees_nothing_inside(self, world: World, client: Client) -> None:
        for name in ("holds", "preservation"):
            assert client.get(reverse(name)).status_code == 302


def _bare(answer: HttpResponse, said: dict[str, str]) -> str:
    """A page without what differs anyhow: number, reference, keys, token, what was typed."""
    text = answer.content.decode()
    text = re.sub(
        r"PR-\d{4}-\d{6}(-[A-Z2-7]{4}){0,3}|[0-9a-f]{8}-[0-9a-f-]{27}|[\w-]{64}|[0-9a-f]{16,}", "·", text
    )
    for typed in (said.get("incident_number"), said.get("place")):
        text = text.replace(typed or "·", "·")
    return text


# Inside

LISTS = {"costa", "nair", "weber", "hale", "park", "sato", "ruiz", "brandt", "okafor"}
LISTS |= {"whitfield", "okoye", "li", "haddad", "lindqvist"}
PLACES = {"costa", "nair", "weber", "hale", "park", "sato", "ruiz", "okafor"}
LIFTS = {"costa", "nair", "weber", "hale", "park"}
REQUESTS = {"costa", "nair", "weber", "hale", "park", "sato"}
SEES = PLACES | {"whitfield"}


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_every_page_for_every_role(world: World, part: Any) -> None:
    found = scene()
    recording = film(incident="26-001")
    hold = held_over(recording.pk, by=world.actor("costa"), until=clock.now().date().replace(year=2090))
    request = asked()
    jobs.match_preservation(str(request.pk))
    row = hold.held.get()
    browser, key = world.sign_in(part.key), part.key

    def status(name: str, *args: object) -> int:
        return int(browser.get(reverse(name, args=args)).status_code)

    assert status("holds") == (200 if key in LISTS else 403)
    assert browser.post(reverse("holds-csv")).status_code == (200 if key in LISTS else 403)
    assert status("hold", hold.pk) == (200 if key in SEES else 404)
    for name, args, allowed in (
        ("hold-lift", [hold.pk], LIFTS),
        ("hold-release", [row.pk], LIFTS),
        ("hold-extend", [hold.pk], PLACES),
        ("hold-add", [hold.pk], PLACES),
    ):
        assert status(name, *args) == (200 if key in allowed else 403 if key in SEES else 404), name
    finds = PLACES | {"whitfield", "novak"}
    assert status("recording-hold", recording.pk) == (200 if key in PLACES else 403 if key in finds else 404)
    assert (status("incident-hold", found.pk) == 200) == (key in PLACES | {"brandt"})
    assert status("preservation") == (200 if key in REQUESTS else 403)
    assert status("preservation-request", request.pk) == (200 if key in REQUESTS else 404)
    for name in ("preservation-confirm", "preservation-lift"):
        assert status(name, request.pk) == (200 if key == "weber" else 403 if key in REQUESTS else 404), name
    assert status("preserve") == 200


class TestHolds:
    """From placing one to lifting it, as people do."""

    def test_from_a_recording_s_page(self, world: World) -> None:
        scene()
        recording = film(incident="26-001")
        browser = world.sign_in("ruiz")
        page = _said(browser.get(reverse("recording", args=[recording.pk])))
        assert "No hold is over it." in page and reverse("recording-hold", args=[recording.pk]) in page
        form = _said(browser.get(reverse("recording-hold", args=[recording.pk])))
        assert "Everything of incident 26-001" in form and "This recording alone" in form
        said = {"kind": "court", "reason": "Trial in May", "reference": "2026-114", "cover": ""}
        answer = browser.post(reverse("recording-hold", args=[recording.pk]), said)
        hold = Hold.objects.get()
        assert answer["Location"] == reverse("hold", args=[hold.pk]) and hold.incident is None
        page = _said(browser.get(answer["Location"]))
        assert "Trial in May" in page and recording.number in page and "2026-114" in page
        assert hold.number in _said(browser.get(reverse("recording", args=[recording.pk])))

    def test_with_its_incident(self, world: World) -> None:
        found = scene()
        recording, other = film(incident="26-001"), film(b"2", "AX-0102", incident="26-001")
        browser = world.sign_in("ruiz")
        said = {"kind": "court", "reason": "Why", "cover": str(found.pk)}
        browser.post(reverse("recording-hold", args=[recording.pk]), said)
        assert set(Hold.objects.get().held.values_list("recording", flat=True)) == {recording.pk, other.pk}
        page = _said(browser.get(reverse("incident", args=[found.pk])))
        assert Hold.objects.get().number in page

    def test_an_incident_that_was_not_offered_is_refused(self, world: World) -> None:
        recording, found = film(), scene()
        said = {"kind": "court", "reason": "Why", "cover": str(found.pk)}
        browser = world.sign_in("ruiz")
        browser.post(reverse("recording-hold", args=[recording.pk]), said)
        assert not Hold.objects.filter(incident=found).exists()

    def test_from_an_incident_s_page(self, world: World) -> None:
        found = scene()
        film(incident="26-001")
        browser = world.sign_in("brandt")
        page = _said(browser.get(reverse("incident", args=[found.pk])))
        assert "No hold covers this incident." in page
        answer = browser.post(
            reverse("incident-hold", args=[found.pk]), {"kind": "complaint", "reason": "Why"}, follow=True
        )
        assert "No recording that you may find is under it yet" in _said(answer), "none of his chain's"

    def test_what_is_refused_is_said_beside_the_field_and_kept(self, world: World) -> None:
        browser, recording = world.sign_in("ruiz"), film()
        url = reverse("recording-hold", args=[recording.pk])
        answer = browser.post(url, {"kind": "court", "reason": "Typed", "until": "2020-01-01"})
        assert answer.status_code == 422
        assert "The day must be to come." in _said(answer) and "Typed" in _said(answer)
        assert browser.post(url, {"kind": "preservation", "reason": "x"}).status_code == 422

    def test_lift_extend_add_let_out(self, world: World) -> None:
        one, two = film(b"1"), film(b"2", "AX-0102")
        hold = held_over(one.pk, by=world.actor("costa"))
        browser = world.sign_in("costa")
        add = reverse("hold-add", args=[hold.pk])
        assert browser.post(add, {"number": "R-1999-000001"}).status_code == 422
        assert browser.post(add, {"number": two.number.lower()}).status_code == 302
        assert browser.post(add, {"number": two.number}).status_code == 422
        out = reverse("hold-release", args=[hold.held.get(recording=two).pk])
        assert browser.post(out, {"reason": ""}).status_code == 422
        assert browser.post(out, {"reason": "Shows nothing"}).status_code == 302
        lift = reverse("hold-lift", args=[hold.pk])
        assert browser.post(lift, {"reason": "Over"}).status_code == 302
        twice = browser.post(lift, {"reason": "Over"})
        assert twice.status_code == 422 and "lifted before" in _said(twice)
        page = _said(browser.get(reverse("hold", args=[hold.pk])))
        assert "Why it was lifted" in page and 'aria-disabled="true"' in page

    def test_the_wearer_sees_that_it_is_held_and_not_why(self, world: World) -> None:
        recording = film()
        hold = held_over(
            recording.pk, by=world.actor("costa"), kind="complaint", reason="Neighbour complains"
        )
        browser = world.sign_in("whitfield")
        for url in (reverse("hold", args=[hold.pk]), reverse("recording", args=[recording.pk])):
            page = _said(browser.get(url))
            assert hold.number in page
            assert "Neighbour" not in page and "2026-114" not in page
        csv = b"".join(browser.post(reverse("holds-csv")).streaming_content).decode()  # type: ignore[attr-defined]
        assert hold.number in csv and "Neighbour" not in csv
        listed = browser.post(reverse("holds"), {"text": "2026-114"}, follow=True)
        assert hold.number not in _said(listed), "nor by searching for it"

    def test_filters_search_and_csv(self, world: World) -> None:
        costa = world.actor("costa")
        court = held_over(film(b"1").pk, by=costa)
        other = held_over(film(b"2", "AX-0102").pk, by=costa, kind="complaint", reference="=C-7")
        browser = world.sign_in("weber")
        answer = browser.post(reverse("holds"), {"text": "2026-114", "kind": "", "state": ""})
        assert "2026-114" not in answer["Location"]
        page = _said(browser.get(answer["Location"]))
        assert court.number in page and other.number not in page
        page = _said(browser.get(reverse("holds") + "?kind=complaint&state=stands"))
        assert other.number in page and court.number not in page
        assert "No hold matches." in _said(browser.get(reverse("holds") + "?state=lifted"))
        csv = browser.post(reverse("holds-csv") + "?kind=complaint")
        rows = b"".join(csv.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert len(rows) == 2 and "'=C-7" in rows[1]
        assert Entry.objects.filter(event="evidence.holds_exported").count() == 1
        for query in ("?kind=nonsense", "?state=%00", "?after=x", "?q=x"):
            assert browser.get(reverse("holds") + query).status_code == 200


class TestRequests:
    """What a records officer does with them."""

    def test_decided_on_its_page(self, world: World) -> None:
        scene()
        film()
        request = asked(name="Ann Elk", words="They took <b>my</b> phone")
        jobs.match_preservation(str(request.pk))
        browser = world.sign_in("weber")
        home = _said(browser.get("/"))
        assert "Preservation requests to decide" in home
        url = reverse("preservation-request", args=[request.pk])
        page = _said(browser.get(url))
        assert "Ann Elk" in page and "&lt;b&gt;my" in page and "26-001" in page
        confirm = reverse("preservation-confirm", args=[request.pk])
        assert browser.post(confirm, {"reason": ""}).status_code == 422
        assert browser.post(confirm, {"reason": "Why", "until": "2020-01-01"}).status_code == 422
        assert browser.post(confirm, {"reason": "Why", "until": "2090-01-01"}).status_code == 302
        assert browser.post(confirm, {"reason": "Why"}).status_code == 422
        lift = reverse("preservation-lift", args=[request.pk])
        assert browser.post(lift, {"reason": "No more"}).status_code == 302
        assert "It was lifted before." in _said(browser.get(url))

    def test_listed_filtered_and_searched(self, world: World) -> None:
        one, two = asked(name="Ann Elk"), asked(incident_number="26-777", sender="x")
        browser = world.sign_in("weber")
        answer = browser.post(reverse("preservation"), {"text": "Elk", "status": "", "way": ""})
        assert "Elk" not in answer["Location"]
        page = _said(browser.get(answer["Location"]))
        assert one.number in page and two.number not in page
        assert "No request matches." in _said(browser.get(reverse("preservation") + "?way=place"))
        page = _said(browser.get(reverse("preservation") + "?status=received&sort=due"))
        assert one.number in page and two.number in page
