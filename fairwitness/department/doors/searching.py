"""What a search over everything finds in this room: people by name or badge."""

from django.urls import reverse

from fairwitness.department.doors.people import Sought, list_members
from fairwitness.department.doors.reach import may_list_members
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.hits import Hit, parts_of
from fairwitness.rules.searching import Asked


def members(actor: Actor, asked: Asked, most: int) -> list[Hit]:
    """The members whom the actor may find. Nobody is found by a day."""
    if asked.day or not may_list_members(actor):
        return []
    rows = list_members(actor, Sought(text=asked.text)).order_by("family_name", "given_name", "id")
    return [
        Hit(
            each.name,
            reverse("member", args=[each.pk]),
            parts_of([f"{each.given_name} {each.family_name}, {each.badge}"], asked),
            words=getattr(each, "unit_name", ""),
        )
        for each in rows[:most]
    ]
