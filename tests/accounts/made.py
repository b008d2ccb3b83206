"""What tests of accounts need made: members with a sign-in, browsers that sign in by the page, the log's last lines."""

from typing import Any

from django.contrib.auth.models import User
from django.test import Client

from fairwitness.accounts.models import SignInLog
from fairwitness.department import acts
from tests.world import BY, World

LOGIN = "/account/login/"


def given(world: World, key: str) -> str:
    """A sign-in for one of the cast, by their key; answers the password."""
    return acts.give_sign_in(member_id=world.id(key), username=key, by=BY)


def enter(key: str, password: str, browser: Client | None = None, **more: Any) -> Client:
    """Try to sign in by the page."""
    browser = browser or Client()
    browser.post(LOGIN, {"login": key, "password": password}, **more)
    return browser


def is_in(browser: Client) -> bool:
    """Whether this browser is signed in."""
    return "_auth_user_id" in browser.session


def user(world: World, key: str) -> User:
    """The sign-in of one of the cast."""
    return User.objects.get(member=world.id(key))


def lines(**narrowed: Any) -> list[tuple[str, str, str]]:
    """Event, outcome and detail of the log, oldest first."""
    found = SignInLog.objects.filter(**narrowed).order_by("pk")
    return list(found.values_list("event", "outcome", "detail"))
