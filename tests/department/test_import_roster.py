"""The act import_roster, its preview, and the pages that lead to it."""

import hashlib
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import Workbook
from openpyxl.utils.exceptions import IllegalCharacterError

from fairwitness.department import acts, doors
from fairwitness.department.models import Assignment, Camera, Completion, Member, Unit
from fairwitness.kernel import notices
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.kernel.roles import Role
from tests.conftest import shared
from tests.department.ledger import latest, sentence
from tests.world import BY, World

HEADER = "Badge,Given name,Family name,Title,Rank group,Unit,Reports to,Email,Joined on"


def _read(
    text: str, by: Actor, *, columns: dict[str, int] | None = None, preview: bool = False
) -> acts.Import:
    data = text.encode()
    header = text.splitlines()[0].split(",")
    chosen = columns or guess_columns(header, acts.allowed_columns(by))
    return (acts.preview_roster if preview else acts.import_roster)(data=data, columns=chosen, by=by)


def _kinds(result: acts.Import) -> list[tuple[int, str]]:
    return [(outcome.line, outcome.kind) for outcome in result.outcomes]


def _fault(result: acts.Import) -> str:
    (outcome,) = [outcome for outcome in result.outcomes if outcome.kind == "faulty"]
    return outcome.words[0]


def test_it_works(world: World) -> None:
    text = f"""{HEADER}
105,Rosa,Dahl,Officer,Patrol Officer,Harbor,106,rosa@police.example,2026-02-01
106,Ivo,Marek,Sgt.,Supervisor,Harbor,11,,"Mar 14, 2025"
102,Sam,Okoye,Officer,Patrol Officer,Patrol 1 (Day),21,okoye@police.example,{world.since}
101,Dana,Whitfield-Cho,Officer,Patrol Officer,P2,22,whitfield@police.example,{world.since}
"""
    result = _read(text, world.actor("chen"))
    assert _kinds(result) == [(2, "added"), (3, "added"), (4, "unchanged"), (5, "changed")]
    rosa, ivo = Member.objects.get(badge="105"), Member.objects.get(badge="106")
    assert [member.pk for member in doors.chain_above(rosa.pk)][:2] == [ivo.pk, world.id("okafor")]
    unit = doors.unit_on(rosa.pk, doors.today())
    assert (unit and unit.name, unit and unit.code) == ("Harbor", "HARBOR")
    assert doors.unit_on(world.id("whitfield"), doors.today()) == world.units["patrol_2"]
    assert ivo.joined_on and ivo.joined_on.isoformat() == "2025-03-14"
    event, subjects, facts = latest()
    assert event == "department.roster_imported"
    assert subjects == {
        *(("department.member", pk) for pk in (rosa.pk, ivo.pk, world.id("whitfield"))),
        ("department.unit", Unit.objects.get(name="Harbor").pk),
    }
    assert facts["sha256"] == f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    counts = {"added": 2, "changed": 1, "unchanged": 1, "faulty": 0, "units_added": 1, "cameras_added": 0}
    assert facts.items() >= counts.items()
    assert "Dahl" not in json.dumps(facts)
    assert sentence() == "Ivy Chen imported a roster: 2 members added, 1 changed, 0 rows left out"


def test_the_other_administrators_of_accounts_are_told_of_transfers_once(world: World) -> None:
    """CJIS AC-2, as for a posting by hand: not of who is new, nor of who changes their supervisor alone."""
    acts.grant_role(member_id=world.id("weber"), role=Role.ACCOUNT_ADMINISTRATOR, by=world.actor("chen"))
    text = f"""{HEADER}
101,Dana,Whitfield,Officer,Patrol Officer,P2,22,whitfield@police.example,{world.since}
102,Sam,Okoye,Officer,Patrol Officer,P2,22,okoye@police.example,{world.since}
103,Wei,Li,Officer,Patrol Officer,P1,22,,not a day
105,Rosa,Dahl,Officer,Patrol Officer,P2,22,,
"""
    _read(text, world.actor("chen"), preview=True)
    result = _read(text, world.actor("chen"))
    told = {key: [n.sentence for n in notices.unread(world.id(key))] for key in ("weber", "chen")}
    moved = [sentence for sentence in told["weber"] if "roster posted" in sentence]
    assert len(result.transfers) == len({each.member_id for each in result.transfers}) > 0
    assert moved == [
        f"A roster posted {len(result.transfers)} members to other units. See whether their roles still fit."
    ]
    assert not [sentence for sentence in told["chen"] if "roster" in sentence]


