"""Holds inside: the list, one of them, placing one, and what may be done about it."""

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts import hold as acts
from fairwitness.evidence.doors import holds
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.forms.holds import AddForm, ExtendForm, HoldForm, HoldsForm, ReasonForm
from fairwitness.evidence.models import Hold
from fairwitness.evidence.pages import holding
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock
from fairwitness.kernel.acting import act_page, offers, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import as_address, as_id, chips, history_of, kept_text, page_of, taken_csv
from fairwitness.kernel.refusals import Invalid

SORTS = {"placed": ("placed_at",), "number": ("number",)}
# So many recordings of a hold are shown on its page; all of them are in their own list.
SHOWN = 200


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The list of holds; a search is posted and comes back as an address without words."""
    actor = actor_of(request)
    holds.check_may(actor, "see_holds")
    if request.method == "POST":
        return as_address(request, HoldsForm(request.POST))
    form = _filters(actor, request)
    found = holds.list_holds(actor, form.sought())
    page = page_of(found, SORTS, request, unasked="-placed")
    context = {
        "heading": _("Holds"),
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")},
        "count": found.count(),
        "rows": holding.rows(actor, page.rows),
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("holds"),
        "export_url": f"{reverse('holds-csv')}?{request.GET.urlencode()}",
        "export_recorded": True,
        "sees_requests": holds.may(actor, "see_preservation"),
    }
    return render(request, "evidence/holds.html", context)


def _filters(actor: Actor, request: HttpRequest) -> HoldsForm:
    form = HoldsForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@require_POST
def listed_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    name = f"holds-{clock.now():%Y%m%d-%H%M%S}"
    return taken_csv(name, lambda file: acts.export_holds(_filters(actor, request).sought(), file, by=actor))


@require_GET
def hold(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One hold: who placed it and why, and the recordings under it that who asks may find."""
    actor = actor_of(request)
    found = holds.hold(actor, pk)
    under = list(holds.recordings_under(actor, found)[: SHOWN + 1])
    rows = holds.rows_of(found)
    lets_out = holds.may(actor, "lift_hold") and not refusal_of(acts.check_lift, found, actor)
    state = holds.state_of(found)
    context = {
        "heading": _("Hold {number}").format(number=found.number),
        "crumb": {"label": _("Holds"), "url": reverse("holds")},
        "hold": found,
        "state": holds.STATES[state],
        "tone": holding.TONES[state],
        "facts": holding.facts(actor, found),
        "reads": holds.reads_reasons(actor),
        "rows": [{"recording": each, "held": rows.get(each.pk)} for each in under[:SHOWN]],
        "more": len(under) > SHOWN,
        "too_late": _too_late(actor, found),
        "lets_out": lets_out,
        "incident_open": _incident_open(actor, found),
        "preservation": found.requests.first() if holds.may(actor, "see_preservation") else None,
        "acts": _acts(actor, found),
        **history_of(request, "evidence.hold", pk),
    }
    return render(request, "evidence/hold.html", context)


def _incident_open(actor: Actor, found: Hold) -> bool:
    pk = found.incident_id
    return pk is not None and incidents.narrowed(actor).filter(pk=pk).exists()


def _too_late(actor: Actor, found: Hold) -> list[str]:
    """Why recordings that the actor may find are not under it: their erasing had begun."""
    rows = list(holds.came_too_late_for(found))
    keys = [row.recording_id for row in rows]
    mine = set(doors.narrowed(actor, "find").filter(pk__in=keys).values_list("pk", flat=True))
    return [row.released_because for row in rows if row.recording_id in mine]


def _acts(actor: Actor, found: Hold) -> dict[str, object] | None:
    """What may be done about a hold; what may not is greyed with the reason."""
    return offers(
        lambda act: holds.narrowed(actor, act).filter(pk=found.pk).exists(),
        (
            "place_hold",
            _("Add a recording"),
            reverse("hold-add", args=[found.pk]),
            refusal_of(holds.check_stands, found),
        ),
        (
            "place_hold",
            _("Extend"),
            reverse("hold-extend", args=[found.pk]),
            refusal_of(acts.check_extend, found),
        ),
        (
            "lift_hold",
            _("Lift"),
            reverse("hold-lift", args=[found.pk]),
            refusal_of(acts.check_lift, found, actor),
        ),
    )


