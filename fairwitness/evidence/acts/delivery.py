"""A folder as it was delivered: which file is a table, a recording, an audit trail, and what is said of each."""

from collections.abc import Iterable
from pathlib import Path

from fairwitness.evidence.acts.delivered import (
    Columns,
    Delivered,
    Table,
    comparable,
    is_audit_trail,
    looks_like_table,
    moment,
)
from fairwitness.evidence.acts.ingest import file_date, walk
from fairwitness.evidence.acts.seal import Said
from fairwitness.evidence.models import Recording
from fairwitness.kernel.agency import agency

# What was sealed in each folder, with the file's name less its ending.
Sealed = dict[Path, list[tuple[str, Recording]]]


def sort_delivery(
    paths: Iterable[Path], metadata: Path | None, by: Columns, *, without: Iterable[Path] = ()
) -> tuple[Table, list[Path]]:
    """The tables that describe a delivery, read, and its other files: recordings first, then audit trails.

    `metadata` names the one table; unnamed, tables are told by their headers. `without` are files that something else
    reads. Raises Invalid for a table that cannot be read.
    """
    table, files, left_out = Table(by), [], set(without)
    if metadata:
        table.read(metadata)
    for path in (each for root in paths for each in walk(root)):
        if path in left_out or (metadata and path.resolve() == metadata.resolve()):
            continue
        trail = is_audit_trail(path, by)
        if not metadata and not trail and looks_like_table(path, by):
            table.read(path)
        else:
            files.append(path)
    # Recordings first: an audit trail is linked to the recording it speaks of.
    files.sort(key=lambda path: (is_audit_trail(path, by), path))
    table.expect(files)
    return table, files


def said_of(path: Path, told: Delivered) -> Said:
    """What the source says of a file as it is handed to the sealing: times read, everything else in its own words."""
    zone = agency().tz
    return Said(
        source_name=str(path),
        row=dict(told.row),
        started=moment(told.started, zone, month_first=agency().month_first),
        started_text=told.started,
        ended=moment(told.ended, zone, month_first=agency().month_first),
        file_date=file_date(path),
        owner=told.owner,
        device=told.device,
        incident=told.incident,
        label=told.label,
        title=told.title,
        external_id=told.evidence_id,
        sha256=told.sha256,
        size=told.size,
    )


def subject_of(trail: Path, sealed: Sealed) -> tuple[Recording | None, str]:
    """The recording that an audit trail speaks of, and the doubt where there are several.

    It is the one whose file name or evidence id is the longest that the trail's name contains, in the trail's own
    folder if there is any.
    """
    everywhere = [each for folder in sealed.values() for each in folder]
    for recordings in (sealed.get(trail.parent, []), everywhere):
        if found := _named_in(trail, recordings):
            if len({recording.pk for recording in found}) == 1:
                return found[0], ""
            return None, "Several recordings fit this audit trail equally well; it is linked to none."
    return None, ""


def _named_in(trail: Path, recordings: list[tuple[str, Recording]]) -> list[Recording]:
    """Those with the longest file name or evidence id that the trail's name contains; several when equally long."""
    name = comparable(trail.name)
    found = [
        (len(key), recording)
        for stem, recording in recordings
        for key in map(comparable, (stem, recording.external_id))
        if key and key in name
    ]
    longest = max((length for length, _recording in found), default=0)
    return [recording for length, recording in found if length == longest]
