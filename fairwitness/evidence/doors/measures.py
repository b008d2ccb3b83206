"""The figures that measure the rules of evidence, counted as things stand."""

import datetime as dt
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from fairwitness.department import doors as department
from fairwitness.evidence.doors import disposal
from fairwitness.evidence.models import (
    Categorisation,
    Disposal,
    DisposalList,
    IncidentLink,
    Recording,
    Retention,
    Viewing,
)
from fairwitness.kernel.agency import agency
from fairwitness.rules import retention
from fairwitness.storage import doors as storage
from fairwitness.storage.models import Copy


def past_maximum() -> "QuerySet[Retention]":
    """The retentions of recordings kept longer than the policy allows, without a hold and not on their ordered way off.

    As `rules.retention.overstays` has it: the night after the last day draws the list, and a list shields for the
    policy's pauses and a day from when it was drawn.
    """
    today = department.today()
    held = Recording.objects.filter(disposal.is_kept(), pk=OuterRef("recording"))
    rows = Retention.objects.filter(
        at_most_on__lt=today - retention.DRAWN_WITHIN, recording__status=Recording.Status.SEALED
    )
    return rows.exclude(Exists(held)).exclude(Exists(_on_its_way(today)))


def _on_its_way(today: dt.date) -> "QuerySet[Disposal]":
    """Of a retention: its recording's place on a list that was drawn within the pauses of the rule in force.

    And that is not over: of a list that was taken back it is not said of each recording at once.
    """
    since = today - disposal.pauses() - retention.ERASED_WITHIN
    drawn = dt.datetime.combine(since, dt.time(), agency().tz)
    return Disposal.objects.filter(
        recording=OuterRef("recording"),
        status__in=Disposal.LIVE,
        list__status__in=DisposalList.LIVE,
        list__proposed_at__gte=drawn,
    )


def measures() -> Iterator[tuple[str, int, int | None]]:
    """(measure, numerator, denominator) of each."""
    sealed = Recording.objects.filter(status=Recording.Status.SEALED)
    n = sealed.count()
    carried = Categorisation.objects.filter(withdrawn_at=None, recording=OuterRef("pk"))
    linked = IncidentLink.objects.filter(withdrawn_at=None, recording=OuterRef("pk"))
    yield "wearer_known", sealed.exclude(owner=None).count(), n
    yield "recordings_readable", sealed.filter(readable=Recording.Readable.YES).count(), n
    yield "categorised", sealed.filter(Exists(carried)).count(), n
    yield "with_incident", sealed.filter(Exists(linked)).count(), n
    yield "copies_confirmed", sealed.filter(sha256__in=storage.enough_copies().values("sha256")).count(), n
    good = Copy.objects.filter(status=Copy.Status.GOOD)
    overdue = sum(storage.overdue(each.store) for each in storage.held())
    yield "copies_read", good.count() - overdue, good.count()
    viewings = Viewing.objects.count()
    yield "viewings_with_purpose", Viewing.objects.filter(~Q(purpose="")).count(), viewings
    yield "past_maximum", past_maximum().count(), None
    erased = Recording.objects.filter(status=Recording.Status.ERASED)
    certified = Disposal.objects.filter(recording=OuterRef("pk"), status__in=Disposal.CERTIFIED)
    certified = certified.exclude(certificate_sha256="")
    yield "disposals_certified", erased.filter(Exists(certified)).count(), erased.count()
