"""The act change_member."""

from typing import Any

import pytest

from fairwitness.department import acts
from fairwitness.department.models import Member
from fairwitness.kernel.refusals import Forbidden, Invalid
from tests.department.ledger import latest
from tests.world import World


def _as_recorded(member: Member, **different: Any) -> dict[str, Any]:
    fields = ("given_name", "family_name", "rank", "title", "email")
    return {name: getattr(member, name) for name in fields} | different


def test_it_works(world: World) -> None:
    okoye = world.members["okoye"]
    entered = _as_recorded(okoye, family_name="Okoye-Park", rank="detective")
    acts.change_member(member_id=okoye.pk, **entered, by=world.actor("chen"))
    okoye.refresh_from_db()
    assert (okoye.family_name, okoye.rank) == ("Okoye-Park", "detective")
    facts = {"member_id": str(okoye.pk), "fields": ["family_name", "rank"]}
    assert latest() == ("department.member_changed", {("department.member", okoye.pk)}, facts)


def test_the_same_again_is_refused(world: World) -> None:
    okoye = world.members["okoye"]
    with pytest.raises(Invalid, match="Nothing differs"):
        acts.change_member(member_id=okoye.pk, **_as_recorded(okoye), by=world.actor("chen"))


def test_an_empty_name_is_refused(world: World) -> None:
    okoye = world.members["okoye"]
    with pytest.raises(Invalid, match="given name"):
        acts.change_member(member_id=okoye.pk, **_as_recorded(okoye, given_name=""), by=world.actor("chen"))


def test_nobody_corrects_their_own(world: World) -> None:
    okoye = world.members["okoye"]
    with pytest.raises(Forbidden):
        acts.change_member(member_id=okoye.pk, **_as_recorded(okoye, title="Chief"), by=world.actor("okoye"))
