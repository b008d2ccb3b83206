"""What may be entered on the pages of sharing."""

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from fairwitness.department import doors as department
from fairwitness.sharing.doors.planning import LeaveOut
from fairwitness.sharing.models import Package, PackageItem, Share, Side

Because = PackageItem.Because
# How a reason may begin, in the words that the help says.
_REASONS = (
    ("clips only", Because.CLIPS),
    ("not relevant", Because.NOT_RELEVANT),
    ("privileged", Because.PRIVILEGED),
)


class AskForm(forms.Form):
    """A package of a case: for whom, and what is left out and why."""

    side = forms.ChoiceField(label=gettext_lazy("For"), choices=Side.choices, widget=forms.RadioSelect)
    recipient = forms.CharField(
        label=gettext_lazy("Who receives it"),
        max_length=200,
        help_text=gettext_lazy("An office, a lawyer, a court. It stands in the package."),
    )
    with_notes = forms.BooleanField(
        label=gettext_lazy("Put the notes at moments of recordings in"),
        required=False,
        help_text=gettext_lazy("Everything that was written there, by whomever. Read them first."),
    )
    leave_out = forms.CharField(
        label=gettext_lazy("Leave out"),
        required=False,
        max_length=100_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy(
            "Nothing, unless you say so: a line for each, with its number and why. The reason is “clips only” (its clips "
            "stand in for it), “not relevant”, “privileged”, or words of your own. It stands in the package."
        ),
    )

    def clean_leave_out(self) -> dict[str, LeaveOut]:
        """By number, why it is left out."""
        found: dict[str, LeaveOut] = {}
        for line in self.cleaned_data["leave_out"].splitlines():
            number, _sep, words = line.strip().partition(" ")
            number = number.rstrip(":,").upper()
            if not number:
                continue
            if not words.strip():
                raise ValidationError(_("Say why {number} is left out.").format(number=number))
            if number in found:
                raise ValidationError(_("{number} stands here twice.").format(number=number))
            found[number] = _reason(words.strip(" :,"))
        return found


def _reason(words: str) -> LeaveOut:
    for said, because in _REASONS:
        if words.lower().startswith(said):
            return LeaveOut(because, words[len(said) :].strip(" :,."))
    return LeaveOut(Because.OTHER, words)


class WithdrawForm(forms.Form):
    """Why a package is withdrawn."""

    because = forms.CharField(
        label=gettext_lazy("Why"), max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )


class ShareForm(forms.Form):
    """With whom a package is shared, for what, until when."""

    email = forms.EmailField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        help_text=gettext_lazy("They sign in by it. Nothing is sent to it: you give them the link yourself."),
    )
    name = forms.CharField(label=gettext_lazy("Name"), max_length=120)
    organisation = forms.CharField(label=gettext_lazy("Office or firm"), max_length=200, required=False)
    how = forms.ChoiceField(
        label=gettext_lazy("They may"), choices=Share.How.choices, widget=forms.RadioSelect
    )
    until = forms.DateField(
        label=gettext_lazy("Until"),
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=gettext_lazy("The first day on which it is closed again."),
        initial=lambda: department.today() + dt.timedelta(days=30),
    )


class FindForm(forms.Form):
    """What the list of packages is narrowed to."""

    text = forms.CharField(
        label=gettext_lazy("Number, case or who receives it"), required=False, max_length=200
    )
    side = forms.ChoiceField(
        label=gettext_lazy("For"), required=False, choices=[("", gettext_lazy("Anyone")), *Side.choices]
    )
    status = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("Any")), *Package.Status.choices],
    )


class PasswordForm(forms.Form):
    """A guest chooses a password."""

    password = forms.CharField(
        label=gettext_lazy("Choose a password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=gettext_lazy("At least twelve characters, and none that many people use."),
    )
    again = forms.CharField(
        label=gettext_lazy("The same again"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_again(self) -> str:
        """The same as above."""
        again: str = self.cleaned_data["again"]
        if again != self.cleaned_data.get("password"):
            raise ValidationError(_("The two are not the same."))
        return again


class SignInForm(forms.Form):
    """A guest signs in."""

    email = forms.CharField(
        label=gettext_lazy("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
