"""The act import_dispatch and its preview."""

import datetime as dt
import gzip
import io
import json
import time

import pytest
from django.db.models import F
from openpyxl import Workbook

from fairwitness.incidents import acts, doors
from fairwitness.incidents.models import Event, Import, Incident, Mapping, Response
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from tests.conftest import shared
from tests.department.ledger import latest, sentence
from tests.incidents import made
from tests.incidents.made import current, dispatch, fault, incident, kinds, local
from tests.world import BY, World

ROW = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,13:07:30,13:12:00,13:40:00,"


def test_it_works(world: World) -> None:
    made.shifts("101,4A12,2026-03-04,07:00,19:00\n102,4a14,2026-03-04,07:00,19:00\n")
    second = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A14,13:06:10,,,13:41:00,"
    text = f"{ROW}\n{second}\n26-002,3/4/2026,23:58,Alarm,,ZZ9,23:59,0:03,0:10,1:15,\n"
    result = dispatch(text, world.actor("costa"))
    assert kinds(result) == [(2, "added"), (3, "added"), (4, "added")]
    found = incident()
    assert (found.kind, found.place, found.opened) == ("Noise", "1 Main St", local("2026-03-04T13:05"))
    assert found.closed == local("2026-03-04T13:41")
    assert doors.on_scene(found.pk) == [
        (world.id("okoye"), "4A14", local("2026-03-04T13:06:10"), local("2026-03-04T13:41")),
        (world.id("whitfield"), "4A12", local("2026-03-04T13:12"), local("2026-03-04T13:40")),
    ]
    assert doors.members_on_scene(found.pk) == {world.id("whitfield"), world.id("okoye")}
    (unknown,) = current("26-002").responses.all()
    assert (unknown.call_sign, unknown.member, unknown.how) == ("ZZ9", None, "")
    assert unknown.cleared == local("2026-03-05T01:15"), "over midnight"
    event, subjects, facts = latest()
    assert event == "incidents.dispatch_imported"
    assert subjects >= {("incidents.incident", found.pk)}
    assert {name: facts[name] for name in ("added", "faulty", "rows")} == {"added": 2, "faulty": 0, "rows": 3}
    assert "Main St" not in json.dumps(facts) and "26-001" not in json.dumps(facts)
    assert sentence() == (
        "Ana Costa imported a dispatch export "
        "(events added: 2, changed: 0, moved: 0, cancelled: 0; rows left out: 0)"
    )


def test_again_changes_nothing(world: World) -> None:
    dispatch(ROW)
    before = Entry.objects.count()
    with pytest.raises(Invalid, match="Nothing in this file differs"):
        dispatch(ROW)
    assert kinds(dispatch(ROW, preview=True)) == [(2, "unchanged")]
    assert Entry.objects.count() == before


def test_repeats_within_a_file_and_padding_change_nothing(world: World) -> None:
    result = dispatch(f"{ROW}\n{ROW}\n{ROW.replace(',', ' , ')}\n")
    assert kinds(result) == [(2, "added"), (3, "unchanged"), (4, "unchanged")]
    assert result.outcomes[1].words == ("Repeats line 2",)
    assert Response.objects.count() == 1


def test_one_row_with_many_units(world: World) -> None:
    text = """incident,date,unit_dispatch_times,unit_enroute_times,unit_arrive_times,unit_clear_times
10000031,1/1/10 12:00 AM,"M5=06:51:33, W1=06:51:33, W1=06:51:33","W1=07:03:23",NULL,"M5=07:10:13, W1=08:18:21"
10000032,1/1/10 12:00 AM,"A=23:40:00, B=00:05:00, A=01:30:00","A=23:41, B=00:04:30","B=00:20:00","A=0:10, B=2:00, A=2:10"
10000033,1/1/10 12:00 AM,NULL,N/A, - ,NULL
"""
    result = dispatch(text, layout="per_event")
    assert [outcome.kind for outcome in result.outcomes] == ["added"] * 3
    rows = current("10000031").responses.order_by("call_sign").values_list("call_sign", "en_route", "cleared")
    assert list(rows) == [
        ("M5", None, local("2010-01-01T07:10:13")),
        ("W1", local("2010-01-01T07:03:23"), local("2010-01-01T08:18:21")),
    ]
    night = current("10000032").responses.order_by("at").values_list("call_sign", "dispatched", "cleared")
    assert list(night) == [
        ("A", local("2010-01-01T23:40"), local("2010-01-02T00:10")),
        ("B", local("2010-01-02T00:05"), local("2010-01-02T02:00")),
        ("A", local("2010-01-02T01:30"), local("2010-01-02T02:10")),
    ]
    assert current("10000033").responses.count() == 0
    assert current("10000033").began == local("2010-01-01T00:00")


