"""Deciding how long recordings are kept: away at once, nearer never by itself."""

import datetime as dt
import uuid

import pytest
from django.db.models import Max

from fairwitness.evidence import jobs
from fairwitness.evidence.acts import retain
from fairwitness.evidence.acts.category import add_category
from fairwitness.evidence.doors import belonging, keeping
from fairwitness.evidence.models import Categorisation, IncidentLink, Recording, Retention
from fairwitness.incidents.models import Incident
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.history import of
from fairwitness.kernel.models import Entry
from fairwitness.policy.models import Version
from tests.evidence.kept import days, decided, prompt, row
from tests.evidence.made import days_ago, sealed
from tests.incidents import made as dispatch
from tests.world import BY, LAID, World

pytestmark = pytest.mark.django_db
State = Retention.State


def test_it_works(world: World) -> None:
    recording = prompt()
    decided()
    kept = row(recording)
    assert (kept.state, kept.due_on, kept.category) == (State.DATED, days(180), "uncategorised")
    assert kept.rule == "keep.uncategorised" and kept.version.status == Version.Status.IN_FORCE
    assert kept.at_most_on is not None and kept.nearer_on is None
    assert "until when 1 recordings are kept" in of("evidence.recording", recording.pk)[-1].sentence


def test_again_it_writes_nothing(world: World) -> None:
    prompt()
    decided()
    before = Entry.objects.count()
    decided()
    decided(anew=True)
    assert Entry.objects.filter(event="evidence.retention_decided").count() == 1
    assert Entry.objects.exclude(event="policy.figure_reported").count() == before


def test_many_are_one_entry(world: World) -> None:
    for _n in range(5):
        prompt()
    decided()
    entry = Entry.objects.get(event="evidence.retention_decided")
    assert entry.private.facts["count"] == 5 if hasattr(entry, "private") else True  # type: ignore[attr-defined]
    assert Retention.objects.count() == 5


def test_the_label_as_delivered_gives_the_category(world: World) -> None:
    recording = prompt(label=" traffic STOP ")
    decided()
    carried = recording.categorisations.get()
    assert (carried.code, carried.how) == ("traffic-stop", Categorisation.How.DELIVERED)
    kept = row(recording)
    assert kept.category == "traffic-stop" and kept.due_on and kept.due_on >= days(364)


def test_a_label_that_nobody_mapped_gives_none(world: World) -> None:
    recording = prompt(label="Whatever\x1f")
    decided()
    assert not recording.categorisations.exists() and row(recording).category == "uncategorised"


def test_a_clock_in_doubt_is_never_due(world: World) -> None:
    late = sealed(b"late", started=days_ago(10), ended=days_ago(9.9))
    unknown = sealed(b"unknown", started=None, started_text="yesterday-ish")
    decided()
    for recording in (late, unknown):
        kept = row(recording)
        assert (kept.state, kept.due_on, kept.starts) == (State.DOUBTFUL, None, None)


def test_no_policy_in_force_decides_nothing(db: None) -> None:
    recording = prompt()
    decided()
    assert not Retention.objects.filter(recording=recording).exists()


def test_the_longest_of_the_categories_counts(world: World) -> None:
    recording = prompt()
    decided()
    add_category(recording.pk, "use-of-force", by=world.actor("costa"))
    add_category(recording.pk, "traffic-stop", by=world.actor("costa"))
    assert row(recording).category == "use-of-force"
    add_category(recording.pk, "officer-involved", by=world.actor("costa"))
    kept = row(recording)
    assert (kept.state, kept.due_on, kept.category) == (State.FOR_EVER, None, "officer-involved")


def test_a_recording_of_the_same_incident_is_kept_as_long(world: World) -> None:
    mine, other, apart = prompt(), prompt(device="AX-0102"), prompt(device="AX-0111")
    decided()
    _linked(mine, other)
    add_category(mine.pk, "use-of-force", by=world.actor("costa"))
    assert row(other).category == "use-of-force" and row(other).due_on == row(mine).due_on
    assert row(apart).category == "uncategorised"


def test_siblings_are_direct_and_never_chained(world: World) -> None:
    first, middle, last = prompt(), prompt(device="AX-0102"), prompt(device="AX-0111")
    decided()
    _linked(first, middle, number="26-1")
    _linked(middle, last, number="26-2")
    add_category(first.pk, "use-of-force", by=world.actor("costa"))
    decided(anew=True)
    assert [row(r).category for r in (first, middle, last)] == [
        "use-of-force",
        "use-of-force",
        "uncategorised",
    ]


