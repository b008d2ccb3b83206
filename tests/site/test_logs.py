"""The server's log: a line a request by view, method, status and time; nothing of what was asked, sent or met."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from fairwitness.kernel.refusals import Invalid
from fairwitness.site import logs, requests
from fairwitness.site import urls as ours
from tests.world import World

NAME = "Wilhelmina"


def fail(request: HttpRequest) -> HttpResponse:
    secret = request.GET["who"] + request.POST["what"] + request.COOKIES["mark"]
    try:
        raise ValueError(secret)
    except ValueError as error:
        raise KeyError(f"no such {secret}") from error


def refuse(request: HttpRequest) -> HttpResponse:
    raise Invalid(f"{NAME} is no such thing")


def collide(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE once (name text PRIMARY KEY)")
        cursor.execute("INSERT INTO once VALUES (%s), (%s)", [NAME, NAME])
    raise AssertionError


urlpatterns = [
    path("fail/", fail, name="fail"),
    path("refuse/", refuse, name="refuse"),
    path("collide/", collide, name="collide"),
    *ours.urlpatterns,
]
handler500 = ours.handler500


@pytest.fixture(params=[logs.JsonLines, logs.Text])
def written(request: Any, settings: Any) -> Iterator[io.StringIO]:
    """What the log takes down, of every logger, from its most talkative level."""
    settings.ROOT_URLCONF = __name__
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    root, levels = logging.getLogger(), {}
    for name in ("", "django", "django.request", "fairwitness.requests", "django.security"):
        levels[name] = logging.getLogger(name).level
        logging.getLogger(name).setLevel(logging.INFO)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)


def asked(address: str, **more: Any) -> Any:
    browser = Client(raise_request_exception=False, **more)
    browser.cookies["mark"] = f"{NAME}-cookie"
    return browser.post(
        f"{address}?who={NAME}",
        {"what": f"{NAME}-body"},
        headers={"user-agent": f"{NAME}/1.0", "referer": f"http://x/{NAME}", "x-forwarded-for": NAME},
    )


@pytest.mark.parametrize(
    "address", ["/fail/", "/refuse/", "/collide/", f"/{NAME}/", "/", "/notices/", "/account/login/"]
)
def test_nothing_of_what_was_asked_is_in_it(db: None, written: io.StringIO, address: str) -> None:
    asked(address)
    asked(address, enforce_csrf_checks=True)
    Client(headers={"host": f"{NAME}.example"}).get("/")
    assert written.getvalue()
    assert NAME.lower() not in written.getvalue().lower()


def test_an_error_is_written_by_kind_and_place(db: None, written: io.StringIO) -> None:
    answer = asked("/fail/")
    said = written.getvalue()
    assert answer.status_code == 500
    assert "builtins.KeyError" in said and "builtins.ValueError" in said
    assert "tests/site/test_logs.py:" in said and " fail" in said


def test_the_reference_on_the_page_is_the_one_in_the_log(db: None, written: io.StringIO) -> None:
    for address, status in (("/fail/", 500), ("/refuse/", 422), ("/nowhere/", 404)):
        answer = asked(address)
        reference = answer["X-Request-Id"]
        assert answer.status_code == status
        assert reference in answer.content.decode(), address
        assert reference in written.getvalue()


def test_a_line_a_request(world: World, written: io.StringIO) -> None:
    browser = world.sign_in("park")
    written.truncate(0)
    written.seek(0)
    browser.get("/people/?unit=x")
    (line,) = written.getvalue().splitlines()
    if line.startswith("{"):
        parts = json.loads(line)
        assert parts.pop("ms") >= 0 and parts.pop("at").endswith("Z") and len(parts.pop("reference")) == 10
        assert parts == {
            "level": "INFO",
            "logger": "fairwitness.requests",
            "message": "request",
            "view": "members",
            "method": "GET",
            "status": 200,
            "actor": "member",
        }
    else:
        assert " request view=members method=GET status=200 ms=" in line


def test_an_unknown_method_is_no_label(db: None) -> None:
    Client().generic(NAME.upper(), "/")
    found = {sample.labels["method"] for metric in requests.SECONDS.collect() for sample in metric.samples}
    assert "OTHER" in found and NAME.upper() not in found


def test_an_error_of_the_database_is_said_by_its_code(db: None) -> None:
    try:
        collide(HttpRequest())
    except IntegrityError as error:
        said = logs.error(error)
    assert said["because"]["sqlstate"] == "23505" and said["because"]["constraint"] == "once_pkey"
    assert NAME not in json.dumps(said)


def test_a_pattern_of_values_alone_is_left_out(written: io.StringIO) -> None:
    logging.getLogger("django.request").error(
        "%s: %s", "Not Found", "/people/?name=Ruiz", extra={"status_code": 404}
    )
    assert "(left out)" in written.getvalue() and "404" in written.getvalue()
    assert "Ruiz" not in written.getvalue() and "%s" not in written.getvalue()
