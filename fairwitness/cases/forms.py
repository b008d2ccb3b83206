"""The forms of cases: they read what was entered; the acts say whether it may be done."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.cases import doors
from fairwitness.cases.acts import LONGEST
from fairwitness.cases.models import Case, CaseMember, File, Person
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.kernel.agency import agency


def _day(**more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(widget=widget, required=False, **more)


def _text(most: int, rows: int = 3, **more: Any) -> forms.CharField:
    return forms.CharField(max_length=most, widget=forms.Textarea(attrs={"rows": rows}), **more)


class _Moment(forms.DateTimeField):
    """A time where the agency is, picked by the browser's own calendar."""

    def __init__(self, **more: Any) -> None:
        super().__init__(widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), **more)

    def to_python(self, value: Any) -> dt.datetime | None:
        """In UTC."""
        found = super().to_python(value)
        try:
            return found.replace(tzinfo=agency().tz).astimezone(dt.UTC) if found else None
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error


class _MemberField(forms.CharField):
    """A member by badge or name."""

    def __init__(self, **more: Any) -> None:
        super().__init__(max_length=120, help_text=_("Badge or full name."), **more)

    def clean(self, value: Any) -> Member | None:
        """The one member whom this names."""
        text = super().clean(value)
        member = department.member_named(text) if text else None
        if text and member is None:
            raise forms.ValidationError(_("Nobody has that badge, or more than one has that name."))
        return member


class CasesForm(forms.Form):
    """What the list of cases is narrowed to."""

    text = forms.CharField(label=_("Number, title or reference"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Case.Status.choices]
    )
    kind = forms.ChoiceField(label=_("About"), required=False, choices=[("", _("Any")), *Case.Kind.choices])
    mine = forms.ChoiceField(
        label=_("Whose"),
        required=False,
        choices=[("", _("All that you see")), ("yes", _("Those you work on"))],
    )
    since = _day(label=_("Opened from"))
    until = _day(label=_("to"))

    def sought(self) -> doors.Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return doors.Sought(
            text=said.get("text", ""),
            kind=said.get("kind", ""),
            status=said.get("status", ""),
            mine=said.get("mine") == "yes",
            since=said.get("since"),
            until=said.get("until"),
        )


class CaseForm(forms.Form):
    """What a case is called and what it is about."""

    title = forms.CharField(
        label=_("Title"),
        max_length=200,
        help_text=_("What everybody calls it. Names of people belong among its persons."),
    )
    kind = forms.ChoiceField(label=_("About"), choices=Case.Kind.choices, widget=forms.RadioSelect)
    reference = forms.CharField(
        label=_("Number elsewhere"),
        required=False,
        max_length=80,
        help_text=_("The prosecutor's or the court's number, or that of an earlier system."),
    )


class OpenForm(CaseForm):
    """A new case."""

    lead = _MemberField(label=_("Who leads it"), required=False)

    def clean(self) -> dict[str, Any]:
        """With `lead_id`, which is nobody's where the opener is to lead."""
        said: dict[str, Any] = super().clean() or {}
        lead = said.pop("lead", None)
        said["lead_id"] = lead.pk if lead else None
        return said


class BecauseForm(forms.Form):
    """Why something is done."""

    because = _text(500, label=_("Why"))


class MemberForm(forms.Form):
    """Who is named in a case, and as what."""

    member = _MemberField(label=_("Who"))
    role = forms.ChoiceField(
        label=_("Their part"),
        choices=CaseMember.Role.choices,
        initial=CaseMember.Role.MEMBER,
        widget=forms.RadioSelect,
    )


class NumberForm(forms.Form):
    """An incident by its number."""

    number = forms.CharField(label=_("Number of the incident"), max_length=40)


class TakeInForm(forms.Form):
    """A recording by its number, and why."""

    number = forms.CharField(label=_("Number of the recording"), max_length=40)
    because = _text(500, 2, label=_("What it shows"), required=False)


class IntoForm(forms.Form):
    """A case for a recording."""

    case = forms.ChoiceField(label=_("Case"))
    because = _text(500, 2, label=_("What it shows"), required=False)

    def offer(self, cases: Iterable[Case]) -> None:
        """The cases into which it may be taken."""
        field = self.fields["case"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(case.pk), f"{case.number} {case.title}") for case in cases]


class FileForm(forms.Form):
    """A file to be sealed in a case."""

    kind = forms.ChoiceField(label=_("What it is"), choices=File.Kind.choices, widget=forms.RadioSelect)
    file = forms.FileField(
        label=_("File"),
        max_length=None,
        allow_empty_file=True,
        help_text=_("Up to 8 GiB. It is sealed as it comes and never changed."),
    )
    made_at = _Moment(label=_("When it was made"), required=False)
    because = _text(500, 2, label=_("What it shows"), required=False)


class PersonForm(forms.Form):
    """Whom a case is about."""

    name = forms.CharField(label=_("Name"), max_length=LONGEST["name"])
    role = forms.ChoiceField(label=_("In the case"), choices=Person.Role.choices, widget=forms.RadioSelect)
    about = _text(LONGEST["about"], 2, label=_("About them"), required=False)


class NoteForm(forms.Form):
    """A note in a case."""

    text = _text(LONGEST["note"], 4, label=_("Note"))


class TaskForm(forms.Form):
    """Something to be done, by whom, until when."""

    text = _text(LONGEST["task"], 2, label=_("What is to be done"))
    member = forms.ChoiceField(label=_("By whom"))
    due = _day(label=_("Until"))

    def offer(self, rows: Iterable[CaseMember]) -> None:
        """Who is named in the case."""
        field = self.fields["member"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(row.member_id), row.member.name) for row in rows]


class CourtForm(forms.Form):
    """When a case is before a court."""

    at = _Moment(label=_("When"))
    court = forms.CharField(label=_("Court"), max_length=LONGEST["court"])
    what = forms.CharField(
        label=_("What for"),
        required=False,
        max_length=LONGEST["what"],
        help_text=_("Such as a hearing on a motion, or the trial."),
    )


class OutcomeForm(forms.Form):
    """What came of a court date."""

    outcome = _text(LONGEST["outcome"], label=_("What came of it"))
