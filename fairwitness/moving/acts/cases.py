"""Cases of another system become cases here: opened, with people, incidents and what they hold; left as they were."""

import datetime as dt
import os
from collections.abc import Callable, Hashable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

from django.utils.translation import gettext as _

from fairwitness.cases import acts
from fairwitness.cases.acts.writing import to_be_named
from fairwitness.cases.models import Case, CaseIncident, CaseMember, Item, Person
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.acts.delivered import comparable
from fairwitness.evidence.acts.delivery import said_of
from fairwitness.evidence.acts.hold import cleaned, digest_of
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.change import change
from fairwitness.kernel.refusals import Invalid, Refusal, StoreFull, Unavailable
from fairwitness.moving import events
from fairwitness.moving.acts.arrival import Run, Waiting, name_of
from fairwitness.moving.acts.lines import Line, whole
from fairwitness.moving.acts.vendor import SaidCase, Vendor, words_of
from fairwitness.moving.doors import arrivals
from fairwitness.moving.models import ArrivedCase, Outcome

LEAD, MEMBER = CaseMember.Role.LEAD, CaseMember.Role.MEMBER
LONGEST_ID, LONGEST_TITLE, LONGEST_REFERENCE, LONGEST_ABOUT, LONGEST_NOTE = 200, 200, 80, 500, 4000


def bring_cases(run: Run) -> None:
    """Every case that the source names, one after the other; what one of them refuses keeps no other back."""
    for said in run.plan.cases.values():
        try:
            row = _found(run, said)
        except (StoreFull, Unavailable):
            raise
        except Refusal as refusal:
            line = Line("case", Outcome.NOT, said.external_id, refusal.sentence, said=words_of(said.row))
            for each in (*whole(line), *_besides(said)):
                run.note(each)
            continue
        _Filling(run, said, row).all()
        _settle(run, said, row)


def _found(run: Run, said: SaidCase) -> ArrivedCase:
    row = arrivals.arrived_case(run.plan.vendor.key, comparable(said.external_id))
    if row is None:
        row = open_arrived(run, said)
    mine = run.arrival is not None and row.arrival_id == run.arrival.pk
    outcome = Outcome.ARRIVED if mine else Outcome.HERE
    run.note(_of(row, said, Line("case", outcome, said.external_id, number=row.case.number, said=said.title)))
    for line in unclaimed(run.plan.vendor, said):
        run.note(_of(row, said, line))
    return row


def _of(row: ArrivedCase, said: SaidCase, line: Line) -> Line:
    return replace(line, case=said.external_id, case_id=str(row.case_id))


def open_arrived(run: Run, said: SaidCase) -> ArrivedCase:
    """Open a case for one of the other system's, with everything that its row says as a note. Raises Invalid.

    It is led by its owner, where that is somebody here who can be named in a case; else by nobody yet.
    """
    key, name = comparable(said.external_id), run.plan.vendor
    if len(key) > LONGEST_ID:
        raise Invalid(_("Its number is too long to be one."))
    arrival = run.opened()
    with change(events.CASE_ARRIVED, by=run.by) as entry:
        lead = _leader(said.owner)
        case = acts.open_case(
            title=_short(said.title or said.external_id, LONGEST_TITLE),
            kind=name.code("kinds", said.kind) or Case.Kind.UNSAID,
            reference=said.external_id if len(said.external_id) <= LONGEST_REFERENCE else "",
            lead_id=lead.pk if lead else None,
            by=run.by,
        )
        words = _("As {system} had it:").format(system=name.name)
        text = f"{words}\n{words_of(said.row) or said.external_id}"
        for at in range(0, len(text), LONGEST_NOTE):
            if part := text[at : at + LONGEST_NOTE].strip():
                acts.add_case_note(case.pk, part, by=run.by)
        row = ArrivedCase(mapping=name.key, external_id=key, case=case, arrival=arrival)
        row.save(force_insert=True)
        entry.about(arrival, case, arrival_id=arrival.pk, case_id=case.pk, external_sha256=digest_of(key))
    return row


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _leader(owner: str) -> Member | None:
    """Who is named as the owner, where a case can be led by them."""
    member = department.member_named(owner) if owner else None
    try:
        return to_be_named(member.pk) if member else None
    except Refusal:
        return None


