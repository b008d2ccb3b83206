"""The acts report_holdings and settle_held: what cameras hold is kept once, and said again costs no entry."""

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from fairwitness.department import acts as department
from fairwitness.department.models import Alarm, CameraHeard, Dock, DockHeard
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid
from fairwitness.uploads import acts
from fairwitness.uploads.acts import CameraSaid, FileSaid, Report
from fairwitness.uploads.models import Sighting
from tests.department.ledger import latest, sentence
from tests.evidence.made import sealed
from tests.world import BY, World

Status = Sighting.Status
HOUR = dt.timedelta(hours=1)
Tell = Callable[..., dict[str, str]]


@pytest.fixture
def dock(world: World) -> Dock:
    return department.add_dock(serial="D-1", name="Front desk", by=BY)


@pytest.fixture
def tell(dock: Dock) -> Tell:
    """Report some files of one camera."""

    def report(
        *files: FileSaid, serial: str = "AX-0101", dock: Dock = dock, ahead: int = 0
    ) -> dict[str, str]:
        camera = CameraSaid(serial, True, len(files), sum(file.size for file in files), files)
        at = clock.now() + dt.timedelta(seconds=ahead)
        return acts.report_holdings(Report("1", at, 10**9, (camera,)), dock=dock, by=BY)

    return report


def _file(name: str = "A.MP4", **more: object) -> FileSaid:
    return replace(FileSaid(name, 1000, clock.now().replace(microsecond=0) - HOUR), **more)


def test_what_is_new_is_kept_with_its_camera_and_wearer(world: World, dock: Dock, tell: Tell) -> None:
    tell(_file(), _file("B.MP4"))
    rows = list(Sighting.objects.order_by("name"))
    assert [(row.name, row.status, row.camera, row.wearer, row.dock) for row in rows] == [
        (name, Status.HELD, world.cameras["AX-0101"], world.members["whitfield"], dock)
        for name in ("A.MP4", "B.MP4")
    ]
    counts = {"files": 2, "new": 2, "changed": 0, "sealed": 0, "refused": 0, "gone": 0, "back": 0}
    subjects = {("department.dock", dock.pk), *(("uploads.sighting", row.pk) for row in rows)}
    assert latest() == ("uploads.holdings_reported", subjects, {"dock_id": str(dock.pk), **counts})
    assert "what is new on cameras in Front desk; files: 2" in sentence()


def test_a_repeat_writes_no_entry_but_says_when_it_was_heard(dock: Dock, tell: Tell) -> None:
    file = _file()
    tell(file)
    entries, at = Entry.objects.count(), DockHeard.objects.get().at
    tell(file)
    assert Entry.objects.count() == entries
    assert DockHeard.objects.get().at > at
    heard = CameraHeard.objects.get()
    assert (heard.serial, heard.waiting, heard.waiting_bytes, heard.dock) == ("AX-0101", 1, 1000, dock)


@pytest.mark.parametrize(
    "later", [{"size": 2000}, {"modified": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"sha256": "a" * 64}]
)
def test_a_file_that_changed_is_the_same_file(tell: Tell, later: dict[str, object]) -> None:
    tell(_file())
    tell(_file(**later))
    row = Sighting.objects.get()
    assert {name: getattr(row, name) for name in later} == later
    assert latest()[2]["changed"] == 1


def test_gone_and_there_again(tell: Tell) -> None:
    file = _file()
    tell(file)
    tell(replace(file, gone=True))
    assert Sighting.objects.get().status == Status.GONE
    assert latest()[2]["gone"] == 1
    tell(file)
    assert Sighting.objects.get().status == Status.HELD
    assert latest()[2]["back"] == 1


def test_sealed_is_said_and_linked_and_final(world: World, tell: Tell) -> None:
    recording = sealed()
    file = _file(sha256=recording.sha256)
    assert tell(file) == {recording.sha256: "sealed"}
    row = Sighting.objects.get()
    assert (row.status, row.recording) == (Status.SEALED, recording)
    entries = Entry.objects.count()
    assert tell(replace(file, gone=True)) == {recording.sha256: "sealed"}
    assert Sighting.objects.get().status == Status.SEALED
    assert Entry.objects.count() == entries


def test_the_name_used_again_for_another_file_is_another_sighting(world: World, tell: Tell) -> None:
    recording = sealed()
    tell(_file(sha256=recording.sha256))
    tell(_file(size=5))
    assert set(Sighting.objects.values_list("status", "size")) == {("sealed", 1000), ("held", 5)}


