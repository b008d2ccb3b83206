"""The pages of imports: the file, its columns, the preview, what was done; for dispatch exports and for shifts."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.incidents import acts, doors, forms
from fairwitness.incidents.models import Import, Mapping
from fairwitness.kernel import staging
from fairwitness.kernel.acting import ConfirmForm, act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.listing import as_id, history_of, page_of
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.tables import Table

# So many rows of one kind are shown in a preview; faulty ones come first and are all counted.
SHOWN = 300
PURPOSES = Mapping.Purpose


@dataclass(frozen=True)
class _Way:
    """What differs between the two imports: the act that one must be allowed, words, and addresses."""

    act: str
    heading: object
    words: object
    start: str
    columns: str
    confirm: str
    back: str


WAYS: dict[str, _Way] = {
    PURPOSES.DISPATCH: _Way(
        "import_dispatch",
        gettext_lazy("Import a dispatch export"),
        gettext_lazy(
            "An event is known by its number, else by its incident's. What moved or was cancelled keeps both versions."
        ),
        *("dispatch", "dispatch-columns", "dispatch-import", "incidents"),
    ),
    PURPOSES.SHIFTS: _Way(
        "import_shifts",
        gettext_lazy("Import shifts"),
        gettext_lazy(
            "A shift is known by the member's badge and its beginning. Units of earlier events get their members by it."
        ),
        *("shift-roster", "shift-columns", "shift-import", "shifts"),
    ),
}  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, purpose: str) -> HttpResponse:
    """Hand in the file."""
    actor, way = actor_of(request), WAYS[purpose]
    doors.check_may(actor, way.act)
    form = forms.FileForm(purpose, posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data, like = form.cleaned_data["file"], form.cleaned_data.get("mapping")
        try:
            acts.whole_table(data)
        except Invalid as refusal:
            form.add_error("file", refusal.sentence)
        else:
            address = reverse(way.columns, args=[staging.stage(purpose, actor, data)])
            return redirect(f"{address}?like={like.pk}" if like else address)
    context = {
        "heading": way.heading,
        "words": way.words,
        "back": reverse(way.back),
        "form": form,
        "steps": _steps(0),
        "known": acts.COLUMNS[purpose],
    }
    return render(request, "incidents/import_file.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: uuid.UUID, purpose: str) -> HttpResponse:
    """Say which column says what; then see what the import would do."""
    actor, table, data = _staged(request, pk, purpose)
    guess = _guess(request, purpose, table, actor)
    form = forms.ReadingForm(purpose, table.header, posted(request), initial=guess)
    if request.method == "POST" and form.is_valid():
        try:
            return _preview(request, pk, purpose, data, form)
        except (Invalid, WrongState) as refusal:
            form.add_error(None, refusal.sentence)
    context = {
        "heading": _("Which column says what"),
        "form": form,
        "steps": _steps(1),
        "sample": table.rows[:3],
        "titles": table.header,
        "back": reverse(WAYS[purpose].start),
    }
    return render(request, "incidents/import_columns.html", context, status=422 if form.errors else 200)


def _guess(request: HttpRequest, purpose: str, table: Table, actor: Actor) -> dict[str, Any]:
    """As a file with this header was read last, or as the mapping that was chosen says; else by the header's words."""
    chosen = as_id(request.GET.get("like", ""))
    saved = doors.mapping_for(actor, chosen) if chosen else doors.mapping_of(purpose, table.header)
    if saved and saved.purpose == purpose:
        return forms.first_guess(acts.as_saved(saved))
    guessed = guess_columns(table.header, acts.COLUMNS[purpose])
    lists = any("=" in cell for _line, cells in table.rows[:50] for cell in cells)
    layout = Mapping.Layout.PER_EVENT if lists else Mapping.Layout.PER_UNIT
    return forms.first_guess(acts.Reading(guessed, layout=layout))


def _preview(
    request: HttpRequest, pk: uuid.UUID, purpose: str, data: bytes, form: forms.ReadingForm
) -> HttpResponse:
    act = acts.preview_dispatch if purpose == PURPOSES.DISPATCH else acts.preview_shifts
    result = act(data=data, reading=form.reading(), by=actor_of(request))
    context = {
        "heading": _("What the import will do"),
        "steps": _steps(2),
        "form": form,
        "result": result,
        "groups": _groups(result),
        "counts": {kind: result.count(kind) for kind in _KINDS},
        "confirm": reverse(WAYS[purpose].confirm, args=[pk]),
        "columns": reverse(WAYS[purpose].columns, args=[pk]),
        "start": reverse(WAYS[purpose].start),
    }
    return render(request, "incidents/import_preview.html", context)


_KINDS = {
    "faulty": (gettext_lazy("Faulty: left out"), "stopped"),
    "moved": (gettext_lazy("Moved: both versions stay"), "attention"),
    "cancelled": (gettext_lazy("Cancelled: both versions stay"), "attention"),
    "changed": (gettext_lazy("Changed"), "active"),
    "added": (gettext_lazy("Added"), "done"),
    "unchanged": (gettext_lazy("Unchanged"), "quiet"),
}


def _groups(result: acts.Result) -> list[dict[str, Any]]:
    """The outcomes by kind, those first that need to be looked at; of each kind the first SHOWN."""
    by_kind = {kind: [outcome for outcome in result.outcomes if outcome.kind == kind] for kind in _KINDS}
    return [
        {"title": title, "tone": tone, "kind": kind, "count": len(rows), "rows": rows[:SHOWN]}
        for kind, (title, tone) in _KINDS.items()
        if (rows := by_kind[kind])
    ]


