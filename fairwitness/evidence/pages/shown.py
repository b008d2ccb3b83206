"""How evidence is shown: what the templates need, in words and addresses."""

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence import doors
from fairwitness.evidence.acts.export import sealing_entry
from fairwitness.evidence.doors import beside, holds
from fairwitness.evidence.doors import incidents as linking
from fairwitness.evidence.doors.playing import played_type
from fairwitness.evidence.forms import FilterForm
from fairwitness.evidence.models import Derivative, Note, Probe, Recording, Viewing
from fairwitness.evidence.pages import access, clips, clocks, holding, keeping, reports
from fairwitness.evidence.pages import found as in_file
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import clock, history
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.refusals import NotFound
from fairwitness.policy import doors as policy
from fairwitness.publiclog import receipts
from fairwitness.storage import doors as storage
from fairwitness.storage.models import Copy

# After so long a page no longer promises that a viewing copy is about to come.
COPY_TAKES = dt.timedelta(minutes=30)
TONES = {"yes": "done", "no": "stopped", "waiting": "waiting", "untried": "attention"}


def officers(actor: Actor) -> list[tuple[str, str]]:
    """The members whom the asker may choose as officer, by name."""
    # The family name first: in a list of hundreds, typing its first letters leads there.
    return [(str(m.pk), f"{m.family_name}, {m.given_name} ({m.badge})") for m in _members(actor)]


def badges(actor: Actor) -> list[tuple[str, str]]:
    """The same members by badge number, for a field in which a badge is typed."""
    return [(m.badge, m.name) for m in _members(actor)]


def _members(actor: Actor) -> Iterable[Member]:
    return department.members_for(actor).order_by("family_name", "given_name")


def units() -> list[tuple[str, str]]:
    return [(str(u.pk), u.name) for u in department.units().order_by("name")]


def cameras(actor: Actor) -> list[tuple[str, str]]:
    return [(str(c.pk), c.serial) for c in department.cameras_for(actor).order_by("serial")]


def chips(form: FilterForm, asked: QueryDict) -> list[dict[str, Any]]:
    """Each filter in force with its value in words and the way to the list without it."""
    return [
        {
            "label": str(form.fields[name].label),
            "value": _words(form, name),
            "remove_url": _without(asked, name),
            "post": _words_left(form, asked, name),
        }
        for name, value in form.cleaned_data.items()
        if value
    ]


def _words(form: FilterForm, name: str) -> str:
    value = form.cleaned_data[name]
    if isinstance(value, dt.date):
        return date_format(value, agency().date_format)
    choices = getattr(form.fields[name].widget, "choices", [])
    return str(dict(choices).get(str(value), value))


def _without(asked: QueryDict, name: str) -> str:
    left = asked.copy()
    for gone in ("after", "before", "q" if name in FilterForm.WORDS else name):
        left.pop(gone, None)
    return f"{reverse('recordings')}?{left.urlencode()}"


def _words_left(form: FilterForm, asked: QueryDict, name: str) -> dict[str, str]:
    """What is posted to drop one of several words: they share one saved search, and never stand in an address."""
    words = {word: form.cleaned_data[word] for word in FilterForm.WORDS if word != name}
    if name not in FilterForm.WORDS or not any(words.values()):
        return {}
    opaque = {key: asked[key] for key in (*FilterForm.OPAQUE, "sort") if asked.get(key)}
    return {**opaque, **{word: value for word, value in words.items() if value}}


