"""The acts grant_access and end_grant: who opens what to whom, for how long, and what a statute forbids."""

import datetime as dt

import pytest
from django.urls import reverse

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.grant import end_grant, grant_access
from fairwitness.evidence.doors import granting
from fairwitness.evidence.models import Grant, Recording, Viewing
from fairwitness.incidents import acts as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.department.ledger import latest, sentence
from tests.evidence.made import days_ago, grown, rows, sealed, try_to_seal
from tests.evidence.test_access_square import carry
from tests.world import World

HERE = view.session_mark("this sign-in")


@pytest.fixture
def recording(world: World) -> Recording:
    """Whitfield's."""
    return sealed(device="AX-0101")


def granted(
    world: World, recording: Recording, key: str = "weber", kind: str = "work", **more: object
) -> Grant:
    said = {"because": "Request 12", "recording_id": recording.pk, "by": world.actor("hale"), **more}
    return grant_access(world.id(key), kind=kind, **said)  # type: ignore[arg-type]


def opens(world: World, recording: Recording, key: str = "weber") -> bool:
    return doors.may(world.actor(key), recording.pk, "open")


def test_it_works(world: World, recording: Recording) -> None:
    assert not opens(world, recording)
    made = granted(world, recording)
    assert opens(world, recording)
    event, subjects, facts = latest()
    assert event == "evidence.access_granted"
    assert {("evidence.grant", made.pk), ("evidence.recording", recording.pk)} <= subjects
    assert "Request 12" not in str(facts)
    assert sentence() == "Deputy Supt. Marcus Hale opened it to Jonas Weber for their work"
    assert Notice.objects.get().member == world.id("weber")


def test_the_viewing_says_by_which_rule_and_grant(world: World, recording: Recording) -> None:
    made = granted(world, recording)
    view.view(recording.pk, "court", HERE, by=world.actor("weber"))
    facts = latest()[2]
    assert (facts["access"], facts["rule"], facts["grant_id"]) == (
        "ordinary",
        "ev.access-ordinary",
        str(made.pk),
    )
    view.view(recording.pk, "report", HERE, by=world.actor("whitfield"))
    assert "grant_id" not in latest()[2]


def test_those_of_an_incident_also_later_ones(world: World) -> None:
    found = incidents.add_incident(number="26-001", opened=days_ago(11), by=world.actor("costa"))
    first = sealed(b"1", device="AX-0101", incident="26-001")
    grant_access(world.id("weber"), kind="work", because="x", incident_id=found.pk, by=world.actor("park"))
    later, other = sealed(b"2", device="AX-0101", incident="26-001"), sealed(b"3", device="AX-0101")
    assert [opens(world, each) for each in (first, later, other)] == [True, True, False]


def test_it_expires_by_day(world: World, recording: Recording) -> None:
    until = department.today() + dt.timedelta(days=2)
    made = granted(world, recording, until=until)
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        assert opens(world, recording) and granting.stands(made)
    with clock.frozen(clock.now() + dt.timedelta(days=2)):
        assert not opens(world, recording) and not granting.stands(made)


@pytest.mark.parametrize("key", ["weber", "hale", "whitfield", "ruiz", "sato"])
def test_a_statute_is_an_upper_limit(world: World, key: str) -> None:
    """Facts a7: who is not on the list of the profile opens it by no grant; a records officer only by one."""
    recording = carry(sealed(device="AX-0111"), "domestic-violence")
    assert not opens(world, recording, key)
    for kind in ("named", "work"):
        granted(world, recording, key, kind, by=world.actor("park"))
    assert opens(world, recording, key) is (key in {"weber", "whitfield", "ruiz"})


def test_what_is_restricted_opens_to_a_name_alone(world: World) -> None:
    recording = carry(sealed(device="AX-0101"), "restricted")
    granted(world, recording, "costa", "work")
    assert not opens(world, recording, "costa")
    granted(world, recording, "costa", "named")
    assert opens(world, recording, "costa")


