"""GET /metrics: for a program on the machine itself or one with a token for it; figures without anything personal."""

import re
from typing import Any

import pytest
from django.test import Client

from fairwitness.accounts import acts
from fairwitness.accounts.models import SignInLog
from fairwitness.kernel.roles import Role
from fairwitness.site import metrics
from tests.department.test_jobs_page import left
from tests.department.test_reach import HOLDER
from tests.world import World

HERE = {"host": "127.0.0.1:8000"}


def figures(answer: Any) -> dict[str, float]:
    """Each figure with its labels."""
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_a_program_on_this_machine_reads_them(world: World) -> None:
    left(status="failed")
    Client().get("/", headers=HERE)
    found = figures(Client().get("/metrics", headers=HERE))
    assert found['fairwitness_jobs{kind="evidence.derive",state="failed"}'] == 1
    assert found["fairwitness_log_waiting_entries"] > 0
    assert found["fairwitness_disk_free_bytes"] > 0
    assert found['fairwitness_request_seconds_count{method="GET",status="2xx",view="home"}'] >= 1


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "testserver"},
        {**HERE, "x-forwarded-for": "192.0.2.1"},
        {**HERE, "x-forwarded-proto": "https"},
        {**HERE, "forwarded": "for=192.0.2.1"},
        {**HERE, "via": "1.1 proxy"},
    ],
)
def test_what_comes_through_a_proxy_is_not_from_here(db: None, headers: dict[str, str]) -> None:
    assert Client().get("/metrics", headers=headers).status_code == 403


def test_the_public_fills_no_log(world: World) -> None:
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics").status_code == 403
    assert not SignInLog.objects.exists()
    world.sign_in("whitfield").get("/metrics")
    assert SignInLog.objects.filter(event="attempt", outcome="refused").count() == 1


def test_another_machine_needs_a_token(db: None) -> None:
    assert Client(REMOTE_ADDR="192.0.2.7").get("/metrics", headers=HERE).status_code == 403


@pytest.mark.parametrize("role", list(Role))
def test_no_role_opens_them(world: World, role: Role) -> None:
    assert world.sign_in(HOLDER[role]).get("/metrics").status_code == 403


@pytest.mark.parametrize(("scope", "status"), [("metrics", 200), ("report", 403)])
def test_a_token(world: World, scope: str, status: int) -> None:
    _token, secret = acts.issue_token(name="Collector", scopes={scope}, by=world.actor("costa"))
    answer = Client(REMOTE_ADDR="192.0.2.7").get("/metrics", headers={"authorization": f"Bearer {secret}"})
    assert answer.status_code == status


def test_a_token_that_is_none(db: None) -> None:
    answer = Client().get("/metrics", headers={**HERE, "authorization": "Bearer fwt_nothing"})
    assert answer.status_code == 401


def test_nothing_personal_is_in_a_label(world: World) -> None:
    browser = world.sign_in("whitfield")
    browser.get(f"/people/{world.id('whitfield')}/?q=Whitfield")
    browser.get("/Whitfield/")
    text = Client().get("/metrics", headers=HERE).content.decode()
    assert "hitfield" not in text
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", text), "no key of anything"


def test_a_figure_that_cannot_be_read_is_left_out(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> metrics.Values:
        raise OSError("away")

    monkeypatch.setattr(metrics, "FIGURES", (metrics.Figure("broken", "Broken.", away), *metrics.FIGURES))
    found = figures(Client().get("/metrics", headers=HERE))
    assert "fairwitness_broken" not in found and "fairwitness_faults" in found
