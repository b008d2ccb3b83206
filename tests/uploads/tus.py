"""A sender of pieces for tests: a dock with its token, or somebody signed in, over Django's test client."""

import base64
import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpResponse
from django.test import Client

from fairwitness.accounts import acts as accounts
from fairwitness.accounts import doors as accounts_doors
from fairwitness.department import acts as department
from fairwitness.department.models import Dock
from fairwitness.kernel import actors
from fairwitness.kernel.actors import Actor
from fairwitness.uploads.acts import seal
from fairwitness.uploads.models import Upload
from tests.world import World

BY = actors.system("test")
PIECE = "application/offset+octet-stream"


def dock_of(world: World, serial: str = "DOCK-1") -> Dock:
    """A dock in service."""
    found = Dock.objects.filter(serial=serial).first()
    return found or department.add_dock(serial=serial, name=f"Dock {serial}", place="Sixth Street", by=BY)


def token_of(world: World, serial: str = "DOCK-1", scopes: tuple[str, ...] = ("upload",)) -> str:
    """A token of a dock, as its secret."""
    _token, secret = accounts.issue_token(
        name=f"Dock {serial}", scopes=scopes, dock_id=dock_of(world, serial).pk, by=world.actor("costa")
    )
    return secret


def actor_of(secret: str) -> Actor:
    """The device that shows this secret."""
    return accounts_doors.actor_of_token(secret)


def metadata(**said: str) -> str:
    """Words as Upload-Metadata says them."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in said.items())


def checksum(data: bytes, algorithm: str = "sha256") -> str:
    """What Upload-Checksum says of a piece."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


@dataclass
class Sender:
    """Whoever sends: `token` or a signed-in `browser`."""

    token: str = ""
    browser: Client = field(default_factory=Client)

    def ask(self, method: str, path: str, data: bytes = b"", **headers: Any) -> HttpResponse:
        """Any request; a header is left out where its value is None."""
        given = {"Tus-Resumable": "1.0.0", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        kind = given.pop("Content-Type", PIECE)
        kept = {name: str(value) for name, value in given.items() if value is not None}
        answer: HttpResponse = self.browser.generic(
            method, path, data, content_type=kind, headers=kept, CONTENT_TYPE=kind
        )
        return answer

    def begin(self, size: int, **said: str) -> str:
        """Announce; answers the path of the upload."""
        answer = self.ask(
            "POST", "/api/uploads", Upload_Length=size, Upload_Metadata=metadata(**said) or None
        )
        assert answer.status_code == 201, answer.content
        return answer.headers["Location"]

    def patch(self, path: str, data: bytes, offset: int = 0, **headers: Any) -> HttpResponse:
        return self.ask("PATCH", path, data, Upload_Offset=offset, **headers)

    def offset(self, path: str) -> int:
        """How far it came, as HEAD says."""
        answer = self.ask("HEAD", path)
        assert answer.status_code == 200, answer.status_code
        return int(answer.headers["Upload-Offset"])

    def send(self, data: bytes, **said: str) -> Upload:
        """A whole file in one piece, received and not yet sealed."""
        path = self.begin(len(data), **said)
        if data:
            answer = self.patch(path, data)
            assert answer.status_code == 204, answer.content
        return upload_at(path)

    def sealed(self, data: bytes, **said: str) -> Upload:
        """A whole file, and what sealing made of it."""
        return seal.seal_upload(self.send(data, **said).pk, by=BY)


def upload_at(path: str) -> Upload:
    """The upload behind an address."""
    return Upload.objects.get(pk=uuid.UUID(path.rsplit("/", 1)[-1]))