def test_one_import_is_one_entry_and_again_adds_nothing(world: World) -> None:
    text = f"{HEADER}\n105,Rosa,Dahl,Officer,Detective,Detectives,11,,\n"
    before = Entry.objects.count()
    _read(text, world.actor("chen"))
    assert Entry.objects.count() == before + 1
    with pytest.raises(Invalid, match="Nothing in this file differs"):
        _read(text, world.actor("chen"))
    assert Entry.objects.count() == before + 1


def test_a_preview_writes_nothing_and_says_the_same(world: World) -> None:
    text = f"{HEADER}\n105,Rosa,Dahl,Officer,Detective,Harbor,11,,\n101,Dana,Cho,Officer,Patrol Officer,P1,21,,\n"
    before = Entry.objects.count(), Member.objects.count(), Unit.objects.count()
    seen = _read(text, world.actor("chen"), preview=True)
    assert (Entry.objects.count(), Member.objects.count(), Unit.objects.count()) == before
    assert Member.objects.get(badge="101").family_name == "Whitfield"
    assert seen.outcomes[1].words == (
        *("Family name: Whitfield → Cho", "Email: whitfield@police.example → –"),
    )
    assert _read(text, world.actor("chen")).digest == seen.digest


def test_what_changed_since_the_preview_is_refused(world: World) -> None:
    text, by = f"{HEADER}\n105,Rosa,Dahl,Officer,Detective,P1,21,,\n", world.actor("chen")
    columns = guess_columns(HEADER.split(","), acts.COLUMNS)
    seen = acts.preview_roster(data=text.encode(), columns=columns, by=by)
    acts.add_member(badge="105", given_name="Another", family_name="Dahl", rank="detective", by=by)
    with pytest.raises(WrongState, match="since the preview"):
        acts.import_roster(data=text.encode(), columns=columns, agreed=seen.digest, by=by)
    assert Member.objects.get(badge="105").given_name == "Another"


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",Rosa,Dahl,,Detective,P1,21,,", "badge"),
        ("105,,Dahl,,Detective,P1,21,,", "given name"),
        ("105,Rosa,Dahl,,Emperor,P1,21,,", "“Emperor” is no rank group; known are Command Staff"),
        ("105,Rosa,Dahl,,Detective,P1,999,,", "Nobody has the badge “999”"),
        ("105,Rosa,Dahl,,Detective,P1,105,,", "circle"),
        ("105,Rosa,Dahl,,Detective,P1,21,nobody,", "email"),
        ("105,Rosa,Dahl,,Detective,P1,21,,31.31.2026", "is no day"),
        (f"105,{'x' * 81},Dahl,,Detective,P1,21,,", "at most 80"),
        ("105,Ro\x00sa,Dahl,,Detective,P1,21,,", "U+0000"),
        (f"{'1' * 21},Rosa,Dahl,,Detective,P1,21,,", "at most 20"),
        (f"105,Rosa,Dahl,,Detective,{'u' * 121},21,,", "at most 120"),
        ("21,Maria,Ruiz,Sgt.,Supervisor,P1,102,,", "circle"),
    ],
)
def test_a_faulty_row_is_named_and_left_out_whole(world: World, row: str, says: str) -> None:
    units = Unit.objects.count()
    result = _read(f"{HEADER}\n{row}\n106,Ivo,Marek,,Detective,P1,21,,\n", world.actor("chen"))
    assert _kinds(result) == [(2, "faulty"), (3, "added")]
    assert says in _fault(result)
    assert Unit.objects.count() == units
    assert not Member.objects.filter(badge="105").exists()
    assert latest()[2]["faulty"] == 1


def test_a_badge_twice_is_faulty_the_second_time(world: World) -> None:
    result = _read(f"{HEADER}\n105,A,B,,Detective,,,,\n105,C,D,,Detective,,,,\n", world.actor("chen"))
    assert _kinds(result) == [(2, "added"), (3, "faulty")]
    assert "line 2 already" in _fault(result)


def test_a_circle_within_the_file_is_faulty(world: World) -> None:
    text = f"{HEADER}\n105,A,B,,Detective,P1,106,,\n106,C,D,,Detective,P1,105,,\n"
    result = _read(text, world.actor("chen"), preview=True)
    assert "faulty" in {kind for _line, kind in _kinds(result)}
    assert result.members == []


def test_two_who_change_places_are_no_circle(world: World) -> None:
    """Okoye comes above Ruiz, under whom he was."""
    text = f"""{HEADER}
21,Maria,Ruiz,Sgt.,Supervisor,P1,102,ruiz@police.example,
102,Sam,Okoye,Lt.,Supervisor,P1,11,okoye@police.example,
"""
    assert _kinds(_read(text, world.actor("chen"))) == [(2, "changed"), (3, "changed")]
    assert doors.chain_above(world.id("ruiz"))[0].pk == world.id("okoye")


