"""What is good once is refused the second time: a recovery code, and the six digits of an app (CJIS IA-2(8), IA-5)."""

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from tests.accounts.made import enter, given, is_in, user
from tests.world import World

SECRET = "JBSWY3DPEHPK3PXP"


def entered(password: str, code: str) -> Client:
    """A browser in which the password and then this code were given."""
    browser = enter("costa", password)
    assert not is_in(browser), "the password alone lets nobody in who has a second factor"
    browser.post("/account/2fa/authenticate/", {"code": code})
    return browser


def test_a_recovery_code_signs_in_once(world: World) -> None:
    password = given(world, "costa")
    totp.TOTP.activate(user(world, "costa"), SECRET)
    codes = RecoveryCodes.activate(user(world, "costa")).get_unused_codes()
    assert is_in(entered(password, codes[0]))
    assert not is_in(entered(password, codes[0]))
    assert is_in(entered(password, codes[1]))


def test_six_digits_are_refused_a_second_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    # One and the same half minute, however slow the machine is: else they are refused for being old.
    monkeypatch.setattr(totp, "yield_hotp_counters_from_time", lambda: iter([59_000_000]))
    password = given(world, "costa")
    totp.TOTP.activate(user(world, "costa"), SECRET)
    digits = totp.format_hotp_value(totp.hotp_value(SECRET, 59_000_000))
    assert is_in(entered(password, digits))
    assert not is_in(entered(password, digits))
