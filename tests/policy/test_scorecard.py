"""The scorecard: for both profiles, and every criterion with planted rules in every colour."""

import uuid
from typing import Any

import pytest

from fairwitness.kernel import profiles
from fairwitness.policy.doors import Citation
from fairwitness.policy.doors.score import _criteria, scorecard
from fairwitness.policy.models import Book, rule_from
from tests.policy.made import rule
from tests.world import World

JUDGES = {key: judge for key, _title, _asks, judge in _criteria()}
G, Y, R = "green", "yellow", "red"
UNFLAGGED = {"category": "uncategorised", "keep": "1 days"}


def held(*rules: Any) -> dict[str, list[Citation]]:
    found: dict[str, list[Citation]] = {}
    for n, each in enumerate(rules):
        kind, parameters = each
        said = rule_from(rule(f"t.{n}", kind=kind, parameters=parameters), "rule")
        found.setdefault(kind, []).append(Citation(uuid.UUID(int=0), "T", 1, said))
    return found


MUST = ("activation", {"events": ["Arrests"]})
OPENS = ("access", {"access": "ordinary", "roles": ["officer"]})
ASKS = {"asked_by": ["victim"]}
PLANTED: list[tuple[str, str, list[Any]]] = [
    ("available", R, []),
    ("available", Y, [MUST]),
    ("available", G, [MUST, OPENS, ("retention", UNFLAGGED)]),
    ("discretion", R, []),
    ("discretion", R, [("activation", {"events": []}), ("exception", {"reason_required": True})]),
    ("discretion", Y, [MUST]),
    ("discretion", Y, [MUST, ("exception", {"reason_required": False})]),
    ("discretion", G, [MUST, ("exception", {"reason_required": True})]),
    ("privacy", R, []),
    ("privacy", Y, [("deactivation", {**ASKS, "decides": "officer"})]),
    ("privacy", Y, [("deactivation", {**ASKS, "decides": "person"}), ("residence", {**ASKS, "decides": "officer"})]),
    ("privacy", G, [("deactivation", {**ASKS, "decides": "person"}), ("residence", {**ASKS, "decides": "person"})]),
    ("pre_report", R, []),
    ("pre_report", R, [("lockout", {"viewing_before_report": "open"})]),
    ("pre_report", Y, [("lockout", {"viewing_before_report": "closed_when_critical"})]),
    ("pre_report", G, [("lockout", {"viewing_before_report": "closed"})]),
    ("retention", R, []),
    ("retention", R, [("retention", UNFLAGGED)]),
    ("retention", R, [("retention", {**UNFLAGGED, "at_most": "for ever"})]),
    ("retention", R, [("retention", {"category": "else", "keep": "1 days", "at_most": "1 days"})]),
    ("retention", Y, [("retention", {**UNFLAGGED, "at_most": "185 days"})]),
    ("retention", Y, [("retention", {**UNFLAGGED, "at_most": "7 months"})]),
    ("retention", Y, [("retention", {**UNFLAGGED, "at_most": "1 years"})]),
    ("retention", G, [("retention", {**UNFLAGGED, "at_most": "184 days"})]),
    ("retention", G, [("retention", {**UNFLAGGED, "at_most": "6 months"})]),
    ("misuse", R, []),
    ("misuse", R, [("integrity", {"tampering_forbidden": False, "access_recorded": False})]),
    ("misuse", Y, [("integrity", {"tampering_forbidden": True, "access_recorded": False})]),
    ("misuse", Y, [("integrity", {"tampering_forbidden": False, "access_recorded": True})]),
    ("misuse", G, [("integrity", {"tampering_forbidden": True, "access_recorded": True})]),
    ("access", R, []),
    ("access", R, [("disclosure", {"complainant_may_view": "no"})]),
    ("access", Y, [("disclosure", {"complainant_may_view": "on_request"})]),
    ("access", G, [("disclosure", {"complainant_may_view": "yes"})]),
    ("biometric", R, []),
    ("biometric", Y, [("recognition", {"banned": False})]),
    ("biometric", G, [("recognition", {"banned": True})]),
]  # fmt: skip


@pytest.mark.parametrize(("key", "verdict", "rules"), PLANTED)
def test_a_criterion(key: str, verdict: str, rules: list[Any]) -> None:
    found, because, evidence = JUDGES[key](held(*rules))
    assert (found, because.endswith(".")) == (verdict, True)
    assert evidence or found == R


def test_every_criterion_was_seen_in_every_colour() -> None:
    assert {(key, verdict) for key, verdict, _rules in PLANTED} == {
        (key, v) for key in JUDGES for v in (G, Y, R)
    }


# What the two books come to; who changes one of these rules changes a verdict, and sees it here.
VERDICTS = {
    "cambridge_ma": {
        "available": G,
        "discretion": G,
        "privacy": Y,
        "pre_report": Y,
        "retention": Y,
        "misuse": G,
        "access": Y,
        "biometric": G,
    },
    "cambridgeshire": {
        "available": G,
        "discretion": G,
        "privacy": Y,
        "pre_report": Y,
        "retention": G,
        "misuse": G,
        "access": Y,
        "biometric": G,
    },
}


@pytest.mark.parametrize("profile", profiles.known())
def test_a_profile(profile: str) -> None:
    rules: dict[str, list[Citation]] = {}
    for document in profiles.read(profile, "policy", Book).documents:
        for each in document.rules:
            rules.setdefault(each.kind, []).append(Citation(uuid.UUID(int=0), document.number, 1, each))
    assert {key: judge(rules)[0] for key, judge in JUDGES.items()} == VERDICTS[profile]


def test_what_is_in_force_is_judged(world: World) -> None:
    found = scorecard()
    assert {each.key: each.verdict for each in found} == VERDICTS["cambridge_ma"]
    assert len(found) == 8
    assert all(each.evidence for each in found)
