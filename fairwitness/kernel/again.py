"""Signing in again: an act of weight asks that who is signed in has shown lately that it is they (CJIS IA-11)."""

import datetime as dt
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from fairwitness.kernel import clock
from fairwitness.kernel.refusals import SignInAgain

# How long showing it counts for acts of weight.
LATELY = dt.timedelta(minutes=10)

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def confirmed_at(request: HttpRequest) -> dt.datetime | None:
    """When who asks last showed that it is they, by password, passkey or the agency's own sign-in."""
    return getattr(request, "confirmed_at", None)


def is_confirmed(request: HttpRequest) -> bool:
    """Whether that was less than LATELY ago."""
    at = confirmed_at(request)
    return at is not None and clock.now() - at <= LATELY


def check_confirmed(request: HttpRequest) -> None:
    """Raise SignInAgain unless they showed it lately. What was sent is kept and goes on after."""
    if not is_confirmed(request):
        raise SignInAgain(_("What comes next has weight: show once more that it is you."), why="weight")


def confirmed_lately(page: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """A page of such an act: whoever opens or sends it confirms first that it is they, and then goes on."""

    @wraps(page)
    def asked(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        check_confirmed(cast(HttpRequest, args[0]))
        return page(*args, **kwargs)

    return asked
