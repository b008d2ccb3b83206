"""What is entered about clips and cameras' clocks: moments of a recording as people write them."""

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.evidence.models import Clip
from fairwitness.kernel.agency import agency
from fairwitness.rules.positions import position_ms, written


class PositionField(forms.CharField):
    """A moment of a recording, as 1:02:03.250, 02:03 or seconds; in milliseconds."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(
            attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "00:00:00.000"}
        )
        super().__init__(max_length=20, widget=widget, **more)

    def clean(self, value: Any) -> Any:
        """The milliseconds; what is no moment is refused."""
        text = super().clean(value)
        if not text:
            return None
        found = position_ms(text)
        if found is None:
            raise forms.ValidationError(_("Write a moment as hours:minutes:seconds, such as 00:01:05.500."))
        return found

    def prepare_value(self, value: Any) -> Any:
        """As it is written."""
        return written(value) if isinstance(value, int) else value


class ClipForm(forms.Form):
    """A clip: its name, from when to when, and how it is made."""

    name = forms.CharField(
        label=_("Name"), max_length=200, help_text=_("What is seen in it, in a few words.")
    )
    begins_ms = PositionField(label=_("From"))
    ends_ms = PositionField(label=_("To"))
    wanted = forms.ChoiceField(
        label=_("How it is made"),
        choices=Clip.Way.choices,
        widget=forms.RadioSelect,
        initial=Clip.Way.COPIED,
        help_text=_(
            "Copied, it may begin some seconds early, and every picture is as it was sealed. Encoded anew, it begins and "
            "ends where you say."
        ),
    )


class _TrueTime(forms.CharField):
    """A day and a time to the second, and finer if that is known, where the agency is; in UTC."""

    def __init__(self, **more: Any) -> None:
        widget = forms.TextInput(attrs={"type": "datetime-local", "step": "0.001"})
        super().__init__(max_length=30, widget=widget, **more)

    def clean(self, value: Any) -> Any:
        """The moment; what is none is refused."""
        text = super().clean(value)
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?", text):
                raise ValueError
            return dt.datetime.fromisoformat(text).replace(tzinfo=agency().tz).astimezone(dt.UTC)
        except (OverflowError, ValueError) as error:
            raise forms.ValidationError(_("Write a day and a time.")) from error


WHY = forms.Textarea(attrs={"rows": 2})


class ByDispatchForm(forms.Form):
    """What is seen at a moment, and when dispatch has it."""

    at_ms = PositionField(label=_("At this moment of the recording"))
    true_at = _TrueTime(label=_("it was, as dispatch has it"))
    because = forms.CharField(
        label=_("What is seen or heard"),
        max_length=1000,
        widget=WHY,
        help_text=_("Such as: the unit reports its arrival by radio."),
    )


class ByMarkForm(forms.Form):
    """The same moment in two cameras."""

    at_ms = PositionField(label=_("At this moment of the recording"))
    other = forms.ChoiceField(label=_("the same is seen in"))
    other_ms = PositionField(label=_("at"))
    because = forms.CharField(
        label=_("What is seen in both"),
        max_length=1000,
        widget=WHY,
        help_text=_("Such as: the door closes, a light goes on, hands are clapped."),
    )

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["other"].choices = choices  # type: ignore[attr-defined]


class MarkForm(forms.Form):
    """The same, as the players say it."""

    recording = forms.UUIDField()
    at_ms = forms.IntegerField(min_value=0, max_value=2**53)
    other = forms.UUIDField()
    other_ms = forms.IntegerField(min_value=0, max_value=2**53)
    because = forms.CharField(max_length=1000)


class NoteInForm(forms.Form):
    """A note at a moment of one of several cameras."""

    recording = forms.UUIDField()
    at_ms = forms.IntegerField(min_value=0, max_value=2**53)
    text = forms.CharField(max_length=2000)