def recording_context(
    actor: Actor, found: Recording, viewing: Viewing | None, before: str = ""
) -> dict[str, Any]:
    """Everything that the page of a recording shows; protected pictures only while a viewing is open.

    `before` is the cursor of an earlier page of the history.
    """
    probe = Probe.objects.filter(recording=found).first()
    derivatives = {d.kind: d for d in Derivative.objects.filter(recording=found)}
    going = doors.going(found.pk)
    may_open = not going and doors.may(actor, found.pk, "open")
    shown_access = access.of_recording(actor, found)
    return {
        "heading": found.number,
        "crumb": {"label": _("Recordings"), "url": reverse("recordings")},
        "recording": found,
        "viewing": viewing,
        "may_open": may_open,
        "going": going,
        "going_by": policy.citation(going.version_id, going.rule) if going else None,
        "sees_certificate": doors.may(actor, found.pk, "certificate"),
        "acts": _acts(actor, found),
        "access": shown_access,
        "purposes": Viewing.Purpose.choices,
        "player": _player(actor, found, probe, derivatives, viewing),
        "facts": _facts(found),
        "in_file": in_file.rows(probe.found) if probe else [],
        "derivatives": list(derivatives.values()),
        "attachments": list(found.attachments.all()),
        "belongs": _belongs(actor, found),
        "holds": holding.box(actor, found),
        "beside": [*filter(None, [reports.panel(actor, [found])]), *beside.beside(actor, found)],
        **_history(found, before),
        "place": _place(found),
        "copies": _copies(found),
        "my_notes": _notes_to_withdraw(actor, found),
        "tone": TONES[found.readable],
        "kept": keeping.box(actor, found),
        "clips": clips.box(actor, found),
        "clock": clocks.box(actor, found),
    }


def _acts(actor: Actor, found: Recording) -> dict[str, Any] | None:
    """What else can be done with a recording, as `partials/acts.html` shows it."""
    if not (
        doors.may_be_read_again(found)
        and not doors.is_going(found.pk)
        and doors.may(actor, found.pk, "read_again")
    ):
        return None
    again = {"label": _("Read again"), "url": reverse("read-again", args=[found.pk]), "post": True}
    return {"primary": None, "others": [again]}


def player(actor: Actor, found: Recording, viewing: Viewing) -> dict[str, Any] | None:
    """The player of an open viewing, as `partials/player.html` takes it."""
    derivatives = {d.kind: d for d in Derivative.objects.filter(recording=found)}
    return _player(actor, found, Probe.objects.filter(recording=found).first(), derivatives, viewing)


def _player(
    actor: Actor,
    found: Recording,
    probe: Probe | None,
    derivatives: Mapping[str, Derivative],
    viewing: Viewing | None,
) -> dict[str, Any] | None:
    if viewing is None:
        return None
    media = {
        what: reverse("media", args=[viewing.pk, what]) for what in ("playing", "original", *derivatives)
    }
    copy = derivatives.get(Derivative.Kind.VIEWING_COPY)
    source = media["viewing_copy"] if copy else media["playing"] if played_type(found) else None
    said = probe.found if probe else {}
    glance = doors.may(actor, found.pk, "preview")
    strip = derivatives.get(Derivative.Kind.FILMSTRIP) if glance else None
    rate = _frame_rate(said)
    return {
        "kind": "video" if said.get("main_video") is not None else "audio",
        "src": source,
        "copy": bool(copy),
        "reason": None if source else _why_not_playable(found, probe),
        "awaited": not source and found.readable != Recording.Readable.NO,
        "label": found.number,
        "duration_ms": found.duration_ms or 0,
        "fps_num": rate[0],
        "fps_den": rate[1],
        "filmstrip": {"url": media["filmstrip"], "tiles": len(strip.facts["times_ms"])} if strip else None,
        "waveform": media.get("waveform") if glance else None,
        "mark": _mark(actor),
        "beat_url": reverse("beat", args=[viewing.pk]),
        "end_url": reverse("close-recording", args=[viewing.pk]),
        "notes": [_note(each) for each in doors.notes(found)],
        "note_url": reverse("add-note", args=[found.pk]) if _may_note(actor, found) else None,
        "original_url": media["original"],
    }


def _may_note(actor: Actor, found: Recording) -> bool:
    return found.status == Recording.Status.SEALED and doors.may(actor, found.pk, "note")


def _notes_to_withdraw(actor: Actor, found: Recording) -> list[Any]:
    if not _may_note(actor, found):
        return []
    return [note for note in doors.notes(found) if note.author_id == actor.member_id]


