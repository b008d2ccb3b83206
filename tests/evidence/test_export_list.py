"""Taking a list out: what the asker may find and no more, safe in a spreadsheet, bound by the entry."""

import csv
import hashlib
import io

import pytest

from fairwitness.evidence.acts.export import HEADER, export_list
from fairwitness.evidence.doors import Filters
from fairwitness.kernel import clock
from fairwitness.kernel.refusals import Forbidden
from tests.department.ledger import latest
from tests.evidence.made import days_ago, grown, rows, sealed
from tests.world import World


def exported(world: World, key: str, **filters: object) -> tuple[bytes, list[dict[str, str]]]:
    file = io.BytesIO()
    count = export_list(Filters(**filters), file, by=world.actor(key))  # type: ignore[arg-type]
    read = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    assert count == len(read)
    return file.getvalue(), read


def test_it_works(world: World) -> None:
    recording = sealed(device="AX-0101", incident="26-00017")
    data, read = exported(world, "costa")
    assert tuple(read[0]) == HEADER
    assert read[0]["number"] == recording.number
    assert read[0]["started"] == clock.rfc3339(days_ago(10))
    assert (read[0]["officer"], read[0]["badge"], read[0]["unit"]) == (
        "Officer Dana Whitfield",
        "101",
        "Patrol 1 (Day)",
    )
    event, subjects, facts = latest()
    assert (event, subjects) == ("evidence.list_exported", {("department.member", world.id("costa"))})
    assert facts == {"count": 1, "sha256": f"sha256:{hashlib.sha256(data).hexdigest()}"}


@pytest.mark.parametrize("word", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0"])
def test_no_cell_becomes_a_formula(world: World, word: str) -> None:
    sealed(incident=word, label=word, title=word, external_id=word, source_name=word)
    for row in exported(world, "costa")[1]:
        for cell in row.values():
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_only_what_the_asker_may_find(world: World) -> None:
    own, other = sealed(b"1", device="AX-0101"), sealed(b"2", device="AX-0111")
    found = {
        key: {row["number"] for row in exported(world, key)[1]}
        for key in ("whitfield", "ruiz", "brandt", "weber")
    }
    assert found == {
        "whitfield": {own.number},
        "ruiz": {own.number},
        "brandt": {other.number},
        "weber": {own.number, other.number},
    }


def test_filters_and_sorting_hold(world: World) -> None:
    for n in range(5):
        sealed(b"%d" % n, started=days_ago(n + 1), incident="26-1" if n % 2 else "26-2")
    read = exported(world, "costa", incident="26-2", sort="started")[1]
    assert [row["started"] for row in read] == [clock.rfc3339(days_ago(n)) for n in (5, 3, 1)]


@pytest.mark.parametrize("key", ["chen", "adeyemi"])
def test_who_may_not_is_refused(world: World, key: str) -> None:
    before = rows()
    with pytest.raises(Forbidden):
        exported(world, key)
    assert grown(before) == {}


def test_an_empty_list_is_a_header(world: World) -> None:
    data, read = exported(world, "whitfield")
    assert read == []
    assert data.decode() == ",".join(HEADER) + "\r\n"
