"""The watch over docks: one that falls silent, or whose clock is off, is an alarm until it is well again."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.department import doors as department
from fairwitness.department.acts import end_alarm, raise_alarm
from fairwitness.department.models import Dock, DockHeard
from fairwitness.kernel.actors import Actor

CLOCK = "uploads.dock_clock"
SILENT = "uploads.dock_silent"


def watch_docks(*, by: Actor) -> None:
    """Raise an alarm for every dock in service that was heard of once and then fell silent; end those that are over."""
    for heard in DockHeard.objects.select_related("dock"):
        if department.is_silent(heard):
            sentence = _("The dock {name} has said nothing for {minutes} minutes.").format(
                name=heard.dock.name, minutes=settings.FAIRWITNESS_DOCK_SILENT
            )
            raise_alarm(SILENT, sentence, key=str(heard.dock.pk), link=_address(heard.dock), by=by)
        else:
            end_alarm(SILENT, key=str(heard.dock.pk), by=by)


def check_clock(dock: Dock, ahead: int, *, by: Actor) -> None:
    """Raise or end the alarm of a dock whose clock is `ahead` of ours by so many seconds, or behind when negative."""
    if abs(ahead) > settings.FAIRWITNESS_DOCK_CLOCK_OFF:
        sentence = _("The clock of the dock {name} is off. What it says about times cannot be relied on.")
        raise_alarm(CLOCK, sentence.format(name=dock.name), key=str(dock.pk), link=_address(dock), by=by)
    else:
        end_alarm(CLOCK, key=str(dock.pk), by=by)


def _address(dock: Dock) -> str:
    return reverse("dock", args=[dock.pk])
