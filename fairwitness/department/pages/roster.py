"""The pages of a roster's import: the file, its columns, the preview, what was done."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.department import acts, doors, forms
from fairwitness.kernel import staging
from fairwitness.kernel.acting import posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.columns import guess_columns
from fairwitness.kernel.refusals import Invalid, WrongState
from fairwitness.kernel.tables import read_table

ROSTERS = "rosters"


@login_required
@require_http_methods(["GET", "POST"])
def roster(request: HttpRequest) -> HttpResponse:
    """Hand in the file."""
    actor = actor_of(request)
    doors.check_may(actor, "import_roster")
    form = forms.RosterFileForm(posted(request), request.FILES if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["file"]
        try:
            read_table(data)
        except Invalid as refusal:
            form.add_error("file", refusal.sentence)
        else:
            return redirect("roster-columns", pk=staging.stage(ROSTERS, actor, data))
    context = {
        "heading": _("Import a roster"),
        "form": form,
        "steps": _steps(0),
        "allowed": acts.allowed_columns(actor),
    }
    return render(request, "department/roster.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def columns(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Say which column says what; then see what the import would do."""
    actor, data = _staged(request, pk)
    header, allowed = read_table(data).header, acts.allowed_columns(actor)
    guessed = guess_columns(header, allowed) | doors.remembered_columns(header)
    form = forms.ColumnsForm(header, allowed, posted(request), initial=guessed)
    if request.method == "POST" and form.is_valid():
        try:
            return _preview(request, pk, data, form)
        except (Invalid, WrongState) as refusal:
            form.add_error(None, refusal.sentence)
    context = {"heading": _("Which column says what"), "form": form, "steps": _steps(1)}
    return render(request, "department/roster_columns.html", context, status=422 if form.errors else 200)


def _preview(request: HttpRequest, pk: uuid.UUID, data: bytes, form: forms.ColumnsForm) -> HttpResponse:
    chosen, since = form.columns(), form.cleaned_data["since"]
    result = acts.preview_roster(data=data, columns=chosen, since=since, by=actor_of(request))
    by_kind = {
        kind: [outcome for outcome in result.outcomes if outcome.kind == kind]
        for kind in ("faulty", "added", "changed", "unchanged")
    }
    context = {
        "heading": _("What the import will do"),
        "steps": _steps(2),
        "pk": pk,
        "form": form,
        "result": result,
        "agreed": result.digest,
        **by_kind,
        "doing": len(by_kind["added"]) + len(by_kind["changed"]),
    }
    return render(request, "department/roster_preview.html", context)


@login_required
@require_POST
@confirmed_lately
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Import what was previewed, and forget the file."""
    actor, data = _staged(request, pk)
    form = forms.ColumnsForm(read_table(data).header, acts.allowed_columns(actor), request.POST)
    if not form.is_valid():
        return redirect("roster-columns", pk=pk)
    agreed = request.POST.get("agreed", "")
    since = form.cleaned_data["since"]
    result = acts.import_roster(data=data, columns=form.columns(), since=since, agreed=agreed, by=actor)
    staging.unstage(ROSTERS, actor, pk)
    return redirect("roster-done", pk=result.entry_id)


@login_required
@require_GET
def done(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What an import did, as its entry in the ledger says it."""
    facts = doors.import_facts(actor_of(request), pk)
    context = {"heading": _("The roster was imported"), "facts": facts, "steps": _steps(3)}
    return render(request, "department/roster_done.html", context)


def _steps(current: int) -> list[dict[str, str]]:
    labels = (_("File"), _("Columns"), _("Preview"), _("Done"))
    states = ["complete"] * current + ["current"] + [""] * len(labels)
    return [{"label": label, "state": state} for label, state in zip(labels, states, strict=False)]


def _staged(request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, bytes]:
    """Who asks, and the file that they handed in. Raises Gone when it was imported or a day has passed."""
    actor = actor_of(request)
    doors.check_may(actor, "import_roster")
    return actor, staging.staged(ROSTERS, actor, pk)
