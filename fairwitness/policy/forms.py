"""The forms of policy: they read what was entered; whether it may be done is said by the acts."""

import datetime as dt
import json
import tomllib
from typing import Any, get_args

from django import forms
from django.utils.translation import gettext as now
from django.utils.translation import gettext_lazy as _
from pydantic.fields import FieldInfo

from fairwitness.kernel import clock
from fairwitness.kernel.agency import agency
from fairwitness.kernel.roles import WORDS
from fairwitness.policy.models import BASES, KINDS, MEASURES, PARAMETERS, Content, Rule

# Parameters whose name says too little to people.
LABELS = {
    "access": _("Class of access"),
    "access_recorded": _("Every access is recorded"),
    "approvers": _("People who must approve"),
    "asked_by": _("Who may ask"),
    "at_most": _("Kept at most"),
    "banned": _("Recognition is banned"),
    "business_days": _("Decided within, in business days"),
    "category": _("Category"),
    "code": _("Code of the category"),
    "complainant_may_view": _("People who complain may see the footage"),
    "cooling_off_days": _("Days between approval and effect"),
    "days": _("Held for, in days"),
    "decides": _("Who decides"),
    "delivered": _("Labels of delivering systems"),
    "documented": _("What must be documented"),
    "events": _("Events that must be recorded"),
    "expected": _("People are to be told"),
    "grace_days": _("Days in which a disposal can be taken back"),
    "hours": _("Widest span, in hours"),
    "keep": _("Kept at least"),
    "reason_required": _("A reason must be given"),
    "reasons": _("Reasons that count"),
    "roles": _("Roles to which it opens"),
    "statute": _("Statute that narrows it"),
    "tampering_forbidden": _("Tampering is forbidden"),
    "viewing_before_report": _("Viewing before the report"),
    "words": _("Name of the category"),
}
HINTS = {
    "keep": _("As “180 days”, “30 months”, “7 years” or “for ever”."),
    "at_most": _("Likewise; empty where there is no limit."),
}
CHOICE_WORDS = {
    "ordinary": _("ordinary"),
    "sensitive": _("sensitive"),
    "confidential": _("confidential investigation"),
    "restricted": _("restricted to named people"),
    "open": _("open"),
    "closed_when_critical": _("closed to those involved in a critical incident"),
    "closed": _("closed for every incident"),
    "person": _("whoever asks"),
    "officer": _("the officer"),
    "yes": _("yes, by right"),
    "on_request": _("on request, as anyone may"),
    "no": _("no"),
}
_LONG = forms.Textarea(attrs={"rows": 5})
_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ParticularsForm(forms.Form):
    """What a version says of itself."""

    title = forms.CharField(label=_("Title"), max_length=300)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("policy", _("Policy")),
            ("procedure", _("Procedure")),
            ("law", _("Law")),
            ("statement", _("Statement")),
            ("plan", _("Plan")),
        ],
    )
    summary = forms.CharField(label=_("What it is about"), widget=_LONG, max_length=4000)
    source = forms.CharField(label=_("Where it comes from"), max_length=300)
    issued = forms.DateField(
        label=_("Issued on"), required=False, widget=_DAY, help_text=_("Empty where it is not known.")
    )
    revised = forms.DateField(label=_("Revised on"), required=False, widget=_DAY)
    answers = forms.CharField(
        label=_("What it answers"),
        required=False,
        max_length=300,
        help_text=_("The number of the concern, recommendation or finding that led to this change."),
    )

    def particulars(self) -> dict[str, Any]:
        """As the act takes them."""
        return dict(self.cleaned_data)


class DocumentForm(ParticularsForm):
    """A document that is new."""

    number = forms.CharField(
        label=_("Number"), max_length=40, help_text=_("Letters, figures, points and hyphens, as “4.301”.")
    )
    field_order = ("number",)


class KindForm(forms.Form):
    """Which kind of rule is to be added."""

    kind = forms.ChoiceField(label=_("Kind of rule"), choices=list(KINDS.items()))


