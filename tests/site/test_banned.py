"""The agency's list of banned passwords: compared with whenever one is chosen; doctor says how old it is (CJIS IA-5)."""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from fairwitness.kernel import clock
from fairwitness.site.management.commands import doctor
from tests.accounts.made import enter, given, user
from tests.world import World

BAD, GOOD = "Cambridge-Police-1846", "quiet-harbour-lantern-9"


@pytest.fixture
def banned(tmp_path: Path, settings: Any) -> Path:
    path = tmp_path / "banned.txt"
    path.write_bytes(b"\xff broken\r\ncambridge-police-1846\r\n")
    settings.FAIRWITNESS_BANNED_PASSWORDS = str(path)
    return path


def test_what_is_on_the_list_is_refused_at_the_page(banned: Path, world: World) -> None:
    first = given(world, "costa")
    browser = enter("costa", first)
    for chosen, taken in ((BAD, False), (GOOD, True)):
        browser.post(
            "/account/password/change/", {"oldpassword": first, "password1": chosen, "password2": chosen}
        )
        assert user(world, "costa").check_password(chosen) is taken


def test_without_a_setting_nothing_is_compared(settings: Any) -> None:
    settings.FAIRWITNESS_BANNED_PASSWORDS = ""
    validate_password(BAD)
    assert [mark for mark, _said in doctor._banned_passwords()] == ["note"]


def test_a_list_that_cannot_be_read_lets_none_through(banned: Path) -> None:
    banned.unlink()
    with pytest.raises(ValidationError, match="cannot be read"):
        validate_password(GOOD)
    assert [mark for mark, _said in doctor._banned_passwords()] == ["WRONG"]


def test_doctor_says_when_it_is_older_than_ninety_days(banned: Path) -> None:
    for days, mark in ((89, "ok"), (91, "WRONG")):
        at = (clock.now() - dt.timedelta(days=days)).timestamp()
        os.utime(banned, (at, at))
        ((found, said),) = doctor._banned_passwords()
        assert found == mark and f"{days} days" in said
