"""The history of a thing in sentences, read from the ledger."""

import datetime as dt
import re
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.events import REGISTER
from fairwitness.kernel.models import Entry, EntryPrivate, EntrySubject
from fairwitness.kernel.refusals import NotFound

# How to name the things of a kind: filled by site/naming.py, which alone knows every room.
NAMERS: dict[str, Callable[[Iterable[uuid.UUID]], Mapping[uuid.UUID, str]]] = {}
# Where the things of a kind lie, for those whom a person may find: name and address; filled likewise.
PLACES: dict[str, Callable[[Actor, Iterable[uuid.UUID]], Mapping[uuid.UUID, tuple[str, str]]]] = {}
# What the system does under each of its names (`actors.system(name)`), in words; filled likewise.
SYSTEMS: dict[str, str | Promise] = {}
# A moment as facts have it (kernel/clock.py): RFC 3339 in UTC with microseconds.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
# What a fact of a name says in words, where it is a code; filled likewise.
CODES: dict[str, Mapping[str, str | Promise]] = {}
# How many entries a page shows.
PAGE = 100
# Which kind of thing an actor of a kind is.
ACTORS = {"member": "department.member", "device": "accounts.token", "guest": "sharing.guest"}
# Which kind of thing a fact called `<name>_id` names.
ID_FACTS: dict[str, str] = {}


@dataclass(frozen=True)
class Line:
    """One sentence of a history. `facts` are the entry's own, or None when they were erased by rule."""

    entry_id: uuid.UUID
    at: dt.datetime
    event: str
    actor: str
    sentence: str
    facts: Mapping[str, Any] | None
    index: int | None = None


@dataclass(frozen=True)
class Page:
    """A page of a history, newest first; `earlier` is the cursor of what came before it, empty at the beginning."""

    lines: list[Line]
    earlier: str = ""

    def ways(self, address: str, before: str) -> dict[str, str]:
        """For the page of the thing, at `address` and opened at `before`: the ways to what came earlier, and back."""
        return {
            "earlier_url": f"{address}?{urlencode({'before': self.earlier})}#history" if self.earlier else "",
            "latest_url": f"{address}#history" if before else "",
        }


def page(kind: str, subject: uuid.UUID, *, before: str = "", size: int = PAGE) -> Page:
    """The latest entries about one thing, or those before a cursor. Raises NotFound for what is no cursor."""
    rows = list(_about(kind, subject, before).order_by("-at", "-id")[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return Page(tell(rows[:size]), f"{last.at.isoformat()}~{last.id}" if last else "")


def of(kind: str, subject: uuid.UUID) -> list[Line]:
    """Every entry about one thing, oldest first, however many there are."""
    return tell(_about(kind, subject).order_by("at", "id"))


def of_many(kind: str, subjects: Iterable[uuid.UUID]) -> dict[uuid.UUID, list[Line]]:
    """Every entry about each of these things, oldest first, in five queries whatever their number."""
    rows = list(
        EntrySubject.objects.filter(kind=kind, subject__in=list(subjects)).values_list("subject", "entry_id")
    )
    lines = {
        line.entry_id: line
        for line in tell(Entry.objects.filter(id__in={entry_id for _key, entry_id in rows}))
    }
    found: dict[uuid.UUID, list[Line]] = defaultdict(list)
    for subject, entry_id in rows:
        if entry_id in lines:
            found[subject].append(lines[entry_id])
    return {subject: sorted(of, key=lambda line: (line.at, line.entry_id)) for subject, of in found.items()}


def _about(kind: str, subject: uuid.UUID, before: str = "") -> QuerySet[Entry]:
    entries = Entry.objects.filter(
        id__in=EntrySubject.objects.filter(kind=kind, subject=subject).values("entry_id")
    )
    if not before:
        return entries
    at, _sep, key = before.partition("~")
    try:
        moment, entry_id = dt.datetime.fromisoformat(at), uuid.UUID(key)
    except ValueError as error:
        raise NotFound("This page of the history does not exist.") from error
    if moment.tzinfo is None:
        raise NotFound("This page of the history does not exist.")
    return entries.filter(Q(at__lt=moment) | Q(at=moment, id__lt=entry_id))


def by_actor(actor_key: str, limit: int = 20) -> list[Line]:
    """The latest entries of one actor, newest first."""
    return tell(Entry.objects.filter(actor=actor_key).order_by("-at", "-id")[:limit])


def tell(entries: Iterable[Entry]) -> list[Line]:
    """Entries as sentences, with people and things by name, in four queries whatever their number."""
    rows = list(entries)
    facts = dict(
        EntryPrivate.objects.filter(entry_id__in=[e.id for e in rows]).values_list("entry_id", "facts")
    )
    names = _names(rows, facts.values())
    return [_line(entry, facts.get(entry.id), names) for entry in rows]


def _names(entries: list[Entry], facts: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    wanted: dict[str, set[uuid.UUID]] = defaultdict(set)
    for entry in entries:
        kind, _sep, key = entry.actor.partition(":")
        if kind in ACTORS:
            wanted[ACTORS[kind]].add(uuid.UUID(key))
    for each in facts:
        for name, value in each.items():
            if name.endswith("_id") and name in ID_FACTS:
                wanted[ID_FACTS[name]].add(uuid.UUID(value))
    named: dict[str, str] = {}
    for kind, ids in wanted.items():
        if kind in NAMERS:
            named.update({str(pk): name for pk, name in NAMERS[kind](ids).items()})
    return named


def _line(entry: Entry, facts: Mapping[str, Any] | None, names: Mapping[str, str]) -> Line:
    event = REGISTER.get(entry.event)
    words = {k: names.get(str(v), _written(k, str(v))) for k, v in (facts or {}).items()}
    words["actor"] = actor_name(entry.actor, names)
    sentence = event.tell(words) if event else f"{words['actor']}: {entry.event}"
    return Line(entry.id, entry.at, entry.event, words["actor"], sentence, facts)


def _written(name: str, fact: str) -> str:
    """A fact as people read it: a moment as the agency writes dates, a code in its words, all else as it stands."""
    if not MOMENT.fullmatch(fact):
        return str(CODES.get(name, {}).get(fact, fact))
    return agency().written(dt.datetime.fromisoformat(fact))


def actor_name(key: str, names: Mapping[str, str]) -> str:
    """An actor in words: a member by name, the system by its job, the public as the public."""
    kind, _sep, rest = key.partition(":")
    if kind == "member":
        return names.get(rest, _("A member"))
    if kind == "system":
        return _("The system ({doing})").format(doing=SYSTEMS.get(rest, rest))
    if kind == "device":
        return names.get(rest, _("A device"))
    if kind == "guest":
        return names.get(rest, _("A guest"))
    return _("A member of the public")


def places(actor: Actor, facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The things that facts name by id and that `actor` may find, each with its name and address."""
    found: list[tuple[str, str]] = []
    for name, value in facts.items():
        kind = ID_FACTS.get(name, "")
        if kind in PLACES and (pk := as_id(value)):
            found += PLACES[kind](actor, [pk]).values()
    return found


def as_id(value: object) -> uuid.UUID | None:
    """The id that a fact is, or None."""
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
