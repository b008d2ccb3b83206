"""Coverage: how many sworn members are trained and equipped, by rank and by unit (duty B04)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from fairwitness.department.doors.cameras import completed_on, required_courses, wearing_at
from fairwitness.department.doors.chain import holding_on, serving_on, today
from fairwitness.department.doors.reach import check_may
from fairwitness.department.models import Assignment, Camera, Member, Posting
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency


@dataclass(frozen=True)
class Share:
    """How many of a group's sworn members are trained, and how many are equipped."""

    label: str
    sworn: int
    trained: int
    equipped: int

    @property
    def equipped_share(self) -> float:
        """From 0 to 1; nobody of nobody is 0."""
        return self.equipped / self.sworn if self.sworn else 0.0


@dataclass(frozen=True)
class Coverage:
    """The share trained and equipped on `day`: of all sworn members, by rank and by unit."""

    day: dt.date
    whole: Share
    by_rank: list[Share]
    by_unit: list[Share]


def coverage(actor: Actor, day: dt.date | None = None) -> Coverage:
    """How many sworn members were trained and equipped at the end of `day`, or are now. Raises Forbidden.

    Trained: every required course counts. Equipped: a camera is assigned, whose present state is in service.
    """
    check_may(actor, "see_coverage")
    day = day or today()
    rows = _serving(day)
    by_rank = _grouped(rows, "rank", dict(Member.Rank.choices))
    by_unit = _grouped(
        rows, "unit", {name: name or _("No unit") for name in sorted({r["unit"] for r in rows})}
    )
    return Coverage(day, _share(_("All sworn members"), rows), by_rank, by_unit)


_Row = dict[str, Any]


def _serving(day: dt.date) -> list[_Row]:
    """Rank, unit, trained, equipped of every sworn member who serves on `day`."""
    moment = min(clock.now(), dt.datetime.combine(day, dt.time.max, tzinfo=agency().tz))
    served = (Q(joined_on=None) | Q(joined_on__lte=day)) & serving_on(day)
    done = completed_on(day).filter(member=OuterRef(OuterRef("pk")), course=OuterRef("pk"))
    worn = Assignment.objects.filter(wearing_at(moment), camera__status=Camera.Status.IN_SERVICE)
    unit = Posting.objects.filter(holding_on(day), member=OuterRef("pk")).values("unit__name")
    members = Member.objects.filter(served).exclude(rank=Member.Rank.PROFESSIONAL)
    counted = members.annotate(
        unit=Coalesce(Subquery(unit[:1]), Value("")),
        # Where no course is required yet, nobody is trained.
        trained=~Exists(required_courses().exclude(Exists(done))) & Exists(required_courses()),
        equipped=Exists(worn.filter(member=OuterRef("pk"))),
    )
    return [dict(row) for row in counted.values("rank", "unit", "trained", "equipped")]


def _grouped(rows: list[_Row], column: str, labels: Mapping[str, Any]) -> list[Share]:
    groups = {key: [row for row in rows if row[column] == key] for key in labels}
    return [_share(str(labels[key]), group) for key, group in groups.items() if group]


def _share(label: str, rows: list[_Row]) -> Share:
    return Share(label, len(rows), sum(row["trained"] for row in rows), sum(row["equipped"] for row in rows))
