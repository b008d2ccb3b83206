"""The lockout: what it covers, how soon it bites, how it ends; and no viewing before the report for all incidents."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from fairwitness.department import doors as department
from fairwitness.evidence import doors, jobs
from fairwitness.evidence.acts import view
from fairwitness.evidence.acts.grant import grant_access
from fairwitness.evidence.acts.incident import link_incident, unlink_incident
from fairwitness.evidence.acts.seal import settle_owner
from fairwitness.evidence.acts.settle_clock import confirm_clock, settle_clock
from fairwitness.evidence.doors import access, reasons
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.models import Recording, Viewing
from fairwitness.incidents import acts as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import actors, clock
from fairwitness.kernel import sending as stream
from fairwitness.kernel.models import Entry
from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Role
from tests.evidence.made import readable, sealed
from tests.incidents import made
from tests.incidents.made import dispatch, incident, local
from tests.world import World

ROW = "26-001,3/4/2026,13:05,Noise,,4A12,13:06,,13:12,13:40,"
BEGINS = local("2026-03-04T13:15")
HERE = view.session_mark("this sign-in")


@pytest.fixture
def found(world: World) -> Incident:
    """Whitfield was on scene from 13:12 to 13:40; it is not critical yet."""
    made.shifts("101,4A12,2026-03-04,07:00,19:00\n")
    dispatch(ROW)
    return incident()


def film(data: bytes = b"film", device: str = "AX-0101", seconds: int = 60, **words: object) -> Recording:
    started = words.pop("started", BEGINS)
    assert isinstance(started, dt.datetime)
    ended = started + dt.timedelta(seconds=seconds)
    return sealed(data, device=device, started=started, ended=ended, **words)


def marked(world: World, found: Incident, *keys: str) -> Incident:
    return incidents.mark_critical(found.pk, [world.id(key) for key in keys], by=world.actor("costa"))


def opens(world: World, recording: Recording, key: str = "whitfield") -> bool:
    return doors.may(world.actor(key), recording.pk, "open")


def test_an_involved_officer_is_locked_out_and_let_in_after_the_statement(
    world: World, found: Incident
) -> None:
    recording = film(incident="26-001")
    assert opens(world, recording)
    marked(world, found, "whitfield")
    assert not opens(world, recording)
    with pytest.raises(Forbidden, match="until your statement"):
        view.view(recording.pk, "report", HERE, by=world.actor("whitfield"))
    assert opens(world, recording, "costa"), "nobody else is touched"
    incidents.file_statement(
        found.pk, world.id("whitfield"), stated_at=clock.now(), sha256="0" * 64, by=world.actor("ruiz")
    )
    assert view.view(recording.pk, "report", HERE, by=world.actor("whitfield"))


def test_it_covers_what_is_uploaded_and_linked_later(world: World, found: Incident) -> None:
    marked(world, found, "okoye")
    theirs = film(b"1", device="AX-0102", started=BEGINS - dt.timedelta(days=2))
    assert opens(world, theirs, "okoye"), "of another day"
    link_incident(theirs.pk, found.pk, by=world.actor("costa"))
    assert not opens(world, theirs, "okoye")
    later = film(b"2", device="AX-0102", started=BEGINS - dt.timedelta(days=3), incident="26-001")
    assert not opens(world, later, "okoye")


@pytest.mark.parametrize(
    ("begins", "seconds", "locked"),
    [
        ("13:15:00", 60, True),
        ("13:11:00", 69, False),  # nine seconds of it at the scene
        ("13:11:00", 70, True),
        ("13:39:55", 5, True),  # all of a short one
        ("13:40:01", 60, False),
        ("12:00:00", 60, False),
    ],
)
def test_it_covers_what_a_unit_on_scene_made_meanwhile(
    world: World, found: Incident, begins: str, seconds: int, locked: bool
) -> None:
    """Unlinked: Ruiz is locked out of what Whitfield's camera made there."""
    marked(world, found, "ruiz")
    recording = film(started=local(f"2026-03-04T{begins}"), seconds=seconds)
    assert opens(world, recording, "ruiz") is not locked


