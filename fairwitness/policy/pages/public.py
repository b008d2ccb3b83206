"""For everyone: the book in force, document by document, and how it stands against the published criteria."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fairwitness.kernel import clock
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.agency import agency
from fairwitness.policy import doors
from fairwitness.policy.doors.score import SOURCE, Criterion
from fairwitness.policy.models import Version
from fairwitness.policy.pages import shown


@require_GET
def policy(request: HttpRequest) -> HttpResponse:
    """The documents in force, each with what it is about."""
    rows = [
        (version, version.says()) for document in doors.documents() if (version := doors.in_force(document))
    ]
    context = {
        "heading": _("The policy of {name}").format(name=agency().short_name),
        "rows": rows,
        "rules": sum(len(content.rules) for _version, content in rows),
        "measured": _measured(rows),
    }
    return render(request, "policy/policy.html", context)


def _measured(rows: list[tuple[Version, Any]]) -> int:
    latest = doors.latest_figures()
    return sum(rule.measured_by in latest for _version, content in rows for rule in content.rules)


@require_GET
def document(request: HttpRequest, number: str) -> HttpResponse:
    """What a document says now."""
    return _page(request, doors.published_for(number))


@require_GET
def published(request: HttpRequest, number: str, n: int) -> HttpResponse:
    """What a document said in a version that is or was in force."""
    return _page(request, doors.version_for(PUBLIC, number, n))


def _page(request: HttpRequest, version: Version) -> HttpResponse:
    content = version.says()
    context = {
        "heading": content.title,
        "crumb": {"label": _("Policy"), "url": reverse("policy")},
        "version": version,
        "content": content,
        "facts": shown.facts(version, content),
        "groups": shown.groups(content.rules),
        "whole": bool(request.GET.get("whole")),
        "versions": list(doors.versions_of(PUBLIC, version.document)),
    }
    return render(request, "policy/document.html", context)


@require_GET
def document_json(request: HttpRequest, number: str) -> JsonResponse:
    """The same for programs: the document in force, with the figures of its rules."""
    return JsonResponse(shown.as_data(doors.published_for(number)), json_dumps_params={"ensure_ascii": False})


@require_GET
def scorecard(request: HttpRequest) -> HttpResponse:
    """The eight published criteria, each with its verdict and the rules that are the evidence."""
    found = doors.scorecard()
    context = {
        "heading": _("How the policy compares"),
        "criteria": [(each, shown.VERDICTS[each.verdict]) for each in found],
        "met": sum(each.verdict == "green" for each in found),
        "source": SOURCE,
        "at": clock.now(),
    }
    return render(request, "policy/scorecard.html", context)


@require_GET
def scorecard_json(request: HttpRequest) -> JsonResponse:
    """The same for programs."""
    said = {
        "agency": agency().name,
        "criteria_source": SOURCE,
        "as_of": clock.rfc3339(clock.now()),
        "criteria": [_criterion(each) for each in doors.scorecard()],
    }
    return JsonResponse(said, json_dumps_params={"ensure_ascii": False})


def _criterion(each: Criterion) -> dict[str, Any]:
    evidence = [{"document": c.number, "version": c.n, "rule": c.rule.id} for c in each.evidence]
    return {
        "key": each.key,
        "title": each.title,
        "asks": each.asks,
        "verdict": each.verdict,
        "because": each.because,
        "evidence": evidence,
    }
