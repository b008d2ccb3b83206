"""The whole custody history of a recording: page by page, for programs, and as one file."""

import csv
import io
import uuid

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.evidence.acts import note
from fairwitness.evidence.models import Recording
from fairwitness.kernel import history
from tests.evidence.made import readable, sealed
from tests.world import World

NOTES = 110


@pytest.fixture
def recording(world: World) -> Recording:
    """Whitfield's, with more entries than a page shows: sealed, read, and a note for each second."""
    recording = readable(sealed(device="AX-0101"), timing="in_file")
    for second in range(NOTES):
        note.add_note(recording.pk, second * 500, "seen", by=world.actor("whitfield"))
    return recording


@pytest.fixture
def browser(world: World) -> Client:
    return world.sign_in("costa")


def test_the_page_shows_the_latest_first_and_leads_to_the_first(
    browser: Client, recording: Recording
) -> None:
    address = reverse("recording", args=[recording.pk])
    latest = browser.get(address)
    assert latest.context["history"][0]["sentence"] == "Officer Dana Whitfield wrote a note"
    assert len(latest.context["history"]) == history.PAGE
    assert "sealed the recording" not in latest.content.decode()
    earlier = browser.get(latest.context["earlier_url"].partition("#")[0])
    assert earlier.context["history"][-1]["sentence"] == "The system (test) sealed the recording"
    assert len(earlier.context["history"]) == NOTES + 2 - history.PAGE
    assert (earlier.context["earlier_url"], earlier.context["latest_url"]) == ("", f"{address}#history")
    assert browser.get(address, {"before": "nothing"}).status_code == 404


def test_programs_read_all_of_it(browser: Client, recording: Recording) -> None:
    address, events, before = f"/api/recordings/{recording.pk}/history", [], ""
    while True:
        page = browser.get(address, {"before": before}).json()
        events += [line["event"] for line in page["lines"]]
        before = page["earlier"]
        if not before:
            break
    assert events == ["evidence.note_added"] * NOTES + [
        "evidence.recording_probed",
        "evidence.recording_sealed",
    ]


def test_the_file_has_all_of_it_in_order(browser: Client, recording: Recording) -> None:
    answer = browser.get(reverse("recording-history", args=[recording.pk]))
    assert answer["Content-Disposition"] == f'attachment; filename="history-{recording.number}.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert len(rows) == NOTES + 2
    assert rows == sorted(rows, key=lambda row: row["at"])
    assert rows[0]["event"] == "evidence.recording_sealed"
    assert uuid.UUID(rows[0]["entry"])


def test_the_file_is_for_who_may_find_the_recording(world: World, recording: Recording) -> None:
    address = reverse("recording-history", args=[recording.pk])
    assert world.sign_in("brandt").get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_a_members_page_shows_the_newest_of_a_long_history(
    world: World, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history.page, "__kwdefaults__", {"before": "", "size": 2})
    address = reverse("member", args=[world.id("whitfield")])
    page = browser.get(address)
    whole = history.of("department.member", world.id("whitfield"))
    shown = list(page.context["history"])
    while page.context["earlier_url"]:
        page = browser.get(page.context["earlier_url"].partition("#")[0])
        shown += page.context["history"]
    assert [line.entry_id for line in shown] == [line.entry_id for line in reversed(whole)]
    assert len(whole) > 2
