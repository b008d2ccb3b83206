"""Disposing of staged bytes: by rule, by the BWC Unit, by an act; never before it is due, never of what was sealed."""

import datetime as dt

import pytest

from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.uploads import acts
from fairwitness.uploads.acts import seal, staged
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Progress, Upload
from tests.uploads.test_announce import BY_ROLE
from tests.uploads.tus import BY, Sender, upload_at
from tests.world import World

DATA = b"some bytes of film"
LATER = dt.timedelta(days=agency().uploads.kept_days, minutes=1)


def made(dock: Sender, world: World, status: str) -> Upload:
    """An upload of whitfield's camera in this state, disposed of only where that is the state."""
    if status in ("received", "sealed", "refused"):
        wrong = {"sha256": "0" * 64} if status == "refused" else {}
        upload = dock.send(DATA, device="AX-0101", **wrong)
        return upload if status == "received" else seal.seal_upload(upload.pk, by=BY)
    path = dock.begin(len(DATA), device="AX-0101")
    dock.patch(path, DATA[:5])
    upload = upload_at(path)
    if status == "announced":
        return upload
    if status == "abandoned":
        Progress.objects.update(seen_at=clock.now() - dt.timedelta(days=8))
        return acts.abandon_upload(upload.pk, by=BY)
    acts.withdraw_upload(upload.pk, by=world.actor("costa"))
    if status == "disposed":
        with clock.frozen(clock.now() + LATER):
            return acts.dispose_upload(upload.pk, by=world.actor("costa"))
    return Upload.objects.get(pk=upload.pk)


def test_the_default_is_the_task_forces_minimum() -> None:
    assert agency().uploads.kept_days == 180
    assert "180 days" in agency().uploads.kept_source


@pytest.mark.parametrize("role", list(Role), ids=str)
@pytest.mark.parametrize("status", Upload.Status.values)
def test_the_square_of_state_and_role(dock: Sender, world: World, status: str, role: Role) -> None:
    """When the rule allows it: the BWC Unit, of what was not sealed, and nobody else and nothing else."""
    upload = made(dock, world, status)
    by = world.actor(BY_ROLE[role])
    with clock.frozen(clock.now() + LATER):
        if role != Role.BWC_UNIT:
            seen = role in (Role.OFFICER, Role.SUPERVISOR, Role.INTERNAL_AUDITOR)
            with pytest.raises(Forbidden if seen else NotFound):
                acts.dispose_upload(upload.pk, by=by)
        elif status in doors.UNSEALED:
            assert acts.dispose_upload(upload.pk, by=by).status == "disposed"
            assert staged.size_of(upload.pk) == 0
            return
        else:
            with pytest.raises(WrongState):
                acts.dispose_upload(upload.pk, by=by)
    upload.refresh_from_db()
    assert upload.status == status
    assert (staged.size_of(upload.pk) > 0) == (status not in ("sealed", "disposed"))


@pytest.mark.parametrize("status", doors.UNSEALED)
def test_not_before_it_is_due(dock: Sender, world: World, status: str) -> None:
    upload = made(dock, world, status)
    until = doors.kept_until(upload)
    assert until is not None
    assert until - upload.status_since == dt.timedelta(days=180)
    with (
        clock.frozen(until - dt.timedelta(seconds=1)),
        pytest.raises(WrongState, match="keeps these bytes until"),
    ):
        acts.dispose_upload(upload.pk, by=world.actor("costa"))
    assert staged.size_of(upload.pk) > 0
    with clock.frozen(until):
        acts.dispose_upload(upload.pk, by=world.actor("costa"))


def test_the_entry_says_under_which_rule(dock: Sender, world: World) -> None:
    made(dock, world, "disposed")
    entry = Entry.objects.get(event="uploads.disposed")
    assert EntryPrivate.objects.get(pk=entry.pk).facts == {"came": 5, "kept_days": 180, "was": "withdrawn"}
    assert entry.actor == world.actor("costa").key


def test_what_a_death_after_the_change_left_is_swept(dock: Sender, world: World) -> None:
    upload = made(dock, world, "disposed")
    path = staged.path_of(upload.pk)
    path.write_bytes(DATA)
    assert seal.sweep_staged() == 1
    assert not path.exists()


@pytest.mark.parametrize("status", ["announced", "received", "refused", "withdrawn", "abandoned"])
def test_the_sweep_leaves_everything_else(dock: Sender, world: World, status: str) -> None:
    upload = made(dock, world, status)
    stranger = staged.path_of(upload.pk).with_name("01a20348-9494-76f1-b35c-ed857cf1cd0b")
    stranger.write_bytes(b"of an upload that no row names")
    with clock.frozen(clock.now() + 3 * LATER):
        assert seal.sweep_staged() == 0
    assert staged.size_of(upload.pk) > 0
    assert stranger.exists()
