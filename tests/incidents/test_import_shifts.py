"""The act import_shifts and its preview."""

import pytest
from django.db import IntegrityError, transaction

from fairwitness.incidents import acts, doors, events
from fairwitness.incidents.models import Response, Shift
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from tests.department.ledger import latest, sentence
from tests.incidents import made
from tests.incidents.made import dispatch, fault, kinds, local, shifts
from tests.world import BY, World

ROW = "101,4A12,2026-03-04,19:00,07:00"


def test_it_works(world: World) -> None:
    result = shifts(f"{ROW}\n102,4a14,3/4/2026,19:00,3/5/2026 07:00\n", world.actor("costa"))
    assert kinds(result) == [(2, "added"), (3, "added")]
    night = Shift.objects.get(member=world.id("whitfield"))
    assert (night.begins, night.ends) == (local("2026-03-04T19:00"), local("2026-03-05T07:00"))
    assert Shift.objects.get(member=world.id("okoye")).call_sign == "4A14"
    event, subjects, facts = latest()
    assert event == "incidents.shifts_imported"
    assert ("incidents.shift", night.pk) in subjects
    assert (facts["added"], facts["named"]) == (2, 0)
    assert sentence().startswith("Ana Costa imported shifts (added: 2, changed: 0, rows left out: 0;")


def test_again_changes_nothing(world: World) -> None:
    shifts(ROW)
    with pytest.raises(Invalid, match="Nothing in this file differs"):
        shifts(ROW)
    assert kinds(shifts(f"{ROW}\n{ROW}", preview=True)) == [(2, "unchanged"), (3, "unchanged")]


def test_the_units_of_earlier_events_get_their_members(world: World) -> None:
    """A car of two has two; before and after the shift it has nobody."""
    for number, clock in (("1", "18:59"), ("2", "19:00"), ("3", "23:30")):
        dispatch(f"{number},3/4/2026,{clock},,,4A12,{clock},,,,\n")
    result = shifts(f"{ROW}\n102,4A12,2026-03-04,19:00,07:00\n")
    assert result.named == 4
    two = {world.id("whitfield"), world.id("okoye")}
    assert doors.members_on_scene(made.incident("1").pk) == set()
    assert doors.members_on_scene(made.incident("2").pk) == two
    assert doors.members_on_scene(made.incident("3").pk) == two
    assert set(Response.objects.exclude(member=None).values_list("how", flat=True)) == {"shift"}


def test_a_badge_in_the_export_is_believed_over_a_shift(world: World) -> None:
    header = "incident,date,time,unit,badge,dispatched\n"
    dispatch(f"{header}1,3/4/2026,20:00,4A12,103,20:01\n")
    shifts(ROW)
    assert doors.members_on_scene(made.incident("1").pk) == {world.id("li")}


def test_a_shift_that_changed_takes_the_place_of_the_earlier(world: World) -> None:
    dispatch("1,3/4/2026,20:00,,,4A12,20:01,,,,\n")
    shifts(ROW)
    result = shifts(ROW.replace("4A12", "4A15"))
    assert kinds(result) == [(2, "changed")]
    assert Shift.objects.filter(withdrawn_at=None).get().call_sign == "4A15"
    assert Shift.objects.count() == 2
    assert doors.on_scene(made.incident("1").pk)[0].member_id is None


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("999,4A12,2026-03-04,19:00,07:00", "Nobody has the badge “999”"),
        (",4A12,2026-03-04,19:00,07:00", "Nobody has the badge"),
        ("101,,2026-03-04,19:00,07:00", "call sign is missing"),
        ("101,4A12,2026-03-04,,07:00", "Beginning or end is missing"),
        ("101,4A12,,19:00,07:00", "“19:00” is no time, or no day"),
        ("101,4A12,2026-03-04,19:00,3/9/2026 07:00", "within 36 hours"),
        ("101,4A12,2026-03-04,19:00,19:00", "ends after it begins"),
        ("101,4A12,2026-03-08,02:30,07:00", "clocks went forward"),
        ("102,4A13,2026-03-04,20:00,22:00", "overlaps a shift of the same member"),
    ],
)
def test_a_faulty_row_is_named_and_left_out(world: World, row: str, says: str) -> None:
    result = shifts(f"102,4A14,2026-03-04,19:00,07:00\n{row}\n")
    assert kinds(result) == [(2, "added"), (3, "faulty")]
    assert says in fault(result)
    assert Shift.objects.count() == 1


def test_half_a_file_is_refused_whole(world: World) -> None:
    with pytest.raises(Invalid, match="breaks off"):
        shifts(f"{ROW}\n102,4A14,2026-03")
    assert not Shift.objects.exists()


def test_the_database_keeps_shifts_of_a_member_apart(world: World) -> None:
    begins, ends = local("2026-03-04T19:00"), local("2026-03-05T07:00")
    with (
        pytest.raises(IntegrityError),
        transaction.atomic(),
        change(events.SHIFTS_IMPORTED, by=BY) as entry,
    ):
        for sign in ("4A12", "4A14"):
            shift = Shift(member=world.members["li"], call_sign=sign, begins=begins, ends=ends)
            shift.save()
            entry.about(shift)


def test_only_the_bwc_unit_imports(world: World) -> None:
    for key in ("whitfield", "ruiz", "weber", "hale", "park", "sato", "novak", "chen", "adeyemi"):
        with pytest.raises(Forbidden):
            shifts(ROW, world.actor(key))


def test_what_changed_since_the_preview_is_refused(world: World) -> None:
    data = f"{made.ROSTER}\n{ROW}".encode()
    seen = acts.preview_shifts(data=data, reading=made.reading(data, "shifts"), by=BY)
    shifts(ROW.replace("4A12", "4A14"))
    with pytest.raises(WrongState, match="since the preview"):
        acts.import_shifts(data=data, reading=made.reading(data, "shifts"), agreed=seen.digest, by=BY)


def test_who_was_where_is_found_from_the_member(world: World) -> None:
    shifts(ROW)
    dispatch("1,3/4/2026,20:00,,,4A12,20:01,,20:10,20:40,\n2,3/4/2026,22:00,,,4A12,22:01,,,,\n")
    li, whitfield = world.id("li"), world.id("whitfield")

    def between(begin: str, end: str) -> list[str]:
        found = doors.incidents_of_member_between(whitfield, local(begin), local(end))
        return [each.number for each in found]

    assert between("2026-03-04T20:30", "2026-03-04T20:35") == ["1"]
    assert between("2026-03-04T20:00", "2026-03-04T20:10") == []
    assert between("2026-03-04T20:39", "2026-03-04T23:00") == ["1", "2"]
    assert between("2026-03-05T11:00", "2026-03-05T12:00") == [], "nobody stays for ever"
    assert not doors.incidents_of_member_between(li, local("2026-03-04T20:00"), local("2026-03-05T20:00"))
