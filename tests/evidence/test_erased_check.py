"""`log verify` finds what was said to be erased and is not, and rows that were changed by hand."""

import json
from collections.abc import Callable

import psycopg
import pytest

from fairwitness.evidence.check import check_blobs, check_rows
from fairwitness.evidence.models import Disposal, Recording
from fairwitness.kernel import blobs
from tests.evidence.disposals import erased
from tests.evidence.made import sealed, stored
from tests.world import World

Hand = Callable[[str], None]


@pytest.fixture
def hand(own_world: World, own_database: str) -> Hand:
    """Rows changed around every lock, as the owner of the database could."""

    def change(statement: str) -> None:
        with psycopg.connect(own_database, autocommit=True) as owner:
            for table in ("evidence_recording", "evidence_disposal", "evidence_approval"):
                owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            owner.execute(statement)

    return change


def test_all_is_well(own_world: World) -> None:
    erased(own_world)
    assert list(check_rows()) == []
    assert list(check_blobs(blobs.store())) == []


def test_a_sealed_recording_marked_as_erased(own_world: World, hand: Hand) -> None:
    recording = sealed(b"another")
    hand(f"UPDATE evidence_recording SET status = 'erased' WHERE id = '{recording.pk}'")
    assert any("no entry says that its bytes were" in fault for fault in check_rows())


def test_an_erased_recording_marked_as_sealed(own_world: World, hand: Hand) -> None:
    recording = erased(own_world)
    hand(f"UPDATE evidence_recording SET status = 'sealed' WHERE id = '{recording.pk}'")
    assert any("its row says otherwise" in fault for fault in check_rows())


def test_a_changed_certificate(own_world: World, hand: Hand) -> None:
    erased(own_world)
    row = Disposal.objects.get()
    changed = json.dumps({**(row.certificate or {}), "erased_at": "2020-01-01T00:00:00.000000Z"}).replace(
        "'", "''"
    )
    hand(f"UPDATE evidence_disposal SET certificate = '{changed}' WHERE id = '{row.pk}'")
    assert any("not the one that its entry binds" in fault for fault in check_rows())


def test_another_rule(own_world: World, hand: Hand) -> None:
    erased(own_world)
    hand("UPDATE evidence_disposal SET rule = 'no.such.rule'")
    assert any("does not have for its category" in fault for fault in check_rows())


def test_an_approval_by_somebody_else(own_world: World, hand: Hand) -> None:
    erased(own_world)
    hand(
        f"UPDATE evidence_approval SET member_id = '{own_world.id('park')}' WHERE member_id = '{own_world.id('hale')}'"
    )
    assert any("approval" in fault and "changed" in fault for fault in check_rows())


def test_bytes_that_came_back(own_world: World) -> None:
    recording = erased(own_world)
    stored(b"a recording")
    [fault] = check_blobs(blobs.store())
    assert fault.startswith(
        f"Recording {recording.number}: bytes that were erased under a rule are here again"
    )
    assert Recording.objects.get().status == Recording.Status.ERASED
