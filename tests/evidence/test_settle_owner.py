"""Settling who wore a camera: the BWC Unit alone, and only where it is not known."""

import uuid

import pytest

from fairwitness.evidence import doors
from fairwitness.evidence.acts.seal import settle_owner
from fairwitness.kernel.notices import unread
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound
from tests.department.ledger import latest, sentence
from tests.evidence.made import grown, rows, sealed
from tests.world import World


def test_it_works(world: World) -> None:
    recording = sealed(device="AX-0900")
    assert list(doors.owners_unknown(world.actor("costa"))) == [recording]
    settle_owner(recording.pk, world.members["haddad"], by=world.actor("costa"))
    recording.refresh_from_db()
    assert (recording.owner, recording.owner_how) == (world.members["haddad"], "settled")
    assert recording.unit == world.units["patrol_2"]
    assert "Haddad" in recording.search, "it is found by their name"
    assert not doors.owners_unknown(world.actor("costa")).exists()
    assert doors.may(world.actor("haddad"), recording.pk, "open")
    event, subjects, facts = latest()
    assert (event, subjects) == ("evidence.owner_settled", {("evidence.recording", recording.pk)})
    assert facts == {"owner_id": str(world.id("haddad"))}
    assert sentence() == "Ana Costa settled that Officer Noor Haddad wore the camera"


def test_what_is_known_is_not_settled_again(world: World) -> None:
    recording, before = sealed(device="AX-0101"), rows()
    with pytest.raises(Invalid, match="already known"):
        settle_owner(recording.pk, world.members["haddad"], by=world.actor("costa"))
    assert grown(before) == {}


@pytest.mark.parametrize(
    ("key", "refusal"),
    [("weber", Forbidden), ("sato", Forbidden), ("ruiz", NotFound), ("haddad", NotFound), ("chen", NotFound)],
)
def test_nobody_else_settles_it(world: World, key: str, refusal: type[Exception]) -> None:
    recording, before = sealed(), rows()
    with pytest.raises(refusal):
        settle_owner(recording.pk, world.members["haddad"], by=world.actor(key))
    assert grown(before) == {}


def test_what_is_not_there_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        settle_owner(uuid.uuid4(), world.members["haddad"], by=world.actor("costa"))


def test_the_member_is_told(world: World) -> None:
    recording = sealed()
    settle_owner(recording.pk, world.members["okoye"], by=world.actor("costa"))
    notice = unread(world.id("okoye"))[0]
    assert notice.sentence == f"{recording.number} is yours: the BWC Unit settled who wore the camera."
    assert notice.link == f"/recordings/{recording.pk}/"
