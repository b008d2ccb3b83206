"""The pages of people: the list, a person, and what may be done about them."""

import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import acts, doors, forms
from fairwitness.department.models import Member
from fairwitness.department.pages.acting import act_page, offers
from fairwitness.kernel.acting import ConfirmForm, posted, refusal_of
from fairwitness.kernel.actors import Actor, actor_of
from fairwitness.kernel.again import confirmed_lately
from fairwitness.kernel.listing import (
    as_address,
    chips,
    csv_response,
    history_of,
    kept_text,
    page_of,
)
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import WORDS, Role

SORTS = {
    "name": ("family_name", "given_name"),
    "badge": ("badge",),
    "rank": ("rank", "family_name", "given_name"),
    "unit": ("unit_name", "family_name", "given_name"),
}


@login_required
def members(request: HttpRequest) -> HttpResponse:
    """The list of people; a search is posted and comes back as an address without words."""
    actor = actor_of(request)
    doors.check_may(actor, "list_members")
    if request.method == "POST":
        return as_address(request, forms.PeopleForm(request.POST))
    form = _filters(actor, request)
    found = doors.list_members(actor, form.sought())
    page = page_of(found, SORTS, request)
    context = {
        "heading": _("People"),
        "count": found.count(),
        "rows": page.rows,
        "sort": page.sort,
        "before": page.before,
        "after": page.after,
        "form": form,
        "chips": chips(request, form),
        "clear_url": reverse("members"),
        "export_url": f"{reverse('members-csv')}?{request.GET.urlencode()}",
        "acts": offers(
            actor,
            ("add_member", _("Add a member"), reverse("member-add"), ""),
            ("import_roster", _("Import a roster"), reverse("roster"), ""),
        ),
    }
    return render(request, "department/members.html", context)


@login_required
def members_csv(request: HttpRequest) -> HttpResponseBase:
    """The same list, whole, with the columns that a roster is imported by."""
    actor = actor_of(request)
    doors.check_may(actor, "list_members")
    found = doors.list_members(actor, _filters(actor, request).sought()).order_by(
        "family_name", "given_name", "pk"
    )
    header = [column.label for key, column in acts.COLUMNS.items() if key in _EXPORTED]
    return csv_response("people", header, (_row(member) for member in found))


_EXPORTED = (
    "badge",
    "given_name",
    "family_name",
    "title",
    "rank",
    "unit",
    "email",
    "joined_on",
    "camera_serial",
    "roles",
)


def _row(member: Any) -> list[object]:
    """A member as `_EXPORTED` has them; the annotations are those of doors.list_members."""
    roles = "; ".join(held.words for held in member.roles_now)
    particulars = [
        member.badge,
        member.given_name,
        member.family_name,
        member.title,
        member.get_rank_display(),
    ]
    return [
        *particulars,
        member.unit_name,
        member.email,
        member.joined_on,
        ", ".join(member.camera_serials),
        roles,
    ]


def _filters(actor: Actor, request: HttpRequest) -> forms.PeopleForm:
    """The filters of the address, words by their kept search; what cannot be read does not narrow."""
    form = forms.PeopleForm({**request.GET.dict(), "text": kept_text(actor, request)})
    form.is_valid()
    return form


