"""What differs between two versions: rule by rule, and within a text word by word."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.policy.models import Content, Rule

# The fields of a rule in the order in which differences are shown, with their words.
FIELDS = {
    "title": gettext_lazy("Title"),
    "text": gettext_lazy("Text"),
    "kind": gettext_lazy("Kind"),
    "source": gettext_lazy("Source"),
    "basis": gettext_lazy("Rests on"),
    "enforced": gettext_lazy("Kept by"),
    "enforced_by": gettext_lazy("Acts that keep it"),
    "measured_by": gettext_lazy("Measured by"),
    "duties": gettext_lazy("Duties"),
}
PARTICULARS = {
    "title": gettext_lazy("Title"),
    "kind": gettext_lazy("Kind"),
    "summary": gettext_lazy("Summary"),
    "source": gettext_lazy("Source"),
    "issued": gettext_lazy("Issued"),
    "revised": gettext_lazy("Revised"),
    "answers": gettext_lazy("Answers"),
}


@dataclass(frozen=True)
class Words:
    """A run of words that is in both texts, or only in the older (`gone`), or only in the newer (`new`)."""

    text: str
    how: str


@dataclass(frozen=True)
class Difference:
    """One field that differs, word by word."""

    label: str
    words: list[Words]


@dataclass(frozen=True)
class Change:
    """One rule, or what a document says of itself, that was added, removed or changed."""

    key: str
    title: str
    how: str
    rule: Rule | None = None
    differences: list[Difference] = field(default_factory=list)


def changes(older: Content | None, newer: Content) -> list[Change]:
    """What differs, in the order of the newer version; what was taken out comes last."""
    before = {rule.id: rule for rule in older.rules} if older else {}
    after = {rule.id: rule for rule in newer.rules}
    found = list(_particulars(older, newer)) if older else []
    for key, rule in after.items():
        if key not in before:
            found.append(Change(key, rule.title, "added", rule))
        elif before[key] != rule:
            found.append(Change(key, rule.title, "changed", rule, _differences(before[key], rule)))
    gone = [Change(key, rule.title, "removed", rule) for key, rule in before.items() if key not in after]
    return found + gone


def _particulars(older: Content, newer: Content) -> Iterator[Change]:
    said = [
        Difference(str(label), words(str(getattr(older, name) or "–"), str(getattr(newer, name) or "–")))
        for name, label in PARTICULARS.items()
        if getattr(older, name) != getattr(newer, name)
    ]
    if said:
        yield Change("", _("What the document says of itself"), "changed", None, said)


def _differences(older: Rule, newer: Rule) -> list[Difference]:
    found = [
        Difference(str(label), words(_shown(getattr(older, name)), _shown(getattr(newer, name))))
        for name, label in FIELDS.items()
        if getattr(older, name) != getattr(newer, name)
    ]
    return found + list(_parameters(_plain(older), _plain(newer)))


def _plain(rule: Rule) -> Mapping[str, object]:
    parameters = rule.parameters
    return parameters if isinstance(parameters, dict) else parameters.model_dump()


def _parameters(older: Mapping[str, object], newer: Mapping[str, object]) -> Iterator[Difference]:
    for name in {**older, **newer}:
        if older.get(name) != newer.get(name):
            yield Difference(name, words(_shown(older.get(name)), _shown(newer.get(name))))


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return "–" if value in (None, "") else str(value)


def words(older: str, newer: str) -> list[Words]:
    """Two texts as one: the words that stayed, those that went, those that came."""
    a, b = re.findall(r"\S+\s*", older), re.findall(r"\S+\s*", newer)
    found: list[Words] = []
    for what, i, j, k, m in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if what == "equal":
            found.append(Words("".join(a[i:j]), "same"))
        else:
            found += [
                Words(text, how)
                for text, how in (("".join(a[i:j]), "gone"), ("".join(b[k:m]), "new"))
                if text
            ]
    return found
