"""The acts on what cameras hold: a dock reports it, and what was sealed in the meantime is settled."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _

from fairwitness.department import acts as department_acts
from fairwitness.department import doors as department
from fairwitness.department.models import Camera, CameraHeard, Dock, Member
from fairwitness.evidence.models import Recording
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change, move
from fairwitness.kernel.refusals import Forbidden, Invalid, TooMany, Unavailable, WrongState
from fairwitness.storage import doors as storage
from fairwitness.uploads import doors, events
from fairwitness.uploads.acts.docks import check_clock
from fairwitness.uploads.models import Sighting, Upload

Status = Sighting.Status
# What a report may find, as the entry counts it.
FOUND = ("new", "changed", "sealed", "refused", "gone", "back")
SETTLED_AT_ONCE = 500
# So many files that are not sealed may be kept of one dock: a hundred cameras with two hundred each.
MOST_OPEN = 20_000

Said = Sequence[tuple["CameraSaid", Camera | None]]
Word = tuple[Sighting.Status, Recording | None]
Words = dict[str, Word]


@dataclass(frozen=True)
class FileSaid:
    """A file as a dock saw it on a camera; `sha256` is empty until it was read, `gone` when it vanished."""

    name: str
    size: int
    modified: dt.datetime
    sha256: str = ""
    gone: bool = False


@dataclass(frozen=True)
class CameraSaid:
    """A camera as a dock saw it, with how much waits on it, and of its files those on this page of the report."""

    serial: str
    connected: bool
    waiting: int
    waiting_bytes: int
    files: tuple[FileSaid, ...] = ()


@dataclass(frozen=True)
class Report:
    """What a dock says: of itself, of every camera that it knows of, and a page of their files."""

    agent: str
    time: dt.datetime
    free_bytes: int | None
    cameras: tuple[CameraSaid, ...]


def report_holdings(report: Report, *, dock: Dock, by: Actor) -> dict[str, str]:
    """Keep what `dock` reports; answers for each digest named what became of it here: sealed or refused, or nothing.

    One entry for a report that brought something new, none for a repeat. Raises Invalid when a camera or a file
    of it is named twice, TooMany with MOST_OPEN files that are not sealed, Unavailable when another dock reported
    the same camera at the same moment.
    """
    now = clock.now()
    cameras = _in_register(report)
    words = _words(report, dock)
    ahead = round((report.time - now).total_seconds())
    said = {"agent": report.agent, "clock_ahead": ahead, "free_bytes": report.free_bytes}
    try:
        with transaction.atomic():
            _keep(cameras, words, dock, now, by)
            department_acts.note_heard(dock, said, _heard(cameras, dock, now), now)
    except IntegrityError as error:
        raise Unavailable(_("Another dock reported this camera at the same moment. Report again.")) from error
    check_clock(dock, ahead, by=by)
    return {digest: word.value for digest, (word, _recording) in words.items()}


def explain_held(pk: uuid.UUID, explanation: str, *, by: Actor) -> Sighting:
    """Say why a file that was seen on a camera is not waited for. Raises WrongState when that was said before.

    It is waited for again as soon as a dock says anything new of it.
    """
    with change(events.HOLDING_EXPLAINED, by=by) as entry:
        if not doors.may_explain_held(by):
            raise Forbidden(_("Your roles do not allow this."))
        row = doors.held(by, pk, lock=True)
        if row.explained:
            raise WrongState(_("This was explained already."))
        row.explained = Sighting.Explanation(explanation)
        row.save(update_fields=["explained"])
        entry.about(*filter(None, (row, row.camera)), camera_id=row.camera_id, explanation=row.explained)
    return row


def settle_held(*, by: Actor) -> int:
    """Settle what was seen on cameras and was sealed by another way; answers how many, at most SETTLED_AT_ONCE."""
    sealed = _sealed_and_kept().filter(sha256=OuterRef("sha256"))
    unsealed = Sighting.objects.exclude(status=Status.SEALED).exclude(sha256="")
    found = unsealed.annotate(sealed_as=Subquery(sealed.values("pk")[:1])).exclude(sealed_as=None)
    if not found.exists():
        return 0
    with change(events.HOLDINGS_SETTLED, by=by) as entry:
        rows = list(found.select_for_update(of=("self",))[:SETTLED_AT_ONCE])
        for row in rows:
            row.recording_id = row.sealed_as
            row.save(update_fields=["recording"])
            move(row, Status.SEALED)
        entry.about(*rows, sealed=len(rows))
    return len(rows)


def _words(report: Report, dock: Dock) -> Words:
    """What became of the digests in `report`: sealed, or refused when `dock` last sent them; the rest have no word.

    What was sealed and lies good in too few stores has none either: then it is sent again, and the stores refilled.
    """
    digests = {file.sha256 for camera in report.cameras for file in camera.files if file.sha256}
    sent = Upload.objects.filter(sha256__in=digests, dock=dock).order_by("pk").select_related("recording")
    last = {upload.sha256: upload for upload in sent}
    refused = {upload for upload in last.values() if upload.status == Upload.Status.REFUSED}
    sealed = _sealed_and_kept().filter(sha256__in=digests)
    words: Words = {upload.sha256: (Status.REFUSED, upload.recording) for upload in refused}
    return words | {recording.sha256: (Status.SEALED, recording) for recording in sealed}


def _sealed_and_kept() -> QuerySet[Recording]:
    """Sealed recordings of which enough good copies are known."""
    kept = storage.enough_copies().filter(sha256=OuterRef("sha256"))
    return Recording.objects.filter(Exists(kept), status=Recording.Status.SEALED)


def _in_register(report: Report) -> Said:
    """Every camera that is reported, under the serial number by which the register has it, if it has it."""
    found = [(camera, department.camera_by_serial(camera.serial)) for camera in report.cameras]
    cameras = [(replace(camera, serial=ours.serial) if ours else camera, ours) for camera, ours in found]
    if len({camera.serial for camera, _ours in cameras}) < len(cameras):
        raise Invalid(_("A camera is named twice in this report."))
    if any(len({file.name for file in camera.files}) < len(camera.files) for camera, _ours in cameras):
        raise Invalid(_("A file is named twice in this report."))
    return cameras


def _keep(cameras: Said, words: Words, dock: Dock, now: dt.datetime, by: Actor) -> None:
    if next(_news(cameras, words, now, lock=False), None) is None:
        return
    with change(events.HOLDINGS_REPORTED, by=by) as entry:
        department.lock_dock(dock.pk)
        room = MOST_OPEN - doors.count_open(dock)
        counted, files = Counter[str](), 0
        for row, found in _news(cameras, words, now, lock=True):
            room -= "new" in found and row.status != Status.SEALED
            if "new" in found and room < 0:
                raise TooMany(
                    _(
                        "This dock reported {count} files that are not sealed. It must send some first."
                    ).format(count=MOST_OPEN),
                    retry_after=300,
                )
            row.dock = dock
            row.save()
            entry.about(row)
            counted.update(found)
            files += 1
        entry.about(dock, dock_id=dock.pk, files=files, **{name: counted[name] for name in FOUND})


def _news(
    cameras: Said, words: Words, now: dt.datetime, *, lock: bool
) -> Iterator[tuple[Sighting, set[str]]]:
    """The sightings that differ from what is kept, with what is to be kept set on them, and what is new about each."""
    serials = {camera.serial for camera, _ours in cameras if camera.files}
    known = doors.open_sightings(serials)
    rows = {(row.serial, row.name): row for row in (known.select_for_update() if lock else known)}
    done = doors.sealed_before(serials, {file.name for camera, _ours in cameras for file in camera.files})
    for camera, ours in cameras:
        for file in camera.files:
            row = rows.get((camera.serial, file.name))
            if row is None and (camera.serial, file.name, file.size, file.modified) in done:
                continue
            kept = row or Sighting(
                serial=camera.serial,
                name=file.name,
                first_seen=now,
                camera=ours,
                wearer=_wearer(ours, file.modified, now),
            )
            if found := _compare(kept, file, words.get(file.sha256), fresh=row is None):
                yield kept, found


def _compare(row: Sighting, file: FileSaid, word: Word | None, *, fresh: bool) -> set[str]:
    """Set on `row` what `file` says; answers what is new about it, by the words of FOUND."""
    found = {"new"} if fresh else set()
    particulars = (file.size, file.modified, file.sha256 or row.sha256)
    if (row.size, row.modified, row.sha256) != particulars:
        row.size, row.modified, row.sha256 = particulars
        found |= set() if fresh else {"changed"}
    status, recording = word or (Status.GONE if file.gone else Status.HELD, None)
    if row.status != status:
        row.status, row.recording = status, recording
        found.add("back" if status is Status.HELD else status.value)
    if found:
        row.explained = ""
    return found


def _wearer(camera: Camera | None, modified: dt.datetime, now: dt.datetime) -> Member | None:
    """Who wore the camera when the file was written; where its clock says nothing of use, who wears it now."""
    if camera is None:
        return None
    return department.wearer_at(camera.pk, modified) or department.wearer_at(camera.pk, now)


def _heard(cameras: Said, dock: Dock, now: dt.datetime) -> Iterator[CameraHeard]:
    """What is kept of every camera in the dock. One that is not in it may be in another, which knows better."""
    for said, ours in cameras:
        if said.connected:
            yield CameraHeard(
                serial=said.serial,
                camera=ours,
                dock=dock,
                at=now,
                connected=True,
                waiting=said.waiting,
                waiting_bytes=said.waiting_bytes,
            )
