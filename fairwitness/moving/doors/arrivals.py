"""The doors to arrivals: who may see them, each report line by line, and what came before."""

import io
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from fairwitness.cases import doors as cases
from fairwitness.evidence.models import Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.one import locked, one
from fairwitness.kernel.roles import Reach
from fairwitness.moving.doors.reach import check_may
from fairwitness.moving.models import Arrival, ArrivedCase


@dataclass(frozen=True)
class Sought:
    """What a report is narrowed to; what is empty does not narrow."""

    outcome: str = ""
    kind: str = ""
    text: str = ""


def arrivals(actor: Actor) -> QuerySet[Arrival]:
    """Every arrival. Raises Forbidden."""
    check_may(actor, "see_arrivals")
    return Arrival.objects.select_related("ingest")


def arrival(actor: Actor, pk: uuid.UUID) -> Arrival:
    """One of them. Raises Forbidden, NotFound."""
    return one(arrivals(actor), pk)


def lines(actor: Actor, found: Arrival, sought: Sought) -> Iterator[Mapping[str, Any]]:
    """The lines of a report that are sought, as they were kept.

    What is said of a case is for who may find that case; what never became one, for who finds every case. Raises
    NotFound where no store has the report.
    """
    every = cases.far(actor, "find") >= Reach.ALL
    mine = {
        str(pk) for pk in cases.narrowed(actor).filter(pk__in=_cases_of(found)).values_list("pk", flat=True)
    }
    for line in _read(found):
        of_case = line.get("case_id")
        open_to = of_case in mine if of_case else every or line["kind"] != "case"
        if open_to and _fits(line, sought):
            yield line


def _cases_of(found: Arrival) -> set[str]:
    return {line["case_id"] for line in _read(found) if line.get("case_id")}


def _read(found: Arrival) -> Iterator[dict[str, Any]]:
    if not found.report_sha256:
        return
    with blobs.store().open(found.report_sha256) as file:
        for text in io.TextIOWrapper(io.BufferedReader(file), encoding="utf-8"):
            yield json.loads(text)


def _fits(line: Mapping[str, Any], sought: Sought) -> bool:
    if sought.outcome and line["outcome"] != sought.outcome or sought.kind and line["kind"] != sought.kind:
        return False
    words = " ".join(str(line.get(key, "")) for key in ("name", "number", "case", "why", "said")).casefold()
    return all(word in words for word in sought.text.casefold().split()[:8])


def names(ids: Iterable[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Arrivals by number, for histories."""
    return dict(Arrival.objects.filter(pk__in=list(ids)).values_list("pk", "number"))


def naming(sha256: str, leaving: uuid.UUID | None) -> list[str]:
    """The arrivals whose report these bytes are, in words."""
    rows = Arrival.objects.filter(report_sha256=sha256).order_by("number").values_list("number", flat=True)
    return [_("the report of {number}").format(number=number) for number in rows]


def named() -> Iterator[tuple[str, str]]:
    """Every digest that an arrival names, with its number."""
    for digest, number in Arrival.objects.exclude(report_sha256="").values_list("report_sha256", "number"):
        yield digest, f"The report of {number}"


# For the acts


def broken_off(place: str, mapping: str) -> Arrival | None:
    """The arrival of this folder that was begun and not ended."""
    rows = Arrival.objects.filter(place=place, mapping=mapping, status=Arrival.Status.BEGUN)
    return rows.select_related("ingest").first()


def known(place: str, mapping: str) -> bool:
    """Whether this folder ever came in."""
    return Arrival.objects.filter(place=place, mapping=mapping).exists()


def locked_arrival(pk: uuid.UUID) -> Arrival:
    """An arrival, locked until the open change ends."""
    return locked(Arrival.objects.select_related("ingest"), pk)


def arrived_case(mapping: str, external_id: str) -> ArrivedCase | None:
    """The case of ours that is this one of another system."""
    return ArrivedCase.objects.filter(mapping=mapping, external_id=external_id).select_related("case").first()


def locked_case(pk: uuid.UUID) -> ArrivedCase:
    """The same, locked until the open change ends."""
    return locked(ArrivedCase.objects.select_related("case", "arrival"), pk)


def recordings_of(mapping: str, number: str) -> list[Recording]:
    """The recordings that came earlier from the same kind of system under this number of its own."""
    came = Arrival.objects.filter(mapping=mapping).values("ingest")
    return list(Recording.objects.filter(external_id=number, ingest__in=came).order_by("number"))
