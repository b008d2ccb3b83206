"""The sign-in log for administrators of accounts and internal auditors: filters, pages, CSV."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fairwitness.accounts import acts, doors, forms
from fairwitness.accounts.models import SignInLog
from fairwitness.accounts.pages.confirm import SESSION
from fairwitness.accounts.pages.ways import ways
from fairwitness.department import doors as department
from fairwitness.kernel import clock, history
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.models import SavedSearch
from fairwitness.kernel.tables import csv_text

PAGE_ROWS = 100


@login_required
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest) -> HttpResponse:
    """The log, newest first; what is looked for is posted, and comes back as an address without an address in it."""
    actor = actor_of(request)
    doors.check_may(actor, "read_sign_in_log")
    if request.method == "POST":
        return _as_address(request)
    # Before the lines are read, so that the page is as long as the log.
    session = doors.open_session(request.session.get(SESSION))
    acts.note_log_read(by=actor, source=doors.Source(session_id=session.pk if session else None))
    form = _filters(request)
    rows, before, after = _page(doors.list_log(actor, form.sought()), request)
    context = {
        "heading": _("Sign-in log"),
        "count": None,
        "rows": rows,
        "names": _named(rows),
        "before": before,
        "after": after,
        "form": form,
        "chips": _chips(request, form),
        "clear_url": reverse("sign-in-log"),
        "export_url": f"{reverse('sign-in-log-csv')}?{request.GET.urlencode()}",
        "ways": ways(actor),
    }
    return render(request, "accounts/log.html", context)


@login_required
@require_GET
def log_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same lines, all of them; that they were taken out is in the ledger."""
    actor = actor_of(request)
    found = doors.list_log(actor, _filters(request).sought()).order_by("at", "id")
    # What is written while the file is sent is left to the next one, so that what is counted is what is sent.
    last = found.values_list("pk", flat=True).last() or 0
    found = found.filter(pk__lte=last)
    acts.note_log_exported(lines=found.count(), by=actor)
    header = (_("When (UTC)"), _("What"), _("Outcome"), _("Detail"), _("Who"), _("Member"), _("Actor"),
              _("Address"), _("Device"), _("Session"), _("Seconds"), _("Entry"))  # fmt: skip
    answer = StreamingHttpResponse(csv_text(header, _rows(found)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="sign-in-log-{clock.now():%Y%m%d}.csv"'
    return answer


def _rows(found: QuerySet[SignInLog]) -> Iterator[list[object]]:
    names: dict[object, str] = {}
    for line in found.iterator(chunk_size=1000):
        if line.member not in names:
            names.update(department.member_names(filter(None, [line.member])))  # type: ignore[arg-type]
        who = names.get(line.member, "")
        yield [clock.rfc3339(line.at), line.event, line.outcome, line.detail, who, line.member, line.actor,
               line.address, line.device, line.session, line.seconds, line.entry]  # fmt: skip


def _named(rows: Iterable[SignInLog]) -> dict[str, str]:
    """The members of these lines by id; each line is also told as `who`."""
    ids = {line.member for line in rows if line.member}
    names = {str(pk): name for pk, name in department.member_names(ids).items()}
    for line in rows:
        line.who = names.get(str(line.member)) or history.actor_name(line.actor, names)  # type: ignore[attr-defined]
    return names


def _page(found: QuerySet[SignInLog], request: HttpRequest) -> tuple[list[SignInLog], str, str]:
    """The lines that `?after=` or `?before=` ask for, newest first, and the keys of their ends."""
    backwards = "before" in request.GET
    key = request.GET.get("before" if backwards else "after", "")
    anchor = found.filter(pk=key).first() if key.isascii() and key.isdigit() and len(key) < 19 else None
    if anchor:
        beyond = TupleGreaterThan if backwards else TupleLessThan
        found = found.filter(beyond(Tuple("at", "pk"), (anchor.at, anchor.pk)))
    backwards = backwards and anchor is not None
    order = ("at", "pk") if backwards else ("-at", "-pk")
    rows = list(found.order_by(*order)[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if backwards:
        rows.reverse()
    before = str(rows[0].pk) if rows and (more if backwards else anchor) else ""
    after = str(rows[-1].pk) if rows and (more or backwards) else ""
    return rows, before, after


def _filters(request: HttpRequest) -> forms.LogForm:
    form = forms.LogForm({**request.GET.dict(), "address": _kept(actor_of(request), request)})
    form.is_valid()
    return form


def _kept(actor: Actor, request: HttpRequest) -> str:
    """The address of the search that `?q=` names; only who searched may use it."""
    pk, member_id = history.as_id(request.GET.get("q", "")), actor.member_id
    mine = SavedSearch.objects.filter(pk=pk, member=member_id).first() if pk and member_id else None
    return str(mine.words.get("address", "")) if mine else ""


def _as_address(request: HttpRequest) -> HttpResponse:
    form = forms.LogForm(request.POST)
    form.is_valid()
    chosen = {name: request.POST.get(name, "") for name in form.fields if name != "address"}
    if address := form.cleaned_data.get("address"):
        kept = SavedSearch.keep(actor_of(request).person, {"address": address}, clock.now())
        chosen["q"] = str(kept.pk)
    return redirect(f"{request.path}?{urlencode({k: v for k, v in chosen.items() if v})}")


def _chips(request: HttpRequest, form: forms.LogForm) -> list[dict[str, Any]]:
    """The filters in force, each with the address of the log without it."""
    chips = []
    for name in form.fields:
        if value := form.cleaned_data.get(name):
            dropped = ("q" if name == "address" else name, "before", "after")
            kept = {key: each for key, each in request.GET.items() if key not in dropped}
            words = dict(getattr(form.fields[name], "choices", ())) if name in ("event", "outcome") else {}
            label = str(form.fields[name].label)
            chips.append(
                {"label": label, "value": words.get(value, value), "remove_url": f"?{urlencode(kept)}"}
            )
    return chips
