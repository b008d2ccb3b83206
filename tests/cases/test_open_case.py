"""Opening, correcting, closing and opening again."""

import io

import pytest
from django.urls import reverse

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case, CaseMember
from fairwitness.kernel import actors, history, notices
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound
from tests.cases.made import facts_of, opened, text_of
from tests.evidence.made import grown, rows
from tests.world import World

pytestmark = pytest.mark.django_db


def test_it_works(world: World) -> None:
    case = opened(world)
    assert case.number.startswith("C-") and case.status == Case.Status.OPEN
    (row,) = doors.members_of(case)
    assert (row.member_id, row.role) == (world.id("lindqvist"), CaseMember.Role.LEAD)
    assert {line.sentence for line in history.of("cases.case", case.pk)} == {
        f"Ana Costa opened the case {case.number} about a crime",
        f"Ana Costa named Det. Grace Lindqvist in the case {case.number} as one who leads it",
    }
    facts = facts_of("cases.opened")
    assert set(facts) == {"case_id", "case_kind", "number", "title_sha256", "reference_sha256"}
    assert not {"Stop on Elm St", "DA-77"} & set(map(str, facts.values()))
    assert "named in the case" in notices.of(world.id("lindqvist"))[0].sentence


def test_an_officer_leads_what_they_open(world: World) -> None:
    case = opened(world, by="lindqvist", lead="")
    assert [(row.member_id, row.role) for row in doors.members_of(case)] == [(world.id("lindqvist"), "lead")]


def test_who_opens_for_another_works_on_it_unless_they_see_all(world: World) -> None:
    case = opened(world, by="okafor")
    assert {(row.member_id, row.role) for row in doors.members_of(case)} == {
        (world.id("lindqvist"), "lead"),
        (world.id("okafor"), "member"),
    }
    assert len(doors.members_of(opened(world, by="costa"))) == 1


@pytest.mark.parametrize("key", ["weber", "hale", "park", "sato", "novak", "adeyemi", "chen"])
def test_who_may_not(world: World, key: str) -> None:
    before = rows()
    with pytest.raises(Forbidden):
        opened(world, by=key)
    assert grown(before) == {}


def test_nor_the_public(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.open_case(title="X", kind="crime", by=actors.PUBLIC)


@pytest.mark.parametrize(
    "said",
    [
        {"title": ""},
        {"title": " \x00 "},
        {"title": "x" * 201},
        {"title": "\ud800"},
        {"kind": "murder"},
        {"reference": "x" * 81},
    ],
    ids=str,
)
def test_what_cannot_be_used(world: World, said: dict[str, str]) -> None:
    before = rows()
    with pytest.raises(Invalid):
        opened(world, **said)
    assert grown(before) == {}


@pytest.mark.parametrize("lead", ["novak", "sato", "chen", "adeyemi"])
def test_a_lead_who_cannot_be_named(world: World, lead: str) -> None:
    before = rows()
    with pytest.raises(Invalid):
        opened(world, lead=lead)
    assert grown(before) == {}


def test_it_is_corrected_by_who_leads_it(world: World, case: Case) -> None:
    acts.change_case(case.pk, title="Stop on Third St", kind="other", by=world.actor("lindqvist"))
    case.refresh_from_db()
    assert (case.title, case.kind, case.reference) == ("Stop on Third St", "other", "")
    with pytest.raises(NotFound):
        acts.change_case(case.pk, title="Mine", kind="other", by=world.actor("li"))


def test_it_is_closed_with_a_reason_and_opened_again(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    with pytest.raises(Invalid):
        acts.close_case(case.pk, " ", by=lead)
    closed = acts.close_case(case.pk, "Pleaded guilty", by=lead)
    assert closed.status == "closed" and closed.closed_at and closed.closed_because == "Pleaded guilty"
    again = acts.reopen_case(case.pk, "An appeal", by=lead)
    assert (again.status, again.closed_at, again.closed_because) == ("open", None, "")
    acts.close_case(case.pk, "Dismissed", by=lead)
    acts.reopen_case(case.pk, "New evidence", by=world.actor("costa"))
    assert [(each.because, each.reopened_because) for each in doors.closings_of(case)] == [
        ("Dismissed", "New evidence"),
        ("Pleaded guilty", "An appeal"),
    ]
    page = world.sign_in("lindqvist").get(reverse("case", args=[case.pk])).content.decode()
    for words in ("Pleaded guilty", "An appeal", "Dismissed", "New evidence"):
        assert words in page


def test_the_list_comes_as_csv_narrowed(world: World, case: Case) -> None:
    other = opened(world, lead="haddad", title="=cmd()")
    mine, all_of_them = io.BytesIO(), io.BytesIO()
    assert acts.export_cases(doors.Sought(), mine, by=world.actor("lindqvist")) == 1
    assert case.number in text_of(mine) and other.number not in text_of(mine)
    assert acts.export_cases(doors.Sought(), all_of_them, by=world.actor("sato")) == 2
    assert "'=cmd()" in text_of(all_of_them)
    assert facts_of("cases.list_exported")["count"] == 2
    with pytest.raises(Forbidden):
        acts.export_cases(doors.Sought(), io.BytesIO(), by=world.actor("novak"))


@pytest.mark.parametrize(
    ("sought", "found"),
    [
        ({"text": "elm"}, True),
        ({"text": "da-77"}, True),
        ({"text": "elm nowhere"}, False),
        ({"text": "\x00"}, True),
        ({"kind": "crime"}, True),
        ({"kind": "death"}, False),
        ({"status": "closed"}, False),
        ({"mine": True}, True),
    ],
    ids=str,
)
def test_it_is_found(world: World, case: Case, sought: dict[str, object], found: bool) -> None:
    rows_found = doors.list_cases(world.actor("lindqvist"), doors.Sought(**sought))  # type: ignore[arg-type]
    assert rows_found.exists() == found
