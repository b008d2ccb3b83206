"""Sending protected bytes: by ranges, with flat memory, asking the door again while it sends."""

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from fairwitness.kernel import blobs
from fairwitness.rules.ranges import Unsatisfiable, byte_range

CHUNK = 256 * 1024
# A stream under way asks its door again after so many seconds, so that a lost right ends it well within a minute.
ASK_AGAIN = 15


@dataclass(frozen=True)
class Bytes:
    """What is sent: a blob, the type that the browser is told, and a name when it is a download."""

    sha256: str
    media_type: str
    filename: str = ""


def send(
    request: HttpRequest, wanted: Bytes, *, still_open: Callable[[], bool], sent: Callable[[int], None]
) -> HttpResponseBase:
    """Answer a request for bytes: 200, 206 or 416. `sent` is told at the end how many bytes really left."""
    file = blobs.store().open(wanted.sha256)
    size = os.fstat(file.fileno()).st_size
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
    descriptor = os.dup(file.fileno())
    file.close()
    # The connection goes back now: a slow viewer keeps a file open, and no place in the database.
    connection.close()
    body = _body(descriptor, start, end, still_open, sent)
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
    descriptor: int, start: int, end: int, still_open: Callable[[], bool], sent: Callable[[int], None]
) -> Iterator[bytes]:
    at, asked = start, time.monotonic()
    try:
        while at < end:
            data = os.pread(descriptor, min(CHUNK, end - at), at)
            if not data:
                return
            at += len(data)
            yield data
            if time.monotonic() - asked > ASK_AGAIN:
                asked = time.monotonic()
                if not _ask(still_open):
                    return
    finally:
        os.close(descriptor)
        _tell(sent, at - start)


def _ask(still_open: Callable[[], bool]) -> bool:
    try:
        return still_open()
    finally:
        connection.close()


def _tell(sent: Callable[[int], None], count: int) -> None:
    try:
        sent(count)
    finally:
        connection.close()
