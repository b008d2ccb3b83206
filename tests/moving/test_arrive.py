"""What another system held comes in: as it said it, no more; once; whole or named; and after a stop it goes on."""

import csv
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from fairwitness.cases import acts as cases
from fairwitness.cases.models import Case, CaseMember, CaseNote, Item, Person
from fairwitness.evidence.acts.category import withdraw_category
from fairwitness.evidence.check import check_blobs
from fairwitness.evidence.models import Attachment, Categorisation, Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, blobs
from fairwitness.kernel.change import change
from fairwitness.kernel.models import EntryPrivate, Notice
from fairwitness.kernel.refusals import Invalid, StoreFull
from fairwitness.moving.acts import arrive as acts
from fairwitness.moving.acts import vendor
from fairwitness.moving.acts.arrival import Run
from fairwitness.moving.acts.arrive import Arrived, arrive
from fairwitness.moving.acts.lines import codes_for
from fairwitness.moving.acts.look import look
from fairwitness.moving.check import check_rows
from fairwitness.moving.models import Arrival, ArrivedCase
from tests.cases.conftest import home
from tests.conftest import shared
from tests.evidence.disposals import KEPT
from tests.evidence.made import grown, rows
from tests.incidents.made import dispatch
from tests.moving.vendor import STARTED, export, table
from tests.world import World

__all__ = ["home"]
pytestmark = pytest.mark.django_db
BY = actors.system("moving.arrive")
ROW = "26-00017,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,"


@pytest.fixture
def folder(tmp_path: Path, world: World) -> Path:
    return export(tmp_path / "delivery")


def came(folder: Path) -> Arrived:
    return arrive(folder, "axon_evidence", by=BY)


def said(done: Arrived, kind: str) -> set[tuple[str, str]]:
    return {(line.outcome, line.name) for line in done.lines if line.kind == kind}


def reasons(done: Arrived, name: str) -> list[str]:
    return [line.why for line in done.lines if line.name == name and line.why]


def test_it_works(world: World, folder: Path) -> None:
    dispatch(ROW)
    done = came(folder)
    one = Recording.objects.get(external_id="EV-1")
    assert (one.external_id, one.incident, one.owner) == ("EV-1", "26-00017", world.members["okoye"])
    assert Attachment.objects.get().recording == one
    assert [row.code for row in one.categorisations.all()] == ["traffic-stop"]
    assert one.categorisations.get().how == Categorisation.How.DELIVERED and one.label.endswith("Odd label")
    assert said(done, "recording") >= {
        ("arrived", "stop.mp4"),
        ("arrived", "second.mp4"),
        ("not", "half.mp4"),
    }
    assert ("not", "EV-4") in said(done, "row") and ("unclaimed", "Odd label") in said(done, "category")
    arrival = done.arrival
    assert arrival and arrival.number.startswith("A-") and arrival.status == "ended"
    assert arrival.counts["recording"]["arrived"] == 2 and one.ingest == arrival.ingest
    with blobs.store().open(arrival.report_sha256) as file:
        kept = [json.loads(line) for line in file.pread(10**6, 0).decode().splitlines()]
    assert len(kept) == len(done.lines)
    assert list(check_blobs(blobs.store())) == []
    facts = EntryPrivate.objects.filter(facts__has_key="report_sha256").get().facts
    assert facts["report_sha256"] == f"sha256:{arrival.report_sha256}" and "Elk" not in json.dumps(facts)


def test_cases_come_with_their_people(world: World, folder: Path) -> None:
    dispatch(ROW)
    done = came(folder)
    stop, crash, third = (row.case for row in ArrivedCase.objects.order_by("external_id"))
    assert (stop.title, stop.kind, stop.status, stop.reference) == (
        "Stop on Elm St",
        "crime",
        "open",
        "K-100",
    )
    people = {row.member: row.role for row in CaseMember.objects.filter(case=stop)}
    assert people == {world.members["lindqvist"]: "lead", world.members["haddad"]: "member"}
    assert dict(Person.objects.filter(case=stop).values_list("name", "role")) == {
        "Ann Elk": "witness",
        "Bo Nobody": "unsaid",
        "Cy Cousin": "unsaid",
    }
    assert Person.objects.get(name="Cy Cousin").about.endswith("Cousin")
    assert Item.objects.filter(case=stop).count() == 2
    assert stop.incidents.get().incident == Incident.objects.get()
    assert ("not", "EV-4") in said(done, "item")
    assert (crash.status, crash.kind) == ("closed", "collision") and crash.closed_because
    assert Item.objects.filter(case=crash).count() == 1


