"""What every template may use: the agency, the way around, who is asking, how many notices wait."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from fairwitness.department import doors as department_doors
from fairwitness.kernel import notices
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS
from fairwitness.site import ways


def everywhere(request: HttpRequest) -> dict[str, Any]:
    """The context of every page."""
    actor: Actor = getattr(request, "actor", PUBLIC)
    member = department_doors.member_of(actor) if actor.member_id else None
    return {
        "agency": agency(),
        "demo": settings.FAIRWITNESS_DEMO,
        "reference": getattr(request, "reference", ""),
        "actor": actor,
        "me": member,
        "lock_after_ms": settings.FAIRWITNESS_LOCK_AFTER * 1000,
        "oidc": settings.FAIRWITNESS_OIDC,
        "my_roles": [WORDS[role][0] for role in sorted(actor.roles)],
        "unread_notices": len(notices.unread(member.pk)) if member else 0,
        "navigation": ways.around(actor, request.path),
    }
