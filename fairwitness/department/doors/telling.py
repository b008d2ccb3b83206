"""The doors to how people are told: who wants mail when, which notices are due, which addresses refuse mail."""

import datetime as dt
import uuid

from django.db.models import F, Q, QuerySet

from fairwitness.department.doors.chain import serving_on, today
from fairwitness.department.models import Member, Telling
from fairwitness.kernel import clock, notices
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import Notice

How = Telling.How
# Between two mails to a member lies so long, unless there is an alarm: fifty notices are not fifty mails.
PAUSE = dt.timedelta(minutes=5)
# Mail that should have gone at once and has not for so long cannot be sent.
UNSENT_AFTER = dt.timedelta(minutes=15)


def telling_of(member_id: uuid.UUID) -> Telling:
    """How a member is told; at once by mail while they chose nothing else."""
    return Telling.objects.filter(member=member_id).first() or Telling(member_id=member_id)


def last_digest(now: dt.datetime, hour: int) -> dt.datetime:
    """When the clock of the agency last struck `hour` (0 to 23), at or before `now`."""
    local = now.astimezone(agency().tz)
    struck = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return struck if struck <= local else struck - dt.timedelta(days=1)


def due_notices(telling: Telling) -> list[Notice]:
    """The notices that the member should be mailed now, oldest first: urgent ones whatever they chose."""
    wanted = {
        How.AT_ONCE: Q(at__lte=clock.now()),
        How.DAILY: Q(at__lte=last_digest(clock.now(), telling.hour)),
        How.PRODUCT: Q(urgent=True),
    }[How(telling.how)]
    if telling.chosen_at:
        wanted &= Q(at__gte=telling.chosen_at)
    mine = notices.unmailed().filter(member=telling.member_id)
    return list(mine.filter(wanted | Q(urgent=True)).order_by("pk"))


def awaiting_mail(*, urgent_only: bool = False) -> list[uuid.UUID]:
    """The members who want mail, can be sent some, and have notices that none told of yet, be they due or not."""
    waiting = notices.unmailed().filter(member__in=_reached_by_mail().values("pk")).order_by("member")
    here_only = Telling.objects.filter(how=How.PRODUCT).values("member")
    wanted = Q(urgent=True) if urgent_only else Q(urgent=True) | ~Q(member__in=here_only)
    return list(waiting.filter(wanted).values_list("member", flat=True).distinct())


def told_lately(member_id: uuid.UUID) -> bool:
    """Whether a mail went to the member within the last few minutes: what comes after it goes together."""
    return Notice.objects.filter(member=member_id, mailed__gt=clock.now() - PAUSE).exists()


def _reached_by_mail() -> QuerySet[Member]:
    """Whoever serves and has an address that takes mail, as far as is known."""
    refused = refused_addresses().values("member")
    return Member.objects.exclude(email="").filter(serving_on(today())).exclude(pk__in=refused)


def refused_addresses() -> QuerySet[Telling]:
    """The addresses that refuse mail and are still those of their member, the longest refused first."""
    refused = Telling.objects.exclude(refused_address="").filter(refused_address=F("member__email"))
    return refused.select_related("member").order_by("refused_at")


def unsent() -> QuerySet[Notice]:
    """The notices that should have been mailed at once and were not for a quarter of an hour, oldest first.

    Whoever has no address, or one that refuses mail, is not waited for.
    """
    later = Telling.objects.exclude(how=How.AT_ONCE).values("member")
    waiting = notices.unmailed().filter(
        at__lt=clock.now() - UNSENT_AFTER, member__in=_reached_by_mail().values("pk")
    )
    return waiting.filter(Q(urgent=True) | ~Q(member__in=later)).order_by("at")
