"""The forms of accounts: they read what was entered; whether it may be done is said by the acts."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import doors
from fairwitness.accounts.doors.review import ReviewRow
from fairwitness.accounts.models import SignInLog, Token
from fairwitness.department.models import Camera, Dock, Member, Unit
from fairwitness.kernel.roles import WORDS

_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class LogForm(forms.Form):
    """What the sign-in log is narrowed to. The address is personal, and stays out of the page's own."""

    since = forms.DateField(label=_("From (UTC)"), required=False, widget=_DAY)
    until = forms.DateField(label=_("To (UTC)"), required=False, widget=_DAY)
    event = forms.ChoiceField(
        label=_("What"), required=False, choices=[("", _("Any")), *SignInLog.WORDS.items()]
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any")), *SignInLog.Outcome.choices]
    )
    member = forms.ModelChoiceField(
        Member.objects.none(), label=_("Member"), required=False, empty_label=_("Any")
    )
    address = forms.GenericIPAddressField(label=_("Address"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        given = Member.objects.filter(user__isnull=False).order_by("family_name", "given_name")
        self.fields["member"].queryset = given  # type: ignore[attr-defined]

    def sought(self) -> doors.LogSought:
        """What the door is asked for; what could not be read does not narrow."""
        said = self.cleaned_data
        member: Member | None = said.get("member")
        return doors.LogSought(
            since=said.get("since"),
            until=said.get("until"),
            event=said.get("event", ""),
            outcome=said.get("outcome", ""),
            member_id=member.pk if member else None,
            address=said.get("address", ""),
        )


class ReviewForm(forms.Form):
    """Which roles of a review are shown: those still to decide, one role, one unit."""

    state = forms.ChoiceField(
        label=_("Decision"),
        required=False,
        choices=[("", _("Any")), ("open", _("Not decided")), ("kept", _("Kept")), ("ended", _("Ended"))],
    )
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", _("Any")), *((role.value, words[0]) for role, words in WORDS.items())],
    )
    unit = forms.ChoiceField(label=_("Unit"), required=False)

    def __init__(self, *args: Any, units: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].choices = [("", _("Any")), *sorted(units.items(), key=lambda unit: unit[1])]  # type: ignore[attr-defined]

    def narrowed(self, rows: list[ReviewRow]) -> list[ReviewRow]:
        """The rows that are asked for; a choice that could not be read does not narrow."""
        state, role, unit = (self.cleaned_data.get(name, "") for name in ("state", "role", "unit"))
        return [
            row
            for row in rows
            if state in ("", row.state) and role in ("", row.held.role) and unit in ("", row.unit_id)
        ]


class UserNameForm(forms.Form):
    """The name under which a member will sign in."""

    username = forms.CharField(label=_("User name"), max_length=150)


class TokenForm(forms.Form):
    """What a token is for, and until when."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("As histories will name it, such as “Dock, front desk”.")
    )
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Token.Scope.choices, widget=forms.CheckboxSelectMultiple
    )
    dock = forms.ModelChoiceField(Dock.objects.none(), label=_("Dock"), required=False, empty_label=_("None"))
    camera = forms.ModelChoiceField(
        Camera.objects.none(), label=_("Camera"), required=False, empty_label=_("None")
    )
    unit = forms.ModelChoiceField(
        Unit.objects.order_by("name"),
        label=_("Unit whose recordings it reads of"),
        required=False,
        empty_label=_("None"),
    )
    expires_at = forms.DateTimeField(
        label=_("Good until"),
        required=False,
        help_text=_("Left empty: 90 days, or as the settings say."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, may: Callable[[str], bool], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("dock", Dock.objects.filter(status=Dock.Status.IN_SERVICE).order_by("name"))
        in_use = (Camera.Status.IN_SERVICE, Camera.Status.IN_REPAIR)
        self._choose("camera", Camera.objects.filter(status__in=in_use).order_by("serial"))
        if not may(Token.Scope.READ):
            del self.fields["unit"]
        kept = [choice for choice in Token.Scope.choices if may(choice[0])]
        self.fields["scopes"].choices = kept  # type: ignore[attr-defined]

    def _choose(self, name: str, rows: Any) -> None:
        self.fields[name].queryset = rows  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Keys in place of rows, as the act takes them."""
        said = super().clean() or {}
        for name in ("dock", "camera", "unit"):
            chosen = said.pop(name, None)
            said[f"{name}_id"] = chosen.pk if chosen else None
        return said
