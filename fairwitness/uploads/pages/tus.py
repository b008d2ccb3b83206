"""tus 1.0 at /api/uploads: core, creation, checksum, termination and expiration, over the acts of this room.

https://tus.io/protocols/resumable-upload says what each header means; docs/howto/upload.md says it for docks.
"""

import base64
import binascii
import datetime as dt
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.http import http_date
from django.utils.translation import gettext as _

from fairwitness.kernel import clock, turns
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.refusals import Invalid, Refusal
from fairwitness.uploads.acts import announce, receive
from fairwitness.uploads.acts.piece import Checksum
from fairwitness.uploads.acts.receive import TooLong
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Upload

VERSION = "1.0.0"
EXTENSIONS = "creation,checksum,termination,expiration"
# One TiB: a day of video several times over.
MAX_SIZE = 2**40
PIECE_TYPE = "application/offset+octet-stream"
CHECKSUMS = ",".join(Checksum.ALGORITHMS)
# As much as is said of one file; servers and proxies take about as much in a header.
MOST_METADATA = 8 * 1024


class WrongVersion(Refusal):
    """The asker speaks another version of tus, or does not say which (tus 1.0)."""

    code = "wrong_version"
    status = 412


class WrongMethod(Refusal):
    """RFC 9110, 15.5.6."""

    code = "method_not_allowed"
    status = 405


class WrongType(Refusal):
    """A piece comes as application/offset+octet-stream (tus 1.0, PATCH)."""

    code = "wrong_type"
    status = 415


View = Callable[..., HttpResponse]


def _speaks_tus(view: View) -> View:
    """Says the version with every answer, refusals too, and asks for it; OPTIONS says what is spoken here."""

    @wraps(view)
    def answer(request: HttpRequest, **words: Any) -> HttpResponse:
        always = {"Tus-Resumable": VERSION, "Cache-Control": "no-store"}
        request.headers_always = always  # type: ignore[attr-defined]
        method = _method(request)
        if method == "OPTIONS":
            made = HttpResponse(status=204)
            made.headers["Tus-Version"] = VERSION
            made.headers["Tus-Extension"] = EXTENSIONS
            made.headers["Tus-Max-Size"] = str(MAX_SIZE)
            made.headers["Tus-Checksum-Algorithm"] = CHECKSUMS
        else:
            if method != "GET" and request.headers.get("Tus-Resumable") != VERSION:
                always["Tus-Version"] = VERSION
                raise WrongVersion(_("Say Tus-Resumable: 1.0.0; that is the version spoken here."))
            made = view(request, method, **words)
        for name, value in always.items():
            made.headers[name] = value
        return made

    answer.streams_body = True  # type: ignore[attr-defined]
    return answer


def _method(request: HttpRequest) -> str:
    """The method, or the one that stands in for it where a proxy lets only GET and POST through (tus 1.0)."""
    method = request.method or ""
    if method == "POST":
        return request.headers.get("X-HTTP-Method-Override", method).upper()
    return method


@_speaks_tus
def uploads(request: HttpRequest, method: str) -> HttpResponse:
    """POST announces an upload; the answer says where its bytes are to be sent."""
    if method != "POST":
        raise WrongMethod(_("An upload is announced here by POST."))
    actor = actor_of(request)
    doors.check_may_upload(actor)
    if "Upload-Defer-Length" in request.headers:
        raise Invalid(_("Say the length of the file before you send it (Upload-Length)."))
    size = _number(request, "Upload-Length")
    if size > MAX_SIZE:
        raise TooLong(_("More than {size} bytes cannot be sent as one file.").format(size=MAX_SIZE))
    said = _metadata(request)
    with turns.machine():
        begun = announce.begin_upload(size=size, said=said, by=actor)
    if size == 0:
        begun = receive.finish_empty(begun, by=actor)
    made = HttpResponse(status=201)
    made.headers["Location"] = reverse("tus-upload", args=[begun.pk])
    return _dated(made, begun)


@_speaks_tus
def upload(request: HttpRequest, method: str, pk: uuid.UUID) -> HttpResponse:
    """HEAD says how far it came, PATCH goes on, DELETE withdraws it, GET says in JSON what became of it."""
    views: dict[str, View] = {"HEAD": _head, "PATCH": _patch, "DELETE": _delete, "GET": _get}
    if method not in views:
        raise WrongMethod(
            _("An upload is asked about by HEAD or GET, goes on by PATCH, and is withdrawn by DELETE.")
        )
    return views[method](request, pk)


