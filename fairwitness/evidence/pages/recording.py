"""One recording: closed, opened for a purpose, its bytes, its notes, its receipt."""

import json
import uuid

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts import note, probe, view
from fairwitness.evidence.acts.export import issue_receipt, take_attachment
from fairwitness.evidence.doors.playing import played_type
from fairwitness.evidence.forms import BeatForm, NoteForm
from fairwitness.evidence.models import Derivative, Recording, Viewing
from fairwitness.evidence.pages import shown
from fairwitness.kernel import blobs
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.refusals import Invalid, NotFound
from fairwitness.kernel.sending import Bytes, send
from fairwitness.kernel.tables import csv_text

# What shows a recording at a glance: what has no category yet counts as sensitive for it.
PREVIEWS = {Derivative.Kind.FILMSTRIP, Derivative.Kind.STILL, Derivative.Kind.WAVEFORM}


@require_GET
def recording(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A recording, closed: what is known of it, its whole custody history, and the way to open it."""
    actor = actor_of(request)
    found = doors.seen_recording(actor, pk)
    before = request.GET.get("before", "")
    return render(request, "evidence/recording.html", shown.recording_context(actor, found, None, before))


@require_GET
def history_csv(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The whole custody history, oldest first, as a file to keep or print."""
    found = doors.seen_recording(actor_of(request), pk)
    text = csv_text(shown.HISTORY_COLUMNS, shown.history_rows(found))
    answer = HttpResponse(text, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="history-{found.number}.csv"'
    return answer


@require_GET
def viewing(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A recording, opened: the same page with its player, for as long as the viewing lasts.

    Whoever comes back to a viewing of theirs that has ended, as by loading the page again, is led to the recording.
    """
    actor = actor_of(request)
    if ended := Viewing.objects.filter(pk=pk, member=actor.member_id).exclude(ended=None).first():
        messages.info(request, _("That viewing has ended. To see the recording again, say for what."))
        return redirect("recording", pk=ended.recording_id)
    open_viewing = doors.viewing(actor, pk, _session(request))
    found = doors.recording(actor, open_viewing.recording_id, "open")
    return render(request, "evidence/recording.html", shown.recording_context(actor, found, open_viewing))


@require_POST
def open_recording(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Begin a viewing for the purpose that was chosen."""
    begun = view.view(pk, request.POST.get("purpose", ""), _session(request), by=actor_of(request))
    return redirect("viewing", pk=begun.pk)


@require_POST
def close_recording(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End the viewing; the player also says so when its page is left."""
    open_viewing = doors.viewing(actor_of(request), pk, _session(request))
    _beat(request, open_viewing)
    view.end_viewing(open_viewing.pk, "closed", by=actor_of(request))
    if request.content_type == "application/json":
        return JsonResponse({"ended": True})
    messages.success(request, _("The viewing is closed and recorded."))
    return redirect("recording", pk=open_viewing.recording_id)


@require_POST
def beat(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The player says that it is still there; the answer says whether it may go on."""
    open_viewing = doors.viewing(actor_of(request), pk, _session(request))
    _beat(request, open_viewing)
    return JsonResponse({"open": True})


def _beat(request: HttpRequest, open_viewing: Viewing) -> None:
    try:
        said = (
            json.loads(request.body or b"{}") if request.content_type == "application/json" else request.POST
        )
    except ValueError:
        said = {}
    form = BeatForm(said if isinstance(said, dict) else {})
    if form.is_valid():
        view.beat(open_viewing, form.cleaned_data["played_ms"])


def _session(request: HttpRequest) -> str:
    """The mark of this sign-in, as a viewing keeps it."""
    return view.session_mark(request.session.session_key or "")


@require_http_methods(["GET", "HEAD"])
def media(request: HttpRequest, pk: uuid.UUID, what: str) -> HttpResponseBase:
    """The bytes of an open viewing: `playing` (what the browser plays), `original`, or a derivative by kind."""
    actor, session = actor_of(request), _session(request)
    act = "preview" if what in PREVIEWS else "open"
    open_viewing = doors.viewing(actor, pk, session, act)

    def still_open() -> bool:
        key = request.session.session_key
        return key is not None and request.session.exists(key) and doors.viewing_is_open(pk, session, act)

    wanted = _bytes(open_viewing.recording, what)
    return send(request, wanted, still_open=still_open, charge=lambda count: view.count_bytes(pk, count))


def _bytes(found: Recording, what: str) -> Bytes:
    if what == "playing" and (kind := played_type(found)):
        return Bytes(found.sha256, kind)
    if what in Derivative.Kind.values:
        derivative = Derivative.objects.filter(recording=found, kind=what).first()
        if derivative:
            return Bytes(derivative.sha256, derivative.media_type)
    if what == "original":
        return Bytes(found.sha256, "application/octet-stream", filename=shown.download_name(found))
    raise NotFound(_("That has not been made of this recording."))


@require_POST
def attachment(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A file that came with a recording, as a download. Posted, because taking it is recorded."""
    found = take_attachment(pk, by=actor_of(request))
    name = found.name.rsplit("/", 1)[-1]
    return FileResponse(
        blobs.store().open(found.sha256),
        as_attachment=True,
        filename=name,
        content_type="application/octet-stream",
    )


@require_POST
def add_note(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write a note at a moment, and go back to where it was written."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("A note needs a moment and a text of at most 2000 characters."))
    note.add_note(pk, form.cleaned_data["at_ms"], form.cleaned_data["text"], by=actor_of(request))
    messages.success(request, _("The note is kept."))
    return _back(request, pk)


@require_POST
def withdraw_note(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw one's own note."""
    withdrawn = note.withdraw_note(pk, by=actor_of(request))
    messages.success(request, _("The note is withdrawn. It stays in the record."))
    return _back(request, withdrawn.recording_id)


def _back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    open_now = Viewing.objects.filter(
        recording=pk, member=actor_of(request).member_id, ended=None, session=_session(request)
    ).first()
    return redirect("viewing", pk=open_now.pk) if open_now else redirect("recording", pk=pk)


@require_POST
def read_again(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask that what could not be read be read again."""
    probe.read_again(pk, by=actor_of(request))
    messages.success(request, _("It will be read again; what it holds is then shown here."))
    return redirect("recording", pk=pk)


@require_POST
def receipt(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The receipt, as a file to keep: with it a stranger can prove that the recording was sealed as it is."""
    made = issue_receipt(pk, by=actor_of(request))
    number = made["entry"]["facts"]["number"]
    answer = HttpResponse(json.dumps(made, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="receipt-{number}.json"'
    return answer
