"""Announcing an upload, and closing it: finished, withdrawn, abandoned. None of these lets a byte go."""

import hashlib
import uuid
from collections.abc import Mapping

from django.utils.translation import gettext as _

from fairwitness.accounts.models import Token
from fairwitness.department import doors as department
from fairwitness.department.models import Camera
from fairwitness.evidence.acts.seal import plausible
from fairwitness.kernel import actors, clock, numbers
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import OpenEntry, change, move
from fairwitness.kernel.jobs import enqueue
from fairwitness.kernel.refusals import Forbidden, Gone, Invalid, StoreFull, TooMany, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.rules.canonical import canonical
from fairwitness.uploads import events
from fairwitness.uploads.acts.said import cleaned, digest_in, file_name, moment
from fairwitness.uploads.acts.watch import watch_room
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Progress, Upload

# How many unfinished uploads one sender may have: a dock of many cameras has dozens.
MOST_OPEN = 500
# So many abandoned uploads are closed in one run of the job.
BATCH = 500


def begin_upload(*, size: int, said: Mapping[str, str], by: Actor) -> Upload:
    """Announce a file of `size` bytes. `said` is what the sender says of it, name by name.

    Raises Unauthorized and Forbidden; Invalid for a digest that is none; TooMany with MOST_OPEN unfinished,
    or with its share of the room promised already; StoreFull where there is no room for what all open uploads declare.
    """
    doors.check_may_upload(by)
    words = cleaned(said)
    declared = digest_in(words)
    if declared is None:
        raise Invalid(_("The declared sha256 is not a SHA-256 in hex."), field="sha256")
    _check_room(size, by)
    with change(events.UPLOAD_BEGUN, by=by) as entry:
        _check_number_open(by)
        token = doors.token_of(by)
        camera = _camera(words, token, by)
        upload = _announced(size, words, declared, camera, token, by)
        upload.save(force_insert=True)
        Progress.objects.create(upload=upload, seen_at=upload.begun)
        entry.about(
            upload,
            number=upload.number,
            size=size,
            declared=f"sha256:{declared}" if declared else None,
            said_sha256=f"sha256:{hashlib.sha256(canonical(upload.said)).hexdigest()}",
            by_hand=upload.by_hand,
            camera_id=upload.camera_id,
            dock_id=upload.dock_id,
        )
        if camera:
            entry.about(camera)
    return upload


def _announced(
    size: int, words: dict[str, str], declared: str, camera: Camera | None, token: Token | None, by: Actor
) -> Upload:
    now = clock.now()
    upload = Upload(
        number=numbers.next_numbers("U", now.astimezone(agency().tz).year)[0],
        status_since=now,
        size=size,
        sha256=declared,
        said=words,
        begun=now,
        by=by.key,
        by_hand=_by_hand(token, by),
        token=by.token_id,
        dock_id=token.dock_id if token else None,
        camera=camera,
        holder_id=doors.wearer(camera.pk, moment(words.get("started", ""))) if camera else None,
    )
    upload.source_name = file_name(words, upload.pk)[:1024]
    return upload


def _by_hand(token: Token | None, by: Actor) -> bool:
    """Whether no dock or camera stands for what is sent: a person sends it, or a program with a token of neither."""
    return by.member_id is not None or bool(token and token.dock_id is None and token.camera_id is None)


def _check_number_open(by: Actor) -> None:
    if Upload.objects.filter(by=by.key, status=Upload.Status.ANNOUNCED).count() >= MOST_OPEN:
        sentence = _("You have {count} unfinished uploads. Finish or withdraw some before you begin more.")
        raise TooMany(sentence.format(count=MOST_OPEN), retry_after=60)


def _check_room(size: int, by: Actor) -> None:
    room, promised = doors.room(), doors.promised_to(by)
    if promised and promised + 2 * size > room.share:
        sentence = _("Your unfinished uploads take your share of the room. Finish or withdraw some first.")
        raise TooMany(sentence, retry_after=60)
    if not room.takes(size):
        watch_room(refused=True)
        raise StoreFull(
            _("There is no room for this upload at the moment. Keep the file; try again later."),
            retry_after=300,
        )


