"""The check of cases: every file and note against the entry that wrote it."""

from collections.abc import Iterator

from fairwitness.cases import events
from fairwitness.cases.models import CaseNote, File
from fairwitness.kernel.bound import Bound

BOUND = (
    Bound(
        File,
        (events.FILE_SEALED,),
        "'The file ' || r.number",
        "('sha256:' || r.sha256, r.size::text, r.number, r.kind, "
        "'sha256:' || encode(sha256(convert_to(r.name, 'UTF8')), 'hex')) IS DISTINCT FROM (p.facts ->> 'sha256', "
        "p.facts ->> 'size', p.facts ->> 'number', p.facts ->> 'file_kind', p.facts ->> 'name_sha256')",
    ),
    Bound(
        CaseNote,
        (events.CASE_NOTE_ADDED,),
        "'Note ' || r.id || ' of a case'",
        "('sha256:' || encode(sha256(convert_to(r.text, 'UTF8')), 'hex'), 'member:' || r.author_id) "
        "IS DISTINCT FROM (p.facts ->> 'text_sha256', e.actor) AND r.author_id IS NOT NULL",
    ),
)


def check_rows() -> Iterator[str]:
    """Faults between records and the entries that wrote them: changed, or never written."""
    for bound in BOUND:
        yield from bound.faults()
