"""The filters of the list of recordings, and what is entered beside it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.evidence.doors import Filters
from fairwitness.evidence.models import Recording


class FilterForm(forms.Form):
    """The filters of the list. Opaque ones go into the address; words are kept as a saved search."""

    OPAQUE = ("since", "until", "owner", "unit", "camera", "status", "readable", "owner_how")
    WORDS = ("text", "incident", "label")

    text = forms.CharField(label=_("Search"), required=False, max_length=200)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    owner = forms.UUIDField(label=_("Officer"), required=False, widget=forms.Select)
    unit = forms.UUIDField(label=_("Unit"), required=False, widget=forms.Select)
    camera = forms.UUIDField(label=_("Camera"), required=False, widget=forms.Select)
    incident = forms.CharField(label=_("Incident number"), required=False, max_length=80)
    label = forms.CharField(
        label=_("Label as delivered"), required=False, max_length=120, widget=forms.Select
    )
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Recording.Status.choices]
    )
    readable = forms.ChoiceField(
        label=_("Readable"), required=False, choices=[("", _("Any")), *Recording.Readable.choices]
    )
    owner_how = forms.ChoiceField(
        label=_("Wearer known"), required=False, choices=[("", _("Any")), *Recording.Owner.choices]
    )

    def choose_from(self, name: str, choices: Iterable[tuple[str, str]]) -> None:
        """Fill a select with what the asker may choose from."""
        select = self.fields[name].widget
        assert isinstance(select, forms.Select)
        select.choices = [("", _("Any")), *choices]


def filters_of(form: FilterForm, sort: str, zone: ZoneInfo) -> Filters:
    """The filters that a valid form asks for: days are the agency's, `until` is the last day included."""
    data = form.cleaned_data
    until = data.get("until")
    keys = ("owner", "unit", "camera")
    words = ("status", "readable", "owner_how", "incident", "label", "text")
    chosen: dict[str, Any] = {name: data.get(name) or None for name in keys}
    chosen |= {name: data.get(name) or "" for name in words}
    return Filters(
        since=_midnight(data.get("since"), zone),
        until=_midnight(until + dt.timedelta(days=1) if until and until < dt.date.max else None, zone),
        sort=sort if sort in Filters.SORTS else "-started",
        **chosen,
    )


def _midnight(day: dt.date | None, zone: ZoneInfo) -> dt.datetime | None:
    return dt.datetime.combine(day, dt.time(), zone) if day else None


class OwnerForm(forms.Form):
    """Who wore the camera: a badge number."""

    badge = forms.CharField(label=_("Badge"), max_length=20)