@pytest.mark.parametrize("said", [None, dt.datetime(2100, 1, 1, tzinfo=dt.UTC)])
def test_a_clock_that_cannot_be_right_closes_until_it_is_settled(
    world: World, found: Incident, said: dt.datetime | None
) -> None:
    """Nobody knows whether it was made there, so for whoever was there it counts as if it were."""
    recording = sealed(device="AX-0101", started=said)
    assert recording.clock in Recording.UNBELIEVED
    settle_owner(recording.pk, department.find_member(world.id("whitfield")), by=world.actor("costa"))
    assert opens(world, recording, "ruiz") and opens(world, recording)
    marked(world, found, "whitfield", "ruiz")
    assert not opens(world, recording)
    assert not opens(world, recording, "ruiz"), "made by one who was there: it may show it"
    locked = actors.member(world.id("ruiz"), frozenset({Role.BWC_UNIT}))
    with pytest.raises(Forbidden, match="somebody else settles"):
        settle_clock(recording.pk, ended=BEGINS - dt.timedelta(days=1), because="On the label", by=locked)
    assert opens(world, recording, "costa")
    settled = settle_clock(
        recording.pk, ended=BEGINS - dt.timedelta(days=1), because="On the label", by=world.actor("costa")
    )
    assert not opens(world, recording), "one person does not open it"
    with pytest.raises(Forbidden, match="somebody else settles"):
        confirm_clock(settled.pk, by=locked)
    confirm_clock(settled.pk, by=world.actor("hale"))
    assert opens(world, recording)


def test_what_was_read_in_the_file_counts_for_its_end(world: World, found: Incident) -> None:
    """The probe found a minute, whatever the source said."""
    marked(world, found, "ruiz")
    recording = readable(sealed(device="AX-0101", started=local("2026-03-04T13:11:20")))
    assert recording.duration_ms == 60_000
    assert not opens(world, recording, "ruiz")


def test_who_is_proposed_is_locked_until_struck_off(world: World, found: Incident) -> None:
    recording = film(incident="26-001")
    marked(world, found)
    assert not opens(world, recording)
    incidents.strike_off(found.pk, world.id("whitfield"), by=world.actor("ruiz"))
    assert opens(world, recording)


def test_notes_and_pictures_are_closed_with_it(world: World, found: Incident) -> None:
    recording = film(incident="26-001")
    marked(world, found, "whitfield")
    for act in access.WITHOUT_CATEGORY:
        assert not doors.may(world.actor("whitfield"), recording.pk, act)
    assert doors.may(world.actor("whitfield"), recording.pk, "find")


def test_an_involved_one_cannot_take_it_out_of_the_incident(world: World, found: Incident) -> None:
    recording = film(incident="26-001")
    marked(world, found, "whitfield")
    (link,) = linking.links(recording)
    with pytest.raises(Forbidden, match="somebody else"):
        unlink_incident(link.pk, by=world.actor("whitfield"))
    unlink_incident(link.pk, by=world.actor("costa"))
    assert not opens(world, recording), "it was made on scene"


def test_command_excepts_for_a_reason(world: World, found: Incident) -> None:
    recording, other = film(incident="26-001"), film(b"other", incident="26-001")
    marked(world, found, "whitfield")
    grant_access(
        world.id("whitfield"),
        kind="lockout",
        because="Safety",
        recording_id=recording.pk,
        by=world.actor("hale"),
    )
    assert opens(world, recording)
    assert not opens(world, other)


def test_open_viewings_are_ended_with_an_entry_each_and_the_job_may_be_done_twice(
    world: World, found: Incident
) -> None:
    one, other = film(b"1", incident="26-001"), film(b"2", incident="26-001")
    elsewhere = film(b"3", started=BEGINS - dt.timedelta(days=2))
    for each in (one, other, elsewhere):
        view.view(each.pk, "report", HERE, by=world.actor("whitfield"))
    view.view(one.pk, "audit", HERE, by=world.actor("costa"))
    marked(world, found, "whitfield")
    for _twice in range(2):
        jobs.end_locked(str(found.pk))
    ended = Viewing.objects.exclude(ended=None)
    assert {each.recording_id for each in ended} == {one.pk, other.pk}
    assert {each.member_id for each in ended} == {world.id("whitfield")}
    entries = Entry.objects.filter(event="evidence.viewing_ended", actor="system:evidence.end_locked")
    assert entries.count() == 2


