"""What is owed at the first sign-in outside the demo: a password of one's own, then a second factor, within 72 hours."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from hypothesis import given as any_of
from hypothesis import strategies as st

from fairwitness.accounts import doors
from fairwitness.kernel import clock
from tests.accounts.made import enter, given, is_in, user
from tests.world import World

OWN = "quite another password"


@pytest.fixture(autouse=True)
def strict(settings: Any) -> Iterator[None]:
    settings.FAIRWITNESS_SECOND_FACTOR = "required"
    yield


def test_first_a_password_then_a_factor_then_the_rest(world: World) -> None:
    first = given(world, "costa")
    browser = enter("costa", first)
    assert browser.get("/people/").headers["Location"] == "/account/password/change/"
    assert browser.get("/api/recordings").status_code == 403
    assert browser.get("/account/password/change/").status_code == 200
    browser.post("/account/password/change/", {"oldpassword": first, "password1": OWN, "password2": OWN})
    assert browser.get("/people/").headers["Location"] == "/account/2fa/"
    assert "One more step" in browser.get("/account/2fa/").content.decode()
    assert browser.get("/log/").status_code == 200
    Authenticator.objects.create(user=user(world, "costa"), type="totp", data={"secret": "x"})
    assert browser.get("/people/").status_code == 200


def test_recovery_codes_alone_are_no_factor(world: World) -> None:
    given(world, "costa")
    Authenticator.objects.create(user=user(world, "costa"), type="recovery_codes", data={"seed": "x"})
    assert not doors.has_factor(user(world, "costa"))


def test_a_first_password_is_good_for_72_hours(world: World) -> None:
    first = given(world, "costa")
    with clock.frozen(clock.now() + dt.timedelta(hours=73)):
        assert not is_in(enter("costa", first))
    assert is_in(enter("costa", first))


def test_the_first_password_must_not_stay(world: World) -> None:
    first = given(world, "costa")
    browser = enter("costa", first)
    answer = browser.post(
        "/account/password/change/", {"oldpassword": first, "password1": "short", "password2": "short"}
    )
    assert answer.status_code == 200 and browser.get("/people/").status_code == 302


def test_a_wrong_old_password_is_a_line(world: World) -> None:
    browser = enter("costa", given(world, "costa"))
    browser.post("/account/password/change/", {"oldpassword": "no", "password1": OWN, "password2": OWN})
    assert ("password", "failed") in {
        (line.event, line.outcome) for line in doors.my_log(world.actor("costa"))
    }


def test_with_optional_nothing_is_owed(world: World, settings: Any) -> None:
    settings.FAIRWITNESS_SECOND_FACTOR = "optional"
    assert enter("costa", given(world, "costa")).get("/people/").status_code == 200


@any_of(st.text(max_size=300))
def test_whatever_a_browser_says_of_itself_becomes_a_few_words(said: str) -> None:
    assert 0 < len(doors.device_words(said)) <= 40


@any_of(st.one_of(st.ip_addresses().map(str), st.text(max_size=60), st.none()))
def test_a_place_is_a_network_or_a_dash(said: str | None) -> None:
    place = doors.coarse(said)
    assert place == "–" or place.endswith(("/24", "/48"))