def unclaimed(by: Vendor, said: SaidCase) -> list[Line]:
    """What the source says of a case and nobody here can claim."""
    found = []
    if said.owner and _leader(said.owner) is None:
        why = _("Its owner is nobody here who can lead a case; it is led by nobody yet.")
        found.append(Line("case", Outcome.UNCLAIMED, said.external_id, why, said=said.owner))
    if said.state and not by.code("states", said.state):
        why = _("The mapping does not know this state; the case is open, and keeps what it holds.")
        found.append(Line("case", Outcome.UNCLAIMED, said.external_id, why, said=said.state))
    if said.kind and not by.code("kinds", said.kind):
        why = _("The mapping does not know what this case is about; it is left unsaid.")
        found.append(Line("case", Outcome.UNCLAIMED, said.external_id, why, said=said.kind))
    return found + _besides(said)


def _besides(said: SaidCase) -> list[Line]:
    """What rows say that have no place here, in their own words; several rows of one case may differ."""
    other = _("Another row of the table says this of the case; its first row counts.")
    more = _("Its row says this as well, which has no place here.")
    lines = (
        Line(kind, Outcome.UNCLAIMED, name, other if kind == "case" else more, said=words)
        for kind, name, words in said.besides
    )
    return [each for line in lines for each in whole(line)]


def _settle(run: Run, said: SaidCase, row: ArrivedCase) -> None:
    """Leave the case as the source has it, once: whether it is open from then on is decided here alone."""
    if row.settled_at:
        return
    with change(events.CASE_SETTLED, by=run.by) as entry:
        row = arrivals.locked_case(row.pk)
        if (
            run.plan.vendor.code("states", said.state) == Case.Status.CLOSED
            and row.case.status == Case.Status.OPEN
        ):
            words = _("It was closed in {system}.").format(system=run.plan.vendor.name)
            acts.close_case(row.case_id, words, by=run.by)
        row.settled_at = clock.now()
        row.save(update_fields=["settled_at"])
        entry.about(row.arrival, row.case, arrival_id=row.arrival_id, case_id=row.case_id)


