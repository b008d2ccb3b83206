"""The doors of the department: the only way to its records, narrowed to who asks."""

import uuid
from typing import Any

from django.db.models import Q

from fairwitness.department.models import Member, RoleHeld
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import Role


def today() -> Any:
    """The day it is where the agency is."""
    return clock.now().astimezone(agency().tz).date()


def holding_today() -> Q:
    """The condition that a dated row (posting, role held) holds today."""
    day = today()
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


def actor_of(user: Any) -> Actor:
    """The actor behind a sign-in: a member who has not left, with the roles held today; anyone else is the public."""
    member = Member.objects.filter(user_id=user.pk).first()
    if member is None or (member.left_on and member.left_on <= today()):
        return PUBLIC
    return actors.member(member.pk, roles_today(member.pk))


def roles_today(member_id: uuid.UUID) -> frozenset[Role]:
    """The roles that a member holds today."""
    held = RoleHeld.objects.filter(holding_today(), member_id=member_id).values_list("role", flat=True)
    return frozenset(Role(role) for role in held)
