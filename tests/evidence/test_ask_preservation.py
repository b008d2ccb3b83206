"""The act ask_preservation and the job that matches: written always, the same answer, slowed but never dropped."""

import datetime as dt
import json
import re
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from fairwitness.department import doors as department
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import preservation as acts
from fairwitness.evidence.acts.hold import place_hold
from fairwitness.evidence.doors import holds, preservation
from fairwitness.evidence.models import Hold, PreservationRequest, Recording
from fairwitness.kernel import actors, clock, history
from fairwitness.kernel.models import Entry, Notice
from fairwitness.kernel.refusals import Invalid, WrongState
from tests.conftest import shared
from tests.evidence.holding import BEGINS, OTHER_ROW, ROWS, asked, events_since, facts_of, film, scene
from tests.incidents.made import dispatch, local
from tests.world import World

SYSTEM = actors.system("evidence.match_preservation")
SPAN = {"place": "Main St", "since": BEGINS - dt.timedelta(hours=1), "until": BEGINS + dt.timedelta(hours=1)}


def _jobs() -> list[ProcrastinateJob]:
    return list(ProcrastinateJob.objects.filter(task_name="evidence.match_preservation").order_by("pk"))


def _match(request: PreservationRequest) -> PreservationRequest:
    jobs.match_preservation(str(request.pk))
    request.refresh_from_db()
    return request


def _held(*recordings: Recording) -> list[bool]:
    over = holds.holds_over([each.pk for each in recordings])
    return [each.pk in over for each in recordings]


def test_by_number_its_recordings_and_siblings_are_held_for_ninety_days(world: World) -> None:
    scene(f"{ROWS}\n{OTHER_ROW}")
    mine, linked = film(b"1"), film(b"2", "AX-0111", BEGINS + dt.timedelta(hours=9), incident="26-001")
    other = film(b"3", "AX-0111", local("2026-03-04T13:30"))
    request = asked(incident_number=" 26-001 ", words="They took my phone")
    assert _held(mine, linked, other) == [False, False, False]
    _match(request)
    assert _held(mine, linked, other) == [True, True, False]
    hold = Hold.objects.get()
    assert request.hold == hold and hold.placed_by is None and hold.reference == request.number
    assert hold.until == department.today() + dt.timedelta(days=90)
    assert facts_of("evidence.hold_placed")["rule"] == "ev.hold"
    placed = Entry.objects.get(event="evidence.hold_placed")
    assert placed.caused_by == Entry.objects.get(event="evidence.preservation_matched").pk
    line = history.of("evidence.recording", mine.pk)[-1].sentence
    assert line == (
        "The system (looking for what residents ask to be kept) put the recording under the hold "
        f"{hold.number} for a resident's preservation request"
    )


def test_by_place_and_span(world: World) -> None:
    scene(f"{ROWS}\n{OTHER_ROW}")
    here, elsewhere = film(b"1"), film(b"2", "AX-0111", local("2026-03-04T13:30"))
    _match(asked(**SPAN))
    assert _held(here, elsewhere) == [True, False]
    _match(asked(**{**SPAN, "place": "st elm 9"}))
    assert _held(elsewhere) == [True]


def test_another_time_or_place_matches_nothing_and_still_waits_for_a_decision(world: World) -> None:
    scene()
    film()
    day = dt.timedelta(days=1)
    late = _match(asked(**{**SPAN, "since": BEGINS + day, "until": BEGINS + day + dt.timedelta(hours=6)}))
    nowhere = _match(asked(**{**SPAN, "place": "Nowhere Lane"}))
    none = _match(asked(incident_number="99-999"))
    assert not Hold.objects.exists()
    for request in (late, nowhere, none):
        assert (request.status, request.hold) == ("received", None)
        assert request.matched_at
    assert preservation.to_be_decided(world.actor("weber")).count() == 3
    assert Notice.objects.filter(member=world.id("weber")).count() == 3


