"""Several cameras on one clock: of an incident, or of recordings that were chosen."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fairwitness.evidence import doors
from fairwitness.evidence.acts import note, offset, view
from fairwitness.evidence.doors import clocks, timeline
from fairwitness.evidence.doors.timeline import AT_ONCE, Lane, Timeline
from fairwitness.evidence.forms.cameras import MarkForm, NoteInForm
from fairwitness.evidence.models import Viewing
from fairwitness.evidence.pages import reports, shown
from fairwitness.incidents import doors as incidents
from fairwitness.incidents.models import Incident
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.agency import agency
from fairwitness.kernel.listing import as_id
from fairwitness.kernel.refusals import Invalid

MARKS = 4


@dataclass(frozen=True)
class Chosen:
    """What is looked at: an incident's cameras, or recordings by key."""

    incident: Incident | None
    ids: tuple[uuid.UUID, ...]

    @property
    def url(self) -> str:
        """Where it is shown; opaque keys alone stand in it."""
        if self.incident:
            return reverse("incident-cameras", args=[self.incident.pk])
        return f"{reverse('side-by-side')}?{urlencode([('r', str(pk)) for pk in self.ids])}"

    def timeline(self, actor: Actor) -> Timeline | None:
        """Its lanes, narrowed to who asks."""
        if self.incident:
            return timeline.of_incident(actor, self.incident.pk)
        return timeline.timeline(actor, self.ids)


