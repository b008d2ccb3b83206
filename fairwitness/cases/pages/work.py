"""Persons, notes, tasks and court dates of a case: written down, done, withdrawn."""

import uuid
from collections.abc import Callable
from typing import Any, Protocol

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l
from django.views.decorators.http import require_http_methods, require_POST

from fairwitness.cases import acts, doors, forms
from fairwitness.cases.models import CourtDate
from fairwitness.kernel.acting import act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.refusals import Invalid


class _OfCase(Protocol):
    case_id: uuid.UUID


@require_http_methods(["GET", "POST"])
def person_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write down whom a case is about."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "add_person")
    return act_page(
        request,
        forms.PersonForm(posted(request)),
        lambda said: acts.add_person(pk, **said, by=actor),
        heading=_("Add a person to {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The person is written down."),
        words=_("Only what you write is kept. Nobody is looked for in pictures or sound."),
    )


@require_POST
def note_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Write a note, and go back to where it was written."""
    form = forms.NoteForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("A note needs a text of at most 4000 characters. Nothing was written."))
    acts.add_case_note(pk, form.cleaned_data["text"], by=actor_of(request))
    messages.success(request, _("The note is kept."))
    return redirect(f"{reverse('case', args=[pk])}#notes")


@require_http_methods(["GET", "POST"])
def task_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give somebody something to do."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "add_task")
    form = forms.TaskForm(posted(request))
    form.offer(doors.members_of(found))
    return act_page(
        request,
        form,
        lambda said: acts.add_task(pk, said["text"], uuid.UUID(said["member"]), said["due"], by=actor),
        heading=_("Add a task to {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The task is given, and who is to do it is told."),
    )


@require_http_methods(["GET", "POST"])
def court_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Set when a case is before a court."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "set_court_date")
    return act_page(
        request,
        forms.CourtForm(posted(request)),
        lambda said: acts.set_court_date(pk, **said, by=actor),
        heading=_("Set a court date of {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The court date is set, and everyone named in the case is told."),
    )


@require_http_methods(["GET", "POST"])
def court_outcome(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note what came of a court date."""
    actor = actor_of(request)
    row = doors.row_for(CourtDate, actor, pk, "set_court_date")
    return act_page(
        request,
        forms.OutcomeForm(posted(request)),
        lambda said: acts.note_outcome(pk, said["outcome"], by=actor),
        heading=_("What came of {court}").format(court=row.court),
        back=reverse("case", args=[row.case_id]),
        done=_("The outcome is noted."),
    )


def _one_press(act: Callable[..., _OfCase], done: Any) -> Callable[[HttpRequest, uuid.UUID], HttpResponse]:
    """A page that only takes what is posted: the act, what is said of it, and back to the case."""

    @require_POST
    def page(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        actor: Actor = actor_of(request)
        row = act(pk, by=actor)
        messages.success(request, str(done))
        return redirect("case", pk=row.case_id)

    return page


person_withdraw = _one_press(
    acts.withdraw_person, _l("The person is withdrawn. That they were written down stays.")
)
note_withdraw = _one_press(acts.withdraw_case_note, _l("The note is withdrawn. It stays in the record."))
task_done = _one_press(acts.finish_task, _l("The task is done."))
task_withdraw = _one_press(acts.withdraw_task, _l("The task is withdrawn."))
court_withdraw = _one_press(acts.withdraw_court_date, _l("The court date is withdrawn."))
