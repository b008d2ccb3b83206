"""The pages that belong to no room: home, notices, the public log, health."""

import datetime as dt
import re
import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import DatabaseError, connection
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from fairwitness.kernel import notices
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.publiclog import files, health, receipts
from fairwitness.site import cards, jobs

PUBLISHED = re.compile(r"checkpoint|key|tile/(entries|\d{1,2})/(x\d{3}/)*\d{3}(\.p/\d{1,3})?")
TOOLS = {"fairwitness_verify.py", "fairwitness_witness.py"}
FOR_EVER = "public, max-age=31536000, immutable"
# A worker says every few seconds that it is there; procrastinate calls one that has not for so long stalled.
WORKER_SILENT = dt.timedelta(seconds=60)


class MarkReadForm(forms.Form):
    """Which notice was read; all of them when none is named."""

    notice = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Home per role: what needs this person today, then what happened lately. The public sees what this is."""
    actor = actor_of(request)
    if actor.member_id is None:
        return render(request, "welcome.html", {"signed_in": request.user.is_authenticated})
    today = cards.cards(actor)
    context = {
        "greeting": cards.greeting(actor),
        "role_words": cards.role_words(actor),
        "cards": today,
        "needs": not today or any(card.tone != cards.QUIET for card in today),
        "told": _told(actor.member_id),
        "since": cards.last_visit(actor),
        "changes": cards.lately(actor),
    }
    return render(request, "home.html", context)


def _told(member_id: uuid.UUID) -> list[dict[str, Any]]:
    """The latest of what others told this person and they have not read."""
    return [
        {
            "at": n.at,
            "sentence": n.sentence,
            "tone": "attention",
            "thing": {"label": _("See it"), "url": n.link} if n.link else None,
        }
        for n in notices.unread(member_id)[:5]
    ]


@login_required
@require_http_methods(["GET", "POST"])
def my_notices(request: HttpRequest) -> HttpResponse:
    """The member's notices; posting marks one, or all of them, as read."""
    actor = actor_of(request)
    if actor.member_id is None:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        form = MarkReadForm(request.POST)
        if not form.is_valid():
            raise NotFound("There is no such notice.")
        notices.mark_read(actor.member_id, form.cleaned_data["notice"])
        messages.success(request, _("Marked as read."))
        return redirect("notices")
    return render(request, "notices.html", {"heading": _("Notices"), "rows": notices.recent(actor.member_id)})


@require_GET
def public_log(request: HttpRequest) -> HttpResponse:
    """What the public log is, how it stands, and how a stranger checks it."""
    try:
        state: dict[str, Any] | None = receipts.state()
    except Unavailable:
        state = None
    every = dt.timedelta(seconds=settings.FAIRWITNESS_PUBLISH_EVERY)
    context = {"heading": _("Public log"), "log": state, "health": health.health(), "every": every}
    return render(request, "public_log.html", context)


@require_GET
def published(request: HttpRequest, path: str) -> HttpResponseBase:
    """A file of the log, as it lies there. Tiles never change; the checkpoint does."""
    if not PUBLISHED.fullmatch(path):
        raise NotFound("The log has no such file.")
    try:
        file = (files.folder() / path).open("rb")
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        raise NotFound("The log has no such file.") from error
    text = path in {"checkpoint", "key"}
    answer = FileResponse(
        file, content_type="text/plain; charset=utf-8" if text else "application/octet-stream"
    )
    answer["Cache-Control"] = "no-cache" if text else FOR_EVER
    answer["Access-Control-Allow-Origin"] = "*"  # anyone's page may check the log
    return answer


@require_GET
def tool(request: HttpRequest, name: str) -> HttpResponseBase:
    """The verifier and the witness, each one file, as they are in the repository."""
    if name not in TOOLS:
        raise NotFound("There is no such file.")
    path: Path = settings.ROOT / "verify" / name
    return FileResponse(path.open("rb"), as_attachment=True, filename=name, content_type="text/x-python")


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when site, database, worker and publisher are well; 503 with what is not. Nothing personal in it."""
    faults: list[str] = []
    try:
        faults += health.health().faults
        faults += _worker_faults()
    except DatabaseError:
        faults.append("The database does not answer.")
    return JsonResponse({"well": not faults, "faults": faults}, status=503 if faults else 200)


def _worker_faults() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(last_heartbeat) > now() - make_interval(secs => %s) FROM procrastinate_workers",
            [WORKER_SILENT.total_seconds()],
        )
        alive = cursor.fetchone()[0]
    return [*([] if alive else ["No worker is running."]), *jobs.faults()]
