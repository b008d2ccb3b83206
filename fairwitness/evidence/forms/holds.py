"""The forms of holds and of preservation requests: they read what was entered; the acts say whether it may be done."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.evidence.acts.hold import LONGEST, LONGEST_REFERENCE
from fairwitness.evidence.acts.preservation import LONGEST as LONGEST_ASKED
from fairwitness.evidence.doors import holds, preservation
from fairwitness.evidence.models import Hold, PreservationRequest
from fairwitness.kernel.agency import agency

# What people place by hand: what follows from a resident's request is not.
BY_HAND = [choice for choice in Hold.Kind.choices if choice[0] != Hold.Kind.PRESERVATION]


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), **more)


def _time(**more: Any) -> forms.TimeField:
    return forms.TimeField(widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), **more)


def _text(most: int, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class HoldsForm(forms.Form):
    """What the list of holds is narrowed to."""

    text = forms.CharField(label=gettext_lazy("Number or reference"), required=False, max_length=200)
    kind = forms.ChoiceField(
        label=gettext_lazy("For"), required=False, choices=[("", gettext_lazy("Any")), *Hold.Kind.choices]
    )
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any")), *holds.STATES.items()],
    )

    def sought(self) -> holds.Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return holds.Sought(said.get("kind", ""), said.get("state", ""), said.get("text", ""))


class HoldForm(forms.Form):
    """A new hold."""

    kind = forms.ChoiceField(label=gettext_lazy("For"), choices=BY_HAND, widget=forms.RadioSelect)
    reason = _text(LONGEST, label=gettext_lazy("Why"))
    reference = forms.CharField(
        label=gettext_lazy("Number of the case, complaint or request"),
        required=False,
        max_length=LONGEST_REFERENCE,
    )
    until = _day(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy(
            "From this day on it holds nothing any more. Left empty, it stands until it is lifted."
        ),
    )
    cover = forms.ChoiceField(
        label=gettext_lazy("What it covers"), widget=forms.RadioSelect, required=False, choices=[("", "")]
    )
    field_order = ("cover", "kind", "reason", "reference", "until")

    def offer(self, incidents: Iterable[tuple[str, str]]) -> None:
        """Which incidents may be covered too, by key and number; without any nothing is asked."""
        offered = [
            (key, _("Everything of incident {number}, also what comes later").format(number=number))
            for key, number in incidents
        ]
        if not offered:
            del self.fields["cover"]
            return
        cover = self.fields["cover"]
        assert isinstance(cover, forms.ChoiceField)
        cover.choices = [("", _("This recording alone")), *offered]


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = _text(LONGEST, label=gettext_lazy("Why"))


class ExtendForm(forms.Form):
    """Until when a hold stands instead."""

    until = _day(
        label=gettext_lazy("Until"),
        required=False,
        help_text=gettext_lazy("A later day than now's. Left empty, it stands until it is lifted."),
    )


class AddForm(forms.Form):
    """One more recording under a hold, by its number."""

    number = forms.CharField(label=gettext_lazy("Number of the recording"), max_length=40)


class RequestsForm(forms.Form):
    """What the list of preservation requests is narrowed to."""

    text = forms.CharField(label=gettext_lazy("Number, place or name"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any")), *PreservationRequest.Status.choices],
    )
    way = forms.ChoiceField(
        label=gettext_lazy("Asked by"),
        required=False,
        choices=[("", gettext_lazy("Any")), *preservation.WAYS.items()],
    )

    def sought(self) -> preservation.Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return preservation.Sought(said.get("status", ""), said.get("way", ""), said.get("text", ""))


class ReferenceForm(forms.Form):
    """The reference that whoever sent a request was given."""

    reference = forms.CharField(
        label=gettext_lazy("Your reference"),
        help_text=gettext_lazy("It begins with PR. Strokes and spaces may be left out."),
        max_length=preservation.LONGEST_REFERENCE,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class ConfirmForm(ReasonForm):
    """A request is confirmed, and may be held longer."""

    until = _day(
        label=gettext_lazy("Hold until"),
        required=False,
        help_text=gettext_lazy("Left empty, it is held for as long as it is now."),
    )


class _AboutYou(forms.Form):
    """What anybody may add to a request, and may leave out."""

    words = _text(
        LONGEST_ASKED["words"],
        rows=4,
        label=gettext_lazy("What happened, in your own words"),
        required=False,
    )
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=LONGEST_ASKED["name"],
        help_text=gettext_lazy("You do not have to say who you are."),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    contact = forms.CharField(
        label=gettext_lazy("How to reach you"),
        required=False,
        max_length=LONGEST_ASKED["contact"],
        help_text=gettext_lazy("A telephone number, an e-mail or a postal address."),
    )


class ByNumberForm(_AboutYou):
    """A request by an incident's number."""

    incident_number = forms.CharField(
        label=gettext_lazy("Incident number"),
        max_length=LONGEST_ASKED["incident_number"],
        help_text=gettext_lazy("It stands on a report, a card or a ticket that an officer gave you."),
    )
    field_order = ("incident_number", "words", "name", "contact")

    def said(self) -> dict[str, Any]:
        """What the act is told."""
        return dict(self.cleaned_data)


class ByPlaceForm(_AboutYou):
    """A request by a place and a span of time, as clocks there show it."""

    place = forms.CharField(
        label=gettext_lazy("Where"),
        max_length=LONGEST_ASKED["place"],
        help_text=gettext_lazy("A street with its number, a crossing, or a building."),
    )
    day = _day(label=gettext_lazy("Day"))
    begins = _time(label=gettext_lazy("From"))
    ends = _time(
        label=gettext_lazy("To"),
        help_text=gettext_lazy("If this is earlier in the day, it means the next day."),
    )
    field_order = ("place", "day", "begins", "ends", "words", "name", "contact")

    def clean(self) -> dict[str, Any]:
        """With `since` and `until` as moments; a span over midnight ends on the next day."""
        said: dict[str, Any] = super().clean() or {}
        day, begins, ends = said.get("day"), said.get("begins"), said.get("ends")
        if not day or begins is None or ends is None:
            return said
        if begins == ends:
            raise forms.ValidationError({"ends": _("It ends when it begins.")})
        try:
            last = day + dt.timedelta(days=1) if ends < begins else day
            said["since"], said["until"] = min(_moments(day, begins)), max(_moments(last, ends))
        except (OverflowError, ValueError) as error:
            raise forms.ValidationError({"day": _("This day is none that can be looked for.")}) from error
        return said

    def said(self) -> dict[str, Any]:
        """What the act is told."""
        return {
            key: value for key, value in self.cleaned_data.items() if key not in ("day", "begins", "ends")
        }


def _moments(day: dt.date, time: dt.time) -> list[dt.datetime]:
    """The moments that a clock's time may mean: two where clocks are put back, or where the time is left out."""
    local = dt.datetime.combine(day, time, agency().tz)
    return [local.replace(fold=fold).astimezone(dt.UTC) for fold in (0, 1)]
