"""Sealing: bytes that lie in the store become a recording, or a refusal that is kept, in one change."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.models import Camera, Member
from fairwitness.evidence import doors, events
from fairwitness.evidence.doors import is_going
from fairwitness.evidence.models import Attachment, IncidentLink, Ingest, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Blob
from fairwitness.kernel.change import change
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid, Unavailable
from fairwitness.kernel.roles import Role
from fairwitness.rules.canonical import canonical, named_digest, nfc
from fairwitness.storage.acts import confirm_copies

# No body-worn camera is older; a clock that says so was never set.
EARLIEST = dt.datetime(2005, 1, 1, tzinfo=dt.UTC)
# How far a device's clock may run ahead before its word is not believed.
AHEAD = dt.timedelta(days=1)


@dataclass(frozen=True)
class Said:
    """What the source said of a file, read but not believed: times in UTC, everything else in its own words."""

    source_name: str
    row: dict[str, str]
    started: dt.datetime | None = None
    started_text: str = ""
    ended: dt.datetime | None = None
    file_date: dt.datetime | None = None
    owner: str = ""
    device: str = ""
    incident: str = ""
    label: str = ""
    title: str = ""
    external_id: str = ""
    sha256: str = ""
    size: int | None = None
    by_hand: bool = False


@dataclass(frozen=True)
class Sealed:
    """`new` is False when these bytes were sealed before; then nothing was written."""

    recording: Recording
    new: bool


Delivery = Callable[[], Ingest | None]


def seal(blob: Blob, said: Said, delivery: Delivery, *, by: Actor) -> Sealed:
    """Seal bytes that are already in the store; sealing the same bytes again answers the first recording.

    `delivery` is asked for its Ingest only when something new is written: a repeated run adds nothing at all.
    """
    if found := _sealed_before(blob):
        return found
    if blob.size == 0:
        return refuse(blob, said, "empty", "The file is empty: there is nothing to seal.", delivery, by=by)
    if said.sha256 and said.sha256 != blob.sha256:
        sentence = "The file does not have the SHA-256 that the delivery declares for it."
        return refuse(blob, said, "digest", sentence, delivery, by=by)
    if said.size is not None and said.size != blob.size:
        sentence = "The file does not have the size that the delivery declares for it."
        return refuse(blob, said, "size", sentence, delivery, by=by)
    try:
        return Sealed(_seal(blob, said, delivery(), by), new=True)
    except IntegrityError:
        # Another process sealed the same bytes between our look and our write; its recording is the one.
        if found := _sealed_before(blob):
            return found
        raise


def _sealed_before(blob: Blob) -> Sealed | None:
    """The recording that these bytes are already. Raises Unavailable while it is being erased."""
    found = Recording.objects.filter(sha256=blob.sha256, status=Recording.Status.SEALED).first()
    if found and is_going(found.pk):
        raise Unavailable("These bytes are being erased under a rule. Bring them in again when that is done.")
    return Sealed(found, new=False) if found else None


def _seal(blob: Blob, said: Said, ingest: Ingest | None, by: Actor) -> Recording:
    with change(events.RECORDING_SEALED, by=by) as entry:
        recording = _recording(blob, said, ingest, Recording.Status.SEALED, "R")
        recording.save(force_insert=True)
        confirm_copies(blob)
        incident = incidents.incident_by_number(recording.incident)
        if incident:
            link(recording, incident, IncidentLink.How.NUMBER)
            entry.about(incident_id=incident.pk)
        entry.about(
            recording,
            sha256=f"sha256:{blob.sha256}",
            size=blob.size,
            number=recording.number,
            ingest_id=ingest.pk if ingest else None,
            delivered_sha256=delivered_digest(said.row),
            started=recording.started,
            clock=recording.clock,
            owner_id=recording.owner_id,
            owner_how=recording.owner_how,
            camera_id=recording.camera_id,
            by_hand=recording.by_hand or None,
        )
        enqueue("evidence.probe", recording_id=str(recording.pk))
    return recording


def link(recording: Recording, incident: Incident, how: str) -> IncidentLink:
    """Link a recording to an incident, under the entry that is open."""
    made = IncidentLink(recording=recording, incident=incident, how=how, since=clock.now())
    made.save(force_insert=True)
    return made


def refuse(blob: Blob, said: Said, reason: str, sentence: str, delivery: Delivery, *, by: Actor) -> Sealed:
    """Keep what cannot be sealed, with its reason. The same refusal twice is written once."""
    same = Recording.objects.filter(
        sha256=blob.sha256,
        status=Recording.Status.REFUSED,
        source_name=clean(said.source_name, 1024),
        refusal=sentence,
    )
    if found := same.first():
        return Sealed(found, new=False)
    try:
        return Sealed(_refuse(blob, said, reason, sentence, delivery(), by), new=True)
    except IntegrityError:
        # As in `seal`: another process was quicker.
        return Sealed(same.get(), new=False)


def _refuse(
    blob: Blob, said: Said, reason: str, sentence: str, ingest: Ingest | None, by: Actor
) -> Recording:
    with change(events.UPLOAD_REFUSED, by=by) as entry:
        recording = _recording(blob, said, ingest, Recording.Status.REFUSED, "X")
        recording.refusal = sentence
        recording.readable = Recording.Readable.UNTRIED
        recording.save(force_insert=True)
        confirm_copies(blob)
        unit = [member.pk for member in department.members_holding(Role.BWC_UNIT)]
        _tell(unit, _("{number} was refused on delivery; the bytes are kept."), recording)
        entry.about(
            recording,
            reason=reason,
            declared=f"sha256:{said.sha256}" if said.sha256 else None,
            found=f"sha256:{blob.sha256}",
            size=blob.size,
            number=recording.number,
            ingest_id=ingest.pk if ingest else None,
            by_hand=recording.by_hand or None,
        )
    return recording


def attach(
    blob: Blob, name: str, recording: Recording | None, delivery: Delivery, *, by: Actor
) -> tuple[Attachment, bool]:
    """Seal a file that came with recordings, such as the vendor's audit trail; False when it was there already.

    Raises WrongState where the bytes of its recording are erased or being erased.
    """
    same = Attachment.objects.filter(sha256=blob.sha256, recording=recording)
    if found := same.first():
        return found, False
    try:
        return _attach(blob, name, recording, delivery(), by), True
    except IntegrityError:
        # As in `seal`: another process was quicker.
        return same.get(), False


def _attach(
    blob: Blob, name: str, recording: Recording | None, ingest: Ingest | None, by: Actor
) -> Attachment:
    with change(events.ATTACHMENT_SEALED, by=by) as entry:
        if recording:
            doors.check_has_bytes(doors.locked(Recording.objects.filter(pk=recording.pk)).get())
        attachment = Attachment(
            recording=recording,
            ingest=ingest,
            name=clean(name, 1024),
            sha256=blob.sha256,
            size=blob.size,
            sealed_at=clock.now(),
        )
        attachment.save(force_insert=True)
        confirm_copies(blob)
        entry.about(
            attachment,
            *([recording] if recording else []),
            sha256=f"sha256:{blob.sha256}",
            size=blob.size,
            recording_id=recording.pk if recording else None,
            ingest_id=ingest.pk if ingest else None,
        )
    return attachment


def _recording(blob: Blob, said: Said, ingest: Ingest | None, status: str, series: str) -> Recording:
    now = clock.now()
    started, quality = when(said, now)
    camera = department.camera_by_serial(said.device) if said.device else None
    owner, how = who(camera, started, quality, said.owner)
    recording = Recording(
        number=numbers.next_numbers(series, now.astimezone(agency().tz).year)[0],
        status=status,
        sha256=blob.sha256,
        size=blob.size,
        source_name=clean(said.source_name, 1024),
        delivered=said.row,
        sealed_at=now,
        ingest=ingest,
        by_hand=said.by_hand,
        started=started,
        started_text=clean(said.started_text, 80),
        clock=quality,
        ended=said.ended if said.ended and said.ended >= started else None,
        owner=owner,
        owner_how=how,
        unit=department.unit_on(owner.pk, started.astimezone(agency().tz).date()) if owner else None,
        camera=camera,
        incident=clean(said.incident, 80),
        label=clean(said.label, 120),
        title=clean(said.title, 300),
        external_id=clean(said.external_id, 120),
    )
    recording.search = searchable(recording)
    return recording


def when(said: Said, now: dt.datetime) -> tuple[dt.datetime, str]:
    """The time a recording is filed under, and how good its source is; an impossible time is kept as text only."""
    if said.started and plausible(said.started, now):
        return said.started, Recording.Clock.DELIVERED
    stated = bool(said.started or said.started_text)
    if said.file_date and plausible(said.file_date, now):
        return said.file_date, Recording.Clock.IMPLAUSIBLE if stated else Recording.Clock.FILE
    return now, Recording.Clock.IMPLAUSIBLE if stated else Recording.Clock.NONE


def plausible(moment: dt.datetime, now: dt.datetime) -> bool:
    return EARLIEST <= moment <= now + AHEAD


def who(camera: Camera | None, started: dt.datetime, quality: str, named: str) -> tuple[Member | None, str]:
    """Who wore the camera: by assignment at a recorded time that can be believed, else the owner named on import."""
    believed = quality in {Recording.Clock.DELIVERED, Recording.Clock.DEVICE}
    if camera and believed and (wearer := department.wearer_at(camera.pk, started)):
        return wearer, Recording.Owner.ASSIGNMENT
    if named and (member := department.member_named(named)):
        return member, Recording.Owner.NAMED
    return None, Recording.Owner.UNKNOWN


def searchable(recording: Recording) -> str:
    """The words by which a recording is found: numbers, title, label, names of file, officer and camera."""
    owner, camera = recording.owner, recording.camera
    words = [
        recording.number,
        recording.incident,
        recording.title,
        recording.label,
        recording.external_id,
        recording.source_name.rsplit("/", 1)[-1],
        f"{owner.name} {owner.badge}" if owner else "",
        camera.serial if camera else "",
    ]
    return "\n".join(filter(None, words))


def settle_owner(recording_id: uuid.UUID, member: Member, *, by: Actor) -> Recording:
    """The BWC Unit settles who wore the camera of a recording whose owner is not known."""
    with change(events.OWNER_SETTLED, by=by) as entry:
        recording = doors.recording(by, recording_id, "settle_owner", lock=True)
        if recording.owner_how != Recording.Owner.UNKNOWN:
            raise Invalid("It is already known who wore the camera of this recording.")
        recording.owner, recording.owner_how = member, Recording.Owner.SETTLED
        recording.unit = department.unit_on(member.pk, recording.started.astimezone(agency().tz).date())
        recording.search = searchable(recording)
        recording.save(update_fields=["owner", "owner_how", "unit", "search"])
        _tell([member.pk], _("{number} is yours: the BWC Unit settled who wore the camera."), recording)
        entry.about(recording, owner_id=member.pk)
    return recording


def _tell(members: list[uuid.UUID], sentence: str, recording: Recording) -> None:
    """A notice that leads to the recording."""
    notify(members, sentence.format(number=recording.number), reverse("recording", args=[recording.pk]))


def delivered_digest(row: dict[str, str]) -> str | None:
    """SHA-256 of the delivered row, so that what the source said is bound without being published."""
    if not row:
        return None
    return named_digest(canonical(row))


def clean(text: Any, length: int) -> str:
    """Text for a column: no NUL, no lone surrogate (odd file names), NFC, bounded."""
    composed: str = nfc(str(text).encode("utf-8", "replace").decode().replace("\x00", ""))
    return composed[:length]