def _mark(actor: Actor) -> dict[str, Any]:
    """Who watches, as it stands in the picture; the player writes the time beside it, anew each second."""
    viewer = department.member_of(actor)
    who = f"{viewer.name} · {viewer.badge}" if viewer else ""
    return {"who": who, "at": clock.now().astimezone(agency().tz), "zone": agency().tz.key}


def _note(each: Note) -> dict[str, Any]:
    return {"at_ms": each.at_ms, "text": each.text, "author": each.author.name, "at": each.made_at}


def _frame_rate(said: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """The frame rate of the main video where it is constant: frames can then be numbered."""
    for stream in said.get("streams", []):
        if stream["index"] == said["main_video"] and stream["frame_rate"] and not stream["variable"]:
            return stream["frame_rate"][0], stream["frame_rate"][1]
    return None, None


def _why_not_playable(found: Recording, probe: Probe | None) -> str:
    if found.readable in {Recording.Readable.NO, Recording.Readable.UNTRIED}:
        return found.unreadable_because
    if probe and clock.now() - probe.at > COPY_TAKES:
        return _(
            "There is no copy that browsers can play yet: it still waits to be made, or could not be made. "
            "The original can be downloaded."
        )
    return _("A copy that browsers can play is being made. This page looks for it every few seconds.")


def download_name(found: Recording) -> str:
    """The number and the original's ending: a name that is safe in a header whatever the source called it."""
    ending = PurePosixPath(found.source_name).suffix.lower()
    safe = ending if ending.isascii() and ending[1:].isalnum() and len(ending) <= 6 else ""
    return f"{found.number}{safe}"


def _facts(found: Recording) -> list[dict[str, Any]]:
    """What is known of a recording beside its bytes."""
    rows: list[dict[str, Any]] = [
        {"label": _("Recorded"), "moment": found.started, "hint": _clock_words(found)},
        {"label": _("Officer"), "value": _officer(found), "hint": _how(found)},
        {"label": _("Unit"), "value": found.unit.name if found.unit else None},
        {"label": _("Camera"), "value": found.camera.serial if found.camera else None},
        {"label": _("Incident"), "value": found.incident or None},
        {"label": _("Label as delivered"), "value": found.label or None},
        {"label": _("Title as delivered"), "value": found.title or None},
        {"label": _("Number at the source"), "value": found.external_id or None},
        {"label": _("File as delivered"), "value": found.source_name.rsplit("/", 1)[-1]},
        {"label": _("Way in"), "value": _("By hand: a person sent it in") if found.by_hand else None},
    ]
    return [row for row in rows if row.get("value") or row.get("moment")]


def _how(found: Recording) -> str:
    return str(found.get_owner_how_display()) if found.owner else ""


def _clock_words(found: Recording) -> str:
    words = _("time: {how}").format(how=found.get_clock_display())
    return f"{words}, {found.started_text}" if found.started_text else words


def _officer(found: Recording) -> str:
    return f"{found.owner.name} ({found.owner.badge})" if found.owner else _("Not known")


def _belongs(actor: Actor, found: Recording) -> dict[str, Any]:
    """The incidents of a recording; for those who may link it, what officer and time suggest besides."""
    links = linking.links(found)
    open_ones = set(
        incidents.narrowed(actor).filter(pk__in=[e.incident_id for e in links]).values_list("pk", flat=True)
    )
    sealed = found.status == Recording.Status.SEALED
    may_link = sealed and not holds.let_go(found.pk) and doors.may(actor, found.pk, "link_incident")
    offered = linking.suggestions([found]).get(found.pk, []) if may_link else []
    findable = set(
        incidents.narrowed(actor).filter(pk__in=[e.incident.pk for e in offered]).values_list("pk", flat=True)
    )
    return {
        "links": [{"link": each, "open": each.incident_id in open_ones} for each in links],
        "suggested": [each for each in offered if each.incident.pk in findable],
        "may_link": may_link,
        "shown": sealed and bool(links or may_link),
    }


def _history(found: Recording, before: str) -> dict[str, Any]:
    """A page of the custody history, newest first, each sentence with its figures and its place in the public log."""
    page, here = (
        history.page("evidence.recording", found.pk, before=before),
        reverse("recording", args=[found.pk]),
    )
    places = receipts.place_of([line.entry_id for line in page.lines])
    return {
        "history": [_line(line, places.get(line.entry_id)) for line in page.lines],
        **page.ways(here, before),
    }


HISTORY_COLUMNS = ("at", "sentence", "event", "entry", "index in the public log")


def history_rows(found: Recording) -> list[tuple[Any, ...]]:
    """The whole custody history, oldest first, under HISTORY_COLUMNS."""
    lines = history.of("evidence.recording", found.pk)
    places = receipts.place_of([line.entry_id for line in lines])
    return [
        (clock.rfc3339(line.at), line.sentence, line.event, line.entry_id, places.get(line.entry_id))
        for line in lines
    ]


# The figures of an entry that its sentence leaves to the line below it.
_FIGURES = ("at_ms", "played_ms", "bytes_sent", "size", "sha256")


def _line(line: history.Line, index: int | None) -> dict[str, Any]:
    facts = line.facts or {}
    figures = {name: facts[name] for name in _FIGURES if facts.get(name) is not None}
    return {"at": line.at, "sentence": line.sentence, "figures": {**figures, "index": index}}


def _copies(found: Recording) -> dict[str, str]:
    """How many stores hold the recording for certain, and where each copy is and how it does."""
    copies = storage.copies_of(found.sha256)
    good = sum(copy.status == Copy.Status.GOOD for copy in copies)
    words = ngettext("{n} confirmed copy", "{n} confirmed copies", good).format(n=good)
    each = [
        copy.store.name
        if copy.status == Copy.Status.GOOD
        else f"{copy.store.name} ({copy.get_status_display().lower()})"
        for copy in copies
    ]
    return {"words": words, "where": ", ".join(each)} if copies else {}


def _place(found: Recording) -> int | None:
    """The index in the public log of the entry that sealed the recording, or None while it waits."""
    try:
        entry = sealing_entry(found)
    except NotFound:
        return None
    return receipts.place_of([entry.pk]).get(entry.pk)


def counts_context(found: Mapping[str, Any]) -> dict[str, Any]:
    """Counts as charts whose titles say the finding."""
    total, months = found["total"], list(found["by_month"])
    readable = {row["readable"]: row["n"] for row in found["by_readable"]}
    most = max(months, key=lambda row: row["n"], default=None)
    busiest = (
        _("{n} of {all} recordings were made in {month}").format(
            n=most["n"], all=total, month=date_format(most["month"], "F Y")
        )
        if most
        else _("No recordings yet")
    )
    played = _("{n} of {all} can be played").format(n=readable.get(Recording.Readable.YES, 0), all=total)
    return {
        "total": total,
        "bytes": found["bytes"],
        "viewings": found["viewings"],
        "charts": [
            _chart(
                busiest, _("Recordings by the month in which they were made"), _("Month"), _months(months)
            ),
            _chart(
                played,
                _("Recordings by what reading the file came to"),
                _("Reading"),
                [
                    {"label": str(words), "value": readable[code]}
                    for code, words in Recording.Readable.choices
                    if code in readable
                ],
            ),
        ],
    }


def _months(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{"label": date_format(row["month"], "M Y"), "value": row["n"]} for row in rows]


def _chart(title: str, unit: str, what: str, rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rows = [{**row, "shown": number_format(row["value"], force_grouping=True)} for row in rows]
    return {
        "title": title,
        "unit": unit,
        "rows": rows,
        "whole": max((row["value"] for row in rows), default=1),
        "source": _("the records of this system"),
        "date": clock.now(),
        "columns": [what, _("Recordings")],
    }
