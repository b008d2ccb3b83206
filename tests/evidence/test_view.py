"""Viewing: one purpose, one viewing, one entry; its link dies with the right to it."""

import datetime as dt
import uuid

import pytest

from fairwitness.department import acts as department
from fairwitness.evidence import doors
from fairwitness.evidence.acts import view as acts
from fairwitness.evidence.models import Meter, Recording, Viewing
from fairwitness.kernel import clock
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden, Gone, Invalid, NotFound, WrongState
from fairwitness.kernel.roles import Role
from fairwitness.policy import doors as policy
from tests.department.ledger import latest, sentence
from tests.evidence.made import BY, grown, rows, sealed, try_to_seal
from tests.world import World

HERE = acts.session_mark("this sign-in")


@pytest.fixture
def recording(world: World) -> Recording:
    """Made by Whitfield, who reports to Ruiz."""
    return sealed(device="AX-0101")


def opened(world: World, recording: Recording, key: str = "ruiz", purpose: str = "supervision") -> Viewing:
    return acts.view(recording.pk, purpose, HERE, by=world.actor(key))


def test_it_works(world: World, recording: Recording) -> None:
    viewing = opened(world, recording)
    assert (viewing.member_id, viewing.purpose, viewing.ended) == (world.id("ruiz"), "supervision", None)
    assert viewing.session == HERE
    assert "this sign-in" not in viewing.session
    event, subjects, facts = latest()
    assert event == "evidence.viewing_begun"
    assert subjects == {("evidence.recording", recording.pk), ("evidence.viewing", viewing.pk)}
    cited = policy.rules_at("access")[0]
    assert facts == {
        "viewing_id": str(viewing.pk),
        "purpose": "supervision",
        "access": "ordinary",
        "rule": "ev.access-ordinary",
        "version_id": str(cited.version_id),
    }
    assert doors.viewing(world.actor("ruiz"), viewing.pk, HERE) == viewing


@pytest.mark.parametrize("purpose", ["", "curiosity", "Report", "report "])
def test_a_purpose_is_needed(world: World, recording: Recording, purpose: str) -> None:
    before = rows()
    with pytest.raises(Invalid, match="Say for what"):
        opened(world, recording, purpose=purpose)
    assert grown(before) == {}


def test_who_may_only_find_it_is_refused(world: World, recording: Recording) -> None:
    before = rows()
    with pytest.raises(Forbidden):
        opened(world, recording, "hale")
    with pytest.raises(NotFound):
        opened(world, recording, "brandt")
    with pytest.raises(NotFound):
        acts.view(recording.pk, "report", HERE, by=PUBLIC)
    assert grown(before) == {}


def test_what_was_refused_is_not_viewed(world: World) -> None:
    refused = try_to_seal(b"").recording
    with pytest.raises(WrongState, match="Only a sealed recording"):
        opened(world, refused, "costa")


def test_opening_again_ends_the_first(world: World, recording: Recording) -> None:
    first, second = opened(world, recording), opened(world, recording)
    first.refresh_from_db()
    assert first.ended is not None
    assert second.ended is None
    with pytest.raises(Gone):
        doors.viewing(world.actor("ruiz"), first.pk, HERE)
    other = opened(world, recording, "whitfield", "report")
    second.refresh_from_db()
    assert (second.ended, other.ended) == (None, None), "somebody else's stays open"


class TestEnding:
    """A viewing ends once, with what was played and sent."""

    def test_it_works(self, world: World, recording: Recording) -> None:
        viewing = opened(world, recording)
        with clock.frozen(clock.now() + dt.timedelta(seconds=30)):
            acts.beat(viewing, 20_000)
            acts.count_bytes(viewing.pk, 1000)
            acts.count_bytes(viewing.pk, 500)
            assert acts.end_viewing(viewing.pk, "closed", by=world.actor("ruiz"))
        viewing.refresh_from_db()
        assert (viewing.played_ms, viewing.bytes_sent) == (20_000, 1500)
        event, subjects, facts = latest()
        assert (event, len(subjects)) == ("evidence.viewing_ended", 2)
        assert facts == {
            "viewing_id": str(viewing.pk),
            "played_ms": 20_000,
            "bytes_sent": 1500,
            "why": "closed",
        }
        assert sentence().startswith("Sgt. Maria Ruiz ")

    def test_only_once(self, world: World, recording: Recording) -> None:
        viewing = opened(world, recording)
        acts.end_viewing(viewing.pk, "closed", by=BY)
        before = rows()
        with pytest.raises(WrongState, match="has ended"):
            acts.end_viewing(viewing.pk, "closed", by=BY)
        assert grown(before) == {}

    def test_nothing_is_counted_by_an_entry_before_the_end(self, world: World, recording: Recording) -> None:
        viewing = opened(world, recording)
        before = rows()
        for played in range(0, 10_000, 1000):
            acts.beat(viewing, played)
            acts.count_bytes(viewing.pk, 100)
        assert grown(before) == {}

    @pytest.mark.parametrize(("claimed", "counted"), [(-5, 0), (39_000, 39_000), (2**53, 40_000)])
    def test_nobody_plays_more_than_time_allows(
        self, world: World, recording: Recording, claimed: int, counted: int
    ) -> None:
        """Ten seconds at four times the speed are forty."""
        viewing = opened(world, recording)
        with clock.frozen(viewing.begun + dt.timedelta(seconds=10)):
            acts.beat(viewing, claimed)
        assert Meter.objects.get().played_ms == counted


