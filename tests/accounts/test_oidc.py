"""The agency's own sign-in (OpenID Connect), against a small real provider: it says who, and lets in whom we know."""

import base64
import datetime as dt
import html
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import jwt
import pytest
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.auth.models import User
from django.http import HttpRequest
from django.test import Client

from fairwitness.accounts import acts
from fairwitness.accounts.doors.kept import LAID_ASIDE, lay_aside
from fairwitness.department import acts as department
from fairwitness.kernel import clock
from tests.accounts.made import given, is_in, lines, user
from tests.world import BY, World

pytestmark = pytest.mark.enable_socket
SECRET = "a client secret that both sides know"


class Provider(BaseHTTPRequestHandler):
    """Authorization code with PKCE, as an agency's directory does it; says of everybody what `claims` has."""

    claims: ClassVar[dict[str, Any]] = {}
    asked: ClassVar[dict[str, str]] = {}

    def log_message(self, *args: Any) -> None:
        pass

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def _json(self, said: dict[str, Any]) -> None:
        data = json.dumps(said).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        path, _mark, query = self.path.partition("?")
        if path == "/.well-known/openid-configuration":
            ways = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            ends = {f"{name}_endpoint": f"{self.issuer}/{way}" for name, way in ways.items()}
            self._json({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks", **ends})
        elif path == "/authorize":
            Provider.asked = dict(urllib.parse.parse_qsl(query))
            back = urllib.parse.urlencode({"code": "the-code", "state": self.asked["state"]})
            self.send_response(302)
            self.send_header("Location", f"{self.asked['redirect_uri']}?{back}")
            self.end_headers()
        elif path == "/userinfo":
            self._json(self.claims)

    def do_POST(self) -> None:
        sent = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        basic = base64.b64decode(self.headers.get("Authorization", "Basic ").partition(" ")[2]).decode()
        assert SECRET in (sent.get("client_secret", ""), urllib.parse.unquote(basic.partition(":")[2]))
        assert sent["code"] == "the-code" and sent["code_verifier"]
        token = {**self.claims, "iss": self.issuer, "aud": "fairwitness", "exp": int(time.time()) + 60}
        self._json({"access_token": "x", "token_type": "Bearer", "id_token": jwt.encode(token, SECRET)})


@pytest.fixture
def provider(settings: Any) -> Iterator[type[Provider]]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    settings.ROOT_URLCONF = "tests.accounts.urls_with_oidc"
    settings.FAIRWITNESS_OIDC = {"name": "the city’s sign-in", "claim": "employee", "names": "badge"}
    app = {"provider_id": "agency", "name": "City", "client_id": "fairwitness", "secret": SECRET}
    app |= {"settings": {"server_url": address}}  # type: ignore[dict-item]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    yield Provider
    server.shutdown()
    server.server_close()


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any) -> None:
        return None


def go_there_and_back(
    said: dict[str, Any], query: str = "?process=login", browser: Client | None = None
) -> tuple[Client, Any]:
    """Press the button, sign in at the provider, come back."""
    Provider.claims = {"sub": "s-1", **said}
    browser = browser or Client()
    there = browser.post(f"/account/oidc/agency/login/{query}").headers["Location"]
    try:
        urllib.request.build_opener(_NoRedirect).open(there)
        raise AssertionError("the provider sends nobody back")
    except urllib.error.HTTPError as error:
        back = urllib.parse.urlsplit(error.headers["Location"])
    return browser, browser.get(f"{back.path}?{back.query}")


def test_a_member_is_known_by_the_claim_that_settings_name(world: World, provider: type[Provider]) -> None:
    given(world, "whitfield")
    browser, answer = go_there_and_back({"employee": "101", "email": "someone.else@police.example"})
    assert is_in(browser) and answer.status_code == 302
    assert browser.session["_auth_user_id"] == str(user(world, "whitfield").pk)
    assert provider.asked["code_challenge_method"] == "S256"
    assert ("sign_in", "done", "socialaccount") in lines()
    assert not SocialAccount.objects.exists()  # who somebody is, is asked each time


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"employee": "9999"},
        {"employee": ""},
        {"employee": ["101"]},
        {"employee": "a\0b"},
        {"employee": 101},
        # An address is no claim, verified or not.
        {"email": "whitfield@police.example", "email_verified": True},
        {"sub": "101"},
        {"employee": "102"},  # a member without a sign-in
    ],
    ids=repr,
)
def test_whoever_is_not_known_stays_out(world: World, provider: type[Provider], said: dict[str, Any]) -> None:
    given(world, "whitfield")
    User.objects.filter(username="whitfield").update(email="whitfield@police.example")
    before = User.objects.count()
    browser, answer = go_there_and_back(said)
    assert not is_in(browser) and User.objects.count() == before
    assert answer.headers["Location"] == "/account/login/"
    assert "goes by what the agency" in browser.get("/account/login/").content.decode()
    assert ("sign_in", "failed", "oidc") in lines()


