"""The docks' way in: what they report of themselves and of the cameras in them. Uploads themselves come by tus."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Router, Schema
from pydantic import ConfigDict, StringConstraints, field_validator

from fairwitness.kernel import clock
from fairwitness.kernel.actors import actor_of
from fairwitness.uploads import acts, doors

router = Router(tags=["docks"])

MOST_CAMERAS = 200
MOST_FILES = 500  # on one page of a report, whatever the camera
LARGEST = 2**63 - 1
# Seconds since 1970 up to the end of the year 9998: every zone can still say it.
LAST_SECOND = 253_370_764_799

# What a dock may call things: no controls, which no column and no page can show.
_Words = StringConstraints(min_length=1, pattern=r"^[^\x00-\x1f\x7f]*$")
Serial = Annotated[str, _Words, StringConstraints(max_length=40, strip_whitespace=True)]
Name = Annotated[str, _Words, StringConstraints(max_length=255)]
Seconds = Annotated[int, Field(ge=0, le=LAST_SECOND)]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=LARGEST)]


class _Strict(Schema):
    model_config = ConfigDict(extra="forbid")


class FileIn(_Strict):
    """A file on a camera; `sha256` is empty until the dock has read it, `gone` says that it vanished unsent."""

    name: Name
    size: Count
    modified: Seconds
    sha256: Annotated[str, StringConstraints(pattern=r"^([0-9a-f]{64})?$")] = ""
    gone: bool = False


class CameraIn(_Strict):
    """A camera that the dock knows of; every page of a report names all of them, and some of their files."""

    serial: Serial
    connected: bool
    waiting: Annotated[int, Field(ge=0, le=2**31 - 1)]
    waiting_bytes: Count
    files: Annotated[list[FileIn], Field(max_length=MOST_FILES)] = []


class ReportIn(_Strict):
    """What a dock says about every minute. Times are whole seconds since 1970, by the dock's own clock."""

    agent: Annotated[str, _Words, StringConstraints(max_length=40)]
    time: Seconds
    free_bytes: Count | None = None
    cameras: Annotated[list[CameraIn], Field(max_length=MOST_CAMERAS)] = []

    @field_validator("cameras")
    @classmethod
    def _bounded(cls, cameras: list[CameraIn]) -> list[CameraIn]:
        if sum(len(camera.files) for camera in cameras) > MOST_FILES:
            raise ValueError(f"more than {MOST_FILES} files in all")
        return cameras


class ReportOut(Schema):
    """The server's clock, and of the digests reported those that were received: `sealed` or `refused`."""

    time: int
    received: dict[str, Literal["sealed", "refused"]]


@router.post("/report", response=ReportOut, summary="What a dock and the cameras in it hold")
def report(request: HttpRequest, said: ReportIn) -> dict[str, Any]:
    by = actor_of(request)
    received = acts.report_holdings(_report(said), dock=doors.dock_of(by), by=by)
    return {"time": int(clock.now().timestamp()), "received": received}


class SealedOut(Schema):
    """Whether a file with this digest may go from a camera."""

    sha256: str
    sealed: bool


@router.get("/sealed/{sha256}", response=SealedOut, summary="Whether exactly this is sealed and kept, now")
def sealed(request: HttpRequest, sha256: Digest) -> dict[str, Any]:
    doors.dock_of(actor_of(request))
    return {"sha256": sha256, "sealed": doors.is_sealed(sha256)}


def _report(said: ReportIn) -> acts.Report:
    cameras = tuple(
        acts.CameraSaid(
            serial=camera.serial,
            connected=camera.connected,
            waiting=camera.waiting,
            waiting_bytes=camera.waiting_bytes,
            files=tuple(_file(file) for file in camera.files),
        )
        for camera in said.cameras
    )
    return acts.Report(said.agent, _moment(said.time), said.free_bytes, cameras)


def _file(said: FileIn) -> acts.FileSaid:
    return acts.FileSaid(said.name, said.size, _moment(said.modified), said.sha256, said.gone)


def _moment(seconds: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
