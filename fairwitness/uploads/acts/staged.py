"""Where the bytes of an upload lie until they are sealed, and who may write them now: one at a time, in any process."""

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from django.utils.translation import gettext as _

from fairwitness.kernel.blobs import sync_folder
from fairwitness.kernel.blobs.blob import NO_ROOM
from fairwitness.kernel.refusals import Refusal, StoreFull, Unavailable
from fairwitness.uploads.doors import incoming as doors

# In the folder of staged bytes, and made by whoever puts the first there.
MARK = ".fairwitness-uploads"


class Busy(Refusal):
    """Somebody else is sending this upload at the moment (RFC 4918, 11.3)."""

    code = "locked"
    status = 423


def refusal(error: OSError) -> Refusal:
    """What the disk did not take, said to who sends; trying again later is right."""
    if error.errno in NO_ROOM:
        return StoreFull(_("There is no room for more at the moment. What came is kept."), retry_after=300)
    return Unavailable(_("The disk did not take the bytes. Try again later."), retry_after=60)


def path_of(pk: uuid.UUID) -> Path:
    """Where the bytes of an upload lie; derived from its key, whose last digits are random and spread them evenly."""
    return doors.staging() / pk.hex[-2:] / str(pk)


@contextlib.contextmanager
def held(pk: uuid.UUID, *, make: bool = False) -> Iterator[int]:
    """The staged bytes, open for reading and writing, to nobody else meanwhile; let go also when the process dies.

    Raises Busy while another holds them, FileNotFoundError where there are none and none are to be made.
    """
    path = path_of(pk)
    try:
        descriptor = _open(path, make)
    except FileNotFoundError:
        raise
    except OSError as error:
        raise refusal(error) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Busy(
                _("This upload is being sent by another connection. Try again soon."), retry_after=2
            ) from error
        yield descriptor
    finally:
        os.close(descriptor)


def _open(path: Path, make: bool) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        if not make:
            raise
    _mark()
    folder = path.parent
    folder.mkdir(mode=0o700, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    # Names last as bytes do: whoever made the folder may not have come to sync it.
    for each in (folder, folder.parent, folder.parent.parent):
        sync_folder(each)
    return descriptor


def is_right_folder() -> bool:
    """Whether the folder of staged bytes is that in which they were put: an empty place to which a disk is to be

    mounted looks alike, but has no mark.
    """
    return (doors.staging() / MARK).exists()


def _mark() -> None:
    """Mark the folder at its first use: never while bytes are missing in it, for then it may be the wrong one."""
    if is_right_folder() or not all(path_of(pk).exists() for pk in doors.lying().iterator()):
        return
    os.close(os.open(doors.staging() / MARK, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
    sync_folder(doors.staging())


def size_of(pk: uuid.UUID) -> int:
    """How many staged bytes there are, acknowledged or not; none where there is no file."""
    try:
        return path_of(pk).stat().st_size
    except FileNotFoundError:
        return 0


def remove(pk: uuid.UUID) -> None:
    """Remove the staged bytes. Called after the change that lets them go, and by the sweep when that was cut short."""
    path = path_of(pk)
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
        sync_folder(path.parent)


def every() -> Iterator[list[uuid.UUID]]:
    """The keys of all staged bytes that there are, folder by folder."""
    for folder in doors.staging().iterdir():
        if folder.is_dir():
            keys = []
            for file in folder.iterdir():
                with contextlib.suppress(ValueError):
                    keys.append(uuid.UUID(file.name))
            yield keys
