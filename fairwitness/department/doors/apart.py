"""Roles that must not meet in one person (CJIS AC-5): which they are is data of the agency's profile."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.department.doors.chain import holding_on, today
from fairwitness.department.models import Member, RoleHeld
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS, Role


def held_between(member_id: uuid.UUID, since: dt.date, until: dt.date | None) -> QuerySet[RoleHeld]:
    """The roles that a member holds on any day from `since` up to, but not including, `until` (for ever)."""
    begins_before = Q() if until is None else Q(since__lt=until)
    ends_after = Q(until=None) | Q(until__gt=since)
    # One that ended as it began holds on no day.
    return RoleHeld.objects.filter(begins_before, ends_after, member=member_id).exclude(until=F("since"))


def held_apart(
    member_id: uuid.UUID, role: Role, since: dt.date, until: dt.date | None = None
) -> QuerySet[RoleHeld]:
    """Those of them that must not meet `role`, the longest held first."""
    apart = agency().apart_from(role.value)
    return held_between(member_id, since, until).filter(role__in=apart).order_by("since", "role")


def apart_words(member: Member, role: Role, met: RoleHeld) -> str:
    """Why `member` cannot hold `role` beside `met`, in a sentence."""
    return _("{name} is “{other}”, and whoever is that must not also be “{role}” on the same day.").format(
        name=member.name, other=met.words, role=WORDS[role][0]
    )


def reasons_against(member: Member) -> dict[Role, str]:
    """The roles that `member` cannot be granted on any day from today, each with the reason."""
    for_ever = RoleHeld.objects.filter(holding_on(today()), member=member, until=None)
    reasons = {}
    for held in for_ever:
        for role in Role:
            if role.value == held.role:
                reasons[role] = _("{name} holds this role already.").format(name=member.name)
            elif role.value in agency().apart_from(held.role):
                reasons.setdefault(role, apart_words(member, role, held))
    return reasons


def meeting(held: Iterable[RoleHeld]) -> Mapping[uuid.UUID, list[RoleHeld]]:
    """For each of these roles held, those among them that its member must not hold beside it."""
    by_member: dict[uuid.UUID, list[RoleHeld]] = {}
    for each in held:
        by_member.setdefault(each.member_id, []).append(each)
    return {
        one.pk: [other for other in theirs if other.role in agency().apart_from(one.role)]
        for theirs in by_member.values()
        for one in theirs
    }
