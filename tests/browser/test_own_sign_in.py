"""Passkeys and the lock of the screen, in a real browser with a virtual authenticator; the site runs in this process."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.core.cache import cache
from django.core.wsgi import get_wsgi_application
from django.db import connections
from playwright.sync_api import Browser, BrowserContext, Page

from fairwitness.accounts import acts as accounts
from fairwitness.accounts.models import Session, SignInLog
from fairwitness.department import acts
from fairwitness.department.models import Unit
from fairwitness.site import assets
from tests import world
from tests.browser import chromium
from tests.world import BY, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.enable_socket]
OWN = "a password of my own choosing"


class _Threads(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, *args: Any) -> None:
        pass


@dataclass
class Site:
    """The site as it runs, the cast, and whom a password was given."""

    address: str
    cast: World

    def password(self, key: str) -> str:
        """A sign-in for one of the cast; answers the first password."""
        return acts.give_sign_in(member_id=self.cast.id(key), username=key, by=BY)

    def url(self, path: str) -> str:
        return self.address + path


@pytest.fixture
def site(own_database: str, settings: Any, django_db_blocker: Any) -> Iterator[Site]:
    assets.lay()
    cache.clear()
    settings.FAIRWITNESS_SECOND_FACTOR = "required"
    settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with django_db_blocker.unblock():
        cast = world.build()
        server = make_server("127.0.0.1", 0, _application(), _Threads, _Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(f"http://localhost:{server.server_port}", cast)
        server.shutdown()
        server.server_close()


def _application() -> Callable[..., Any]:
    """Django, each answer closed as a server closes it, and the connections of its thread with it."""
    django = get_wsgi_application()

    def answer(environ: dict[str, Any], start: Any) -> Iterator[bytes]:
        try:
            with closing(django(environ, start)) as answered:
                yield from answered
        finally:
            connections.close_all()

    return answer


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport=chromium.DESKTOP)
    yield opened
    opened.close()


def authenticator(context: BrowserContext, page: Page) -> None:
    """A security key inside this browser, which finds a finger at once (WebAuthn, section 11)."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def enter(page: Page, site: Site, key: str, password: str) -> None:
    page.goto(site.url("/account/login/"))
    page.get_by_label("Username").fill(key)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="I understand — sign in").click()
    page.wait_for_load_state()


def choose_password(page: Page, first: str) -> None:
    page.wait_for_url("**/account/password/change/")
    page.locator("input[name=oldpassword]").fill(first)
    page.locator("input[name=password1]").fill(OWN)
    page.locator("input[name=password2]").fill(OWN)
    page.get_by_role("button", name="Change password").click()
    page.wait_for_load_state()


