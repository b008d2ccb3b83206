"""Recordings taken into a case and out of it, and files sealed in it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.cases import acts, doors, forms
from fairwitness.evidence import doors as evidence
from fairwitness.kernel import blobs
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.listing import as_id
from fairwitness.kernel.receiving import check_received, receives
from fairwitness.kernel.refusals import Invalid, WrongState

# The largest file that a form takes: an hour of a dashboard camera, the image of a telephone.
LARGEST_FILE = 8 * 2**30


@require_http_methods(["GET", "POST"])
def take_in(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a recording into a case, by its number."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "take_in")

    def do(said: dict[str, Any]) -> object:
        number = said["number"].strip().replace("\0", "")
        recording = evidence.seen(actor).filter(number__iexact=number).first()
        if recording is None:
            words = _("There is no recording of this number that you may see.")
            raise Invalid(words, number=[words])
        return acts.take_in(pk, recording.pk, said["because"], by=actor)

    return act_page(
        request,
        forms.TakeInForm(posted(request)),
        do,
        heading=_("Take a recording into {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The recording is in the case."),
        words=_("While the case is open the recording is kept, and open to those who are named in the case."),
        button=_("Take it in"),
    )


@require_http_methods(["GET", "POST"])
def into(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """From the page of a recording: take it into one of the cases that one works on."""
    actor = actor_of(request)
    recording = evidence.seen_recording(actor, pk)
    form = forms.IntoForm(posted(request))
    open_ones = doors.narrowed(actor, "take_in").filter(status="open")
    form.offer(open_ones.order_by("-opened_at", "-id")[:200])

    def do(said: dict[str, Any]) -> HttpResponse:
        case_id = as_id(said["case"])
        if case_id is None:
            raise Invalid(_("Choose a case."), case=[_("Choose a case.")])
        acts.take_in(case_id, pk, said["because"], by=actor)
        messages.success(request, _("The recording is in the case."))
        return redirect("case", pk=case_id)

    return act_page(
        request,
        form,
        do,
        heading=_("Take {number} into a case").format(number=recording.number),
        back=reverse("recording", args=[pk]),
        words=_("The latest 200 open cases that you work on are offered."),
        button=_("Take it in"),
    )


@require_POST
def take_in_all(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take in what a case's incidents have and it has not."""
    count = acts.take_in_all(pk, by=actor_of(request))
    messages.success(request, _("{count} recordings are in the case now.").format(count=count))
    return redirect("case", pk=pk)


@require_http_methods(["GET", "POST"])
def take_out(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a recording or a file out of a case."""
    actor = actor_of(request)
    item = doors.item_for(actor, pk, "take_out")
    thing = item.recording or item.file
    return act_page(
        request,
        forms.BecauseForm(posted(request)),
        lambda said: acts.take_out(pk, said["because"], by=actor),
        heading=_("Take {number} out of {case}").format(number=thing, case=item.case.number),
        back=reverse("case", args=[item.case_id]),
        done=_("It is out of the case. That it was in it stays known."),
        button=_("Take it out"),
    )


def _may_send(request: HttpRequest) -> None:
    doors.check_may(actor_of(request), "seal_file")


@receives(LARGEST_FILE, _may_send)
@require_http_methods(["GET", "POST"])
def add_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Seal a file in a case."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "seal_file")
    files = request.FILES if request.method == "POST" else None
    check_received(request)

    def do(said: dict[str, Any]) -> object:
        file = said["file"]
        file.seek(0)
        more = {name: said[name] for name in ("kind", "because", "made_at")}
        try:
            return acts.keep_file(pk, file, file.name or "", **more, by=actor)
        except WrongState as refused:
            raise Invalid(refused.sentence, file=[refused.sentence]) from refused

    return act_page(
        request,
        forms.FileForm(posted(request), files),
        do,
        heading=_("Add a file to {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The file is sealed in the case."),
        words=_(
            "Photographs, reports, documents and whatever else belongs to the case, sealed as recordings are: by digest, "
            "with an entry in the log."
        ),
        button=_("Seal it"),
    )


@require_POST
def file(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """A file of a case, as a download. Posted, because taking it is recorded."""
    taken = acts.take_file(pk, by=actor_of(request))
    answer = FileResponse(
        blobs.store().open(taken.sha256),
        as_attachment=True,
        filename=taken.name,
        content_type="application/octet-stream",
    )
    answer["Content-Length"] = str(taken.size)
    # Untrusted bytes opened by themselves must not act in our name.
    answer["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
