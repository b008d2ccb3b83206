"""The books that the profiles bring: whole, honest about who keeps what, in our own words, and refused where broken."""

import csv
import importlib
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairwitness.kernel import agency, profiles
from fairwitness.kernel.refusals import Invalid
from fairwitness.policy.models import ACCESS, KINDS, MEASURES, PARAMETERS, Book, Rule
from tests.clips.make_clips import demo_facts
from tests.clips.programme import SCENES
from tests.conftest import shared

PROFILES = profiles.known()
SEED = re.compile(r"\b(00\d_[0-9a-f]{16}\.txt)\b")
# So many words in a row are no coincidence.
RUN = 12
# What no book can do without, once: the system acts by them.
ONCE = ("lockout", "disposal", "hold", "recognition", "integrity", "disclosure")


def book(key: str) -> Book:
    return profiles.read(key, "policy", Book)


def rules(key: str) -> list[Rule]:
    return [rule for document in book(key).documents for rule in document.rules]


def of_kind(key: str, kind: str) -> list[Rule]:
    return [rule for rule in rules(key) if rule.kind == kind]


def parameter(rule: Rule, name: str) -> str:
    return str(getattr(rule.parameters, name))


@pytest.mark.parametrize("key", PROFILES)
def test_a_book_loads_and_every_kind_is_used_somewhere(key: str) -> None:
    assert len(rules(key)) > 50
    assert {rule.kind for other in PROFILES for rule in rules(other)} == set(KINDS) == set(PARAMETERS)


@pytest.mark.parametrize("key", PROFILES)
def test_what_is_said_to_enforce_a_rule_exists(key: str) -> None:
    faults = [
        f"{rule.id}: {name}" for rule in rules(key) for name in rule.enforced_by if not callable(_found(name))
    ]
    assert not faults


def _found(name: str) -> object:
    """What a dotted name under `fairwitness.` leads to: the longest module, then attribute by attribute; else None."""
    steps = name.split(".")
    for length in range(len(steps), 0, -1):
        try:
            found: object = importlib.import_module(".".join(("fairwitness", *steps[:length])))
        except ModuleNotFoundError:
            continue
        for step in steps[length:]:
            found = getattr(found, step, None)
        return found
    return None


def test_a_name_that_leads_nowhere_is_found_out() -> None:
    assert callable(_found("evidence.acts.view.view"))
    assert _found("evidence.acts.view.glance") is None
    assert _found("nowhere.at.all") is None


@pytest.mark.parametrize("key", PROFILES)
def test_who_is_named_as_enforcing_is_also_told_in_words(key: str) -> None:
    assert not [rule.id for rule in rules(key) if rule.enforced_by and not rule.enforced]


@pytest.mark.parametrize("key", PROFILES)
def test_every_measure_is_known(key: str) -> None:
    assert not [rule.id for rule in rules(key) if rule.measured_by and rule.measured_by not in MEASURES]


def test_every_duty_is_taken_up_and_none_is_made_up() -> None:
    known = {row["id"]: row["area"] for row in _duties()}
    named = {key: {duty for rule in rules(key) for duty in rule.duties} for key in PROFILES}
    together = set().union(*named.values())
    assert together - set(known) == set()
    assert set(known) - together == set()
    assert len(known) == 80
    here = {duty for duty, area in known.items() if area != "corporate plan"}
    assert here - named["cambridge_ma"] == set()
    assert set(known) - here - named["cambridgeshire"] == set()


