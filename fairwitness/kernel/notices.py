"""Notices: what one person is asked or told by another, shown at the bell until it is read."""

import uuid
from collections.abc import Iterable

from fairwitness.kernel import clock
from fairwitness.kernel.models import Notice, require_change


def notify(members: Iterable[uuid.UUID], sentence: str, link: str) -> None:
    """Leave a notice for each member, in the open change: who is told and what happened commit together."""
    require_change("a notice")
    at = clock.now()
    Notice.objects.bulk_create(Notice(member=m, sentence=sentence, link=link, at=at) for m in set(members))


def unread(member: uuid.UUID) -> list[Notice]:
    """The member's unread notices, newest first, at most 100."""
    return list(Notice.objects.filter(member=member, read=None).order_by("-at")[:100])


def recent(member: uuid.UUID, limit: int = 100) -> list[Notice]:
    """Read and unread, newest first."""
    return list(Notice.objects.filter(member=member).order_by("-at")[:limit])


def mark_read(member: uuid.UUID, pk: int | None = None) -> None:
    """Mark one of the member's notices as read, or all of them."""
    mine = Notice.objects.filter(member=member, read=None)
    (mine.filter(pk=pk) if pk is not None else mine).update(read=clock.now())
