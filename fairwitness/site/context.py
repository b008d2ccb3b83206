"""What every template may use: the agency, the way around, who is asking, how many notices wait."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department_doors
from fairwitness.evidence import doors as evidence_doors
from fairwitness.kernel import notices
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    actor: Actor = getattr(request, "actor", PUBLIC)
    member = department_doors.member_of(actor) if actor.member_id else None
    return {
        "agency": agency(),
        "demo": settings.FAIRWITNESS_DEMO,
        "actor": actor,
        "me": member,
        "my_roles": [WORDS[role][0] for role in sorted(actor.roles)],
        "unread_notices": len(notices.unread(member.pk)) if member else 0,
        "navigation": _navigation(actor, request.path),
    }


def _navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    entries = [("home", _("Home"), True)]
    if actor.member_id:
        entries += [
            ("recordings", _("Recordings"), evidence_doors.may_list(actor)),
            ("members", _("People"), department_doors.may_list_members(actor)),
            ("cameras", _("Cameras"), department_doors.may_list_cameras(actor)),
            ("coverage", _("Coverage"), department_doors.may_see_coverage(actor)),
        ]
    entries.append(("public-log", _("Public log"), True))
    return [
        {"label": label, "url": url, "current": path == url or (url != "/" and path.startswith(url))}
        for name, label, allowed in entries
        if allowed and (url := _url(name))
    ]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
