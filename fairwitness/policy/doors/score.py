"""The policy in force held against the eight published criteria for body-worn cameras, each with its evidence."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from fairwitness.kernel import clock
from fairwitness.policy.doors.book import Citation, rules_of, versions_at
from fairwitness.policy.models import KINDS

# The Leadership Conference and Upturn, bwcscorecard.org, 2015 to 2017; the tests as facts c1 has them.
SOURCE = "https://www.bwcscorecard.org"
GREEN, YELLOW, RED = "green", "yellow", "red"
# Six months in each unit; in days the longest six months of a calendar.
SIX_MONTHS = {"days": 184, "months": 6, "years": 0}
Rules = Mapping[str, list[Citation]]


@dataclass(frozen=True)
class Criterion:
    """One criterion: how the policy meets it, the reason in a sentence, and the rules that are the evidence."""

    key: str
    title: str
    asks: str
    verdict: str
    because: str
    evidence: list[Citation]


def scorecard(at: dt.datetime | None = None) -> list[Criterion]:
    """The eight criteria in their published order, for what is in force at a moment (now)."""
    rules = _by_kind(at or clock.now())
    return [_scored(key, title, asks, judge, rules) for key, title, asks, judge in _criteria()]


def _by_kind(at: dt.datetime) -> Rules:
    found: dict[str, list[Citation]] = defaultdict(list)
    for version in versions_at(at):
        for rule in rules_of(version):
            found[rule.kind].append(Citation(version.pk, version.document.number, version.n, rule))
    return found


Judge = Callable[[Rules], tuple[str, str, list[Citation]]]


def _scored(key: str, title: str, asks: str, judge: Judge, rules: Rules) -> Criterion:
    verdict, because, evidence = judge(rules)
    return Criterion(key, title, asks, verdict, because, evidence)


def _criteria() -> list[tuple[str, str, str, Judge]]:
    return [
        (
            "available",
            _("The policy is public"),
            _("The whole policy can be found and read by anyone."),
            _available,
        ),
        (
            "discretion",
            _("Officers' discretion is limited"),
            _("It says when a camera must record, and asks for a concrete reason whenever it did not."),
            _discretion,
        ),
        (
            "privacy",
            _("Personal privacy"),
            _("Victims and other vulnerable people decide themselves whether they are recorded."),
            _privacy,
        ),
        (
            "pre_report",
            _("No viewing before the report"),
            _("For every incident, officers write their first report before they see footage."),
            _pre_report,
        ),
        (
            "retention",
            _("Unflagged footage is deleted"),
            _("Footage that nothing asks to keep is deleted within six months."),
            _retention,
        ),
        (
            "misuse",
            _("Protection against misuse"),
            _("Tampering and viewing without a right are forbidden, and every access is recorded."),
            _misuse,
        ),
        (
            "access",
            _("People who complain can see the footage"),
            _("Whoever files a complaint may view the footage it is about."),
            _complainants,
        ),
        (
            "biometric",
            _("Recognition of people is limited"),
            _("Searching footage for people by face or other features is sharply limited or banned."),
            _biometric,
        ),
    ]


def _parameters(rules: Rules, kind: str) -> list[tuple[Citation, Any]]:
    return [(cited, cited.rule.parameters) for cited in rules.get(kind, [])]


def _available(rules: Rules) -> tuple[str, str, list[Citation]]:
    needed = ("activation", "retention", "access")
    missing = [kind for kind in needed if not rules.get(kind)]
    evidence = [rules[kind][0] for kind in needed if kind not in missing]
    kinds = ", ".join(str(KINDS[kind]).lower() for kind in missing)
    if not evidence:
        return RED, _("No policy on body-worn cameras is in force here."), []
    if missing:
        words = _("What is in force is published on this site, but says nothing on: {kinds}.")
        return YELLOW, words.format(kinds=kinds), evidence
    return GREEN, _("Everything in force is published on this site, rule by rule."), evidence


def _discretion(rules: Rules) -> tuple[str, str, list[Citation]]:
    must = [cited for cited, said in _parameters(rules, "activation") if said.events]
    reasons = [cited for cited, said in _parameters(rules, "exception") if said.reason_required]
    if must and reasons:
        return (
            GREEN,
            _("There is a list of what must be recorded, and a reason is asked for what was not."),
            must + reasons,
        )
    if must:
        return (
            YELLOW,
            _("There is a list of what must be recorded; no reason is asked for what was not."),
            must,
        )
    return RED, _("There is no list of what must be recorded."), []


def _privacy(rules: Rules) -> tuple[str, str, list[Citation]]:
    asked = _parameters(rules, "deactivation") + _parameters(rules, "residence")
    evidence = [cited for cited, _said in asked]
    if not asked:
        return RED, _("Nothing says that anyone may ask for the camera to be off."), []
    if all(said.decides == "person" for _cited, said in asked):
        return GREEN, _("Whoever asks for the camera to be off decides."), evidence
    return YELLOW, _("People may ask for the camera to be off; the officer decides."), evidence


def _pre_report(rules: Rules) -> tuple[str, str, list[Citation]]:
    said = _parameters(rules, "lockout")
    evidence = [cited for cited, _said in said]
    ways = {rule.viewing_before_report for _cited, rule in said}
    if ways == {"closed"}:
        return GREEN, _("No officer sees footage before the first report, whatever the incident."), evidence
    if "closed_when_critical" in ways:
        return (
            YELLOW,
            _("Those involved in a critical incident see no footage before their statement."),
            evidence,
        )
    return RED, _("Officers may see footage before they report."), evidence


def _retention(rules: Rules) -> tuple[str, str, list[Citation]]:
    said = [(c, r) for c, r in _parameters(rules, "retention") if r.category == "uncategorised"]
    evidence = [cited for cited, _rule in said]
    limit = said[0][1].at_most if said else None
    if not limit or limit == "for ever":
        return RED, _("Nothing says when unflagged footage must be gone."), evidence
    if _within_six_months(limit):
        return (
            GREEN,
            _("Unflagged footage is gone after {limit} at the latest.").format(limit=limit),
            evidence,
        )
    return (
        YELLOW,
        _("Unflagged footage has a limit, of {limit}: longer than six months.").format(limit=limit),
        evidence,
    )


def _within_six_months(length: str) -> bool:
    count, unit = length.split()
    return int(count) <= SIX_MONTHS[unit]


def _misuse(rules: Rules) -> tuple[str, str, list[Citation]]:
    said = _parameters(rules, "integrity")
    evidence = [cited for cited, _rule in said]
    forbidden = any(rule.tampering_forbidden for _cited, rule in said)
    recorded = any(rule.access_recorded for _cited, rule in said)
    if forbidden and recorded:
        return (
            GREEN,
            _("Tampering and viewing without a right are forbidden, and every access is recorded."),
            evidence,
        )
    if forbidden or recorded:
        return YELLOW, _("Only one of the two is there: forbidding tampering, recording access."), evidence
    return RED, _("Neither tampering is forbidden nor access recorded."), evidence


def _complainants(rules: Rules) -> tuple[str, str, list[Citation]]:
    said = _parameters(rules, "disclosure")
    evidence = [cited for cited, _rule in said]
    ways = {rule.complainant_may_view for _cited, rule in said}
    if "yes" in ways:
        return GREEN, _("Whoever files a complaint may view the footage."), evidence
    if "on_request" in ways:
        return (
            YELLOW,
            _("Whoever files a complaint may ask for the footage as anyone may; it is not theirs by right."),
            evidence,
        )
    return RED, _("Nothing lets people who complain see the footage."), evidence


def _biometric(rules: Rules) -> tuple[str, str, list[Citation]]:
    said = _parameters(rules, "recognition")
    evidence = [cited for cited, _rule in said]
    if any(rule.banned for _cited, rule in said):
        return (
            GREEN,
            _("Recognition is banned, and this system has nothing that could do it: that is tested."),
            evidence,
        )
    if said:
        return YELLOW, _("There is a rule on recognising people; it does not ban it."), evidence
    return RED, _("Nothing limits the recognition of people."), evidence