@require_http_methods(["GET", "POST"])
def over_recording(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Place a hold over a recording, or over everything of an incident of it."""
    actor = actor_of(request)
    recording = doors.recording(actor, pk, "place_hold")
    form = HoldForm(posted(request))
    mine = incidents.narrowed(actor).filter(pk__in=[each.incident_id for each in linking.links(recording)])
    form.offer((str(key), number) for key, number in mine.values_list("pk", "number"))

    def place(said: dict[str, Any]) -> HttpResponse:
        made = acts.place_hold(
            recordings=[pk], incident_id=as_id(said.pop("cover", "") or ""), **said, by=actor
        )
        return redirect("hold", pk=made.pk)

    return act_page(
        request,
        form,
        place,
        heading=_("Hold {number}").format(number=recording.number),
        back=reverse("recording", args=[pk]),
        words=_("What is held is kept, whatever its date, until the hold ends or is lifted."),
        button=_("Place the hold"),
    )


@require_http_methods(["GET", "POST"])
def over_incident(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Place a hold over everything of an incident."""
    actor = actor_of(request)
    holds.check_may(actor, "place_hold")
    incident = incidents.incident(actor, pk)
    form = HoldForm(posted(request))
    form.offer(())
    return act_page(
        request,
        form,
        lambda said: redirect("hold", pk=acts.place_hold(incident_id=pk, **said, by=actor).pk),
        heading=_("Hold incident {number}").format(number=incident.number),
        back=reverse("incident", args=[pk]),
        words=_(
            "Covers every recording that belongs to the incident, those of other units that were there, and what comes "
            "later. What is held is kept, whatever its date, until the hold ends or is lifted."
        ),
        button=_("Place the hold"),
    )


@require_http_methods(["GET", "POST"])
def extend(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Have a hold end later."""
    actor = actor_of(request)
    found = holds.hold(actor, pk, "place_hold")
    return act_page(
        request,
        ExtendForm(posted(request)),
        lambda said: acts.extend_hold(pk, said["until"], by=actor),
        heading=_("Extend {number}").format(number=found.number),
        back=reverse("hold", args=[pk]),
        done=_("The hold stands for longer."),
        words=_("Now it stands until {day}.").format(day=holding.day(found.until) or _("it is lifted")),
        button=_("Extend"),
    )


@require_http_methods(["GET", "POST"])
def lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lift a hold."""
    actor = actor_of(request)
    found = holds.hold(actor, pk, "lift_hold")
    return act_page(
        request,
        ReasonForm(posted(request)),
        lambda said: acts.lift_hold(pk, said["reason"], by=actor),
        heading=_("Lift {number}").format(number=found.number),
        back=reverse("hold", args=[pk]),
        done=_("The hold is lifted."),
        words=_("Its recordings then go by their own dates again, and by other holds over them."),
        button=_("Lift the hold"),
    )


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Put one more recording under a hold, by its number."""
    actor = actor_of(request)
    found = holds.hold(actor, pk, "place_hold")

    def put(said: dict[str, Any]) -> object:
        rows = doors.narrowed(actor, "place_hold").filter(number__iexact=said["number"].strip())
        recording = rows.first()
        if recording is None:
            words = _("There is no recording of this number that you may hold.")
            raise Invalid(words, number=[words])
        return acts.add_to_hold(pk, recording.pk, by=actor)

    return act_page(
        request,
        AddForm(posted(request)),
        put,
        heading=_("Add a recording to {number}").format(number=found.number),
        back=reverse("hold", args=[pk]),
        done=_("The recording is under the hold."),
        button=_("Add"),
    )


@require_http_methods(["GET", "POST"])
def release(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let one recording out of a hold."""
    actor = actor_of(request)
    row = holds.held_row(actor, pk)
    return act_page(
        request,
        ReasonForm(posted(request)),
        lambda said: acts.release_from_hold(pk, said["reason"], by=actor),
        heading=_("Let {recording} out of {number}").format(
            recording=row.recording.number, number=row.hold.number
        ),
        back=reverse("hold", args=[row.hold_id]),
        done=_("The recording is out of the hold."),
        words=_("The hold goes on over the others."),
        button=_("Let it out"),
    )
