"""Sealing what came in, or refusing it; and disposing, by rule, of bytes that were not sealed."""

import os
import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.evidence.acts import seal as evidence
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.blobs import Blob, digest_of
from fairwitness.kernel.change import change, move
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Unavailable, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.storage.acts import confirm_copies
from fairwitness.uploads import events
from fairwitness.uploads.acts import staged
from fairwitness.uploads.acts.said import said_of
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Upload

Status, Reason = Upload.Status, Upload.Reason


def seal_upload(upload_id: uuid.UUID, *, by: Actor) -> Upload:
    """Seal the staged bytes of a complete upload, or refuse them; done again it does nothing.

    They are in the store, hashed from there and synced, before the change; the staged ones go after it, once the
    store is known to hold them. Raises Unavailable where the folder of staged bytes is not the one, and what the store
    raises; then it may be tried again.
    """
    upload = Upload.objects.select_related("camera").get(pk=upload_id)
    if upload.status != Status.RECEIVED:
        return upload
    try:
        file = staged.path_of(upload_id).open("rb")
    except FileNotFoundError:
        if not staged.is_right_folder():
            raise Unavailable(
                _(
                    "The bytes are not there, and the folder of uploads has no mark: its disk may not be mounted."
                )
            ) from None
        return _refuse(upload, Reason.SIZE, 0, "", None, by)
    with file:
        size = os.fstat(file.fileno()).st_size
        found = upload.came_sha256 or digest_of(file)
        if reason := _fault(upload, size, found):
            return _refuse(upload, reason, size, found, None, by)
        file.seek(0)
        blob = blobs.store().put(file)
    if blob.sha256 != found:
        return _refuse(upload, Reason.CHANGED, blob.size, found, blob, by)
    sealed = _seal(upload, blob, by)
    remove_sealed(sealed)
    return sealed


def _fault(upload: Upload, size: int, found: str) -> str:
    """Why these bytes cannot be sealed, as a code; empty where they can."""
    if upload.size == 0:
        return Reason.EMPTY
    if size != upload.size:
        return Reason.SIZE
    if upload.sha256 and upload.sha256 != found:
        return Reason.DIGEST
    return ""


def _seal(upload: Upload, blob: Blob, by: Actor) -> Upload:
    with change(events.UPLOAD_SEALED, by=by) as entry:
        upload = _settling(upload.pk)
        done = evidence.seal(blob, said_of(upload), _no_delivery, by=by)
        if not done.new:
            # Put just now, and read where they were: what had been damaged or missing is there again.
            confirm_copies(blob)
        move(upload, Status.SEALED)
        upload.status_since, upload.recording, upload.was_here = clock.now(), done.recording, not done.new
        upload.save(update_fields=["status_since", "recording", "was_here"])
        entry.about(
            upload,
            done.recording,
            outcome="sealed" if done.new else "was_here",
            sha256=f"sha256:{blob.sha256}",
            size=blob.size,
            recording_id=done.recording.pk,
            number=upload.number,
            by_hand=upload.by_hand,
        )
    return upload


def _refuse(upload: Upload, reason: str, size: int, found: str, blob: Blob | None, by: Actor) -> Upload:
    """Keep what cannot be sealed, with its reason, and tell the BWC Unit and the camera's holder.

    Bytes that are in the store already are kept there too, under a refused recording of their own.
    """
    with change(events.UPLOAD_REFUSED, by=by) as entry:
        upload = _settling(upload.pk)
        sentence = str(Reason(reason).label)
        refused = (
            evidence.refuse(blob, said_of(upload), reason, sentence, _no_delivery, by=by) if blob else None
        )
        move(upload, Status.REFUSED)
        upload.status_since, upload.reason = clock.now(), reason
        upload.recording = refused.recording if refused else None
        upload.save(update_fields=["status_since", "reason", "recording"])
        told = {member.pk for member in department.members_holding(Role.BWC_UNIT)} | {upload.holder_id}
        words = _("The upload {number} was refused: {why} The bytes are kept.")
        notify(
            filter(None, told),
            words.format(number=upload.number, why=sentence),
            reverse("upload", args=[upload.pk]),
        )
        entry.about(
            upload,
            reason=reason,
            declared=f"sha256:{upload.sha256}" if upload.sha256 else None,
            found=f"sha256:{found}" if found else None,
            size=size,
            declared_size=upload.size,
            number=upload.number,
            recording_id=upload.recording_id,
        )
    return upload


def _settling(pk: uuid.UUID) -> Upload:
    """The upload under its lock, still to be sealed. Raises WrongState where another worker was quicker."""
    upload = doors.locked(pk)
    if upload.status != Status.RECEIVED:
        raise WrongState(_("This upload was settled meanwhile."), status=upload.status)
    return upload


def _no_delivery() -> None:
    """An upload is no part of a delivery."""
    return


def remove_sealed(upload: Upload) -> bool:
    """Remove the staged bytes of a sealed upload, never while the store does not hold them; whether they went."""
    recording: Recording | None = upload.recording
    if upload.status != Status.SEALED or recording is None:
        return False
    if recording.status != Recording.Status.ERASED and not blobs.store().holds(recording.sha256):
        return False
    staged.remove(upload.pk)
    return True


def clear_of(recording_id: uuid.UUID) -> int:
    """Remove whatever still lies staged of a recording that is being erased; how many files are left all the same."""
    settled = Upload.objects.filter(recording=recording_id, status__in=(Status.SEALED, Status.DISPOSED))
    for upload in settled:
        staged.remove(upload.pk)
    return sum(staged.path_of(upload.pk).exists() for upload in settled)


def check_due(upload: Upload) -> None:
    """Raises WrongState unless the rule lets the bytes of an upload go now."""
    if upload.status not in doors.UNSEALED:
        raise WrongState(_("Only what was not sealed is disposed of here."), status=upload.status)
    until = doors.kept_until(upload)
    if until and until > clock.now():
        raise WrongState(_("The rule keeps these bytes until {day}.").format(day=f"{until:%Y-%m-%d}"))


def dispose_upload(upload_id: uuid.UUID, *, by: Actor) -> Upload:
    """Let the bytes of an unsealed upload go, once its rule allows; what is known of it stays.

    Raises NotFound, Forbidden and, where the rule keeps them or they were sealed, WrongState.
    """
    with change(events.UPLOAD_DISPOSED, by=by) as entry:
        upload = doors.upload(by, upload_id, "dispose_upload", lock=True)
        check_due(upload)
        was = upload.status
        move(upload, Status.DISPOSED)
        upload.status_since = clock.now()
        upload.save(update_fields=["status_since"])
        entry.about(upload, came=upload.came, kept_days=agency().uploads.kept_days, was=was)
    staged.remove(upload.pk)
    return upload


def sweep_staged() -> int:
    """Remove staged bytes that a change let go and a death left: of sealed uploads, and of those disposed of."""
    swept = 0
    for keys in staged.every():
        settled = Upload.objects.filter(pk__in=keys, status__in=(Status.SEALED, Status.DISPOSED))
        for upload in settled.select_related("recording"):
            if upload.status == Status.DISPOSED:
                staged.remove(upload.pk)
                swept += 1
            else:
                swept += remove_sealed(upload)
    return swept
