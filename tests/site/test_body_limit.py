"""What anyone may send: no more than a form takes, and its length said beforehand; else not a byte of it is read."""

from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import Client

from fairwitness.site.middleware import LARGEST_FORM
from tests.world import World

ADDRESS = "/account/login/"
BOUNDARY = "multipart/form-data; boundary=x"


@pytest.fixture(autouse=True)
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The requests whose body Django took up: who is refused is none of them."""
    taken_up: list[str] = []
    parse = WSGIRequest._load_post_and_files

    def noted(request: Any) -> None:
        taken_up.append(request.path)
        parse(request)

    monkeypatch.setattr(WSGIRequest, "_load_post_and_files", noted)
    return taken_up


def posted(client: Client, **headers: str) -> Any:
    return client.generic("POST", ADDRESS, b"", content_type=BOUNDARY, **headers)


@pytest.mark.parametrize("length", [str(LARGEST_FORM + 1), "9" * 5000, "00" + str(2**60)])
def test_what_is_too_large_is_refused_unread(db: None, length: str, parsed: list[str]) -> None:
    answer = posted(Client(enforce_csrf_checks=True), CONTENT_LENGTH=length)
    assert answer.status_code == 413
    assert "More than 64 MiB cannot be sent here." in answer.content.decode()
    assert parsed == []


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": ""},
        {"CONTENT_LENGTH": "-1"},
        {"CONTENT_LENGTH": "²"},
    ],
)
def test_what_has_no_length_is_refused_unread(db: None, headers: dict[str, str], parsed: list[str]) -> None:
    answer = posted(Client(enforce_csrf_checks=True), **headers)
    assert answer.status_code == 411
    assert "Say how long what you send is" in answer.content.decode()
    assert parsed == []


def test_programs_are_told_in_json(db: None) -> None:
    answer = posted(Client(), CONTENT_LENGTH="9" * 30, HTTP_ACCEPT="application/json")
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def test_what_is_just_as_large_as_allowed_goes_on_to_the_csrf_check(db: None) -> None:
    answer = posted(Client(enforce_csrf_checks=True), CONTENT_LENGTH=str(LARGEST_FORM))
    assert answer.status_code == 403


def test_the_csrf_check_parses_what_anyone_sends(db: None, parsed: list[str]) -> None:
    """Why the limit stands before it."""
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(ADDRESS)  # for the cookie
    parsed.clear()
    assert stranger.post(ADDRESS, {"login": "x"}).status_code == 403
    assert parsed == [ADDRESS]


def test_a_page_is_still_asked_for_and_a_form_still_sent(world: World) -> None:
    browser = world.sign_in("park")
    assert browser.get("/notices/").status_code == 200
    assert browser.post("/notices/", {"notice": ""}).status_code == 302
