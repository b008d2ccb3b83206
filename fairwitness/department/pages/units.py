"""The pages of units: the chain of command as a tree, units and courses, and how far the programme covers them."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts, doors, forms
from fairwitness.department.pages.acting import act_page, offers
from fairwitness.kernel import clock
from fairwitness.kernel.acting import posted
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.listing import csv_response


@login_required
def units(request: HttpRequest) -> HttpResponse:
    """Who reports to whom today, and the units in which they serve."""
    actor = actor_of(request)
    doors.check_may(actor, "list_members")
    context = {
        "heading": _("Units and chain of command"),
        "chain": doors.chain_of_command(),
        "units": doors.counted_units(),
        "acts": offers(actor, ("add_unit", _("Add a unit"), reverse("unit-add"), "")),
    }
    return render(request, "department/units.html", context)


@login_required
def unit_add(request: HttpRequest) -> HttpResponse:
    """Add a unit."""
    by = actor_of(request)
    return act_page(
        request,
        "add_unit",
        forms.UnitForm(posted(request)),
        lambda entered: acts.add_unit(
            code=entered["code"],
            name=entered["name"],
            parent_id=entered["parent"] and entered["parent"].pk,
            by=by,
        ),
        heading=_("Add a unit"),
        back=reverse("units"),
        done=_("The unit was added."),
    )


@login_required
def coverage(request: HttpRequest) -> HttpResponse:
    """How many sworn members are trained and equipped, by rank and by unit."""
    actor = actor_of(request)
    found = doors.coverage(actor)
    figures = [
        {"title": _rank_finding(found), "heads": _("Rank group"), "rows": found.by_rank},
        {"title": _unit_finding(found), "heads": _("Unit"), "rows": found.by_unit},
    ]
    context = {
        "heading": _("Coverage"),
        "coverage": found,
        "figures": figures,
        "courses": doors.required_courses(),
        "now": clock.now(),
        "acts": offers(actor, ("add_course", _("Add a course"), reverse("course-add"), "")),
    }
    return render(request, "department/coverage.html", context)


def _rank_finding(found: doors.Coverage) -> str:
    whole = found.whole
    return _("{equipped} of {sworn} sworn members wear a camera, and {trained} are trained.").format(
        equipped=whole.equipped, sworn=whole.sworn, trained=whole.trained
    )


def _unit_finding(found: doors.Coverage) -> str:
    """The unit furthest behind, or that none is."""
    behind = min(found.by_unit, key=lambda share: (share.equipped_share, -share.sworn), default=None)
    if behind is None or behind.equipped_share == 1:
        return (
            _("Every sworn member of every unit wears a camera.")
            if behind
            else _("There are no sworn members yet.")
        )
    return _("{unit} is furthest behind: {equipped} of {sworn} wear a camera.").format(
        unit=behind.label, equipped=behind.equipped, sworn=behind.sworn
    )


@login_required
def coverage_csv(request: HttpRequest) -> HttpResponseBase:
    """The same figures as CSV."""
    found = doors.coverage(actor_of(request))
    header = (_("Grouped by"), _("Group"), _("Sworn"), _("Trained"), _("Equipped"), _("As of"))
    groups = [(_("All"), found.whole)]
    groups += [(_("Rank group"), share) for share in found.by_rank]
    groups += [(_("Unit"), share) for share in found.by_unit]
    rows = ((by, s.label, s.sworn, s.trained, s.equipped, found.day) for by, s in groups)
    return csv_response("coverage", header, rows)


@login_required
def course_add(request: HttpRequest) -> HttpResponse:
    """Add a course."""
    by = actor_of(request)
    return act_page(
        request,
        "add_course",
        forms.CourseForm(posted(request)),
        lambda entered: acts.add_course(**entered, by=by),
        heading=_("Add a course"),
        words=_("A course that is required for a camera is required of everyone from now on."),
        back=reverse("coverage"),
        done=_("The course was added."),
    )
