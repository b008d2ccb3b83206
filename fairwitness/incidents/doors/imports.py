"""The doors to imports: how files were read before, what imports came to, and the one lock they take."""

import uuid
from collections.abc import Iterable
from collections.abc import Mapping as Map

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from fairwitness.incidents.doors.reach import check_may
from fairwitness.incidents.models import Event, Import, Mapping
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.columns import header_digest
from fairwitness.kernel.models import require_change
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.refusals import NotFound


def lock_imports() -> None:
    """Let one import at a time write: two that bring the same event would each take it for new."""
    _lock_table("incidents_import")


def lock_register() -> None:
    """Let one report at a time be filed: two of the same number would each find it free."""
    _lock_table("incidents_report")


def _lock_table(name: str) -> None:
    require_change("locking a table")
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {name} IN SHARE ROW EXCLUSIVE MODE")


def mappings_for(actor: Actor) -> QuerySet[Mapping]:
    """The saved mappings that are in use. Raises Forbidden."""
    check_may(actor, "see_imports")
    return Mapping.objects.filter(withdrawn_at=None).order_by("purpose", "name")


def mapping_for(actor: Actor, pk: uuid.UUID) -> Mapping:
    """One of them. Raises Forbidden or NotFound."""
    return one(mappings_for(actor), pk)


def lock_mapping(pk: uuid.UUID) -> Mapping:
    """A saved mapping that is in use, locked until the change ends. Raises NotFound."""
    return locked(Mapping.objects.filter(withdrawn_at=None), pk)


def mapping_of(purpose: str, header: list[str]) -> Mapping | None:
    """The mapping by which a file with this header was read last, or None."""
    known = Mapping.objects.filter(purpose=purpose, header=header_digest(header), withdrawn_at=None)
    return known.order_by("-id").first()


def mapping_named(purpose: str, name: str) -> Mapping:
    """The saved mapping of this name. Raises NotFound, naming those that there are."""
    found = Mapping.objects.filter(purpose=purpose, name__iexact=name, withdrawn_at=None).first()
    if found is None:
        known = ", ".join(
            Mapping.objects.filter(purpose=purpose, withdrawn_at=None)
            .order_by("name")
            .values_list("name", flat=True)
        )
        raise NotFound(
            _("There is no saved mapping “{name}”. Known: {known}.").format(name=name, known=known or "–")
        )
    return found


def imports_for(actor: Actor) -> QuerySet[Import]:
    """Every import. Raises Forbidden."""
    check_may(actor, "see_imports")
    return Import.objects.select_related("mapping")


def import_for(actor: Actor, pk: uuid.UUID) -> Import:
    """One of them. Raises Forbidden or NotFound."""
    return one(imports_for(actor), pk)


def mapping_names(ids: Iterable[uuid.UUID]) -> Map[uuid.UUID, str]:
    """Mappings by name, for histories."""
    return dict(Mapping.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def current_events(numbers: Iterable[str]) -> dict[str, Event]:
    """The current versions of events by their numbers in capitals, with incident and responses, in two queries."""
    wanted = {number.upper() for number in numbers}
    rows = Event.objects.alias(capitals=Upper("number")).filter(replaced_by=None, capitals__in=wanted)
    found = rows.select_related("incident").prefetch_related("responses")
    return {event.number.upper(): event for event in found}
