"""What a search over everything finds in this room: recordings, their categories, and what stands at a moment in them."""

from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet
from django.urls import reverse

from fairwitness.department.models import Member
from fairwitness.evidence.doors import keeping
from fairwitness.evidence.doors.reach import far, narrowed, seen
from fairwitness.evidence.doors.recordings import Filters, listing
from fairwitness.evidence.models import Categorisation, Clip, Note, Offset, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.hits import Hit, parts_of, span
from fairwitness.kernel.roles import Reach
from fairwitness.rules.searching import Asked


def recordings(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """The recordings whose page the actor may see: by number, title, label, incident, officer, camera or time."""
    since, until = span(asked) or (None, None)
    filters = Filters(since=since, until=until, text=asked.text)
    if far(actor, "find") == Reach.ALL:
        found = listing(actor, filters, size=most).rows
    else:
        rows = filters.apply(seen(actor)).select_related("owner").order_by("-started", "-id")
        found = list(rows[:most])
    return [_recording(each, asked) for each in found]


def _recording(found: Recording, asked: Asked) -> Hit:
    lines = [line for line in found.search.splitlines() if line != found.number]
    owner = found.owner.name if found.owner else ""
    return Hit(
        found.number,
        reverse("recording", args=[found.pk]),
        parts_of([*lines, found.number], asked),
        found.started,
        words=owner,
    )


def categories(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Recordings that carry a category with these words, as the policy in force writes them; latest carried first."""
    known = keeping.category_words()
    codes = [code for code, words in known.items() if all(w.lower() in words.lower() for w in asked.words)]
    if not codes or not asked.words:
        return []
    rows = Categorisation.objects.filter(
        code__in=codes, withdrawn_at=None, recording__in=seen(actor).values("pk")
    )
    if within := span(asked):
        rows = rows.filter(recording__started__gte=within[0], recording__started__lt=within[1])
    return [
        Hit(
            each.recording.number,
            reverse("recording", args=[each.recording_id]),
            parts_of([known[each.code]], asked),
            each.recording.started,
            words=each.recording.owner.name if each.recording.owner else "",
        )
        for each in rows.select_related("recording__owner").order_by("-pk")[:most]
    ]


def notes(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Notes at a moment of a recording."""
    return _within(
        actor, Note.objects.select_related("author"), "text", "made_at", asked, most, lambda each: each.author
    )


def clips(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Clips by name, at the moment at which they begin."""
    rows = Clip.objects.select_related("asked_by").annotate(at_ms=F("begins_ms"))
    return _within(actor, rows, "name", "asked_at", asked, most, lambda each: each.asked_by)


def marks(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Moments by which a camera's clock was set right, by what is seen or said there."""
    rows = Offset.objects.select_related("found_by")
    return _within(actor, rows, "because", "found_at", asked, most, lambda each: each.found_by)


def _within(
    actor: Actor,
    rows: "QuerySet[Any]",
    text: str,
    moment: str,
    asked: Asked,
    most: int,
    who: Callable[[Any], Member],
) -> list[Hit]:
    """What stands at a moment (`at_ms`) of recordings that open to the actor: what is said of footage is kept as it is.

    `text` names the column with the words, `moment` the one that says when they were written, `who` by whom.
    """
    if not actor.member_id:
        return []
    rows = rows.filter(withdrawn_at=None, recording__status=Recording.Status.SEALED)
    for word in asked.words:
        rows = rows.filter(**{f"{text}__icontains": word})
    if within := span(asked):
        rows = rows.filter(**{f"{moment}__gte": within[0], f"{moment}__lt": within[1]})
    rows = rows.filter(recording__in=narrowed(actor, "open").values("pk")).select_related("recording")
    return [
        Hit(
            each.recording.number,
            f"{reverse('recording', args=[each.recording_id])}#t={each.at_ms / 1000:.3f}",
            parts_of([getattr(each, text)], asked),
            getattr(each, moment),
            at_ms=each.at_ms,
            words=who(each).name,
        )
        for each in rows.order_by(f"-{moment}", "-id")[:most]
    ]
