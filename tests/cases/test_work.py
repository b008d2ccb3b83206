"""Persons, notes, tasks and court dates: each act, each refusal, and what waits for one person."""

import datetime as dt
import hashlib

import pytest

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case
from fairwitness.department import doors as department
from fairwitness.kernel import clock, notices
from fairwitness.kernel.refusals import Forbidden, Invalid, NotFound, WrongState
from tests.cases.made import facts_of
from tests.evidence.made import grown, rows
from tests.world import World

pytestmark = pytest.mark.django_db


def test_persons(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    witness = acts.add_person(case.pk, name=" Ann  Elk ", role="witness", about="Saw the car", by=lead)
    victim = acts.add_person(case.pk, name="Bo", role="victim", by=lead)
    assert [each.name for each in doors.persons_of(case)] == ["Bo", "Ann Elk"]
    facts = facts_of("cases.person_added")
    assert facts["person_role"] == "victim" and "Bo" not in map(str, facts.values())
    acts.withdraw_person(victim.pk, by=lead)
    with pytest.raises(WrongState, match="before"):
        acts.withdraw_person(victim.pk, by=lead)
    assert doors.persons_of(case) == [witness]


@pytest.mark.parametrize(
    "said", [{"name": ""}, {"name": "x" * 201}, {"role": "thief"}, {"about": "x" * 501}], ids=str
)
def test_persons_that_cannot_be_used(world: World, case: Case, said: dict[str, str]) -> None:
    before = rows()
    with pytest.raises(Invalid):
        acts.add_person(case.pk, **{"name": "Ann", "role": "witness", **said}, by=world.actor("lindqvist"))
    assert grown(before) == {}


def test_notes(world: World, case: Case) -> None:
    lead = world.actor("lindqvist")
    note = acts.add_case_note(case.pk, "Ask her\r\nagain.", by=lead)
    assert facts_of("cases.note_added")["text_sha256"] == (
        "sha256:" + hashlib.sha256(b"Ask her\nagain.").hexdigest()
    )
    with pytest.raises(Forbidden, match="Only the author"):
        acts.withdraw_case_note(note.pk, by=world.actor("costa"))
    acts.withdraw_case_note(note.pk, by=lead)
    with pytest.raises(WrongState):
        acts.withdraw_case_note(note.pk, by=lead)
    assert doors.notes_of(case) == []
    for text in ("", "x" * 4001):
        with pytest.raises(Invalid):
            acts.add_case_note(case.pk, text, by=lead)
    with pytest.raises(NotFound):
        acts.add_case_note(case.pk, "Mine", by=world.actor("li"))
    with pytest.raises(Forbidden):
        acts.add_case_note(case.pk, "Mine", by=world.actor("sato"))


def test_tasks(world: World, case: Case) -> None:
    lead, li = world.actor("lindqvist"), world.id("li")
    with pytest.raises(Invalid, match="named in the case"):
        acts.add_task(case.pk, "Ask her", li, by=lead)
    acts.add_member(case.pk, li, "member", by=lead)
    today = department.today()
    later = acts.add_task(case.pk, "Copy the report", li, by=lead)
    soon = acts.add_task(case.pk, "Ask her", li, today, by=lead)
    assert "You have a task" in notices.of(li)[0].sentence
    assert list(doors.tasks_for(world.actor("li"))) == [soon, later]
    assert doors.tasks_of(case) == [soon, later]
    acts.finish_task(soon.pk, by=world.actor("li"))
    assert doors.tasks_of(case) == [later, soon]
    for act in (acts.finish_task, acts.withdraw_task):
        with pytest.raises(WrongState, match="done before"):
            act(soon.pk, by=lead)
    acts.withdraw_task(later.pk, by=lead)
    assert list(doors.tasks_for(world.actor("li"))) == []
    with pytest.raises(WrongState):
        acts.finish_task(later.pk, by=lead)


@pytest.mark.parametrize("said", [{"text": ""}, {"text": "x" * 501}, {"due": dt.date(2020, 1, 1)}], ids=str)
def test_tasks_that_cannot_be_used(world: World, case: Case, said: dict[str, object]) -> None:
    lead = world.actor("lindqvist")
    more = {"text": "Ask her", "member_id": world.id("lindqvist"), **said}
    with pytest.raises(Invalid):
        acts.add_task(case.pk, **more, by=lead)  # type: ignore[arg-type]


def test_court_dates(world: World, case: Case) -> None:
    lead, now = world.actor("lindqvist"), clock.now()
    acts.add_member(case.pk, world.id("li"), "member", by=lead)
    said = {"court": "Cambridge District Court", "what": "Pretrial"}
    far_off = acts.set_court_date(case.pk, at=now + dt.timedelta(days=60), **said, by=lead)
    soon = acts.set_court_date(case.pk, at=now + dt.timedelta(days=2), **said, by=lead)
    past = acts.set_court_date(case.pk, at=now - dt.timedelta(days=2), **said, by=lead)
    assert "before a court" in notices.of(world.id("li"))[0].sentence
    assert list(doors.court_dates_for(world.actor("li"))) == [past, soon]
    assert list(doors.court_dates_for(world.actor("costa"))) == []
    with pytest.raises(Invalid, match="still to come"):
        acts.note_outcome(soon.pk, "Adjourned", by=lead)
    with pytest.raises(Invalid):
        acts.note_outcome(past.pk, " ", by=lead)
    acts.note_outcome(past.pk, "Adjourned", by=lead)
    with pytest.raises(WrongState, match="is noted"):
        acts.note_outcome(past.pk, "No", by=lead)
    with pytest.raises(WrongState, match="took place"):
        acts.withdraw_court_date(past.pk, by=lead)
    acts.withdraw_court_date(far_off.pk, by=lead)
    with pytest.raises(WrongState, match="before"):
        acts.withdraw_court_date(far_off.pk, by=lead)
    assert doors.court_dates_of(case) == [past, soon]
    with pytest.raises(Invalid):
        acts.set_court_date(case.pk, at=now, court="", by=lead)
