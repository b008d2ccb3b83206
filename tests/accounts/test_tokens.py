"""Tokens of devices and programs: issued, shown, refused by name, ended at once; stored as a digest alone."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from fairwitness.accounts import acts, doors
from fairwitness.accounts.models import SignInLog, Token, TokenUse
from fairwitness.department import acts as department
from fairwitness.department.models import Dock
from fairwitness.kernel import clock, notices
from fairwitness.kernel.change import change, move
from fairwitness.kernel.events import event
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Invalid, Refusal, Unauthorized, WrongState
from fairwitness.kernel.roles import Role
from tests.department.ledger import latest, sentence
from tests.evidence.made import sealed
from tests.world import BY, CAST, World

HOLDER = {part.role: part.key for part in reversed(CAST)}
WHO_MAY = {
    "list_tokens": {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT, Role.INTERNAL_AUDITOR},
    "issue_token": {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT},
    "issue_reading_token": {Role.BWC_UNIT},
    "issue_sending_token": {Role.BWC_UNIT},
    "end_token": {Role.ACCOUNT_ADMINISTRATOR, Role.BWC_UNIT},
}
DOCKED = event("test.dock_laid", "{actor} set up a dock")


def dock(serial: str = "D-1") -> Dock:
    """A dock in service."""
    with change(DOCKED, by=BY) as entry:
        made = Dock(serial=serial, name="Front desk")
        made.save(force_insert=True)
        entry.about(made)
    return made


def issued(world: World, by: str = "costa", **more: Any) -> tuple[Token, str]:
    return acts.issue_token(**{"name": "Front desk", "scopes": ["upload"], "by": world.actor(by), **more})


def asked(secret: str, path: str = "/api/recordings", browser: Client | None = None) -> Any:
    return (browser or Client()).get(path, headers={"Authorization": f"Bearer {secret}"})


@pytest.mark.parametrize("act", WHO_MAY)
@pytest.mark.parametrize("role", list(Role))
def test_the_square_of_tokens(world: World, act: str, role: Role) -> None:
    by = world.actor(HOLDER[role])
    token, _secret = acts.issue_token(name="X", scopes=["upload"], by=BY)
    unit = world.units["patrol_1"].pk
    doing: dict[str, Callable[[], object]] = {
        "list_tokens": lambda: list(doors.list_tokens(by)),
        "issue_token": lambda: acts.issue_token(name="Y", scopes=["metrics"], by=by),
        "issue_sending_token": lambda: [
            acts.issue_token(name=scope, scopes=["metrics", scope], by=by) for scope in ("upload", "report")
        ],
        "issue_reading_token": lambda: acts.issue_token(name="Z", scopes=["read"], unit_id=unit, by=by),
        "end_token": lambda: acts.end_token(token_id=token.pk, by=by),
    }
    if role in WHO_MAY[act]:
        doing[act]()
    else:
        with pytest.raises(Forbidden):
            doing[act]()


def test_only_its_digest_is_kept(world: World) -> None:
    token, secret = issued(world)
    assert secret.startswith("fwt_") and len(secret) >= 4 + 43
    assert token.hash == hashlib.sha256(secret.encode()).hexdigest()
    assert all(secret not in str(value) for value in Token.objects.values().get().values())
    name, _subjects, facts = latest()
    assert name == "accounts.token_issued" and facts["token_id"] == str(token.pk)
    assert secret not in str(facts) and token.hash not in str(facts)


def test_it_is_good_for_ninety_days_and_never_for_more_than_a_year(world: World) -> None:
    token, secret = issued(world)
    assert (token.expires_at - clock.now()).days in {89, 90}
    with pytest.raises(Invalid):
        issued(world, expires_at=clock.now() + dt.timedelta(days=367))
    with pytest.raises(Invalid):
        issued(world, expires_at=clock.now())
    with clock.frozen(token.expires_at), pytest.raises(Unauthorized, match="expired"):
        doors.actor_of_token(secret)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"name": "a\0b"},
        {"name": "\ud800"},
        {"scopes": []},
        {"scopes": ["upload", "everything"]},
        {"scopes": ["read"]},
    ],
    ids=repr,
)
def test_what_cannot_be_a_token_is_refused(world: World, wrong: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        issued(world, **wrong)


def test_a_scope_other_than_read_takes_no_unit(world: World) -> None:
    with pytest.raises(Invalid):
        issued(world, unit_id=world.units["patrol_1"].pk)


def test_it_belongs_to_a_dock_or_to_a_camera(world: World) -> None:
    with pytest.raises(Invalid):
        issued(world, dock_id=dock().pk, camera_id=world.spare().pk)
    token, _secret = issued(world, dock_id=dock("D-2").pk)
    assert token.keeper is None
    assert issued(world)[0].keeper_id == world.id("costa")


def test_ended_it_is_refused_at_once_and_that_is_noted_once(world: World) -> None:
    token, secret = issued(world)
    assert asked(secret).status_code == 403  # good, without the scope to read
    acts.end_token(token_id=token.pk, by=world.actor("nair"))
    answer = asked(secret)
    assert answer.status_code == 401 and answer.json()["code"] == "unauthorized"
    assert "was ended" in answer.json()["sentence"] and answer.headers["WWW-Authenticate"] == "Bearer"
    asked(secret)
    assert Entry.objects.filter(event="accounts.token_refused").count() == 1
    assert any("Front desk" in notice.sentence for notice in notices.unread(world.id("nair")))
    with pytest.raises(WrongState):
        acts.end_token(token_id=token.pk, by=world.actor("costa"))


def test_a_camera_reported_lost_takes_its_token_with_it(world: World) -> None:
    camera = world.spare()
    _token, secret = issued(world, camera_id=camera.pk)
    department.move_camera(camera_id=camera.pk, to="lost", by=BY)
    answer = asked(secret)
    assert answer.status_code == 401 and "reported lost" in answer.json()["sentence"]
    assert "camera is reported lost" in sentence()
    with pytest.raises(WrongState):
        issued(world, camera_id=camera.pk)


def test_a_retired_dock_takes_its_token_with_it(world: World) -> None:
    made = dock()
    _token, secret = issued(world, dock_id=made.pk)
    with change(DOCKED, by=BY) as entry:
        move(made, Dock.Status.RETIRED)
        entry.about(made)
    with pytest.raises(Unauthorized, match="dock"):
        doors.actor_of_token(secret)
    with pytest.raises(WrongState):
        issued(world, dock_id=made.pk)


def test_what_is_no_token_is_refused(world: World) -> None:
    for secret in ("", "fwt_", "fwt_" + "A" * 43, "\u00e4", "fwt_ x"):
        assert asked(secret).status_code == 401
    assert not Entry.objects.filter(event="accounts.token_refused").exists()


def test_what_is_shown_and_refused_leaves_a_line_a_minute_for_each_address(world: World) -> None:
    token, secret = issued(world)
    acts.end_token(token_id=token.pk, by=BY)
    began = clock.now()
    with clock.frozen(began):
        for shown in (secret, secret, "fwt_one", "fwt_two"):
            asked(shown)
        asked("fwt_three", browser=Client(REMOTE_ADDR="192.0.2.9"))
    with clock.frozen(began + dt.timedelta(seconds=61)):
        asked("fwt_one")
    lines = SignInLog.objects.filter(event="token").order_by("pk")
    assert list(lines.values_list("actor", "outcome", "detail", "address")) == [
        (f"device:{token.pk}", "refused", "ended", "127.0.0.1"),
        ("public", "refused", "unknown", "127.0.0.1"),
        ("public", "refused", "unknown", "192.0.2.9"),
        ("public", "refused", "unknown", "127.0.0.1"),
    ]


def test_last_use_is_kept_to_the_minute(world: World) -> None:
    token, secret = issued(world)
    began = clock.now()
    with clock.frozen(began):
        asked(secret)
    with clock.frozen(began + dt.timedelta(seconds=59)):
        asked(secret)
    assert TokenUse.objects.get(token=token).at == began
    later = began + dt.timedelta(seconds=61)
    with clock.frozen(later):
        asked(secret)
    assert TokenUse.objects.get(token=token).at == later


def test_a_program_reads_of_one_unit_and_nothing_more(world: World) -> None:
    mine = sealed(b"mine", device="AX-0101")
    other = sealed(b"other", device="AX-0111")
    assert mine.unit_id == world.units["patrol_1"].pk != other.unit_id
    _token, secret = issued(world, scopes=["read"], unit_id=world.units["patrol_1"].pk)
    found = asked(secret)
    assert found.status_code == 200
    assert [row["id"] for row in found.json()["recordings"]] == [str(mine.pk)]
    assert asked(secret, f"/api/recordings/{mine.pk}").status_code == 200
    assert asked(secret, f"/api/recordings/{other.pk}").status_code == 404
    assert asked(secret, f"/api/recordings/{mine.pk}/history").status_code == 403
    shown = {"Authorization": f"Bearer {secret}"}
    assert Client().post(f"/api/recordings/{mine.pk}/receipt", headers=shown).status_code == 403


def test_the_chief_and_internal_auditors_are_told_of_a_program_that_reads(world: World) -> None:
    issued(world, scopes=["read"], unit_id=world.units["patrol_1"].pk)
    for key in ("park", "sato"):
        assert any("can now read" in notice.sentence for notice in notices.unread(world.id(key)))


def test_the_chief_and_internal_auditors_are_told_of_whatever_can_send(world: World) -> None:
    issued(world, name="Dock 9")
    issued(world, name="Collector", scopes=["metrics"])
    for key in ("park", "sato"):
        (told,) = notices.unread(world.id(key))
        assert told.sentence == "A device or program can now send recordings: Dock 9."


def test_a_sign_in_that_comes_along_counts_for_nothing(world: World) -> None:
    _token, secret = issued(world)
    browser = world.sign_in("costa")
    assert browser.get("/api/recordings").status_code == 200
    assert asked(secret, browser=browser).status_code == 403
    assert asked("fwt_wrong", browser=browser).status_code == 401


def test_a_token_signs_nobody_in_to_pages(world: World) -> None:
    _token, secret = issued(world)
    assert asked(secret, "/people/").status_code == 302


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_of_tokens(world: World, role: Role) -> None:
    browser = world.sign_in(HOLDER[role])
    token, _secret = acts.issue_token(name="Ours", scopes=["upload"], by=BY)
    seen = browser.get("/tokens/").status_code == 200
    assert seen is (role in WHO_MAY["list_tokens"])
    may = role in WHO_MAY["issue_token"]
    assert (browser.get("/tokens/issue/").status_code == 200) is may
    answer = browser.post("/tokens/issue/", {"name": "Collector", "scopes": ["metrics"]})
    assert (answer.status_code == 200) is may
    sent = browser.post("/tokens/issue/", {"name": "Dock 1", "scopes": ["upload"]})
    assert (sent.status_code == 200) is (role in WHO_MAY["issue_sending_token"])
    if may:
        assert "fwt_" in answer.content.decode()
        assert "fwt_" not in browser.get("/tokens/").content.decode()
    assert (browser.post(f"/tokens/{token.pk}/end/").status_code == 302) is may


def test_ending_what_is_not_there(world: World) -> None:
    with pytest.raises(Refusal):
        acts.end_token(token_id=uuid.uuid4(), by=world.actor("costa"))
