"""Taking the list of preservation requests out: for those who see it, safe in a spreadsheet, bound by the entry."""

import csv
import hashlib
import io

import pytest
from django.urls import reverse

from fairwitness.evidence.acts.preservation import HEADER, export_preservation
from fairwitness.evidence.doors.preservation import Sought
from fairwitness.kernel.refusals import Forbidden
from tests.department.ledger import latest
from tests.evidence.holding import asked
from tests.world import CAST, World

SEES = {"costa", "nair", "weber", "hale", "park", "sato"}


def exported(world: World, key: str, sought: Sought | None = None) -> tuple[bytes, list[dict[str, str]]]:
    file = io.BytesIO()
    count = export_preservation(sought or Sought(), file, by=world.actor(key))
    read = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert count == len(read)
    return file.getvalue(), read


def test_it_works(world: World) -> None:
    request = asked(words="They took my phone", name="Ann Elk", contact="555-0100")
    data, read = exported(world, "weber")
    assert tuple(read[0]) == HEADER
    row = read[0]
    assert (row["number"], row["state"], row["incident"]) == (request.number, "received", "26-001")
    assert (row["words"], row["name"], row["contact"]) == ("They took my phone", "Ann Elk", "555-0100")
    event, subjects, facts = latest()
    assert (event, subjects) == ("evidence.preservation_exported", {("department.member", world.id("weber"))})
    assert facts == {"count": 1, "sha256": f"sha256:{hashlib.sha256(data).hexdigest()}"}


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0"])
def test_no_cell_becomes_a_formula(world: World, word: str) -> None:
    asked(incident_number=word, words=word, name=word, contact=word)
    for row in exported(world, "weber")[1]:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_filters_hold(world: World) -> None:
    asked(name="Ann Elk")
    asked(incident_number="26-002", name="Bo Deer")
    assert [row["name"] for row in exported(world, "weber", Sought(text="Elk"))[1]] == ["Ann Elk"]
    browser = world.sign_in("weber")
    answer = browser.post(reverse("preservation-csv") + "?status=confirmed")
    assert b"".join(answer.streaming_content).decode().splitlines() == [",".join(HEADER)]  # type: ignore[attr-defined]
    assert reverse("preservation-csv") in browser.get(reverse("preservation")).content.decode()


@pytest.mark.parametrize("part", CAST, ids=lambda part: part.key)
def test_for_every_role(world: World, part: object) -> None:
    key = part.key  # type: ignore[attr-defined]
    asked()
    answer = world.sign_in(key).post(reverse("preservation-csv"))
    assert answer.status_code == (200 if key in SEES else 403)
    if key not in SEES:
        with pytest.raises(Forbidden):
            exported(world, key)