def test_a_locked_or_closed_account_stays_out(world: World, provider: type[Provider]) -> None:
    given(world, "whitfield")
    acts.lock_account(member_id=world.id("whitfield"), reason="failures", by=BY)
    assert not is_in(go_there_and_back({"employee": "101"})[0])
    given(world, "okoye")
    department.leave(member_id=world.id("okoye"), by=world.actor("chen"))
    assert not is_in(go_there_and_back({"employee": "102"})[0])


def test_it_is_no_second_factor(world: World, provider: type[Provider]) -> None:
    given(world, "whitfield")
    Authenticator.objects.create(
        user=user(world, "whitfield"), type="totp", data={"secret": "JBSWY3DPEHPK3PXP"}
    )
    browser, answer = go_there_and_back({"employee": "101"})
    assert not is_in(browser) and answer.headers["Location"].startswith("/account/2fa/authenticate/")


def test_what_was_sent_goes_on_after_the_agencys_own_sign_in(world: World, provider: type[Provider]) -> None:
    """Whoever has no password here leaves for it and comes back: what they typed is still theirs, and sent once."""
    given(world, "costa")
    theirs = user(world, "costa")
    theirs.set_unusable_password()
    theirs.save()
    browser, _answer = go_there_and_back({"employee": "P301"})
    sent = {"code": "K9", "name": "Hunde", "parent": ""}
    with clock.frozen(clock.now() + dt.timedelta(minutes=31)):
        asked = browser.post("/units/add/", sent)
        page = asked.content.decode()
        assert asked.status_code == 401 and "What you sent is kept" in page
        button = re.search(r'action="(/account/oidc/agency/login/[^"]+)"', page)
        assert button
        query = html.unescape(urllib.parse.urlsplit(button[1]).query)
        assert browser.get("/account/confirm/").context["kept"] == ""  # not before they have shown it
        _browser, back = go_there_and_back({"employee": "P301"}, f"?{query}", browser)
        assert back.headers["Location"] == "/account/confirm/"
        on = browser.get(back.headers["Location"]).context["kept"]
        assert (on.path, dict(on.fields)) == ("/units/add/", sent)
        assert browser.get("/account/confirm/").context["kept"] == ""


def test_what_was_sent_is_not_sent_again_later(world: World, provider: type[Provider]) -> None:
    """Whoever confirms by another way, or asks for another page meanwhile, leaves nothing behind that would go on."""
    given(world, "costa")
    theirs = user(world, "costa")
    browser, _answer = go_there_and_back({"employee": "P301"})
    theirs.refresh_from_db()
    password = "correct horse battery staple"
    with clock.frozen(clock.now() + dt.timedelta(minutes=31)):
        request = HttpRequest()
        request.session, request.user = browser.session, theirs  # type: ignore[assignment]
        lay_aside(request, "something sealed")
        lay_aside(request, "")
        assert LAID_ASIDE not in request.session
        lay_aside(request, "something sealed")
        request.session.save()
        theirs.set_password(password)
        User.objects.filter(pk=theirs.pk).update(password=theirs.password)
        session = browser.session
        session["_auth_user_hash"] = theirs.get_session_auth_hash()
        session.save()
        assert browser.post("/account/confirm/", {"password": password}).status_code == 302
        assert LAID_ASIDE not in browser.session


def test_nobody_ties_another_identity_to_themselves(world: World, provider: type[Provider]) -> None:
    given(world, "whitfield")
    browser, _answer = go_there_and_back({"employee": "101"}, "?process=connect")
    assert not is_in(browser) and not SocialAccount.objects.exists()


def test_without_settings_there_is_no_such_address(world: World) -> None:
    assert Client().post("/account/oidc/agency/login/").status_code == 404
    assert "oidc" not in Client().get("/account/login/").content.decode()
