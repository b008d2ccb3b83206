"""The pages of uploads: the list, one upload with what became of it, the page to drop files on."""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.accounts import doors as accounts
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.kernel import clock, history
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import taken_csv
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.uploads.acts import announce, seal
from fairwitness.uploads.acts.listed import export_uploads
from fairwitness.uploads.doors import incoming as doors
from fairwitness.uploads.forms import ConfirmForm, UploadsForm
from fairwitness.uploads.models import Upload

PAGE_ROWS = 50
Status = Upload.Status
TONES = {
    Status.ANNOUNCED: "waiting",
    Status.RECEIVED: "waiting",
    Status.SEALED: "done",
    Status.REFUSED: "stopped",
    Status.WITHDRAWN: "attention",
    Status.ABANDONED: "attention",
    Status.DISPOSED: "quiet",
}


@login_required
@require_GET
def uploads(request: HttpRequest) -> HttpResponse:
    """The list, newest first unless asked otherwise."""
    actor, form, found = _asked(request)
    oldest_first = request.GET.get("sort") == "begun"
    rows, before, after = _page(found, request, oldest_first)
    senders = _senders(rows)
    context = {
        "heading": _("Uploads"),
        "count": found.count(),
        "rows": [_shown(row, senders) for row in rows],
        "sort": "begun" if oldest_first else "-begun",
        "before": before,
        "after": after,
        "form": form,
        "chips": _chips(request, form),
        "clear_url": reverse("uploads"),
        "export_url": f"{reverse('uploads-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
        "may_upload": doors.may_upload(actor),
        "looks_again": any(row.status in (Status.ANNOUNCED, Status.RECEIVED) for row in rows),
    }
    return render(request, "uploads/uploads.html", context)


@login_required
@require_POST
def uploads_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV."""
    actor, form, _found = _asked(request)
    name = f"uploads-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(name, lambda file: export_uploads(form.sought(), file, by=actor))


def _asked(request: HttpRequest) -> tuple[Actor, UploadsForm, QuerySet[Upload]]:
    actor = actor_of(request)
    if not doors.may_list(actor):
        raise Forbidden(_("Your roles do not allow this."))
    form = UploadsForm(request.GET)
    form.is_valid()
    return actor, form, doors.list_uploads(actor, form.sought())


def _page(found: QuerySet[Upload], request: HttpRequest, oldest_first: bool) -> tuple[list[Upload], str, str]:
    """The rows that `?after=` or `?before=` ask for, and the keys of their ends; keys grow with time."""
    before, after = _key(request, "before"), _key(request, "after")
    ascending = oldest_first != bool(before)
    if anchor := before or after:
        found = found.filter(**{"pk__gt" if ascending else "pk__lt": anchor})
    rows = list(found.order_by("pk" if ascending else "-pk")[: PAGE_ROWS + 1])
    more, rows = len(rows) > PAGE_ROWS, rows[:PAGE_ROWS]
    if before:
        rows.reverse()
    if not rows:
        return [], "", ""
    has_next, has_previous = (True, more) if before else (more, bool(after))
    return rows, str(rows[0].pk) if has_previous else "", str(rows[-1].pk) if has_next else ""


def _key(request: HttpRequest, name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(request.GET.get(name, ""))
    except ValueError:
        return None


def _chips(request: HttpRequest, form: UploadsForm) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    chips = []
    for name in form.fields:
        if chosen := form.cleaned_data.get(name):
            words = dict(getattr(form.fields[name], "choices", ())).get(chosen) or _day(chosen)
            kept = {k: v for k, v in request.GET.items() if k not in (name, "before", "after")}
            chips.append(
                {"label": str(form[name].label), "value": str(words), "remove_url": f"?{urlencode(kept)}"}
            )
    return chips


def _day(chosen: Any) -> str:
    return str(date_format(chosen, agency().date_format)) if hasattr(chosen, "year") else str(chosen)


def _senders(rows: Iterable[Upload]) -> Mapping[str, str]:
    """Who sent these uploads, by the actor's key, in words."""
    keys = {row.by for row in rows}
    members, tokens = (
        [uuid.UUID(k[len(p) :]) for k in keys if k.startswith(p)] for p in ("member:", "device:")
    )
    names = {**department.member_names(members), **accounts.token_names(tokens)}
    named = {str(pk): name for pk, name in names.items()}
    return {key: named.get(key.partition(":")[2]) or history.actor_name(key, named) for key in keys}


def _shown(row: Upload, senders: Mapping[str, str]) -> dict[str, Any]:
    """A row of the list."""
    offset = doors.offset(row)
    return {
        "upload": row,
        "tone": TONES[Status(row.status)],
        "sender": row.dock.name if row.dock else senders[row.by],
        "offset": offset,
        "percent": 100 * offset // row.size if row.size and row.status == Status.ANNOUNCED else None,
    }