def test_a_digest_not_known_here_has_no_word(tell: Tell) -> None:
    assert tell(_file(sha256="b" * 64)) == {}


def test_a_camera_not_in_the_register_is_kept_by_its_serial(tell: Tell) -> None:
    tell(_file(), serial="ZZ-9")
    row = Sighting.objects.get()
    assert (row.serial, row.camera, row.wearer) == ("ZZ-9", None, None)


def test_the_serial_is_that_of_the_register_whatever_its_case(world: World, tell: Tell) -> None:
    tell(_file(), serial="ax-0101")
    tell(_file(), serial="AX-0101")
    assert Sighting.objects.get().serial == "AX-0101"
    assert CameraHeard.objects.get().camera == world.cameras["AX-0101"]


def test_a_camera_named_twice_is_refused(dock: Dock) -> None:
    twice = (CameraSaid("ax-0101", True, 0, 0), CameraSaid("AX-0101", True, 0, 0))
    with pytest.raises(Invalid, match="twice"):
        acts.report_holdings(Report("1", clock.now(), None, twice), dock=dock, by=BY)


def test_the_wearer_is_who_wore_it_then(world: World, tell: Tell) -> None:
    spare = world.spare()
    since = clock.now() - 3 * HOUR
    department.assign_camera(camera_id=world.spare().pk, member_id=world.id("okoye"), since=since, by=BY)
    department.return_camera(camera_id=spare.pk, until=clock.now() - 2 * HOUR, by=BY)
    department.assign_camera(camera_id=spare.pk, member_id=world.id("haddad"), by=BY)
    then = clock.now().replace(microsecond=0) - 2.5 * HOUR
    tell(_file("then", modified=then), _file("years off", modified=dt.datetime(1980, 1, 1, tzinfo=dt.UTC)),
         serial=spare.serial)  # fmt: skip
    wearers = {row.name: row.wearer for row in Sighting.objects.all()}
    assert wearers == {"then": world.members["okoye"], "years off": world.members["haddad"]}


def test_a_camera_that_moves_to_another_dock_takes_its_files_along(world: World, tell: Tell) -> None:
    other = department.add_dock(serial="D-2", name="Back door", by=BY)
    file = _file()
    tell(file)
    tell(file, _file("B.MP4"), dock=other)
    assert set(Sighting.objects.values_list("name", "dock__serial")) == {("A.MP4", "D-1"), ("B.MP4", "D-2")}
    assert CameraHeard.objects.get().dock == other


def test_a_clock_years_off_is_an_alarm_until_it_is_right(dock: Dock, tell: Tell) -> None:
    tell(ahead=-40 * 365 * 86400)
    alarm = Alarm.objects.get()
    assert (alarm.code, alarm.key, alarm.ended_at) == ("uploads.dock_clock", str(dock.pk), None)
    assert DockHeard.objects.get().clock_ahead == -40 * 365 * 86400
    tell(ahead=60)
    assert Alarm.objects.get().ended_at is not None


def test_a_dock_that_falls_silent_is_an_alarm_until_it_speaks(dock: Dock, tell: Tell) -> None:
    tell()
    acts.watch_docks(by=BY)
    assert not Alarm.objects.exists()
    with clock.frozen(clock.now() + HOUR):
        acts.watch_docks(by=BY)
        acts.watch_docks(by=BY)
        alarm = Alarm.objects.get()
        assert (alarm.code, alarm.key) == ("uploads.dock_silent", str(dock.pk))
        tell()
        acts.watch_docks(by=BY)
    assert Alarm.objects.get().ended_at is not None


def test_a_retired_dock_may_be_silent(dock: Dock, tell: Tell) -> None:
    tell()
    department.retire_dock(dock_id=dock.pk, by=BY)
    with clock.frozen(clock.now() + HOUR):
        acts.watch_docks(by=BY)
    assert not Alarm.objects.exists()


def test_what_was_sealed_by_another_way_is_settled_without_the_dock(tell: Tell) -> None:
    data = b"brought in by hand, later"
    tell(_file(sha256=hashlib.sha256(data).hexdigest()), _file("B.MP4", sha256="c" * 64), _file("C.MP4"))
    assert acts.settle_held(by=BY) == 0
    recording = sealed(data)
    assert acts.settle_held(by=BY) == 1
    row = Sighting.objects.get(name="A.MP4")
    assert (row.status, row.recording) == (Status.SEALED, recording)
    assert latest() == ("uploads.holdings_settled", {("uploads.sighting", row.pk)}, {"sealed": 1})
    assert acts.settle_held(by=BY) == 0
