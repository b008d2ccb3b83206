"""Another system's export comes in, and is killed again and again: it ends as if nothing had been."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Count

from fairwitness.cases.models import Case, CaseIncident, CaseMember, CaseNote, Item, Person
from fairwitness.evidence.check import check_blobs
from fairwitness.evidence.models import Attachment, Categorisation, Recording
from fairwitness.kernel import actors, blobs
from fairwitness.moving.acts.arrive import arrive
from fairwitness.moving.check import check_rows
from fairwitness.moving.models import Arrival, ArrivedCase
from tests.evidence.crashes import KILLED, Launcher
from tests.evidence.made import grown, rows
from tests.incidents.made import dispatch
from tests.moving.test_arrive import ROW, with_files
from tests.moving.vendor import export
from tests.world import World

pytestmark = pytest.mark.slow
# Further into what is left each time: odd, so that steps before something and after it are both met.
FURTHER = 7


def what_is_here() -> dict[str, Any]:
    """Everything that an arrival leaves, without numbers and moments; the report among it."""
    arrival = Arrival.objects.get()
    with blobs.store().open(arrival.report_sha256) as file:
        lines = [json.loads(line) for line in file.pread(10**6, 0).decode().splitlines()]
    return {
        "report": sorted((each["kind"], each["outcome"], each["name"]) for each in lines),
        "recordings": sorted(
            Recording.objects.values_list("status", "source_name", "external_id", "incident")
        ),
        "trails": sorted(Attachment.objects.values_list("name", "recording__external_id")),
        "categories": sorted(Categorisation.objects.values_list("code", "recording__external_id")),
        "cases": sorted(Case.objects.values_list("title", "kind", "status", "reference")),
        "members": sorted(CaseMember.objects.values_list("case__title", "member__badge", "role")),
        "persons": sorted(Person.objects.values_list("case__title", "name", "role", "about")),
        "notes": sorted(CaseNote.objects.values_list("case__title", "text")),
        "items": sorted(
            Item.objects.exclude(recording=None).values_list("case__title", "recording__external_id")
        ),
        "files": sorted(Item.objects.exclude(file=None).values_list("case__title", "file__name", "because")),
        "incidents": sorted(CaseIncident.objects.values_list("case__title", "incident__number")),
        "mapped": sorted(ArrivedCase.objects.values_list("external_id", flat=True)),
    }


def undisturbed(folder: Path, home: Path, settings: Any) -> dict[str, Any]:
    """What it would leave if nobody killed it; nothing of it stays."""
    settings.FAIRWITNESS_HOME = home.parent / "undisturbed"
    settings.FAIRWITNESS_HOME.mkdir()
    with transaction.atomic():
        arrive(folder, "axon_evidence", by=actors.system("moving.arrive"))
        found = what_is_here()
        transaction.set_rollback(True)
    settings.FAIRWITNESS_HOME = home
    assert not Arrival.objects.exists()
    return found


def test_killed_again_and_again(own_world: World, home: Path, tmp_path: Path, settings: Any) -> None:
    dispatch(ROW)
    folder = export(tmp_path / "delivery")
    with_files(folder)
    expected = undisturbed(folder, home, settings)
    launcher = Launcher(tmp_path)
    kills, came_past = 0, set[str]()
    try:
        while launcher.run("arrive", folder, kill_at=kills * FURTHER) == KILLED:
            came_past.update(launcher.trace)
            kills += 1
            assert Arrival.objects.count() <= 1
            assert list(check_rows()) == []
            twice = ArrivedCase.objects.values("external_id").annotate(n=Count("id")).filter(n__gt=1)
            assert not twice.exists()
    finally:
        launcher.close()
    assert kills >= 10
    assert {
        "after writing the entry moving.case_arrived",
        "after writing the entry cases.recording_taken_in",
    } <= came_past
    assert what_is_here() == expected
    assert list(check_blobs(blobs.store())) == []
    before = rows()
    arrive(folder, "axon_evidence", by=actors.system("moving.arrive"))
    assert grown(before) == {}