def test_nothing_is_claimed_that_was_not_said(world: World, folder: Path) -> None:
    done = came(folder)
    two, third = Recording.objects.get(external_id="EV-2"), Case.objects.get(reference="K-102")
    assert two.owner is None and two.camera is None and two.incident == "" and two.clock != "delivered"
    assert (third.title, third.kind, third.status) == ("K-102", "unsaid", "open")
    assert not CaseMember.objects.filter(case__reference__in=["K-101", "K-102"]).exists()
    assert CaseNote.objects.filter(case__reference="K-101", author=None, text__contains="Pat Former").exists()
    assert any("says no time" in why for why in reasons(done, "second.mp4"))
    unclaimed = {line.said for line in done.lines if line.outcome == "unclaimed"}
    assert {"Pat Former", "ZZ-1", "Pending DA", "Odd kind", "Viewer", "Cousin", "26-00017"} <= unclaimed


def said_of(done: Arrived, kind: str, outcome: str = "unclaimed") -> str:
    return "\n".join(line.said for line in done.lines if (line.kind, line.outcome) == (kind, outcome))


def test_several_rows_of_one_case_lose_nothing(world: World, folder: Path) -> None:
    """A row for each incident is how such tables are joined: all numbers count, and what differs is said."""
    dispatch(ROW + "\n" + ROW.replace("26-00017", "26-00018"))
    header = ["Case ID", "Case Title", "Status", "Type", "Owner", "Incident Number", "Created"]
    same = ["K-100", "Stop on Elm St", "Open", "Criminal", "Lindqvist, Grace (201)"]
    table(
        folder / "cases.csv",
        header,
        [[*same, "26-00017", "2026-03-05"], [*same, "26-00018", "2026-03-05"]]
        + [["k-100", "Another title", "Closed", "", "", "26-00017", "2026-03-06"]],
    )
    looked = {(line.kind, line.said) for line in look(folder, "axon_evidence")}
    done = came(folder)
    case = Case.objects.get(reference="K-100")
    assert {row.incident.number for row in case.incidents.all()} == {"26-00017", "26-00018"}
    assert (case.title, case.status) == ("Stop on Elm St", "open")
    words = "case_title: Another title\nstatus: Closed\ncreated: 2026-03-06"
    assert said_of(done, "case") == words and ("case", words) in looked


def test_columns_that_the_mapping_does_not_know_are_said(world: World, folder: Path) -> None:
    people = ["Case ID", "Name", "Role", "Notes", "Description", "Phone"]
    table(
        folder / "case_people.csv", people, [["K-100", "Ann Elk", "Witness", "Tall", "At home", "555 0100"]]
    )
    table(folder / "case_members.csv", ["Case ID", "Member", "Since"], [["K-100", "Noor Haddad", "May"]])
    table(folder / "case_evidence.csv", ["Case ID", "Evidence ID", "Added By"], [["K-100", "EV-1", "Pat"]])
    table(folder / "more_people.csv", ["Case ID", "Name", "Phone"], [["", "Nobody's", "555 0101"]])
    done = came(folder)
    assert said_of(done, "person") == "description: At home\nphone: 555 0100"
    assert said_of(done, "member") == "since: May"
    assert said_of(done, "item") == "added_by: Pat"
    assert "555 0101" in said_of(done, "case", "not")