def sign_out(page: Page) -> None:
    page.locator("summary[aria-label^='Your account']").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/account/login/**")


def test_a_first_sign_in_owes_a_password_and_a_passkey_and_then_the_passkey_is_enough(
    site: Site, context: BrowserContext
) -> None:
    page = context.new_page()
    said = chromium.listen(page)
    authenticator(context, page)
    enter(page, site, "costa", first := site.password("costa"))
    choose_password(page, first)
    page.goto(site.url("/people/"))
    page.wait_for_url("**/account/2fa/")  # nothing else is open yet
    page.get_by_text("One more step").wait_for()
    assert not chromium.violations(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_label("Name", exact=True).fill("My key")
    assert not chromium.violations(page)
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/recovery-codes/**")
    page.goto(site.url("/account/2fa/"))
    page.get_by_text("My key").wait_for()
    page.goto(site.url("/people/"))
    page.get_by_role("heading", name="People").wait_for()
    sign_out(page)
    page.get_by_role("button", name="use a passkey").click()
    page.wait_for_url(site.url("/"))
    page.get_by_role("heading", name="Ana Costa").wait_for()
    assert SignInLog.objects.filter(event="sign_in").order_by("-pk")[0].detail == "webauthn"
    # The password alone is not enough any more; the passkey stands in as the second factor too.
    sign_out(page)
    enter(page, site, "costa", OWN)
    page.wait_for_url("**/account/2fa/authenticate/**")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(site.url("/"))
    assert not said


def test_the_screen_locks_over_what_was_typed_in_every_tab_and_opens_again(
    site: Site, context: BrowserContext, settings: Any
) -> None:
    settings.FAIRWITNESS_SECOND_FACTOR = "optional"
    settings.FAIRWITNESS_LOCK_AFTER = 10
    password = site.password("costa")
    page = context.new_page()
    said = chromium.listen(page)
    enter(page, site, "costa", password)
    other = context.new_page()
    other.goto(site.url("/people/"))
    page.goto(site.url("/units/add/"))
    page.get_by_label("Code").fill("K9")
    page.get_by_label("Name", exact=True).fill("Dogs, and what was typed")
    dialog = page.get_by_role("dialog", name="The screen is locked")
    dialog.wait_for(timeout=40_000)
    assert not chromium.violations(page)
    assert page.locator("main").evaluate("element => getComputedStyle(element).visibility") == "hidden"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    dialog.wait_for()
    other.get_by_role("dialog").wait_for(timeout=40_000)
    dialog.get_by_label("Your password").fill("wrong")
    dialog.get_by_role("button", name="Unlock").click()
    dialog.get_by_text("That is not right").wait_for()
    settings.FAIRWITNESS_LOCK_AFTER = 600
    dialog.get_by_label("Your password").fill(password)
    dialog.get_by_role("button", name="Unlock").click()
    dialog.wait_for(state="hidden")
    other.get_by_role("dialog").wait_for(state="hidden")
    assert page.get_by_label("Name", exact=True).input_value() == "Dogs, and what was typed"
    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/units/")
    assert Unit.objects.filter(code="K9", name="Dogs, and what was typed").exists()
    assert all("422" in line for line in said)  # the browser's own line about the wrong password


def test_a_form_sent_after_the_lock_without_the_dialog_goes_on_too(
    site: Site, browser: Browser, settings: Any
) -> None:
    settings.FAIRWITNESS_SECOND_FACTOR = "optional"
    password = site.password("costa")
    context = browser.new_context(viewport=chromium.PHONE, java_script_enabled=False)
    page = context.new_page()
    enter(page, site, "costa", password)
    page.goto(site.url("/units/add/"))
    page.get_by_label("Code").fill("K9")
    page.get_by_label("Name", exact=True).fill("Dogs")
    settings.FAIRWITNESS_LOCK_AFTER = -1
    page.get_by_role("button", name="Record it").click()
    page.get_by_text("What you sent is kept").wait_for()
    settings.FAIRWITNESS_LOCK_AFTER = 600
    page.get_by_label("Your password").fill(password)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("button", name="Send it now").click()
    page.wait_for_url("**/units/")
    assert Unit.objects.filter(code="K9").exists()
    context.close()


def test_a_passkey_unlocks_and_an_ended_sign_in_is_said(
    site: Site, context: BrowserContext, settings: Any
) -> None:
    page = context.new_page()
    authenticator(context, page)
    enter(page, site, "costa", first := site.password("costa"))
    choose_password(page, first)
    page.goto(site.url("/account/2fa/webauthn/add/"))
    page.get_by_role("button", name="Make the passkey").click()
    page.wait_for_url("**/recovery-codes/**")
    settings.FAIRWITNESS_LOCK_AFTER = 10
    page.goto(site.url("/units/add/"))
    page.get_by_label("Code").fill("K9")
    dialog = page.get_by_role("dialog")
    dialog.wait_for(timeout=40_000)
    settings.FAIRWITNESS_LOCK_AFTER = 600
    dialog.get_by_role("button", name="Use a passkey").click()
    dialog.wait_for(state="hidden")
    assert page.get_by_label("Code").input_value() == "K9"
    # Ended from elsewhere: the page is hidden, and what was typed is still in it.
    session = Session.objects.get(ended=None)
    from_elsewhere(session)
    page.evaluate("look()")
    page.get_by_text("This sign-in has ended").wait_for()
    assert page.get_by_label("Code").input_value() == "K9"


def from_elsewhere(session: Session) -> None:
    """An administrator ends the session."""
    accounts.end_session(session_id=session.pk, by=BY)
