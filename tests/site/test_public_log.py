"""The public log as anyone gets it: its page, its files as they lie, the two programs; nothing else by any name."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from fairwitness.kernel.refusals import Invalid
from fairwitness.publiclog import keys
from fairwitness.publiclog.publish import publish
from fairwitness.site.middleware import refusal_json
from tests.kernel.test_locks import make_unit


@pytest.fixture
def published(own_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A log with one entry, in a home of its own."""
    monkeypatch.setattr(settings, "FAIRWITNESS_HOME", tmp_path)
    make_unit()
    publish()
    return tmp_path


def body(client: Client, address: str) -> bytes:
    answer = client.get(address)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]


def test_the_files_are_served_as_they_lie(client: Client, published: Path) -> None:
    for path in ("checkpoint", "key", "tile/0/000.p/1", "tile/entries/000.p/1"):
        assert body(client, f"/log/{path}") == (published / "log" / path).read_bytes()
    assert "immutable" in client.get("/log/tile/0/000.p/1")["Cache-Control"]
    assert client.get("/log/checkpoint")["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["../keys/log.key", "tile/../../keys/log.key", "tile/0/000", "tile/0/000.part", "tile/", "tile/0/x001/000",
     "%2e%2e/keys/log.key", "checkpoint/x", "key.part"],
)  # fmt: skip
def test_nothing_else_is_served(client: Client, published: Path, path: str) -> None:
    assert client.get(f"/log/{path}").status_code == 404


def test_the_page_says_how_the_log_stands(client: Client, published: Path) -> None:
    text = body(client, "/log/").decode()
    assert "The log holds 1 entry." in text
    assert "No witness is configured" in text
    assert str(keys.public_key()) in text.replace("&#x2B;", "+")


def test_the_page_stands_before_the_first_publication(
    client: Client, own_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(settings, "FAIRWITNESS_HOME", tmp_path)
    assert "has not been published yet" in body(client, "/log/").decode()


@pytest.mark.parametrize("name", ["fairwitness_verify.py", "fairwitness_witness.py"])
def test_the_programs_are_given_as_they_are(client: Client, db: None, name: str) -> None:
    assert body(client, f"/tools/{name}") == (settings.ROOT / "verify" / name).read_bytes()
    assert client.get("/tools/settings.py").status_code == 404


def test_a_refusal_for_programs_has_code_sentence_and_details() -> None:
    said = refusal_json(Invalid("No.", field=Path("x")))
    assert said == {"code": "invalid", "sentence": "No.", "details": {"field": "x"}}
