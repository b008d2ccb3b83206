"""A critical incident on its page: who is involved, and the acts on that."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from fairwitness.incidents import acts, doors, forms
from fairwitness.incidents.models import Incident, Involvement
from fairwitness.kernel import clock
from fairwitness.kernel.acting import ConfirmForm, act_page, posted
from fairwitness.kernel.actors import Actor, actor_of

TONES = {
    Involvement.Status.PROPOSED: "attention",
    Involvement.Status.INVOLVED: "stopped",
    Involvement.Status.STRUCK: "quiet",
    Involvement.Status.STATED: "done",
}


def section(actor: Actor, found: Incident) -> dict[str, Any] | None:
    """What the page of an incident says of its being critical; an officer sees their own part alone."""
    if not found.critical:
        return None
    sees = doors.may(actor, "see_involved")
    locked = doors.is_locked_out(actor.member_id, found)
    rows = [
        {
            "each": each,
            "tone": TONES[Involvement.Status(each.status)],
            "may": doors.may(actor, "strike_off") and not locked and each.member.pk != actor.member_id,
            "struck": each.status == Involvement.Status.STRUCK,
        }
        for each in doors.involved_in(found)
        if sees or each.member.pk == actor.member_id
    ]
    return {
        "rows": rows,
        "sees": sees,
        "locked": locked,
        "may_involve": doors.may(actor, "involve_member") and not locked,
        "may_unmark": doors.may(actor, "unmark_critical") and not locked,
    }


@login_required
@require_http_methods(["GET", "POST"])
def mark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark an incident as critical and name who is involved."""
    actor = actor_of(request)
    found = doors.incident(actor, pk, "mark_critical")
    return act_page(
        request,
        forms.InvolvedForm(posted(request)),
        lambda said: acts.mark_critical(pk, said["badges"], by=actor),
        heading=_("Mark {number} as critical").format(number=found.number),
        back=reverse("incident", args=[pk]),
        done=_(
            "The incident is critical. Those involved are told, and see nothing of it until their statement."
        ),
        words=_(
            "Name who is involved. Whoever else was on scene is proposed, and is locked out too until struck off. "
            "What they have open now is ended."
        ),
    )


@login_required
@require_http_methods(["GET", "POST"])
def unmark(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Take back that an incident is critical."""
    actor = actor_of(request)
    found = doors.incident(actor, pk, "unmark_critical")
    return act_page(
        request,
        forms.UnmarkForm(posted(request)),
        lambda said: acts.unmark_critical(pk, said["why"], by=actor),
        heading=_("{number} is not critical").format(number=found.number),
        back=reverse("incident", args=[pk]),
        done=_("The incident is not critical any more; its recordings open as others do."),
        words=_("With this the lockout ends for everybody. Who was named stays in the history."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def involve(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Name a further member as involved."""
    actor = actor_of(request)
    found = doors.incident(actor, pk, "involve_member")
    return act_page(
        request,
        forms.BadgeForm(posted(request)),
        lambda said: acts.involve_member(pk, said["badge"].pk, by=actor),
        heading=_("Name somebody involved in {number}").format(number=found.number),
        back=reverse("incident", args=[pk]),
        done=_("They are named, told, and locked out until their statement is filed."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def strike(request: HttpRequest, pk: uuid.UUID, member: uuid.UUID) -> HttpResponse:
    """Strike a member off those involved."""
    return _on_member(request, pk, member, "strike_off")


@login_required
@require_http_methods(["GET", "POST"])
def statement(request: HttpRequest, pk: uuid.UUID, member: uuid.UUID) -> HttpResponse:
    """Record that a member's statement is filed."""
    return _on_member(request, pk, member, "file_statement")


def _on_member(request: HttpRequest, pk: uuid.UUID, member: uuid.UUID, act: str) -> HttpResponse:
    actor = actor_of(request)
    found = doors.incident(actor, pk, act)
    name = doors.involved_name(found, member)
    back = reverse("incident", args=[pk])
    if act == "strike_off":
        return act_page(
            request,
            ConfirmForm(posted(request)),
            lambda said: acts.strike_off(pk, member, by=actor),
            heading=_("Strike off {name}").format(name=name),
            back=back,
            done=_("They are struck off, and see the footage as before."),
            words=_("Only where they had no part in what happened in {number}.").format(number=found.number),
        )
    form = forms.StatementForm(
        posted(request),
        request.FILES if request.method == "POST" else None,
        initial={"filed_at": clock.now().replace(microsecond=0)},
    )
    return act_page(
        request,
        form,
        lambda said: acts.file_statement(
            pk, member, stated_at=said["filed_at"], sha256=said["sha256"], by=actor
        ),
        heading=_("The statement of {name}").format(name=name),
        back=back,
        done=_("The statement is recorded; the footage is open to them again, as far as their role reaches."),
        words=_(
            "Its author cannot record it. The register holds its time and digest; the text is kept elsewhere."
        ),
    )
