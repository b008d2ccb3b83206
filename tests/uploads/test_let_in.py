"""A piece under way: the door is asked again while it lasts, and asking for nothing keeps no upload open."""

import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pytest

from fairwitness.accounts.acts import end_token, issue_token
from fairwitness.department import acts as department
from fairwitness.department.models import Camera
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden, Unauthorized
from fairwitness.kernel.roles import Role
from fairwitness.uploads import acts, jobs
from fairwitness.uploads.acts import piece, receive
from fairwitness.uploads.acts.piece import STEP, Checksum
from fairwitness.uploads.models import Progress
from tests.uploads.tus import Sender, actor_of, upload_at
from tests.world import BY, World

DATA = b"x" * (STEP * 4)


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(piece, "COUNT_EVERY", STEP)


def sent(by: Actor, stop: Callable[[], Any], after: int = 2, **more: Any) -> int:
    """Send; before the read number `after` (from 0) something happens. Answers how far it came in the end."""
    said = {"device": "AX-0101", "started": clock.rfc3339(clock.now())}
    upload = acts.begin_upload(size=len(DATA), said=said, by=by)
    file, reads = io.BytesIO(DATA), iter(range(100))

    def read(count: int) -> bytes:
        if next(reads) == after:
            stop()
        return file.read(count)

    with pytest.raises((Unauthorized, Forbidden)):
        receive.receive(upload.pk, 0, len(DATA), read, by=by, **more)
    return Progress.objects.get(upload=upload).offset


def test_an_ended_token_stops_a_piece_under_way_and_what_came_is_kept(world: World, dock: Sender) -> None:
    by = actor_of(dock.token)
    assert sent(by, lambda: end_token(token_id=by.token_id, by=BY)) == 3 * STEP


def test_a_piece_with_checksum_is_stopped_too_and_is_all_or_nothing(world: World, dock: Sender) -> None:
    by = actor_of(dock.token)
    checksum = Checksum("sha256", b"x" * 32)
    assert sent(by, lambda: end_token(token_id=by.token_id, by=BY), checksum=checksum) == 0


def test_a_lost_cameras_piece_is_stopped(world: World) -> None:
    camera = world.cameras["AX-0101"]
    _token, secret = issue_token(name="X", scopes=["upload"], camera_id=camera.pk, by=BY)
    lose = lambda: department.move_camera(camera_id=camera.pk, to=Camera.Status.LOST, by=BY)  # noqa: E731
    assert sent(actor_of(secret), lose) == 3 * STEP


def test_whoever_is_signed_out_sends_no_more(world: World) -> None:
    signed = [True]
    assert sent(world.actor("whitfield"), signed.clear, signed_in=lambda: bool(signed)) == 3 * STEP


def test_roles_are_asked_anew(world: World) -> None:
    was = world.actor("whitfield")
    by = Actor(was.kind, str(world.id("chen")), frozenset({Role.BWC_UNIT}))
    assert sent(by, lambda: None) == STEP, "whoever holds the role no more is stopped at the first asking"


def test_asking_with_nothing_keeps_no_upload_open(dock: Sender) -> None:
    path = dock.begin(6)
    long_ago = clock.now() - dt.timedelta(days=8)
    Progress.objects.update(seen_at=long_ago)
    assert dock.patch(path, b"").status_code == 204
    assert Progress.objects.get().seen_at == long_ago
    jobs.abandon(0)
    assert upload_at(path).status == "abandoned"
    path = dock.begin(6)
    Progress.objects.update(seen_at=long_ago)
    dock.patch(path, b"x")
    jobs.abandon(0)
    assert upload_at(path).status == "announced"
