"""The pages that belong to no room: home, notices, the public log, health."""

import datetime as dt
import re
import sys
import uuid
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import InterfaceError, OperationalError
from django.db.models import QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_GET, require_http_methods

from fairwitness.kernel import notices
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.listing import as_address, as_id, kept_text
from fairwitness.kernel.models import Notice
from fairwitness.kernel.refusals import NotFound, Unavailable
from fairwitness.publiclog import files, health, receipts
from fairwitness.site import capabilities as manifest
from fairwitness.site import cards, searching, watch

PUBLISHED = re.compile(r"checkpoint|key|tile/(entries|\d{1,2})/(x\d{3}/)*\d{3}(\.p/\d{1,3})?")
TOOLS = {"fairwitness_verify.py", "fairwitness_witness.py"}
FOR_EVER = "public, max-age=31536000, immutable"


# How many notices a page shows.
NOTICES = 50


class MarkReadForm(forms.Form):
    """Which notice was read; all of them when none is named."""

    notice = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


class PlaceForm(forms.Form):
    """The notice after or before which the list goes on."""

    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


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
    """The member's notices, all or the unread; posting marks one, or all of them, as read."""
    actor = actor_of(request)
    if actor.member_id is None:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        form = MarkReadForm(request.POST)
        if not form.is_valid():
            raise NotFound("There is no such notice.")
        notices.mark_read(actor.member_id, form.cleaned_data["notice"])
        messages.success(request, _("Marked as read."))
        return redirect(request.get_full_path())
    only = request.GET.get("show") == "unread"
    rows, before, after = _page_of(notices.of(actor.member_id, unread_only=only), request)
    context = {"heading": _("Notices"), "rows": rows, "before": before, "after": after, "only_unread": only}
    return render(request, "notices.html", context)


def _page_of(mine: QuerySet[Notice], request: HttpRequest) -> tuple[list[Notice], str, str]:
    """The page after or before a notice of this person, and the keys of its ends, empty where the list ends."""
    form = PlaceForm(request.GET)
    place = form.cleaned_data if form.is_valid() else {}
    backwards = bool(place.get("before"))
    anchor = mine.filter(pk=place.get("before") or place.get("after") or 0).first()
    if anchor:
        beyond = TupleGreaterThan if backwards else TupleLessThan
        mine = mine.filter(beyond(Tuple("at", "pk"), (anchor.at, anchor.pk)))
    order = ("at", "pk") if backwards and anchor else ("-at", "-pk")
    rows = list(mine.order_by(*order)[: NOTICES + 1])
    more, rows = len(rows) > NOTICES, rows[:NOTICES]
    if backwards and anchor:
        rows.reverse()
        return rows, str(rows[0].pk) if rows and more else "", str(rows[-1].pk) if rows else ""
    return rows, str(rows[0].pk) if rows and anchor else "", str(rows[-1].pk) if rows and more else ""


class SearchForm(forms.Form):
    """What somebody looks for, among everything that they may see."""

    text = forms.CharField(
        label=_l("Look for"),
        required=False,
        max_length=200,
        help_text=_l(
            "Numbers, people, places, words of notes; a day, or a time on it, such as 2026-03-04 13:15."
        ),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )


@login_required
@require_http_methods(["GET", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Search over everything that one may see. Words are posted, and kept under an id: none stands in an address."""
    actor = actor_of(request)
    if actor.member_id is None:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        return as_address(request, SearchForm(request.POST))
    text = kept_text(actor, request)
    asked = searching.read(text)
    groups = searching.found(actor, asked, as_id(request.GET.get("q", "")))
    context = {
        "heading": _("Search"),
        "form": SearchForm({"text": text}),
        "asked": asked,
        "groups": groups,
        "count": sum(len(group.hits) for group in groups),
    }
    return render(request, "search.html", context)


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
def capabilities(request: HttpRequest) -> HttpResponse:
    """What this system can and cannot tell about people, for everyone."""
    context = {"heading": _("What this system can and cannot tell about people"), "can": manifest.manifest()}
    return render(request, "capabilities.html", context)


@require_GET
def capabilities_json(request: HttpRequest) -> JsonResponse:
    """The same for programs."""
    answer = JsonResponse(manifest.manifest(), json_dumps_params={"indent": 1})
    answer["Access-Control-Allow-Origin"] = "*"  # anyone's page may read it
    return answer


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
    """200 when site, database, worker and publisher are well; 503 with what kind of thing is not."""
    faults = [fault.in_public or fault.sentence for fault in watch.faults()]
    return JsonResponse({"well": not faults, "faults": faults}, status=503 if faults else 200)


def failed(request: HttpRequest) -> HttpResponse:
    """What is shown when we failed: without the database, with the reference under which the server's log says more.

    Where it is the database that failed, that is said, and that trying again later is right (RFC 9110, 15.6.4).
    """
    away = isinstance(sys.exc_info()[1], OperationalError | InterfaceError)
    status, reference = 503 if away else 500, getattr(request, "reference", "")
    if request.path.startswith("/api/"):
        code = Unavailable.code if away else "failed"
        sentence = _("The database does not answer. Try again soon.") if away else _("This is our fault.")
        said = {"code": code, "sentence": sentence, "details": {"reference": reference}}
        answer: HttpResponse = JsonResponse(said, status=status)
    else:
        page = render_to_string("500.html", {"reference": reference, "status": status, "away": away})
        answer = HttpResponse(page, status=status)
    if away:
        answer["Retry-After"] = "30"
    return answer
