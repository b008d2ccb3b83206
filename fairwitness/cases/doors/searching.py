"""What a search over everything finds in this room: cases, persons, notes, files and court dates."""

from collections.abc import Callable, Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from fairwitness.cases.doors.cases import words
from fairwitness.cases.doors.contents import files_seen
from fairwitness.cases.doors.reach import may_list, narrowed
from fairwitness.cases.models import CaseNote, CourtDate, Item, Person
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.hits import Hit, parts_of, span
from fairwitness.rules.searching import Asked


def cases(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Cases by number, title or reference."""
    rows = _within(narrowed(actor).filter(words(asked.text)), "opened_at", asked)
    return [
        Hit(
            each.number,
            reverse("case", args=[each.pk]),
            parts_of([each.title, each.reference, each.number], asked),
            each.opened_at,
            words=each.get_status_display(),
        )
        for each in rows.order_by("-opened_at", "-id")[:most]
    ]


def persons(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Persons by what is written of them, in the cases that the actor may find."""
    rows = _rows(actor, Person.objects.all(), ("name", "about"), "added_at", asked)
    return _hits(rows[:most], "persons", lambda each: [each.name, each.about], "added_at", asked)


def notes(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Notes of cases."""
    rows = _rows(actor, CaseNote.objects.all(), ("text",), "made_at", asked)
    return _hits(rows[:most], "notes", lambda each: [each.text], "made_at", asked)


def court_dates(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Court dates by court, what for, outcome, or when."""
    rows = _rows(actor, CourtDate.objects.all(), ("court", "what", "outcome"), "at", asked)
    return _hits(rows[:most], "court", lambda each: [each.court, each.what, each.outcome], "at", asked)


def files(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Files by number, name, or why they are in their case."""
    if not may_list(actor):
        return []
    rows: QuerySet[Any] = Item.objects.filter(
        file__in=files_seen(actor), withdrawn_at=None, case__in=narrowed(actor).values("pk")
    )
    for word in asked.words:
        rows = rows.filter(
            Q(file__number__icontains=word) | Q(file__name__icontains=word) | Q(because__icontains=word)
        )
    rows = _within(rows, "file__sealed_at", asked).select_related("file", "case")
    return [
        Hit(
            each.file.number,
            f"{reverse('case', args=[each.case_id])}#holds",
            parts_of([each.file.name, each.because, each.file.number], asked),
            each.file.sealed_at,
            words=each.case.number,
        )
        for each in rows.order_by("-file__sealed_at", "-id")[:most]
        if each.file
    ]


def _rows(
    actor: Actor, rows: QuerySet[Any], fields: tuple[str, ...], moment: str, asked: Asked
) -> QuerySet[Any]:
    """What was not withdrawn, of cases that the actor may find, with every word somewhere in `fields`; latest first."""
    if not may_list(actor):
        return rows.none()
    for word in asked.words:
        somewhere = Q()
        for name in fields:
            somewhere |= Q(**{f"{name}__icontains": word})
        rows = rows.filter(somewhere)
    rows = _within(rows.filter(withdrawn_at=None, case__in=narrowed(actor).values("pk")), moment, asked)
    return rows.select_related("case").order_by(f"-{moment}", "-id")


def _within(rows: QuerySet[Any], moment: str, asked: Asked) -> QuerySet[Any]:
    within = span(asked)
    return rows.filter(**{f"{moment}__gte": within[0], f"{moment}__lt": within[1]}) if within else rows


def _hits(
    rows: Iterable[Any], place: str, texts: Callable[[Any], list[str]], moment: str, asked: Asked
) -> list[Hit]:
    return [
        Hit(
            each.case.number,
            f"{reverse('case', args=[each.case_id])}#{place}",
            parts_of(texts(each), asked),
            getattr(each, moment),
            words=each.case.title,
        )
        for each in rows
    ]
