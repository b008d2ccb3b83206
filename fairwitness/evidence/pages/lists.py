"""The lists of evidence: recordings, whose wearer is not known, deliveries, counts."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.department import doors as department
from fairwitness.evidence import doors
from fairwitness.evidence.acts import seal
from fairwitness.evidence.acts.export import export_list
from fairwitness.evidence.forms import FilterForm, OwnerForm, filters_of
from fairwitness.evidence.models import Ingest
from fairwitness.evidence.pages import shown
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import taken_csv
from fairwitness.kernel.models import SavedSearch
from fairwitness.kernel.refusals import Invalid, NotFound
from fairwitness.kernel.roles import Reach

# The filters of the list that stay folded until one of them is in force.
MORE_FILTERS = ("unit", "camera", "incident", "label", "status", "readable", "owner_how")


@require_http_methods(["GET", "POST"])
def recordings(request: HttpRequest) -> HttpResponseBase:
    """The list. A search is posted, so that words never stand in an address, and comes back as an opaque one."""
    actor = actor_of(request)
    if not doors.may_list(actor):
        raise NotFound("There is no such page.")
    if request.method == "POST":
        return redirect(f"{reverse('recordings')}?{_as_address(actor, request.POST)}")
    form, filters = _filters(actor, request.GET)
    page = doors.listing(
        actor, filters, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    count, more = doors.count_of(actor, filters)
    context = {
        "heading": _("Recordings"),
        "count": count,
        "count_words": _("More than {count}; narrow the list to see how many.").format(count=count)
        if more
        else "",
        "rows": page.rows,
        "after": page.after,
        "before": page.before,
        "form": form,
        "chips": shown.chips(form, request.GET),
        "clear_url": reverse("recordings"),
        "filtered": any(form.cleaned_data.values()),
        "more_open": any(form.cleaned_data[name] for name in MORE_FILTERS),
        "sort": filters.sort,
        "export_recorded": True,
        "export_url": f"{reverse('recordings-csv')}?{request.GET.urlencode()}",
        "queue": doors.owners_unknown(actor).count() if doors.far(actor, "settle_owner") else 0,
        "may_link": doors.far(actor, "link_incident") > Reach.NONE,
        "sees_holds": doors.far(actor, "see_holds") > Reach.NONE,
        "sees_disposals": doors.far(actor, "see_disposals") > Reach.NONE,
        "sees_deliveries": doors.far(actor, "find") == Reach.ALL,
    }
    return render(request, "evidence/recordings.html", context)


@require_POST
def recordings_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    _form, filters = _filters(actor, request.GET)
    name = f"recordings-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(name, lambda file: export_list(filters, file, by=actor))


def _as_address(actor: Actor, posted: QueryDict) -> str:
    """Opaque filters as parameters, words as the id of a saved search."""
    parameters = {name: posted[name] for name in (*FilterForm.OPAQUE, "sort") if posted.get(name)}
    form = FilterForm({name: posted[name] for name in FilterForm.WORDS if posted.get(name)})
    if not form.is_valid():
        raise Invalid(_("These words cannot be searched for. Nothing was searched."))
    words = {name: form.cleaned_data[name] for name in FilterForm.WORDS if form.cleaned_data[name]}
    if words and actor.member_id:
        parameters["q"] = str(SavedSearch.keep(actor.member_id, words, clock.now()).pk)
    return urlencode(parameters)


def _filters(actor: Actor, asked: QueryDict) -> tuple[FilterForm, doors.Filters]:
    data: dict[str, Any] = {name: asked[name] for name in FilterForm.OPAQUE if asked.get(name)}
    if q := asked.get("q"):
        data |= _saved(actor, q)
    form = FilterForm(data)
    form.choose_from("owner", shown.officers(actor))
    form.choose_from("unit", shown.units())
    form.choose_from("camera", shown.cameras(actor))
    form.choose_from("label", ((label, label) for label in doors.labels()))
    if not form.is_valid():
        raise Invalid(_("This address does not name a list that can be shown."))
    return form, filters_of(form, asked.get("sort", ""), agency().tz)


def _saved(actor: Actor, pk: str) -> dict[str, str]:
    try:
        found = SavedSearch.objects.filter(pk=uuid.UUID(pk), member=actor.person).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(_("This search is not kept, or it is somebody else's."))
    words: dict[str, str] = found.words
    return words


@require_http_methods(["GET", "POST"])
def unknown_owners(request: HttpRequest) -> HttpResponse:
    """The BWC Unit's queue of recordings whose wearer is not known."""
    actor = actor_of(request)
    if doors.far(actor, "settle_owner") == Reach.NONE:
        raise NotFound("There is no such page.")
    if request.method == "POST":
        return _settle(request, actor)
    rows = list(
        doors.owners_unknown(actor).select_related("camera", "ingest").order_by("started", "id")[: doors.PAGE]
    )
    context = {
        "heading": _("Recordings whose wearer is not known"),
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")},
        "count": doors.owners_unknown(actor).count(),
        "rows": rows,
        "members": shown.badges(actor),
    }
    return render(request, "evidence/unknown_owners.html", context)


def _settle(request: HttpRequest, actor: Actor) -> HttpResponse:
    form = OwnerForm(request.POST)
    member = department.member_named(form.cleaned_data["badge"]) if form.is_valid() else None
    if member is None:
        messages.error(request, _("Nobody has that badge number; nothing was changed."))
        return redirect("unknown-owners")
    try:
        pk = uuid.UUID(request.POST.get("recording", ""))
    except ValueError as error:
        raise NotFound("There is no such recording.") from error
    settled = seal.settle_owner(pk, member, by=actor)
    messages.success(request, _("{number} is {name}'s.").format(number=settled.number, name=member.name))
    return redirect("unknown-owners")


@require_GET
def counts(request: HttpRequest) -> HttpResponse:
    """Recordings in numbers, for whoever may count them."""
    found = doors.counts(actor_of(request))
    return render(
        request,
        "evidence/counts.html",
        {"heading": _("Recordings in numbers"), **shown.counts_context(found)},
    )


@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """The deliveries that came in, newest first, with what became of them."""
    actor = actor_of(request)
    if doors.far(actor, "find") != Reach.ALL:
        raise NotFound("There is no such page.")
    rows = list(Ingest.objects.order_by("-begun")[:200])
    context = {
        "heading": _("Deliveries"),
        "count": len(rows),
        "rows": rows,
        # A folder's name may say what a recording is about: it is no metadata for who comes from outside.
        "sees_sources": doors.far(actor, "see_retention") == Reach.ALL,
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")},
    }
    return render(request, "evidence/deliveries.html", context)
