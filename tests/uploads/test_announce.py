"""Announcing and closing uploads: who may, for which camera, how many, and that nothing lets a byte go."""

import datetime as dt
import json
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from fairwitness.accounts.acts import end_token, issue_token
from fairwitness.department import acts as department
from fairwitness.department.models import Alarm, Camera
from fairwitness.evidence.models import Recording
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, StoreFull, TooMany, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.uploads import acts, jobs
from fairwitness.uploads.acts import announce, staged, watch
from fairwitness.uploads.acts.said import moment
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.models import Progress, Upload
from tests.conftest import shared
from tests.uploads.tus import BY, Sender, actor_of, token_of, upload_at
from tests.world import World

DATA = b"some bytes of film"
SENDERS = {Role.OFFICER, Role.SUPERVISOR, Role.BWC_UNIT}
BY_ROLE = {
    Role.OFFICER: "whitfield",
    Role.SUPERVISOR: "ruiz",
    Role.BWC_UNIT: "costa",
    Role.RECORDS_OFFICER: "weber",
    Role.COMMUNITY_SUPERVISOR: "adeyemi",
    Role.COMMAND_STAFF: "hale",
    Role.CHIEF: "park",
    Role.INTERNAL_AUDITOR: "sato",
    Role.EXTERNAL_AUDITOR: "novak",
    Role.ACCOUNT_ADMINISTRATOR: "chen",
}
OWN = {"whitfield": "AX-0101", "ruiz": "AX-0021", "costa": "AX-0101"}


def facts(event: str) -> dict[str, Any]:
    entry = Entry.objects.filter(event=event).latest("id")
    said: dict[str, Any] = EntryPrivate.objects.get(pk=entry.pk).facts
    return said


@pytest.mark.parametrize("column", Upload.FROZEN)
def test_what_was_announced_never_changes(dock: Sender, column: str) -> None:
    dock.begin(5, device="AX-0101")
    name = Upload._meta.get_field(column).column
    other = {"size": "7", "begun": "now()", "said": '\'{"x": "y"}\'', "by_hand": "true"}
    keys = dict.fromkeys(("token", "dock", "camera", "holder"), "gen_random_uuid()")
    with pytest.raises(DatabaseError, match=f"{name} is sealed"), transaction.atomic():
        cursor = connection.cursor()
        cursor.execute(
            "SELECT set_config('fairwitness.change', %s, true)", [str(Upload.objects.get().written_by)]
        )
        cursor.execute(
            f"UPDATE uploads_upload SET {name} = {(other | keys).get(column, chr(39) + 'x' + chr(39))}"
        )


@pytest.mark.parametrize("role", list(Role), ids=str)
def test_who_may_send(world: World, role: Role) -> None:
    key = BY_ROLE[role]
    by = world.actor(key)
    if role in SENDERS:
        said = {"device": OWN[key], "started": clock.rfc3339(clock.now())}
        upload = acts.begin_upload(size=5, said=said, by=by)
        assert upload.by_hand
        assert upload.number.startswith("U-")
    else:
        with pytest.raises(Forbidden):
            acts.begin_upload(size=5, said={}, by=by)
        answer = Sender(browser=world.sign_in(key)).ask("POST", "/api/uploads", Upload_Length=5)
        assert answer.status_code == 403


@pytest.mark.parametrize("key", ["whitfield", "ruiz"])
def test_whoever_wears_a_camera_sends_only_what_it_recorded(world: World, key: str) -> None:
    by, now = world.actor(key), clock.rfc3339(clock.now())
    for device in ("", "AX-0102", "unknown"):
        with pytest.raises(Forbidden, match="you did not wear this camera"):
            acts.begin_upload(size=5, said={"device": device, "started": now}, by=by)


@pytest.mark.parametrize("started", ["", "soon", "1980-01-06T00:00:00Z", "2099-01-01T00:00:00Z"])
def test_whoever_wears_a_camera_says_when_it_recorded(world: World, started: str) -> None:
    with pytest.raises(Forbidden, match="when it was"):
        acts.begin_upload(size=5, said={"device": "AX-0101", "started": started}, by=world.actor("whitfield"))