class _Filling:
    """One case being filled. What was ever in it, and people took out again, is not put back."""

    def __init__(self, run: Run, said: SaidCase, row: ArrivedCase) -> None:
        self.run, self.said, self.row = run, said, row
        self.case_id = row.case_id
        # What of it was met in this run: whatever the source names twice arrives once.
        self.met: set[tuple[str, Hashable]] = set()

    def all(self) -> None:
        """Members, persons, incidents, items."""
        for name, role in ([(self.said.owner, LEAD)] if self.said.owner else []) + self.said.members:
            self._member(name, role)
        for name, role, about in self.said.people:
            self._person(name, role, about)
        for number in self.said.incidents:
            self._incident(number)
        for number in self.said.evidence:
            self._item(number)

    def _note(self, kind: str, outcome: str, name: str, why: str = "", **more: str) -> None:
        self.run.note(_of(self.row, self.said, Line(kind, outcome, name, why, **more)))

    def _cut(self, kind: str, name: str, text: str, most: int) -> None:
        """Name in the report what is too long to be kept with something."""
        if len(text) > most:
            why = _("The text is too long to be kept whole with it. It says:")
            for line in whole(Line(kind, Outcome.UNCLAIMED, name, why, said=text)):
                self.run.note(_of(self.row, self.said, line))

    def _known(self, kind: str, name: str, key: Hashable, since: dt.datetime, **more: str) -> None:
        """Note what is in the case already: it arrived, where this arrival brought it before it was broken off."""
        mine = self.run.brought(since) and (kind, key) not in self.met
        self.met.add((kind, key))
        self._note(kind, Outcome.ARRIVED if mine else Outcome.HERE, name, **more)

    def _done(self, kind: str, name: str, key: Hashable, do: Callable[[], object], **more: str) -> None:
        self.met.add((kind, key))
        try:
            do()
        except (StoreFull, Unavailable):
            raise
        except Refusal as refusal:
            self._note(kind, Outcome.NOT, name, refusal.sentence, **more)
        else:
            self._note(kind, Outcome.ARRIVED, name, **more)

    def _member(self, name: str, role: str) -> None:
        member = department.member_named(name) if name else None
        if member is None:
            if role != LEAD or name != self.said.owner:
                self._note(
                    "member",
                    Outcome.UNCLAIMED,
                    name or "–",
                    _("This is nobody here, or more than one."),
                    said=role,
                )
            return
        part = role if role in CaseMember.Role.values else self.run.plan.vendor.code("members", role)
        if role and not part:
            self._note(
                "member", Outcome.UNCLAIMED, name, _("The mapping does not know this part."), said=role
            )
        if first := CaseMember.objects.filter(case=self.case_id, member=member).order_by("since").first():
            self._known("member", name, member.pk, first.since)
            return
        do = partial(acts.add_member, self.case_id, member.pk, part or MEMBER, by=self.run.by)
        self._done("member", name, member.pk, do)

    def _person(self, name: str, role: str, about: str) -> None:
        code = self.run.plan.vendor.code("people", role) or Person.Role.UNSAID
        if role and code == Person.Role.UNSAID:
            self._note(
                "person", Outcome.UNCLAIMED, name or "–", _("The mapping does not know this part."), said=role
            )
            words = _("Part in {system}: {part}").format(system=self.run.plan.vendor.name, part=role)
            about = "\n".join(filter(None, (words, about)))
        self._cut("person", name or "–", about, LONGEST_ABOUT)
        about = _short(about, LONGEST_ABOUT)
        try:
            key = {"name": " ".join(cleaned(name, LONGEST_TITLE, "name").split()), "role": code}
            key["about"] = cleaned(about, LONGEST_ABOUT, "about")
        except Refusal as refusal:
            self._note("person", Outcome.NOT, name, refusal.sentence, said=role)
            return
        if first := Person.objects.filter(case=self.case_id, **key).order_by("added_at").first():
            self._known("person", name, tuple(key.values()), first.added_at, said=role)
        elif not key["name"]:
            self._note("person", Outcome.NOT, "–", _("The row has no name."), said=role)
        else:
            do = partial(acts.add_person, self.case_id, **key, by=self.run.by)
            self._done("person", name, tuple(key.values()), do, said=role)

    def _incident(self, number: str) -> None:
        found = incidents.incident_by_number(number)
        if found is None:
            self._note("incident", Outcome.UNCLAIMED, number, _("No incident has this number here yet."))
        elif (
            first := CaseIncident.objects.filter(case=self.case_id, incident=found).order_by("since").first()
        ):
            self._known("incident", number, found.pk, first.since)
        else:
            do = partial(acts.link_incident, self.case_id, found.pk, by=self.run.by)
            self._done("incident", number, found.pk, do)

    def _item(self, number: str) -> None:
        key = comparable(number)
        waiting = self.run.files.get(key, [])
        found = self.run.recordings.get(key) or arrivals.recordings_of(self.row.mapping, number)
        if not found and not waiting:
            self._note("item", Outcome.NOT, number, _("The case names it, and it did not come."))
        for each in found:
            if first := Item.objects.filter(case=self.case_id, recording=each).order_by("added_at").first():
                self._known("item", number, each.pk, first.added_at, number=each.number)
            else:
                do = partial(acts.take_in, self.case_id, each.pk, by=self.run.by)
                self._done("item", number, each.pk, do, number=each.number)
        for file in waiting:
            self._file(file)

    def _file(self, found: Waiting) -> None:
        """A photograph or document of the case: sealed in it, with what the source says of it in its own words."""
        name = name_of(self.run, found.path)
        self._cut("file", name, self._because(found), LONGEST_ABOUT)
        rows = Item.objects.filter(case=self.case_id, file__sha256=found.sha256).select_related("file")
        if (first := rows.order_by("added_at").first()) and first.file:
            number, since = first.file.number, first.added_at
            self._known("file", name, found.sha256, since, number=number, sha256=found.sha256)
            self.run.placed.add(found.path)
        else:
            do = partial(self._seal, found)
            self._done("file", name, found.sha256, do, sha256=found.sha256)

    def _because(self, found: Waiting) -> str:
        words = _("As {system} had it:").format(system=self.run.plan.vendor.name)
        return f"{words}\n{words_of(found.told.row)}"

    def _seal(self, found: Waiting) -> None:
        said = said_of(found.path, found.told)
        # A time to come is nobody's: it stays in the source's words.
        made_at = said.started if said.started and said.started <= clock.now() else None
        with _opened(found.path) as source:
            acts.keep_file(
                self.case_id,
                source,
                found.path.name,
                kind=found.kind,
                because=_short(self._because(found), LONGEST_ABOUT),
                made_at=made_at,
                by=self.run.by,
            )
        self.run.placed.add(found.path)


def _opened(path: Path) -> BinaryIO:
    """A delivered file, never through a link. Raises Invalid where it went or cannot be read since it was looked at."""
    try:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
    except OSError as error:
        raise Invalid(_("It cannot be opened: {why}.").format(why=error.strerror)) from error
