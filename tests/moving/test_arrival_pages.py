"""The pages of arrivals: for those who look after what came, narrowed by the cases that each may find."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from fairwitness.cases import acts as cases
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.moving.acts.arrive import arrive
from fairwitness.moving.acts.report import export_report
from fairwitness.moving.doors import arrivals as doors
from fairwitness.moving.models import Arrival, ArrivedCase
from tests.cases.conftest import home
from tests.evidence.made import BY, grown, rows
from tests.moving.vendor import export, table
from tests.world import CAST, World

__all__ = ["home"]
pytestmark = pytest.mark.django_db
SEES = {"costa", "nair", "weber"}


@pytest.fixture
def arrival(world: World, tmp_path: Path) -> Arrival:
    folder = export(tmp_path / "delivery")
    table(
        folder / "more_cases.csv",
        ["Case ID", "Case Title"],
        [["K-<b>", "A <script>title"], ["", "Of no number"]],
    )
    found = arrive(folder, "axon_evidence", by=BY).arrival
    assert found
    return found


def said(answer: Any) -> str:
    return str(answer.content.decode())


def test_it_works(world: World, arrival: Arrival) -> None:
    browser = world.sign_in("costa")
    assert arrival.number in said(browser.get(reverse("arrivals")))
    page = said(browser.get(reverse("arrival", args=[arrival.pk])))
    for words in ("half.mp4", "The table names it, and no such file was delivered.", "Pat Former", "Ann Elk"):
        assert words in page, words
    assert "K-&lt;b&gt;" in page and "<script>title" not in page
    case = ArrivedCase.objects.get(external_id="k-100").case
    assert reverse("case", args=[case.pk]) in page


def test_it_is_narrowed(world: World, arrival: Arrival) -> None:
    browser = world.sign_in("costa")
    address = reverse("arrival", args=[arrival.pk])
    page = said(browser.get(address, {"outcome": "not", "kind": "recording"}))
    assert "half.mp4" in page and "second.mp4" not in page and "Pat Former" not in page
    sent = browser.post(
        f"{address}?outcome=unclaimed", {"text": "pat former", "outcome": "", "kind": "member"}
    )
    assert sent.status_code == 302 and "pat" not in sent["Location"]
    page = said(browser.get(sent["Location"]))
    assert "Pat Former" in page and "Ann Elk" not in page
    assert "No line matches" in said(browser.get(address, {"kind": "recording", "outcome": "here"}))
    for odd in ({"outcome": "x"}, {"from": "-1"}, {"from": "9" * 40}, {"from": "²"}, {"q": "x"}):
        assert browser.get(address, odd).status_code == 200


def test_page_by_page(world: World, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    table(tmp_path / "in" / "evidence.csv", ["Evidence ID", "Title"], [[f"EV-{n}", "x"] for n in range(60)])
    found = arrive(tmp_path / "in", "axon_evidence", by=BY).arrival
    assert found
    browser = world.sign_in("costa")
    first = said(browser.get(reverse("arrival", args=[found.pk]), {"outcome": "not"}))
    assert "EV-49" in first and "EV-50" not in first and "?outcome=not&amp;from=50" in first
    second = said(browser.get(reverse("arrival", args=[found.pk]), {"outcome": "not", "from": "50"}))
    assert "EV-50" in second and "EV-49" not in second and "Earlier lines" in second


@pytest.mark.parametrize("key", [part.key for part in CAST])
def test_who_sees_them(world: World, arrival: Arrival, key: str) -> None:
    browser = world.sign_in(key)
    for name in ("arrival", "arrival-sheet"):
        wanted = 200 if key in SEES else 403
        assert browser.get(reverse(name, args=[arrival.pk])).status_code == wanted
    assert browser.get(reverse("arrivals")).status_code == wanted
    before = rows()
    assert browser.post(reverse("arrival-csv", args=[arrival.pk])).status_code == wanted
    assert key in SEES or "moving_arrival" not in grown(before)
    assert ("Arrivals" in said(browser.get(reverse("home")))) == (key in SEES)


def test_what_is_said_of_cases_is_for_who_finds_them(world: World, arrival: Arrival) -> None:
    browser, address = world.sign_in("weber"), reverse("arrival", args=[arrival.pk])
    page = said(browser.get(address))
    assert "half.mp4" in page
    for words in ("Ann Elk", "K-100", "Stop on Elm", "Of no number"):
        assert words not in page, words
    case = ArrivedCase.objects.get(external_id="k-100").case
    cases.add_member(case.pk, world.id("weber"), "member", by=world.actor("costa"))
    page = said(browser.get(address))
    assert "Ann Elk" in page and "K-101" not in page


def test_the_csv_is_recorded(world: World, arrival: Arrival) -> None:
    answer = world.sign_in("costa").post(f"{reverse('arrival-csv', args=[arrival.pk])}?outcome=not")
    found = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))  # type: ignore[attr-defined]
    assert {row["outcome"] for row in found} == {"not"} and {"half.mp4", "EV-4"} <= {
        row["name"] for row in found
    }
    assert Entry.objects.filter(event="moving.report_exported").count() == 1


def test_the_acts_refuse(world: World, arrival: Arrival) -> None:
    sought = doors.Sought()
    for key in ("hale", "sato", "li", "chen"):
        with pytest.raises(Forbidden):
            export_report(arrival.pk, sought, io.BytesIO(), by=world.actor(key))
    with pytest.raises(NotFound):
        export_report(world.id("li"), sought, io.BytesIO(), by=world.actor("costa"))
    assert not Entry.objects.filter(event="moving.report_exported").exists()


def test_the_sheet(world: World, arrival: Arrival) -> None:
    page = said(world.sign_in("costa").get(reverse("arrival-sheet", args=[arrival.pk]), {"outcome": "not"}))
    assert "half.mp4" in page and "Ann Elk" not in page and "As it was on" in page


def test_nothing_yet_teaches_the_next_step(world: World) -> None:
    assert "fairwitness arrive" in said(world.sign_in("costa").get(reverse("arrivals")))
