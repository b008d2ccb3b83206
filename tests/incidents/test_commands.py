"""`fairwitness import-dispatch` and `fairwitness import-shifts`."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from fairwitness.incidents.models import Incident, Shift
from fairwitness.kernel.models import Entry
from tests.incidents import made
from tests.incidents.made import dispatch
from tests.world import World

ROW = "26-001,3/4/2026,13:05:00,Noise,1 Main St,4A12,13:06:00,,,,"


def _run(*words: object) -> tuple[int, list[str]]:
    out, code = io.StringIO(), 0
    try:
        call_command(*map(str, words), stdout=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue().splitlines()


def test_it_works_and_again_adds_nothing(world: World, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{made.HEADER}\n{ROW}\n")
    assert _run("import-dispatch", "--preview", file)[0] == 0
    assert not Incident.objects.exists()
    assert _run("import-dispatch", file) == (
        0,
        ["1 added, 0 changed, 0 moved, 0 cancelled, 0 unchanged, 0 faulty"],
    )
    before = Entry.objects.count()
    assert _run("import-dispatch", file)[1] == [
        "0 added, 0 changed, 0 moved, 0 cancelled, 1 unchanged, 0 faulty"
    ]
    assert Entry.objects.count() == before
    assert Entry.objects.get(event="incidents.dispatch_imported").actor == "system:import-dispatch"


def test_faulty_rows_are_named(world: World, tmp_path: Path) -> None:
    file = tmp_path / "export.csv"
    file.write_text(f"{made.HEADER}\n{ROW}\n26-002,soon,,,,,,,,,\n")
    code, lines = _run("import-dispatch", file)
    assert code == 1 and Incident.objects.count() == 1
    assert lines[0] == "line 3: left out: 26-002: “soon” is no time, or no day is known for it."


def test_by_a_saved_mapping(world: World, tmp_path: Path) -> None:
    dispatch(
        "incident,date,units,dispatched\n1,4/3/2026,A,A=1:00\n",
        layout="per_event",
        style="day_first",
        name="CAD",
    )
    file = tmp_path / "export.csv"
    file.write_text("nr,tag,wer,wann\n2,5/3/2026,,A=23:00\n")
    _run("import-dispatch", file, "--mapping", "cad")
    assert made.current("2").began == made.local("2026-03-05T23:00")
    with pytest.raises(CommandError, match="no saved mapping “other”. Known: CAD"):
        _run("import-dispatch", file, "--mapping", "other")


def test_shifts_too(world: World, tmp_path: Path) -> None:
    file = tmp_path / "shifts.csv"
    file.write_text(f"{made.ROSTER}\n101,4A12,2026-03-04,19:00,07:00\n")
    assert _run("import-shifts", file)[0] == 0
    assert Shift.objects.count() == 1


def test_what_is_no_file(world: World, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read"):
        _run("import-dispatch", tmp_path / "none.csv")
    file = tmp_path / "half.csv"
    file.write_text(f"{made.HEADER}\n{ROW[:30]}")
    with pytest.raises(CommandError, match="breaks off"):
        _run("import-dispatch", file)
