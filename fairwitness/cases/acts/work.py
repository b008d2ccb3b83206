"""What is written in a case: persons, notes, tasks, court dates. Nothing of it is ever overwritten."""

import datetime as dt
import uuid

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.cases import doors, events
from fairwitness.cases.models import Case, CaseNote, CourtDate, Person, Task
from fairwitness.department import doors as department
from fairwitness.evidence.acts.hold import cleaned
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, Invalid, WrongState
from fairwitness.rules.canonical import canonical, named_digest

LONGEST = {"name": 200, "about": 500, "note": 4000, "task": 500, "court": 200, "what": 300, "outcome": 1000}


def _open(case_id: uuid.UUID, act: str, by: Actor) -> Case:
    case = doors.case(by, case_id, act, lock=True)
    doors.check_open(case)
    return case


def _check_standing(row: Person | CaseNote | Task | CourtDate) -> None:
    doors.check_open(row.case)
    if row.withdrawn_at:
        raise WrongState(_("This was withdrawn before."))


# Persons


def add_person(case_id: uuid.UUID, *, name: str, role: str, about: str = "", by: Actor) -> Person:
    """Write down whom a case is about, and as what. Raises Invalid, WrongState where the case is closed."""
    name = " ".join(cleaned(name, LONGEST["name"], "name", needed=True).split())
    about = cleaned(about, LONGEST["about"], "about")
    if role not in Person.Role.values:
        raise Invalid(_("Say as what this person is in the case."), role=[_("Choose one.")])
    with change(events.PERSON_ADDED, by=by) as entry:
        case = _open(case_id, "add_person", by)
        person = Person(case=case, name=name, role=role, about=about, added_at=clock.now())
        person.added_by_id = by.member_id
        person.save(force_insert=True)
        words = named_digest(canonical({"name": name, "about": about}))
        entry.about(case, person, case_id=case.pk, person_id=person.pk, person_role=role, words_sha256=words)
    return person


def withdraw_person(person_id: uuid.UUID, *, by: Actor) -> Person:
    """Withdraw a person who was written down by mistake; the row stays, marked. Raises WrongState."""
    with change(events.PERSON_WITHDRAWN, by=by) as entry:
        person = doors.row_for(Person, by, person_id, "withdraw_person", lock=True)
        _check_standing(person)
        person.withdrawn_at = clock.now()
        person.save(update_fields=["withdrawn_at"])
        entry.about(person.case, person, case_id=person.case_id, person_id=person.pk, person_role=person.role)
    return person


# Notes


def add_case_note(case_id: uuid.UUID, text: str, *, by: Actor) -> CaseNote:
    """Write a note in a case; the ledger binds its text by digest alone. Raises Invalid, WrongState."""
    text = cleaned(text, LONGEST["note"], "text", needed=True)
    with change(events.CASE_NOTE_ADDED, by=by) as entry:
        case = _open(case_id, "note", by)
        note = CaseNote(case=case, author_id=by.member_id, text=text, made_at=clock.now())
        note.save(force_insert=True)
        entry.about(case, note, case_id=case.pk, note_id=note.pk, text_sha256=named_digest(text))
    return note


def withdraw_case_note(note_id: uuid.UUID, *, by: Actor) -> CaseNote:
    """Withdraw a note of one's own; it stays, marked. Raises Forbidden for another's, WrongState."""
    with change(events.CASE_NOTE_WITHDRAWN, by=by) as entry:
        note = doors.row_for(CaseNote, by, note_id, "note", lock=True)
        if note.author_id != by.member_id:
            raise Forbidden(_("Only the author can withdraw a note."), act="note")
        _check_standing(note)
        note.withdrawn_at = clock.now()
        note.save(update_fields=["withdrawn_at"])
        entry.about(note.case, note, case_id=note.case_id, note_id=note.pk)
    return note


# Tasks


def add_task(
    case_id: uuid.UUID, text: str, member_id: uuid.UUID, due: dt.date | None = None, *, by: Actor
) -> Task:
    """Give somebody who is named in the case something to do. Raises Invalid for anybody else, or for a day gone by."""
    text = cleaned(text, LONGEST["task"], "text", needed=True)
    if due and due < department.today():
        raise Invalid(_("That day is over."), due=[_("Choose a later day.")])
    with change(events.TASK_ADDED, by=by) as entry:
        case = _open(case_id, "add_task", by)
        if not case.members.filter(member=member_id, until=None).exists():
            words = _("Only who is named in the case can be given a task in it.")
            raise Invalid(words, member=[words])
        task = Task(case=case, text=text, member_id=member_id, due=due, made_at=clock.now())
        task.made_by_id = by.member_id
        task.save(force_insert=True)
        entry.about(case, task, case_id=case.pk, task_id=task.pk, member_id=member_id, due=due)
        entry.about(text_sha256=named_digest(text))
        if member_id != by.member_id:
            sentence = _("You have a task in the case {number}.").format(number=case.number)
            notify([member_id], sentence, reverse("case", args=[case.pk]))
    return task


