"""The difference view: nothing is lost and nothing is made up."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairwitness.policy.doors import changes, words
from fairwitness.policy.models import Content
from tests.policy.made import PARTICULARS, rule

texts = st.lists(st.sampled_from(["a", "b ", " c", "\n", "d\n\n", "ä ", "<b>"]), max_size=30).map("".join)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts.map(str.lstrip), texts.map(str.lstrip))
def test_both_texts_can_be_read_from_the_difference(older: str, newer: str) -> None:
    runs = words(older, newer)
    assert "".join(run.text for run in runs if run.how != "new") == older
    assert "".join(run.text for run in runs if run.how != "gone") == newer
    assert all(run.text for run in runs)


def content(*rules: dict[str, Any], **said: Any) -> Content:
    return Content.model_validate({**PARTICULARS, **said, "rules": list(rules)})


def test_what_is_added_changed_and_taken_out() -> None:
    older = content(rule("a"), rule("b"), rule("c"))
    newer = content(rule("c", text="Other."), rule("a"), rule("d"), title="Else")
    found = [(change.key, change.how) for change in changes(older, newer)]
    assert found == [("", "changed"), ("c", "changed"), ("d", "added"), ("b", "removed")]


def test_the_same_differs_in_nothing() -> None:
    assert changes(content(rule("a")), content(rule("a"))) == []
    assert [change.how for change in changes(None, content(rule("a")))] == ["added"]


def test_every_field_of_a_rule_is_compared() -> None:
    """A rule that differs says in what: no change is shown without its words."""
    for name, value in {
        "title": "x",
        "text": "x",
        "kind": "plan",
        "source": "x",
        "basis": "document",
        "enforced": "x",
        "enforced_by": ["x"],
        "measured_by": "trained",
        "duties": ["A01"],
        "parameters": {"a": 1},
    }.items():
        [change] = changes(content(rule("a")), content(rule("a", **{name: value})))
        assert change.differences, name


def test_a_parameter_that_became_yes_or_empty() -> None:
    older = content(rule("a", parameters={"x": False, "y": ["one"], "z": "z"}))
    newer = content(rule("a", parameters={"x": True, "y": []}))
    [change] = changes(older, newer)
    said = {each.label: [(run.text, run.how) for run in each.words] for each in change.differences}
    assert said == {
        "x": [("no", "gone"), ("yes", "new")],
        "y": [("one", "gone"), ("–", "new")],
        "z": [("z", "gone"), ("–", "new")],
    }
