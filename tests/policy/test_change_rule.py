"""The act change_rule: adding a rule to a draft, and changing one."""

import json
from typing import Any

import pytest
from django.db import transaction

from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Invalid, NotFound, WrongState
from fairwitness.policy import acts
from tests.conftest import shared
from tests.department.ledger import latest, sentence
from tests.policy.made import draft, in_force, keeping, propose, read_again, rule
from tests.world import World


def test_it_works(world: World) -> None:
    version = draft(world)
    acts.change_rule(
        version_id=version.pk, rule=rule("t.two", parameters={"often": "daily"}), by=world.actor("weber")
    )
    kept = read_again(version)
    assert [each.id for each in kept.says().rules] == ["t.one", "t.two"]
    assert {name: latest()[2][name] for name in ("what", "rule", "sha256")} == {
        "what": "rule_added",
        "rule": "t.two",
        "sha256": f"sha256:{kept.digest}",
    }
    assert sentence() == "Jonas Weber changed the draft of version 1 of T-1: a rule added"


def test_a_rule_is_changed_where_it_stands(world: World) -> None:
    version = draft(world, rule(), rule("t.two"))
    acts.change_rule(version_id=version.pk, rule=rule(text="Never."), was="t.one", by=world.actor("costa"))
    assert [(each.id, each.text) for each in read_again(version).says().rules][0] == ("t.one", "Never.")
    assert latest()[2]["what"] == "rule_changed"