def test_killed_halfway_the_job_goes_on(
    world: World, found: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    for data in (b"1", b"2"):
        view.view(film(data, incident="26-001").pk, "report", HERE, by=world.actor("whitfield"))
    marked(world, found, "whitfield")
    real = view.end_viewing
    ended: list[object] = []

    def dies(*args: object, **more: object) -> bool:
        if ended:
            raise KeyboardInterrupt
        ended.append(args)
        return real(*args, **more)  # type: ignore[arg-type]

    with monkeypatch.context() as killed:
        killed.setattr(view, "end_viewing", dies)
        with pytest.raises(KeyboardInterrupt):
            jobs.end_locked(str(found.pk))
    assert Viewing.objects.filter(ended=None).count() == 1
    jobs.end_locked(str(found.pk))
    assert Viewing.objects.filter(ended=None).count() == 0


def test_the_page_says_why_and_by_which_rule(world: World, found: Incident) -> None:
    recording = film(incident="26-001")
    marked(world, found, "whitfield")
    closed = reasons.closed_because(world.actor("whitfield"), recording)
    assert closed and closed.locked
    assert closed.sentence == "Closed to you until your statement is filed."
    assert [each.rule.id for each in closed.cites] == ["ev.lockout"]
    text = world.sign_in("whitfield").get(reverse("recording", args=[recording.pk])).content.decode()
    assert "Closed to you until your statement is filed." in text
    assert "/policy/BWC/" in text or "/policy/" in text


class TestBeforeTheReport:
    """Where the policy closes viewing before any report, an officer writes first, of every incident."""

    @pytest.fixture(autouse=True)
    def closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(access.Book, "before_report", "closed")

    def test_it_works(self, world: World, found: Incident) -> None:
        recording = film(incident="26-001")
        assert not opens(world, recording)
        assert opens(world, recording, "ruiz"), "who did not respond"
        closed = reasons.closed_because(world.actor("whitfield"), recording)
        assert closed and "until your report" in closed.sentence
        filed = {"number": "R1", "sha256": "0" * 64, "filed_at": clock.now(), "by": world.actor("ruiz")}
        incidents.file_report(found.pk, kind="force", author_id=world.id("whitfield"), **filed)  # type: ignore[arg-type]
        assert not opens(world, recording), "not the initial report"
        report = incidents.file_report(found.pk, kind="incident", author_id=world.id("whitfield"), **filed)  # type: ignore[arg-type]
        assert opens(world, recording)
        incidents.withdraw_report(report.pk, by=world.actor("ruiz"))
        assert not opens(world, recording)

    def test_what_was_made_there_is_closed_before_anybody_links_it(
        self, world: World, found: Incident
    ) -> None:
        recording, elsewhere = film(), film(b"other", started=BEGINS + dt.timedelta(hours=3))
        assert not opens(world, recording)
        assert opens(world, elsewhere)


def test_where_the_policy_leaves_viewing_open_marking_locks_nobody(
    world: World, found: Incident, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access.Book, "before_report", "open")
    recording = film(incident="26-001")
    marked(world, found, "whitfield")
    assert opens(world, recording)


def test_a_stream_under_way_is_cut(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The door is asked again while bytes leave: nothing more goes out once the incident is critical."""
    monkeypatch.setattr(stream, "ASK_AFTER", stream.CHUNK)
    found = incidents.add_incident(number="26-001", opened=BEGINS, by=own_world.actor("costa"))
    recording = film(bytes(3 * stream.CHUNK), incident="26-001")
    browser: Client = own_world.sign_in("whitfield")
    browser.post(reverse("open-recording", args=[recording.pk]), {"purpose": "report"})
    opened = Viewing.objects.get()
    address = reverse("media", args=[opened.pk, "original"])
    answer = browser.get(address)
    body = iter(answer)
    received = len(next(body))
    marked(own_world, found, "whitfield")
    received += sum(len(part) for part in body)
    assert received == stream.CHUNK
    assert browser.get(address, headers={"Range": "bytes=0-9"}).status_code == 410