def test_the_real_export_in_seconds(world: World) -> None:
    data = gzip.decompress(shared("data/cad/rvfd_calls_part1.csv.gz").read_bytes())
    how = made.reading(data, layout="per_event")
    begun = time.monotonic()
    result = acts.import_dispatch(data=data, reading=how, by=BY)
    took = time.monotonic() - begun
    assert [(o.line, o.words) for o in result.outcomes if o.kind == "faulty"] == []
    assert len(result.outcomes) == 4000
    assert (result.count("added"), Incident.objects.count()) == (3993, 3993)
    assert took < 30, f"{took:.1f} s"
    whole = Response.objects.filter(cleared__isnull=False, dispatched__isnull=False)
    longest = whole.filter(cleared__gt=F("dispatched") + dt.timedelta(hours=20))
    assert not longest.exists()
    assert acts.preview_dispatch(data=data, reading=how, by=BY).doing == 0


def test_a_workbook(world: World) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    sheet.append(["Incident", "Date", "Unit", "Dispatched", "Cleared"])
    day = dt.datetime(2026, 3, 4, 23, 50)  # noqa: DTZ001 - a workbook knows no zone
    sheet.append([2600017, day, "4A12", dt.time(23, 55), dt.time(0, 20)])
    book.save(out)
    result = acts.import_dispatch(data=out.getvalue(), reading=made.reading(out.getvalue()), by=BY)
    assert kinds(result) == [(2, "added")]
    assert current("2600017").ended == local("2026-03-05T00:20")


# A later import


def test_a_moved_event_shows_both_versions_and_has_an_entry_of_its_own(world: World) -> None:
    dispatch(ROW)
    first = current()
    result = dispatch(ROW.replace("13:05:00", "14:05:00").replace("13:", "14:"), world.actor("costa"))
    assert kinds(result) == [(2, "moved")]
    first.refresh_from_db()
    now = current()
    assert (first.replaced_by, now.version, now.cause) == (now, 2, "moved")
    assert (first.began, now.began) == (local("2026-03-04T13:05"), local("2026-03-04T14:05"))
    assert incident().opened == local("2026-03-04T14:05")
    assert first.responses.get().arrived == local("2026-03-04T13:12")
    assert [scene.begin for scene in doors.on_scene(now.incident_id)] == [local("2026-03-04T14:12")]
    moved = Entry.objects.get(event="incidents.event_moved")
    facts = EntryPrivate.objects.get(entry_id=moved.pk).facts
    assert (facts["event_id"], facts["earlier_event_id"]) == (str(now.pk), str(first.pk))
    assert (
        moved.caused_by
        == Entry.objects.get(event="incidents.dispatch_imported", actor__startswith="member").pk
    )
    assert now.written_by == moved.pk


def test_an_event_that_moves_to_another_incident(world: World) -> None:
    header = "incident,event number,date,time,unit,dispatched\n"
    dispatch(f"{header}26-001,E1,3/4/2026,13:05,4A12,13:06\n")
    dispatch(f"{header}26-009,E1,3/4/2026,13:05,4A12,13:06\n")
    assert current("E1").incident == incident("26-009")
    assert doors.on_scene(incident("26-001").pk) == []
    assert [each.version for each in doors.events_of(incident("26-001"))] == [1]


def test_a_cancelled_event_and_one_that_is_not_after_all(world: World) -> None:
    dispatch(ROW)
    assert kinds(dispatch(f"{ROW}CANC - DUPLICATE")) == [(2, "cancelled")]
    assert current().cancelled and doors.on_scene(incident().pk) == []
    assert Entry.objects.filter(event="incidents.event_cancelled").count() == 1
    assert kinds(dispatch(ROW)) == [(2, "moved")]
    assert [each.version for each in doors.events_of(incident())] == [1, 2, 3]


def test_what_became_known_later_is_a_new_version_too(world: World) -> None:
    dispatch(ROW.replace("13:40:00", ""))
    result = dispatch(ROW)
    assert kinds(result) == [(2, "changed")]
    assert result.outcomes[0].words == ("Ended: – → Mar 4, 2026, 13:40:00", "Times of units")
    assert Event.objects.count() == 2 and incident().closed == local("2026-03-04T13:40")


def test_an_import_changes_back_nothing_that_was_corrected_by_hand(world: World) -> None:
    dispatch(ROW)
    found = incident()
    acts.change_incident(
        found.pk, kind="Party", place="1 Main St", opened=found.opened, closed=found.closed, by=BY
    )
    dispatch(ROW.replace("Noise", "Loud noise").replace("1 Main St", "2 Main St"))
    assert (incident().kind, incident().place) == ("Party", "2 Main St")


