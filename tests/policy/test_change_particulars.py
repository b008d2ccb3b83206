"""The act change_particulars."""

import datetime as dt

import pytest

from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.policy import acts
from tests.department.ledger import latest, sentence
from tests.policy.made import PARTICULARS, draft, propose, read_again
from tests.world import World


def test_it_works(world: World) -> None:
    version, by = draft(world), world.actor("weber")
    said = {"title": "Umbrellas", "issued": dt.date(2020, 2, 29), "answers": "C-12"}
    acts.change_particulars(version_id=version.pk, particulars=said, by=by)
    kept = read_again(version)
    assert (kept.says().title, kept.says().issued, kept.says().answers) == (
        "Umbrellas",
        dt.date(2020, 2, 29),
        "C-12",
    )
    assert kept.says().rules == version.says().rules
    assert kept.digest != version.digest
    assert latest()[2]["what"] == "particulars"
    assert "rule" not in latest()[2]
    assert sentence() == "Jonas Weber changed the draft of version 1 of T-1: what it says of itself"


def test_a_date_may_become_unknown_again(world: World) -> None:
    version, by = draft(world), world.actor("costa")
    acts.change_particulars(version_id=version.pk, particulars={"issued": dt.date(2020, 1, 1)}, by=by)
    acts.change_particulars(version_id=version.pk, particulars={"issued": None, "revised": None}, by=by)
    assert read_again(version).digest == version.digest


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("title", ""),
        ("title", "a\nb"),
        ("kind", "song"),
        ("summary", "\0"),
        ("issued", "soon"),
        ("rules", "x"),
        ("x", "y"),
    ],
)
def test_what_is_wrong_names_its_field(world: World, name: str, value: str) -> None:
    version = draft(world)
    with pytest.raises(Invalid) as refused:
        acts.change_particulars(version_id=version.pk, particulars={name: value}, by=world.actor("costa"))
    assert refused.value.details["field"] == name
    assert read_again(version).content == version.content


def test_what_is_proposed_stays(world: World) -> None:
    version = propose(world, draft(world))
    with pytest.raises(WrongState, match="is proposed: only a draft"):
        acts.change_particulars(version_id=version.pk, particulars=PARTICULARS, by=world.actor("costa"))
