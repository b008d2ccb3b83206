"""Sending protected bytes: none leaves uncounted, and none leaves once the viewing or the right to it has ended."""

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from fairwitness.department import acts as department
from fairwitness.evidence.models import Meter, Viewing
from fairwitness.kernel import sending as stream
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.roles import Role
from tests.evidence.made import BY, sealed
from tests.world import World

SIZE = 3 * stream.STEP + 1000


@pytest.fixture
def browser(own_world: World) -> Client:
    """Ruiz, signed in."""
    return own_world.sign_in("ruiz")


@pytest.fixture
def opened(own_world: World, browser: Client) -> Viewing:
    """A recording of Whitfield's, opened by Ruiz."""
    recording = sealed(bytes(range(256)) * (SIZE // 256) + bytes(SIZE % 256), device="AX-0101")
    browser.post(reverse("open-recording", args=[recording.pk]), {"purpose": "supervision"})
    return Viewing.objects.get()


def asked(browser: Client, opened: Viewing, **headers: str) -> Any:
    return browser.get(reverse("media", args=[opened.pk, "original"]), headers=headers)


def rest(body: Iterator[bytes]) -> int:
    return sum(len(part) for part in body)


def counted(opened: Viewing) -> int:
    return Meter.objects.get(viewing=opened.pk).bytes_sent


def test_it_works(browser: Client, opened: Viewing) -> None:
    assert rest(asked(browser, opened)) == SIZE == counted(opened)
    assert rest(asked(browser, opened, Range="bytes=10-19")) == 10
    assert counted(opened) == SIZE + 10
    assert asked(browser, opened, Range=f"bytes={SIZE}-").status_code == 416
    assert counted(opened) == SIZE + 10


def test_closing_stops_what_is_being_sent_and_tells_what_was(browser: Client, opened: Viewing) -> None:
    answer = asked(browser, opened)
    body = iter(answer)
    received = len(next(body))
    browser.post(reverse("close-recording", args=[opened.pk]))
    received += rest(body)
    answer.close()
    opened.refresh_from_db()
    assert received == opened.bytes_sent == stream.STEP


def test_nothing_leaves_that_was_asked_for_before_the_end(browser: Client, opened: Viewing) -> None:
    answer = asked(browser, opened)
    browser.post(reverse("close-recording", args=[opened.pk]))
    assert rest(answer) == 0


def test_what_did_not_leave_is_not_counted(browser: Client, opened: Viewing) -> None:
    answer = asked(browser, opened)
    received = len(next(iter(answer)))
    answer.close()
    assert counted(opened) == received == stream.CHUNK


def test_a_body_that_is_dropped_within_a_change_leaves_it_open(browser: Client, opened: Viewing) -> None:
    """The interpreter clears away what was left unread whenever it likes, be it in the midst of somebody's change."""
    body = iter(asked(browser, opened))
    next(body)
    with transaction.atomic():
        del body
        gc.collect()
        assert counted(opened) == stream.CHUNK
    assert counted(opened) == stream.CHUNK


def test_a_small_range_costs_one_charge() -> None:
    """Every seek of a player is one: the meter must not be its price."""
    assert charges(Path(__file__), 100, 400) == [300]


def test_steps_stay_small_for_who_reads_slowly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (file := tmp_path / "large").touch()
    os.truncate(file, 100 * stream.STEP)
    monkeypatch.setattr(stream, "INSTANT", 60)
    quick = [step // stream.STEP for step in charges(file, 0, 40 * stream.STEP)]
    assert quick == [1, 4, 16, 16, 3]
    monkeypatch.setattr(stream, "INSTANT", 0)
    assert charges(file, 0, 3 * stream.STEP) == [stream.STEP] * 3


def charges(path: Path, start: int, end: int) -> list[int]:
    """What is charged for a range, read to its end; the file is closed after it."""
    charged: list[int] = []

    def charge(count: int) -> bool:
        charged.append(count)
        return True

    file = FileReader(os.open(path, os.O_RDONLY))
    assert rest(stream._body(file, start, end, lambda: True, charge)) == end - start == sum(charged)
    assert file.closed
    return charged


def test_a_lost_right_ends_it_after_so_many_bytes(
    own_world: World, browser: Client, opened: Viewing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "ASK_AFTER", stream.CHUNK)
    body = iter(asked(browser, opened))
    received = len(next(body))
    department.end_role(member_id=own_world.id("ruiz"), role=Role.SUPERVISOR, by=BY)
    assert received + rest(body) == stream.CHUNK
    assert counted(opened) == stream.CHUNK