# Faults


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (",3/4/2026,13:05,,,,,,,,", "number of the incident is missing"),
        ("26-001,,13:05,,,,,,,,", "day is missing"),
        ("26-001,13/4/2026,13:05,,,,,,,,", "“13/4/2026” is no time"),
        ("26-001,soon,13:05,,,,,,,,", "“soon” is no time"),
        ("26-001,3/8/2026,02:30,,,,,,,,", "“02:30” never was: the clocks went forward"),
        ("26-001,3/4/2026,13:05,,,4A12,25:00,,,,", "“25:00” is no time"),
        (f"{'1' * 41},3/4/2026,13:05,,,,,,,,", "at most 40"),
        (f"26-001,3/4/2026,13:05,{'k' * 121},,,,,,,", "at most 120"),
        ("26-0\x0001,3/4/2026,13:05,,,,,,,,", "U+0000"),
        ("26-001,3/4/2026,13:05,,,4A12,13:06,,,13:40,,one,more", "more cells than the header"),
        ("26-001,3/4/2026,13:05,,,4A12,3/2/2026 13:06,,,,", "long before"),
        ("26-001,3/4/2026,13:05,,,,=13:06,,,,", "names no unit"),
    ],
)
def test_a_faulty_row_is_named_and_left_out_whole(world: World, row: str, says: str) -> None:
    result = dispatch(f"{row}\n26-002,3/4/2026,13:05,,,,,,,,\n")
    assert kinds(result) == [(2, "faulty"), (3, "added")]
    assert says in fault(result)
    assert Incident.objects.count() == 1
    assert Import.objects.get().rows[0][:1] == [2]


def test_rows_of_one_event_that_say_different_things(world: World) -> None:
    result = dispatch(f"{ROW}\n{ROW.replace('Noise', 'Fire').replace('4A12', '4A14')}\n")
    assert kinds(result) == [(2, "added"), (3, "faulty")]
    assert "Line 2 says otherwise" in fault(result)


def test_a_badge_that_nobody_has(world: World) -> None:
    header = "incident,date,time,unit,badge,dispatched\n"
    result = dispatch(f"{header}1,3/4/2026,1:00,4A12,101,1:01\n1,3/4/2026,1:00,4A14,999,1:01\n")
    assert kinds(result) == [(2, "added"), (3, "faulty")]
    assert "Nobody has the badge “999”" in fault(result)
    assert current("1").responses.get().how == "badge"


@pytest.mark.parametrize("cut", [ROW[:40], ROW[:60] + ',"open'])
def test_half_a_file_is_refused_whole(world: World, cut: str) -> None:
    with pytest.raises(Invalid, match="breaks off|is not CSV"):
        dispatch(f"26-000,3/4/2026,1:00,,,,,,,,\n{cut}")
    assert not Incident.objects.exists() and not Mapping.objects.exists()


def test_a_damaged_workbook_is_refused_whole(world: World) -> None:
    book, out = Workbook(), io.BytesIO()
    book.active.append(["incident", "date"])
    book.save(out)
    with pytest.raises(Invalid, match="damaged"):
        acts.import_dispatch(data=out.getvalue()[:-40], reading=acts.Reading({"incident": 0}), by=BY)


def test_only_the_bwc_unit_imports(world: World) -> None:
    for key in ("whitfield", "ruiz", "weber", "hale", "park", "sato", "novak", "chen", "adeyemi"):
        with pytest.raises(Forbidden):
            dispatch(ROW, world.actor(key))
    assert not Incident.objects.exists()


def test_what_changed_since_the_preview_is_refused(world: World) -> None:
    data = f"{made.HEADER}\n{ROW}".encode()
    seen = acts.preview_dispatch(data=data, reading=made.reading(data), by=BY)
    assert not Incident.objects.exists()
    dispatch(ROW.replace("Noise", "Alarm"))
    with pytest.raises(WrongState, match="since the preview"):
        acts.import_dispatch(data=data, reading=made.reading(data), agreed=seen.digest, by=BY)


def test_the_mapping_is_saved_and_found_again(world: World) -> None:
    dispatch(ROW, layout="per_event", style="day_first")
    saved = doors.mapping_of("dispatch", made.HEADER.split(","))
    assert saved == made.mapping() and saved.name == "Dispatch export"
    assert (saved.layout, saved.style) == ("per_event", "day_first")
    assert doors.mapping_named("dispatch", "dispatch EXPORT") == saved
    dispatch(ROW.replace("26-001", "26-002"), style="day_first")
    assert made.mapping().layout == "per_unit", "as it was used last"


def test_no_odd_string_breaks_it(world: World) -> None:
    words = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    quoted = ['"' + word.replace('"', '""') + '"' for word in words]
    lines = "".join(f"{word},3/4/2026,1:00,{word},{word},{word},,,,,{word}\n" for word in quoted)
    result = dispatch(lines, layout="per_event")
    assert len(result.outcomes) == len(words)
    dispatch("".join(f"N{n},{word},{word},{word},,,,,,,\n" for n, word in enumerate(quoted)) + ROW)
