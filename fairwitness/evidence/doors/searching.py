"""What a search over everything finds in this room: recordings, and notes at their moments."""

from django.db.models import Q
from django.urls import reverse

from fairwitness.evidence.doors.reach import far, narrowed, seen
from fairwitness.evidence.doors.recordings import Filters, listing
from fairwitness.evidence.models import Note, Recording
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


def notes(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """Notes at a moment of a recording that opens to the actor: what is written of footage is kept as it is."""
    if not actor.member_id:
        return []
    rows = Note.objects.filter(withdrawn_at=None, recording__status=Recording.Status.SEALED)
    for word in asked.words:
        rows = rows.filter(Q(text__icontains=word))
    if within := span(asked):
        rows = rows.filter(made_at__gte=within[0], made_at__lt=within[1])
    rows = rows.filter(recording__in=narrowed(actor, "open").values("pk"))
    found = rows.select_related("recording", "author").order_by("-made_at", "-id")[:most]
    return [
        Hit(
            each.recording.number,
            f"{reverse('recording', args=[each.recording_id])}#t={each.at_ms / 1000:.3f}",
            parts_of([each.text], asked),
            each.made_at,
            at_ms=each.at_ms,
            words=each.author.name,
        )
        for each in found
    ]
