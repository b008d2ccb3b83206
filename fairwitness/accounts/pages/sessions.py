"""The pages of sign-ins: one's own and everybody's sessions, and what is done when one is in other hands."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from fairwitness.accounts import acts, doors, forms
from fairwitness.accounts.pages.confirm import SESSION
from fairwitness.accounts.pages.ways import ways
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.kernel.acting import ConfirmForm, act_page, posted
from fairwitness.kernel.actors import actor_of
from fairwitness.kernel.again import confirmed_lately


@login_required
@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """Where I am signed in."""
    me = actor_of(request).person
    rows = doors.sessions_of(actor_of(request), me)
    context = {"rows": rows, "here": request.session.get(SESSION), "several": len(rows) > 1}
    return render(request, "accounts/my_sessions.html", context)


@login_required
@require_POST
def end_others(request: HttpRequest) -> HttpResponse:
    """End my sessions everywhere but here."""
    actor = actor_of(request)
    here = doors.open_session(request.session.get(SESSION))
    acts.end_sessions(member_id=actor.person, but=here.pk if here else None, by=actor)
    messages.success(request, _("You are signed in nowhere but here."))
    return redirect("my-sessions")


@login_required
@require_POST
def end_one(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """End one session, one's own or anybody's."""
    acts.end_session(session_id=pk, by=actor_of(request))
    messages.success(request, _("That sign-in was ended."))
    return redirect("sessions" if request.POST.get("from") == "sessions" else "my-sessions")


@login_required
@require_GET
def my_log(request: HttpRequest) -> HttpResponse:
    """What happened to my sign-in: whether somebody else tried it, I see first."""
    return render(request, "accounts/my_log.html", {"rows": doors.my_log(actor_of(request))})


@login_required
@require_GET
def everybodys(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and which accounts are locked."""
    actor = actor_of(request)
    rows = doors.every_session(actor)[:500]
    context = {
        "heading": _("Who is signed in"),
        "count": len(rows),
        "rows": rows,
        "locked": doors.locked_accounts(actor),
        "here": request.session.get(SESSION),
        "ways": ways(actor),
    }
    return render(request, "accounts/sessions.html", context)


@login_required
@confirmed_lately
def give(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Give a member a sign-in; what the administrator is shown of the first password is shown once."""
    by = actor_of(request)
    member = department.member_for(by, pk)
    department.check_may(by, "give_sign_in")

    def do(entered: dict[str, Any]) -> HttpResponse:
        made = acts.open_sign_in(member_id=pk, username=entered["username"], by=by)
        heading = _("{name} can sign in").format(name=member.name)
        return _shown_once(request, heading, made, department.find_member(pk))

    likely = f"{member.given_name[:1]}{member.family_name}".lower()
    return act_page(
        request,
        forms.UserNameForm(posted(request), initial={"username": "".join(filter(str.isalnum, likely))}),
        do,
        heading=_("Give {name} a sign-in").format(name=member.name),
        words=_first_words(doors.second_hand(member, by)),
        back=reverse("member", args=[pk]),
        button=_("Give it"),
    )


def _first_words(told: Member | None) -> str:
    if told is None:
        return _("A first password is made and shown once: hand it over in person.")
    return _(
        "A first password is made. You are shown half of it, once; {name} is told the other half: neither of you can "
        "sign in as them alone."
    ).format(name=told.name)


def _shown_once(request: HttpRequest, heading: str, made: acts.NewPassword, member: Member) -> HttpResponse:
    shown = {"heading": heading, "member": member, "made": made}
    response = render(request, "accounts/new_password.html", shown)
    response["Cache-Control"] = "no-store"
    return response


@login_required
@confirmed_lately
def stop(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop a sign-in that may be in other hands."""
    by, member = actor_of(request), department.find_member(pk)
    doors.check_may_stop(by, member)

    def do(entered: dict[str, Any]) -> None:
        acts.stop_sign_in(member_id=pk, by=by)

    return act_page(
        request,
        ConfirmForm(posted(request)),
        do,
        heading=_("Stop the sign-in of {name} now").format(name=member.name),
        words=_(
            "For a badge, phone or password that may be in other hands. Every sign-in and token of theirs ends at "
            "once, and password and second factor are gone. Administrators, the chief and internal auditors are told. "
            "They can sign in again once an administrator of accounts has reset it."
        ),
        back=reverse("member", args=[pk]) if department.may_list_members(by) else "/",
        done=_("The sign-in was stopped."),
        button=_("Stop it now"),
    )


@login_required
@confirmed_lately
def reset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let somebody begin anew who lost password or second factor."""
    by, member = actor_of(request), department.find_member(pk)
    acts.check_reset(member, by)
    told = doors.second_hand(member, by)

    def do(entered: dict[str, Any]) -> HttpResponse:
        made = acts.reset_sign_in(member_id=pk, by=by)
        heading = _("The sign-in of {name} was reset").format(name=member.name)
        return _shown_once(request, heading, made, member)

    words = (
        _(
            "Their password and second factor go, and every sign-in of theirs ends. You are shown half of a new "
            "password, {name} is told the other half: neither of you can sign in as them alone."
        ).format(name=told.name)
        if told
        else _(
            "Their password and second factor go, and every sign-in of theirs ends. Nobody stands above them who could "
            "be told half of the new password, so you are shown all of it; the chief and internal auditors are told."
        )
    )
    return act_page(
        request,
        ConfirmForm(posted(request)),
        do,
        heading=_("Reset the sign-in of {name}").format(name=member.name),
        words=words,
        back=reverse("member", args=[pk]),
        button=_("Reset it"),
    )


@login_required
@confirmed_lately
def release(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Release a locked account."""
    by = actor_of(request)
    doors.check_may(by, "release")
    member = department.find_member(pk)

    def do(entered: dict[str, Any]) -> None:
        acts.release(member_id=pk, by=by)

    return act_page(
        request,
        ConfirmForm(posted(request)),
        do,
        heading=_("Release the account of {name}").format(name=member.name),
        words=_("Ask them first, in person or by a number you know, whether it was they who mistyped."),
        back=reverse("sessions"),
        done=_("The account was released."),
        button=_("Release it"),
    )


@login_required
@confirmed_lately
def half(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The second half of a new password, for who was told."""
    member, word = acts.see_second_half(member_id=pk, by=actor_of(request))
    return render(request, "accounts/second_half.html", {"member": member, "word": word})
