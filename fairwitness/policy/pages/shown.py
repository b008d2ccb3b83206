"""How the book is shown: rules grouped by kind, parameters in words, figures with their date."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.dateformat import format as date_format
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS, Role
from fairwitness.policy import doors
from fairwitness.policy.forms import CHOICE_WORDS, LABELS
from fairwitness.policy.models import BASES, KINDS, MEASURES, Content, Figure, Rule, Version

TONES = {
    Version.Status.DRAFT: "quiet",
    Version.Status.PROPOSED: "waiting",
    Version.Status.APPROVED: "active",
    Version.Status.IN_FORCE: "done",
    Version.Status.SUPERSEDED: "quiet",
    Version.Status.WITHDRAWN: "stopped",
}
VERDICTS = {"green": "done", "yellow": "attention", "red": "stopped"}


@dataclass(frozen=True)
class Shown:
    """One rule with its figure and its parameters in words."""

    rule: Rule
    figure: dict[str, Any] | None
    measure: str
    basis: str
    parameters: list[tuple[str, str]]


def groups(rules: Iterable[Rule]) -> list[tuple[str, list[Shown]]]:
    """The rules by kind, in the order of KINDS, each with the latest figure that measures it."""
    latest = doors.latest_figures()
    shown: dict[str, list[Shown]] = {kind: [] for kind in KINDS}
    for rule in rules:
        shown[rule.kind].append(one(rule, latest))
    return [(str(KINDS[kind]), found) for kind, found in shown.items() if found]


def one(rule: Rule, latest: Mapping[str, Figure]) -> Shown:
    """One rule as it is shown."""
    figure = latest.get(rule.measured_by)
    return Shown(
        rule,
        figure_words(figure) if figure else None,
        str(MEASURES[rule.measured_by][0]) if rule.measured_by in MEASURES else "",
        str(BASES[rule.basis]),
        list(parameters(rule)),
    )


def figure_words(figure: Figure) -> dict[str, Any]:
    """A figure as people read it: a share with what it is of, or a count; always with its date."""
    n = number_format(figure.numerator, force_grouping=True)
    if figure.denominator is None:
        return {"value": n, "of": "", "figure": figure}
    whole = number_format(figure.denominator, force_grouping=True)
    of = _("{n} of {whole}").format(n=n, whole=whole)
    if not figure.denominator:
        return {"value": _("nothing to measure"), "of": of, "figure": figure}
    # Cut, not rounded: 100 % is said only where all of them are.
    tenths = figure.numerator * 1000 // figure.denominator
    share = number_format(tenths / 10, 0 if tenths % 10 == 0 else 1)
    return {"value": _("{share} %").format(share=share), "of": of, "figure": figure}


def parameters(rule: Rule) -> Iterable[tuple[str, str]]:
    """The parameters of a rule, each by name and in words; what says nothing is left out."""
    said = rule.parameters if isinstance(rule.parameters, dict) else rule.parameters.model_dump()
    for name, value in said.items():
        if value in (None, "", []):
            continue
        label = str(LABELS.get(name, name.replace("_", " ").capitalize()))
        yield label, _value(name, value)


def _value(name: str, value: object) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "roles" and isinstance(value, list):
        return ", ".join(str(WORDS[Role(each)][0]) for each in value)
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(CHOICE_WORDS.get(str(value), value))


def facts(version: Version, content: Content) -> list[dict[str, Any]]:
    """What is known of a version beside its rules; dates that are not known are said not to be."""
    unknown = _("not known")
    rows: list[dict[str, Any]] = [
        {"label": _("Number"), "value": version.document.number},
        {"label": _("Version"), "value": number_format(version.n)},
        {"label": _("Issued"), "value": _day(content.issued) or unknown},
        {"label": _("Revised"), "value": _day(content.revised) or unknown},
        {"label": _("Source"), "value": agency().cited(content.source)},
    ]
    if content.answers:
        rows.append({"label": _("Answers"), "value": content.answers})
    return rows


def _day(day: dt.date | None) -> str:
    return date_format(day, agency().date_format) if day else ""


def as_data(version: Version) -> dict[str, Any]:
    """A version in machine-readable form, with the latest figure of each rule."""
    latest, content = doors.latest_figures(), version.says()
    return {
        "number": version.document.number,
        "version": version.n,
        "status": version.status,
        "in_force_since": version.in_force_at,
        "superseded_at": version.superseded_at,
        "sha256": f"sha256:{version.digest}",
        "content": content.as_json(),
        "figures": {
            # Of a rule that is not measured yet that is said.
            rule.id: _figure_data(latest[rule.measured_by]) if rule.measured_by in latest else None
            for rule in content.rules
        },
    }


def _figure_data(figure: Figure) -> dict[str, Any]:
    return {
        "measure": figure.measure,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "since": figure.since,
        "until": figure.until,
        "as_of": figure.as_of,
    }
