"""Events: declared once, each with its sentence and the facts it may carry."""

import string

import pytest

from fairwitness.kernel.events import REGISTER, Event, event
from fairwitness.kernel.refusals import HouseRule
from tests import house

# The events that publish a fact in clear; the same list stands in docs/explain/public-log.md.
PUBLISHED_IN_CLEAR: set[str] = {"evidence.bytes_erased", "policy.version_in_force"}
# Facts that would name a person or carry free text: no event may declare one.
NEVER = {
    "name",
    "badge",
    "email",
    "address",
    "phone",
    "text",
    "title",
    "source_name",
    "given_name",
    "family_name",
}


def test_a_name_is_declared_once() -> None:
    name = next(iter(REGISTER))
    with pytest.raises(HouseRule, match="declared twice"):
        event(name, "{actor} did it again")


def test_a_fact_that_was_not_declared_is_refused() -> None:
    with pytest.raises(HouseRule, match=r"may not carry \['name'\]"):
        Event("test.other", "{actor} did", frozenset({"count"})).check({"count": 1, "name": "x"})


@pytest.mark.parametrize("declared", REGISTER.values(), ids=lambda declared: declared.name)
class TestEveryEvent:
    def test_has_a_name_of_its_room(self, declared: Event) -> None:
        room, _dot, what = declared.name.partition(".")
        assert room in {*house.FLOORS, "test"}
        assert what

    def test_says_only_what_it_may_carry(self, declared: Event) -> None:
        spoken = {field for _t, field, _s, _c in string.Formatter().parse(str(declared.sentence)) if field}
        assert spoken
        assert spoken <= declared.facts | {"actor"}

    def test_carries_no_person_and_no_free_text(self, declared: Event) -> None:
        assert not declared.facts & NEVER

    def test_publishes_in_clear_only_what_is_on_the_list(self, declared: Event) -> None:
        assert declared.public <= declared.facts
        assert bool(declared.public) == (declared.name in PUBLISHED_IN_CLEAR)
