"""The reports beside footage, as a panel of the pages that show it."""

from collections.abc import Sequence

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.evidence.doors.reports import ReportBeside, reports_beside
from fairwitness.evidence.models import Recording
from fairwitness.incidents.doors import Beside
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency


def panel(actor: Actor, recordings: Sequence[Recording]) -> Beside | None:
    """The reports about what these recordings show; None where there is none that the actor sees."""
    found = reports_beside(actor, recordings)
    several = len(recordings) > 1
    rows = [
        (
            each.report.number,
            f"{reverse('incident', args=[each.report.incident_id])}#reports",
            _words(each, several=several),
        )
        for each in found
    ]
    return Beside(_("Reports"), rows, "") if rows else None


def _words(each: ReportBeside, *, several: bool) -> str:
    report = each.report
    who = report.author.name if report.author else _("nobody named")
    if each.worn and several:
        who = _("{name}, who wore the camera of {numbers}").format(
            name=who, numbers=", ".join(found.number for found in each.worn)
        )
    elif each.worn:
        who = _("{name}, who wore this camera").format(name=who)
    day = agency().written(report.filed_at)
    words = _("{kind} report about {incident}, by {who}, {day}")
    said = words.format(kind=report.get_kind_display(), incident=report.incident.number, who=who, day=day)
    return _("{words} (by officer and time: not linked yet)").format(words=said) if each.suggested else said
