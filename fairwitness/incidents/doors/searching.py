"""What a search over everything finds in this room: incidents by number, kind, place or time; reports by number."""

from django.urls import reverse

from fairwitness.incidents.doors.incidents import Sought, list_incidents, may_list
from fairwitness.incidents.doors.reach import may
from fairwitness.incidents.models import Report
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.hits import Hit, parts_of, span
from fairwitness.rules.searching import Asked


def incidents(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """The incidents that the actor may find."""
    if not may_list(actor):
        return []
    rows = list_incidents(actor, Sought(text=asked.text))
    if within := span(asked):
        rows = rows.filter(opened__gte=within[0], opened__lt=within[1])
    return [
        Hit(
            each.number,
            reverse("incident", args=[each.pk]),
            parts_of([f"{each.kind}, {each.place}".strip(", "), each.number], asked),
            each.opened,
        )
        for each in rows.order_by("-opened", "-id")[:most]
    ]


def reports(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """The reports in the register, for who sees it: by number, or by when they were filed."""
    if not may(actor, "see_reports"):
        return []
    rows = Report.objects.filter(withdrawn_at=None)
    for word in asked.words:
        rows = rows.filter(number__icontains=word)
    if within := span(asked):
        rows = rows.filter(filed_at__gte=within[0], filed_at__lt=within[1])
    found = rows.select_related("incident", "author").order_by("-filed_at", "-id")[:most]
    return [
        Hit(
            each.number,
            f"{reverse('incident', args=[each.incident_id])}#reports",
            parts_of([each.number], asked),
            each.filed_at,
            words=f"{each.get_kind_display()}, {each.incident.number}",
        )
        for each in found
    ]
