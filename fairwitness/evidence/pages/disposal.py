"""Disposal: the lists, one list with its recordings, and the certificate of an erased recording."""

import json
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from fairwitness.evidence.acts import disposal as acts
from fairwitness.evidence.acts import erasing
from fairwitness.evidence.doors import belonging, far, holds
from fairwitness.evidence.doors import disposal as doors
from fairwitness.evidence.models import Disposal, DisposalList
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.listing import PAGE_ROWS, as_id, history_of, page_of, taken_csv
from fairwitness.kernel.refusals import NotFound, Refusal, WrongState
from fairwitness.kernel.roles import Reach
from fairwitness.policy import doors as policy
from fairwitness.publiclog import receipts

Status, ListStatus = Disposal.Status, DisposalList.Status
TONES: dict[str, str] = {
    ListStatus.PROPOSED: "waiting",
    ListStatus.GRACE: "attention",
    ListStatus.ERASING: "attention",
    ListStatus.DONE: "done",
    ListStatus.WITHDRAWN: "stopped",
    Status.STRUCK: "stopped",
    Status.TAKEN_BACK: "stopped",
    Status.ERASED: "done",
    Status.RELEASED: "done",
}


@require_GET
def lists(request: HttpRequest) -> HttpResponse:
    """Every list with what became of its recordings; for those who may only count, without a way into it."""
    actor = actor_of(request)
    if far(actor, "see_disposals") == Reach.NONE:
        raise NotFound(_("There is no such page."))
    found = doors.lists(actor)
    page = page_of(found, {"proposed": ("proposed_at",)}, request, unasked="-proposed")
    states = doors.states([row.pk for row in page.rows])
    context = {
        "heading": _("Disposal"),
        "count": found.count(),
        "rows": [_summary(row, states[row.pk]) for row in page.rows],
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "opens": doors.may(actor, "see_disposals"),
    }
    return render(request, "evidence/disposal_lists.html", context)


def _summary(row: DisposalList, states: Any) -> dict[str, Any]:
    return {
        "list": row,
        "tone": TONES[row.status],
        "all": sum(states.values()),
        "erased": states[Status.ERASED] + states[Status.RELEASED],
        "kept": states[Status.STRUCK] + states[Status.TAKEN_BACK],
    }