def test_texts_that_are_too_long_stand_in_the_report(world: World, folder: Path) -> None:
    long = " ".join(f"word{n}" for n in range(1500))
    header = ["Case ID", "Case Title", *(f"Field {n}" for n in range(4))]
    table(folder / "cases.csv", header, [["K-100", "One", *(f"{n}{long[:1900]}" for n in range(4))]])
    table(folder / "case_people.csv", ["Case ID", "Name", "Notes"], [["K-100", "Ann Elk", long]])
    (folder / "door.jpg").write_bytes(b"a door")
    more = ["Evidence ID", "File Name", "Remarks"]
    table(folder / "more.csv", more, [["EV-5", "door.jpg", f"At the back door. {long[:900]} The end."]])
    with (folder / "case_evidence.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(["K-100", "EV-5"])
    looked = [line for line in look(folder, "axon_evidence") if line.kind == "table"]
    done = came(folder)
    notes = CaseNote.objects.filter(case__reference="K-100").order_by("pk").values_list("text", flat=True)
    kept = "".join("".join(notes).split())
    assert all("".join(f"field_{n}: {n}{long[:1900]}".split()) in kept for n in range(4))
    assert len(Person.objects.get(name="Ann Elk").about) == 500
    # What is kept of a cell, and how it goes on.
    whole = said_of(done, "person") + "".join(line.said for line in done.lines if line.kind == "table")
    assert "".join(whole.split()) == "".join(long.split())
    assert [line for line in done.lines if line.kind == "table"] == looked
    assert said_of(done, "file").endswith("The end.")
    before = rows()
    assert came(folder).arrival is None and grown(before) == {}


def test_a_second_run_adds_nothing(world: World, folder: Path) -> None:
    came(folder)
    before = rows()
    again = came(folder)
    assert again.arrival is None and grown(before) == {}
    assert not {line.outcome for line in again.lines} & {"arrived"}


def test_what_people_undid_here_stays_undone(world: World, folder: Path) -> None:
    came(folder)
    costa, stop = world.actor("costa"), Case.objects.get(reference="K-100")
    crash = Case.objects.get(reference="K-101")
    withdraw_category(Categorisation.objects.get().pk, by=costa)
    cases.take_out(Item.objects.filter(case=stop).first().pk, "Wrong", by=costa)  # type: ignore[union-attr]
    cases.end_member(CaseMember.objects.get(member=world.members["haddad"]).pk, by=costa)
    cases.reopen_case(crash.pk, "New evidence", by=costa)
    before = rows()
    came(folder)
    assert grown(before) == {}
    crash.refresh_from_db()
    assert crash.status == "open"


def test_broken_off_it_goes_on(world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object) -> None:
        raise StoreFull("The store of recordings is full.")

    with monkeypatch.context() as patch, pytest.raises(StoreFull):
        patch.setattr(acts, "bring_cases", full)
        came(folder)
    begun = Arrival.objects.get()
    assert begun.status == "begun" and not ArrivedCase.objects.exists()
    done = came(folder)
    assert done.arrival == begun and Arrival.objects.get().status == "ended"
    assert ("arrived", "stop.mp4") in said(done, "recording") and ArrivedCase.objects.count() == 3
    assert Recording.objects.filter(status="sealed").count() == 2
    assert ("arrived", "stop_audit_trail.csv") in said(done, "trail")


def test_two_runs_begun_at_once_are_one_arrival(world: World, folder: Path) -> None:
    plan = vendor.read(folder, "axon_evidence")
    one, two = (Run(plan, folder, BY, lambda _line: None) for _again in range(2))
    assert one.opened() == two.opened() and Arrival.objects.count() == 1


def test_a_later_delivery_fills_the_case(world: World, folder: Path, tmp_path: Path) -> None:
    came(folder)
    later = tmp_path / "later"
    later.mkdir()
    (later / "gone.mp4").write_bytes(b"what the fourth camera saw")
    table(later / "evidence.csv", ["Evidence ID", "File Name"], [["EV-4", "gone.mp4"]])
    table(later / "case_evidence.csv", ["Case ID", "Evidence ID"], [["K-100", "EV-4"], ["K-100", "EV-1"]])
    done = came(later)
    assert said(done, "case") == {("here", "K-100")}
    assert said(done, "item") == {("arrived", "EV-4"), ("here", "EV-1")}
    assert ArrivedCase.objects.count() == 3


def with_files(folder: Path) -> None:
    """Two photographs and a report beside the recordings: one in two cases, one in none, one not as declared."""
    for name in ("door.jpg", "loose.jpg", "report.pdf"):
        (folder / name).write_bytes(name.encode())
    with (folder / "evidence.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for key, name, size in (
            ("EV-5", "door.jpg", ""),
            ("EV-6", "loose.jpg", ""),
            ("EV-7", "report.pdf", "3"),
        ):
            writer.writerow(
                [key, "26-00017", "The door", "Pat Former", "", STARTED.isoformat(), "", name, "", size]
            )
    with (folder / "case_evidence.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["K-100", "EV-5"], ["K-101", "EV-5"], ["K-100", "EV-7"]])


def test_photographs_and_documents_come_into_the_cases_that_hold_them(world: World, folder: Path) -> None:
    with_files(folder)
    looked = {(line.kind, line.outcome, line.name) for line in look(folder, "axon_evidence")}
    assert {("file", "arrived", "door.jpg"), ("recording", "arrived", "loose.jpg")} <= looked
    done = came(folder)
    assert said(done, "file") == {("arrived", "door.jpg")}
    items = Item.objects.exclude(file=None).order_by("case__reference")
    assert [(each.case.reference, each.file.name) for each in items if each.file] == [
        ("K-100", "door.jpg"),
        ("K-101", "door.jpg"),
    ]
    file = items[0].file
    assert file and (file.kind, file.made_at) == ("photograph", STARTED)
    assert "owner: Pat Former" in items[0].because, "what nobody here can claim stays the source's word"
    with blobs.store().open(file.sha256) as found:
        assert found.read() == b"door.jpg"
    assert Recording.objects.filter(external_id="EV-6", status="sealed").exists(), "in no case"
    assert reasons(done, "report.pdf"), "not as declared: named, and kept as what was refused"
    assert Recording.objects.get(external_id="EV-7").status == "refused"
    before = rows()
    again = came(folder)
    assert grown(before) == {} and said(again, "file") == {("here", "door.jpg")}
    assert list(check_blobs(blobs.store())) == []


def test_a_photograph_that_no_case_can_take_is_left_behind_by_nobody(world: World, folder: Path) -> None:
    """The case was closed meanwhile, or cannot be one: it comes in like what no case holds, and the report says why."""
    came(folder)
    stop = ArrivedCase.objects.get(external_id="k-100").case
    cases.close_case(stop.pk, "It is over.", by=world.actor("costa"))
    for name, key in (("late.jpg", "EV-8"), ("odd.jpg", "EV-9")):
        (folder / name).write_bytes(name.encode())
        with (folder / "evidence.csv").open("a", encoding="utf-8", newline="") as file:
            csv.writer(file).writerow([key, "", "Late", "", "", STARTED.isoformat(), "", name, "", ""])
    with (folder / "case_evidence.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["K-100", "EV-8"], ["K" * 300, "EV-9"]])
    done = came(folder)
    assert said(done, "file") == {("not", "late.jpg")} and reasons(done, "late.jpg")
    assert {("arrived", "late.jpg"), ("arrived", "odd.jpg")} <= said(done, "recording")
    assert Recording.objects.filter(external_id__in=("EV-8", "EV-9"), status="sealed").count() == 2
    before = rows()
    came(folder)
    assert grown(before) == {}


def test_a_look_writes_nothing(world: World, folder: Path) -> None:
    before = rows()
    seen = list(look(folder, "axon_evidence"))
    assert grown(before) == {} and list(blobs.store().digests()) == []
    looked = {(line.kind, line.outcome, line.name) for line in seen}
    done = {(line.kind, line.outcome, line.name) for line in came(folder).lines}
    # Only the acts know what of a case's own people and items comes.
    assert looked <= done
    assert {each for each in done if each[0] in {"recording", "trail", "row", "category", "case"}} <= looked


def test_who_looks_after_it_is_told(world: World, folder: Path) -> None:
    done = came(folder)
    assert done.arrival
    told = Notice.objects.filter(sentence__contains=done.arrival.number)
    assert set(told.values_list("member", flat=True)) == {world.id("costa"), world.id("nair")}


def test_a_report_that_was_changed_is_found(world: World, folder: Path) -> None:
    found = came(folder).arrival
    assert found and list(check_rows()) == []
    with change(KEPT, by=BY) as entry:
        found.report_sha256 = "0" * 64
        found.save(update_fields=["report_sha256"])
        entry.about(found)
    assert len(list(check_rows())) == 1


# Refusals


@pytest.mark.parametrize("name", ["evidence.csv", "cases.csv", "case_people.csv"])
def test_a_table_that_breaks_off(world: World, folder: Path, name: str) -> None:
    text = (folder / name).read_text(encoding="utf-8").rstrip()
    (folder / name).write_text(text[: text.rindex(",")].rpartition(",")[0], encoding="utf-8")
    before = rows()
    for tried in (came, lambda place: list(look(place, "axon_evidence"))):
        with pytest.raises(Invalid, match="breaks off"):
            tried(folder)
    assert grown(before) == {} and list(blobs.store().digests()) == []


def test_half_a_file_is_kept_and_named(world: World, folder: Path) -> None:
    done = came(folder)
    refused = Recording.objects.get(status="refused")
    assert refused.number.startswith("X-") and refused.size == 10
    assert any("size that the delivery declares" in why for why in reasons(done, "half.mp4"))


def test_a_folder_or_mapping_that_is_not_there(world: World, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    for place, mapping in ((tmp_path / "none", "axon_evidence"), (tmp_path / "link", "axon_evidence")):
        with pytest.raises(Invalid, match="no folder"):
            arrive(place, mapping, by=BY)
    for mapping in ("nobody", "../x", ""):
        with pytest.raises(Invalid, match="no mapping"):
            arrive(folder, mapping, by=BY)
    assert not Arrival.objects.exists()


def test_links_and_strange_tables_are_named(world: World, folder: Path) -> None:
    (folder / "outside.mp4").symlink_to("/etc/hostname")
    (folder / "odd.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    os.mkfifo(folder / "pipe.mp4")
    done = came(folder)
    assert {("not", "outside.mp4"), ("not", "pipe.mp4")} <= said(done, "recording")
    assert said(done, "table") == {("not", "odd.csv")}


def test_a_folder_with_nothing_has_one_report(world: World, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert came(tmp_path / "empty").arrival
    assert came(tmp_path / "empty").arrival is None


def test_names_of_every_kind(world: World, folder: Path) -> None:
    """Naughty strings as names of people, titles, owners and numbers of cases: kept safely, or refused by name."""
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))[::5]
    header = ["Case ID", "Case Title", "Owner", "Status", "Type"]
    table(
        folder / "cases.csv", header, [[f"N-{n}", text, text, text, text] for n, text in enumerate(strings)]
    )
    table(folder / "more_cases.csv", header, [[text, "By number", "", "", ""] for text in strings])
    table(folder / "case_people.csv", ["Case ID", "Name", "Role"], [["N-0", text, text] for text in strings])
    done = came(folder)
    outcomes = {line.name: line.outcome for line in done.lines if line.kind == "case"}
    assert all(f"N-{n}" in outcomes for n in range(len(strings)))
    before = rows()
    assert came(folder).arrival is None and grown(before) == {}


# Mappings


def test_another_vendor_is_another_file(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (vendor.COLUMNS / "axon_evidence.toml").read_text(encoding="utf-8")
    text = text.replace('case = ["case_id"', 'case = ["aktenzeichen", "case_id"').replace(
        '"open", "active"', '"offen"'
    )
    (tmp_path / "other.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(vendor, "COLUMNS", tmp_path)
    (tmp_path / "in").mkdir()
    table(tmp_path / "in" / "cases.csv", ["Aktenzeichen", "Title", "Status"], [["J 12/26", "Fall", "Offen"]])
    done = arrive(tmp_path / "in", "other", by=BY)
    assert done.arrival and done.arrival.mapping == "other"
    assert Case.objects.get(reference="J 12/26").title == "Fall" and not reasons(done, "J 12/26")


@pytest.mark.parametrize(
    ("old", "new"),
    [("[states]", "[states"), ('open = ["open"', 'ajar = ["open"'), ('evidence = "axon', 'evidence = "x')],
)
def test_a_mapping_that_cannot_be(old: str, new: str) -> None:
    text = (vendor.COLUMNS / "axon_evidence.toml").read_text(encoding="utf-8")
    with pytest.raises(Invalid):
        vendor.parsed("x", text.replace(old, new, 1))


def test_a_code_that_the_policy_does_not_have_maps_nothing(world: World) -> None:
    text = (vendor.COLUMNS / "axon_evidence.toml").read_text(encoding="utf-8")
    found = vendor.parsed("x", text.replace("use-of-force =", "no-such-code ="))
    assert codes_for("UOF", found) == ([], ["UOF"])


# The command


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Iterator[Any]:
    def run(*words: str) -> tuple[int, str]:
        code = 0
        try:
            call_command("arrive", *words)
        except SystemExit as stopped:
            code = 1 if not isinstance(stopped.code, int) else stopped.code
            return code, capsys.readouterr().out + (
                "" if isinstance(stopped.code, int) else str(stopped.code)
            )
        return code, capsys.readouterr().out

    yield run


def test_the_command(world: World, folder: Path, told: Any) -> None:
    code, text = told(str(folder), "--look")
    assert (
        code == 1
        and "Nothing was written." in text
        and "would arrive" in text
        and not Arrival.objects.exists()
    )
    code, text = told(str(folder))
    assert code == 1 and "The report is kept as A-" in text and "NOT  recording" in text
    code, text = told(str(folder))
    assert "Nothing was new" in text
    code, text = told(str(folder), "--columns", "nobody")
    assert code == 1 and "Known: axon_evidence" in text


def test_the_made_export_is_what_others_read(folder: Path) -> None:
    with (folder / "evidence.csv").open(encoding="utf-8", newline="") as file:
        assert [row["Evidence ID"] for row in csv.DictReader(file)] == ["EV-1", "EV-2", "EV-3", "EV-4"]
