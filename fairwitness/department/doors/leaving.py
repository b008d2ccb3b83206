"""The doors to leaving: who leaves when, and what work of theirs is open then."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department.doors.cameras import wearing_at
from fairwitness.department.doors.chain import chain_below, posting_on, today
from fairwitness.department.doors.reach import reach_of
from fairwitness.department.models import Assignment, Member, Posting, RoleHeld
from fairwitness.kernel import notices
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.one import one
from fairwitness.kernel.roles import Reach


@dataclass(frozen=True)
class OpenWork:
    """Something that somebody who leaves leaves behind: what, how many, where it is, and what to do about it."""

    label: str
    count: int
    words: str = ""
    url: str = ""


# What each room knows of open work, on the last day of a member: filled by site/leaving.py, which knows every room.
OPEN_WORK: list[Callable[[Member, dt.date], Iterable[OpenWork]]] = []


def last_day(member: Member) -> dt.date:
    """The last day on which a member serves, as far as it is known; today for all who did not leave."""
    day = today()
    return min(day, member.left_on - dt.timedelta(days=1)) if member.left_on else day


def open_work(member: Member) -> list[OpenWork]:
    """What a member leaves behind, or left; what there is none of is left out."""
    day = last_day(member)
    return [work for room in OPEN_WORK for work in room(member, day) if work.count]


def work_here(member: Member, day: dt.date) -> Iterator[OpenWork]:
    """What this room knows: cameras worn on that day, people who report to them, notices they did not read."""
    ends = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=agency().tz)
    passed_on = Assignment.objects.filter(camera=OuterRef("camera"), until=None).exclude(member=member)
    worn = Assignment.objects.filter(wearing_at(ends) | Q(until__gte=ends), ~Exists(passed_on), member=member)
    serials = sorted(set(worn.values_list("camera__serial", flat=True)))
    words = _("To take back by hand: {serials}").format(serials=", ".join(serials))
    yield OpenWork(_("Cameras"), len(serials), words)
    still = Q(until=None) | Q(until__gt=day)
    below = Posting.objects.filter(still, reports_to=member).values("member").distinct().count()
    words = _("Post each of them under somebody else.")
    yield OpenWork(_("People who report to them"), below, words, reverse("member", args=[member.pk]))
    unread = notices.of(member.pk, unread_only=True).count()
    yield OpenWork(_("Notices they did not read"), unread, _("Nobody else reads them; ask what they were."))


def supervisor_of(member: Member, day: dt.date) -> Member | None:
    """To whom a member reported on `day`."""
    posting = posting_on(member.pk, day)
    return posting.reports_to if posting else None


def may_see_open_work(actor: Actor, member: Member) -> bool:
    """Whether the open work of `member` is open to `actor`: also once they left, to who stood above them."""
    far = reach_of(actor, "see_open_work")
    if far is Reach.CHAIN and actor.member_id:
        return member.pk in chain_below(actor.member_id, last_day(member))
    return far is Reach.ALL


def leaver_for(actor: Actor, pk: uuid.UUID) -> Member:
    """The member whose open work `actor` may see. Raises NotFound."""
    found = Member.objects.filter(pk=pk).first()
    seen = found is not None and may_see_open_work(actor, found)
    return one(Member.objects.all() if seen else Member.objects.none(), pk)


def to_be_ended() -> QuerySet[Member]:
    """The members whose last day is over and of whose service something still holds."""
    day = today()
    ours = {"member": OuterRef("pk")}
    held = RoleHeld.objects.filter(Q(until=None) | Q(until__gt=day), **ours)
    posted = Posting.objects.filter(Q(until=None) | Q(until__gt=day), **ours)
    worn = Assignment.objects.filter(until=None, **ours)
    holds = Q(Exists(held)) | Q(Exists(posted)) | Q(Exists(worn)) | Q(user__is_active=True)
    return Member.objects.filter(holds, left_on__lte=day)