def test_lines_end_one_way_and_unicode_has_one_form(world: World) -> None:
    """Browsers end lines with two characters."""
    version = draft(world)
    said = rule(text=" One.\r\nTwo cafe\u0301s. ")
    acts.change_rule(version_id=version.pk, rule=said, was="t.one", by=world.actor("costa"))
    assert read_again(version).says().rules[0].text == "One.\nTwo caf\u00e9s."


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown kind": (rule(kind="song"), "rule"),
    "length without a unit": (keeping(keep="180"), "rule.parameters.keep"),
    "length of nothing": (keeping(keep="0 days"), "rule.parameters.keep"),
    "length with a sign": (keeping(keep="-1 days"), "rule.parameters.keep"),
    "empty text": (rule(text="  "), "rule.text"),
    "title of two lines": (rule(title="a\nb"), "rule.title"),
    "title too long": (rule(title="x" * 301), "rule.title"),
    "text too long": (rule(text="x" * 4001), "rule.text"),
    "no source": (rule(source=""), "rule.source"),
    "unknown basis": (rule(basis="hearsay"), "rule.basis"),
    "id with capitals": (rule("T.Two"), "rule.id"),
    "id with a slash": (rule("a/b"), "rule.id"),
    "a field that is none": (rule(colour="red"), "rule.colour"),
    "NUL": (rule(enforced="a\0b"), "rule.enforced"),
    "half a character": (rule(measured_by="\ud800"), "rule.measured_by"),
    "unknown class": (rule(kind="access", parameters={"access": "secret", "roles": []}), "rule.parameters.access"),
    "unknown role": (rule(kind="access", parameters={"access": "ordinary", "roles": ["x"]}), "rule.parameters.roles"),
    "a parameter that is none": (rule(kind="recognition", parameters={"banned": True, "x": 1}), "rule.parameters.x"),
    "a missing parameter": (rule(kind="recognition", parameters={}), "rule.parameters.banned"),
    "one approver": (
        rule(kind="disposal", parameters={"cooling_off_days": 7, "grace_days": 7, "approvers": 1}),
        "rule.parameters.approvers",
    ),
    "a number that readers would not keep": (rule(parameters={"n": 2**53}), "rule.parameters.n"),
    "a fraction": (rule(parameters={"n": 0.5}), "rule.parameters.n"),
    "a table in a table": (rule(parameters={"n": {"m": 1}}), "rule.parameters.n"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_wrong_is_refused_with_its_field(world: World, what: str) -> None:
    said, field = REFUSED[what]
    version, entries = draft(world), Entry.objects.count() + 2
    with pytest.raises(Invalid) as refused:
        acts.change_rule(version_id=version.pk, rule=said, by=world.actor("costa"))
    assert str(refused.value.details["field"]).startswith(field)
    assert refused.value.details["message"]
    assert read_again(version).content == version.content
    assert Entry.objects.count() == entries - 2


def test_an_id_stands_once(world: World) -> None:
    version = draft(world)
    with pytest.raises(Invalid, match="stands twice"):
        acts.change_rule(version_id=version.pk, rule=rule(), by=world.actor("costa"))


def test_a_rule_keeps_its_id(world: World) -> None:
    version = draft(world)
    with pytest.raises(Invalid, match="keeps its id"):
        acts.change_rule(version_id=version.pk, rule=rule("t.two"), was="t.one", by=world.actor("costa"))
    with pytest.raises(NotFound):
        acts.change_rule(version_id=version.pk, rule=rule("t.two"), was="t.two", by=world.actor("costa"))


@pytest.mark.parametrize("there", [draft, in_force])
def test_an_id_that_another_document_has_is_refused(world: World, there: Any) -> None:
    there(world, rule("other.one"), number="T-2")
    version = draft(world)
    with pytest.raises(Invalid, match="T-2 has a rule of that id"):
        acts.change_rule(version_id=version.pk, rule=rule("other.one"), by=world.actor("costa"))


def test_of_what_the_system_acts_by_one_rule_stands_in_the_book(world: World) -> None:
    """The profile's book has a lockout, and a length for what carries no category."""
    version = draft(world)
    second = [
        rule("t.lock", kind="lockout", parameters={"viewing_before_report": "open"}),
        keeping("uncategorised", "1 days"),
        rule(
            "t.cat",
            kind="category",
            parameters={"code": "uncategorised", "words": "None", "access": "ordinary"},
        ),
    ]
    for said in second:
        with pytest.raises(Invalid, match="says this already"):
            acts.change_rule(version_id=version.pk, rule=said, by=world.actor("costa"))


def test_within_a_document_a_category_has_one_length(world: World) -> None:
    version = draft(world, keeping())
    with pytest.raises(Invalid, match="two rules of kind retention for the category “umbrellas”"):
        acts.change_rule(version_id=version.pk, rule={**keeping(), "id": "t.again"}, by=world.actor("costa"))


def test_what_is_proposed_stays(world: World) -> None:
    version = propose(world, draft(world))
    with pytest.raises(WrongState, match="only a draft"):
        acts.change_rule(version_id=version.pk, rule=rule("t.two"), by=world.actor("costa"))


HOSTILE = ["a\0b", "\ud800", "a\x85b\u2028c", "x" * 4001]


def test_hostile_text_in_the_fields_of_words(world: World) -> None:
    """What is kept is what was entered; what is refused leaves nothing."""
    texts = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
    version, kept = draft(world), 0
    for text in [*texts[::4], *HOSTILE]:
        words = dict.fromkeys(("title", "text", "source", "enforced", "measured_by"), text)
        said = rule(parameters={"a": text, "b": [text]}, **words)
        before = read_again(version).content
        try:
            with transaction.atomic():
                acts.change_rule(version_id=version.pk, rule=said, was="t.one", by=world.actor("costa"))
        except Invalid:
            assert read_again(version).content == before
        else:
            kept += 1
    assert kept > 100


@pytest.mark.parametrize("field", ["id", "kind", "basis"])
def test_hostile_text_in_the_fields_of_codes(world: World, field: str) -> None:
    texts = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
    version = draft(world)
    for text in [*texts[::20], *HOSTILE]:
        with pytest.raises(Invalid), transaction.atomic():
            acts.change_rule(version_id=version.pk, rule=rule(**{field: f"{text}!"}), by=world.actor("costa"))