@login_required
@require_POST
def confirm(request: HttpRequest, pk: uuid.UUID, purpose: str) -> HttpResponse:
    """Import what was previewed, and forget the file."""
    actor, table, data = _staged(request, pk, purpose)
    form = forms.ReadingForm(purpose, table.header, request.POST)
    if not form.is_valid():
        return redirect(WAYS[purpose].columns, pk=pk)
    act = acts.import_dispatch if purpose == PURPOSES.DISPATCH else acts.import_shifts
    result = act(data=data, reading=form.reading(), agreed=request.POST.get("agreed", ""), by=actor)
    staging.unstage(purpose, actor, pk)
    return redirect("incident-import", pk=result.import_id)


def _staged(request: HttpRequest, pk: uuid.UUID, purpose: str) -> tuple[Actor, Table, bytes]:
    """Who asks, and the file that they handed in. Raises Gone when it was imported or a day has passed."""
    actor = actor_of(request)
    doors.check_may(actor, WAYS[purpose].act)
    data = staging.staged(purpose, actor, pk)
    return actor, acts.whole_table(data), data


def _steps(current: int) -> list[dict[str, str]]:
    labels = (_("File"), _("Columns"), _("Preview"), _("Done"))
    states = ["complete"] * current + ["current"] + [""] * len(labels)
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]


@login_required
@require_GET
def imports(request: HttpRequest) -> HttpResponse:
    """What was imported, latest first, and the mappings by which files are read."""
    actor = actor_of(request)
    found = doors.imports_for(actor)
    page = page_of(found, {"at": ("at",)}, request, unasked="-at")
    context = {
        "heading": _("Imports of dispatch and shifts"),
        "crumb": {"label": _("Incidents"), "url": reverse("incidents")},
        "count": found.count(),
        "rows": page.rows,
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "mappings": list(doors.mappings_for(actor)),
        "may_import": doors.may(actor, "import_dispatch"),
    }
    return render(request, "incidents/imports.html", context)


@login_required
@require_GET
def done(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What an import did, row by row where something was done or left out."""
    actor = actor_of(request)
    found: Import = doors.import_for(actor, pk)
    rows = [dict(zip(("line", "number", "kind", "words"), row, strict=True)) for row in found.rows]
    groups = [
        {"title": title, "kind": kind, "count": len(mine), "rows": mine[:SHOWN]}
        for kind, (title, _tone) in _KINDS.items()
        if (mine := [row for row in rows if row["kind"] == kind])
    ]
    context = {
        "heading": found.get_purpose_display(),
        "crumb": {"label": _("Imports"), "url": reverse("incident-imports")},
        "found": found,
        "groups": groups,
        "is_dispatch": found.purpose == PURPOSES.DISPATCH,
        "may_import": doors.may(actor, "import_dispatch"),
        **history_of(request, "incidents.import", pk),
    }
    return render(request, "incidents/import_done.html", context)


@login_required
@require_GET
def mapping(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How files with one header are read."""
    actor = actor_of(request)
    found = doors.mapping_for(actor, pk)
    known = acts.COLUMNS[found.purpose]
    said = [
        {"label": known[key].label, "value": _title(found, at)}
        for key, at in sorted(found.columns.items(), key=lambda item: item[1])
        if key in known
    ]
    may = doors.may(actor, "change_mapping")
    change = {"label": _("Correct it"), "url": reverse("mapping-change", args=[pk])}
    withdraw = {"label": _("Withdraw it"), "url": reverse("mapping-withdraw", args=[pk])}
    context = {
        "heading": found.name,
        "crumb": {"label": _("Imports"), "url": reverse("incident-imports")},
        "mapping": found,
        "said": said,
        "acts": {"primary": change, "others": [withdraw]} if may else None,
        **history_of(request, "incidents.mapping", pk),
    }
    return render(request, "incidents/mapping.html", context)


def _title(found: Mapping, at: int) -> str:
    title = found.titles[at] if at < len(found.titles) else ""
    return title or _("Column {number}").format(number=at + 1)


@login_required
@require_http_methods(["GET", "POST"])
def mapping_change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct how files are read from now on."""
    actor = actor_of(request)
    doors.check_may(actor, "change_mapping")
    found = doors.mapping_for(actor, pk)
    now = {name: getattr(found, name) for name in ("name", "style", "layout", "cancelled_words")}
    return act_page(
        request,
        forms.MappingForm(found.purpose, posted(request), initial=now),
        lambda said: acts.change_mapping(pk, **said, by=actor),
        heading=_("Correct “{name}”").format(name=found.name),
        back=reverse("mapping", args=[pk]),
        done=_("The mapping is corrected."),
        words=_("It counts for the next file. Which column says what is chosen when a file is at hand."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def mapping_withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a mapping."""
    actor = actor_of(request)
    doors.check_may(actor, "change_mapping")
    found = doors.mapping_for(actor, pk)
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda _said: acts.withdraw_mapping(pk, by=actor),
        heading=_("Withdraw “{name}”").format(name=found.name),
        back=reverse("incident-imports"),
        done=_("The mapping is withdrawn."),
        words=_("What was imported by it stays. The next file with its header is asked for anew."),
    )