def test_one_who_left_is_faulty(world: World) -> None:
    acts.leave(member_id=world.id("li"), by=BY)
    result = _read(f"{HEADER}\n103,Wei,Li,,Detective,P1,21,,\n", world.actor("chen"), preview=True)
    assert _fault(result) == "Officer Wei Li has left."


MORE = "Badge,Given name,Family name,Rank group,Trained on,Camera serial,Camera model,Roles"


def test_training_camera_and_roles(world: World) -> None:
    text = f"""{MORE}
105,Rosa,Dahl,Detective,2026-02-01,AX-0900,,
106,Ivo,Marek,Detective,2026-02-01,AX-1000,Axon Body 4,Officer; supervisor
107,Jon,Vane,Detective,,AX-1001,Axon Body 4,
108,May,Orr,Detective,2026-02-01,AX-0021,,
109,Kit,Roe,Detective,2026-02-01,AX-1002,,
110,Lee,Ash,Detective,,,,emperor
21,Maria,Ruiz,Supervisor,{world.since},ax-0021,,Supervisor
"""
    result = _read(text, BY)
    assert _kinds(result) == [
        *(
            (2, "added"),
            (3, "added"),
            (4, "faulty"),
            (5, "faulty"),
            (6, "faulty"),
            (7, "faulty"),
            (8, "unchanged"),
        )
    ]
    faults = [outcome.words[0] for outcome in result.outcomes if outcome.kind == "faulty"]
    for fault, says in zip(faults, ("not completed", "has this camera", "model", "no role"), strict=True):
        assert says in fault
    ivo = Member.objects.get(badge="106")
    assert doors.roles_today(ivo.pk) == {Role.OFFICER, Role.SUPERVISOR}
    assert Completion.objects.filter(member=ivo, course=world.course).count() == 1
    assert Assignment.objects.get(camera=world.spare()).member.badge == "105"
    assert not Camera.objects.filter(serial__in=["AX-1001", "AX-1002"]).exists()
    assert latest()[2]["cameras_added"] == 1


@pytest.mark.parametrize(
    ("who", "key"), [("costa", "roles"), ("chen", "camera_serial"), ("chen", "trained_on")]
)
def test_a_column_asks_for_the_act_that_would_do_the_same(world: World, who: str, key: str) -> None:
    by = world.actor(who)
    assert key not in acts.allowed_columns(by)
    columns = {"badge": 0, "given_name": 1, "family_name": 2, "rank": 3, key: 4}
    with pytest.raises(Forbidden):
        acts.import_roster(data=b"a,b,c,d,e\n105,A,B,Detective,x\n", columns=columns, by=by)


def test_ones_own_roles_are_faulty(world: World) -> None:
    text = "Badge,Given name,Family name,Rank group,Roles\nP331,Ivy,Chen,Professional staff,Chief\n"
    assert "of their own" in _fault(_read(text, world.actor("chen"), preview=True))
    assert Role.CHIEF not in doors.roles_today(world.id("chen"))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"badge": 0, "given_name": 1, "family_name": 2}, "Rank group"),
        ({"badge": 0, "given_name": 1, "family_name": 2, "rank": 9}, "no such column"),
        ({"badge": 0, "given_name": 1, "family_name": 2, "rank": -1}, "no such column"),
        ({"badge": 0, "given_name": 1, "family_name": 2, "rank": 3, "password": 0}, "no such column"),
    ],
)
def test_columns_that_cannot_be_are_refused(world: World, columns: dict[str, int], says: str) -> None:
    with pytest.raises(Invalid, match=says):
        _read(f"{HEADER}\n105,A,B,,Detective,,,,\n", world.actor("chen"), columns=columns)


def test_headers_are_guessed() -> None:
    header = ["Last Name", "first_name", "BADGE NUMBER", "Supervisor", "Rank", "E-mail", "Shoe size"]
    guessed = guess_columns(header, acts.COLUMNS)
    assert guessed == {
        "badge": 2,
        "given_name": 1,
        "family_name": 0,
        "rank": 4,
        "reports_to": 3,
        "email": 5,
    }


def test_naughty_names_round_trip_or_are_named_as_faulty(world: World) -> None:
    names = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
    book, file = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Badge", "Given name", "Family name", "Rank group"])
    sent = {}
    for number, name in enumerate(names):
        try:
            sheet.append([f"N{number}", name, "Naughty", "Detective"])
        except IllegalCharacterError:  # openpyxl itself writes no controls
            continue
        cell = sheet.cell(row=sheet.max_row, column=2)
        cell.data_type = "s" if name else "n"
        sent[f"N{number}"] = name.strip()
    book.save(file)
    columns = {"badge": 0, "given_name": 1, "family_name": 2, "rank": 3}
    result = acts.import_roster(data=file.getvalue(), columns=columns, by=world.actor("chen"))
    kept = dict(Member.objects.filter(badge__startswith="N").values_list("badge", "given_name"))
    assert len(kept) > 400
    assert {badge: sent[badge] for badge in kept} == kept
    assert all(outcome.words for outcome in result.outcomes)


