"""Clips on the page of their recording: asked for, taken out, withdrawn."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts import clip as acts
from fairwitness.evidence.acts import view
from fairwitness.evidence.doors import clips, timeline
from fairwitness.evidence.forms.cameras import ClipForm
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel import blobs
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of

TONES = {Clip.Status.WAITING: "waiting", Clip.Status.MADE: "done", Clip.Status.FAILED: "stopped"}


def box(actor: Actor, found: Recording) -> dict[str, Any] | None:
    """The clips of a recording for its page, and whether more may be made; None for who may not open it."""
    if found.status != Recording.Status.SEALED or not doors.may(actor, found.pk, "open"):
        return None
    may = found.readable == Recording.Readable.YES and doors.may(actor, found.pk, "clip")
    made = list(clips.clips_of(actor, found))
    rows = [{"clip": each, "tone": TONES[Clip.Status(each.status)]} for each in made]
    waits = any(each.status == Clip.Status.WAITING for each in made)
    return {"rows": rows, "may": may, "waits": waits, "ways": Clip.Way.choices} if rows or may else None


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask for a clip of a recording."""
    actor = actor_of(request)
    found = doors.recording(actor, pk, "clip")
    return act_page(
        request,
        ClipForm(posted(request), initial=_initial(request.GET, found)),
        lambda said: acts.ask_clip(pk, by=actor, **said),
        heading=_("Make a clip of {number}").format(number=found.number),
        back=_back(request, pk),
        done=_("The clip is being made. It stands on this page when it is there."),
        words=_("The recording stays as it is. With the clip comes a proof that leads back to it."),
        button=_("Make the clip"),
    )


def _back(request: HttpRequest, pk: uuid.UUID) -> str:
    """To the recording: opened, where the asker has it open in this sign-in."""
    session = view.session_mark(request.session.session_key or "")
    open_now = timeline.open_now(actor_of(request), session, [pk]).get(pk)
    return reverse("viewing", args=[open_now.pk]) if open_now else reverse("recording", args=[pk])


def _initial(asked: Mapping[str, str], found: Recording) -> dict[str, Any]:
    """From the moments that a player says in the address, else the whole recording."""
    values = {"begins_ms": 0, "ends_ms": found.duration_ms or 0, "wanted": Clip.Way.COPIED}
    for name in ("begins_ms", "ends_ms"):
        text = asked.get(name, "")
        if text.isascii() and text.isdecimal() and len(text) < 16:
            values[name] = min(int(text), found.duration_ms or 0)
    return values


@require_POST
def take(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The clip, as a download. Posted, because taking it is recorded."""
    made = acts.take_clip(pk, by=actor_of(request))
    return FileResponse(
        blobs.store().open(made.sha256),
        as_attachment=True,
        filename=f"{_file_name(made)}.mp4",
        content_type=made.media_type,
    )


@require_POST
def proof(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Its proof with both receipts, as a file to hand on with it."""
    file = acts.take_proof(pk, by=actor_of(request))
    made = clips.clip(actor_of(request), pk)
    answer = HttpResponse(json.dumps(file, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{_file_name(made)}.proof.json"'
    return answer


@require_POST
def withdraw(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw a clip."""
    made = acts.withdraw_clip(pk, by=actor_of(request))
    messages.success(request, _("The clip is withdrawn. It stays in the record."))
    return redirect(_back(request, made.recording_id))


def _file_name(made: Clip) -> str:
    """The recording's number and the interval: nothing that somebody typed."""
    return f"{made.recording.number}-clip-{made.begins_ms}-{made.ends_ms}"
