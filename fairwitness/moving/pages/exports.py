"""The list of whole exports: when everything was taken out, and whether a system made of it was the same."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from fairwitness.kernel.actors import actor_of
from fairwitness.moving import doors
from fairwitness.moving.models import Export

SHOWN = 200


@require_GET
def exports(request: HttpRequest) -> HttpResponse:
    """The exports, the latest first."""
    rows = list(doors.exports(actor_of(request))[:SHOWN])
    context = {
        "heading": _("Whole exports"),
        "count": len(rows) if len(rows) < SHOWN else None,
        "count_words": _(
            "Each time that everything was taken out of this system, by the command of its operator."
        ),
        "rows": [(each, _drill(each)) for each in rows],
    }
    return render(request, "moving/exports.html", context)


def _drill(each: Export) -> tuple[str, str]:
    """What came of the drill, and in which tone."""
    if each.drilled_at is None:
        return _("Not tried"), "waiting"
    if each.drill_faults:
        return _("Not the same"), "stopped"
    return _("The same"), "done"
