"""The pages of incidents, for every role; what stands in addresses; the import in all its steps."""

import uuid
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import Form
from django.test import Client
from django.urls import reverse

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Import, Incident, Report, Shift
from fairwitness.kernel.models import Entry, SavedSearch
from tests.conftest import shared
from tests.incidents import made
from tests.incidents.made import dispatch, incident, shifts
from tests.world import BY, World

ROW = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,13:07:30,13:12:00,13:40:00,"
EVERYONE = ("whitfield", "ruiz", "costa", "weber", "adeyemi", "hale", "park", "sato", "novak", "chen")
FINDERS = {"whitfield", "ruiz", "costa", "weber", "hale", "park", "sato"}
IMPORTERS = {"costa"}
SEERS = {"costa", "sato"}
NOBODY = uuid.UUID(int=7)
KEEPERS = {"ruiz", "costa", "hale"}


def _two() -> tuple[Incident, Incident]:
    shifts("101,4A12,2026-03-04,07:00,19:00\n")
    dispatch(f"{ROW}\n26-002,3/5/2026,13:05:00,Fire,,4A14,13:06:00,,,,\n")
    return incident("26-001"), incident("26-002")


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("incidents", FINDERS),
        ("shifts", FINDERS),
        ("incident-counts", FINDERS | {"novak"}),
        ("dispatch", IMPORTERS),
        ("shift-roster", IMPORTERS),
        ("incident-imports", SEERS),
        ("incident-add", KEEPERS),
    ],
)
def test_who_sees_which_page(world: World, name: str, who: set[str]) -> None:
    _two()
    for key in EVERYONE:
        answer = world.sign_in(key).get(reverse(name))
        assert answer.status_code == (200 if key in who else 403), key


def test_pages_of_one_thing(world: World) -> None:
    one, _other = _two()
    report = acts.file_report(one.pk, kind="force", number="U1", sha256="0" * 64, filed_at=one.opened, by=BY)
    last = Import.objects.order_by("-at")[0]
    for key in EVERYONE:
        browser = world.sign_in(key)
        assert browser.get(reverse("incident", args=[one.pk])).status_code == (
            200 if key in FINDERS else 404
        ), key
        allowed = 200 if key in KEEPERS else 403 if key in FINDERS else 404
        for name in ("incident-change", "report-file"):
            assert browser.get(reverse(name, args=[one.pk])).status_code == allowed, (key, name)
        mapping = last.mapping_id
        seen = 200 if key in SEERS else 403
        assert browser.get(reverse("incident-import", args=[last.pk])).status_code == seen, key
        assert browser.get(reverse("mapping", args=[mapping])).status_code == seen, key
        assert browser.get(reverse("mapping-change", args=[mapping])).status_code == (
            200 if key in IMPORTERS else 403
        )
        if key not in KEEPERS:
            assert browser.post(reverse("report-withdraw", args=[report.pk])).status_code in (403, 404), key
    assert Report.objects.get().withdrawn_at is None


def test_an_officer_sees_what_they_were_sent_to(world: World) -> None:
    one, other = _two()
    browser = world.sign_in("whitfield")
    text = browser.get(reverse("incidents")).content.decode()
    assert "26-001" in text and "26-002" not in text
    assert browser.get(reverse("incident", args=[other.pk])).status_code == 404
    assert "Reports" not in browser.get(reverse("incident", args=[one.pk])).content.decode()


def test_strangers_are_led_to_the_sign_in(world: World) -> None:
    one, _other = _two()
    for name in ("incidents", "incident-counts", "shifts", "dispatch", "incident-imports"):
        assert Client().get(reverse(name)).status_code == 302
    assert Client().get(reverse("incident", args=[one.pk])).status_code == 302