def test_the_entry_has_no_word_of_it(world: World) -> None:
    request = asked(**SPAN, name="Ann Elk", contact="ann@example.org", words="A brontosaurus")
    facts = facts_of("evidence.preservation_asked")
    text = json.dumps(facts)
    assert not any(word in text for word in ("Elk", "ann@", "bronto", "Main"))
    assert facts["hours"] == 6 and facts["way"] == "place" and facts["rule"] == "ev.hold"
    entry = Entry.objects.get(event="evidence.preservation_asked")
    assert (entry.actor, entry.public) == ("public", None)
    (line,) = [each.sentence for each in history.of("evidence.preservationrequest", request.pk)]
    assert line == (
        f"A member of the public sent the preservation request {request.number}, by place and time, "
        f"to be decided by {request.decide_by.isoformat()}"
    )


def test_the_day_of_the_decision_is_two_business_days_on(world: World) -> None:
    # Wednesday before Thanksgiving 2026: Friday is the first, Monday the second.
    with clock.frozen(local("2026-11-25T23:50")):
        assert asked().decide_by == dt.date(2026, 11, 30)


def test_what_is_written_is_the_same_whether_anything_matches(world: World) -> None:
    """Nothing in the act looks at recordings or incidents: the same statements, as many, in the same order."""
    scene()
    film()
    asked()  # once before, so that the rule is known
    assert _statements(incident_number="26-001") == _statements(incident_number="99-999")
    assert _statements(**SPAN) == _statements(**{**SPAN, "place": "Nowhere Lane"})


def _statements(**said: Any) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        asked(**said)
    shapes = [re.sub(r"'[^']*'|\d+", "·", query["sql"]) for query in seen if "SAVEPOINT" not in query["sql"]]
    assert not [sql for sql in shapes if '"evidence_recording"' in sql or '"incidents_' in sql]
    return [sql[:60] for sql in shapes]