@login_required
@require_GET
def upload(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One upload: what was announced, how far it came, what became of it, its history."""
    actor = actor_of(request)
    found = doors.upload(actor, pk)
    shown = _shown(found, _senders([found]))
    before = request.GET.get("before", "")
    page = history.page("uploads.upload", pk, before=before)
    until = doors.kept_until(found)
    context = {
        "heading": found.number,
        "crumb": {"label": _("Uploads"), "url": reverse("uploads")},
        **shown,
        "kept_until": until,
        "due": until is not None and until <= clock.now(),
        "rule": agency().uploads,
        "last_seen": found.progress.seen_at if found.status == Status.ANNOUNCED else None,
        "waits_until": found.progress.seen_at + doors.waits() if found.status == Status.ANNOUNCED else None,
        "may_open_recording": found.recording_id is not None
        and evidence.may(actor, found.recording_id, "find"),
        "facts": _facts(found, shown["sender"]),
        "acts": _offers(actor, found),
        "looks_again": found.status in (Status.ANNOUNCED, Status.RECEIVED),
        "history": page.lines,
        **page.ways(request.path, before),
    }
    return render(request, "uploads/upload.html", context)


def _facts(found: Upload, sender: str) -> list[dict[str, Any]]:
    """What was announced."""
    holder, camera = found.holder, found.camera
    rows: list[dict[str, Any]] = [
        {"label": _("File"), "value": found.source_name.rsplit("/", 1)[-1]},
        {
            "label": _("Size"),
            "value": _("{n} bytes").format(n=number_format(found.size, force_grouping=True)),
        },
        {"label": _("Sent by"), "value": sender, "hint": _("by hand") if found.by_hand else ""},
        {"label": _("Announced"), "moment": found.begun},
        {"label": _("Camera"), "value": camera.serial if camera else found.said.get("device")},
        {"label": _("Worn by"), "value": f"{holder.name} ({holder.badge})" if holder else None},
        {"label": _("Recorded, as said"), "value": found.said.get("started")},
        {"label": _("Incident"), "value": found.said.get("incident")},
        {"label": _("SHA-256 as declared"), "digest": found.sha256},
        {"label": _("SHA-256 as it came"), "digest": found.came_sha256},
    ]
    return [row for row in rows if row.get("value") or row.get("moment") or row.get("digest")]


def _offers(actor: Actor, found: Upload) -> dict[str, Any] | None:
    """What the actor may do with an upload, each act greyed with the reason where it cannot be done now."""
    offers = []
    if found.status == Status.ANNOUNCED and doors.may(actor, found, "withdraw_upload"):
        offers.append(
            {"label": _("Withdraw"), "url": reverse("upload-withdraw", args=[found.pk]), "reason": ""}
        )
    if found.status in doors.UNSEALED and doors.may(actor, found, "dispose_upload"):
        url = reverse("upload-dispose", args=[found.pk])
        offers.append({"label": _("Dispose of the bytes"), "url": url, "reason": _why_not(found)})
    return {"primary": None, "others": offers} if offers else None


def _why_not(found: Upload) -> str:
    try:
        seal.check_due(found)
    except WrongState as refusal:
        return refusal.sentence
    return ""


@login_required
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw an unfinished upload; what came is kept."""
    by = actor_of(request)
    found = doors.upload(by, pk, "withdraw_upload")
    return _act_page(
        request,
        found,
        lambda: announce.withdraw_upload(pk, by=by),
        heading=_("Withdraw the upload {number}").format(number=found.number),
        words=_("Nothing more can be sent to it. What has come is kept, and seen by the BWC Unit."),
        done=_("The upload was withdrawn."),
    )


@login_required
@require_http_methods(["GET", "POST"])
@confirmed_lately
def dispose(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Dispose of the bytes of an upload that was not sealed, once its rule lets them go."""
    by = actor_of(request)
    found = doors.upload(by, pk, "dispose_upload")
    return _act_page(
        request,
        found,
        lambda: seal.dispose_upload(pk, by=by),
        heading=_("Dispose of the bytes of {number}").format(number=found.number),
        words=_what_goes(found),
        done=_("The bytes were disposed of."),
    )


def _what_goes(found: Upload) -> str:
    """What disposing lets go, and what stays."""
    words = [
        _(
            "The bytes of this upload go for good. What is known of it stays, with who disposed of them and when."
        )
    ]
    if found.recording:
        sentence = _("The refused recording {number} keeps its own copy in the store: that does not go.")
        words.append(sentence.format(number=found.recording.number))
    return " ".join(words)


def _act_page(
    request: HttpRequest, found: Upload, do: Any, *, heading: str, words: str, done: str
) -> HttpResponse:
    """The page of a grave act: said once more in words, and confirmed; what it refuses is said beside the form."""
    back = reverse("upload", args=[found.pk])
    form = ConfirmForm(posted(request))
    return act_page(request, form, lambda _entered: do(), heading=heading, words=words, done=done, back=back)


@login_required
@require_GET
def new(request: HttpRequest) -> HttpResponse:
    """The page to drop files on."""
    actor = actor_of(request)
    doors.check_may_upload(actor)
    all_of_them = doors.far(actor, "upload") == Reach.ALL
    cameras = (
        department.cameras_for(actor).order_by("serial") if all_of_them else department.cameras_of(actor)
    )
    context = {
        "heading": _("Upload recordings"),
        "crumb": {"label": _("Uploads"), "url": reverse("uploads")},
        "cameras": [camera.serial for camera in cameras],
        "all_of_them": all_of_them,
        # What this browser remembers of unfinished uploads is kept apart by who uses it, without saying who.
        "keeper": hashlib.sha256(actor.key.encode()).hexdigest()[:16],
    }
    return render(request, "uploads/new.html", context)
