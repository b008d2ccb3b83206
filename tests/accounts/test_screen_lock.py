"""The lock of the screen and signing in again: nothing typed is lost, nothing grave is done in between."""

import datetime as dt
import re
from contextlib import AbstractContextManager

import pytest
from django.core import signing
from django.test import Client

from fairwitness.accounts import acts
from fairwitness.accounts.doors.kept import SALT
from fairwitness.accounts.models import Session
from fairwitness.department import doors as department
from fairwitness.department.models import Member, RoleHeld
from fairwitness.kernel import clock
from tests.accounts.made import enter, given, is_in, lines
from tests.world import World

IDLE = dt.timedelta(minutes=31)
# What browsers say of a page that somebody asked for, and of one that looks again by itself.
BY_HAND = {"Sec-Fetch-Dest": "document", "Sec-Fetch-User": "?1"}
BY_ITSELF = {"Sec-Fetch-Dest": "document"}


def later(span: dt.timedelta) -> AbstractContextManager[None]:
    return clock.frozen(clock.now() + span)


def kept_in(page: str) -> str:
    found = re.search(r'name="kept" value="([^"]+)"', page)
    assert found
    return found[1]


def test_after_thirty_idle_minutes_every_page_asks_who_it_is(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    with later(dt.timedelta(minutes=29)):
        assert browser.get("/people/", headers=BY_HAND).status_code == 200
    with later(dt.timedelta(minutes=58)):
        assert browser.get("/people/").status_code == 200, "the page before counted"
    with later(dt.timedelta(minutes=29) + IDLE):
        asked = browser.get("/people/?q=1")
        assert asked.status_code == 401 and "Confirm that it is you" in asked.content.decode()
        assert 'value="/people/?q=1"' in asked.content.decode()
        answer = browser.get("/api/recordings")
        assert answer.status_code == 401 and answer.json()["code"] == "sign_in_again"
        assert browser.get("/log/").status_code == 200


def test_a_form_sent_after_the_lock_is_kept_and_goes_on(world: World) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    typed = {"code": "K9", "name": "Hunde & “Katzen” <b>", "parent": ""}
    with later(IDLE):
        asked = browser.post("/units/add/", typed)
        assert asked.status_code == 401 and not Member.objects.filter(badge="K9").exists()
        sealed = kept_in(asked.content.decode())
        assert browser.post("/account/confirm/", {"password": "wrong", "kept": sealed}).status_code == 422
        done = browser.post("/account/confirm/", {"password": password, "kept": sealed})
        page = done.content.decode()
        assert done.status_code == 200 and 'action="/units/add/"' in page and "data-send-now" in page
        assert "Hunde &amp; “Katzen” &lt;b&gt;" in page and "csrfmiddlewaretoken" in page
        assert browser.post("/units/add/", typed).status_code == 302
    assert ("confirm", "done", "password") in lines() and ("sign_in", "failed", "password") in lines()


def test_a_form_without_the_pages_token_is_not_kept(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    browser.handler.enforce_csrf_checks = True
    with later(IDLE):
        forged = browser.post("/units/add/", {"code": "K9", "name": "Dogs", "parent": ""})
        assert forged.status_code == 403 and "kept" not in forged.content.decode()
        token = browser.cookies["csrftoken"].value
        ours = {"code": "K9", "name": "Dogs", "csrfmiddlewaretoken": token}
        assert kept_in(browser.post("/units/add/", ours).content.decode())


def test_what_is_too_large_is_refused_before_it_is_read_under_the_lock(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    with later(IDLE):
        assert browser.post("/units/add/", {"code": "K9"}, CONTENT_LENGTH=str(2**30)).status_code == 413


def test_no_password_is_kept(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    typed = {"oldpassword": "old one", "password1": "new one", "password2": "new one", "other": "kept one"}
    with later(IDLE):
        sealed = kept_in(browser.post("/account/password/change/", typed).content.decode())
    whole = signing.loads(sealed, salt=SALT)
    assert whole["fields"] == [["other", "kept one"]]


def test_what_was_kept_is_for_who_sent_it_alone(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    with later(IDLE):
        sealed = kept_in(browser.post("/units/add/", {"code": "K9", "name": "Dogs"}).content.decode())
        password = given(world, "nair")
        other = enter("nair", password)
        answer = other.post("/account/confirm/", {"password": password, "kept": sealed})
        assert answer.status_code == 302 and answer.headers["Location"] == "/"
        assert other.post("/account/confirm/", {"password": password, "kept": "x"}).status_code == 302


@pytest.mark.parametrize(
    "where", ["//evil.example/", "https://evil.example/", "javascript:alert(1)", "\\\\e"]
)
def test_confirming_leads_nowhere_else(world: World, where: str) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    answer = browser.post("/account/confirm/", {"password": password, "next": where})
    assert answer.headers["Location"] == "/"


def test_after_twelve_hours_it_is_asked_however_busy(world: World) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    with later(dt.timedelta(hours=12, minutes=1)):
        Session.objects.update(seen=clock.now())
        assert "twelve hours" in browser.get("/people/").content.decode()
        browser.post("/account/confirm/", {"password": password})
        assert browser.get("/people/").status_code == 200


def test_a_change_of_roles_asks_again_after_ten_minutes(world: World) -> None:
    password = given(world, "chen")
    browser = enter("chen", password)
    address, form = f"/people/{world.id('li')}/roles/", {"role": "supervisor", "since": "2030-01-01"}
    with later(dt.timedelta(minutes=11)):
        assert browser.get(address).status_code == 401
        asked = browser.post(address, form)
        assert asked.status_code == 401 and not RoleHeld.objects.filter(since="2030-01-01").exists()
        browser.post("/account/confirm/", {"password": password, "kept": kept_in(asked.content.decode())})
        assert browser.post(address, form).status_code == 302
    assert RoleHeld.objects.filter(since="2030-01-01").exists()


@pytest.mark.parametrize(
    "address",
    [
        "/people/{li}/roles/",
        "/people/{li}/roles/officer/end/",
        "/people/{li}/sign-in/",
        "/people/{li}/sign-in/reset/",
        "/people/{li}/sign-in/stop/",
        "/people/{li}/sign-in/release/",
        "/people/{li}/sign-in/half/",
        "/people/{li}/leaving/",
        "/tokens/issue/",
        "/uploads/{li}/dispose/",
    ],
)
def test_every_act_of_weight_asks_again(world: World, address: str) -> None:
    browser = world.sign_in("chen")
    with later(dt.timedelta(minutes=11)):
        answer = browser.get(address.format(li=world.id("li")))
    assert answer.status_code == 401 and "has weight" in answer.content.decode()


def test_importing_a_roster_asks_again(world: World) -> None:
    browser = world.sign_in("chen")
    with later(dt.timedelta(minutes=11)):
        assert browser.post(f"/roster/{world.id('li')}/import/").status_code == 401


def test_ending_a_role_in_a_review_asks_again_and_keeping_one_does_not(world: World) -> None:
    review = acts.begin_review(by=world.actor("chen"))
    held = RoleHeld.objects.get(department.holding_on(department.today()), member=world.id("okoye"))
    browser, address = world.sign_in("chen"), f"/reviews/{review.pk}/roles/{held.pk}/"
    with later(dt.timedelta(minutes=11)):
        assert browser.post(address, {"keep": "no"}).status_code == 401
        assert not review.decisions.exists()
        assert browser.post(address, {"keep": "yes"}).status_code == 302


def test_five_wrong_passwords_at_the_lock_count_as_failures(world: World) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    for _ in range(5):
        browser.post("/account/confirm/", {"password": "wrong"})
    assert browser.post("/account/confirm/", {"password": password}).status_code == 422
    assert not is_in(enter("costa", password))


def test_the_page_is_told_how_the_lock_stands(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    said = browser.get("/account/confirm/state/").json()
    assert said["locked"] == "" and 1_790_000 < said["left_ms"] <= 1_800_000
    with later(dt.timedelta(minutes=20)):
        # Looking is no sign of anybody; saying so is.
        assert browser.get("/account/confirm/state/").json()["left_ms"] < 610_000
        assert browser.post("/account/confirm/state/").json()["left_ms"] > 1_790_000
    with later(dt.timedelta(minutes=20) + IDLE):
        assert browser.post("/account/confirm/state/").json()["locked"] == "idle"
    assert Client().get("/account/confirm/state/").json() == {"ended": True}


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Dest": "video"}, BY_ITSELF, {}], ids=str)
def test_what_a_page_fetches_or_loads_again_by_itself_keeps_nobody_awake(
    world: World, headers: dict[str, str]
) -> None:
    browser = enter("costa", given(world, "costa"))
    for minutes in (10, 20, 29):
        with later(dt.timedelta(minutes=minutes)):
            assert browser.get("/uploads/", headers=headers).status_code == 200
    with later(IDLE):
        assert browser.get("/uploads/", headers=headers).status_code == 401


def test_a_form_that_is_sent_keeps_awake(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    with later(dt.timedelta(minutes=29)):
        browser.post("/units/add/", {"code": "K9"}, headers=BY_ITSELF)
    with later(dt.timedelta(minutes=58)):
        assert browser.get("/people/").status_code == 200


def test_locking_the_screen_by_hand_locks_every_tab(world: World) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    browser.post("/account/confirm/lock/")
    assert browser.get("/people/").status_code == 401
    browser.post("/account/confirm/", {"password": password})
    assert browser.get("/people/").status_code == 200


def test_the_dialog_gets_json(world: World) -> None:
    password = given(world, "costa")
    browser = enter("costa", password)
    as_json = {"Accept": "application/json"}
    wrong = browser.post("/account/confirm/", {"password": "no"}, headers=as_json)
    assert wrong.status_code == 422 and "not right" in wrong.json()["sentence"]
    right = browser.post("/account/confirm/", {"password": password}, headers=as_json)
    assert right.json() == {"confirmed": True}


def test_a_sign_in_that_was_ended_elsewhere_is_said_at_the_first_asking(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    acts.end_sessions(member_id=world.id("costa"), by=world.actor("chen"))
    answer = browser.get("/account/confirm/state/")
    assert (answer.status_code, answer.json()) == (200, {"ended": True})
