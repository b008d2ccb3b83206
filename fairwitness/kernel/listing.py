"""What the lists of all rooms share: keyset pages, words kept out of addresses, filters as chips, CSV."""

import tempfile
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from fairwitness.kernel import clock, history
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.models import Record, SavedSearch
from fairwitness.kernel.refusals import Invalid
from fairwitness.kernel.tables import csv_text

PAGE_ROWS = 50
RecordT = TypeVar("RecordT", bound=Record)
Sorts = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Page(Generic[RecordT]):
    """The rows of one page; `before` and `after` are the keys of its ends, empty where the list ends."""

    rows: list[RecordT]
    sort: str
    before: str
    after: str


def page_of(
    records: QuerySet[RecordT], sorts: Sorts, request: HttpRequest, unasked: str = ""
) -> Page[RecordT]:
    """The page that `?sort=`, `?after=` and `?before=` ask for; `sorts` names columns that are never NULL.

    Where no order is asked for it is `unasked`, by default the first of `sorts`.

    Keys are opaque ids; the place is found by row value, so that a deep page costs what the first one does.
    """
    sort = _sort(sorts, request, unasked)
    columns = (*sorts[sort.removeprefix("-")], "pk")
    backwards = "before" in request.GET
    anchor = _anchor(records, columns, request.GET.get("before" if backwards else "after", ""))
    down = sort.startswith("-") != backwards
    if anchor:
        beyond = TupleLessThan if down else TupleGreaterThan
        found = records.filter(beyond(Tuple(*columns), anchor))
    else:
        found, backwards, down = records, False, sort.startswith("-")
    rows = list(found.order_by(*(f"-{name}" if down else name for name in columns))[: PAGE_ROWS + 1])
    more = len(rows) > PAGE_ROWS
    rows = rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    before = str(rows[0].pk) if rows and (more if backwards else anchor) else ""
    after = str(rows[-1].pk) if rows and (more or backwards) else ""
    return Page(rows, sort, before, after)


def _sort(sorts: Sorts, request: HttpRequest, unasked: str) -> str:
    asked = request.GET.get("sort", "")
    return asked if asked.removeprefix("-") in sorts else unasked or next(iter(sorts))


def _anchor(records: QuerySet[RecordT], columns: tuple[str, ...], key: str) -> tuple[Any, ...] | None:
    pk = as_id(key)
    return records.filter(pk=pk).values_list(*columns).first() if pk else None


def as_id(text: str) -> uuid.UUID | None:
    """The id that `text` is, or None: addresses are typed by anyone."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return None


def kept_text(actor: Actor, request: HttpRequest) -> str:
    """The words of the search named by `?q=`; only who searched may use it."""
    pk, member_id = as_id(request.GET.get("q", "")), actor.member_id
    mine = SavedSearch.objects.filter(pk=pk, member=member_id).first() if pk and member_id else None
    return str(mine.words.get("text", "")) if mine else ""


def as_address(request: HttpRequest, form: Form) -> HttpResponse:
    """The same list by an address: choices stand in it as codes and ids, words only as the id of a kept search."""
    chosen = {name: request.POST.get(name, "") for name in form.fields if name != "text"}
    chosen = {**request.GET.dict(), **chosen}
    form.is_valid()
    if "text" in form.errors:
        raise Invalid(_("These words cannot be searched for. Nothing was searched."))
    text, member_id = form.cleaned_data["text"], actor_of(request).member_id
    chosen["q"] = (
        str(SavedSearch.keep(member_id, {"text": text}, clock.now()).pk) if text and member_id else ""
    )
    for place in ("before", "after"):
        chosen.pop(place, None)
    return redirect(f"{request.path}?{urlencode({k: v for k, v in chosen.items() if v})}")


def chips(request: HttpRequest, form: Form) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    return [
        {"label": str(form[name].label), "value": _chosen(form, name), "remove_url": _without(request, name)}
        for name in form.fields
        if form.cleaned_data.get(name)
    ]


def _chosen(form: Form, name: str) -> str:
    value = form.cleaned_data[name]
    choices: Iterable[Any] = getattr(form.fields[name], "choices", [])
    words = {
        str(key): str(label)
        for key, label in choices
        if isinstance(label, str) or not isinstance(label, list)
    }
    return words.get(str(getattr(value, "pk", value)), str(value))


def _without(request: HttpRequest, name: str) -> str:
    dropped = ("q" if name == "text" else name, "before", "after")
    kept = {key: value for key, value in request.GET.items() if key not in dropped}
    return f"?{urlencode(kept)}"


def history_of(request: HttpRequest, kind: str, pk: uuid.UUID) -> dict[str, Any]:
    """The page of a thing's history that `?before=` asks for, as `partials/history.html` shows it."""
    before = request.GET.get("before", "")
    page = history.page(kind, pk, before=before)
    return {"history": page.lines, **page.ways(request.path, before)}


def taken_csv(name: str, write: Callable[[BinaryIO], object]) -> FileResponse:
    """What an act writes as CSV, whole and on disk first, to save as `name`: refused half way, nothing is sent."""
    file = tempfile.TemporaryFile(dir=settings.FAIRWITNESS_HOME)  # noqa: SIM115 - the response closes it
    try:
        write(file)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return FileResponse(
        file, as_attachment=True, filename=f"{name}.csv", content_type="text/csv; charset=utf-8"
    )


def csv_response(
    name: str, header: Iterable[object], rows: Iterable[Iterable[object]]
) -> StreamingHttpResponse:
    """A CSV file to save, named with the day."""
    response = StreamingHttpResponse(csv_text(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{clock.now():%Y%m%d}.csv"'
    return response
