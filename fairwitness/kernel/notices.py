"""Notices: what one person is asked or told by another, shown at the bell until it is read, and told of by mail."""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db.models import QuerySet

from fairwitness.kernel import clock, jobs
from fairwitness.kernel.models import Notice, require_change

# What could not be mailed for so long is not mailed any more: it stands in the product.
MAILED_WITHIN = dt.timedelta(days=7)


def notify(
    members: Iterable[uuid.UUID], sentence: str, link: str, *, urgent: bool = False, outside: str = ""
) -> None:
    """Leave a notice for each member, in the open change: who is told, and that they are mailed, commits with it.

    `sentence` may hold names and numbers, and never leaves the house. `outside` is what a mail may say of it in plain
    text: the name of a kind, never of a person or a case. An `urgent` one is mailed at once, whatever they chose.
    """
    require_change("a notice")
    at, told = clock.now(), sorted(set(members))
    Notice.objects.bulk_create(
        Notice(member=m, sentence=sentence, link=link, at=at, urgent=urgent, outside=outside) for m in told
    )
    for member in told:
        jobs.enqueue("department.mail", queue="mail", member_id=str(member))


def of(member: uuid.UUID, *, unread_only: bool = False) -> QuerySet[Notice]:
    """The member's notices, newest first."""
    mine = Notice.objects.filter(member=member)
    return (mine.filter(read=None) if unread_only else mine).order_by("-at", "-pk")


def unread(member: uuid.UUID) -> list[Notice]:
    """The member's unread notices, newest first, at most 100."""
    return list(of(member, unread_only=True)[:100])


def mark_read(member: uuid.UUID, pk: int | None = None) -> None:
    """Mark one of the member's notices as read, or all of them."""
    mine = Notice.objects.filter(member=member, read=None)
    (mine.filter(pk=pk) if pk is not None else mine).update(read=clock.now())


def unmailed() -> QuerySet[Notice]:
    """What nobody has read and no mail told of, and is not too old for one."""
    return Notice.objects.filter(mailed=None, read=None, at__gt=clock.now() - MAILED_WITHIN)


def mark_mailed(told: Iterable[Notice]) -> None:
    """Note that a mail told of these."""
    Notice.objects.filter(pk__in=[notice.pk for notice in told]).update(mailed=clock.now())