def test_what_another_recorded_with_the_camera_that_one_wears_now_is_not_ones_own(world: World) -> None:
    camera, before = world.cameras["AX-0101"], clock.rfc3339(clock.now() - dt.timedelta(days=3))
    with clock.frozen(clock.now() - dt.timedelta(days=1)):
        for each in (camera, world.cameras["AX-0102"]):
            department.return_camera(camera_id=each.pk, by=BY)
        department.assign_camera(camera_id=camera.pk, member_id=world.members["okoye"].pk, by=BY)
    with pytest.raises(Forbidden, match="you did not wear this camera then"):
        acts.begin_upload(
            size=5, said={"device": camera.serial, "started": before, "owner": "101"}, by=world.actor("okoye")
        )


def test_a_camera_that_was_theirs_when_it_recorded_may_still_be_sent(world: World) -> None:
    worn_then = clock.rfc3339(clock.now() - dt.timedelta(days=3))
    camera = world.cameras["AX-0101"]
    with clock.frozen(clock.now() - dt.timedelta(days=1)):
        department.return_camera(camera_id=camera.pk, by=BY)
    said = {"device": camera.serial, "started": worn_then}
    upload = acts.begin_upload(size=5, said=said, by=world.actor("whitfield"))
    assert upload.holder == world.members["whitfield"]
    with pytest.raises(Forbidden):
        said["started"] = clock.rfc3339(clock.now())
        acts.begin_upload(size=5, said=said, by=world.actor("whitfield"))


def test_the_entry_binds_what_was_said_and_names_nobody(dock: Sender, world: World) -> None:
    path = dock.begin(5, filename="Officer Whitfield.mp4", device="AX-0101", sha256="ab" * 32)
    said = facts("uploads.begun")
    assert said["size"] == 5
    assert said["declared"] == f"sha256:{'ab' * 32}"
    assert said["camera_id"] == str(world.cameras["AX-0101"].pk)
    assert said["dock_id"] == str(upload_at(path).dock_id)
    assert "Whitfield" not in str(said)


def test_a_token_without_the_scope_may_not_send(world: World) -> None:
    reporter = Sender(token=token_of(world, scopes=("report",)))
    assert reporter.ask("POST", "/api/uploads", Upload_Length=5).status_code == 403


def test_a_token_that_was_ended_sends_nothing_more(world: World, dock: Sender) -> None:
    path = dock.begin(len(DATA))
    end_token(token_id=actor_of(dock.token).token_id, by=world.actor("costa"))
    answer: Any = dock.patch(path, DATA)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthorized")


def test_a_camera_that_was_reported_lost_sends_nothing(world: World) -> None:
    camera = world.cameras["AX-0101"]
    _token, secret = issue_token(
        name="AX-0101", scopes=["upload"], camera_id=camera.pk, by=world.actor("costa")
    )
    thief = Sender(token=secret)
    path = thief.begin(len(DATA))
    assert upload_at(path).camera == camera
    department.move_camera(camera_id=camera.pk, to=Camera.Status.LOST, by=world.actor("costa"))
    for method, place in (("POST", "/api/uploads"), ("PATCH", path), ("HEAD", path), ("DELETE", path)):
        answer = thief.ask(method, place, DATA, Upload_Offset=0, Upload_Length=5)
        assert answer.status_code == 401, method
    assert upload_at(path).status == "announced"


def test_what_a_token_of_neither_dock_nor_camera_sends_came_by_hand(world: World) -> None:
    _token, program = issue_token(name="Dock 1", scopes=["upload"], by=world.actor("costa"))
    for secret, by_hand in ((program, True), (token_of(world), False)):
        path = Sender(token=secret).begin(5)
        assert upload_at(path).by_hand is by_hand and facts("uploads.begun")["by_hand"] is by_hand


def test_a_cameras_token_speaks_for_no_other_camera(world: World) -> None:
    camera = world.cameras["AX-0101"]
    _token, secret = issue_token(
        name="AX-0101", scopes=["upload"], camera_id=camera.pk, by=world.actor("costa")
    )
    with pytest.raises(Forbidden, match="another camera"):
        acts.begin_upload(size=5, said={"device": "AX-0102"}, by=actor_of(secret))