def _camera(words: Mapping[str, str], token: Token | None, by: Actor) -> Camera | None:
    """The camera that is said. A camera's own token speaks for that camera alone; whoever may send only what is

    their own must name one, and a time at which they wore it: it is sealed as theirs.
    """
    serial = words.get("device", "").strip()
    camera = department.camera_by_serial(serial) if serial else None
    if token and token.camera:
        if serial and camera != token.camera:
            raise Forbidden(_("This token speaks for another camera."))
        return token.camera
    if by.member_id is None or doors.far(by, "upload") == Reach.ALL:
        return camera
    started = moment(words.get("started", ""))
    if started is None or not plausible(started, clock.now()):
        raise Forbidden(
            _("You can send in what a camera of yours recorded: say the camera, and when it was.")
        )
    worn = department.wearer_at(camera.pk, started) if camera else None
    if worn is None or worn.pk != by.member_id:
        raise Forbidden(
            _("You can send in what a camera of yours recorded: you did not wear this camera then.")
        )
    return camera


def finish_upload(upload_id: uuid.UUID, *, sha256: str = "", by: Actor) -> Upload:
    """All of it came and is on disk: it is left to be sealed. `sha256` is that of what came, where it is known.

    Called while the staged bytes are held, so that nobody writes them meanwhile.
    """
    with change(events.UPLOAD_RECEIVED, by=by) as entry:
        upload = doors.locked(upload_id)
        if upload.status != Upload.Status.ANNOUNCED:
            raise Gone(_("This upload was closed meanwhile."))
        _close(upload, Upload.Status.RECEIVED, came=upload.size)
        upload.came_sha256 = sha256
        upload.save(update_fields=["came_sha256"])
        entry.about(upload, size=upload.size, sha256=f"sha256:{sha256}" if sha256 else None)
        enqueue("uploads.seal", queue="uploads", upload_id=str(upload.pk))
    return upload


def withdraw_upload(upload_id: uuid.UUID, *, by: Actor) -> Upload:
    """Close an unfinished upload because its sender, or the BWC Unit, says so; what had come stays.

    Raises NotFound and Forbidden, and WrongState for one that is complete.
    """
    with change(events.UPLOAD_WITHDRAWN, by=by) as entry:
        upload = doors.upload(by, upload_id, "withdraw_upload", lock=True)
        if upload.status != Upload.Status.ANNOUNCED:
            raise WrongState(_("Only an unfinished upload can be withdrawn."), status=upload.status)
        _close_unfinished(upload, Upload.Status.WITHDRAWN, entry)
    return upload


def abandon_upload(upload_id: uuid.UUID, *, by: Actor) -> Upload:
    """Close an unfinished upload to which nothing was added for so long as the agency's rule says; what came stays."""
    with change(events.UPLOAD_ABANDONED, by=by) as entry:
        upload = doors.locked(upload_id)
        if not doors.left(entry.at).filter(pk=upload.pk).exists():
            raise WrongState(_("This upload is not left: something came, or it was closed."))
        _close_unfinished(upload, Upload.Status.ABANDONED, entry)
    return upload


def abandon_left(*, limit: int = BATCH) -> int:
    """Close uploads that were left, the longest first; answers how many. The job that runs this acts by itself."""
    by = actors.system("uploads.abandon")
    rows = doors.left(clock.now()).order_by("progress__seen_at").values_list("pk", flat=True)
    closed = 0
    for pk in list(rows[:limit]):
        try:
            abandon_upload(pk, by=by)
        except WrongState:
            continue
        closed += 1
    return closed


def _close_unfinished(upload: Upload, status: str, entry: OpenEntry) -> None:
    progress = Progress.objects.select_for_update().get(upload=upload)
    _close(upload, status, came=progress.offset)
    entry.about(upload, came=upload.came)


def _close(upload: Upload, status: str, *, came: int) -> None:
    """Nothing more comes: how far it came is folded into the upload; a write that still counts finds no progress."""
    move(upload, status)
    upload.status_since, upload.came = clock.now(), came
    upload.save(update_fields=["status_since", "came"])
    Progress.objects.filter(upload=upload).delete()