class RuleForm(forms.Form):
    """One rule of a kind: what every rule says, and the parameters that its kind asks for."""

    id = forms.CharField(
        label=_("Id"),
        max_length=60,
        help_text=_("Small letters, figures, points and hyphens. Findings cite it, so it stays for ever."),
    )
    title = forms.CharField(label=_("Title"), max_length=300)
    text = forms.CharField(label=_("The rule, in plain words"), widget=_LONG, max_length=4000)
    source = forms.CharField(label=_("Source"), max_length=300)
    basis = forms.ChoiceField(label=_("Rests on"), choices=list(BASES.items()))
    enforced = forms.CharField(
        label=_("Who or what keeps it"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=4000,
    )
    measured_by = forms.ChoiceField(
        label=_("Measured by"),
        required=False,
        choices=[("", _("Nothing yet")), *((code, words) for code, (words, _unit) in MEASURES.items())],
    )
    answers_duties = forms.CharField(
        label=_("Duties that it takes up"),
        required=False,
        max_length=300,
        help_text=_("Ids, parted by commas."),
    )

    def __init__(self, kind: str, *args: Any, rule: Rule | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": _as_entered(rule) if rule else None, **kwargs})
        self.kind, self.rule, self.shape = kind, rule, PARAMETERS[kind]
        if rule:
            self.fields["id"].disabled = True
        if self.shape is None:
            self.fields["parameters"] = _Table(
                label=_("Parameters"),
                required=False,
                max_length=4000,
                help_text=_('One a line, as: every = "quarter"'),
            )
            return
        for name, field in self.shape.model_fields.items():
            self.fields[f"parameters.{name}"] = _field(name, field)

    def clean(self) -> dict[str, Any]:
        """What was entered, or what is wrong with it."""
        return super().clean() or self.cleaned_data

    def said(self) -> dict[str, Any]:
        """The rule as the act takes it. What it does not show (the acts that keep the rule) stays as it was."""
        entered = self.cleaned_data
        said = {
            name: entered[name]
            for name in ("id", "title", "text", "source", "basis", "enforced", "measured_by")
        }
        duties = [each.strip() for each in entered["answers_duties"].split(",") if each.strip()]
        kept = self.rule.enforced_by if self.rule else []
        return {
            **said,
            "kind": self.kind,
            "duties": duties,
            "enforced_by": kept,
            "parameters": self._parameters(),
        }

    def _parameters(self) -> dict[str, Any]:
        if self.shape is None:
            plain: dict[str, Any] = self.cleaned_data["parameters"]
            return plain
        entered = {name: self.cleaned_data[f"parameters.{name}"] for name in self.shape.model_fields}
        return {name: value for name, value in entered.items() if value is not None}

    def refuse(self, field: str, sentence: str) -> None:
        """Say what the act refused at the field that it names, such as `rule.parameters.keep`."""
        name = field.removeprefix("rule.").split("[")[0]
        while name and name not in self.fields:
            name = name.rpartition(".")[0]
        self.add_error(name or None, sentence)


def _as_entered(rule: Rule) -> dict[str, Any]:
    """A rule as its form shows it."""
    said = rule.model_dump()
    shown = {name: value for name, value in said.items() if name != "parameters"}
    shown["answers_duties"] = ", ".join(rule.duties)
    shown["parameters"] = said["parameters"]
    shown |= {f"parameters.{name}": value for name, value in said["parameters"].items()}
    return shown


class _Lines(forms.CharField):
    """A list, one thing a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        """As lines."""
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The lines that say something."""
        return [line.strip() for line in super().clean(value).splitlines() if line.strip()]


class _Table(forms.CharField):
    """Simple parameters, written as TOML."""

    widget = forms.Textarea(attrs={"rows": 4, "class": "code"})

    def prepare_value(self, value: Any) -> Any:
        """As TOML."""
        return (
            "\n".join(f"{_key(k)} = {_toml(v)}" for k, v in value.items())
            if isinstance(value, dict)
            else value
        )

    def clean(self, value: Any) -> dict[str, Any]:
        """The parameters. Raises ValidationError naming the line that is not TOML."""
        try:
            return tomllib.loads(super().clean(value))
        except RecursionError as error:
            raise forms.ValidationError(now("This nests too deep.")) from error
        except ValueError as error:  # also what the reader lets through of days and numbers that are none
            raise forms.ValidationError(now("This cannot be read: {error}").format(error=error)) from error


def _key(name: str) -> str:
    return json.dumps(name) if "." in name else name


def _toml(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    # A text as JSON spells it is a text as TOML reads it.
    return str(value) if isinstance(value, int) else json.dumps(str(value), ensure_ascii=False)


def _field(name: str, field: FieldInfo) -> forms.Field:
    """The form's field for one parameter, by its type."""
    said: dict[str, Any] = {"label": LABELS.get(name, name), "help_text": HINTS.get(name, "")}
    kind = field.annotation
    if kind is bool:
        return forms.BooleanField(required=False, **said)
    if kind is int:
        return forms.IntegerField(required=True, **said)
    if name == "roles":
        return forms.MultipleChoiceField(
            required=False,
            widget=forms.CheckboxSelectMultiple,
            choices=[(role.value, words[0]) for role, words in WORDS.items()],
            **said,
        )
    if _holds(kind, list):
        return _Lines(required=False, **said)
    choices = [each for each in get_args(kind) if isinstance(each, str)]
    if choices:
        return forms.ChoiceField(choices=[(each, CHOICE_WORDS.get(each, each)) for each in choices], **said)
    required = field.is_required()
    empty = None if _holds(kind, type(None)) else ""
    return forms.CharField(required=required, max_length=300, empty_value=empty, **said)


def _holds(kind: Any, wanted: type) -> bool:
    origin = getattr(kind, "__origin__", None)
    return origin is wanted or kind is wanted or any(each is wanted for each in get_args(kind))


class ProposeForm(forms.Form):
    """Why a version is to take the place of the one in force."""

    because = forms.CharField(label=_("Why it is to change"), widget=_LONG, max_length=2000)


class ApproveForm(forms.Form):
    """From when it is to be in force; and the digest of the text that was read."""

    day = forms.DateField(
        label=_("In force from"), required=False, widget=_DAY, help_text=_("Empty: at once.")
    )
    digest = forms.CharField(widget=forms.HiddenInput)

    def moment(self) -> dt.datetime | None:
        """The beginning of that day where the agency is; None for at once, also for today."""
        day = self.cleaned_data["day"]
        if day is None or day == clock.now().astimezone(agency().tz).date():
            return None
        return dt.datetime.combine(day, dt.time(), tzinfo=agency().tz)


def particulars_of(content: Content) -> dict[str, Any]:
    """What a version says of itself, as its form shows it."""
    return content.model_dump(exclude={"rules"})
