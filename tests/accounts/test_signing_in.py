"""Signing in and out: five failures, what is told to whom, what the log says (CJIS AC-7, AU-2, AU-3)."""

import datetime as dt
import re

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client

from fairwitness.accounts import acts, doors
from fairwitness.accounts.models import Account, Session, SignInLog
from fairwitness.department import acts as department
from fairwitness.kernel import clock, locks, notices
from fairwitness.kernel.refusals import Forbidden, HouseRule, WrongState
from tests.accounts.made import LOGIN, enter, given, is_in, lines
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
