"""Receiving: what an offset acknowledges is on disk, in file and in database, before it is answered."""

import contextlib
import hashlib
import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator

from django.db.models import F
from django.utils.translation import gettext as _

from fairwitness.kernel import actors, turns
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Gone, Refusal, StoreFull, TooMany, Unavailable
from fairwitness.uploads.acts import staged, watch
from fairwitness.uploads.acts.announce import finish_upload
from fairwitness.uploads.acts.follow import forget
from fairwitness.uploads.acts.piece import Checksum, Piece, Read, watched
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Upload

# At so many pieces at a time the site still has threads for pages; one sender may have a few of them.
MOST_AT_ONCE, MOST_OF_ONE = 96, 8
# So long the last piece waits for the digest of the whole; where that takes longer, sealing reads the bytes instead.
DIGEST_WITHIN = 5.0  # seconds


class WrongOffset(Refusal):
    """The piece does not begin where the upload ends (tus 1.0, PATCH)."""

    code = "wrong_offset"
    status = 409


class TooLong(Refusal):
    """More is sent than was announced (tus 1.0)."""

    code = "too_long"
    status = 413


def receive(
    upload_id: uuid.UUID,
    offset: int,
    length: int,
    read: Read,
    *,
    checksum: Checksum | None = None,
    signed_in: Callable[[], bool] = lambda: True,
    by: Actor,
) -> Upload:
    """Take in `length` bytes from `read` at `offset`, and finish the upload when these were its last.

    The door is asked again at the rhythm at which progress is counted, with `signed_in` for people.
    Without checksum whatever arrived of a broken-off piece is kept; with one, all or nothing. Raises WrongOffset,
    TooLong, ChecksumMismatch, staged.Busy, TooMany, StoreFull, StoodStill, Gone and what the door raises.
    """
    with turns.machine():
        upload = doors.sent(by, upload_id)
        _check(upload, offset, length, offset_of(upload))
    with _place_of(by), staged.held(upload_id, make=True) as descriptor:
        # Looked at again: only from here on is nobody else writing.
        with turns.machine():
            doors.look_again(upload)
        start = offset_of(upload)
        _check(upload, offset, length, start)
        if not doors.disk().has(length):
            watch.watch_room()
            raise StoreFull(_("There is no room for more at the moment. What came is kept."), retry_after=300)
        # What was written and never acknowledged, by whoever died over it.
        os.ftruncate(descriptor, start)
        turns.give_connection_back()

        def let_in() -> None:
            doors.check_may_go_on(by, signed_in=signed_in())

        with watched(Piece(upload_id, descriptor, start, checksum, let_in)) as piece:
            upto = piece.take(length, read)
        if upto < upload.size:
            upload.progress.offset = upto
            return upload
        digest = piece.follower.digest(upto, DIGEST_WITHIN)
        forget(upload_id)
        with turns.machine():
            return finish_upload(upload_id, sha256=digest, by=by)


def offset_of(upload: Upload) -> int:
    """How far an upload came: what is acknowledged, or less where the disk has lost some of it since."""
    known = doors.offset(upload)
    return min(known, staged.size_of(upload.pk)) if upload.status == Upload.Status.ANNOUNCED else known


def finish_empty(upload: Upload, *, by: Actor) -> Upload:
    """An upload of no bytes is complete as it is announced; it will be refused, and seen."""
    with staged.held(upload.pk, make=True):
        return finish_upload(upload.pk, sha256=hashlib.sha256().hexdigest(), by=by)


def finish_complete() -> int:
    """Finish uploads whose last bytes were acknowledged by a process that died over finishing them; answers how many."""
    finished = 0
    complete = Upload.objects.filter(status=Upload.Status.ANNOUNCED, progress__offset=F("size"))
    for upload in list(complete.select_related("progress")):
        # Gone, or Busy: the one who sent it is just about to finish it.
        with contextlib.suppress(Refusal), staged.held(upload.pk, make=True):
            if offset_of(upload) == upload.size:
                finish_upload(upload.pk, by=actors.system("uploads.look_after"))
                finished += 1
    return finished


def _check(upload: Upload, offset: int, length: int, start: int) -> None:
    if upload.status != Upload.Status.ANNOUNCED:
        raise Gone(_("This upload is complete; nothing more can be added to it."))
    if offset != start:
        sentence = _("The upload goes on at byte {start}, not at {offset}.")
        raise WrongOffset(sentence.format(start=start, offset=offset), offset=start)
    if offset + length > upload.size:
        raise TooLong(_("More is sent than the {size} bytes that were announced.").format(size=upload.size))


_busy: Counter[str] = Counter()
_counting = threading.Lock()


@contextlib.contextmanager
def _place_of(by: Actor) -> Iterator[None]:
    """One of the places for pieces under way: so many in all, fewer for one sender."""
    with _counting:
        if _busy[by.key] >= MOST_OF_ONE:
            raise TooMany(_("You are sending too many pieces at once. Send fewer at a time."), retry_after=5)
        if _busy.total() >= MOST_AT_ONCE:
            raise Unavailable(_("Too many are sending at the moment. Try again soon."), retry_after=5)
        _busy[by.key] += 1
    try:
        yield
    finally:
        with _counting:
            _busy[by.key] -= 1
            if not _busy[by.key]:
                del _busy[by.key]
