"""A package of a case: everything or said why not, written by a job that goes on, verified with nothing of ours."""

import datetime as dt
import json
import os
import shutil
from pathlib import Path
from typing import Any

import bagit
import pytest

from fairwitness.cases import acts as cases
from fairwitness.cases.models import Case
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.acts.incident import link_incident
from fairwitness.evidence.acts.note import add_note, withdraw_note
from fairwitness.evidence.acts.offset import find_by_dispatch, find_by_mark, withdraw_offset
from fairwitness.evidence.acts.order import record_order
from fairwitness.evidence.acts.probe import keep_derivative
from fairwitness.evidence.acts.seal import attach
from fairwitness.evidence.doors import holds
from fairwitness.evidence.models import Recording
from fairwitness.incidents.acts import file_report
from fairwitness.kernel import actors, blobs, clock, history
from fairwitness.kernel.blobs import keys
from fairwitness.kernel.blobs.files import FileReader
from fairwitness.kernel.change import change, move
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import Forbidden, Gone, Invalid, NotFound, StoreFull, Unavailable, WrongState
from fairwitness.packages import bag, disclosure
from fairwitness.packages.targets import Zip
from fairwitness.publiclog.publish import publish
from fairwitness.sharing import acts, doors
from fairwitness.sharing.acts import packages
from fairwitness.sharing.doors.planning import LeaveOut
from fairwitness.sharing.models import Package, PackageItem, Progress
from tests.evidence.cutting import made as cut
from tests.evidence.holding import scene
from tests.evidence.made import BY, nowhere, readable, stored
from tests.evidence.test_court_order import PROTECTED
from tests.sharing.made import (
    JOB,
    a_case,
    asked,
    day,
    made,
    packages_folder,
    recordings,
    unpacked,
    verified,
    written,
)
from tests.storage.made import file_of, flip
from tests.world import World