def test_a_unit_that_was_there_is_a_sibling(world: World) -> None:
    """Okoye's unit was on scene while his camera ran, and nobody linked his recording."""
    now = clock.now().astimezone(dispatch.BOSTON)
    begin, end = now - dt.timedelta(minutes=60), now - dt.timedelta(minutes=15)
    day, at = begin.strftime("%m/%d/%Y"), begin.strftime("%H:%M:%S")
    dispatch.shifts(f"102,P12,{day},00:00,23:59")
    dispatch.dispatch(f"26-77,{day},{at},Fight,Main St,P12,{at},{at},{at},{end.strftime('%H:%M:%S')},Report")
    mine, his = prompt(), prompt(device="AX-0102")
    with change(LAID, by=BY) as entry:
        incident = Incident.objects.get(number="26-77")
        link = IncidentLink(recording=mine, incident=incident, how="hand", since=clock.now())
        link.save()
        entry.about(mine)
    decided()
    assert [each.pk for each in belonging.siblings(mine)] == [his.pk]
    add_category(mine.pk, "use-of-force", by=world.actor("costa"))
    assert row(his).category == "use-of-force"


def _scene(
    minutes_from: int, minutes_to: int, number: str = "26-77", sign: str = "P12", badge: int = 102
) -> None:
    """The member's unit was on scene from so many minutes ago until so many minutes ago."""
    now = clock.now().astimezone(dispatch.BOSTON)
    begin, end = now - dt.timedelta(minutes=minutes_from), now - dt.timedelta(minutes=minutes_to)
    day, at = begin.strftime("%m/%d/%Y"), begin.strftime("%H:%M:%S")
    dispatch.shifts(f"{badge},{sign},{day},00:00,23:59")
    dispatch.dispatch(
        f"{number},{day},{at},Fight,Main St,{sign},{at},{at},{at},{end.strftime('%H:%M:%S')},Report"
    )


@pytest.mark.parametrize("few", [1, 2, 5000])
def test_few_and_many_give_the_same_days(world: World, few: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked about alone, with another, or with everything: siblings that nobody linked count just the same."""
    _scene(60, 15)
    mine, his, apart = prompt(), prompt(device="AX-0102"), prompt(device="AX-0111")
    with change(LAID, by=BY) as entry:
        incident = Incident.objects.get(number="26-77")
        for recording in (mine, apart):
            IncidentLink(recording=recording, incident=incident, how="hand", since=clock.now()).save()
        entry.about(mine)
    decided()
    add_category(his.pk, "officer-involved", by=world.actor("costa"))
    for asks in (belonging, keeping):
        monkeypatch.setattr(asks, "FEW", few)
    every = Recording.objects.filter(status="sealed")
    for asked in ([mine], [his], [mine, apart], [mine, his], [mine, his, apart]):
        found = keeping.decide(every.filter(pk__in=[each.pk for each in asked]), keeping.rules_now())
        assert {each.state for each in found.values()} == {State.FOR_EVER}, len(asked)
    assert [each.pk for each in belonging.siblings(mine)] == sorted([his.pk, apart.pk])


def test_what_would_come_nearer_waits(world: World) -> None:
    recording = prompt()
    decided()
    add_category(recording.pk, "use-of-force", by=world.actor("costa"))
    until = row(recording).due_on
    with change(LAID, by=BY) as entry:
        Categorisation.objects.filter(recording=recording).update(withdrawn_at=clock.now())
        entry.about(recording)
    decided(anew=True)
    kept = row(recording)
    assert (kept.due_on, kept.nearer_on, kept.category) == (until, days(180), "use-of-force")


def test_down_to_what_was_allowed_and_no_nearer(world: World) -> None:
    recording = prompt()
    decided()
    with change(LAID, by=BY) as entry:
        Retention.objects.update(due_on=days(400))
        entry.about(recording)
    mine = Recording.objects.filter(pk=recording.pk)
    retain.decide_retention(mine, by=BY, allowed={recording.pk: days(200)})
    assert row(recording).due_on == days(400) and row(recording).nearer_on == days(180)
    retain.decide_retention(mine, by=BY, allowed={uuid.uuid4(): days(1)})
    assert row(recording).due_on == days(400)
    retain.decide_retention(mine, by=BY, allowed={recording.pk: days(180)})
    assert row(recording).due_on == days(180) and row(recording).nearer_on is None


def test_figures_are_reported(world: World) -> None:
    prompt(label="Traffic Stop")
    prompt()
    decided()
    jobs.retain_all(0)
    figures = Entry.objects.filter(event="policy.figure_reported")
    assert figures.count() >= 8
    assert figures.aggregate(Max("at"))["at__max"]


def _linked(*recordings: Recording, number: str = "26-1") -> Incident:
    with change(LAID, by=BY) as entry:
        incident = Incident(number=number, opened=clock.now())
        incident.save()
        for recording in recordings:
            IncidentLink(recording=recording, incident=incident, how="hand", since=clock.now()).save()
        entry.about(incident)
    return incident
