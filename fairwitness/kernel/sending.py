"""Sending protected bytes: by ranges, with flat memory, asking the door again while it sends."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.translation import gettext as _

from fairwitness.kernel import blobs, turns
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.refusals import Gone
from fairwitness.rules.ranges import Unsatisfiable, byte_range

CHUNK = 256 * 1024
# So many bytes are charged to the meter before the first of them leaves: none goes out uncounted, and a viewing
# that has ended stops its streams at the next step. Where a step is gone in an instant, the next may be larger.
STEP = 16 * 1024 * 1024
LARGEST_STEP = 16 * STEP
INSTANT = 0.25  # seconds
# A stream under way asks its door again after so many seconds, or so many bytes, so that a lost right soon ends it.
ASK_AGAIN = 15
ASK_AFTER = 64 * 1024 * 1024


@dataclass(frozen=True)
class Bytes:
    """What is sent: a blob, or a file that is none; the type that the browser is told, and a name for a download."""

    sha256: str
    media_type: str
    filename: str = ""
    path: Path | None = None

    def open(self) -> blobs.Reader:
        """The bytes. Raises NotFound, Gone where the file was removed, Unavailable or Damaged."""
        if self.path is None:
            return blobs.store().open(self.sha256)
        try:
            return FileReader(os.open(self.path, os.O_RDONLY | os.O_CLOEXEC))
        except FileNotFoundError as error:
            raise Gone(_("This file is not kept any more.")) from error


def send(
    request: HttpRequest,
    wanted: Bytes,
    *,
    still_open: Callable[[], bool],
    charge: Callable[[int], bool],
    left: Callable[[int, int], object] | None = None,
) -> HttpResponseBase:
    """Answer a request for bytes: 200, 206 or 416.

    `charge` counts bytes about to leave and answers whether they may; what did not leave is charged back. `left` is
    told at the end from where to where bytes were taken from us to be sent: what was dropped at the last step is not.
    """
    file = wanted.open()
    size = file.size
    try:
        asked = byte_range(request.headers.get("Range", ""), size)
    except Unsatisfiable:
        file.close()
        return _headed(HttpResponse(status=416), wanted, {"Content-Range": f"bytes */{size}"})
    start, end = asked or (0, size)
    headers = {"Content-Length": str(end - start)}
    if asked:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 206 if asked else 200
    if request.method == "HEAD":
        file.close()
        return _headed(HttpResponse(status=status), wanted, headers)
    # The connection goes back now: a slow viewer keeps a file open, and no place in the database.
    turns.give_connection_back()
    body = _body(file, start, end, still_open, charge, left)
    return _headed(StreamingHttpResponse(body, status=status), wanted, headers)


def _headed(answer: HttpResponseBase, wanted: Bytes, headers: dict[str, str]) -> HttpResponseBase:
    disposition = f'attachment; filename="{wanted.filename}"' if wanted.filename else "inline"
    for name, value in {
        "Content-Type": wanted.media_type,
        "Content-Disposition": disposition,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-store",
        # Untrusted bytes opened by themselves must not act in our name.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        **headers,
    }.items():
        answer[name] = value
    return answer


def _body(
    file: blobs.Reader,
    start: int,
    end: int,
    still_open: Callable[[], bool],
    charge: Callable[[int], bool],
    left: Callable[[int, int], object] | None = None,
) -> Iterator[bytes]:
    at = taken = charged = asked_at = start
    asked = time.monotonic()
    step, stepped = STEP, asked
    try:
        while at < end:
            if at == charged:
                now = time.monotonic()
                if at > start:
                    step = min(4 * step, LARGEST_STEP) if now - stepped < INSTANT else STEP
                if not _connected(charge, min(step, end - at)):
                    return
                charged, stepped = min(at + step, end), now
            data = file.pread(min(CHUNK, charged - at), at)
            if not data:
                return
            # Counted before it leaves; taken only when more is asked for: a body dropped at the yield is not resumed.
            at += len(data)
            yield data
            taken = at
            if time.monotonic() - asked > ASK_AGAIN or at - asked_at >= ASK_AFTER:
                asked, asked_at = time.monotonic(), at
                if at < end and not _connected(still_open):
                    return
    finally:
        file.close()
        if at < charged:
            _connected(charge, at - charged)
        if left and taken > start:
            _connected(left, start, taken)


def _connected(ask: Callable[..., object], *words: int) -> bool:
    """Ask the database, and give the connection back at once; not one in whose change this body happens to be dropped."""
    try:
        return bool(ask(*words))
    finally:
        turns.give_connection_back()
