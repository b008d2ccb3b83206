"""Notices of this room: whoever is given or loses something by another person is told, in the same change."""

import uuid
from collections.abc import Iterable

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairwitness.department import doors
from fairwitness.department.models import Member, Posting
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.notices import notify
from fairwitness.kernel.roles import OPENS_EVIDENCE, WORDS, Role


def tell(members: Iterable[uuid.UUID], sentence: str, about: Member, by: Actor) -> None:
    """Leave a notice that leads to the page of `about`. Nobody is told what they did, or the system by itself did."""
    _tell(members, sentence, reverse("member", args=[about.pk]), by)


def _tell(members: Iterable[uuid.UUID], sentence: str, path: str, by: Actor) -> None:
    others = set(members) - {by.member_id}
    if by.member_id and others:
        notify(others, sentence, path)


def tell_of_role(member: Member, role: Role, theirs: str, seen: str, by: Actor) -> None:
    """Tell the member `theirs`; and, where the role opens evidence, every chief and internal auditor `seen`.

    Both are sentences with a place for {role}, `seen` also for {name}: no grant may go unseen.
    """
    words = WORDS[role][0]
    tell([member.pk], theirs.format(role=words), member, by)
    if role in OPENS_EVIDENCE:
        overseers = {
            each.pk for held in (Role.CHIEF, Role.INTERNAL_AUDITOR) for each in doors.members_holding(held)
        }
        tell(overseers - {member.pk}, seen.format(name=member.name, role=words), member, by)


def tell_of_grant(member: Member, role: Role, by: Actor) -> None:
    """Tell of a role that was granted."""
    seen = _("{name} was granted the role {role}, which opens recordings.")
    tell_of_role(member, role, _("You were granted the role {role}."), seen, by)


def tell_of_end(member: Member, role: Role, by: Actor) -> None:
    """Tell of a role that was ended."""
    seen = _("The role {role} of {name}, which opens recordings, was ended.")
    tell_of_role(member, role, _("Your role {role} was ended."), seen, by)


def tell_of_transfer(member: Member, posting: Posting, by: Actor) -> None:
    """Tell the administrators of accounts of a posting: whether the roles still fit is theirs to see (CJIS AC-2)."""
    sentence = _("{name} was posted to {unit}. See whether their roles still fit.")
    tell(_keep_accounts(), sentence.format(name=member.name, unit=posting.unit.name), member, by)


def tell_of_transfers(count: int, by: Actor) -> None:
    """The same in one notice of all whom a roster posted to another unit."""
    if count:
        sentence = ngettext(
            "A roster posted {n} member to another unit. See whether their roles still fit.",
            "A roster posted {n} members to other units. See whether their roles still fit.",
            count,
        )
        _tell(_keep_accounts(), sentence.format(n=count), reverse("members"), by)


def _keep_accounts() -> set[uuid.UUID]:
    return {each.pk for each in doors.members_holding(Role.ACCOUNT_ADMINISTRATOR)}
