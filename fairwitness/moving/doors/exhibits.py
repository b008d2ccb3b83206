"""What a system holds as exhibits, one after the other: for CASE/UCO, and for their receipts."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases.events import FILE_SEALED
from fairwitness.cases.models import File
from fairwitness.evidence.events import CLIP_MADE, RECORDING_SEALED
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel import clock, history
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.moving.doors.format import blob_path
from fairwitness.packages import case_uco
from fairwitness.packages.content import Disclosure, Exhibit, Line
from fairwitness.publiclog import receipts

PART = 200
# Whose bytes are exhibits, and with which entry they were sealed.
SEALED = {"evidence.recording": RECORDING_SEALED, "cases.file": FILE_SEALED, "evidence.clip": CLIP_MADE}


def case_uco_of(number: str) -> Iterator[bytes]:
    """Every recording, clip and file of a case with its custody, as CASE/UCO JSON-LD. Within a transaction."""
    house = agency()
    said = Disclosure(
        number=number,
        case_number="",
        case_title="",
        agency=house.name,
        contact=house.address,
        language=house.language,
        zone=house.zone,
        asked=clock.now(),
        asked_by="",
        for_whom="",
        product="Fairwitness",
        exhibits=(),
    )
    return case_uco.everything(said, ((each, blob_path(each.sha256)) for each in exhibits()))


def exhibits() -> Iterator[Exhibit]:
    """Every recording whose bytes are here, every clip, every file of a case, with its custody history."""
    recordings = Recording.objects.exclude(status=Recording.Status.ERASED)
    clips = Clip.objects.filter(status=Clip.Status.MADE).exclude(recording__status=Recording.Status.ERASED)
    yield from _each("evidence.recording", recordings, _recording)
    yield from _each("evidence.clip", clips.select_related("recording"), _clip)
    yield from _each("cases.file", File.objects.all(), _file)


def _each(
    kind: str, rows: "QuerySet[Any]", exhibit: Callable[[Any, tuple[Line, ...]], Exhibit]
) -> Iterator[Exhibit]:
    """A part at a time, with what the ledger has of all of it."""
    rest = rows.order_by("pk").iterator(chunk_size=PART)
    while batch := list(itertools.islice(rest, PART)):
        told = history.of_many(kind, [each.pk for each in batch])
        for each in batch:
            lines = (Line(line.at, line.sentence, str(line.entry_id)) for line in told.get(each.pk, ()))
            yield exhibit(each, tuple(lines))


def _recording(found: Recording, custody: tuple[Line, ...]) -> Exhibit:
    return Exhibit(
        number=found.number,
        kind="recording",
        kind_words=_("Recording, as it was sealed"),
        title=found.title,
        ending=PurePosixPath(found.source_name).suffix,
        size=found.size,
        sha256=found.sha256,
        open=None,
        sealed=found.sealed_at,
        started=found.started,
        custody=custody,
    )


def _clip(clip: Clip, custody: tuple[Line, ...]) -> Exhibit:
    return Exhibit(
        number=f"{clip.recording.number} {clip.begins_ms}–{clip.ends_ms} ms {clip.pk}",
        kind="clip",
        kind_words=_("Clip of a recording"),
        title=clip.name,
        ending=".mp4",
        size=clip.size,
        sha256=clip.sha256,
        open=None,
        sealed=clip.made_at,
        original=clip.recording.number,
        proof=clip.proof,
        custody=custody,
    )


def _file(file: File, custody: tuple[Line, ...]) -> Exhibit:
    return Exhibit(
        number=file.number,
        kind="file",
        kind_words=str(file.get_kind_display()),
        title=file.name,
        ending=PurePosixPath(file.name).suffix,
        size=file.size,
        sha256=file.sha256,
        open=None,
        sealed=file.sealed_at,
        custody=custody,
    )


def receipts_of_all() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each recording, clip and file whose sealing is published: a name, and the receipt that proves it."""
    log = receipts.standing()
    if log is None:
        return  # entries and salts stand in the tables
    for kind, event in SEALED.items():
        sealing = Entry.objects.filter(event=event.name).values("pk")
        about = EntrySubject.objects.filter(kind=kind, entry_id__in=sealing).order_by("entry_id")
        rest = about.values_list("entry_id", "subject").iterator(chunk_size=PART)
        while batch := list(itertools.islice(rest, PART)):
            made = receipts.receipts_of(log, [entry_id for entry_id, _subject in batch])
            for entry_id, subject in batch:
                if entry_id in made:
                    yield f"{kind.rpartition('.')[2]}-{subject}", made[entry_id]