@require_GET
def one_list(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """One list: who approved it, what is on it and why, and what can be done with it now."""
    actor = actor_of(request)
    found = doors.disposal_list(actor, pk)
    page = page_of(doors.disposals_of(found), {"number": ("recording__number",)}, request)
    approvals = list(doors.approvals(found))
    proposed, grace = found.status == ListStatus.PROPOSED, found.status == ListStatus.GRACE
    shape = doors.shape(found)
    left = sum(n for state, n in shape.states.items() if state not in (Status.STRUCK, Status.TAKEN_BACK))
    context = {
        "heading": found.number,
        "crumb": {"label": _("Disposal"), "url": reverse("disposal-lists")},
        "list": found,
        "tone": TONES[found.status],
        "left": left,
        "rows": _rows(page.rows),
        "before": page.before,
        "after": page.after,
        "sort": page.sort,
        "digest": doors.digest_of(found) if proposed else "",
        "approvals": approvals,
        "needed": _needed(),
        "approved_by_me": any(each.member_id == actor.member_id for each in approvals),
        "may_approve": proposed and doors.may(actor, "approve_disposal"),
        "may_choose": (proposed and doors.may(actor, "strike_disposal"))
        or (grace and doors.may(actor, "take_back_disposal")),
        "may_take_back_all": (proposed or grace) and doors.may(actor, "take_back_disposal"),
        "proposed": proposed,
        "chart": _chart(found, shape),
        **history_of(request, "evidence.disposallist", found.pk),
    }
    return render(request, "evidence/disposal_list.html", context)


def _needed() -> int:
    try:
        return int(doors.rule().rule.parameters.approvers)  # type: ignore[union-attr]
    except WrongState:
        return 2


def _rows(found: list[Disposal]) -> list[dict[str, Any]]:
    keys = [row.recording_id for row in found]
    siblings, held = belonging.siblings_of(keys), holds.holds_over(keys)
    cited = {key: policy.citation(*key) for key in {(row.version_id, row.rule) for row in found}}
    # Of the siblings on this page alone, however long the list is.
    named = {each.pk for of in siblings.values() for each in of}
    listed = set(
        Disposal.objects.filter(list__in={row.list_id for row in found}, recording__in=named).values_list(
            "list", "recording"
        )
    )
    return [
        {
            "disposal": row,
            "rule": cited[row.version_id, row.rule],
            "siblings": _sibling_words(row, siblings.get(row.recording_id, []), listed),
            "named": siblings.get(row.recording_id, []),
            "held": bool(held.get(row.recording_id)),
            "tone": TONES.get(row.status, "waiting"),
            "open": row.status in (Status.PROPOSED, Status.GRACE),
        }
        for row in found
    ]


def _sibling_words(row: Disposal, siblings: list[Any], listed: set[tuple[uuid.UUID, uuid.UUID]]) -> str:
    if not siblings:
        return ""
    also = sum((row.list_id, each.pk) in listed for each in siblings)
    words = ngettext("{n} sibling", "{n} siblings", len(siblings)).format(n=len(siblings))
    return _("{siblings}: {also} also on this list").format(siblings=words, also=also)


def _chart(found: DisposalList, shape: doors.Shape) -> dict[str, Any]:
    """What is on the list by category, as a picture whose title says the finding."""
    rows = [
        {"label": code, "value": n, "shown": number_format(n, force_grouping=True)}
        for code, n in sorted(shape.categories.items(), key=lambda each: (-each[1], each[0]))
    ]
    months = sorted(shape.months)
    span = (
        " – ".join(dict.fromkeys(date_format(day, "M Y") for day in (months[0], months[-1])))
        if months
        else ""
    )
    most = rows[0] if rows else {"shown": "0", "label": "–"}
    title = _("{n} of {all} recordings are kept as “{category}”")
    return {
        "title": title.format(n=most["shown"], all=sum(shape.categories.values()), category=most["label"]),
        "unit": _("Recordings on the list by category; their days fell in {span}").format(span=span),
        "rows": rows,
        "whole": max(shape.categories.values(), default=1),
        "source": _("the records of this system"),
        "date": clock.now(),
        "columns": [_("Category"), _("Recordings")],
    }


@require_POST
def approve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Approve the list as it was looked at."""
    try:
        found = acts.approve_list(pk, request.POST.get("digest", ""), by=actor_of(request))
    except WrongState as changed:
        messages.error(request, changed.sentence)
        return redirect("disposal-list", pk=pk)
    if found.status == ListStatus.GRACE:
        messages.success(request, _("The list is approved. Until its grace is over it can be taken back."))
    else:
        messages.success(request, _("You approved the list. It takes another person."))
    return redirect("disposal-list", pk=pk)


@require_POST
def strike(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Strike the chosen recordings from a proposed list, or take them back in its grace; each under its own entry."""
    actor = actor_of(request)
    found = doors.disposal_list(actor, pk)
    chosen = [key for text in request.POST.getlist("disposal")[:PAGE_ROWS] if (key := as_id(text))]
    mine = list(found.disposals.filter(pk__in=chosen).values_list("pk", flat=True))
    if not mine:
        messages.error(request, _("Nothing was chosen; nothing was changed."))
        return redirect("disposal-list", pk=pk)
    act = acts.strike_disposal if found.status == ListStatus.PROPOSED else acts.take_back
    return _each(request, actor, found, mine, act)


def _each(
    request: HttpRequest, actor: Actor, found: DisposalList, keys: list[uuid.UUID], act: Any
) -> HttpResponse:
    done, refused = 0, ""
    for key in keys:
        try:
            act(key, request.POST.get("because", ""), by=actor)
            done += 1
        except WrongState as refusal:
            refused = refusal.sentence
    if refused:
        messages.error(request, refused)
    if done:
        words = ngettext("{n} recording is off the list.", "{n} recordings are off the list.", done)
        messages.success(request, words.format(n=done))
    return redirect("disposal-list", pk=found.pk)


@require_POST
def take_back(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take the whole list back."""
    acts.take_back_list(pk, request.POST.get("because", ""), by=actor_of(request))
    messages.success(request, _("The list is taken back. Nothing on it is erased."))
    return redirect("disposal-list", pk=pk)


@require_POST
def export(request: HttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The list as CSV. Posted, because taking it is recorded."""
    actor = actor_of(request)
    found = doors.disposal_list(actor, pk)
    return taken_csv(found.number, lambda file: acts.export_disposals(pk, file, by=actor))


@require_GET
def certificate(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The certificate of an erased recording, to be read and printed."""
    found = doors.certificate_of(actor_of(request), pk)
    entry = erasing.erasing_entry(found)
    context = {
        "heading": _("Certificate of disposal"),
        "crumb": {"label": found.recording.number, "url": reverse("recording", args=[pk])},
        "disposal": found,
        "said": found.certificate,
        "place": receipts.place_of([entry.pk]).get(entry.pk),
    }
    return render(request, "evidence/certificate.html", context)


@require_POST
def certificate_file(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Certificate and receipt in one file, which a stranger can check. Posted, because taking it is recorded."""
    try:
        made = erasing.take_certificate(pk, by=actor_of(request))
    except Refusal as refusal:
        if refusal.code != "unavailable":
            raise
        messages.error(request, refusal.sentence)
        return redirect("certificate", pk=pk)
    number = made["certificate"]["recording"]["number"]
    answer = HttpResponse(json.dumps(made, indent=2, ensure_ascii=False), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="certificate-{number}.json"'
    return answer
