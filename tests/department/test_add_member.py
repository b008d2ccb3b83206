"""The act add_member, with names as people really have them."""

import json

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Member
from fairwitness.kernel.models import EntryPrivate
from fairwitness.kernel.refusals import Forbidden, Invalid
from tests.conftest import shared
from tests.department.ledger import latest
from tests.world import World


def test_it_works(world: World) -> None:
    member = acts.add_member(
        badge="104", given_name="Ji-woo", family_name="Han", rank="patrol_officer", by=world.actor("chen")
    )
    assert Member.objects.get(badge="104").name == "Ji-woo Han"
    facts = {"member_id": str(member.pk), "rank": "patrol_officer"}
    assert latest() == ("department.member_added", {("department.member", member.pk)}, facts)


def test_no_name_enters_the_ledger(world: World) -> None:
    facts = json.dumps(list(EntryPrivate.objects.values_list("facts", flat=True)))
    assert "Ruiz" not in facts
    assert "police.example" not in facts


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("badge", "101", "already exists"),
        ("badge", "", "blank"),
        ("badge", "9" * 21, "at most 20"),
        ("given_name", "x" * 81, "at most 80"),
        ("given_name", "Sam\0", "U\\+0000"),
        ("family_name", "two\nlines", "U\\+000A"),
        ("family_name", "\ud800", "U\\+D800"),
        ("rank", "emperor", "not a valid choice"),
        ("email", "nobody", "valid email"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, field: str, value: str, says: str) -> None:
    entered = {
        "badge": "104",
        "given_name": "Ji-woo",
        "family_name": "Han",
        "rank": "patrol_officer",
        field: value,
    }
    with pytest.raises(Invalid, match=says):
        acts.add_member(**entered, by=world.actor("chen"))  # type: ignore[arg-type]


def test_an_officer_may_not(world: World) -> None:
    with pytest.raises(Forbidden):
        acts.add_member(
            badge="104", given_name="A", family_name="B", rank="detective", by=world.actor("whitfield")
        )


def test_naughty_names_round_trip_or_are_refused_clearly(world: World) -> None:
    names = json.loads(shared("data/conformance/strings/blns.json").read_text("utf-8"))
    kept = 0
    for number, name in enumerate(names):
        try:
            acts.add_member(
                badge=f"N{number}",
                given_name=name,
                family_name="Naughty",
                rank="detective",
                by=world.actor("chen"),
            )
        except Invalid as refusal:
            assert refusal.sentence
            continue
        assert Member.objects.get(badge=f"N{number}").given_name == name
        kept += 1
    assert kept > 400