@login_required
def member(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A person: where they serve under whom, their roles and cameras; training and history where the file is open."""
    actor = actor_of(request)
    found = doors.member_for(actor, pk)
    open_file = doors.may_open_file(actor, pk)
    context = {
        "heading": found.name,
        "crumb": {"label": _("People"), "url": reverse("members")},
        "member": found,
        "posting": doors.posting_on(pk, doors.today()),
        "above": doors.chain_above(pk),
        "below": found.reports.filter(doors.holding_on(doors.today())).select_related("member", "unit"),
        "roles": found.roles_held.order_by("until", "-since"),
        "may_end_role": doors.may(actor, "end_role") and not refusal_of(acts.check_grant_role, found, actor),
        "assignments": found.assignments.select_related("camera").order_by("-since")[:20],
        "may_return": doors.may(actor, "return_camera"),
        "may_open_camera": doors.may_list_cameras(actor),
        "file": open_file,
        "completions": found.completions.select_related("course").order_by("-completed_on")
        if open_file
        else [],
        "missing": doors.missing_training(pk, doors.today()) if open_file else [],
        "today": doors.today(),
        "has_left": found.left_on is not None and found.left_on <= doors.today(),
        "sees_open_work": found.left_on is not None and doors.may_see_open_work(actor, found),
        "acts": _offers(actor, found),
        **(history_of(request, "department.member", pk) if open_file else {"history": []}),
    }
    return render(request, "department/member.html", context)


def _offers(actor: Actor, found: Member) -> dict[str, object] | None:
    pk, today = found.pk, doors.today()
    serves = refusal_of(acts.check_serves, found)
    return offers(
        actor,
        ("assign_camera", _("Assign a camera"), reverse("member-assign", args=[pk]),
         refusal_of(acts.check_wearer, found, today)),
        ("complete_course", _("Record training"), reverse("course-complete", args=[pk]), serves),
        ("give_sign_in", _("Give a sign-in"), reverse("sign-in-give", args=[pk]),
         refusal_of(acts.check_give_sign_in, found, actor)),
        ("grant_role", _("Grant a role"), reverse("role-grant", args=[pk]),
         refusal_of(acts.check_grant_role, found, actor)),
        ("post", _("Post to a unit"), reverse("member-post", args=[pk]), serves),
        ("change_member", _("Correct particulars"), reverse("member-change", args=[pk]), ""),
        ("leave", _("Record that they leave"), reverse("member-leave", args=[pk]), serves or (
            _("Nobody records their own leaving.") if actor.member_id == pk else "")),
        *([("leave", _("Record that they stay"), reverse("member-stay", args=[pk]), serves)] if found.left_on else []),
        *_sign_in_offers(actor, found),
    )  # fmt: skip


def _sign_in_offers(actor: Actor, found: Member) -> list[tuple[str, str, str, str]]:
    """What is done when a sign-in was lost or may be in other hands; the pages are those of accounts."""
    if found.user_id is None or found.pk == actor.member_id:
        return []
    within = doors.reached(actor, "stop_sign_in")
    reset = ("reset_sign_in", _("Reset the sign-in"), reverse("sign-in-reset", args=[found.pk]), "")
    stop = ("stop_sign_in", _("Stop the sign-in now"), reverse("sign-in-stop", args=[found.pk]), "")
    return [reset, stop] if within is None or found.pk in within else [reset]


@login_required
def member_add(request: HttpRequest) -> HttpResponse:
    """Add a member."""
    by = actor_of(request)
    return act_page(
        request,
        "add_member",
        forms.MemberForm(posted(request)),
        lambda entered: acts.add_member(**entered, by=by),
        heading=_("Add a member"),
        back=reverse("members"),
        done=_("The member was added."),
    )


@login_required
def member_change(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Correct a member's particulars."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "change_member",
        forms.ParticularsForm(posted(request), instance=found),
        lambda entered: acts.change_member(member_id=pk, **entered, by=by),
        heading=_("Correct particulars of {name}").format(name=found.name),
        back=reverse("member", args=[pk]),
        done=_("The particulars were corrected."),
    )


@login_required
def member_post(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Post a member to a unit, under a supervisor."""
    by, found = _asked(request, pk)
    now = doors.posting_on(pk, doors.today())
    return act_page(
        request,
        "post",
        forms.PostForm(
            posted(request), initial={"unit": now.unit, "reports_to": now.reports_to} if now else {}
        ),
        lambda entered: acts.post(
            member_id=pk,
            unit_id=entered["unit"].pk,
            reports_to=entered["reports_to"] and entered["reports_to"].pk,
            since=entered["since"],
            by=by,
        ),
        heading=_("Post {name}").format(name=found.name),
        words=_("The present posting ends on the day on which this one begins."),
        back=reverse("member", args=[pk]),
        done=_("The posting was recorded."),
    )


@login_required
@confirmed_lately
def role_grant(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Grant a role."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "grant_role",
        forms.RoleForm(posted(request), against=doors.reasons_against(found)),
        lambda entered: acts.grant_role(
            member_id=pk, role=Role(entered["role"]), since=entered["since"], until=entered["until"], by=by
        ),
        heading=_("Grant a role to {name}").format(name=found.name),
        back=reverse("member", args=[pk]),
        done=_("The role was granted."),
    )


@login_required
@confirmed_lately
def role_end(request: HttpRequest, pk: uuid.UUID, role: str) -> HttpResponse:
    """End a role."""
    by, found = _asked(request, pk)
    if role not in list(Role):
        raise NotFound(_("There is no such role."))
    return act_page(
        request,
        "end_role",
        forms.EndForm(posted(request)),
        lambda entered: acts.end_role(member_id=pk, role=Role(role), until=entered["until"], by=by),
        heading=_("End the role “{role}” of {name}").format(role=WORDS[Role(role)][0], name=found.name),
        back=reverse("member", args=[pk]),
        done=_("The role was ended."),
    )


@login_required
def course_complete(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that a member completed a course."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "complete_course",
        forms.CompletionForm(posted(request)),
        lambda entered: acts.complete_course(
            member_id=pk,
            course_id=entered["course"].pk,
            on=entered["on"],
            expires_on=entered["expires_on"],
            by=by,
        ),
        heading=_("Record training of {name}").format(name=found.name),
        back=reverse("member", args=[pk]),
        done=_("The training was recorded."),
    )


@login_required
@confirmed_lately
def member_leave(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that a member left or will leave; what they leave behind is shown before."""
    by, found = _asked(request, pk)
    words = _(
        "On that day posting and roles end, cameras count as returned, and the sign-in with every session and token "
        "of theirs opens nothing more: at once if it has come, else by itself when it comes."
    )
    return act_page(
        request,
        "leave",
        forms.LeaveForm(posted(request)),
        lambda entered: acts.leave(member_id=pk, on=entered["on"], by=by),
        heading=_("Record that {name} leaves").format(name=found.name),
        words=words,
        back=reverse("member", args=[pk]),
        done=_("The day of leaving was recorded."),
        template="department/leave.html",
        open_work=doors.open_work(found),
    )


@login_required
def member_stay(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Record that a member who was to leave stays."""
    by, found = _asked(request, pk)
    return act_page(
        request,
        "leave",
        ConfirmForm(posted(request)),
        lambda entered: acts.stay(member_id=pk, by=by),
        heading=_("Record that {name} stays").format(name=found.name),
        words=_("The day on which they were to leave is taken back; nothing has ended."),
        back=reverse("member", args=[pk]),
        done=_("It was recorded that the member stays."),
    )


@login_required
def member_open_work(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """What a member leaves behind, for administrators of accounts and who stands or stood above them."""
    actor = actor_of(request)
    found = doors.leaver_for(actor, pk)
    context = {
        "heading": _("What {name} leaves behind").format(name=found.name),
        "crumb": {"label": found.name, "url": reverse("member", args=[pk])},
        "member": found,
        "rows": doors.open_work(found),
    }
    return render(request, "department/open_work.html", context)


def _asked(request: HttpRequest, pk: uuid.UUID) -> tuple[Actor, Member]:
    """Who asks, and the member whom they may find."""
    actor = actor_of(request)
    return actor, doors.member_for(actor, pk)
