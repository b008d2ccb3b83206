"""The search over everything that somebody may see: every room is asked, each narrows to who asks by its own doors."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from fairwitness.cases.doors import searching as cases
from fairwitness.department.doors import searching as department
from fairwitness.evidence.doors import searching as evidence
from fairwitness.incidents.doors import searching as incidents
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.hits import MOST, Hit, month_first
from fairwitness.rules import searching
from fairwitness.rules.searching import Asked

Find = Callable[[Actor, Asked, int], list[Hit]]


@dataclass(frozen=True)
class Kind:
    """One kind of things: its words, who finds them, and the list that has all of them, where there is one."""

    key: str
    words: Promise
    find: Find
    listed: str = ""


# In the order in which they are shown.
KINDS = (
    Kind("recordings", _("Recordings"), evidence.recordings, "recordings"),
    Kind("categories", _("Recordings by category"), evidence.categories),
    Kind("notes", _("Notes in recordings"), evidence.notes),
    Kind("clips", _("Clips"), evidence.clips),
    Kind("marks", _("Moments by which clocks were set right"), evidence.marks),
    Kind("incidents", _("Incidents"), incidents.incidents, "incidents"),
    Kind("cases", _("Cases"), cases.cases, "cases"),
    Kind("persons", _("Persons in cases"), cases.persons),
    Kind("case-notes", _("Notes in cases"), cases.notes),
    Kind("files", _("Files"), cases.files),
    Kind("court-dates", _("Court dates"), cases.court_dates),
    Kind("reports", _("Reports"), incidents.reports),
    Kind("people", _("People of the department"), department.members, "members"),
)


@dataclass(frozen=True)
class Group:
    """What was found of one kind; `more` says that there is more, `url` leads to all of it where a list has it."""

    key: str
    words: str
    hits: list[Hit]
    more: bool
    url: str


def read(text: str) -> Asked:
    """What somebody typed, as the agency writes days."""
    return searching.asked(text, month_first=month_first())


def found(actor: Actor, asked: Asked, kept: uuid.UUID | None) -> list[Group]:
    """What the actor may see of what they look for, kind by kind; `kept` is the search under whose id lists find it."""
    groups = []
    for kind in KINDS:
        hits = kind.find(actor, asked, MOST + 1) if asked else []
        if hits:
            # A list reads the words alone: beside a day it would show something else.
            listed = kind.listed and kept and not asked.day
            url = f"{reverse(kind.listed)}?q={kept}" if listed else ""
            groups.append(Group(kind.key, str(kind.words), hits[:MOST], len(hits) > MOST, url))
    return groups