def test_an_external_auditor_sees_what_is_known_and_opens_what_is_granted(
    world: World, recording: Recording
) -> None:
    browser = world.sign_in("novak")
    address = reverse("recording", args=[recording.pk])
    assert browser.get(address).status_code == browser.get(reverse("recordings")).status_code == 200
    assert (
        browser.post(reverse("open-recording", args=[recording.pk]), {"purpose": "audit"}).status_code == 403
    )
    granted(world, recording, "novak", "audit")
    answer = browser.post(reverse("open-recording", args=[recording.pk]), {"purpose": "audit"})
    assert browser.get(answer["Location"]).status_code == 200


@pytest.mark.parametrize("key", ["whitfield", "ruiz", "costa", "weber", "sato"])
def test_who_may_not_grant(world: World, recording: Recording, key: str) -> None:
    before = rows()
    with pytest.raises((Forbidden, NotFound)):
        granted(world, recording, "haddad", by=world.actor(key))
    assert grown(before) == {}


def test_nobody_grants_to_themselves(world: World, recording: Recording) -> None:
    with pytest.raises(Forbidden, match="themselves"):
        granted(world, recording, "hale", "named")


@pytest.mark.parametrize(
    ("key", "kind", "more", "says"),
    [
        ("weber", "work", {"because": "  "}, "reason"),
        ("weber", "work", {"because": "x" * 1001}, "reason"),
        ("weber", "curiosity", {}, "known kind"),
        ("weber", "work", {"recording_id": None}, "one recording or one incident"),
        ("weber", "work", {"until": dt.date(2020, 1, 1)}, "later"),
        ("chen", "named", {}, "no role of theirs"),
        ("adeyemi", "named", {}, "no role of theirs"),
        ("weber", "audit", {}, "auditor"),
        ("novak", "work", {}, "external auditor"),
    ],
)
def test_what_cannot_be_granted(
    world: World, recording: Recording, key: str, kind: str, more: dict[str, object], says: str
) -> None:
    before = rows()
    with pytest.raises(Invalid, match=f"(?i){says}"):
        granted(world, recording, key, kind, **more)
    assert grown(before) == {}


def test_twice(world: World, recording: Recording) -> None:
    granted(world, recording)
    with pytest.raises(WrongState, match="already"):
        granted(world, recording)
    granted(world, recording, kind="named")


def test_what_was_refused_is_opened_to_nobody(world: World) -> None:
    with pytest.raises(WrongState, match="sealed"):
        granted(world, try_to_seal(b"").recording)


class TestEnd:
    """A grant is taken back, and what it alone had opened is closed."""

    def test_it_works(self, world: World, recording: Recording) -> None:
        made = granted(world, recording)
        opened = view.view(recording.pk, "court", HERE, by=world.actor("weber"))
        own = view.view(recording.pk, "report", HERE, by=world.actor("whitfield"))
        end_grant(made.pk, by=world.actor("park"))
        assert not opens(world, recording)
        opened.refresh_from_db()
        own.refresh_from_db()
        assert opened.ended and not own.ended
        assert Viewing.objects.filter(ended=None).count() == 1
        assert Grant.objects.count() == 1, "it stays"

    def test_twice(self, world: World, recording: Recording) -> None:
        made = granted(world, recording)
        end_grant(made.pk, by=world.actor("hale"))
        with pytest.raises(WrongState, match="ended"):
            end_grant(made.pk, by=world.actor("hale"))

    @pytest.mark.parametrize("key", ["weber", "costa", "sato", "novak", "chen"])
    def test_who_may_not(self, world: World, recording: Recording, key: str) -> None:
        made = granted(world, recording)
        with pytest.raises(Forbidden):
            end_grant(made.pk, by=world.actor(key))

    def test_what_is_not_there(self, world: World, recording: Recording) -> None:
        with pytest.raises(NotFound):
            end_grant(recording.pk, by=world.actor("hale"))