def finish_task(task_id: uuid.UUID, *, by: Actor) -> Task:
    """Say that a task is done. Raises WrongState where it was, or was withdrawn."""
    with change(events.TASK_DONE, by=by) as entry:
        task = doors.row_for(Task, by, task_id, "do_task", lock=True)
        _check_standing(task)
        if task.done_at:
            raise WrongState(_("This was done before."))
        task.done_at, task.done_by_id = clock.now(), by.member_id
        task.save(update_fields=["done_at", "done_by"])
        entry.about(task.case, task, case_id=task.case_id, task_id=task.pk)
    return task


def withdraw_task(task_id: uuid.UUID, *, by: Actor) -> Task:
    """Withdraw a task that is not to be done any more; it stays, marked. Raises WrongState."""
    with change(events.TASK_WITHDRAWN, by=by) as entry:
        task = doors.row_for(Task, by, task_id, "add_task", lock=True)
        _check_standing(task)
        if task.done_at:
            raise WrongState(_("This was done before."))
        task.withdrawn_at = clock.now()
        task.save(update_fields=["withdrawn_at"])
        entry.about(task.case, task, case_id=task.case_id, task_id=task.pk)
    return task


# Court dates


def set_court_date(
    case_id: uuid.UUID, *, at: dt.datetime, court: str, what: str = "", by: Actor
) -> CourtDate:
    """Set when a case is before a court; everyone named in it is told. Raises Invalid, WrongState."""
    court = " ".join(cleaned(court, LONGEST["court"], "court", needed=True).split())
    what = cleaned(what, LONGEST["what"], "what")
    with change(events.COURT_DATE_SET, by=by) as entry:
        case = _open(case_id, "set_court_date", by)
        made = CourtDate(case=case, at=at, court=court, what=what, made_at=clock.now())
        made.made_by_id = by.member_id
        made.save(force_insert=True)
        words = named_digest(canonical({"court": court, "what": what}))
        entry.about(case, made, case_id=case.pk, court_date_id=made.pk, court_at=at, words_sha256=words)
        _tell_of(case, at, by)
    return made


def _tell_of(case: Case, at: dt.datetime, by: Actor) -> None:
    told = [row.member_id for row in doors.members_of(case) if row.member_id != by.member_id]
    day = agency().written(at)
    sentence = _("The case {number} is before a court on {day}.").format(number=case.number, day=day)
    notify(told, sentence, reverse("case", args=[case.pk]))


def note_outcome(court_date_id: uuid.UUID, outcome: str, *, by: Actor) -> CourtDate:
    """Note what came of a court date, once. Raises Invalid without words or before its time, WrongState."""
    outcome = cleaned(outcome, LONGEST["outcome"], "outcome", needed=True)
    with change(events.COURT_OUTCOME_NOTED, by=by) as entry:
        row = doors.row_for(CourtDate, by, court_date_id, "set_court_date", lock=True)
        _check_standing(row)
        if row.outcome_at:
            raise WrongState(_("What came of it is noted. Write a note in the case to add to it."))
        if row.at > clock.now():
            raise Invalid(_("That date is still to come."), outcome=[_("That date is still to come.")])
        row.outcome, row.outcome_at = outcome, clock.now()
        row.save(update_fields=["outcome", "outcome_at"])
        entry.about(row.case, row, case_id=row.case_id, court_date_id=row.pk)
        entry.about(outcome_sha256=named_digest(outcome))
    return row


def withdraw_court_date(court_date_id: uuid.UUID, *, by: Actor) -> CourtDate:
    """Withdraw a court date that does not take place, or was wrong; it stays, marked. Raises WrongState."""
    with change(events.COURT_DATE_WITHDRAWN, by=by) as entry:
        row = doors.row_for(CourtDate, by, court_date_id, "set_court_date", lock=True)
        _check_standing(row)
        if row.outcome_at:
            raise WrongState(_("What came of it is noted, so it took place."))
        row.withdrawn_at = clock.now()
        row.save(update_fields=["withdrawn_at"])
        entry.about(row.case, row, case_id=row.case_id, court_date_id=row.pk)
    return row