def _duties() -> list[dict[str, str]]:
    with shared("duties.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("key", PROFILES)
def test_every_category_has_one_rule_and_one_length(key: str) -> None:
    categories = Counter(parameter(rule, "code") for rule in of_kind(key, "category"))
    lengths = Counter(parameter(rule, "category") for rule in of_kind(key, "retention"))
    assert categories == lengths
    assert set(categories.values()) == {1}
    assert "uncategorised" in categories


@pytest.mark.parametrize("key", PROFILES)
def test_the_longest_is_no_shorter_than_the_least(key: str) -> None:
    for rule in of_kind(key, "retention"):
        longest = getattr(rule.parameters, "at_most", None)
        assert longest is None or _days(parameter(rule, "keep")) <= _days(longest), rule.id


def _days(length: str) -> float:
    if length == "for ever":
        return float("inf")
    count, unit = length.split()
    return int(count) * {"days": 1, "months": 30, "years": 365}[unit]


@pytest.mark.parametrize("key", PROFILES)
def test_a_statute_that_narrows_a_category_names_roles_and_roles_a_statute(key: str) -> None:
    for rule in of_kind(key, "category"):
        assert bool(parameter(rule, "statute")) == bool(getattr(rule.parameters, "roles", [])), rule.id


@pytest.mark.parametrize("key", PROFILES)
def test_every_class_has_one_rule_and_no_narrower_class_opens_to_more(key: str) -> None:
    said = [(parameter(rule, "access"), rule.parameters) for rule in of_kind(key, "access")]
    assert sorted(access for access, _ in said) == sorted(ACCESS)
    roles = {access: set(getattr(parameters, "roles", ())) for access, parameters in said}
    assert roles["ordinary"] >= roles["sensitive"] >= roles["confidential"] >= roles["restricted"] == set()


@pytest.mark.parametrize("kind", ONCE)
@pytest.mark.parametrize("key", PROFILES)
def test_what_the_system_acts_by_is_said_once(key: str, kind: str) -> None:
    assert len(of_kind(key, kind)) == 1


@pytest.fixture(scope="module")
def demo_labels() -> set[str]:
    """What the demo's delivery calls its recordings: every kind of scene comes once before any comes again."""
    kinds = len({build for build, _light in SCENES})
    return {clip.kind for clip in demo_facts(Path("nowhere"), count=kinds)}


@pytest.mark.parametrize("key", PROFILES)
def test_a_label_leads_to_one_category_and_the_demo_s_labels_to_any(key: str, demo_labels: set[str]) -> None:
    labels = Counter(
        label.casefold()
        for rule in of_kind(key, "category")
        for label in getattr(rule.parameters, "delivered", ())
    )
    assert {label for label, count in labels.items() if count > 1} == set()
    assert demo_labels - set(labels) == set()


@pytest.mark.parametrize("key", PROFILES)
def test_a_rule_says_where_it_comes_from(key: str) -> None:
    for rule in rules(key):
        if rule.basis == "document":
            assert SEED.search(rule.source), f"{rule.id} names no page of the agency"
        assert (rule.basis == "default") == rule.source.startswith("default, unverified: "), rule.id
        if rule.basis == "statute":
            assert re.search(r"M\.G\.L\. c\.|CMR|Municipal Code|Act \d{4}", rule.source), rule.id


@pytest.mark.parametrize("key", PROFILES)
def test_the_pages_that_are_named_are_there(key: str) -> None:
    named = {
        name
        for document in book(key).documents
        for source in (document.source, *(rule.source for rule in document.rules))
        for name in SEED.findall(source)
    }
    assert named
    for name in named:
        assert shared(f"seeds/{name}").is_file()


@pytest.mark.parametrize("key", PROFILES)
def test_every_page_that_is_cited_has_a_title(key: str) -> None:
    found = agency.load(key)
    for text in [r.source for r in rules(key)] + [d.source for d in book(key).documents]:
        assert not SEED.search(found.cited(text)), text


@pytest.mark.parametrize("key", PROFILES)
def test_the_words_are_ours(key: str) -> None:
    theirs = {
        run for page in shared("seeds").glob("*.txt") for run in _runs(page.read_text(encoding="utf-8"))
    }
    for document in book(key).documents:
        assert not theirs & set(_runs(document.summary)), document.number
        for rule in document.rules:
            for text in (rule.title, rule.text, rule.enforced, str(rule.parameters)):
                assert not theirs & set(_runs(text)), rule.id


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return (tuple(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


@pytest.mark.parametrize("key", PROFILES)
def test_texts_are_short_and_quiet(key: str) -> None:
    for rule in rules(key):
        assert len(re.findall(r"[.?](?:\s|$)", rule.text)) in range(1, 5), rule.id
        assert "!" not in rule.title + rule.text + rule.enforced, rule.id


def test_what_was_decided_of_contradictions_stands_so() -> None:
    said = {rule.id: rule.parameters for rule in rules("cambridge_ma")}
    assert getattr(said["bwc.homes"], "decides", "") == "officer"
    assert getattr(said["bwc.victim-asks"], "decides", "") == "officer"
    assert len(getattr(said["bwc.victim-asks"], "documented", ())) == 3
    assert getattr(said["bwc.telling-people"], "reason_required", False) is True
    assert getattr(said["ord.no-recognition"], "banned", False) is True
    kept = said["keep.uncategorised"]
    assert (getattr(kept, "keep", ""), getattr(kept, "at_most", "")) == ("180 days", "30 months")


GOOD = """\
[[documents]]
number = "X"
title = "A policy"
kind = "policy"
summary = "What it is about."
source = "Made up"

[[documents.rules]]
id = "x.one"
kind = "retention"
title = "How long"
text = "So long."
source = "Made up"
basis = "default"

[documents.rules.parameters]
category = "uncategorised"
keep = "31 days"
"""
SECOND = GOOD.replace('number = "X"', 'number = "Y"')
BROKEN = {
    "unknown kind": (GOOD.replace('"retention"', '"keeping"'), "line 8", "rules[0]: Input tag 'keeping'"),
    "wrong length": (GOOD.replace("31 days", "31 suns"), "line 18", "rules[0].parameters.keep"),
    "missing source": (GOOD.replace('"So long."\nsource = "Made up"', '"So long."'), "line 8", "rules[0].source"),
    "rule twice": (GOOD + SECOND, "line 1", "“x.one” stands twice"),
    "document twice": (GOOD + GOOD.replace("x.one", "x.two"), "line 1", "“x” stands twice"),
    "unknown field": (GOOD.replace('title = "How long"', 'titel = "x"\ntitle = "How long"'), "line 11", "rules[0].titel"),
    "unknown parameter": (GOOD + "weeks = 4\n", "line 19", "rules[0].parameters.weeks"),
    "category without code": (
        GOOD.replace('"retention"', '"category"').replace(
            'category = "uncategorised"\nkeep = "31 days"', 'words = "None"\naccess = "sensitive"'
        ),
        "line 16",
        "rules[0].parameters.code",
    ),
    "unknown class": (
        GOOD.replace('"retention"', '"access"').replace(
            'category = "uncategorised"\nkeep = "31 days"', 'access = "secret"\nroles = []'
        ),
        "line 17",
        "rules[0].parameters.access",
    ),
    "unknown role": (
        GOOD.replace('"retention"', '"access"').replace(
            'category = "uncategorised"\nkeep = "31 days"', 'access = "ordinary"\nroles = ["mayor"]'
        ),
        "line 18",
        "rules[0].parameters.roles",
    ),
    "unknown basis": (GOOD.replace('"default"', '"hearsay"'), "line 14", "rules[0].basis"),
    "empty text": (GOOD.replace('"So long."', '" "'), "line 12", "rules[0].text"),
    "not TOML": (GOOD.replace("[[documents.rules]]", "[[documents.rules"), "line 8", ""),
}  # fmt: skip


def test_a_whole_book_is_read() -> None:
    assert profiles.parse(GOOD, "x/policy.toml", Book).documents[0].rules[0].id == "x.one"


@pytest.mark.parametrize("mistake", BROKEN)
def test_a_broken_book_is_refused_with_file_line_and_field(mistake: str) -> None:
    text, line, where = BROKEN[mistake]
    with pytest.raises(Invalid) as refused:
        profiles.parse(text, "x/policy.toml", Book)
    said = str(refused.value)
    assert said.startswith("x/policy.toml"), said
    assert re.search(rf"\b{line}\b", said), said
    assert where in said, said
