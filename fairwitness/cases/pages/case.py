"""One case: opened, looked at, corrected, closed; who works on it and the incidents that it is about."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.cases import acts, doors, forms
from fairwitness.cases.models import Case
from fairwitness.cases.pages import shown
from fairwitness.cases.pages.lists import TONES
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.acting import ConfirmForm, act_page, posted
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import as_id, history_of
from fairwitness.kernel.refusals import Invalid

# So many items stand on the page of a case; all of them are in their own list, however many.
SHOWN = 20
# So many, at most, on the sheet that is printed.
ON_SHEET = 5000


@require_GET
def case(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A case: what it holds, what it is about, who works on it, what is noted, to be done and before a court."""
    actor = actor_of(request)
    found = doors.case(actor, pk)
    context = {**_whole(actor, found, SHOWN), **history_of(request, "cases.case", pk)}
    return render(request, "cases/case.html", context)


@require_GET
def sheet(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The same to be printed: every item on one sheet, and nothing that can be done."""
    actor = actor_of(request)
    found = doors.case(actor, pk)
    return render(request, "cases/sheet.html", {**_whole(actor, found, ON_SHEET), "printed": clock.now()})


def _whole(actor: Actor, found: Case, most: int) -> dict[str, Any]:
    rows = list(doors.in_order(doors.items(found))[:most])
    links = doors.links_of(found)
    mine = incidents.narrowed(actor).filter(pk__in=[link.incident_id for link in links])
    return {
        "heading": f"{found.number} {found.title}",
        "crumb": {"label": _("Cases"), "url": reverse("cases")},
        "case": found,
        "tone": TONES[found.status],
        "amounts": doors.amounts(found),
        "rows": shown.items(actor, found, rows),
        "picture": shown.picture(rows),
        "missing": doors.missing(actor, found),
        "links": links,
        "open_incidents": set(mine.values_list("pk", flat=True)),
        "reports": doors.reports_beside(actor, found),
        "members": shown.members(doors.members_of(found)),
        "former": doors.former_members_of(found),
        "earlier": doors.closings_of(found),
        "persons": doors.persons_of(found),
        "notes": doors.notes_of(found),
        "tasks": doors.tasks_of(found),
        "court_dates": doors.court_dates_of(found),
        "now": clock.now(),
        "facts": shown.facts(found),
        "may": shown.work(actor, found),
        "me_id": actor.member_id,
        "side_by_side": shown.side_by_side(),
        "acts": shown.offered(actor, found),
    }


@require_http_methods(["GET", "POST"])
def open_case(request: HttpRequest) -> HttpResponse:
    """Open a case; from the page of an incident, about it."""
    actor = actor_of(request)
    doors.check_may(actor, "open_case")
    incident_id = as_id(request.GET.get("incident", ""))
    incident = incidents.incident(actor, incident_id) if incident_id else None
    words = _("Who opens a case leads it, unless another is named.")
    if incident:
        words = _("It will be about incident {number}. {words}").format(number=incident.number, words=words)

    def do(said: dict[str, Any]) -> HttpResponse:
        made = acts.open_case(**said, by=actor)
        if incident:
            acts.link_incident(made.pk, incident.pk, by=actor)
        return redirect("case", pk=made.pk)

    return act_page(
        request,
        forms.OpenForm(posted(request)),
        do,
        heading=_("Open a case"),
        back=reverse("incident", args=[incident.pk]) if incident else reverse("cases"),
        words=words,
        button=_("Open the case"),
    )


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct what a case is called."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "change_case")
    now = {"title": found.title, "kind": found.kind, "reference": found.reference}
    return act_page(
        request,
        forms.CaseForm(posted(request), initial=now),
        lambda said: acts.change_case(pk, **said, by=actor),
        heading=_("Correct {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The case is corrected."),
    )


@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Close a case."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "close_case")
    return act_page(
        request,
        forms.BecauseForm(posted(request)),
        lambda said: acts.close_case(pk, said["because"], by=actor),
        heading=_("Close {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The case is closed."),
        words=_(
            "Closed, it keeps its recordings no more: they go by their own dates and holds again, and are no longer "
            "open to those named in it. What is written in it stays."
        ),
        button=_("Close the case"),
    )


@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Open a closed case again."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "reopen_case")
    return act_page(
        request,
        forms.BecauseForm(posted(request)),
        lambda said: acts.reopen_case(pk, said["because"], by=actor),
        heading=_("Open {number} again").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The case is open again."),
        button=_("Open it again"),
    )


# Who works on it


@require_http_methods(["GET", "POST"])
def member_add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Name somebody in a case."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "add_member")
    return act_page(
        request,
        forms.MemberForm(posted(request)),
        lambda said: acts.add_member(pk, said["member"].pk, said["role"], by=actor),
        heading=_("Name somebody in {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("They are named in the case, and told."),
        words=_(
            "What the case holds opens to them as to their work. What is restricted to named people, what a statute "
            "protects, and what locks them out stays closed."
        ),
        button=_("Name them"),
    )


@require_http_methods(["GET", "POST"])
def member_end(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End somebody's work on a case."""
    actor = actor_of(request)
    row = doors.member_row(actor, pk, "end_member")
    return act_page(
        request,
        ConfirmForm(posted(request)),
        lambda _said: acts.end_member(pk, by=actor),
        heading=_("End the work of {name} on {number}").format(name=row.member.name, number=row.case.number),
        back=reverse("case", args=[row.case_id]),
        done=_("They work on it no more."),
        words=_("What is open to them by this case alone is closed at once."),
        button=_("End it"),
    )


# What it is about


@require_http_methods(["GET", "POST"])
def incident_link(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Note that a case is about an incident, by its number."""
    actor = actor_of(request)
    found = doors.case(actor, pk, "link_incident")

    def do(said: dict[str, Any]) -> object:
        incident = incidents.incident_by_number(said["number"])
        if incident is None or not incidents.narrowed(actor).filter(pk=incident.pk).exists():
            words = _("There is no incident of this number that you may find.")
            raise Invalid(words, number=[words])
        return acts.link_incident(pk, incident.pk, by=actor)

    return act_page(
        request,
        forms.NumberForm(posted(request)),
        do,
        heading=_("Link an incident to {number}").format(number=found.number),
        back=reverse("case", args=[pk]),
        done=_("The case is about this incident."),
        words=_("Its recordings are kept while the case is open, and can be taken in all at once."),
        button=_("Link it"),
    )


@require_POST
def incident_unlink(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Withdraw that a case is about an incident."""
    link = acts.unlink_incident(pk, by=actor_of(request))
    messages.success(request, _("The case is not about this incident any more. What was taken in stays."))
    return redirect("case", pk=link.case_id)
