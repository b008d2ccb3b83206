"""The pages on which recordings are linked to incidents: the recording's own, and the queue of those that have none."""

import datetime as dt

from django.urls import reverse

from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents.models import Incident
from tests.evidence.made import sealed
from tests.incidents import made
from tests.incidents.made import dispatch, incident, local
from tests.world import World

EVERYONE = ("whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen")
LINKERS = {"whitfield", "ruiz", "costa"}


def _suggested() -> tuple[Recording, Incident]:
    made.shifts("101,4A12,2026-03-04,07:00,19:00\n")
    dispatch("26-001,3/4/2026,13:05,Noise,,4A12,13:06,,13:12,13:40,")
    begins = local("2026-03-04T13:15")
    recording = sealed(device="AX-0101", started=begins, ended=begins + dt.timedelta(minutes=1))
    return recording, incident()


def test_one_click_links_what_is_suggested(world: World) -> None:
    recording, found = _suggested()
    browser = world.sign_in("whitfield")
    page = reverse("recording", args=[recording.pk])
    assert "Link to 26-001" in browser.get(page).content.decode()
    browser.post(reverse("link-incident", args=[recording.pk]), {"incident": found.pk})
    text = browser.get(page).content.decode()
    assert "Link to 26-001" not in text and reverse("incident", args=[found.pk]) in text
    assert recording.number in browser.get(reverse("incident", args=[found.pk])).content.decode()
    link = IncidentLink.objects.get()
    assert link.how == "suggested"
    browser.post(reverse("unlink-incident", args=[link.pk]))
    assert not IncidentLink.objects.filter(withdrawn_at=None).exists()


def test_by_number(world: World) -> None:
    recording, _found = _suggested()
    browser = world.sign_in("costa")
    address = reverse("link-incident", args=[recording.pk])
    for odd in ("", "26-999", "\x00", "9" * 500):
        assert "nothing was changed" in browser.post(address, {"number": odd}, follow=True).content.decode()
    assert (
        "is linked to 26-001" in browser.post(address, {"number": " 26-001 "}, follow=True).content.decode()
    )
    assert IncidentLink.objects.get().how == "hand"


def test_an_officer_learns_of_no_other_incident(world: World) -> None:
    recording, _found = _suggested()
    dispatch("26-009,3/4/2026,16:00,,,4A14,16:01,,,,")
    browser = world.sign_in("whitfield")
    answers = {
        number: browser.post(reverse("link-incident", args=[recording.pk]), {"number": number}, follow=True)
        for number in ("26-009", "26-777")
    }
    said = {number: [str(m) for m in answer.context["messages"]] for number, answer in answers.items()}
    assert said["26-009"] == said["26-777"]


def test_the_queue_and_its_preview(world: World) -> None:
    recording, found = _suggested()
    browser, queue = world.sign_in("costa"), reverse("without-incident")
    pair = f"{recording.pk}~{found.pk}"
    assert pair in browser.get(queue).content.decode()
    preview = browser.post(queue, {"pair": [pair]}).content.decode()
    assert "Link 1 recording" in preview and not IncidentLink.objects.exists()
    browser.post(queue, {"pair": [pair], "agreed": "yes"})
    assert IncidentLink.objects.count() == 1
    assert "Every recording has its incident." in browser.get(queue).content.decode()
    for odd in ([], ["x"], [f"{recording.pk}~"], [pair]):
        assert browser.post(queue, {"pair": odd, "agreed": "yes"}).status_code == 302
    assert IncidentLink.objects.count() == 1


def test_one_click_in_the_queue(world: World) -> None:
    recording, found = _suggested()
    world.sign_in("ruiz").post(reverse("without-incident"), {"accept": f"{recording.pk}~{found.pk}"})
    assert IncidentLink.objects.count() == 1


def test_who_may(world: World) -> None:
    recording, found = _suggested()
    for key in EVERYONE:
        browser = world.sign_in(key)
        assert browser.get(reverse("without-incident")).status_code == (200 if key in LINKERS else 404), key
        answer = browser.post(reverse("link-incident", args=[recording.pk]), {"incident": found.pk})
        assert (answer.status_code == 302) is (key in LINKERS), key
        if key in LINKERS:
            link = IncidentLink.objects.get(withdrawn_at=None)
            assert world.sign_in("weber").post(reverse("unlink-incident", args=[link.pk])).status_code == 403
            browser.post(reverse("unlink-incident", args=[link.pk]))
    assert not IncidentLink.objects.filter(withdrawn_at=None).exists()
