"""The acts link_incident, link_suggested and unlink_incident; what links recordings by number and suggests by time."""

import datetime as dt

import pytest

from fairwitness.evidence import jobs
from fairwitness.evidence.acts.incident import link_incident, link_suggested, unlink_incident
from fairwitness.evidence.doors import incidents as doors
from fairwitness.evidence.models import IncidentLink, Recording
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel import history
from fairwitness.kernel.models import Entry, EntryPrivate
from fairwitness.kernel.refusals import Forbidden, NotFound, WrongState
from tests.evidence.made import BY, sealed, try_to_seal
from tests.incidents import made
from tests.incidents.made import dispatch, incident, local
from tests.world import World

BEGINS = local("2026-03-04T13:15")
ROW = "26-001,3/4/2026,13:05,Noise,,4A12,13:06,,13:12,13:40,"


def _film(data: bytes = b"film", seconds: int = 60, started: dt.datetime = BEGINS, **words: str) -> Recording:
    """A recording by Officer Whitfield's camera while her unit is at 26-001."""
    ended = started + dt.timedelta(seconds=seconds)
    return sealed(data, started=started, ended=ended, **{"device": "AX-0101", **words})


def _links() -> list[tuple[str, str]]:
    return [(link.incident.number, link.how) for link in IncidentLink.objects.filter(withdrawn_at=None)]


def _at_the_scene() -> Incident:
    made.shifts("101,4A12,2026-03-04,07:00,19:00\n102,4A14,2026-03-04,07:00,19:00\n")
    dispatch(ROW)
    return incident()


def test_what_is_sealed_with_a_known_number_is_linked_in_the_same_change(world: World) -> None:
    dispatch(ROW)
    recording = _film(incident="26-001")
    link = IncidentLink.objects.get()
    assert (link.recording, link.incident.number, link.how) == (recording, "26-001", "number")
    entry = Entry.objects.get(event="evidence.recording_sealed")
    assert link.written_by == entry.pk
    assert EntryPrivate.objects.get(entry_id=entry.pk).facts["incident_id"] == str(link.incident_id)


def test_incidents_that_come_later_are_linked_by_the_job_once(world: World) -> None:
    recording = _film(incident="26-001")
    _film(b"other", incident="26-777")
    dispatch(ROW)
    entry = Entry.objects.get(event="incidents.dispatch_imported")
    for _twice in range(2):
        jobs.match_incidents(str(entry.pk))
    assert _links() == [("26-001", "number")]
    unlink_incident(doors.links(recording)[0].pk, by=world.actor("costa"))
    jobs.match_incidents(str(entry.pk))
    assert _links() == [], "what somebody took back stays so"


def test_officer_and_time_suggest_and_one_click_accepts(world: World) -> None:
    found = _at_the_scene()
    recording = _film()
    (suggestion,) = doors.suggestions([recording])[recording.pk]
    assert (suggestion.incident, suggestion.call_sign) == (found, "4A12")
    assert suggestion.meets == dt.timedelta(seconds=60)
    link_incident(recording.pk, found.pk, how="suggested", by=world.actor("whitfield"))
    recording.refresh_from_db()
    assert recording.incident == "26-001" and "26-001" in recording.search
    assert _links() == [("26-001", "suggested")]
    assert doors.suggestions([recording]) == {}
    line = history.of("evidence.recording", recording.pk)[-1].sentence
    assert line == f"Officer Dana Whitfield linked {recording.number} to 26-001, as officer and time suggest"


@pytest.mark.parametrize(
    ("begins", "seconds", "suggested"),
    [
        ("2026-03-04T13:11:55", 14, False),
        ("2026-03-04T13:11:50", 20, True),
        ("2026-03-04T13:39:50", 600, True),
        ("2026-03-04T13:39:51", 600, False),
        ("2026-03-04T13:20:00", 8, True),
        ("2026-03-04T13:11:57", 8, False),
        ("2026-03-04T14:00:00", 60, False),
    ],
)
def test_for_how_long_they_must_meet(world: World, begins: str, seconds: int, suggested: bool) -> None:
    """Ten seconds, or all of a recording that is shorter."""
    _at_the_scene()
    recording = _film(seconds=seconds, started=local(begins))
    assert bool(doors.suggestions([recording])) is suggested