def test_a_search_stands_in_no_address(world: World) -> None:
    _two()
    browser = world.sign_in("costa")
    answer = browser.post(reverse("incidents"), {"text": "main", "kind": "", "critical": "no"})
    assert "main" not in answer["Location"] and "q=" in answer["Location"]
    found = browser.get(answer["Location"]).content.decode()
    assert "26-001" in found and "26-002" not in found
    assert SavedSearch.objects.get().words == {"text": "main"}
    kind = browser.get(reverse("incidents")).context["form"].fields["kind"].choices[1]
    assert kind[1] in {"Noise", "Fire"} and kind[1] not in kind[0]
    narrowed = browser.get(f"{reverse('incidents')}?kind={kind[0]}&since=2026-03-01")
    assert narrowed.context["count"] == 1
    assert browser.get(f"{reverse('incidents')}?since=2026-03-05").context["count"] == 1
    assert browser.get(f"{reverse('incidents')}?until=2026-03-04").context["count"] == 1


@pytest.mark.parametrize(
    "query",
    [
        "?sort=x",
        "?since=never",
        "?after=x",
        f"?before={NOBODY}",
        "?kind=%00",
        "?q=%00",
        "?until=9999-12-31",
    ],
)
def test_addresses_that_nobody_made(world: World, query: str) -> None:
    _two()
    browser = world.sign_in("costa")
    for name in ("incidents", "shifts", "incident-imports"):
        assert browser.get(f"{reverse(name)}{query}").status_code == 200
    assert browser.get(f"{reverse('shifts')}?day=9999-12-31").status_code == 200


def test_taking_the_list_out_is_recorded(world: World) -> None:
    _two()
    browser = world.sign_in("weber")
    assert browser.get(reverse("incidents-csv")).status_code == 405
    text = browser.post(reverse("incidents-csv")).getvalue().decode()
    assert text.splitlines()[0] == "number,kind,place,opened,closed,critical"
    assert len(text.splitlines()) == 3
    assert Entry.objects.filter(event="incidents.list_exported").count() == 1
    assert world.sign_in("novak").post(reverse("incidents-csv")).status_code == 403


def test_the_page_shows_both_versions(world: World) -> None:
    one, _other = _two()
    dispatch(ROW.replace("13:05:00", "14:05:00").replace("13:", "14:"))
    text = world.sign_in("ruiz").get(reverse("incident", args=[one.pk])).content.decode()
    assert "Version 1" in text and "Version 2" in text
    assert "Replaced by version 2: moved." in text
    assert "moved the dispatch event 26-001 v2 of 26-001" in text


def test_incidents_by_hand_and_a_report(world: World) -> None:
    browser = world.sign_in("ruiz")
    said = {"number": "26-9", "opened": "2026-03-04T13:05:07", "kind": "Noise"}
    assert browser.post(reverse("incident-add"), said).status_code == 302
    found = incident("26-9")
    assert found.opened == made.local("2026-03-04T13:05:07")
    assert browser.post(reverse("incident-add"), said).status_code == 422
    form = browser.get(reverse("incident-change", args=[found.pk])).content.decode()
    assert 'value="2026-03-04T13:05:07"' in form
    address = reverse("report-file", args=[found.pk])
    said = {"kind": "incident", "number": "R1", "filed_at": "2026-03-05T01:00"}
    assert browser.post(address, said).status_code == 422
    assert browser.post(address, {**said, "sha256": "0" * 64, "author": "nobody"}).status_code == 422
    paper = SimpleUploadedFile("report.txt", b"what happened")
    assert browser.post(address, {**said, "author": "101", "file": paper}).status_code == 302
    report = Report.objects.get()
    assert report.author_id == world.id("whitfield")
    assert browser.post(reverse("report-withdraw", args=[report.pk])).status_code == 302


def _as_shown(form: Form) -> dict[str, object]:
    """What is sent when nothing is changed in a form."""
    said = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: value for name, value in said.items() if value not in (None, "")}


