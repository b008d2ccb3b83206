"""The forms of incidents: they read what was entered; whether it may be done is said by the acts."""

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.department import doors as department
from fairwitness.incidents import acts, doors
from fairwitness.incidents.acts.columns import CANCELLED
from fairwitness.incidents.models import Mapping as Saved
from fairwitness.incidents.models import Report
from fairwitness.kernel.agency import agency
from fairwitness.kernel.columns import Column
from fairwitness.kernel.tables import MAX_BYTES

# A report larger than this is not hashed here: its digest can be typed.
LARGEST_REPORT = 5 * 2**20


def _day(**more: Any) -> forms.DateField:
    return forms.DateField(
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False, **more
    )


class _Moment(forms.DateTimeField):
    """A time where the agency is, picked by the browser's own calendar."""

    def __init__(self, **more: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local", "step": "1"})
        super().__init__(widget=widget, **more)

    def to_python(self, value: Any) -> dt.datetime | None:
        """In UTC."""
        found = super().to_python(value)
        try:
            return found.replace(tzinfo=agency().tz).astimezone(dt.UTC) if found else None
        except OverflowError as error:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from error

    def prepare_value(self, value: Any) -> Any:
        """As the browser wants it, in the agency's zone."""
        if isinstance(value, dt.datetime):
            return value.astimezone(agency().tz).strftime("%Y-%m-%dT%H:%M:%S")
        return value


def kind_key(kind: str) -> str:
    """A kind as it may stand in an address: not in words."""
    return hashlib.sha256(kind.encode()).hexdigest()[:16]


class IncidentsForm(forms.Form):
    """What the list of incidents is narrowed to."""

    text = forms.CharField(label=_("Number, kind or place"), required=False, max_length=200)
    since = _day(label=_("From"))
    until = _day(label=_("To"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    critical = forms.ChoiceField(
        label=_("Critical"),
        required=False,
        choices=[("", _("Any")), ("yes", _("Critical")), ("no", _("Not critical"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kinds = {kind_key(kind): kind for kind in doors.kinds()}
        self.fields["kind"].choices = [("", _("Any")), *self._kinds.items()]  # type: ignore[attr-defined]

    def sought(self) -> doors.Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        return doors.Sought(
            text=said.get("text", ""),
            since=said.get("since"),
            until=said.get("until"),
            kind=self._kinds.get(said.get("kind", ""), ""),
            critical={"yes": True, "no": False}.get(said.get("critical", "")),
        )


class ParticularsForm(forms.Form):
    """What may be corrected of an incident: the number stays."""

    kind = forms.CharField(label=_("Kind"), required=False, max_length=120)
    place = forms.CharField(label=_("Place"), required=False, max_length=200)
    opened = _Moment(label=_("Opened"))
    closed = _Moment(label=_("Closed"), required=False)


class IncidentForm(ParticularsForm):
    """A new incident."""

    number = forms.CharField(label=_("Number"), max_length=40)
    field_order = ("number", "kind", "place", "opened", "closed")


class ReportForm(forms.Form):
    """A report about an incident: the register keeps its number and digest."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Report.Kind.choices, widget=forms.RadioSelect)
    number = forms.CharField(label=_("Number of the report"), max_length=40)
    author = forms.CharField(label=_("Author's badge"), required=False, max_length=20)
    filed_at = _Moment(label=_("Filed at"))
    file = forms.FileField(
        label=_("The report itself"),
        required=False,
        help_text=_("Its digest is made from it; the file is not kept. Or give the digest below."),
        allow_empty_file=False,
    )
    sha256 = forms.CharField(label=_("SHA-256"), required=False, max_length=71)

    def clean_author(self) -> Any:
        """The member with this badge, or nobody."""
        badge = self.cleaned_data["author"]
        member = department.member_named(badge) if badge else None
        if badge and member is None:
            raise forms.ValidationError(_("Nobody has that badge."))
        return member

    def clean_file(self) -> str:
        """The digest of the file that was handed in, or empty."""
        file = self.cleaned_data["file"]
        if not file:
            return ""
        if file.size > LARGEST_REPORT:
            raise forms.ValidationError(_("The file is larger than 5 MiB: give its digest instead."))
        return hashlib.sha256(file.read()).hexdigest()

    def clean(self) -> dict[str, Any]:
        """One of file and digest is needed; where both are given they agree."""
        said: dict[str, Any] = super().clean() or {}
        made, given = said.get("file", ""), said.get("sha256", "").strip()
        if made and given and given.lower().removeprefix("sha256:") != made:
            raise forms.ValidationError(_("The digest is not that of the file."))
        if not made and not given and "file" not in self.errors:
            raise forms.ValidationError(_("Hand in the report, or give its SHA-256."))
        said["sha256"] = made or given
        return said


class FileForm(forms.Form):
    """A file to import, as CSV or XLSX, perhaps to be read as an earlier one was."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV or XLSX with a header, at most 5 MiB and 20,000 rows."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )
    mapping = forms.ModelChoiceField(
        Saved.objects.none(),
        label=_("Read it like"),
        required=False,
        empty_label=_("By its header"),
        help_text=_("A file whose header was read before is known by it; choose only to read it otherwise."),
    )

    def __init__(self, purpose: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        saved = Saved.objects.filter(purpose=purpose, withdrawn_at=None).order_by("name")
        self.fields["mapping"].queryset = saved  # type: ignore[attr-defined]
        if not saved:
            del self.fields["mapping"]

    def clean_file(self) -> bytes:
        """The file's bytes; larger ones are refused before they are read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MiB."))
        data: bytes = file.read()
        return data


class ReadingForm(forms.Form):
    """Which column of the file says what, and how days, units and cancellations are written."""

    layout = forms.ChoiceField(
        label=_("Rows"),
        choices=Saved.Layout.choices,
        widget=forms.RadioSelect,
        help_text=_("In lists, units stand as UNIT=TIME, parted by commas."),
    )
    style = forms.ChoiceField(label=_("Days"), choices=Saved.Style.choices, widget=forms.RadioSelect)
    cancelled_words = forms.CharField(
        label=_("Words that say cancelled"),
        required=False,
        max_length=200,
        help_text=_("Looked for in the state or disposition, parted by commas."),
    )
    name = forms.CharField(
        label=_("Keep this as"),
        required=False,
        max_length=80,
        help_text=_("The next file with this header is read in the same way."),
    )

    def __init__(self, purpose: str, header: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known: Mapping[str, Column] = acts.COLUMNS[purpose]
        self._known = known
        places = [
            (str(at), title[:80] or _("Column {number}").format(number=at + 1))
            for at, title in enumerate(header)
        ]
        for key, column in known.items():
            self.fields[f"column_{key}"] = forms.TypedChoiceField(
                label=str(column.label),
                choices=[("", _("Not in this file")), *places],
                coerce=int,
                empty_value=None,
                required=column.required,
            )
        if purpose != Saved.Purpose.DISPATCH:
            del self.fields["layout"], self.fields["cancelled_words"]
        self.order_fields(["layout", "style", *(f"column_{key}" for key in known), "cancelled_words", "name"])

    def reading(self) -> acts.Reading:
        """What was chosen, as the acts take it."""
        said = self.cleaned_data
        columns = {key: said[f"column_{key}"] for key in self._known if said[f"column_{key}"] is not None}
        return acts.Reading(
            columns,
            said["style"],
            said.get("layout") or Saved.Layout.PER_UNIT,
            said.get("cancelled_words") or CANCELLED,
            said["name"],
        )


def first_guess(reading: acts.Reading) -> dict[str, Any]:
    """A reading as the first words of its form."""
    columns = {f"column_{key}": at for key, at in reading.columns.items()}
    return {
        **columns,
        "style": reading.in_force,
        "layout": reading.layout,
        "cancelled_words": reading.cancelled_words,
        "name": reading.name,
    }


class MappingForm(forms.Form):
    """What may be corrected of a saved mapping; which column says what is chosen with a file at hand."""

    name = forms.CharField(label=_("Name"), max_length=80)
    layout = forms.ChoiceField(label=_("Rows"), choices=Saved.Layout.choices, widget=forms.RadioSelect)
    style = forms.ChoiceField(label=_("Days"), choices=Saved.Style.choices, widget=forms.RadioSelect)
    cancelled_words = forms.CharField(label=_("Words that say cancelled"), required=False, max_length=200)

    def __init__(self, purpose: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if purpose != Saved.Purpose.DISPATCH:
            del self.fields["layout"], self.fields["cancelled_words"]


class DayForm(forms.Form):
    """The day whose shifts are shown."""

    day = forms.DateField(
        label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"), required=False
    )


def _member(badge: str) -> Any:
    found = department.member_named(badge)
    if found is None:
        raise forms.ValidationError(_("Nobody has the badge %(badge)s."), params={"badge": badge[:20]})
    return found


class BadgeForm(forms.Form):
    """One member, by badge."""

    badge = forms.CharField(label=_("Badge"), max_length=20)

    def clean_badge(self) -> Any:
        """The member with this badge."""
        return _member(self.cleaned_data["badge"])


class InvolvedForm(forms.Form):
    """Who is involved in a critical incident, by badge; nobody, where only those on scene are proposed."""

    badges = forms.CharField(
        label=_("Badges of those involved"),
        required=False,
        max_length=400,
        help_text=_("Parted by commas. Units on scene are proposed by themselves."),
    )

    def clean_badges(self) -> list[Any]:
        """The members with these badges, by key."""
        said = [badge.strip() for badge in self.cleaned_data["badges"].split(",")]
        return [_member(badge).pk for badge in said if badge]


class UnmarkForm(forms.Form):
    """Why an incident is not critical after all."""

    why = forms.ChoiceField(
        label=_("Why"),
        choices=[
            ("mistake", _("It was marked by mistake")),
            ("other", _("Another incident was meant")),
            ("found", _("It was found not to be one")),
        ],
        widget=forms.RadioSelect,
    )


class StatementForm(ReportForm):
    """A statement: when it was filed, and its digest, as of a report."""

    # Django leaves out of a form what is None in a class below it.
    kind = None  # type: ignore[assignment]
    number = None  # type: ignore[assignment]
    author = None  # type: ignore[assignment]
    file = forms.FileField(
        label=_("The statement itself"),
        required=False,
        help_text=_("Its digest is made from it; the file is not kept. Or give the digest below."),
        allow_empty_file=False,
    )
