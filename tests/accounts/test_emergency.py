"""A badge was stolen, a factor was lost: stopped, reset and released, by whom, told to whom, and nobody gets in."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from fairwitness.accounts import acts, doors
from fairwitness.accounts.models import Account, Session, Token
from fairwitness.kernel import notices
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from fairwitness.kernel.roles import Role
from tests.accounts.made import enter, given, is_in, user
from tests.department.ledger import latest, sentence
from tests.world import BY, CAST, World

HOLDER = {part.role: part.key for part in reversed(CAST)}
ADMIN = Role.ACCOUNT_ADMINISTRATOR
# Whitfield stands below Ruiz, Okafor (supervisors), Hale (command staff) and Park (chief).
WHO_MAY = {
    "end_sessions": {ADMIN},
    "release": {ADMIN},
    "reset_sign_in": {ADMIN},
    "stop_sign_in": {ADMIN, Role.CHIEF, Role.COMMAND_STAFF, Role.SUPERVISOR},
    "read_sign_in_log": {ADMIN, Role.INTERNAL_AUDITOR},
}


@pytest.mark.parametrize("act", [act for act in WHO_MAY if act != "read_sign_in_log"])
@pytest.mark.parametrize("role", list(Role))
def test_the_square_of_emergencies(world: World, act: str, role: Role) -> None:
    key = "ruiz" if role is Role.SUPERVISOR else HOLDER[role]
    someone = "okoye" if role is Role.OFFICER else "whitfield"
    given(world, someone)
    by, pk = world.actor(key), world.id(someone)
    if act == "release":
        acts.lock_account(member_id=pk, reason="failures", by=BY)
    doing: dict[str, Callable[[], object]] = {
        "end_sessions": lambda: acts.end_sessions(member_id=pk, by=by),
        "release": lambda: acts.release(member_id=pk, by=by),
        "reset_sign_in": lambda: acts.reset_sign_in(member_id=pk, by=by),
        "stop_sign_in": lambda: acts.stop_sign_in(member_id=pk, by=by),
    }
    if role in WHO_MAY[act]:
        doing[act]()
    else:
        with pytest.raises(Forbidden):
            doing[act]()


def test_a_supervisor_stops_only_those_below(world: World) -> None:
    given(world, "haddad")
    with pytest.raises(Forbidden):
        acts.stop_sign_in(member_id=world.id("haddad"), by=world.actor("ruiz"))


def test_a_stolen_badge_is_stopped_in_one_act(world: World) -> None:
    """At night: the sergeant stops it; thief and owner are out; the administrator resets it in the morning."""
    password = given(world, "costa")
    for key in ("okafor", "chen", "park", "sato", "hale"):
        given(world, key)
    thief, owner = enter("costa", password), enter("costa", password)
    _token, secret = acts.issue_token(name="Export", scopes=["upload"], by=world.actor("costa"))
    Authenticator.objects.create(user=user(world, "costa"), type="totp", data={"secret": "x"})
    assert is_in(thief) and is_in(owner)
    acts.stop_sign_in(member_id=world.id("costa"), by=world.actor("hale"))
    assert "stopped the sign-in" in sentence()
    assert latest()[2] == {"member_id": str(world.id("costa")), "sessions": 2, "tokens": 1}
    assert thief.get("/people/").status_code == 302 and not is_in(thief) and not is_in(owner)
    assert not Session.objects.filter(member=world.id("costa"), ended=None).exists()
    assert Token.objects.get().ended_at is not None
    answer = Client().get("/api/recordings", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
    assert not is_in(enter("costa", password))
    for key in ("costa", "chen", "park", "sato"):
        assert any("was stopped" in notice.sentence for notice in notices.unread(world.id(key))), key
    # Releasing is not enough: the old password must not count again.
    with pytest.raises(WrongState, match="reset it"):
        acts.release(member_id=world.id("costa"), by=world.actor("chen"))
    made = acts.reset_sign_in(member_id=world.id("costa"), by=world.actor("chen"))
    assert not Authenticator.objects.exists()
    assert made.told is not None and made.told.pk == world.id("hale")
    _member, half = acts.see_second_half(member_id=world.id("costa"), by=world.actor("hale"))
    assert not is_in(enter("costa", made.shown)) and not is_in(enter("costa", half))
    assert is_in(enter("costa", made.shown + half))


def test_neither_half_is_kept_and_the_second_is_for_who_was_told(world: World) -> None:
    given(world, "whitfield")
    given(world, "ruiz")
    made = acts.reset_sign_in(member_id=world.id("whitfield"), by=world.actor("chen"))
    _member, half = acts.see_second_half(member_id=world.id("whitfield"), by=world.actor("ruiz"))
    told = str([notice.sentence for notice in notices.unread(world.id("ruiz"))])
    assert half not in told and made.shown not in told
    for key in ("chen", "okafor", "whitfield"):
        with pytest.raises(NotFound):
            acts.see_second_half(member_id=world.id("whitfield"), by=world.actor(key))
    browser = enter("whitfield", made.shown + half)
    words = {
        "oldpassword": made.shown + half,
        "password1": "one of my very own",
        "password2": "one of my very own",
    }
    assert browser.post("/account/password/change/", words).status_code == 302
    with pytest.raises(NotFound):
        acts.see_second_half(member_id=world.id("whitfield"), by=world.actor("ruiz"))


def test_a_first_password_too_is_known_whole_by_nobody(world: World) -> None:
    """The administrator who gives it and the sergeant who is told: neither can sign in as the officer alone."""
    given(world, "ruiz")
    made = acts.open_sign_in(member_id=world.id("li"), username="wli", by=world.actor("chen"))
    assert made.told is not None and made.told.pk == world.id("ruiz")
    assert Entry.objects.filter(event="accounts.sign_in_opened").count() == 1
    _member, half = acts.see_second_half(member_id=world.id("li"), by=world.actor("ruiz"))
    for short in (made.shown, half, half + made.shown):
        assert not is_in(enter("wli", short))
    assert is_in(enter("wli", made.shown + half))


def test_only_who_may_give_a_sign_in_opens_one(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.open_sign_in(member_id=world.id("li"), username="wli", by=world.actor("costa"))
    assert not Account.objects.filter(member=world.id("li")).exists()


def test_where_nobody_stands_above_an_internal_auditor_is_told(world: World) -> None:
    given(world, "novak")
    given(world, "sato")
    made = acts.reset_sign_in(member_id=world.id("novak"), by=world.actor("chen"))
    assert made.told is not None and made.told.pk == world.id("sato")


def test_where_nobody_can_be_told_all_of_it_is_shown_and_the_overseers_know(world: World) -> None:
    given(world, "novak")
    made = acts.reset_sign_in(member_id=world.id("novak"), by=world.actor("chen"))
    assert made.told is None and is_in(enter("novak", made.shown))
    assert any("was reset" in notice.sentence for notice in notices.unread(world.id("park")))


def test_nobody_resets_their_own_or_one_who_has_none(world: World) -> None:
    given(world, "chen")
    with pytest.raises(Forbidden):
        acts.reset_sign_in(member_id=world.id("chen"), by=world.actor("chen"))
    with pytest.raises(WrongState):
        acts.reset_sign_in(member_id=world.id("whitfield"), by=world.actor("chen"))


def test_one_ends_ones_own_sessions_and_nobody_elses(world: World) -> None:
    password = given(world, "whitfield")
    here, there = enter("whitfield", password), enter("whitfield", password)
    page = here.get("/account/sessions/")
    assert page.status_code == 200 and page.content.decode().count("/end/") == 2
    assert here.post("/account/sessions/others/end/").status_code == 302
    assert is_in(here) and not is_in(there)
    other = world.sign_in("okoye")
    mine = Session.objects.get(member=world.id("whitfield"), ended=None)
    assert other.post(f"/account/sessions/{mine.pk}/end/").status_code == 404
    assert is_in(here)
    assert str(here.session.session_key) not in page.content.decode()


def test_a_session_is_taken_away_also_after_its_key_changed(world: World) -> None:
    password = given(world, "whitfield")
    browser = enter("whitfield", password)
    words = {"oldpassword": password, "password1": "one of my very own", "password2": "one of my very own"}
    browser.post("/account/password/change/", words)
    browser.get("/account/sessions/")
    assert is_in(browser)
    acts.end_sessions(member_id=world.id("whitfield"), by=world.actor("chen"))
    # Not only refused at the next request: what is being streamed asks whether the browser's session is there.
    assert not is_in(browser)


def test_an_administrator_sees_and_ends_everybodys(world: World) -> None:
    officer = enter("whitfield", given(world, "whitfield"))
    chen = world.sign_in("chen")
    assert "Whitfield" in chen.get("/sessions/").content.decode()
    mine = Session.objects.get(member=world.id("whitfield"), ended=None)
    chen.post(f"/account/sessions/{mine.pk}/end/", {"from": "sessions"})
    assert not is_in(officer)


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_of_emergencies(world: World, role: Role) -> None:
    key = "ruiz" if role is Role.SUPERVISOR else HOLDER[role]
    someone = "okoye" if role is Role.OFFICER else "whitfield"
    given(world, someone)
    browser, pk = world.sign_in(key), world.id(someone)
    acts.lock_account(member_id=pk, reason="failures", by=BY)
    expected = {
        "/sessions/": "end_sessions",
        f"/people/{pk}/sign-in/stop/": "stop_sign_in",
        f"/people/{pk}/sign-in/reset/": "reset_sign_in",
        f"/people/{pk}/sign-in/release/": "release",
    }
    for address, act in expected.items():
        assert (browser.get(address).status_code == 200) is (role in WHO_MAY[act]), address
    assert browser.get(f"/people/{pk}/sign-in/half/").status_code == 404
    for mine in ("/account/sessions/", "/account/log/", "/account/2fa/"):
        assert browser.get(mine).status_code == 200


def test_the_pages_do_what_they_say(world: World) -> None:
    given(world, "whitfield")
    given(world, "ruiz")
    chen, ruiz, pk = world.sign_in("chen"), world.sign_in("ruiz"), world.id("whitfield")
    acts.lock_account(member_id=pk, reason="failures", by=BY)
    assert "Locked accounts" in chen.get("/sessions/").content.decode()
    assert chen.post(f"/people/{pk}/sign-in/release/").status_code == 302
    assert chen.post(f"/people/{pk}/sign-in/release/").status_code == 422
    page = chen.post(f"/people/{pk}/sign-in/reset/").content.decode()
    assert "First half" in page and "Sgt. Maria Ruiz" in page
    assert "Second half" in ruiz.get(f"/people/{pk}/sign-in/half/").content.decode()
    assert ruiz.post(f"/people/{pk}/sign-in/stop/").status_code == 302
    assert doors.account_of(pk).locked_for == "stopped"


def test_the_reach_of_stopping_is_asked_of_the_chain(world: World) -> None:
    by: Actor = world.actor("okafor")
    assert doors.may_stop(by, world.id("whitfield")) and not doors.may_stop(by, world.id("costa"))
