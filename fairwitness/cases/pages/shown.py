"""How a case is shown: its items with who may open them, its cameras as a picture over time, what may be done."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from fairwitness.cases import acts, doors
from fairwitness.cases.models import Case, CaseMember, Item
from fairwitness.evidence.doors.incidents import end_of
from fairwitness.evidence.models import Recording
from fairwitness.kernel.acting import offers, refusal_of
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency

# So many marks of time stand along the picture.
MARKS = 4
# So many lanes, one for each officer; more could not be told apart.
LANES = 12


def work(actor: Actor, case: Case) -> dict[str, bool]:
    """What the actor may do in this case now, act by act; in one that is closed, end somebody's work on it."""
    acts_now = doors.acts_with(actor, case)
    if case.status != Case.Status.OPEN:
        acts_now &= {"end_member"}
    return dict.fromkeys(acts_now, True)


def items(actor: Actor, case: Case, rows: Iterable[Item]) -> list[dict[str, Any]]:
    """Items as lists show them, each recording with whether it opens to who asks."""
    listed = list(rows)
    opened = doors.opened_among(actor, [row.recording_id for row in listed if row.recording_id])
    return [
        {
            "item": row,
            "at": row.recording.started if row.recording else row.file.made_at if row.file else None,
            "open": row.recording_id in opened,
            "gone": row.recording is not None and row.recording.status != Recording.Status.SEALED,
        }
        for row in listed
    ]


@dataclass(frozen=True)
class Bar:
    """One recording in a lane, in hundredths of the picture's width."""

    x: str
    width: str


@dataclass(frozen=True)
class Lane:
    """The recordings of one officer, as bars over time."""

    label: str
    bars: list[Bar]


def picture(rows: Iterable[Item]) -> dict[str, Any] | None:
    """The recordings of some items as lanes over one span of time, an officer each; None where there is none."""
    spans: dict[str, list[tuple[dt.datetime, dt.datetime]]] = {}
    for row in rows:
        if row.recording:
            owner = row.recording.owner.name if row.recording.owner else str(_("not known"))
            ends = end_of(row.recording) or row.recording.started
            spans.setdefault(owner, []).append((row.recording.started, ends))
    if not spans:
        return None
    every = [span for each in spans.values() for span in each]
    begin, end = min(first for first, _last in every), max(last for _first, last in every)
    end = max(end, begin + dt.timedelta(minutes=1))
    lanes = [Lane(owner, [_bar(span, begin, end) for span in each]) for owner, each in spans.items()]
    return {"lanes": lanes[:LANES], "more": max(0, len(lanes) - LANES), "marks": _marks(begin, end)}


def _bar(span: tuple[dt.datetime, dt.datetime], begin: dt.datetime, end: dt.datetime) -> Bar:
    x = 100 * ((span[0] - begin) / (end - begin))
    # A moment is seen too: at least half a hundredth.
    width = max(0.5, 100 * ((span[1] - span[0]) / (end - begin)))
    return Bar(f"{min(x, 99.5):.2f}%", f"{width:.2f}%")


def _marks(begin: dt.datetime, end: dt.datetime) -> list[str]:
    """Times at equal distances along the picture, in the agency's zone; with the day where it is longer than one."""
    long = end - begin > dt.timedelta(days=1)
    form = "%m-%d %H:%M" if long else "%H:%M" if end - begin >= dt.timedelta(minutes=MARKS) else "%H:%M:%S"
    moments = [begin + (end - begin) * n / (MARKS - 1) for n in range(MARKS)]
    return [moment.astimezone(agency().tz).strftime(form) for moment in moments]


def side_by_side() -> str:
    """Where up to four cameras are looked at together; empty where this system has no such page."""
    try:
        return reverse("side-by-side")
    except NoReverseMatch:
        return ""


def facts(case: Case) -> list[dict[str, Any]]:
    """What a case says of itself."""
    said: list[dict[str, Any]] = [
        {"label": _("About"), "value": case.get_kind_display()},
        {"label": _("Number elsewhere"), "value": case.reference},
        {"label": _("Opened"), "moment": case.opened_at},
        {"label": _("Opened by"), "value": case.opened_by.name if case.opened_by else _("The system")},
        {"label": _("Closed"), "moment": case.closed_at},
        {"label": _("Why it was closed"), "value": case.closed_because},
    ]
    return [fact for fact in said if fact.get("value") or fact.get("moment")]


def members(rows: Iterable[CaseMember]) -> list[dict[str, Any]]:
    """Who works on a case, each with the reason why their work cannot end, if there is one."""
    return [{"row": row, "reason": refusal_of(acts.check_end, row)} for row in rows]


def offered(actor: Actor, case: Case) -> dict[str, object] | None:
    """What may be done with a case; what may not is left out or greyed with the reason."""
    closed = refusal_of(doors.check_open, case)
    candidates = [
        ("take_in", _("Take in a recording"), "case-take-in", closed),
        ("seal_file", _("Add a file"), "case-file", closed),
        ("link_incident", _("Link an incident"), "case-incident", closed),
        ("add_member", _("Name somebody"), "case-member", closed),
        ("change_case", _("Correct title and kind"), "case-change", closed),
    ]
    if case.status == Case.Status.OPEN:
        candidates.append(("close_case", _("Close the case"), "case-close", ""))
    else:
        candidates.insert(0, ("reopen_case", _("Open it again"), "case-reopen", ""))
    above = [("find", label, url, "") for label, url in doors.offered(actor, case)]
    allowed = doors.acts_with(actor, case)
    return offers(
        allowed.__contains__,
        *((act, label, reverse(name, args=[case.pk]), reason) for act, label, name, reason in candidates),
        *above,
    )