@pytest.mark.parametrize(
    ("said", "match"),
    [
        ({}, "one of the two"),
        ({"incident_number": "1", **SPAN}, "one of the two"),
        ({"place": "Main St"}, "from when until when"),
        ({**SPAN, "until": SPAN["since"]}, "ends before it begins"),
        ({**SPAN, "until": BEGINS - dt.timedelta(hours=2)}, "ends before it begins"),
        ({**SPAN, "until": BEGINS + dt.timedelta(hours=5, seconds=1)}, "At most 6 hours"),
        ({**SPAN, "place": "%_"}, "more exactly"),
        ({**SPAN, "place": "x" * 201}, "At most 200"),
        ({"incident_number": "x" * 41}, "At most 40"),
        ({"incident_number": "\ud800"}, "cannot be kept"),
        ({"incident_number": "\x00 "}, "one of the two"),
        ({"incident_number": "1", "words": "x" * 2001}, "At most 2000"),
        ({"incident_number": "1", "name": "x" * 121}, "At most 120"),
        ({"incident_number": "1", "contact": "x" * 201}, "At most 200"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_written(
    world: World, said: dict[str, Any], match: str
) -> None:
    before = Entry.objects.count()
    with pytest.raises(Invalid, match=match), transaction.atomic():
        acts.ask_preservation(**said, sender="s", by=actors.PUBLIC)
    assert (Entry.objects.count(), PreservationRequest.objects.count(), len(_jobs())) == (before, 0, 0)


def test_what_has_not_happened_is_refused(world: World) -> None:
    later = clock.now() + dt.timedelta(hours=2)
    with pytest.raises(Invalid, match="not happened"):
        asked(place="Main St", since=later, until=later + dt.timedelta(hours=1))


def test_hostile_strings_are_kept_as_text_or_refused_with_a_sentence(world: World) -> None:
    strings = json.loads(shared("data/conformance/strings/blns.json").read_text(encoding="utf-8"))
    for number, text in enumerate(strings):
        with transaction.atomic():
            try:
                request = asked(incident_number=text[:60], words=text, name=text[:100], sender=f"{number}")
            except Invalid:
                continue
        _match(request)
        assert request.hold is None
    assert PreservationRequest.objects.count() > 100


def test_limits_slow_and_never_drop(world: World) -> None:
    """The sixth within an hour waits a minute, each further one longer; a different sender does not wait."""
    with clock.frozen(local("2026-06-01T12:00")):
        for _many in range(14):
            asked(sender="one")
        asked(sender="other")
        at = [job.scheduled_at for job in _jobs()]
        waits = [(when - clock.now()).total_seconds() / 60 if when else 0 for when in at]
    assert waits == [0, 0, 0, 0, 0, 1, 5, 15, 30, 60, 120, 240, 240, 240, 0]
    assert PreservationRequest.objects.count() == 15, "none was dropped"
    with clock.frozen(local("2026-06-01T13:01")):
        asked(sender="one")
    assert _jobs()[-1].scheduled_at is None, "an hour later it is as at first"


def test_the_job_twice_and_a_stop_half_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    scene()
    film(b"1")
    film(b"2", "AX-0102", BEGINS + dt.timedelta(minutes=6))
    request = asked()
    before = Entry.objects.count()
    with monkeypatch.context() as broken:
        broken.setattr(acts, "_tell", _stop)
        with pytest.raises(RuntimeError), transaction.atomic():
            jobs.match_preservation(str(request.pk))
    request.refresh_from_db()
    assert (request.matched_at, Hold.objects.count(), Entry.objects.count()) == (None, 0, before)
    _match(request)
    after = Entry.objects.count()
    _match(request)
    assert (Hold.objects.count(), Entry.objects.count()) == (1, after)
    assert Notice.objects.filter(member=world.id("weber")).count() == 1
    with pytest.raises(WrongState, match="looked for before"):
        acts.match_preservation(request.pk, by=SYSTEM)


def _stop(_request: object) -> None:
    raise RuntimeError("the worker was killed")


def test_what_comes_in_later_is_held_too(world: World) -> None:
    """The request comes first, the dispatch export at night, the camera is docked in the morning."""
    by_number, by_place = _match(asked()), _match(asked(**SPAN))
    scene()
    recording = film()
    before = Entry.objects.count()
    jobs.cover_holds(0)
    for request in (by_number, by_place):
        request.refresh_from_db()
        assert request.hold and request.hold.held.get().recording == recording
    assert events_since(before).count("evidence.preservation_matched") == 2
    late = film(b"late", "AX-0102", BEGINS + dt.timedelta(minutes=6))
    jobs.cover_holds(0)
    assert _held(late) == [True]
    after = Entry.objects.count()
    jobs.cover_holds(0)
    assert Entry.objects.count() == after, "nothing is written where nothing came"


def test_several_incidents_at_one_place(world: World) -> None:
    again = "26-003,3/4/2026,13:50,Noise,12 MAIN ST,4A12,13:50,,13:52,14:10,"
    scene(f"{ROWS}\n{again}")
    one, two = film(b"1"), film(b"2", started=local("2026-03-04T13:55"))
    request = _match(asked(**SPAN))
    assert _held(one, two) == [True, True]
    assert request.hold and request.hold.incident is None
    third = film(b"3", "AX-0102", BEGINS + dt.timedelta(minutes=6))
    jobs.cover_holds(0)
    assert _held(third) == [True]


def test_an_event_s_place_counts_as_well_as_its_incident_s(world: World) -> None:
    scene()
    dispatch("26-001,3/4/2026,13:05,Noise,Corner of Oak Ave,4A12,13:06,,13:12,13:40,Report")
    recording = film()
    _match(asked(**{**SPAN, "place": "oak ave"}))
    assert _held(recording) == [True]


def test_nobody_places_such_a_hold_by_hand(world: World) -> None:
    with pytest.raises(Invalid):
        place_hold(kind="preservation", reason="Why", recordings=[film().pk], by=world.actor("weber"))
    with pytest.raises(Exception, match="Only a member|no such request|not do"):
        acts.match_preservation(uuid.uuid4(), by=actors.PUBLIC)


def test_what_only_its_source_gave_that_number_is_held_before_any_import(world: World) -> None:
    """However either wrote it; and what dispatch brings later comes under the same hold."""
    mine, other = film(b"1", incident=" 26-777a "), film(b"2", incident="26-777")
    request = _match(asked(incident_number="26-777A"))
    assert _held(mine, other) == [True, False]
    assert request.hold and request.hold.incident is None
    late = film(b"3", "AX-0111", incident="26-777a")
    jobs.cover_holds(0)
    assert _held(late) == [True]
    assert _statements(incident_number="26-777A") == _statements(incident_number="99-999"), "the same answer"