def test_a_dock_goes_on_under_a_new_token(world: World, dock: Sender) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:4])
    renewed = Sender(token=token_of(world))
    assert renewed.offset(path) == 4
    assert renewed.patch(path, DATA[4:], 4).status_code == 204
    other = Sender(token=token_of(world, "DOCK-2"))
    assert other.ask("HEAD", path).status_code == 404


def test_so_many_unfinished_and_no_more(dock: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announce, "MOST_OPEN", 3)
    paths = [dock.begin(5) for _ in range(3)]
    answer: Any = dock.ask("POST", "/api/uploads", Upload_Length=5)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert answer.headers["Retry-After"]
    dock.patch(paths[0], b"12345")
    assert dock.begin(5)


def test_what_was_begun_and_left_is_closed_in_batches(dock: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sender gets no further than its limit; what many left is closed batch by batch, and each is an act."""
    monkeypatch.setattr(announce, "BATCH", 4)
    by = actor_of(dock.token)
    with clock.frozen(clock.now() - dt.timedelta(days=agency().uploads.abandoned_after_days, minutes=1)):
        for _ in range(10):
            acts.begin_upload(size=5, said={}, by=by)
    fresh = acts.begin_upload(size=5, said={}, by=by)
    assert [announce.abandon_left(limit=4) for _ in range(4)] == [4, 4, 2, 0]
    assert Upload.objects.filter(status="abandoned").count() == 10
    assert Upload.objects.get(status="announced") == fresh
    assert Entry.objects.filter(event="uploads.abandoned").count() == 10
    with pytest.raises(TooMany):
        monkeypatch.setattr(announce, "MOST_OPEN", 1)
        acts.begin_upload(size=5, said={}, by=by)


def test_what_is_still_coming_is_not_abandoned(dock: Sender) -> None:
    upload = upload_at(dock.begin(5))
    with pytest.raises(WrongState):
        acts.abandon_upload(upload.pk, by=BY)
    jobs.abandon(0)
    assert Upload.objects.get().status == "announced"


def test_abandoned_bytes_stay_and_the_entry_says_how_many(dock: Sender) -> None:
    path = dock.begin(len(DATA))
    dock.patch(path, DATA[:6])
    upload = upload_at(path)
    Progress.objects.update(seen_at=clock.now() - dt.timedelta(days=8))
    jobs.abandon(0)
    upload.refresh_from_db()
    assert (upload.status, upload.came) == ("abandoned", 6)
    assert facts("uploads.abandoned")["came"] == 6
    assert staged.path_of(upload.pk).read_bytes() == DATA[:6]
    assert dock.ask("HEAD", path).status_code == 410


def test_the_bwc_unit_withdraws_and_others_do_not(dock: Sender, world: World) -> None:
    upload = upload_at(dock.begin(5, device="AX-0101"))
    with pytest.raises(Forbidden):
        acts.withdraw_upload(upload.pk, by=world.actor("whitfield"))
    with pytest.raises(NotFound):
        acts.withdraw_upload(upload.pk, by=world.actor("okoye"))
    assert acts.withdraw_upload(upload.pk, by=world.actor("costa")).status == "withdrawn"
    with pytest.raises(WrongState):
        acts.withdraw_upload(upload.pk, by=world.actor("costa"))


def test_a_digest_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(Invalid):
        acts.begin_upload(size=5, said={"sha256": "not a digest"}, by=world.actor("costa"))
    for good in ("AB" * 32, f"sha256:{'ab' * 32}"):
        assert acts.begin_upload(size=5, said={"sha256": good}, by=world.actor("costa")).sha256 == "ab" * 32


def test_no_room_for_what_is_announced(dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What open uploads declare counts, twice until it is sealed; and those who keep the system are told."""
    MIB = 2**20
    monkeypatch.setattr(doors, "disk", lambda: doors.Room(100 * MIB, 50 * MIB, 0, 10 * MIB))
    path = dock.begin(15 * MIB)
    other = Sender(token=token_of(world, "DOCK-2"))
    answer: Any = other.ask("POST", "/api/uploads", Upload_Length=6 * MIB)
    assert (answer.status_code, answer.json()["code"]) == (507, "store_full")
    assert answer.headers["Retry-After"]
    alarm = Alarm.objects.get(ended_at=None)
    assert alarm.code == watch.PROMISED
    assert "50 MiB free, but 30 MiB are promised to unfinished uploads" in alarm.sentence
    assert upload_at(path).number in world.sign_in("costa").get(alarm.link).content.decode()
    jobs.look_after(0)
    assert Alarm.objects.get(ended_at=None) == alarm
    acts.withdraw_upload(upload_at(path).pk, by=world.actor("costa"))
    jobs.look_after(0)
    assert not Alarm.objects.filter(ended_at=None).exists()
    assert other.begin(6 * MIB)


def test_one_sender_is_promised_its_share_and_no_more(
    dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A quarter, or one file where that is larger; a new token of the same dock gets no more, others get theirs."""
    MIB = 2**20
    monkeypatch.setattr(doors, "disk", lambda: doors.Room(200 * MIB, 90 * MIB, 0, 10 * MIB))
    paths = [dock.begin(5 * MIB), dock.begin(5 * MIB)]
    for sender in (dock, Sender(token=token_of(world))):
        answer: Any = sender.ask("POST", "/api/uploads", Upload_Length=5 * MIB)
        assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
        assert answer.headers["Retry-After"]
    assert not Alarm.objects.exists()
    other = Sender(token=token_of(world, "DOCK-2"))
    assert other.begin(30 * MIB)
    assert other.ask("POST", "/api/uploads", Upload_Length=1).status_code == 429
    acts.withdraw_upload(upload_at(paths[0]).pk, by=world.actor("costa"))
    assert dock.begin(5 * MIB)


def test_no_room_on_the_disk(dock: Sender, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Others filled the disk: what was promised waits too, and those who keep the system are told once."""
    MIB = 2**20
    monkeypatch.setattr(doors, "disk", lambda: doors.Room(100 * MIB, 50 * MIB, 0, 10 * MIB))
    path = dock.begin(15 * MIB)
    monkeypatch.setattr(doors, "disk", lambda: doors.Room(100 * MIB, 10 * MIB, 0, 10 * MIB))
    assert dock.patch(path, DATA).status_code == 507
    assert dock.offset(path) == 0
    assert Alarm.objects.get(ended_at=None).code == watch.NO_ROOM
    with pytest.raises(StoreFull):
        acts.begin_upload(size=1, said={}, by=world.actor("costa"))
    assert Alarm.objects.count() == 1
    monkeypatch.setattr(doors, "disk", lambda: doors.Room(100 * MIB, 90 * MIB, 0, 10 * MIB))
    jobs.look_after(0)
    assert not Alarm.objects.filter(ended_at=None).exists()
    assert dock.patch(path, DATA).status_code == 204


@pytest.mark.parametrize(
    "started",
    [
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "1980-01-06T00:00:00Z",
        "2099-01-01T00:00:00Z",
        "soon",
    ],
)
def test_clocks_years_off_are_kept_as_said_and_not_believed(dock: Sender, started: str) -> None:
    dock.sealed(DATA, device="AX-0101", started=started)
    recording = Recording.objects.get()
    assert recording.clock == "implausible"
    assert recording.started_text == started
    assert abs((recording.started - clock.now()).total_seconds()) < 60
    assert recording.owner is None


def test_times_are_read_as_rfc_3339_or_in_the_agencys_zone() -> None:
    assert moment("2026-05-01T10:00:00Z") == dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
    assert moment("2026-05-01T10:00:00") == dt.datetime(2026, 5, 1, 10, tzinfo=agency().tz)
    assert moment("") is moment("0001-01-01T00:00:00+23:59") is None


def test_names_that_break_things(dock: Sender) -> None:
    """The strings that break things, as the names of files and as whatever else is said of them."""
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    names = [*filter(None, strings), "\0", "a" * 2000, "../../etc/passwd"]
    fields = ("filename", "title", "incident", "owner", "device", "started")
    rounds = [names[at : at + len(fields)] for at in range(0, len(names), len(fields))]
    for number, words in enumerate(rounds):
        upload = dock.sealed(f"{number}".encode(), **dict(zip(fields, words, strict=False)))
        assert upload.status == "sealed", words
    assert Recording.objects.count() == len(rounds)
    assert not [key for keys in staged.every() for key in keys]
