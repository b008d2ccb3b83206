"""How holds are shown: in the box of a recording, beside an incident, on their own page."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.dateformat import format as date_format
from django.utils.translation import gettext as _

from fairwitness.evidence import doors
from fairwitness.evidence.doors import holds
from fairwitness.evidence.models import Hold, PreservationRequest, Recording
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency

TONES = {"stands": "active", "ended": "quiet", "lifted": "quiet"}
REQUEST_TONES = {"received": "waiting", "confirmed": "done", "lifted": "quiet"}


def day(at: dt.date | None) -> str:
    """A day as the agency writes it; empty for none."""
    return date_format(at, agency().date_format) if at else ""


def box(actor: Actor, found: Recording) -> dict[str, Any]:
    """What the page of a recording says of holds, and whether one may be placed; nothing where nobody may know."""
    if not doors.may(actor, found.pk, "see_holds"):
        return {"shown": False}
    over = holds.holds_over([found.pk]).get(found.pk, [])
    sealed = found.status == Recording.Status.SEALED
    return {
        "shown": sealed or bool(over),
        "rows": rows(actor, over),
        "may_place": sealed and not holds.let_go(found.pk) and doors.may(actor, found.pk, "place_hold"),
    }


def rows(actor: Actor, over: Iterable[Hold]) -> list[dict[str, Any]]:
    """Holds as a list shows them: why is said to those who may read it."""
    reads = holds.reads_reasons(actor)
    return [_row(hold, reads) for hold in over]


def _row(hold: Hold, reads: bool) -> dict[str, Any]:
    state = holds.state_of(hold)
    return {
        "hold": hold,
        "state": holds.STATES[state],
        "tone": TONES[state],
        "until": day(hold.until) or _("it is lifted"),
        "reference": hold.reference if reads else "",
    }


def facts(actor: Actor, hold: Hold) -> list[dict[str, Any]]:
    """What a hold says of itself, to who asks."""
    asked = hold.kind == Hold.Kind.PRESERVATION
    by = (
        hold.placed_by.name
        if hold.placed_by
        else _("The system, for a resident")
        if asked
        else _("The system")
    )
    reads = holds.reads_reasons(actor)
    said: list[dict[str, Any]] = [
        {"label": _("For"), "value": hold.get_kind_display()},
        {"label": _("Reference"), "value": hold.reference if reads else ""},
        {"label": _("Placed by"), "value": by},
        {"label": _("Placed"), "moment": hold.placed_at},
        {"label": _("Until"), "value": day(hold.until) or _("it is lifted")},
    ]
    if hold.lifted_at:
        said.append({"label": _("Lifted"), "moment": hold.lifted_at})
    if hold.lifted_by:
        said.append({"label": _("Lifted by"), "value": hold.lifted_by.name})
    return [fact for fact in said if fact.get("value") or fact.get("moment")]


def request_facts(found: PreservationRequest) -> list[dict[str, Any]]:
    """What a resident asked for, and who they said they are."""
    said: list[dict[str, Any]] = [
        {"label": _("Incident number"), "value": found.incident_number},
        {"label": _("Place"), "value": found.place},
        {"label": _("From"), "moment": found.since},
        {"label": _("To"), "moment": found.until},
        {"label": _("Name"), "value": found.name or _("not given")},
        {"label": _("Contact"), "value": found.contact or _("not given")},
        {"label": _("Received"), "moment": found.received_at},
        {"label": _("To be decided by"), "value": day(found.decide_by)},
    ]
    if found.decided_at:
        by = found.decided_by.name if found.decided_by else ""
        said += [
            {"label": _("First decided"), "moment": found.decided_at},
            {"label": _("Decided last by"), "value": by},
        ]
    return [fact for fact in said if fact.get("value") or fact.get("moment")]


def place_url(pk: object) -> str:
    """Where a hold over an incident is placed."""
    return reverse("incident-hold", args=[pk])