class TestLeft:
    """A viewing whose page is left without a word is ended by the clock."""

    def test_it_works(self, world: World, recording: Recording) -> None:
        left, alive = opened(world, recording), opened(world, recording, "whitfield", "report")
        later = clock.now() + acts.LEFT_AFTER + dt.timedelta(seconds=1)
        with clock.frozen(later - dt.timedelta(seconds=30)):
            acts.beat(alive, 1000)
        with clock.frozen(later):
            assert acts.end_left_viewings() == 1
            assert acts.end_left_viewings() == 0
        left.refresh_from_db()
        alive.refresh_from_db()
        assert (left.ended, alive.ended) == (later, None)
        assert latest()[2]["why"] == "left"
        assert Entry.objects.get(event="evidence.viewing_ended").actor == "system:evidence.end_viewings"

    def test_one_that_still_sends_bytes_is_not_left(self, world: World, recording: Recording) -> None:
        viewing = opened(world, recording)
        later = clock.now() + acts.LEFT_AFTER + dt.timedelta(seconds=1)
        with clock.frozen(later - dt.timedelta(seconds=1)):
            acts.count_bytes(viewing.pk, 1)
        with clock.frozen(later):
            assert acts.end_left_viewings() == 0

    def test_all_of_a_member_at_once(self, world: World, recording: Recording) -> None:
        first, second = opened(world, recording), opened(world, sealed(b"other", device="AX-0102"))
        acts.end_viewing(first.pk, "closed", by=BY)
        assert acts.end_viewings_of(world.id("ruiz"), "signed out", by=world.actor("ruiz")) == 1
        second.refresh_from_db()
        assert second.ended is not None


class TestTheLinkDies:
    """Bound to member, sign-in and right: whatever ends of these ends the link, also under way."""

    @pytest.fixture
    def viewing(self, world: World, recording: Recording) -> Viewing:
        viewing = opened(world, recording)
        assert doors.viewing_is_open(viewing.pk, HERE)
        return viewing

    def gone(self, world: World, viewing: Viewing, key: str = "ruiz", session: str = HERE) -> bool:
        with pytest.raises(Gone):
            doors.viewing(world.actor(key), viewing.pk, session)
        return True

    def test_for_somebody_else(self, world: World, viewing: Viewing) -> None:
        assert self.gone(world, viewing, "whitfield")
        assert self.gone(world, viewing, "costa")

    def test_in_another_sign_in(self, world: World, viewing: Viewing) -> None:
        assert self.gone(world, viewing, session=acts.session_mark("another sign-in"))
        assert not doors.viewing_is_open(viewing.pk, acts.session_mark("another sign-in"))

    def test_when_it_was_ended(self, world: World, viewing: Viewing) -> None:
        acts.end_viewing(viewing.pk, "closed", by=BY)
        assert self.gone(world, viewing)
        assert not doors.viewing_is_open(viewing.pk, HERE)

    def test_when_the_role_ends(self, world: World, viewing: Viewing) -> None:
        department.end_role(member_id=world.id("ruiz"), role=Role.SUPERVISOR, by=BY)
        assert self.gone(world, viewing)
        assert not doors.viewing_is_open(viewing.pk, HERE)

    def test_when_the_chain_of_command_moves(self, world: World, viewing: Viewing) -> None:
        department.post(
            member_id=world.id("whitfield"),
            unit_id=world.units["patrol_2"].pk,
            reports_to=world.id("brandt"),
            by=BY,
        )
        assert self.gone(world, viewing)
        assert not doors.viewing_is_open(viewing.pk, HERE)

    def test_when_it_never_was(self, world: World) -> None:
        with pytest.raises(Gone):
            doors.viewing(world.actor("ruiz"), uuid.uuid4(), HERE)
        assert not doors.viewing_is_open(uuid.uuid4(), HERE)