@require_GET
def of_incident(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The cameras of an incident."""
    actor = actor_of(request)
    return _page(request, actor, Chosen(incidents.incident(actor, pk), ()))


@require_GET
def chosen(request: HttpRequest) -> HttpResponse:
    """The cameras whose keys stand in the address."""
    return _page(request, actor_of(request), Chosen(None, _ids(request.GET, "r")))


def _ids(said: QueryDict, name: str) -> tuple[uuid.UUID, ...]:
    found = (as_id(text) for text in said.getlist(name)[: timeline.LANES])
    return tuple(dict.fromkeys(pk for pk in found if pk))


def _session(request: HttpRequest) -> str:
    return view.session_mark(request.session.session_key or "")


def _page(request: HttpRequest, actor: Actor, what: Chosen) -> HttpResponse:
    line = what.timeline(actor)
    lanes = line.lanes if line else []
    open_now = timeline.open_now(actor, _session(request), [lane.recording.pk for lane in lanes])
    rows = [_row(actor, line, lane, open_now.get(lane.recording.pk)) for lane in lanes] if line else []
    players = [row for row in rows if row["player"]][:AT_ONCE]
    incident = what.incident
    context = {
        "heading": _("Cameras of {number}").format(number=incident.number)
        if incident
        else _("Cameras side by side"),
        "crumb": {"label": incident.number, "url": reverse("incident", args=[incident.pk])}
        if incident
        else {"label": _("Recordings"), "url": reverse("recordings")},
        "rows": rows,
        "more": line.more if line else 0,
        "players": players,
        "line": _line(line, incident) if line else None,
        "at_once": AT_ONCE,
        "may_open": any(lane.may_open for lane in lanes),
        "purposes": Viewing.Purpose.choices,
        "chosen": _first(rows, players),
        "what": what,
        "reports": reports.panel(actor, [row["lane"].recording for row in rows]),
        "may_mark": sum(row["may_mark"] for row in players) > 0 and len(players) > 1,
        "notes": sorted(
            ({**each, "row": row} for row in players for each in row["player"]["notes"]),
            key=lambda each: each["row"]["starts_ms"] + each["at_ms"],
        ),
    }
    return render(request, "evidence/side_by_side.html", context)


def _first(rows: list[dict[str, Any]], players: list[dict[str, Any]]) -> set[uuid.UUID]:
    """Which cameras are ticked beforehand: those that are open, else the first that can be."""
    ticked = players or [row for row in rows if row["lane"].may_open]
    return {row["lane"].recording.pk for row in ticked[:AT_ONCE]}


def _row(actor: Actor, line: Timeline, lane: Lane, viewing: Viewing | None) -> dict[str, Any]:
    """One camera: its place on the line, what is known of its clock, and its player where it is open."""
    found, starts = lane.recording, line.starts_ms(lane)
    x = max(0.0, min(99.5, 100 * starts / line.length_ms))
    return {
        "lane": lane,
        "starts_ms": starts,
        "x": f"{x:.2f}%",
        "width": f"{max(0.5, min(100 - x, 100 * lane.length_ms / line.length_ms)):.2f}%",
        "clock": clocks.signed(lane.offset_ms) if lane.offset else "",
        "away": clocks.signed(-round(lane.away.total_seconds()) * 1000) if lane.loose else "",
        "mark_x": f"{100 * (starts + lane.offset.at_ms) / line.length_ms:.2f}%" if lane.offset else "",
        "player": shown.player(actor, found, viewing) if viewing else None,
        "may_mark": bool(viewing) and doors.may(actor, found.pk, "align"),
    }


def _line(line: Timeline, incident: Incident | None) -> dict[str, Any]:
    """The line itself: its span, clock times along it, and what dispatch knows of the units within it."""
    step = (line.ends - line.begins) / (MARKS - 1)
    moments = [line.begins + step * n for n in range(MARKS)]
    return {
        "begins": line.begins,
        "ends": line.ends,
        "length_ms": line.length_ms,
        "begins_ms": line.begins.timestamp() * 1000,
        "zone": agency().tz.key,
        "marks": [moment.astimezone(agency().tz).strftime("%H:%M:%S") for moment in moments],
        "dispatch": list(_dispatch(line, incident)) if incident else [],
    }


def _dispatch(line: Timeline, incident: Incident) -> Iterable[dict[str, Any]]:
    """When units came and were free again, as far as that lies on the line."""
    for scene in incidents.on_scene(incident.pk):
        for moment, words in ((scene.begin, _("there")), (scene.end, _("clear again"))):
            if moment and line.begins <= moment <= line.ends:
                at = line.at_ms(moment)
                yield {
                    "sign": scene.call_sign,
                    "words": words,
                    "at": moment,
                    "at_ms": at,
                    "x": f"{100 * at / line.length_ms:.2f}%",
                }


def _what(request: HttpRequest) -> Chosen:
    """Which page this was sent from: what the form of that page carries along."""
    pk = as_id(request.POST.get("incident", ""))
    if pk:
        return Chosen(incidents.incident(actor_of(request), pk), ())
    return Chosen(None, _ids(request.POST, "of"))


@require_POST
def open_together(request: HttpRequest) -> HttpResponse:
    """Begin a viewing of each camera that was ticked, for one purpose; what else was open here is closed."""
    actor, what, session = actor_of(request), _what(request), _session(request)
    ticked = _ids(request.POST, "r")
    if not 1 <= len(ticked) <= AT_ONCE:
        messages.error(request, _("Choose between one and {n} cameras.").format(n=AT_ONCE))
        return redirect(what.url)
    view.view_together(ticked, request.POST.get("purpose", ""), session, by=actor)
    line = what.timeline(actor)
    others = {lane.recording.pk for lane in line.lanes} - set(ticked) if line else set()
    _close(actor, session, others)
    return redirect(what.url)


@require_POST
def close_together(request: HttpRequest) -> HttpResponse:
    """End every viewing that this page has open."""
    actor, what = actor_of(request), _what(request)
    line = what.timeline(actor)
    _close(actor, _session(request), [lane.recording.pk for lane in line.lanes] if line else [])
    messages.success(request, _("The viewings are closed and recorded."))
    return redirect(what.url)


def _close(actor: Actor, session: str, recording_ids: Iterable[uuid.UUID]) -> None:
    for each in timeline.open_now(actor, session, recording_ids).values():
        view.end_viewing(each.pk, "closed", by=actor)


@require_POST
def add_note(request: HttpRequest) -> HttpResponse:
    """Write a note at a moment of one of the cameras."""
    what, form = _what(request), NoteInForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("A note needs a camera, a moment and a text of at most 2000 characters."))
    said = form.cleaned_data
    note.add_note(said["recording"], said["at_ms"], said["text"], by=actor_of(request))
    messages.success(request, _("The note is kept."))
    return redirect(what.url)


@require_POST
def mark(request: HttpRequest) -> HttpResponse:
    """Keep that two cameras show the same moment now."""
    what, form = _what(request), MarkForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("A mark needs two cameras, a moment in each, and what is seen."))
    said = form.cleaned_data
    offset.find_by_mark(
        said["recording"],
        at_ms=said["at_ms"],
        other_id=said["other"],
        other_ms=said["other_ms"],
        because=said["because"],
        by=actor_of(request),
    )
    messages.success(
        request, _("By how much the clocks differ is kept and shown. The recordings are left as they are.")
    )
    return redirect(what.url)
