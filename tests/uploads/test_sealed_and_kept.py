"""Sealed is said to a dock only of what lies good in enough stores; what does not is sent again and put anew."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from fairwitness.accounts.acts import issue_token
from fairwitness.department import acts as department
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs, clock
from fairwitness.storage import acts as storage
from fairwitness.storage import doors as storage_doors
from fairwitness.storage.models import Copy
from fairwitness.uploads import acts, doors
from fairwitness.uploads.acts import CameraSaid, FileSaid, Report
from fairwitness.uploads.models import Sighting
from tests.evidence.made import sealed
from tests.storage.made import copy_in, file_of, flip, is_good
from tests.uploads.tus import BY, Sender, dock_of, token_of
from tests.world import World

DATA = b"a recording"


@pytest.fixture
def two(home: Path, settings: Any, world: World) -> Recording:
    """Bytes that were sealed into two stores, as the settings ask."""
    settings.FAIRWITNESS_STORES = f"one={home}/one two={home}/two"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    return sealed(DATA)


def told(world: World, recording: Recording) -> dict[str, str]:
    file = FileSaid("A.MP4", len(DATA), clock.now().replace(microsecond=0), recording.sha256)
    camera = CameraSaid("AX-0101", True, 1, len(DATA), (file,))
    return acts.report_holdings(Report("1", clock.now(), 1, (camera,)), dock=dock_of(world), by=BY)


def asked(secret: str, sha256: str) -> Any:
    return Client().get(f"/api/docks/sealed/{sha256}", headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("what", ["changed", "missing"])
def test_a_damaged_copy_takes_the_word_back_and_sending_again_refills(
    two: Recording, world: World, what: str
) -> None:
    secret = token_of(world, scopes=("upload", "report"))
    assert asked(secret, two.sha256).json() == {"sha256": two.sha256, "sealed": True}
    for store in ("one", "two"):
        path = file_of(store, two.sha256)
        flip(path) if what == "changed" else path.unlink()
        copy = copy_in(store, two.sha256)
        storage.note_check(copy.store, [storage.Read(copy, what)], by=BY)
    assert asked(secret, two.sha256).json() == {"sha256": two.sha256, "sealed": False}
    assert told(world, two) == {}
    assert acts.settle_held(by=BY) == 0
    assert Sighting.objects.get().status == "held"
    upload = Sender(token=secret).sealed(DATA, sha256=two.sha256)
    assert (upload.recording, upload.was_here) == (two, True)
    assert [is_good(store, two.sha256) for store in ("one", "two")] == [True, True]
    assert asked(secret, two.sha256).json()["sealed"] is True
    assert told(world, two) == {two.sha256: "sealed"}


def test_one_good_copy_of_two_is_not_enough(two: Recording, world: World) -> None:
    copy = copy_in("two", two.sha256)
    storage.note_check(copy.store, [storage.Read(copy, "changed")], by=BY)
    assert told(world, two) == {}
    assert not doors.is_sealed(two.sha256)


def test_what_no_store_opens_is_not_sealed_though_nobody_has_noticed(two: Recording, world: World) -> None:
    file_of("one", two.sha256).unlink()
    assert set(Copy.objects.values_list("status", flat=True)) == {"good"}
    assert not doors.is_sealed(two.sha256)
    assert not storage_doors.holds_enough("0" * 64)


def test_what_was_only_refused_is_not_sealed(two: Recording, world: World) -> None:
    upload = Sender(token=token_of(world)).sealed(b"else", sha256="0" * 64)
    assert upload.status == "refused"
    assert not doors.is_sealed("0" * 64)
    assert not doors.is_sealed("f" * 64)


def test_only_a_dock_is_told(two: Recording, world: World) -> None:
    assert asked("fwt_unknown", two.sha256).status_code == 401
    assert asked(token_of(world), two.sha256).status_code == 403
    _token, no_dock = issue_token(name="X", scopes=["report"], by=BY)
    assert asked(no_dock, two.sha256).status_code == 403
    reports = token_of(world, scopes=("report",))
    for bad in ("0" * 63, two.sha256.upper(), "0" * 65, "sealed"):
        assert asked(reports, bad).status_code in (404, 422)
    department.retire_dock(dock_id=dock_of(world).pk, by=BY)
    assert asked(reports, two.sha256).status_code == 401
    assert world.sign_in("costa").get(f"/api/docks/sealed/{two.sha256}").status_code == 403
