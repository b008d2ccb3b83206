"""The chain of command: who served where under whom on a day."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q

from fairwitness.department.models import Member, Posting, Unit
from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.models import require_change


def today() -> dt.date:
    """The day it is where the agency is."""
    return clock.now().astimezone(agency().tz).date()


def holding_on(day: dt.date) -> Q:
    """The condition that a dated row (posting, role held) holds on `day`."""
    return Q(since__lte=day) & (Q(until=None) | Q(until__gt=day))


def serving_on(day: dt.date) -> Q:
    """The condition that a member has not left by `day`."""
    return Q(left_on=None) | Q(left_on__gt=day)


def unit_on(member_id: uuid.UUID, day: dt.date) -> Unit | None:
    """The unit in which a member served on `day`."""
    posting = posting_on(member_id, day)
    return posting.unit if posting else None


def posting_on(member_id: uuid.UUID, day: dt.date) -> Posting | None:
    """The posting of a member on `day`, with unit and supervisor."""
    postings = Posting.objects.select_related("unit", "reports_to")
    return postings.filter(holding_on(day), member_id=member_id).first()


_OF_THE_DAY = "p.since <= %(day)s AND (p.until IS NULL OR p.until > %(day)s)"
# UNION drops what was already found, so that even a circle in the data ends.
_BELOW = f"""
WITH RECURSIVE below(id) AS (
  SELECT p.member_id FROM department_posting p WHERE p.reports_to_id = %(top)s AND {_OF_THE_DAY}
  UNION
  SELECT p.member_id FROM department_posting p JOIN below ON p.reports_to_id = below.id WHERE {_OF_THE_DAY}
) SELECT id FROM below WHERE id <> %(top)s"""  # noqa: S608 - made of constants
_ABOVE = f"""
WITH RECURSIVE above(id, step) AS (
  SELECT p.reports_to_id, 1 FROM department_posting p WHERE p.member_id = %(bottom)s AND {_OF_THE_DAY}
  UNION ALL
  SELECT p.reports_to_id, step + 1 FROM department_posting p JOIN above ON p.member_id = above.id
  WHERE {_OF_THE_DAY}
) CYCLE id SET looped USING path
SELECT id FROM above WHERE id IS NOT NULL AND id <> %(bottom)s AND NOT looped ORDER BY step"""  # noqa: S608


def chain_below(member_id: uuid.UUID, day: dt.date | None = None) -> set[uuid.UUID]:
    """Everyone below a member in the chain of command of `day` (today), however deep, without the member."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"top": member_id, "day": day or today()})
        return {row[0] for row in cursor.fetchall()}


def chain_above(member_id: uuid.UUID, day: dt.date | None = None) -> list[Member]:
    """Those above a member in the chain of command of `day` (today), nearest first."""
    with connection.cursor() as cursor:
        cursor.execute(_ABOVE, {"bottom": member_id, "day": day or today()})
        ids = [row[0] for row in cursor.fetchall()]
    members = Member.objects.in_bulk(ids)
    return [members[pk] for pk in ids]


@dataclass(frozen=True)
class Link:
    """A member in the chain of command, with everyone directly below."""

    member: Member
    unit: Unit
    below: list["Link"]


def chain_of_command(day: dt.date | None = None) -> list[Link]:
    """The whole chain of `day` (today) from those who report to nobody, each level by family name."""
    postings = Posting.objects.filter(holding_on(day or today())).select_related("member", "unit")
    by_supervisor: dict[uuid.UUID | None, list[Posting]] = {}
    for posting in postings.order_by("member__family_name", "member__given_name"):
        by_supervisor.setdefault(posting.reports_to_id, []).append(posting)

    def below(supervisor_id: uuid.UUID | None) -> list[Link]:
        return [Link(p.member, p.unit, below(p.member_id)) for p in by_supervisor.get(supervisor_id, [])]

    return below(None)


def lock_chain() -> None:
    """Let one change at a time alter the chain of command: two that are right could together close a circle."""
    require_change("locking the chain of command")
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE department_posting IN SHARE ROW EXCLUSIVE MODE")
