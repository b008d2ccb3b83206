"""The forms of uploads: they read what was asked for; who sees what is said by the doors."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.agency import agency
from fairwitness.uploads import doors
from fairwitness.uploads.doors.incoming import Sought
from fairwitness.uploads.models import Sighting, Upload

# So many cameras, people and docks are offered to choose from.
MOST_CHOICES = 500


class HeldForm(forms.Form):
    """What the list of files still on cameras is narrowed to: ids and codes alone, so that it can be an address."""

    camera = forms.TypedChoiceField(label=_("Camera"), required=False, empty_value=None)
    wearer = forms.TypedChoiceField(label=_("Worn by"), required=False, empty_value=None)
    dock = forms.TypedChoiceField(label=_("Dock"), required=False, empty_value=None)
    status = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[("", _("Any")), *(choice for choice in Sighting.Status.choices if choice[0] != "sealed")],
    )
    which = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[("", _("Overdue")), ("open", _("All not sealed yet")), ("explained", _("Explained"))],
    )

    def __init__(self, rows: Any, *args: Any, **kwargs: Any) -> None:
        """`rows` are the sightings from whose cameras, wearers and docks one may choose."""
        super().__init__(*args, **kwargs)
        for name in ("camera", "wearer", "dock"):
            found = rows.exclude(**{name: None}).order_by(name).distinct(name).select_related(name)
            things = [getattr(row, name) for row in found[:MOST_CHOICES]]
            self._offer(name, sorted((str(thing), str(thing.pk)) for thing in things))

    def _offer(self, name: str, things: Iterable[tuple[str, str]]) -> None:
        choices = [("", _("Any")), *((key, label) for label, key in things)]
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def sought(self) -> doors.HeldSought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return doors.HeldSought(
            camera=said.get("camera"),
            wearer=said.get("wearer"),
            dock=said.get("dock"),
            status=said.get("status", ""),
            which=said.get("which", ""),
        )


class ExplainForm(forms.Form):
    """Why nobody waits for a file any more."""

    explanation = forms.ChoiceField(
        label=_("Why"), choices=Sighting.Explanation.choices, widget=forms.RadioSelect
    )


class UploadsForm(forms.Form):
    """What the list of uploads is narrowed to: codes and days alone, so that it can be an address."""

    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Upload.Status.choices]
    )
    way = forms.ChoiceField(
        label=_("Sent"),
        required=False,
        choices=[("", _("Any way")), ("dock", _("by a dock or device")), ("hand", _("by hand"))],
    )
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def sought(self) -> Sought:
        """What the door is asked for; a choice that could not be read does not narrow. Days are the agency's."""
        said = self.cleaned_data
        until = said.get("until")
        return Sought(
            status=said.get("status", ""),
            by_hand={"hand": True, "dock": False}.get(said.get("way", "")),
            since=_midnight(said.get("since")),
            until=_midnight(until + dt.timedelta(days=1)) if until and until < dt.date.max else None,
        )


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), agency().tz) if day else None


class ConfirmForm(forms.Form):
    """An act that is said once more before it is done."""

    sure = forms.BooleanField(label=_("Yes, do this"))
