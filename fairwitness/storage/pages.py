"""The pages of storage: stores and how lately they were read, what was read when, and what was found damaged."""

import uuid
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from fairwitness.department import doors as department
from fairwitness.kernel import clock, history
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.models import Record
from fairwitness.kernel.tables import csv_text
from fairwitness.storage import acts, doors
from fairwitness.storage.models import Copy, Damage

PAGE_ROWS = 50
RowT = TypeVar("RowT", bound=Record)
TONES = {Copy.Status.GOOD: "done", Copy.Status.DAMAGED: "attention", Copy.Status.MISSING: "stopped"}


@login_required
@require_GET
def stores(request: HttpRequest) -> HttpResponse:
    """The stores: what each holds, how lately it was read, whether it answers."""
    actor = actor_of(request)
    doors.check_may(actor, "see_stores")
    held = doors.held()
    silent = {key for _code, key in department.open_alarms({acts.UNREACHABLE, acts.LOST})}
    context = {
        "heading": _("Stores"),
        "count": len(held),
        "rows": [(each, each.store.name in silent) for each in held],
        "coverage": _coverage(held),
        "sees_all": doors.may(actor, "see_damage"),
        "damages": doors.damages(actor).filter(repaired_at=None).order_by("found_at")[:10],
    }
    return render(request, "storage/stores.html", context)


def _coverage(held: list[doors.Held]) -> dict[str, Any]:
    """How long ago the copies of each store were read, as one bar of four steps for each store."""
    late = sum(each.by_age[-1] for each in held)
    copies = sum(each.copies for each in held)
    title = (
        ngettext(
            "{n} copy was last read more than a week ago",
            "{n} copies were last read more than a week ago",
            late,
        ).format(n=number_format(late, force_grouping=True))
        if late
        else _("Every copy was read within the last week")
    )
    return {
        "title": title if copies else _("There is nothing to read yet"),
        "steps": [_("within a day"), _("1 to 3 days ago"), _("3 to 7 days ago"), _("more than 7 days ago")],
        "rows": [
            {"label": each.store.name, "copies": each.copies, "steps": list(_steps(each))} for each in held
        ],
        "date": clock.now(),
    }


def _steps(each: doors.Held) -> Iterator[dict[str, Any]]:
    """The parts of one bar, in hundredths of its length."""
    start = 0.0
    for count in each.by_age:
        width = 100 * count / each.copies if each.copies else 0.0
        yield {"count": count, "x": f"{start:.3f}%", "width": f"{width:.3f}%"}
        start += width


@login_required
@require_GET
def copies(request: HttpRequest) -> HttpResponse:
    """What was read when, oldest first."""
    actor = actor_of(request)
    doors.check_may(actor, "see_damage")
    page = _Page(doors.copies(actor), ("checked_at", "pk"), request)
    context = {
        "heading": _("What was read when"),
        "crumb": {"label": _("Stores"), "url": reverse("stores")},
        "count": None,
        "count_words": _("Oldest first. Every stored file is read again at least weekly."),
        "rows": [(row, TONES[Copy.Status(row.status)]) for row in page.rows],
        "before": page.before,
        "after": page.after,
        "export_url": reverse("copies-csv"),
    }
    return render(request, "storage/copies.html", context)


@login_required
@require_GET
def copies_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same, whole, as CSV."""
    actor = actor_of(request)
    doors.check_may(actor, "see_damage")
    header = (_("Store"), "SHA-256", _("Bytes"), _("Kind"), _("State"), _("Confirmed"), _("Last read"))
    found = doors.copies(actor).order_by("checked_at", "pk").iterator(chunk_size=1000)
    rows = (
        (
            *(c.store.name, c.sha256, c.size, c.get_kind_display(), c.get_status_display()),
            *map(clock.rfc3339, (c.confirmed_at, c.checked_at)),
        )
        for c in found
    )  # fmt: skip
    return _csv("copies", header, rows)


@login_required
@require_GET
def damages(request: HttpRequest) -> HttpResponse:
    """What was found damaged, latest first, and how it was repaired."""
    actor = actor_of(request)
    doors.check_may(actor, "see_damage")
    found = doors.damages(actor)
    page = _Page(found, ("found_at", "pk"), request, latest_first=True)
    context = {
        "heading": _("Damage"),
        "crumb": {"label": _("Stores"), "url": reverse("stores")},
        "count": found.count(),
        "rows": page.rows,
        "before": page.before,
        "after": page.after,
        "export_url": reverse("damages-csv"),
    }
    return render(request, "storage/damages.html", context)


@login_required
@require_GET
def damages_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same list, whole, as CSV."""
    actor = actor_of(request)
    doors.check_may(actor, "see_damage")
    header = (_("Store"), "SHA-256", _("Copies"), _("What"), _("Found"), _("Repaired"), _("From"), _("How"))
    found = doors.damages(actor).order_by("-found_at", "-pk").iterator(chunk_size=1000)
    return _csv("damage", header, map(_row, found))


def _row(each: Damage) -> tuple[object, ...]:
    repaired = clock.rfc3339(each.repaired_at) if each.repaired_at else ""
    return (
        each.store.name,
        each.sha256,
        each.copies,
        each.get_what_display(),
        clock.rfc3339(each.found_at),
        repaired,
        each.repaired_from.name if each.repaired_from else "",
        each.get_repaired_how_display() if each.repaired_how else "",
    )


@login_required
@require_GET
def damage(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One incident, where its bytes lie now, and its history."""
    actor = actor_of(request)
    doors.check_may(actor, "see_damage")
    found = doors.damage(actor, pk)
    before = request.GET.get("before", "")
    page = history.page("storage.damage", pk, before=before)
    context = {
        "heading": _("Damage in the store {name}").format(name=found.store.name),
        "crumb": {"label": _("Damage"), "url": reverse("damages")},
        "damage": found,
        "copies": [(c, TONES.get(Copy.Status(c.status), "quiet")) for c in _now(found)],
        "history": page.lines,
        **page.ways(request.path, before),
    }
    return render(request, "storage/damage.html", context)


def _now(found: Damage) -> list[Copy]:
    return doors.copies_of(found.sha256) if found.sha256 else []


def _csv(name: str, header: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y%m%d}.csv"'
    return response


class _Page(Generic[RowT]):
    """The rows that `?after=` or `?before=` ask for, found by row value; keys are the ids of the rows at the ends."""

    def __init__(
        self,
        found: "QuerySet[RowT]",
        by: tuple[str, str],
        request: HttpRequest,
        *,
        latest_first: bool = False,
    ) -> None:
        key = next((name for name in ("before", "after") if _key(request, name)), "")
        anchor = found.filter(pk=_key(request, key)).values_list(*by).first() if key else None
        backwards = key == "before" and anchor is not None
        down = latest_first != backwards
        if anchor:
            beyond = TupleLessThan if down else TupleGreaterThan
            found = found.filter(beyond(Tuple(*by), anchor))
        rows = list(found.order_by(*(f"-{name}" if down else name for name in by))[: PAGE_ROWS + 1])
        more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
        self.rows = rows[::-1] if backwards else rows
        self.before = str(self.rows[0].pk) if rows and (more if backwards else anchor) else ""
        self.after = str(self.rows[-1].pk) if rows and (more or backwards) else ""


def _key(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get(name, ""))
    except ValueError:
        return None
