"""Signing in and out: five failures, what is told to whom, what the log says (CJIS AC-7, AU-2, AU-3)."""

import datetime as dt
import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa import app_settings as mfa_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.db import DatabaseError, connection, transaction
from django.test import Client

from fairwitness.accounts import acts, doors
from fairwitness.accounts.models import Account, Session, SignInLog
from fairwitness.department import acts as department
from fairwitness.kernel import clock, locks, notices
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.refusals import Forbidden, HouseRule, WrongState
from tests.accounts.made import LOGIN, enter, given, is_in, lines, user
from tests.world import BY, World


def test_a_line_says_what_when_where_from_how_and_who(world: World) -> None:
    password = given(world, "whitfield")
    agent = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/130.0"}
    browser = enter("whitfield", password, headers=agent, REMOTE_ADDR="192.0.2.77")
    assert is_in(browser)
    line = SignInLog.objects.get(event="sign_in")
    assert (line.outcome, line.detail, line.address) == ("done", "password", "192.0.2.77")
    assert line.device == "Firefox on Windows" and line.member == world.id("whitfield")
    assert line.entry and line.at.tzinfo is not None
    session = Session.objects.get(pk=line.session)
    assert session.place == "192.0.2.0/24"
    with clock.frozen(clock.now() + dt.timedelta(minutes=7)):
        browser.post("/account/logout/")
    out = SignInLog.objects.get(event="sign_out")
    assert out.session == session.pk and out.seconds in {419, 420, 421}


def test_the_fifth_failure_locks_until_an_administrator_releases(world: World) -> None:
    password = given(world, "whitfield")
    given(world, "chen")
    for _ in range(4):
        enter("whitfield", "wrong")
    assert is_in(enter("whitfield", password))
    for _ in range(5):
        enter("WHITFIELD", "wrong")
    assert not is_in(enter("whitfield", password))
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        assert not is_in(enter("whitfield", password))
    assert any("was locked" in n.sentence for n in notices.unread(world.id("chen")))
    assert ("sign_in", "refused", "locked") in lines()
    acts.release(member_id=world.id("whitfield"), by=world.actor("chen"))
    assert is_in(enter("whitfield", password))
    # What failed before the release does not count again.
    enter("whitfield", "wrong")
    assert is_in(enter("whitfield", password))