class TestPages:
    """From the file to the people, as a person walks it."""

    TEXT = f"{HEADER}\n105,Rosa,Dahl,Officer,Detective,Harbor,11,,\n,X,Y,,Detective,,,,\n"

    def _hand_in(self, browser: Client, data: bytes) -> str:
        answer = browser.post(reverse("roster"), {"file": SimpleUploadedFile("roster.csv", data)})
        assert answer.status_code == 302
        return answer["Location"]

    def _staged(self) -> list[Path]:
        folder = settings.FAIRWITNESS_HOME / "staging" / "rosters"
        return [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []

    def _chosen(self, browser: Client, address: str) -> dict[str, object]:
        form = browser.get(address).context["form"]
        return {name: form[name].value() if form[name].value() is not None else "" for name in form.fields}

    def test_it_works(self, world: World) -> None:
        browser = world.sign_in("chen")
        address = self._hand_in(browser, self.TEXT.encode())
        assert [path.stat().st_mode & 0o777 for path in self._staged()] == [0o600]
        chosen = self._chosen(browser, address)
        assert (chosen["badge"], chosen["reports_to"]) == (0, 6)
        preview = browser.post(address, chosen)
        shown = preview.content.decode()
        for words in (
            "Rosa Dahl",
            "New units:",
            "Harbor",
            "Faulty: left out",
            "badge: This field cannot be blank.",
        ):
            assert words in shown
        assert not Member.objects.filter(badge="105").exists()
        confirm = address.replace("columns", "import")
        done = browser.post(confirm, {**chosen, "agreed": preview.context["agreed"]}, follow=True)
        assert "1 members were added, 0 changed; 1 rows were left out." in done.content.decode()
        assert Member.objects.get(badge="105").family_name == "Dahl"
        assert self._staged() == [], "the file was not kept"
        assert browser.post(confirm, chosen).status_code == 410

    def test_the_columns_are_remembered(self, world: World) -> None:
        browser = world.sign_in("chen")
        odd = b"a,b,c,d\n105,Dahl,Rosa,Detective\n"
        columns = {"badge": 0, "family_name": 1, "given_name": 2, "rank": 3}
        acts.import_roster(data=odd, columns=columns, by=world.actor("chen"))
        chosen = self._chosen(browser, self._hand_in(browser, odd.replace(b"105", b"106")))
        assert {key: chosen[key] for key in columns} == columns

    def test_a_changed_preview_is_refused(self, world: World) -> None:
        browser = world.sign_in("chen")
        address = self._hand_in(browser, self.TEXT.encode())
        confirm = address.replace("columns", "import")
        answer = browser.post(confirm, {**self._chosen(browser, address), "agreed": "something else"})
        assert answer.status_code == 409
        assert not Member.objects.filter(badge="105").exists()

    def test_a_file_of_somebody_else_is_not_there(self, world: World) -> None:
        address = self._hand_in(world.sign_in("chen"), self.TEXT.encode())
        assert world.sign_in("costa").get(address).status_code == 410

    @pytest.mark.parametrize("data", [b"", b"\x00", b"\xff\xfea", b"PK\x03\x04broken", b'"open'])
    def test_a_file_that_cannot_be_read_is_refused_beside_the_field(self, world: World, data: bytes) -> None:
        before = len(self._staged())
        answer = world.sign_in("chen").post(reverse("roster"), {"file": SimpleUploadedFile("r.csv", data)})
        assert (answer.status_code, len(self._staged())) in ((422, before), (302, before + 1))
        if data != b"\x00":
            assert "usa-error-message" in answer.content.decode()

    def test_missing_columns_are_said(self, world: World) -> None:
        browser = world.sign_in("chen")
        address = self._hand_in(browser, b"a,b\n1,2\n")
        answer = browser.post(address, {"badge": "0", "since": doors.today()})
        assert answer.status_code == 422

    def test_the_done_page_reads_the_ledger(self, world: World) -> None:
        result = _read(f"{HEADER}\n105,A,B,,Detective,,,,\n", world.actor("chen"))
        assert result.entry_id is not None
        assert EntryPrivate.objects.get(entry_id=result.entry_id).facts["added"] == 1
        address = reverse("roster-done", args=[result.entry_id])
        assert world.sign_in("costa").get(address).status_code == 200
        assert world.sign_in("ruiz").get(address).status_code == 403
        other = Entry.objects.exclude(event="department.roster_imported").first()
        assert other is not None
        assert world.sign_in("costa").get(reverse("roster-done", args=[other.id])).status_code == 404
