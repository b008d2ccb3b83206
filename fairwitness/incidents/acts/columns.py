"""What dispatch exports and shift rosters may say, and how a file is read: columns, layout, order of day and month."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from fairwitness.incidents.models import Mapping as Saved
from fairwitness.kernel.agency import agency
from fairwitness.kernel.columns import Column

DISPATCH: dict[str, Column] = {
    "incident": Column(
        _("Incident number"),
        ("incident num", "incident number", "incident no", "incident", "case number", "call number"),
        required=True,
    ),
    "event": Column(_("Dispatch event"), ("event number", "event num", "event", "cad number", "cad event")),
    "date": Column(
        _("Day, or day and time"),
        ("incident date", "date", "call date", "day", "opened", "received", "created"),
        required=True,
    ),
    "opened": Column(_("Time of the call"), ("time", "call time", "time received", "time opened")),
    "kind": Column(_("Kind"), ("call type", "incident type", "type", "nature", "kind")),
    "place": Column(_("Place"), ("place", "address", "location", "incident address")),
    "units": Column(_("Units"), ("unit", "units", "call sign", "call signs", "unit id", "apparatus")),
    "badge": Column(_("Badge of the unit's member"), ("badge", "badge number", "officer badge")),
    "dispatched": Column(
        _("Dispatched"), ("unit dispatch times", "dispatched", "dispatch time", "time dispatched")
    ),
    "en_route": Column(
        _("On the way"), ("unit enroute times", "en route", "enroute", "en route time", "time enroute")
    ),
    "arrived": Column(
        _("Arrived"), ("unit arrive times", "arrived", "on scene", "arrival time", "time arrived")
    ),
    "cleared": Column(_("Clear again"), ("unit clear times", "cleared", "clear", "clear time", "time clear")),
    "closed": Column(_("Closed"), ("closed", "time closed", "closed time")),
    "status": Column(
        _("State or disposition"), ("status", "disposition", "disposition remarks", "disposition code")
    ),
}
SHIFTS: dict[str, Column] = {
    "badge": Column(_("Badge"), ("badge", "badge number", "badge no", "id"), required=True),
    "call_sign": Column(_("Call sign"), ("call sign", "unit", "car", "assignment"), required=True),
    "date": Column(_("Day"), ("date", "day", "shift date")),
    "begins": Column(
        _("Begins"), ("begins", "start", "from", "start time", "shift start", "on duty"), required=True
    ),
    "ends": Column(_("Ends"), ("ends", "end", "to", "end time", "shift end", "off duty"), required=True),
}
COLUMNS: Mapping[str, dict[str, Column]] = {
    Saved.Purpose.DISPATCH: DISPATCH,
    Saved.Purpose.SHIFTS: SHIFTS,
}
# What a state says of an event that was called off, unless the agency's own words are given.
CANCELLED = "cancelled, canceled, cancel, canc, cxl, void"


def own_style() -> str:
    """The order of day and month in which the agency itself writes."""
    return Saved.Style.MONTH_FIRST if agency().month_first else Saved.Style.DAY_FIRST


@dataclass(frozen=True)
class Reading:
    """How a file is read. `columns` says in which column of the file, counted from 0, each thing stands."""

    columns: Mapping[str, int]
    style: str = ""
    layout: str = Saved.Layout.PER_UNIT
    cancelled_words: str = CANCELLED
    # Under which the mapping is kept; unsaid, by its purpose.
    name: str = ""

    @property
    def in_force(self) -> str:
        """The order of day and month; unsaid, the agency's."""
        return self.style or own_style()

    @property
    def calls_off(self) -> frozenset[str]:
        """The words that say of an event that it was called off, without case."""
        return frozenset(word.strip().casefold() for word in self.cancelled_words.split(",") if word.strip())


def as_saved(saved: Saved) -> Reading:
    """The reading that a saved mapping stands for."""
    return Reading(
        dict(saved.columns),
        saved.style,
        saved.layout or Saved.Layout.PER_UNIT,
        saved.cancelled_words or CANCELLED,
        saved.name,
    )
