"""Whatever is sent to the programs' interface, by the schema and against it, is answered clearly and never by a 500."""

import uuid
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, reject, settings
from schemathesis import GenerationMode

from fairwitness.site.api import root
from fairwitness.uploads.models import Upload
from tests.uploads.tus import PIECE, Sender
from tests.world import World

pytestmark = pytest.mark.slow
# Answers that say that it is the machine's state: none of them is a fault of ours.
OF_THE_MACHINE = {503, 507}


def tus(keys: list[str]) -> dict[str, Any]:
    """The addresses of tus as OpenAPI says it: what may stand in each header, and in what is sent."""

    def header(name: str, schema: dict[str, Any], *, required: bool = False) -> dict[str, Any]:
        return {"name": name, "in": "header", "required": required, "schema": schema}

    number, text = {"type": "integer", "minimum": 0, "maximum": 2**50}, {"type": "string"}
    version = header("Tus-Resumable", {"type": "string", "enum": ["1.0.0"]}, required=True)
    key = {"name": "pk", "in": "path", "required": True, "schema": {"type": "string", "enum": keys}}
    override = header(
        "X-HTTP-Method-Override", {"type": "string", "enum": ["PATCH", "DELETE", "HEAD", "POST"]}
    )
    piece = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    answers = {"default": {"description": "any"}}

    def does(*parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"parameters": [version, *parameters], "responses": answers, **more}

    begin = does(
        header("Upload-Length", number, required=True),
        header(
            "Upload-Metadata",
            {"type": "string", "pattern": r"^([a-z0-9]{1,12} [A-Za-z0-9+/]{0,40}={0,2},?){0,6}$"},
        ),
        header("Upload-Defer-Length", text),
        override,
    )
    send = does(
        key,
        header("Upload-Offset", {"type": "integer", "minimum": 0, "maximum": 40}, required=True),
        header("Upload-Checksum", {"type": "string", "pattern": "^(sha256|sha1|md5) [A-Za-z0-9+/]{0,44}=?$"}),
        requestBody=piece,
    )
    return {
        "openapi": "3.0.3",
        "info": {"title": "tus", "version": "1.0.0"},
        "paths": {
            "/api/uploads": {"post": begin, "options": does(), "get": does()},
            "/api/uploads/{pk}": {
                "patch": send,
                "head": does(key),
                "get": does(key),
                "delete": does(key),
                "post": does(key, override, requestBody=piece),
            },
        },
    }


def answered(sender: Sender, case: Any) -> int:
    """The status with which a case is answered; what no program can put into a request is left out."""
    try:
        words = case.as_transport_kwargs(base_url="http://testserver")
        allowed = {"method", "url", "headers", "files", "data", "params", "cookies", "json"}
        asked = requests.Request(**{k: v for k, v in words.items() if k in allowed}).prepare()
        headers = {
            str(k): v.decode("latin-1") if isinstance(v, bytes) else str(v)
            for k, v in dict[Any, Any](asked.headers).items()
        }
        [each.encode("latin-1") for each in headers.values()]
    except (requests.exceptions.RequestException, ValueError, UnicodeError):
        reject()
    if headers.get("Content-Type") == "application/octet-stream":
        headers["Content-Type"] = PIECE  # which schemathesis cannot make by itself
    headers["Authorization"] = f"Bearer {sender.token}"
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    answer = sender.browser.generic(
        str(asked.method),
        str(asked.url).removeprefix("http://testserver"),
        body,
        content_type=headers.get("Content-Type", ""),
        headers=headers,
    )
    if (
        answer.content
        and answer.status_code >= 400
        and answer.headers.get("Content-Type", "").startswith("application/json")
    ):
        said = answer.json()
        assert {"code", "sentence"} <= set(said) or "detail" in said, said
    return int(answer.status_code)


def try_all(schema: dict[str, Any], sender: Sender) -> set[int]:
    statuses: set[int] = set()
    for found in schemathesis.openapi.from_dict(schema).get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)

            @settings(
                max_examples=40,
                deadline=None,
                database=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def tried(case: Any) -> None:
                status = answered(sender, case)
                statuses.add(status)
                assert status < 500 or status in OF_THE_MACHINE, case.as_curl_command()

            tried()
    return statuses


def test_the_addresses_of_tus(dock: Sender) -> None:
    keys = [dock.begin(30).rsplit("/", 1)[1] for _ in range(3)]
    statuses = try_all(tus([*keys, str(uuid.uuid4()), "x"]), dock)
    assert {201, 204, 404, 412, 422} <= statuses
    assert Upload.objects.count() > 3


def test_the_rest_of_the_interface(dock: Sender, world: World) -> None:
    assert try_all(dict(root.get_openapi_schema(path_prefix="/api/")), dock) & {200, 401, 403, 404, 422}
