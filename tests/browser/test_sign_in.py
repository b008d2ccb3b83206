"""Coming in: the banner, the password, the second factor."""

import base64
import hashlib
import hmac
import struct
import time

import pytest

from tests.browser.chromium import violations
from tests.browser.conftest import Running, Seat, enter

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]


def totp(secret: str, moment: float) -> str:
    """RFC 6238 with SHA-1, 30 seconds, six digits, as authenticator apps do it."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(moment) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def test_the_code_is_the_one_of_the_standard() -> None:
    """RFC 6238, appendix B, the first vectors, cut to six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert [totp(secret, moment) for moment in (59, 1111111109)] == ["287082", "081804"]


def _not_at_the_edge() -> float:
    """Now, or a moment later where the code is about to change."""
    if time.time() % 30 > 26:
        time.sleep(30 - time.time() % 30 + 0.2)
    return time.time()


def test_what_is_agreed_to_stands_beside_the_sign_in(running: Running, seat: Seat) -> None:
    page = seat()
    page.get_by_role("link", name="Sign in").first.click()
    banner = page.get_by_role("region", name="Before you sign in")
    for words in ("restricted", "recorded", "audited", "criminal and civil law", "you agree"):
        assert words in banner.inner_text()
    assert page.get_by_text("Forgot").count() == 0  # nothing is sent by mail


def test_a_wrong_password_is_refused_without_saying_which_was_wrong(running: Running, seat: Seat) -> None:
    page = seat()
    page.goto(running.url("account/login/"))
    page.get_by_label("Username").fill("adeyemi")
    page.get_by_label("Password").fill("certainly not this")
    page.get_by_role("button", name="sign in").click()
    page.get_by_text("not correct").wait_for()
    assert not violations(page)


def test_password_then_second_factor(running: Running, seat: Seat) -> None:
    """One sets up an authenticator app, comes in again with password and code and not without, and stops using it."""
    page = seat()
    enter(page, running, "weber")
    page.goto(running.url("account/2fa/totp/activate/"))
    page.get_by_text("The picture cannot be scanned").click()
    assert not violations(page)
    secret = page.locator("code.secret").inner_text()
    page.locator("input[name=code]").fill(totp(secret, _not_at_the_edge()))
    page.get_by_role("button", name="Turn on").click()
    page.wait_for_load_state()
    assert not violations(page)
    page.locator("summary[aria-label^='Your account']").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")
    enter(page, running, "weber")
    page.wait_for_url("**/account/2fa/authenticate/**")
    assert not violations(page)
    page.locator("input[name=code]").fill("000000")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_text("Incorrect code").wait_for()
    page.locator("input[name=code]").fill(totp(secret, _not_at_the_edge()))
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
    page.get_by_role("heading", name="Jonas Weber").wait_for()
    page.goto(running.url("account/2fa/totp/deactivate/"))
    assert not violations(page)
    page.get_by_role("button", name="Stop using it").click()
    page.get_by_text("Not set up").wait_for()
