"""The check of cases: what an entry binds is compared with its row, whatever changed it."""

import pytest

from fairwitness.cases import acts
from fairwitness.cases.check import check_rows
from fairwitness.cases.models import Case, CaseNote, File
from fairwitness.kernel.change import change
from tests.cases.made import sealed_file
from tests.evidence.disposals import KEPT
from tests.world import BY, World

pytestmark = pytest.mark.django_db


def test_it_works(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    sealed_file(case, lead, name="Größe \u202e.jpg")
    acts.add_case_note(case.pk, "Frag sie noch einmal.", by=lead)
    assert list(check_rows()) == []


def test_what_was_never_written_by_an_act(world: World, case: Case) -> None:
    file = sealed_file(case, world.actor("lindqvist")).file
    assert file
    with change(KEPT, by=BY) as entry:
        file.pk, file.number = None, "F-2026-999999"
        planted = File(**{f.attname: getattr(file, f.attname) for f in File._meta.fields if f.name != "id"})
        planted.save(force_insert=True)
        note = CaseNote(case=case, author_id=world.id("li"), text="Planted", made_at=file.sealed_at)
        note.save(force_insert=True)
        entry.about(planted, note)
    assert list(check_rows()) == [
        "The file F-2026-999999 has no entry that wrote it (cases.file_sealed).",
        f"Note {note.pk} of a case has no entry that wrote it (cases.note_added).",
    ]
