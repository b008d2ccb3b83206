"""What a system holds as exhibits, one after the other: for CASE/UCO, and for their receipts."""

import uuid
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.cases.events import FILE_SEALED
from fairwitness.cases.models import File
from fairwitness.evidence.events import CLIP_MADE, RECORDING_SEALED
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel import clock, history
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.refusals import Gone, Unavailable
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
    for recording in Recording.objects.exclude(status="erased").order_by("pk").iterator(chunk_size=PART):
        yield _recording(recording)
    clips = Clip.objects.filter(status=Clip.Status.MADE).exclude(recording__status="erased")
    for clip in clips.select_related("recording").order_by("pk").iterator(chunk_size=PART):
        yield _clip(clip)
    for file in File.objects.order_by("pk").iterator(chunk_size=PART):
        yield _file(file)


def _recording(found: Recording) -> Exhibit:
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
        custody=_custody("evidence.recording", found.pk),
    )


def _clip(clip: Clip) -> Exhibit:
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
        custody=_custody("evidence.clip", clip.pk),
    )


def _file(file: File) -> Exhibit:
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
        custody=_custody("cases.file", file.pk),
    )


def _custody(kind: str, subject: uuid.UUID) -> tuple[Line, ...]:
    return tuple(Line(line.at, line.sentence, str(line.entry_id)) for line in history.of(kind, subject))


def receipts_of_all() -> Iterator[tuple[str, dict[str, Any]]]:
    """For each recording, clip and file whose sealing is published: a name, and the receipt that proves it."""
    for kind, event in SEALED.items():
        about = EntrySubject.objects.filter(
            kind=kind, entry_id__in=Entry.objects.filter(event=event.name).values("pk")
        )
        for entry_id, subject in (
            about.order_by("entry_id").values_list("entry_id", "subject").iterator(chunk_size=PART)
        ):
            try:
                yield f"{kind.rpartition('.')[2]}-{subject}", receipts.receipt(entry_id)
            except (Unavailable, Gone):
                continue  # not published yet; its entry and salt stand in the tables