def _head(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = doors.sent(actor_of(request), pk)
    made = HttpResponse(status=200)
    made.headers["Upload-Offset"] = str(receive.offset_of(found))
    made.headers["Upload-Length"] = str(found.size)
    if metadata := _said(found):
        made.headers["Upload-Metadata"] = metadata
    return _dated(made, found)


def _patch(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    doors.check_may_upload(actor)
    if request.content_type != PIECE_TYPE:
        raise WrongType(_("Send the bytes as {type}.").format(type=PIECE_TYPE))
    length = int(request.META.get("CONTENT_LENGTH") or 0)
    offset = _number(request, "Upload-Offset")

    def signed_in() -> bool:
        key = request.session.session_key
        return key is not None and request.session.exists(key)

    read, checksum = request.read, _checksum(request)
    found = receive.receive(pk, offset, length, read, checksum=checksum, signed_in=signed_in, by=actor)
    made = HttpResponse(status=204)
    made.headers["Upload-Offset"] = str(doors.offset(found))
    return _dated(made, found)


def _delete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    doors.sent(actor, pk)
    announce.withdraw_upload(pk, by=actor)
    return HttpResponse(status=204)


def _get(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    actor = actor_of(request)
    doors.check_may_find(actor)
    found = doors.upload(actor, pk)
    return JsonResponse(
        {
            "id": found.pk,
            "number": found.number,
            "status": found.status,
            "size": found.size,
            "offset": doors.offset(found),
            "reason": found.reason,
            "sentence": str(found.get_reason_display()) if found.reason else "",
            "was_here": found.was_here,
            "recording": found.recording.number if found.recording else "",
            "sha256": found.recording.sha256 if found.recording else found.came_sha256,
        }
    )


def _dated(made: HttpResponse, found: Upload) -> HttpResponse:
    """Says until when an unfinished upload waits for more (tus 1.0, expiration)."""
    if found.status == Upload.Status.ANNOUNCED:
        until = clock.now() + doors.waits()
        made.headers["Upload-Expires"] = http_date(until.astimezone(dt.UTC).timestamp())
    return made


def _number(request: HttpRequest, name: str) -> int:
    """A header that is a number; no more digits than any file has bytes."""
    text = request.headers.get(name, "")
    if not (text.isascii() and text.isdecimal() and len(text) <= 15):
        raise Invalid(_("{name} must be a number of bytes.").format(name=name), header=name)
    return int(text)


def _checksum(request: HttpRequest) -> Checksum | None:
    text = request.headers.get("Upload-Checksum")
    if text is None:
        return None
    algorithm, _space, encoded = text.partition(" ")
    if algorithm not in Checksum.ALGORITHMS:
        raise Invalid(_("Checksums are taken as {known}.").format(known=CHECKSUMS), header="Upload-Checksum")
    try:
        return Checksum(algorithm, base64.b64decode(encoded.strip(), validate=True))
    except (binascii.Error, ValueError) as error:
        raise Invalid(_("Upload-Checksum is not base64."), header="Upload-Checksum") from error


def _metadata(request: HttpRequest) -> dict[str, str]:
    """Upload-Metadata: keys, each with a value in base64, separated by commas (tus 1.0, creation)."""
    text = request.headers.get("Upload-Metadata", "")
    if len(text) > MOST_METADATA:
        raise Invalid(_("Too much is said of the file."), header="Upload-Metadata")
    said: dict[str, str] = {}
    for pair in filter(None, (each.strip() for each in text.split(","))):
        key, _space, encoded = pair.partition(" ")
        if key in said:
            raise Invalid(_("Upload-Metadata says one thing twice."), header="Upload-Metadata")
        try:
            said[key] = base64.b64decode(encoded.strip(), validate=True).decode(errors="replace")
        except (binascii.Error, ValueError) as error:
            raise Invalid(_("A value in Upload-Metadata is not base64."), header="Upload-Metadata") from error
    return said


def _said(found: Upload) -> str:
    """What was said of the file, as it is said in a header; keys that no header can hold are left out."""
    return ",".join(
        f"{key} {base64.b64encode(value.encode()).decode()}"
        for key, value in found.said.items()
        if key.isascii() and key.isprintable() and " " not in key and "," not in key
    )
