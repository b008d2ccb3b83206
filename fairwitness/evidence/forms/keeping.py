"""What is entered about how long recordings are kept: categories, clocks, dry runs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class CategoryForm(forms.Form):
    """A category to be added."""

    code = forms.ChoiceField(label=_("Category"))

    def __init__(self, choices: list[tuple[str, str]], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Nothing is chosen beforehand: a category changes until when a recording is kept.
        self.fields["code"].choices = [("", _("Choose one")), *choices]  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """From when a recording counts, and why."""

    because = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    ended = forms.DateTimeField(
        label=_("It ended at"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Empty: it counts from its receipt. An earlier time takes a second person."),
    )


class BecauseForm(forms.Form):
    """A reason, and nothing else."""

    because = forms.CharField(label=_("Why"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))


class SeenForm(forms.Form):
    """The digest of the list that was seen."""

    digest = forms.CharField(widget=forms.HiddenInput, max_length=64)


class PeriodForm(forms.Form):
    """The days on which recordings were made, the last included."""

    since = forms.DateField(
        label=_("Recorded from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=_("Recorded until"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