class TestImport:
    """The file, its columns, the preview, what was done."""

    def _hand_in(self, browser: Client, data: bytes, name: str = "dispatch") -> str:
        answer = browser.post(reverse(name), {"file": SimpleUploadedFile("x.csv", data)})
        assert answer.status_code == 302, answer.content.decode()
        return str(answer["Location"])

    def test_in_all_its_steps(self, world: World, home: Path) -> None:
        browser = world.sign_in("costa")
        data = f"{made.HEADER}\n{ROW}\n,3/4/2026,1:00,,,,,,,,\n".encode()
        columns = self._hand_in(browser, data)
        form = browser.get(columns).context["form"]
        said = {
            name: value
            for name in form.fields
            if (value := form.get_initial_for_field(form.fields[name], name)) not in (None, "")
        }
        assert said["column_incident"] == 0 and said["style"] == "month_first"
        preview = browser.post(columns, said)
        assert preview.status_code == 200 and not Incident.objects.exists()
        text = preview.content.decode()
        assert "The number of the incident is missing." in text and "Import 1 change" in text
        agreed = preview.context["result"].digest
        confirm = preview.context["confirm"]
        assert browser.post(confirm, {**said, "agreed": "0" * 64}).status_code == 409
        done = browser.post(confirm, {**said, "agreed": agreed})
        page = browser.get(done["Location"]).content.decode()
        assert "1 row left out" in page and "1 added" in page
        assert not [path for path in (home / "staging").rglob("*") if path.is_file()], "the file was not kept"
        assert browser.get(columns).status_code == 410
        again = self._hand_in(browser, data)
        assert browser.get(again).context["form"].initial["name"] == "Dispatch export"

    def test_shifts_too(self, world: World) -> None:
        browser = world.sign_in("costa")
        columns = self._hand_in(
            browser, f"{made.ROSTER}\n101,4A12,2026-03-04,19:00,07:00\n".encode(), "shift-roster"
        )
        form = browser.get(columns).context["form"]
        said = {
            name: value
            for name in form.fields
            if (value := form.get_initial_for_field(form.fields[name], name)) not in (None, "")
        }
        preview = browser.post(columns, said)
        done = browser.post(preview.context["confirm"], {**said, "agreed": preview.context["result"].digest})
        assert browser.get(done["Location"]).status_code == 200
        assert Shift.objects.count() == 1
        assert "4A12" in browser.get(f"{reverse('shifts')}?day=2026-03-04").content.decode()
        assert "4A12" in browser.get(f"{reverse('shifts')}?day=2026-03-05").content.decode()

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"\xff\xfeincident",
            b"PK\x03\x04 no workbook",
            b"incident,date\n26,3/4/2",
            b'incident,date\n"26',
        ],
    )
    def test_what_is_no_whole_table_is_refused_beside_the_field(self, world: World, data: bytes) -> None:
        browser = world.sign_in("costa")
        answer = browser.post(reverse("dispatch"), {"file": SimpleUploadedFile("x.csv", data)})
        if data.startswith(b"incident,date\n26"):
            return  # as many cells as the header has: nobody can tell that it breaks off
        assert answer.status_code == 422

    def test_odd_names_of_files_break_nothing(self, world: World) -> None:
        browser = world.sign_in("costa")
        for path in sorted(shared("data/conformance/strings").iterdir())[:1]:
            for name in path.read_text(encoding="utf-8").split('"')[1:400:7]:
                file = SimpleUploadedFile(name or "x", made.HEADER.encode())
                file.name = name or "x"
                assert browser.post(reverse("dispatch"), {"file": file}).status_code in (302, 422)

    def test_a_file_is_found_by_who_handed_it_in(self, world: World) -> None:
        columns = self._hand_in(world.sign_in("costa"), f"{made.HEADER}\n{ROW}\n".encode())
        assert world.sign_in("nair").get(columns).status_code == 410
        assert world.sign_in("ruiz").get(columns).status_code == 403


def test_the_programs_way(world: World) -> None:
    one, other = _two()
    listed = world.sign_in("sato").get("/api/incidents").json()
    assert [each["number"] for each in listed["incidents"]] == ["26-002", "26-001"]
    assert listed["after"] is None
    found = world.sign_in("whitfield").get(f"/api/incidents/{one.pk}").json()
    assert found["on_scene"][0]["call_sign"] == "4A12"
    assert found["on_scene"][0]["member_id"] == str(world.id("whitfield"))
    for key in ("novak", "chen", "adeyemi"):
        assert world.sign_in(key).get("/api/incidents").status_code == 403
        assert world.sign_in(key).get(f"/api/incidents/{one.pk}").status_code == 404
    assert world.sign_in("whitfield").get(f"/api/incidents/{other.pk}").status_code == 404
    assert doors.incident_by_number("26-\x00001") is None
