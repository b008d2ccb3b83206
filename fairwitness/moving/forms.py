"""The forms of moving: what a report is narrowed to."""

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.moving.doors.arrivals import Sought
from fairwitness.moving.models import Outcome

KINDS = {
    "recording": _("Recording"),
    "file": _("Photograph or document"),
    "trail": _("Audit trail"),
    "row": _("Row of the table"),
    "table": _("Table"),
    "category": _("Category"),
    "case": _("Case"),
    "member": _("Who works on a case"),
    "person": _("Person of a case"),
    "incident": _("Incident of a case"),
    "item": _("What a case holds"),
}


class ReportForm(forms.Form):
    """What a report is narrowed to."""

    text = forms.CharField(label=_("Name, number or words"), required=False, max_length=200)
    outcome = forms.ChoiceField(
        label=_("What became of it"), required=False, choices=[("", _("Anything")), *Outcome.choices]
    )
    kind = forms.ChoiceField(
        label=_("What it is"), required=False, choices=[("", _("Anything")), *KINDS.items()]
    )

    def sought(self) -> Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return Sought(said.get("outcome", ""), said.get("kind", ""), said.get("text", ""))
