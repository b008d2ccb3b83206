"""The forms of accounts: they read what was entered; whether it may be done is said by the acts."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts.models import Token
from fairwitness.department.models import Camera, Dock, Unit


class ConfirmForm(forms.Form):
    """Nothing to enter: sending it is the confirmation."""


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

    def __init__(self, *args: Any, may_read: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("dock", Dock.objects.filter(status=Dock.Status.IN_SERVICE).order_by("name"))
        in_use = (Camera.Status.IN_SERVICE, Camera.Status.IN_REPAIR)
        self._choose("camera", Camera.objects.filter(status__in=in_use).order_by("serial"))
        if not may_read:
            del self.fields["unit"]
            kept = [choice for choice in Token.Scope.choices if choice[0] != Token.Scope.READ]
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
