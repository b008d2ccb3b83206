"""The pages of cases: for every role, with what was typed kept, and large files as they come."""

import datetime as dt
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case, CaseNote, CourtDate, File, Person, Task
from fairwitness.incidents.acts import file_report
from fairwitness.kernel import blobs, clock, receiving
from fairwitness.kernel.models import Entry
from tests.cases.made import opened, sealed_file, stop
from tests.conftest import shared
from tests.evidence.holding import film, scene
from tests.world import CAST, World

pytestmark = pytest.mark.django_db
KEYS = [part.key for part in CAST]
FINDS = {"lindqvist", "okafor", "costa", "nair", "hale", "park", "sato"}


def said(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def full(world: World, case: Case) -> Case:
    """A case with something of everything."""
    found, films = scene(), stop()
    costa, lead = world.actor("costa"), world.actor("lindqvist")
    acts.link_incident(case.pk, found.pk, by=costa)
    acts.take_in(case.pk, films[0].pk, "Shows the car", by=costa)
    sealed_file(case, lead, name="Elm <b>St.jpg")
    acts.add_person(case.pk, name="Ann <i>Elk</i>", role="witness", by=lead)
    acts.add_case_note(case.pk, "Ask her <script>", by=lead)
    acts.add_task(case.pk, "Copy the report", world.id("lindqvist"), by=lead)
    acts.set_court_date(case.pk, at=clock.now() - dt.timedelta(days=1), court="District Court", by=lead)
    ruiz = world.actor("ruiz")
    for kind in ("incident", "complaint"):
        file_report(
            found.pk,
            kind=kind,
            number=f"REP-{kind}",
            sha256="0" * 64,
            filed_at=clock.now(),
            author_id=world.id("whitfield"),
            by=ruiz,
        )
    return case


def test_it_works(world: World, full: Case) -> None:
    browser = world.sign_in("lindqvist")
    page = said(browser.get(reverse("case", args=[full.pk])))
    for words in (
        "Stop on Elm St",
        "Shows the car",
        "Copy the report",
        "District Court",
        "2 more recordings",
    ):
        assert words in page, words
    assert "Ann &lt;i&gt;Elk" in page and "Elm &lt;b&gt;St.jpg" in page and "<script>Ask" not in page
    assert "REP-incident" in page and "REP-complaint" not in page, "complaints are for who sees the register"
    assert "REP-complaint" in said(world.sign_in("costa").get(reverse("case", args=[full.pk])))
    assert "Take all of them in" in said(world.sign_in("costa").get(reverse("case", args=[full.pk])))
    sheet = said(browser.get(reverse("case-sheet", args=[full.pk])))
    assert "As it was on" in sheet and "Copy the report" in sheet and "0000" in sheet
    listed = said(browser.get(reverse("case-items", args=[full.pk]), {"what": "files"}))
    assert "F-2" in listed and "Shows the car" not in listed


@pytest.mark.parametrize("key", KEYS)
def test_every_page_for_everybody(world: World, full: Case, key: str) -> None:
    browser, actor = world.sign_in(key), world.actor(key)
    for name in ("case", "case-sheet", "case-items"):
        assert browser.get(reverse(name, args=[full.pk])).status_code == (200 if key in FINDS else 404), name
    assert browser.get(reverse("cases")).status_code == (200 if doors.may_list(actor) else 403)
    assert browser.get(reverse("case-counts")).status_code == (200 if doors.may_count(actor) else 403)
    for name, act in (
        *(("case-change", "change_case"), ("case-close", "close_case"), ("case-reopen", "reopen_case")),
        *(("case-member", "add_member"), ("case-incident", "link_incident"), ("case-take-in", "take_in")),
        *(("case-file", "seal_file"), ("case-person", "add_person"), ("case-task", "add_task")),
        ("case-court", "set_court_date"),
    ):
        may = doors.may_with(actor, full, act)
        expected = 200 if may else 403 if key in FINDS else 404
        assert browser.get(reverse(name, args=[full.pk])).status_code == expected, name


def test_the_public_is_asked_to_sign_in(case: Case, client: Client) -> None:
    for name in ("case", "case-file", "case-items", "case-sheet"):
        assert client.get(reverse(name, args=[case.pk])).status_code == 302
    answer = client.post(reverse("case-file", args=[case.pk]), {"file": io.BytesIO(b"x" * 100)})
    assert answer.status_code == 403 and not list(blobs.store().digests())


def test_a_case_is_opened_about_an_incident(world: World) -> None:
    found, browser = scene(), world.sign_in("costa")
    address = f"{reverse('case-open')}?incident={found.pk}"
    assert found.number in said(browser.get(address))
    sent = {"title": "Noise", "kind": "crime", "lead": "Grace Lindqvist"}
    assert "Nobody has that badge" in said(browser.post(address, {**sent, "lead": "999"}))
    answer = browser.post(address, sent)
    case = Case.objects.get()
    assert answer["Location"] == reverse("case", args=[case.pk])
    assert [link.incident for link in doors.links_of(case)] == [found]
    assert case.number in said(browser.get(reverse("incident", args=[found.pk])))


def test_everything_is_done_by_its_page(world: World, full: Case) -> None:
    browser, pk = world.sign_in("lindqvist"), [full.pk]
    assert browser.post(reverse("case-note", args=pk), {"text": "Later"}).status_code == 302
    assert browser.post(reverse("case-note", args=pk), {"text": ""}).status_code == 422
    note = CaseNote.objects.get(text="Later")
    browser.post(reverse("case-note-withdraw", args=[note.pk]))
    browser.post(reverse("case-person", args=pk), {"name": "Bo", "role": "victim"})
    browser.post(reverse("case-person-withdraw", args=[Person.objects.get(name="Bo").pk]))
    lead = str(world.id("lindqvist"))
    browser.post(reverse("case-task", args=pk), {"text": "Ask", "member": lead, "due": "2099-01-01"})
    browser.post(reverse("case-task-done", args=[Task.objects.get(text="Ask").pk]))
    browser.post(reverse("case-task-withdraw", args=[Task.objects.get(text="Copy the report").pk]))
    browser.post(reverse("case-court", args=pk), {"at": "2099-01-01T09:00", "court": "Superior Court"})
    browser.post(reverse("court-withdraw", args=[CourtDate.objects.get(court="Superior Court").pk]))
    past = CourtDate.objects.get(court="District Court")
    browser.post(reverse("court-outcome", args=[past.pk]), {"outcome": "Adjourned"})
    browser.post(reverse("case-change", args=pk), {"title": "Elm St", "kind": "other"})
    browser.post(reverse("case-member", args=pk), {"member": "103", "role": "member"})
    (li,) = [row for row in doors.members_of(full) if row.member_id == world.id("li")]
    browser.post(reverse("case-member-end", args=[li.pk]))
    browser.post(reverse("case-close", args=pk), {"because": "Pleaded"})
    browser.post(reverse("case-reopen", args=pk), {"because": "Appeal"})
    written = set(Entry.objects.filter(event__startswith="cases.").values_list("event", flat=True))
    assert written >= {
        *("cases.note_withdrawn", "cases.person_withdrawn", "cases.task_done", "cases.task_withdrawn"),
        *("cases.court_date_withdrawn", "cases.court_outcome_noted", "cases.changed", "cases.member_ended"),
        *("cases.closed", "cases.reopened"),
    }


def test_recordings_by_their_pages(world: World, case: Case) -> None:
    browser, found, recording = world.sign_in("costa"), scene(), film()
    unknown = browser.post(reverse("case-take-in", args=[case.pk]), {"number": "R-1999-000001"})
    assert unknown.status_code == 422 and "no recording of this number" in said(unknown)
    browser.post(reverse("case-take-in", args=[case.pk]), {"number": f" {recording.number.lower()} "})
    assert doors.items(case).get().recording_id == recording.pk
    browser.post(reverse("case-take-out", args=[doors.items(case).get().pk]), {"because": "Wrong"})
    browser.post(reverse("recording-case", args=[recording.pk]), {"case": str(case.pk)})
    assert doors.items(case).count() == 1
    assert browser.post(reverse("case-incident", args=[case.pk]), {"number": "x"}).status_code == 422
    browser.post(reverse("case-incident", args=[case.pk]), {"number": "26-001"})
    assert doors.links_of(case)[0].incident == found
    film(b"2", "AX-0102", incident="26-001")
    browser.post(reverse("case-take-in-all", args=[case.pk]))
    assert doors.items(case).count() == 2
    browser.post(reverse("case-unlink", args=[doors.links_of(case)[0].pk]))
    assert doors.links_of(case) == []


def test_the_list_is_searched_without_words_in_the_address(world: World, case: Case) -> None:
    browser = world.sign_in("costa")
    answer = browser.post(reverse("cases"), {"text": "Elm", "kind": "crime", "mine": ""})
    assert "Elm" not in answer["Location"] and "kind=crime" in answer["Location"]
    assert case.number in said(browser.get(answer["Location"]))
    assert "No case matches" in said(browser.get(reverse("cases"), {"mine": "yes"}))
    csv = browser.post(f"{reverse('cases-csv')}?{answer['Location'].partition('?')[2]}")
    assert case.number in b"".join(csv.streaming_content).decode()  # type: ignore[attr-defined]
    for odd in ("?after=nonsense", "?sort=x", "?since=never", "?before=" + str(case.pk)):
        assert browser.get(reverse("cases") + odd).status_code == 200


def test_more_items_than_a_page(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    for number in range(53):
        sealed_file(case, lead, str(number).encode(), f"{number}.txt", kind="document")
    browser = world.sign_in("lindqvist")
    assert "All 53" in said(browser.get(reverse("case", args=[case.pk])))
    first = said(browser.get(reverse("case-items", args=[case.pk])))
    after = re.search(r"\?after=[0-9a-f-]+", first)
    assert after and first.count("<bdi>") == 50
    assert said(browser.get(reverse("case-items", args=[case.pk]) + after[0])).count("<bdi>") == 3


# Files


def _send(
    browser: Client, case: Case, data: bytes = b"a photograph", name: str = "a.jpg", **more: Any
) -> Any:
    file = SimpleUploadedFile("file", data)
    file.name = name
    return browser.post(reverse("case-file", args=[case.pk]), {"kind": "photograph", "file": file, **more})


def test_a_file_is_sent_and_taken(world: World, case: Case) -> None:
    browser = world.sign_in("lindqvist")
    answer = _send(browser, case, because="Shows the car", made_at="2026-01-02T03:04")
    assert answer.status_code == 302
    item = doors.items(case).get()
    taken = browser.post(reverse("case-file-take", args=[item.pk]))
    assert b"".join(taken.streaming_content) == b"a photograph"  # type: ignore[attr-defined]
    assert taken["Content-Disposition"] == 'attachment; filename="a.jpg"'
    assert (
        taken["Content-Type"] == "application/octet-stream" and "sandbox" in taken["Content-Security-Policy"]
    )
    assert browser.get(reverse("case-file-take", args=[item.pk])).status_code == 405
    again = _send(browser, case)
    assert again.status_code == 422 and "holds these bytes" in said(again)
    assert _send(browser, case, b"").status_code == 422
    assert not list((receiving._folder()).iterdir()), "nothing of what came is left beside the stores"


def test_who_may_not_send_is_told_before_it_is_read(world: World, case: Case) -> None:
    for key in ("sato", "novak", "chen", "adeyemi"):
        assert _send(world.sign_in(key), case, key.encode()).status_code == 403
    for key in ("li", "weber"):
        assert _send(world.sign_in(key), case, key.encode()).status_code == 404
    assert list(blobs.store().digests()) == []


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk with hardly any room."""

    class Usage:
        total, free = 10**9, 200

    monkeypatch.setattr("shutil.disk_usage", lambda _path: Usage)
    yield


def test_a_full_disk_says_so_before_it_is_sent(world: World, case: Case, small: None) -> None:
    answer = _send(world.sign_in("lindqvist"), case)
    assert answer.status_code == 507 and "There is no room for this file" in said(answer)
    assert File.objects.count() == 0


def test_a_disk_that_fills_while_it_comes(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Any, raw_data: bytes, start: int) -> None:
        self._stop(OSError(28, "No space left on device"))

    monkeypatch.setattr(receiving._ToDisk, "receive_data_chunk", full)
    answer = _send(world.sign_in("lindqvist"), case, b"x" * 3_000_000)
    assert answer.status_code == 507 and "Nothing was kept of it" in said(answer)
    assert File.objects.count() == 0 and not list(receiving._folder().iterdir())


def test_what_is_larger_than_any(world: World, case: Case) -> None:
    browser = world.sign_in("lindqvist")
    address = reverse("case-file", args=[case.pk])
    form = "multipart/form-data; boundary=x"
    answer = browser.generic("POST", address, b"", content_type=form, CONTENT_LENGTH="9999999999999")
    assert answer.status_code == 413 and "8 GiB" in said(answer)


def test_every_odd_name_comes_back_safe(world: World, case: Case) -> None:
    """A hundred of the names that break other systems, sent and taken by the pages."""
    browser = world.sign_in("lindqvist")
    names = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    for number, name in enumerate(names[::5]):
        _send(browser, case, str(number).encode(), name or "x")
    for item in doors.items(case):
        taken = browser.post(reverse("case-file-take", args=[item.pk]))
        assert taken.status_code == 200 and "\n" not in taken["Content-Disposition"]
        b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    assert browser.get(reverse("case", args=[case.pk])).status_code == 200


def test_home_says_what_waits(world: World) -> None:
    case = opened(world)
    lead = world.actor("lindqvist")
    acts.add_task(case.pk, "Ask her", world.id("lindqvist"), by=lead)
    acts.set_court_date(case.pk, at=clock.now() + dt.timedelta(days=2), court="District Court", by=lead)
    page = said(world.sign_in("lindqvist").get("/"))
    assert "Tasks in your cases" in page and "Court dates of your cases" in page
