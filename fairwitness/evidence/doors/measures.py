"""The figures that measure the rules of evidence, counted as things stand."""

from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet

from fairwitness.department import doors as department
from fairwitness.evidence.doors.holds import is_held
from fairwitness.evidence.models import Categorisation, IncidentLink, Recording, Retention, Viewing
from fairwitness.storage import doors as storage
from fairwitness.storage.models import Copy


def past_maximum() -> "QuerySet[Retention]":
    """The retentions of recordings that are kept longer than the policy allows, without a hold."""
    held = Recording.objects.filter(is_held(), pk=OuterRef("recording"))
    rows = Retention.objects.filter(at_most_on__lt=department.today(), recording__status="sealed")
    return rows.exclude(Exists(held))


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
