"""Erasing: the bytes go from every store, the row stays, the certificate says so, and nothing is said before it is so."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fairwitness.department.models import Alarm
from fairwitness.evidence import events, jobs
from fairwitness.evidence.acts import erasing, view
from fairwitness.evidence.acts.seal import attach
from fairwitness.evidence.check import check_rows
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.doors.measures import measures
from fairwitness.evidence.models import Disposal, DisposalList, Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.blobs import FileStore, keys
from fairwitness.kernel.change import change
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Gone, NotFound, Unavailable, WrongState
from fairwitness.policy.doors import figures
from fairwitness.publiclog.publish import publish
from fairwitness.rules.canonical import canonical
from fairwitness.storage.models import Copy
from tests.evidence.disposals import erase, erased, in_grace, made_of, row
from tests.evidence.made import BY, ROOT, nowhere, run, sealed, stored
from tests.evidence.test_propose_disposals import hold
from tests.world import World

DATA = b"a recording"


@pytest.fixture
def two(home: Path, settings: Any) -> Path:
    """Two folders as stores, both begun."""
    settings.FAIRWITNESS_STORES = f"one={home}/one two={home}/two"
    settings.FAIRWITNESS_COPIES = 2
    for store in blobs.store().all:
        store.begin()
    return home


def test_it_works(two: Path, world: World) -> None:
    found = in_grace(world, DATA)
    recording = row(found, DATA).recording
    made_of(recording, b"a picture")
    erase(found)
    gone = row(found, DATA)
    assert gone.status == Disposal.Status.ERASED
    assert gone.recording.status == Recording.Status.ERASED
    found.refresh_from_db()
    assert found.status == DisposalList.Status.DONE
    digests = (recording.sha256, hashlib.sha256(b"a picture").hexdigest())
    assert all(blobs.store().absent_in(name, digest) for name in ("one", "two") for digest in digests)
    assert set(Copy.objects.values_list("status", flat=True)) == {"erased"}
    entry = Entry.objects.get(event=events.BYTES_ERASED.name)
    facts = EntryPrivate.objects.get(entry_id=entry.pk).facts
    assert facts["certificate"] == f"sha256:{hashlib.sha256(canonical(gone.certificate)).hexdigest()}"
    assert entry.public == {"certificate": facts["certificate"], "day": facts["day"]}
    assert [each["name"] for each in gone.certificate["stores"]] == ["one", "two"]
    assert len({each["member"] for each in gone.certificate["approvers"]}) == 2
    assert {each["what"] for each in gone.certificate["blobs"]} == {"recording", "waveform"}


def test_nothing_is_erased_before_the_grace_is_over(world: World) -> None:
    found = in_grace(world, DATA)
    with pytest.raises(WrongState):
        erasing.begin_list(found.pk, by=BY)
    assert blobs.store().holds(row(found, DATA).recording.sha256)


def test_what_is_held_in_grace_is_kept(world: World) -> None:
    found = in_grace(world, DATA)
    hold(row(found, DATA).recording)
    erase(found)
    assert row(found, DATA).status == Disposal.Status.TAKEN_BACK
    assert blobs.store().holds(row(found, DATA).recording.sha256)


def test_a_store_that_says_gone_and_is_not(two: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    found = in_grace(world, DATA)
    real = FileStore.erase

    def lies(self: FileStore, digest: str) -> None:
        if self.name == "one":
            real(self, digest)

    monkeypatch.setattr(FileStore, "erase", lies)
    erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASING
    assert row(found, DATA).recording.status == Recording.Status.SEALED
    assert not Entry.objects.filter(event=events.BYTES_ERASED.name).exists()
    assert Alarm.objects.filter(code=erasing.NOT_ERASED, key="two", ended_at=None).exists()
    monkeypatch.setattr(FileStore, "erase", real)
    erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASED
    assert not Alarm.objects.filter(code=erasing.NOT_ERASED, ended_at=None).exists()


def test_a_store_that_does_not_answer_is_waited_for(two: Path, world: World) -> None:
    found = in_grace(world, DATA)
    mark = two / "two" / ".fairwitness-store"
    mark.unlink()
    erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASING
    mark.touch()
    erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASED


@pytest.mark.parametrize(
    "error", [Unavailable("A store fell silent."), PermissionError(13, "Permission denied")]
)
def test_one_that_fails_keeps_none_behind_it(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    found = in_grace(world, DATA, b"another")
    real = jobs._erase_bytes
    first = list[object]()

    def fails(disposal: Disposal, *rest: Any) -> Any:
        first.append(disposal.pk)
        if disposal.pk == first[0]:
            raise error
        return real(disposal, *rest)

    monkeypatch.setattr(jobs, "_erase_bytes", fails)
    erase(found)
    assert sorted(found.disposals.values_list("status", flat=True)) == ["erased", "erasing"]
    assert Alarm.objects.filter(code=erasing.NOT_ERASED, key=str(found.pk), ended_at=None).exists()
    monkeypatch.setattr(jobs, "_erase_bytes", real)
    erase(found)
    assert set(found.disposals.values_list("status", flat=True)) == {"erased"}
    assert not Alarm.objects.filter(ended_at=None).exists()


def test_nothing_is_certified_that_was_not_read_back(two: Path, world: World) -> None:
    found = in_grace(world, DATA)
    erase_until_begun(found)
    with pytest.raises(WrongState, match="Not every store"):
        erasing.bytes_erased(row(found, DATA).pk, [], by=BY)


def erase_until_begun(found: DisposalList) -> None:
    """As far as the erasing is begun, and no byte is gone."""
    from_now = pytest.MonkeyPatch()
    with from_now.context() as patch:
        patch.setattr("fairwitness.evidence.jobs._erase_bytes", lambda *_: [])
        erase(found)
    assert row(found, DATA).status == Disposal.Status.ERASING


def test_while_it_is_erased_nobody_opens_it_or_brings_it_in(world: World) -> None:
    found = in_grace(world, DATA)
    erase_until_begun(found)
    with pytest.raises(Gone):
        view.view(row(found, DATA).recording_id, "technical", "x", by=world.actor("costa"))
    with pytest.raises(Unavailable, match="being erased"):
        sealed(DATA)
    with pytest.raises(Gone):
        made_of(row(found, DATA).recording, b"a picture")


def test_a_hold_that_comes_before_the_first_byte_goes_is_heard(world: World) -> None:
    found = in_grace(world, DATA)
    erase_until_begun(found)
    hold(row(found, DATA).recording)
    erase(found)
    assert row(found, DATA).status == Disposal.Status.TAKEN_BACK
    assert set(Copy.objects.values_list("status", flat=True)) == {"good"}


def test_bytes_that_another_record_names_are_kept(world: World) -> None:
    found = in_grace(world, DATA)
    attach(stored(DATA), "the same", sealed(b"another"), nowhere, by=BY)
    erase(found)
    gone = row(found, DATA)
    assert gone.status == Disposal.Status.RELEASED
    assert gone.recording.status == Recording.Status.ERASED
    assert blobs.store().holds(gone.recording.sha256)
    kept = gone.certificate["blobs"][0]
    assert kept["outcome"] == "kept"
    assert kept["named_by"][0].startswith("attachment")


def test_encrypted_bytes_lose_their_keys(world: World, settings: Any) -> None:
    settings.FAIRWITNESS_ENCRYPT = True
    recording = erased(world)
    assert keys.kept(recording.sha256) == 0


def test_the_same_bytes_are_sealed_anew(world: World) -> None:
    old = erased(world)
    new = sealed(DATA)
    assert new.pk != old.pk
    assert blobs.store().holds(new.sha256)
    assert old.sha256 not in doors.erased_bytes()


def test_an_erased_recording_is_gone(world: World) -> None:
    recording = erased(world)
    with pytest.raises(Gone):
        view.view(recording.pk, "technical", "x", by=world.actor("costa"))


def test_a_stranger_checks_the_certificate(world: World, tmp_path: Path) -> None:
    recording = erased(world)
    with pytest.raises(Unavailable):
        erasing.take_certificate(recording.pk, by=world.actor("weber"))
    publish()
    made = erasing.take_certificate(recording.pk, by=world.actor("weber"))
    (tmp_path / "kept.mp4").write_bytes(DATA)
    assert _verify(tmp_path, made, "--file", "kept.mp4").returncode == 0
    (tmp_path / "kept.mp4").write_bytes(b"other")
    assert "is not the file of the entry" in _verify(tmp_path, made, "--file", "kept.mp4").stdout
    made["certificate"]["rule"]["due_on"] = "2020-01-01"
    changed = _verify(tmp_path, made)
    assert changed.returncode == 1
    assert "The certificate is not the one that the entry binds" in changed.stdout


def _verify(folder: Path, made: Any, *words: str) -> "subprocess.CompletedProcess[str]":
    (folder / "certificate.json").write_text(json.dumps(made))
    program = str(ROOT / "verify" / "fairwitness_verify.py")
    command = [sys.executable, "-I", "-S", program, "--certificate", "certificate.json", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_the_figure_of_certified_disposals(world: World) -> None:
    erased(world)
    in_grace(world, b"not yet gone")
    jobs.measure_keeping(BY)
    figure = figures("disposals_certified").first()
    assert figure and (figure.numerator, figure.denominator, figure.room) == (1, 1, "evidence")
    with change(event("test.certificate_lost", "{actor} lost a certificate"), by=BY) as entry:
        lost = Disposal.objects.get(status=Disposal.Status.ERASED)
        lost.certificate_sha256 = ""
        lost.save(update_fields=["certificate_sha256"])
        entry.about(lost)
    assert ("disposals_certified", 0, 1) in list(measures())


def test_who_may_take_the_certificate(world: World) -> None:
    recording = erased(world)
    publish()
    with pytest.raises((Forbidden, NotFound)):
        erasing.take_certificate(recording.pk, by=world.actor("whitfield"))
    assert erasing.take_certificate(recording.pk, by=world.actor("sato"))


def test_log_verify(world: World) -> None:
    recording = erased(world)
    publish()
    assert run("log", "verify").code == 0, run("log", "verify").lines
    stored(DATA)
    assert any("are here again" in line for line in run("log", "verify").lines)
    assert recording.status == Recording.Status.ERASED


def test_pages(world: World) -> None:
    found = in_grace(world, DATA, b"other")
    browser = world.sign_in("weber")
    assert browser.get("/disposal/").status_code == 200
    page = browser.get(f"/disposal/{found.pk}/")
    assert page.status_code == 200
    assert b"Take back those chosen" in page.content
    erase(found)
    recording = row(found, DATA).recording
    assert b"Erased under a rule" in browser.get(f"/recordings/{recording.pk}/").content
    assert browser.get(f"/recordings/{recording.pk}/certificate/").status_code == 200
    assert browser.post(f"/disposal/{found.pk}/list.csv").status_code == 200
    assert world.sign_in("whitfield").get(f"/disposal/{found.pk}/").status_code == 404
    assert world.sign_in("novak").get("/disposal/").status_code == 200


def test_two_erased_at_once_that_share_a_picture(world: World) -> None:
    """Neither names it alone while both are there: the last to go marks its copies too, so that nobody mends them."""
    found = in_grace(world, DATA, b"another")
    for data in (DATA, b"another"):
        made_of(row(found, data).recording, b"the same picture")
    shared = hashlib.sha256(b"the same picture").hexdigest()
    erase_until_begun(found)
    assert set(Copy.objects.filter(sha256=shared).values_list("status", flat=True)) == {"good"}
    marks: list[set[str]] = []
    real = type(blobs.store()).erase_in

    def seen(store: Any, name: str, sha256: str) -> None:
        if sha256 == shared:
            marks.append(set(Copy.objects.filter(sha256=shared).values_list("status", flat=True)))
        real(store, name, sha256)

    with pytest.MonkeyPatch().context() as patch:
        patch.setattr(type(blobs.store()), "erase_in", seen)
        erase(found)
    assert {each.status for each in found.disposals.all()} == {Disposal.Status.ERASED}
    assert marks == [{"erasing"}]
    assert Entry.objects.filter(event=events.MORE_LET_GO.name).count() == 1
    assert list(check_rows()) == []