def second_factor(world: World, key: str) -> Callable[[], str]:
    """An authenticator app for one of the cast; answers what it shows now."""
    secret = "JBSWY3DPEHPK3PXP"
    Authenticator.objects.create(user=user(world, key), type="totp", data={"secret": secret})
    return lambda: totp.format_hotp_value(
        totp.hotp_value(secret, int(time.time()) // mfa_settings.TOTP_PERIOD)
    )


def send_code(browser: Client, code: str) -> Any:
    return browser.post("/account/2fa/authenticate/", {"code": code})


def test_the_lock_stops_a_sign_in_that_waits_at_the_second_factor(world: World) -> None:
    password, shown = given(world, "whitfield"), second_factor(world, "whitfield")
    guessing, waiting = enter("whitfield", password), enter("whitfield", password)
    for _ in range(5):
        assert send_code(guessing, "000000").status_code == 200
    answer = send_code(waiting, shown())
    assert answer.status_code == 302 and answer.headers["Location"] == LOGIN and not is_in(waiting)
    assert ("sign_in", "refused", "locked") in lines()


def test_who_left_meanwhile_does_not_get_past_the_second_factor(world: World) -> None:
    password, shown = given(world, "whitfield"), second_factor(world, "whitfield")
    waiting = enter("whitfield", password)
    department.leave(member_id=world.id("whitfield"), by=world.actor("chen"))
    send_code(waiting, shown())
    assert not is_in(waiting)


def test_a_right_code_does_not_take_back_what_failed_from_its_address(world: World) -> None:
    password, shown = given(world, "whitfield"), second_factor(world, "whitfield")
    other = given(world, "costa")
    for n in range(49):
        acts.note_failed_sign_in(username=f"nobody-{n}", by=PUBLIC, source=doors.Source("127.0.0.1"))
    browser = enter("whitfield", password)
    send_code(browser, shown())
    assert is_in(browser)
    enter("nobody-49", "wrong")
    assert not is_in(enter("costa", other))
    assert is_in(enter("costa", other, REMOTE_ADDR="192.0.2.9"))
    answer = browser.post("/account/confirm/", {"password": password})
    assert answer.status_code == 422, "no failure of ours"


def test_one_name_may_be_tried_so_often_whether_there_is_one_or_not(world: World) -> None:
    for _ in range(20):
        enter("nobody", "wrong")
    assert "Too many" in Client().post(LOGIN, {"login": "nobody", "password": "x"}).content.decode()


def test_old_passwords_that_are_guessed_lock_too(world: World) -> None:
    password = given(world, "whitfield")
    browser = enter("whitfield", password)

    def change(old: str) -> Any:
        new = "a much longer one 9"
        typed = {"oldpassword": old, "password1": new, "password2": new}
        return browser.post("/account/password/change/", typed)

    for _ in range(4):
        assert change("wrong").status_code == 200
    assert not doors.is_locked(user(world, "whitfield"))
    change("wrong")
    assert doors.is_locked(user(world, "whitfield"))
    cache.clear()  # the library's own bound, of so many a minute
    assert change(password).status_code == 200, "the right one changes nothing either"
    assert lines(event="password") == [("password", "failed", "")] * 6


def test_failures_long_apart_lock_nothing(world: World) -> None:
    password = given(world, "whitfield")
    began = clock.now()
    for minutes in range(0, 40, 4):
        with clock.frozen(began + dt.timedelta(minutes=minutes)):
            enter("whitfield", "wrong")
            assert not Account.objects.filter(locked_at__isnull=False).exists()
    assert password


def test_the_answer_does_not_tell_whether_the_name_exists(world: World) -> None:
    password = given(world, "whitfield")

    def said(name: str, typed: str) -> list[str]:
        page = Client().post(LOGIN, {"login": name, "password": typed}).content.decode()
        return re.findall(r'usa-alert__text">([^<]*)', page)

    nobody, somebody = said("nobody-here", "wrong"), said("whitfield", "wrong")
    for _ in range(5):
        enter("whitfield", "wrong")
    assert nobody == somebody == said("whitfield", password)
    assert any("not correct" in line for line in nobody)


def test_who_left_cannot_sign_in_and_is_out_at_once(world: World) -> None:
    password = given(world, "whitfield")
    browser = enter("whitfield", password)
    department.leave(member_id=world.id("whitfield"), by=world.actor("chen"))
    assert browser.get("/notices/").status_code != 200
    assert [m.pk for m in doors.left_but_open()] == [world.id("whitfield")]
    acts.close_left(member_id=world.id("whitfield"), by=BY)
    assert not doors.left_but_open() and not is_in(browser)
    assert not is_in(enter("whitfield", password))


def test_nobody_releases_themselves_and_only_what_is_locked(world: World) -> None:
    given(world, "chen")
    with pytest.raises(Forbidden):
        acts.release(member_id=world.id("chen"), by=world.actor("chen"))
    with pytest.raises(WrongState):
        acts.release(member_id=world.id("whitfield"), by=world.actor("chen"))


def test_an_account_nobody_uses_for_ninety_days_is_locked(world: World) -> None:
    password = given(world, "whitfield")
    assert acts.disable_unused(by=BY) == 0
    later = clock.now() + dt.timedelta(days=91)
    with clock.frozen(later):
        assert acts.disable_unused(by=BY) == 1
        assert acts.disable_unused(by=BY) == 0
        assert doors.account_of(world.id("whitfield")).locked_for == "unused"
        assert not is_in(enter("whitfield", password))


def test_an_account_in_use_stays(world: World) -> None:
    browser = world.sign_in("whitfield")
    with clock.frozen(clock.now() + dt.timedelta(days=80)):
        Session.objects.update(seen=clock.now())
    with clock.frozen(clock.now() + dt.timedelta(days=100)):
        assert acts.disable_unused(by=BY) == 0
    assert browser


def test_the_log_only_grows(world: World) -> None:
    enter("nobody", "x")
    line = SignInLog.objects.get()
    with pytest.raises(HouseRule):
        line.save()
    with pytest.raises(HouseRule):
        SignInLog.objects.update(outcome="done")
    with pytest.raises(HouseRule):
        line.delete()
    for statement in ("UPDATE accounts_signinlog SET outcome = 'done'", "DELETE FROM accounts_signinlog"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    assert not [fault for fault in locks.missing() if "signinlog" in fault]


def test_typed_names_and_passwords_are_kept_nowhere(world: World) -> None:
    enter("my-secret-password", "my-other-secret")
    kept = str(list(SignInLog.objects.values()))
    assert "secret" not in kept
    assert SignInLog.objects.get().member is None


def test_a_try_at_what_is_not_allowed_is_a_line(world: World) -> None:
    browser = world.sign_in("whitfield")
    assert browser.get("/tokens/").status_code == 403
    line = SignInLog.objects.get(event="attempt")
    assert (line.outcome, line.detail, line.member) == ("refused", "list_tokens", world.id("whitfield"))
