"""Large files that come by a form: refused before a byte is read where they must be, else written to disk at once."""

import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler
from django.http import HttpRequest
from django.utils.translation import gettext as _

from fairwitness.kernel.blobs.blob import NO_ROOM
from fairwitness.kernel.refusals import Refusal, StoreFull, Unavailable

# What a form sends beside its file.
BESIDE = 2**20
# In seconds: nothing is written into a file for so long and still coming.
LEFT_AFTER = 24 * 60 * 60
View = TypeVar("View", bound=Callable[..., Any])


class FileTooLarge(Refusal):
    """RFC 9110, 15.5.14: the file is larger than what is taken here."""

    code = "body_too_large"
    status = 413


class _Received(TemporaryUploadedFile):
    """A file that came, in the folder of this system and not in the machine's, which may be small or in memory."""

    def __init__(self, name: Any, content_type: Any, size: int, charset: Any, extra: Any) -> None:
        # Past the parent, whose folder is one for all.
        file = tempfile.NamedTemporaryFile(suffix=".received", dir=_folder())  # noqa: SIM115 - closed by the request
        super(TemporaryUploadedFile, self).__init__(file, name, content_type, size, charset, extra)


def _folder() -> Path:
    folder: Path = settings.FAIRWITNESS_HOME / "receiving"
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


class _ToDisk(TemporaryFileUploadHandler):
    """Writes a file step by step. What the disk refuses ends the reading, and is kept for the view to say."""

    def __init__(self, request: HttpRequest) -> None:
        super().__init__(request)
        self.refused: Refusal | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins to come."""
        super(TemporaryFileUploadHandler, self).new_file(*args, **kwargs)
        try:
            self.file = _Received(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)
        except OSError as error:
            self._stop(error)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A piece of it comes."""
        try:
            self.file.write(raw_data)
        except OSError as error:
            self._stop(error)

    def file_complete(self, file_size: int) -> Any:
        """It came whole, as far as anyone can tell before its digest is taken."""
        try:
            self.file.flush()
        except OSError as error:
            self._stop(error)
        return super().file_complete(file_size)

    def _stop(self, error: OSError) -> None:
        if error.errno in NO_ROOM:
            self.refused = StoreFull(_("There is no room for this file. Nothing was kept of it."))
        else:
            self.refused = Unavailable(
                _("The disk did not take the file. Nothing was kept of it; try again later.")
            )
        raise StopUpload(connection_reset=False) from error


def receives(most: int, allowed: Callable[[HttpRequest], object]) -> Callable[[View], View]:
    """Mark a view whose form brings a file of at most `most` bytes.

    Before a byte of it is read `allowed` is asked, which raises the refusal of who may not send one; then whether the
    disk has room for it twice, as it comes and as it is stored.
    """

    def mark(view: View) -> View:
        def before_body(request: HttpRequest) -> None:
            allowed(request)
            _check_room(int(request.META.get("CONTENT_LENGTH") or 0), most)
            request.upload_handlers = [_ToDisk(request)]

        view.before_body = before_body  # type: ignore[attr-defined]
        return view

    return mark


def _check_room(length: int, most: int) -> None:
    if length > most + BESIDE:
        raise FileTooLarge(
            _("A file of more than {limit} GiB cannot be sent here. Nothing was kept of it.").format(
                limit=most // 2**30
            )
        )
    usage = shutil.disk_usage(_folder())
    if usage.free < 2 * length + keep_free(usage.total):
        raise StoreFull(_("There is no room for this file. Nothing was kept of it."))


def keep_free(total: int) -> int:
    """So many bytes of a disk stay free, whatever comes."""
    said = settings.FAIRWITNESS_KEEP_FREE
    return min(5 * 2**30, total // 20) if said is None else int(said)


def check_received(request: HttpRequest) -> None:
    """Raise what the disk refused while a form was read."""
    for handler in request.upload_handlers:
        if isinstance(handler, _ToDisk) and handler.refused:
            raise handler.refused


def sweep() -> int:
    """Remove what killed processes left behind of files that were coming; how many."""
    left = [path for path in _folder().glob("*.received") if path.stat().st_mtime < time.time() - LEFT_AFTER]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)
