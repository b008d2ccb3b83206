"""What docks post to /api/docks/report: only docks, only what has the shape, and never an error of ours."""

import json
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.accounts.acts import end_token, issue_token
from fairwitness.accounts.models import Token
from fairwitness.department import acts as department
from fairwitness.department.models import Dock
from fairwitness.kernel import clock
from fairwitness.kernel.models import Entry
from fairwitness.uploads.acts import held
from fairwitness.uploads.models import Sighting
from tests.conftest import shared
from tests.evidence.made import sealed
from tests.world import BY, World

PLACE = "/api/docks/report"
FILE: dict[str, Any] = {"name": "A.MP4", "size": 10, "modified": 1_790_000_000}
CAMERA: dict[str, Any] = {"serial": "AX-0101", "connected": True, "waiting": 1, "waiting_bytes": 10}


@pytest.fixture
def dock(world: World) -> Dock:
    return department.add_dock(serial="D-1", name="Front desk", by=BY)


@pytest.fixture
def issued(dock: Dock) -> tuple[Token, str]:
    return issue_token(name="Front desk", scopes=["upload", "report"], dock_id=dock.pk, by=BY)


def said(*files: dict[str, Any], **more: Any) -> dict[str, Any]:
    camera = {**CAMERA, "files": list(files)}
    return {"agent": "1", "time": int(clock.now().timestamp()), "free_bytes": 1, "cameras": [camera], **more}


def post(secret: str, body: Any, browser: Client | None = None) -> Any:
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return (browser or Client()).post(PLACE, data, content_type="application/json", headers=headers)


def test_a_dock_reports_and_is_told_what_was_received(issued: tuple[Token, str]) -> None:
    recording = sealed()
    answer = post(issued[1], said({**FILE, "sha256": recording.sha256}, {**FILE, "name": "B.MP4"}))
    assert answer.status_code == 200, answer.content
    assert answer.json()["received"] == {recording.sha256: "sealed"}
    assert abs(answer.json()["time"] - clock.now().timestamp()) < 5
    assert dict(Sighting.objects.values_list("name", "status")) == {"A.MP4": "sealed", "B.MP4": "held"}
    entry = Entry.objects.filter(event="uploads.holdings_reported").get()
    assert entry.actor == f"device:{issued[0].pk}"


def test_nobody_reports_without_a_token(dock: Dock) -> None:
    assert post("", said()).status_code == 401
    assert post("fwt_unknown", said()).status_code == 401


def test_an_ended_token_reports_no_more(issued: tuple[Token, str]) -> None:
    end_token(token_id=issued[0].pk, by=BY)
    assert post(issued[1], said()).status_code == 401


def test_a_retired_docks_token_reports_no_more(dock: Dock, issued: tuple[Token, str]) -> None:
    department.retire_dock(dock_id=dock.pk, by=BY)
    assert post(issued[1], said()).status_code == 401


def test_a_token_without_the_scope_is_forbidden(dock: Dock) -> None:
    _token, secret = issue_token(name="X", scopes=["upload"], dock_id=dock.pk, by=BY)
    answer = post(secret, said())
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


def test_a_token_of_no_dock_is_forbidden(world: World) -> None:
    _token, secret = issue_token(name="X", scopes=["report"], by=BY)
    assert post(secret, said()).status_code == 403


@pytest.mark.parametrize("who", ["costa", "chen", "whitfield"])
def test_people_do_not_report(world: World, who: str) -> None:
    browser = world.sign_in(who)
    assert post("", said(), browser).status_code == 403


BAD: list[Any] = [
    *("", "{", "[]", "null", "7", b"\xff\xfe", '{"agent": "1"}'),
    said(more=1),
    said({**FILE, "size": -1}),
    said({**FILE, "size": 2**63}),
    said({**FILE, "modified": 253_370_764_800}),
    said({**FILE, "modified": -1}),
    said({**FILE, "modified": "yesterday"}),
    said({**FILE, "sha256": "A" * 64}),
    said({**FILE, "sha256": "a" * 63}),
    said({**FILE, "name": ""}),
    said({**FILE, "name": "x" * 256}),
    said({**FILE, "name": "a\0b"}),
    said({**FILE, "name": "a\nb"}),
    said({**FILE, "name": "\ud800"}),
    said({**FILE, "more": 1}),
    said(FILE, {**FILE, "size": 11}),
    said(*[FILE] * 501),
    said(cameras=[CAMERA] * 201),
    said(cameras=[CAMERA, {**CAMERA, "serial": "ax-0101"}]),
    said(cameras=[{**CAMERA, "serial": "   "}]),
    said(cameras=[{**CAMERA, "serial": "x" * 41}]),
    said(cameras=[{**CAMERA, "waiting": 2**31}]),
    said(cameras=[{**CAMERA, "serial": "\0"}]),
    said(time=-1),
    said(time=10**30),
    said(agent="x" * 41),
    said(free_bytes=-1),
]


# By number: what a body says of the time would name a test differently in each process.
@pytest.mark.parametrize("body", BAD, ids=map(str, range(len(BAD))))
def test_what_has_not_the_shape_is_refused_and_nothing_is_kept(issued: tuple[Token, str], body: Any) -> None:
    answer = post(issued[1], body)
    assert answer.status_code in (400, 422), answer.content
    assert not Sighting.objects.exists()


def test_so_many_files_in_all_on_one_page(issued: tuple[Token, str]) -> None:
    def cameras(each: int) -> list[dict[str, Any]]:
        files = [{**FILE, "name": f"{n}.MP4"} for n in range(each)]
        return [{**CAMERA, "serial": serial, "files": files} for serial in ("AX-0101", "AX-0102")]

    assert post(issued[1], said(cameras=cameras(251))).status_code == 422
    assert not Sighting.objects.exists()
    assert post(issued[1], said(cameras=cameras(250))).status_code == 200


def test_a_dock_has_so_many_open_files_and_no_more(
    issued: tuple[Token, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST_OPEN", 2)
    recording = sealed()
    full = [{**FILE, "name": name} for name in ("A.MP4", "B.MP4")]
    assert post(issued[1], said(*full)).status_code == 200
    answer = post(issued[1], said(*full, {**FILE, "name": "C.MP4"}))
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many")
    assert answer.headers["Retry-After"]
    assert Sighting.objects.count() == 2
    known = {**FILE, "name": "D.MP4", "sha256": recording.sha256}
    assert post(issued[1], said(*full, known)).status_code == 200, "what is sealed costs nothing"
    assert post(issued[1], said({**full[0], "sha256": recording.sha256})).status_code == 200
    assert post(issued[1], said({**FILE, "name": "C.MP4"})).status_code == 200, (
        "one was sealed, one more fits"
    )


def test_odd_names_are_kept_as_they_are_or_refused(issued: tuple[Token, str]) -> None:
    names = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    kept = set()
    for name in names:
        answer = post(issued[1], said({**FILE, "name": name}))
        assert answer.status_code in (200, 422), (name, answer.content)
        if answer.status_code == 200:
            kept.add(name)
    assert set(Sighting.objects.values_list("name", flat=True)) == kept
    assert len(kept) > 300


_json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_report = st.fixed_dictionaries(
    {"agent": st.text(max_size=50), "time": st.integers() | _json},
    optional={"free_bytes": _json, "cameras": _json | st.lists(st.just(CAMERA) | _json, max_size=2)},
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_json | _report)
def test_no_body_is_an_error_of_ours(issued: tuple[Token, str], body: Any) -> None:
    assert post(issued[1], body).status_code < 500