def contents(stick: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((stick / "data/contents.json").read_text(encoding="utf-8"))
    return found


def test_a_package_holds_everything_and_verifies(world: World, case: Case, tmp_path: Path) -> None:
    package = made(world, case)
    assert (package.status, package.number[:2]) == ("made", "P-")
    stick = unpacked(package, tmp_path / "stick")
    assert bagit.Bag(str(stick)).validate()
    found = verified(stick)
    assert found.holds, found.text
    said = contents(stick)
    assert [each["number"] for each in said["there"]] == [
        *(r.number for r in recordings(case)),
        "F-2026-000001",
    ]
    assert said["complete"] is True
    assert all(each["receipt"] for each in said["there"])
    assert "it is everything that the case held" in found.text
    assert package.size == doors.files.path_of(package.pk).stat().st_size
    assert Notice.objects.filter(member=world.id("lindqvist"), sentence__contains="is made").exists()
    assert not Progress.objects.exists()
    assert packages_folder() == [f"{package.pk}.zip"]


def test_what_the_delivering_system_said_is_in_it_too(world: World, case: Case, tmp_path: Path) -> None:
    """Sealed before the package was asked for: with a receipt of its own, and no item that counts."""
    first = recordings(case)[0]
    attach(stored(b"When,Who,What\n"), "audit trail.csv", first, nowhere, by=BY)
    package = asked(world, case)
    attach(stored(b"later"), "later.csv", first, nowhere, by=BY)
    stick = unpacked(written(package), tmp_path)
    assert bagit.Bag(str(stick)).validate() and verified(stick).holds
    said = contents(stick)
    (trail,) = [each for each in said["there"] if each["number"].startswith(f"{first.number}-attached-")]
    assert (stick / trail["path"]).read_bytes() == b"When,Who,What\n" and trail["receipt"]
    assert said["complete"] is True


def test_a_copy_for_browsers_is_bound_to_its_original(world: World, case: Case, tmp_path: Path) -> None:
    first = recordings(case)[0]
    keep_derivative(first.pk, "viewing_copy", stored(b"for browsers"), "video/mp4", {}, by=BY)
    stick = unpacked(made(world, case), tmp_path)
    found = verified(stick)
    assert f"{first.number}-viewing-copy is what the log says: evidence.derivative_made" in found.text
    assert found.holds, found.text


def facts_of(stick: Path, recording: Recording) -> dict[str, str]:
    (row,) = [each for each in contents(stick)["there"] if each["number"] == recording.number]
    return dict(row["facts"])


def test_what_was_found_of_a_clock_is_in_it(world: World, case: Case, tmp_path: Path) -> None:
    """As it stood when the package was asked for; and the first camera's stands with what set it."""
    first, second, _third = recordings(case)
    costa = world.actor("costa")
    for each in (first, second):
        readable(each)
    true_at = first.started + dt.timedelta(seconds=12)
    find_by_dispatch(first.pk, at_ms=0, true_at=true_at, because="The door opens", by=costa)
    find_by_mark(second.pk, at_ms=500, other_id=first.pk, other_ms=500, because="The same light.", by=costa)
    package = asked(world, case)
    withdraw_offset(second.offsets.get().pk, by=costa)
    stick = unpacked(written(package), tmp_path)
    said = facts_of(stick, first)["By how much its clock differs"]
    assert said == (
        "12 s slow, against the times of dispatch, found by Ana Costa: The door opens. "
        "The recording is left as it is."
    )
    assert (
        "12 s slow, by a moment that both cameras show"
        in facts_of(stick, second)["By how much its clock differs"]
    )
    assert "12 s slow" in (stick / "index.html").read_text(encoding="utf-8")


def test_the_reports_about_its_incident_stand_beside_the_footage(
    world: World, case: Case, tmp_path: Path
) -> None:
    """Those that the case's incidents have, with who of them wore this camera; no complaint, none of elsewhere."""
    first = recordings(case)[0]
    costa = world.actor("costa")
    found = scene(
        "26-001,3/4/2026,13:05,Stop,12 Main St,4A12,13:06,,13:12,13:40,\n26-002,3/4/2026,13:25,Fire,,,,,,,"
    )
    for kind, number in (("incident", "STOP-1"), ("complaint", "GRUMBLE-2")):
        file_report(
            found.pk,
            kind=kind,
            number=number,
            sha256="0" * 64,
            filed_at=clock.now(),
            author_id=world.id("whitfield"),
            by=costa,
        )
    cases.link_incident(case.pk, found.pk, by=costa)
    link_incident(first.pk, found.pk, by=costa)
    stick = unpacked(made(world, case), tmp_path)
    said = facts_of(stick, first)
    assert said["Report: Incident"].startswith("STOP-1, by ")
    assert "the officer of this recording" in said["Report: Incident"]
    assert "GRUMBLE" not in (stick / "data/contents.json").read_text(encoding="utf-8")


def test_it_is_in_the_history_of_case_package_and_recording(world: World, case: Case) -> None:
    package = made(world, case)
    said = [line.event for line in history.of("sharing.package", package.pk)]
    assert (said[0], said[-1]) == ("sharing.package_asked", "sharing.package_made")
    assert said.count("sharing.packaged") == 1
    of_recording = history.of("evidence.recording", recordings(case)[0].pk)[-1]
    assert package.number in of_recording.sentence


def test_the_job_may_run_twice(world: World, case: Case) -> None:
    package = made(world, case)
    assert acts.make_package(package.pk, by=JOB) is None
    assert Package.objects.get().sha256 == package.sha256


def test_what_is_left_out_is_said_with_its_reason(world: World, case: Case, tmp_path: Path) -> None:
    first, second, third = recordings(case)
    leave = {
        first.number: LeaveOut("privileged", "Talk with counsel."),
        second.number: LeaveOut("other", "Another <b>matter</b> 田"),
    }
    stick = unpacked(made(world, case, leave_out=leave), tmp_path)
    said = contents(stick)
    assert [each["number"] for each in said["left_out"]] == [first.number, second.number]
    assert said["left_out"][0]["because"].endswith("Talk with counsel.")
    assert said["complete"] is False
    assert not list((stick / "data/recordings").glob(f"{first.number}*"))
    assert "the package says that it is not everything" in verified(stick).text.lower()
    assert third.number in [each["number"] for each in said["there"]]


@pytest.mark.parametrize(
    ("leave", "sentence"),
    [
        ({"R-1999-000001": LeaveOut("privileged")}, "does not hold R-1999-000001"),
        ({"F-2026-000001": LeaveOut("nonsense")}, "Say why F-2026-000001"),
        ({"F-2026-000001": LeaveOut("erased")}, "Say why F-2026-000001"),
        ({"F-2026-000001": LeaveOut("other", " ")}, "Say why"),
        ({"F-2026-000001": LeaveOut("other", "x" * 501)}, "At most 500"),
        ({"F-2026-000001": LeaveOut("clips")}, "no clips that could stand in"),
    ],
)
def test_a_reason_that_is_none_is_refused(
    world: World, case: Case, leave: dict[str, LeaveOut], sentence: str
) -> None:
    with pytest.raises(Invalid, match=sentence):
        asked(world, case, leave_out=leave)
    assert not Package.objects.exists()


def test_for_nobody_or_nothing_is_refused(world: World, case: Case) -> None:
    by = world.actor("lindqvist")
    with pytest.raises(Invalid):
        acts.ask_package(case.pk, side="judge", recipient="x", by=by)
    with pytest.raises(Invalid):
        acts.ask_package(case.pk, side="court", recipient=" \0 ", by=by)


ASKERS = {
    "lindqvist": None,  # leads it
    "costa": None,
    "hale": None,
    "park": None,
    "okafor": None,  # above who leads it
    "sato": Forbidden,
    "whitfield": NotFound,
    "weber": NotFound,
    "adeyemi": NotFound,
    "novak": NotFound,
    "chen": NotFound,
}


@pytest.mark.parametrize(("who", "refusal"), ASKERS.items())
def test_who_may_ask_for_one(world: World, case: Case, who: str, refusal: type[Exception] | None) -> None:
    if refusal is None:
        assert asked(world, case, by=who).asked_by_id == world.id(who)
    else:
        with pytest.raises(refusal):
            asked(world, case, by=who)


def test_what_is_not_open_to_the_asker_is_left_out(world: World, case: Case) -> None:
    """Command finds every case and opens no recording by its role."""
    package = asked(world, case, by="hale")
    assert set(package.items.filter(file=None).values_list("because", flat=True)) == {"not_open"}


def test_a_statute_keeps_it_from_the_defence_until_a_court_orders(world: World, case: Case) -> None:
    first = recordings(case)[0]
    add_category(first.pk, PROTECTED, by=world.actor("costa"))
    prosecution = asked(world, case, by="costa", side="prosecution")
    assert not prosecution.items.exclude(because="").exists()
    row: PackageItem = asked(world, case, by="costa").items.exclude(because="").get()
    assert (row.recording, row.because, "97D" in row.source) == (first, "statute", True)
    record_order(
        first.pk,
        court="Middlesex",
        docket="26-1",
        ordered_on=day(-1),
        sha256="ab" * 32,
        by=world.actor("weber"),
    )
    assert not asked(world, case, by="costa").items.exclude(because="").exists()


def test_it_waits_for_the_log_and_then_goes_on(world: World, case: Case) -> None:
    package = asked(world, case)
    for _ in range(2):
        with pytest.raises(Unavailable, match="not (yet in|been published)"):
            acts.make_package(package.pk, by=JOB)
    assert "public log" in Progress.objects.get().waits
    assert Notice.objects.filter(member=world.id("lindqvist"), sentence__contains="waits").count() == 1
    assert written(package).status == "made"


def test_a_full_disk_is_said_and_it_goes_on(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = asked(world, case)
    publish()
    real = bag._put

    def full(descriptor: int, data: bytes, at: int) -> int:
        if at > 30_000:
            raise OSError(28, "No space left on device")
        return real(descriptor, data, at)

    with monkeypatch.context() as patched:
        patched.setattr(bag, "_put", full)
        with pytest.raises(StoreFull):
            acts.make_package(package.pk, by=JOB)
    assert "The disk for packages is full" in Progress.objects.get().waits
    assert Package.objects.get().status == "asked"
    done = written(package)
    assert verified(unpacked(done, tmp_path)).holds


def test_too_little_room_is_said_before_anything_is_written(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = asked(world, case)
    publish()
    monkeypatch.setattr(packages, "PAPERS", 2**50)
    with pytest.raises(StoreFull, match="Nothing was written"):
        acts.make_package(package.pk, by=JOB)
    assert packages_folder() == []


def test_damaged_bytes_are_left_out_and_said(world: World, case: Case, home: Path, tmp_path: Path) -> None:
    first = recordings(case)[0]
    package = asked(world, case)
    path = home / "blobs" / first.sha256[:2] / first.sha256[2:4] / first.sha256
    path.chmod(0o644)
    path.write_bytes(b"\0" * first.size)
    done = written(package)
    assert done.items.get(recording=first).damaged
    stick = unpacked(done, tmp_path)
    assert "damaged" in contents(stick)["left_out"][0]["because"]
    assert verified(stick).holds


ERASED = event("test.package_erased", "{actor} erased a recording")


def lose(first: Recording) -> None:
    file_of("main", first.sha256).unlink()


def damage(first: Recording) -> None:
    flip(file_of("main", first.sha256))


def lose_key(first: Recording) -> None:
    keys.erase(first.sha256)


@pytest.mark.parametrize(
    ("encrypt", "spoil", "why"),
    [
        (False, lose, "lost"),
        (False, damage, "damaged"),
        (True, lose, "lost"),
        (True, damage, "damaged"),
        (True, lose_key, "damaged"),
    ],
)
def test_what_no_store_gives_is_left_out_and_said(
    world: World, settings: Any, tmp_path: Path, encrypt: bool, spoil: Any, why: str
) -> None:
    """One blob is lost or damaged: the rest is packed, and package, page and asker say what is not in it and why."""
    settings.FAIRWITNESS_ENCRYPT = encrypt
    case = a_case(world)
    first = recordings(case)[0]
    package = asked(world, case)
    spoil(first)
    done = written(package)
    row = done.items.get(recording=first)
    assert (done.status, row.damaged, row.missing) == ("made", True, why)
    stick = unpacked(done, tmp_path)
    assert verified(stick).holds
    said = contents(stick)
    words = {"lost": "No store gives its bytes", "damaged": "The stored bytes are damaged"}[why]
    assert [(each["number"], words in each["because"]) for each in said["left_out"]] == [(first.number, True)]
    assert said["complete"] is False and len(said["there"]) == 3
    page = world.sign_in("lindqvist").get(doors.files.page_of(done)).content.decode()
    assert words in page
    notice = Notice.objects.get(member=world.id("lindqvist"), sentence__contains="is made")
    assert notice.sentence.endswith("Left out of it, because they were erased, damaged or lost by then: 1.")


@pytest.mark.parametrize("done_with", [True, False], ids=["erased", "being erased"])
def test_what_was_erased_since_is_left_out_and_said(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, done_with: bool
) -> None:
    """Erased between the asking and the making: no store is asked for it."""
    first = recordings(case)[0]
    package = asked(world, case)
    lose(first)
    if done_with:
        with change(ERASED, by=BY) as entry:
            move(first, Recording.Status.ERASED)
            entry.about(first)
    else:
        monkeypatch.setattr(holds, "let_go", lambda pk: pk == first.pk or None)
    done = written(package)
    row = done.items.get(recording=first)
    assert (row.damaged, row.missing) == (True, "erased")
    stick = unpacked(done, tmp_path)
    (left,) = contents(stick)["left_out"]
    assert (left["number"], left["because"]) == (first.number, "Its bytes were erased under a rule.")
    assert verified(stick).holds
    assert Notice.objects.filter(sentence__endswith="erased, damaged or lost by then: 1.").exists()


def test_bytes_that_cannot_be_read_to_their_end_are_lost(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The store is there and opens them; its disk does not read them."""
    first = recordings(case)[0]
    package = asked(world, case)
    real = FileReader.__init__

    def opened(reader: FileReader, descriptor: int) -> None:
        real(reader, descriptor)
        reader.bad = first.sha256 in str(Path(f"/proc/self/fd/{descriptor}").readlink())  # type: ignore[attr-defined]

    def failing(reader: FileReader, count: int, at: int) -> bytes:
        if reader.bad:  # type: ignore[attr-defined]
            raise Unavailable("The stored bytes cannot be read: Input/output error.")
        return os.pread(reader._open(), count, at)

    def failing_into(reader: FileReader, buffer: memoryview, at: int) -> int:
        data = failing(reader, len(buffer), at)
        buffer[: len(data)] = data
        return len(data)

    monkeypatch.setattr(FileReader, "__init__", opened)
    monkeypatch.setattr(FileReader, "pread", failing)
    monkeypatch.setattr(FileReader, "pread_into", failing_into)
    done = written(package)
    assert done.items.get(recording=first).missing == "lost"
    assert verified(unpacked(done, tmp_path)).holds


@pytest.mark.parametrize("gone", ["mark", "all"])
def test_it_waits_for_a_store_that_is_not_there(
    world: World, settings: Any, home: Path, tmp_path: Path, gone: str
) -> None:
    """A disk that is not mounted has lost nothing: the package waits, and who asked is told."""
    if gone == "mark":
        settings.FAIRWITNESS_STORES = f"here={home}/blobs"
        blobs.store().first.begin()
    case = a_case(world)
    package = asked(world, case)
    publish()
    away = (home / "blobs").rename(home / "away")
    with pytest.raises((NotFound, Unavailable)):
        acts.make_package(package.pk, by=JOB)
    assert Progress.objects.get().waits
    assert Notice.objects.filter(member=world.id("lindqvist"), sentence__contains="waits").count() == 1
    assert Package.objects.get().status == "asked"
    away.rename(home / "blobs")
    assert verified(unpacked(written(package), tmp_path)).holds


def test_whatever_refuses_is_said(world: World, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only a full disk and a store that is away: nobody waits for a package without knowing why."""
    package = asked(world, case)
    publish()

    def refuse(found: Package) -> None:
        raise Gone("The facts of this entry were erased by rule.")

    monkeypatch.setattr(doors.content, "disclosure_of", refuse)
    with pytest.raises(Gone):
        acts.make_package(package.pk, by=JOB)
    assert Progress.objects.get().waits == "The facts of this entry were erased by rule."
    assert Notice.objects.filter(member=world.id("lindqvist"), sentence__contains="erased by rule").exists()
    last = history.of("sharing.package", package.pk)[-1]
    assert last.sentence.endswith("waits (something that it needs is not kept any more)")


def test_that_it_is_being_written_is_no_waiting(world: World, case: Case, tmp_path: Path) -> None:
    package = asked(world, case)
    publish()
    target = Zip(tmp_path / "other.zip", clock.now())
    with bag.Bag(target, doors.files.journal_of(package.pk)), pytest.raises(WrongState, match="already"):
        acts.make_package(package.pk, by=JOB)
    assert not Notice.objects.filter(sentence__contains="waits").exists()


def test_withdrawn_it_goes_for_everyone(world: World, case: Case) -> None:
    package = made(world, case)
    with pytest.raises(Invalid):
        acts.withdraw_package(package.pk, "", by=world.actor("lindqvist"))
    acts.withdraw_package(package.pk, "A victim's address is in it.", by=world.actor("lindqvist"))
    assert packages_folder() == []
    with pytest.raises(WrongState):
        acts.take_package(package.pk, by=world.actor("lindqvist"))
    with pytest.raises(WrongState):
        acts.withdraw_package(package.pk, "Again.", by=world.actor("lindqvist"))


def test_killed_between_name_and_journal_it_is_whole_all_the_same(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The retry finds a journal of members that lie in the finished file, and none of them in the file it begins."""

    def killed(journal: object) -> None:
        raise KeyboardInterrupt

    package = asked(world, case)
    publish()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(bag._Journal, "remove", killed)
        acts.make_package(package.pk, by=JOB)
    assert packages_folder() == [f"{package.pk}.journal", f"{package.pk}.zip"]
    assert verified(unpacked(written(package), tmp_path)).holds
    assert packages_folder() == [f"{package.pk}.zip"]


def test_the_journal_goes_before_what_it_speaks_of(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it removes what was written: no journal is left that names what is not there."""
    package = asked(world, case)
    paths = doors.files.all_of(package.pk)
    for path in paths:
        path.touch()
    real, gone = Path.unlink, list[str]()

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if gone:
            raise KeyboardInterrupt
        real(path, missing_ok=missing_ok)
        gone.append(path.name)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(Path, "unlink", unlink)
        packages._remove(package.pk)
    assert gone == [f"{package.pk}.journal"]


def test_withdrawn_while_it_is_written_the_job_stops(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = asked(world, case)
    publish()
    monkeypatch.setattr(packages, "EVERY", 0)
    real = packages._note_progress

    def withdrawing(package_id: Any, **said: object) -> None:
        real(package_id, **said)
        if Package.objects.get(pk=package_id).status == "asked":
            acts.withdraw_package(package_id, "Not wanted.", by=world.actor("lindqvist"))

    monkeypatch.setattr(packages, "_note_progress", withdrawing)
    assert acts.make_package(package.pk, by=JOB) is None
    assert packages_folder() == []
    assert not Progress.objects.exists()


@pytest.mark.parametrize("ends", ["unwanted", "written"])
def test_a_second_job_that_ends_late_takes_nothing_away(
    world: World, case: Case, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    package = asked(world, case)
    publish()
    real = disclosure.write

    def write(*words: Any, **more: Any) -> Any:
        monkeypatch.setattr(disclosure, "write", real)
        assert acts.make_package(package.pk, by=JOB), "another job makes it meanwhile"
        if ends == "unwanted":
            raise packages.Unwanted
        return bag.Finished("0" * 64, 1, 1), {}

    monkeypatch.setattr(disclosure, "write", write)
    assert acts.make_package(package.pk, by=JOB) is None
    assert doors.files.path_of(package.pk).exists()
    told = [line.event for line in history.of("sharing.package", package.pk)]
    assert told.count("sharing.package_made") == 1


def test_taking_a_copy_is_entered_and_for_whom_it_opens(world: World, case: Case) -> None:
    package = made(world, case)
    assert acts.take_package(package.pk, by=world.actor("lindqvist")).pk == package.pk
    assert history.of("sharing.package", package.pk)[-1].event == "sharing.package_taken"
    with pytest.raises(Forbidden, match="not open to you: 3"):
        acts.take_package(package.pk, by=world.actor("hale"))
    with pytest.raises(Forbidden):
        acts.take_package(package.pk, by=world.actor("sato"))


def test_erasing_a_recording_removes_packages_that_hold_it(world: World, case: Case) -> None:
    package, first = made(world, case), recordings(case)[0]
    assert doors.files.left_of(first.pk) == 1
    assert acts.clear_of(first.pk) == 0
    assert packages_folder() == []
    with pytest.raises(Gone):
        doors.files.check_there(package)


def test_old_files_go_at_night_and_their_records_stay(world: World, case: Case, settings: Any) -> None:
    package = made(world, case)
    by = actors.system("sharing.let_old_go")
    assert acts.let_old_go(by=by) == 0
    settings.FAIRWITNESS_PACKAGE_DAYS = -1
    assert acts.let_old_go(by=by) == 1
    assert acts.let_old_go(by=by) == 0
    assert packages_folder() == []
    assert Package.objects.get() == package


def test_notes_are_in_it_only_when_asked_for(world: World, case: Case) -> None:
    without, with_notes = asked(world, case), asked(world, case, with_notes=True)
    publish()
    assert [e.moments for e in doors.content.disclosure_of(without).exhibits] == [()] * 4
    assert doors.content.disclosure_of(with_notes).number == with_notes.number


def test_notes_that_are_not_in_it_are_counted_and_said(world: World, case: Case, tmp_path: Path) -> None:
    """As they were when the package was asked for, and only those of what is in it: those of the rest stay with it."""
    first, second, third = recordings(case)
    lindqvist = world.actor("lindqvist")
    for each in (first, second, third):
        readable(each)
    withdrawn = add_note(first.pk, 500, "No.", by=lindqvist)
    withdraw_note(withdrawn.pk, by=lindqvist)
    for each in (first, first, third):
        add_note(each.pk, 1500, "He drops the knife.", by=lindqvist)
    cases.add_case_note(case.pk, "Ask the neighbour.", by=lindqvist)
    package = asked(world, case, leave_out={third.number: LeaveOut("not_relevant")})
    whole = asked(world, case)
    add_note(second.pk, 100, "Later.", by=lindqvist)
    assert (package.notes_withheld, package.case_notes) == (2, 1)
    assert whole.notes_withheld == 3
    assert asked(world, case, with_notes=True).notes_withheld == 0
    at_moments = "Notes at moments of recordings: {}, not in it because they were not asked for."
    on_case = "Notes on the case itself: 1, not in it because no package holds them."
    said = contents(unpacked(written(package), tmp_path / "some"))
    assert said["withheld"] == [at_moments.format(2), on_case]
    stick = unpacked(written(whole), tmp_path / "whole")
    said = contents(stick)
    assert (said["complete"], said["left_out"]) == (False, [])
    assert said["statement"] == (
        f"Every recording and file that the case {case.number} held when the package was asked for is in it: 4. "
        f"{at_moments.format(3)} {on_case}"
    )
    html = (stick / "index.html").read_text(encoding="utf-8")
    assert html.count(at_moments.format(3)) == 2 and html.count(on_case) == 2
    assert "Nothing was left out" not in html and "Everything that the case" not in html
    page = world.sign_in("lindqvist").get(doors.files.page_of(whole)).content.decode()
    assert at_moments.format(3) in page and on_case in page and "Nothing was left out." not in page


def test_notes_on_the_case_are_never_in_it(world: World, case: Case, tmp_path: Path) -> None:
    cases.add_case_note(case.pk, "Ask the neighbour.", by=world.actor("lindqvist"))
    said = contents(unpacked(made(world, case, with_notes=True), tmp_path))
    assert said["withheld"] == ["Notes on the case itself: 1, not in it because no package holds them."]
    assert said["complete"] is False


@pytest.mark.parametrize("because", ["not_relevant", "not_open", "statute"])
def test_clips_of_what_is_left_out_are_left_out_and_said(
    world: World, case: Case, tmp_path: Path, because: str
) -> None:
    """With the recording's reason: a clip that the case has is either in the package or said not to be."""
    first = readable(recordings(case)[0])
    cut(first, world.actor("lindqvist"))
    if because == "statute":
        add_category(first.pk, PROTECTED, by=world.actor("costa"))
    leave = {first.number: LeaveOut("not_relevant", "Another street.")} if because == "not_relevant" else {}
    who = {"not_open": "hale", "statute": "costa"}.get(because, "lindqvist")
    package = asked(world, case, by=who, leave_out=leave)
    rows = list(package.items.filter(recording=first).order_by("place"))
    assert [(bool(row.clip), row.because) for row in rows] == [(False, because), (True, because)]
    assert (rows[0].words, rows[0].source) == (rows[1].words, rows[1].source)
    said = contents(unpacked(written(package), tmp_path))
    clip = f"{first.number}-clip-{rows[1].place}"
    (left,) = [each for each in said["left_out"] if each["kind"] == "clip"]
    whole = next(each for each in said["left_out"] if each["number"] == first.number)
    assert (left["number"], left["because"]) == (clip, whole["because"])
    items = 3 if because == "not_open" else 1
    assert (
        f"Left out: {items}. Clips, copies for playing and attached files that are left out: 1."
        in (said["statement"])
    )
    assert said["complete"] is False


def test_clips_stand_in_for_their_original_with_their_proof(world: World, case: Case, tmp_path: Path) -> None:
    first = readable(recordings(case)[0])
    clip = cut(first, world.actor("lindqvist"))
    leave = {first.number: LeaveOut("clips")}
    stick = unpacked(made(world, case, leave_out=leave), tmp_path)
    said = contents(stick)
    there = next(each for each in said["there"] if each["kind"] == "clip")
    assert (there["sha256"], there["made_of"]) == (f"sha256:{clip.sha256}", first.number)
    assert said["left_out"][0]["because"] == "Its clips are in the package instead."
    assert json.loads((stick / f"{there['path']}.proof.json").read_text(encoding="utf-8")) == clip.proof
    found = verified(stick)
    assert f"{there['number']} is what the log says: evidence.clip_made" in found.text
    assert found.holds, found.text


def test_recordings_that_the_case_does_not_hold_are_counted(world: World, case: Case) -> None:
    assert asked(world, case).beside == 0


def test_the_file_stays_out_of_reach_of_other_users(world: World, case: Case, home: Path) -> None:
    package = made(world, case)
    assert doors.files.path_of(package.pk).stat().st_mode & 0o777 == 0o600
    assert (home / "packages").stat().st_mode & 0o777 == 0o700
    shutil.rmtree(home / "packages")
    assert Recording.objects.count() == 3