def test_nothing_is_suggested_where_the_clock_is_not_believed(world: World) -> None:
    _at_the_scene()
    recording = sealed(b"no time", device="AX-0101", started=None)
    assert doors.suggestions([recording]) == {}


def test_several_at_once_or_none(world: World) -> None:
    found = _at_the_scene()
    one, two = _film(b"1"), _film(b"2", started=BEGINS + dt.timedelta(minutes=2))
    late = _film(b"3", started=local("2026-03-04T18:00"))
    by = world.actor("costa")
    with pytest.raises(WrongState, match="no longer suggest"):
        link_suggested([(one.pk, found.pk), (late.pk, found.pk)], by=by)
    assert _links() == []
    before = Entry.objects.filter(event="evidence.incident_linked").count()
    assert link_suggested([(one.pk, found.pk), (two.pk, found.pk)], by=by) == 2
    assert Entry.objects.filter(event="evidence.incident_linked").count() == before + 2
    assert list(doors.without_incident(by)) == [late]


def test_a_link_is_made_once_and_withdrawn_once(world: World) -> None:
    found, by = _at_the_scene(), world.actor("costa")
    recording = _film()
    link = link_incident(recording.pk, found.pk, by=by)
    with pytest.raises(WrongState, match="is linked"):
        link_incident(recording.pk, found.pk, by=by)
    unlink_incident(link.pk, by=by)
    with pytest.raises(WrongState, match="before"):
        unlink_incident(link.pk, by=by)
    assert link_incident(recording.pk, found.pk, by=by).pk != link.pk


def test_what_was_refused_is_linked_to_nothing(world: World) -> None:
    refused = try_to_seal(b"bytes", sha256="0" * 64).recording
    with pytest.raises(WrongState, match="sealed recording"):
        link_incident(refused.pk, _at_the_scene().pk, by=BY)


def test_who_may_link(world: World) -> None:
    """The wearer, those above them, and the BWC Unit; others find the recording at most."""
    found, recording = _at_the_scene(), _film()
    for key, refusal in {
        "okoye": NotFound,
        "brandt": NotFound,
        "adeyemi": NotFound,
        "novak": Forbidden,
        "chen": NotFound,
        "weber": Forbidden,
        "hale": Forbidden,
        "park": Forbidden,
        "sato": Forbidden,
    }.items():
        with pytest.raises(refusal):
            link_incident(recording.pk, found.pk, by=world.actor(key))
    for key in ("whitfield", "ruiz", "costa"):
        link = link_incident(recording.pk, found.pk, by=world.actor(key))
        for other in ("okoye", "brandt", "chen"):
            with pytest.raises(NotFound):
                unlink_incident(link.pk, by=world.actor(other))
        unlink_incident(link.pk, by=world.actor(key))


def test_an_officer_links_to_no_incident_that_they_cannot_find(world: World) -> None:
    _at_the_scene()
    dispatch("26-009,3/4/2026,16:00,,,4A14,16:01,,,,")
    with pytest.raises(NotFound):
        link_incident(_film().pk, incident("26-009").pk, by=world.actor("whitfield"))


def test_the_recordings_of_an_incident_come_narrowed(world: World) -> None:
    found = _at_the_scene()
    one, two = _film(b"1"), _film(b"2", device="AX-0102")
    for recording in (one, two):
        link_incident(recording.pk, found.pk, by=BY)
    of = {
        key: list(doors.recordings_of_incident(world.actor(key), found.pk))
        for key in ("okoye", "ruiz", "novak", "chen")
    }
    assert of == {"okoye": [two], "ruiz": [one, two], "novak": [one, two], "chen": []}


def test_numbers_are_compared_without_case_and_outer_spaces(world: World) -> None:
    recording = sealed(b"padded", incident=" 26-00a ")
    dispatch("26-00A,3/4/2026,13:05,Noise,12 Main St,4A12,13:06,,13:12,13:40,")
    entry = Entry.objects.get(event="incidents.dispatch_imported")
    jobs.match_incidents(str(entry.pk))
    assert recording.incident_links.get().incident.number == "26-00A"
    assert incidents.incident_by_number("\t26-00a ") == recording.incident_links.get().incident
