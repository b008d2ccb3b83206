"""What waiting requests ask of many recordings at once; and that somebody is told where no job looks for them."""

import datetime as dt
import uuid
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from fairwitness.department.models import Alarm
from fairwitness.evidence import jobs
from fairwitness.evidence.acts import preservation as acts
from fairwitness.evidence.acts.preservation import lift_preservation
from fairwitness.evidence.doors import preservation
from fairwitness.evidence.models import PreservationRequest, Recording
from fairwitness.kernel import clock, history
from fairwitness.kernel.models import Notice
from tests.evidence.holding import BEGINS, OTHER_ROW, ROWS, asked, film, scene
from tests.incidents.made import dispatch
from tests.world import World

HOUR = dt.timedelta(hours=1)
LATE = dt.timedelta(hours=7)


def by_place(place: str, before: dt.timedelta = HOUR, after: dt.timedelta = HOUR) -> PreservationRequest:
    """A request for what was at a place about the time of the films."""
    return asked(place=place, since=BEGINS - before, until=BEGINS + after)


def one_by_one() -> dict[uuid.UUID, list[str]]:
    """The same by what each request would hold were it matched now."""
    found: dict[uuid.UUID, list[str]] = {}
    for request in preservation.waiting():
        for pk in preservation.recordings_meant(request, preservation.incidents_meant(request)):
            found.setdefault(pk, []).append(request.number)
    return {pk: sorted(numbers) for pk, numbers in found.items()}


def films() -> list[Recording]:
    """Of units at two scenes, at its edges, with a number, of a doubtful clock, and of nobody."""
    return [
        film(b"there"),
        film(b"there too", device="AX-0102", started=BEGINS + dt.timedelta(minutes=10)),
        film(b"before", started=BEGINS - dt.timedelta(hours=3)),
        film(b"over its beginning", started=BEGINS - dt.timedelta(minutes=10), seconds=3600),
        film(b"five seconds of it", started=BEGINS - dt.timedelta(minutes=4), seconds=65),
        film(b"elsewhere", device="AX-0111", started=BEGINS + dt.timedelta(minutes=20)),
        film(b"with its number", device="AX-0109", incident=" 26-777a"),
        film(b"of the other, by number", device="AX-0109", incident="26-002"),
        film(b"of nobody", device="", incident=""),
    ]


def test_it_says_what_each_request_would_hold(world: World) -> None:
    scene(f"{ROWS}\n{OTHER_ROW}")
    made = films()
    for number in ("26-001", " 26-002", "26-777A", "nothing", "26-001"):
        asked(incident_number=number)
    for place in ("main st", "MAIN 12", "Elm", "street of nobody", "main_st", "main 12 %"):
        by_place(place)
    by_place("Main St", before=48 * HOUR, after=-42 * HOUR)
    lifted = asked(incident_number="26-001")
    lift_preservation(lifted.pk, "By mistake", by=world.actor("weber"))
    said = preservation.asked_for([each.pk for each in made])
    assert said == one_by_one()
    assert len(said) >= 6 and max(map(len, said.values())) >= 4
    assert {
        pk: sorted(r.number for r in preservation.asking_for(each)) for each in made for pk in [each.pk]
    } == {each.pk: said.get(each.pk, []) for each in made}
    assert preservation.asked_for([made[0].pk]) == {made[0].pk: said[made[0].pk]}, "of others nothing is said"


def test_a_place_that_dispatch_said_later(world: World) -> None:
    """An incident is at every place that the current versions of its events name."""
    scene()
    mine = film()
    dispatch("26-001,3/4/2026,13:05,Noise,7 Oak Ave,4A12,13:06,,13:12,13:40,")
    requests = [by_place("Oak Ave"), by_place("Main St")]
    said = preservation.asked_for([mine.pk])
    assert said == one_by_one() and requests[0].number in said[mine.pk]


def _count(recordings: list[uuid.UUID]) -> int:
    with CaptureQueriesContext(connection) as seen:
        preservation.asked_for(recordings)
    return len(seen)


def test_it_costs_the_same_however_many_wait(world: World) -> None:
    scene(f"{ROWS}\n{OTHER_ROW}")
    made = [each.pk for each in films()]
    assert _count(made) == 1, "where none waits, that is all that is asked"
    asked(incident_number="26-001"), by_place("Main St")
    few = _count(made)
    for _time in range(5):
        asked(incident_number="26-002"), by_place("Elm"), by_place("Main")
    assert _count(made) == few <= 9


# Requests that no job looks for


def told() -> int:
    """How many records officers were told."""
    return Notice.objects.filter(
        sentence__contains="not looked for in time", outside="A preservation request"
    ).count()


def alarm() -> Any:
    """The open alarm."""
    return Alarm.objects.filter(code=acts.NOT_MATCHED, ended_at=None).first()


def test_records_officers_are_told_once_of_one_whose_job_failed(world: World) -> None:
    scene()
    request = asked()
    with clock.frozen(clock.now() + 5 * HOUR):
        jobs.cover_holds(0)
        assert alarm() is None and told() == 0, "the limits may put one off for so long"
    with clock.frozen(clock.now() + LATE):
        for _round in range(2):
            jobs.cover_holds(0)
        assert request.number in alarm().sentence
        officers = Notice.objects.filter(sentence=alarm().sentence, link=reverse("preservation"))
        assert {each.member for each in officers} == {world.id("weber")}
        assert told() == 1
        (line,) = [
            e.sentence
            for e in history.of("evidence.preservationrequest", request.pk)
            if "in time" in e.sentence
        ]
        assert request.number in line
        jobs.match_preservation(str(request.pk))
        jobs.cover_holds(0)
        assert alarm() is None


def test_what_was_lifted_is_nothing_to_tell_of(world: World) -> None:
    request = asked()
    with clock.frozen(clock.now() + LATE):
        jobs.cover_holds(0)
        assert alarm()
        lift_preservation(request.pk, "By mistake", by=world.actor("weber"))
        jobs.cover_holds(0)
        assert alarm() is None
