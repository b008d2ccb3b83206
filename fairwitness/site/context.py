"""What every template may use: the agency, the way around, who is asking, how many notices wait."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors as accounts_doors
from fairwitness.department import doors as department_doors
from fairwitness.evidence import doors as evidence_doors
from fairwitness.incidents import doors as incidents_doors
from fairwitness.kernel import notices
from fairwitness.kernel.actors import PUBLIC, Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS, Reach
from fairwitness.storage import doors as storage_doors
from fairwitness.uploads.doors import incoming as uploads_doors


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
        "navigation": _navigation(actor, request.path),
    }


def _navigation(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The ways that are open to the actor; the one is current below whose places the page lies."""
    return [
        {"label": label, "url": url, "current": _lies_below(path, url, places)}
        for name, label, allowed, places in _ways(actor)
        if allowed and (url := _url(name))
    ]


def _ways(actor: Actor) -> Iterator[tuple[str, str, bool, tuple[str, ...]]]:
    yield "home", _("Home"), True, ()
    if actor.member_id:
        lists = evidence_doors.may_list(actor)
        below = ("/viewings/", "/holds/", "/held/", "/preservation/", "/access/")
        yield "recordings", _("Recordings"), lists, below
        yield "counts", _("Recordings"), evidence_doors.may_count(actor) and not lists, ()
        yield (
            "incidents",
            _("Incidents"),
            incidents_doors.may_list(actor),
            ("/shifts/", "/mappings/", "/imports/"),
        )
        only_counts = incidents_doors.may_count(actor) and not incidents_doors.may_list(actor)
        yield "incident-counts", _("Incidents"), only_counts, ()
        yield "retention", _("Retention"), evidence_doors.far(actor, "see_retention") > Reach.NONE, ()
        yield "uploads", _("Uploads"), uploads_doors.may_list(actor), ("/cameras-hold/",)
        people = department_doors.may_list_members(actor)
        yield "members", _("People"), people, ("/units/", "/roster/")
        yield "cameras", _("Cameras"), department_doors.may_list_cameras(actor), ()
        yield "docks", _("Docks"), department_doors.may_list_docks(actor), ()
        yield "coverage", _("Coverage"), department_doors.may_see_coverage(actor), ("/courses/",)
        yield "stores", _("Stores"), storage_doors.may(actor, "see_stores"), ()
        keeps = accounts_doors.may(actor, "end_sessions")
        yield "sessions", _("Sign-ins"), keeps, ("/tokens/", "/sign-in-log/", "/reviews/")
        reads = accounts_doors.may(actor, "read_sign_in_log") and not keeps
        yield "sign-in-log", _("Sign-ins"), reads, ("/reviews/",)
        sees = accounts_doors.may(actor, "see_review") and not (keeps or reads)
        yield "reviews", _("Reviews of roles"), sees, ()
        yield "tokens", _("Tokens"), accounts_doors.may(actor, "list_tokens") and not keeps, ()
        yield "alarms", _("System"), department_doors.may(actor, "see_system"), ("/jobs/", "/mail/")
    yield "book", _("Policy"), bool(actor.member_id), ("/policy/",)
    yield "policy", _("Policy"), not actor.member_id, ()
    yield "preserve", _("Keep a recording"), not actor.member_id, ()
    yield "public-log", _("Public log"), True, ()


def _lies_below(path: str, url: str, places: tuple[str, ...]) -> bool:
    return path == url or (url != "/" and path.startswith((url, *places)))


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""
