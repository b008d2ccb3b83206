"""What is entered about who may open what: grants, courts' orders, signs of unusual access."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.evidence.models import Grant, Watch


class GrantForm(forms.Form):
    """To whom a recording or an incident is opened, as what, why, until when."""

    badge = forms.CharField(label=_("Badge"), max_length=20)
    kind = forms.ChoiceField(label=_("As"), choices=Grant.Kind.choices, widget=forms.RadioSelect)
    because = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3}))
    until = forms.DateField(
        label=_("Until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("The first day on which it is closed again. Left empty: until it is ended."),
    )

    def clean_badge(self) -> Member:
        """The member with this badge."""
        found = department.member_named(self.cleaned_data["badge"])
        if found is None:
            raise forms.ValidationError(_("Nobody has that badge."))
        return found


class OrderForm(forms.Form):
    """A court's order that a recording be shared with the defence."""

    court = forms.CharField(label=_("Court"), max_length=200)
    docket = forms.CharField(label=_("Docket number"), max_length=100)
    ordered_on = forms.DateField(
        label=_("Ordered on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    sha256 = forms.CharField(
        label=_("SHA-256 of the order"),
        max_length=71,
        help_text=_("Of the document as it came from the court, so that anyone can tell later which it was."),
    )

    def clean_sha256(self) -> str:
        """Without the prefix, in lower case."""
        return str(self.cleaned_data["sha256"]).strip().lower().removeprefix("sha256:")


class OutcomeForm(forms.Form):
    """What came of a sign of unusual access."""

    outcome = forms.ChoiceField(
        label=_("What came of it"),
        choices=[(code, words) for code, words in Watch.Outcome.choices if code != Watch.Outcome.OPEN],
        widget=forms.RadioSelect,
    )
    words = forms.CharField(
        label=_("What was found"), max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )
