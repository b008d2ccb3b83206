"""The department's forms: they read what was entered; whether it may be done is said by the acts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from fairwitness.department import acts, doors
from fairwitness.department.models import Camera, Course, Dock, Member, Telling, Unit
from fairwitness.kernel import jobs
from fairwitness.kernel.columns import Column
from fairwitness.kernel.roles import WORDS, Role
from fairwitness.kernel.tables import MAX_BYTES


class _Day(forms.DateField):
    """A day, picked by the browser's own calendar; today unless said otherwise."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(**{"widget": widget, "initial": doors.today, **kwargs})


class _Person(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the members who serve, badge beside the name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=Member.objects.none(), **kwargs)
        self.queryset = Member.objects.filter(doors.serving_on(doors.today())).order_by(
            "family_name", "given_name"
        )

    def label_from_instance(self, member: Member) -> str:
        """Family name first, so that the list can be read down."""
        return f"{member.family_name}, {member.given_name} ({member.badge})"


class PeopleForm(forms.Form):
    """What the list of people is narrowed to."""

    text = forms.CharField(label=_("Name or badge"), required=False, max_length=200)
    unit = forms.ModelChoiceField(
        Unit.objects.order_by("name"), label=_("Unit"), required=False, empty_label=_("Any")
    )
    rank = forms.ChoiceField(
        label=_("Rank group"), required=False, choices=[("", _("Any")), *Member.Rank.choices]
    )
    role = forms.ChoiceField(
        label=_("Role"),
        required=False,
        choices=[("", _("Any")), *((role.value, words[0]) for role, words in WORDS.items())],
    )
    left = forms.ChoiceField(
        label=_("Service"), required=False, choices=[("", _("Serving")), ("left", _("Has left"))]
    )

    def sought(self) -> doors.Sought:
        """What the door is asked for; a choice that could not be read does not narrow."""
        said = self.cleaned_data
        unit: Unit | None = said.get("unit")
        return doors.Sought(
            text=said.get("text", ""),
            unit_id=unit.pk if unit else None,
            rank=said.get("rank", ""),
            role=said.get("role", ""),
            left=said.get("left") == "left",
        )


class CamerasForm(forms.Form):
    """What the list of cameras is narrowed to."""

    text = forms.CharField(label=_("Serial, model or firmware"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Camera.Status.choices]
    )
    worn = forms.ChoiceField(
        label=_("Assignment"),
        required=False,
        choices=[("", _("Any")), ("yes", _("Assigned")), ("no", _("Spare"))],
    )

    def sought(self) -> doors.CamerasSought:
        """What the door is asked for."""
        said = self.cleaned_data
        worn = {"yes": True, "no": False}.get(said.get("worn", ""))
        return doors.CamerasSought(text=said.get("text", ""), status=said.get("status", ""), worn=worn)


class DocksForm(forms.Form):
    """What the list of docks is narrowed to."""

    text = forms.CharField(label=_("Name, place or serial"), required=False, max_length=200)
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *Dock.Status.choices]
    )

    def sought(self) -> doors.DocksSought:
        """What the door is asked for."""
        said = self.cleaned_data
        return doors.DocksSought(text=said.get("text", ""), status=said.get("status", ""))


class MemberForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new member's particulars."""

    joined_on = _Day(label=_("Joined on"), required=False)

    class Meta:
        model = Member
        fields = ("badge", "given_name", "family_name", "title", "rank", "email", "joined_on")


class ParticularsForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be corrected of a member: the badge and the day of joining stay."""

    class Meta:
        model = Member
        fields = ("given_name", "family_name", "title", "rank", "email")


class PostForm(forms.Form):
    """A unit and a supervisor, from a day."""

    unit = forms.ModelChoiceField(Unit.objects.order_by("name"), label=_("Unit"))
    reports_to = _Person(label=_("Reports to"), required=False, empty_label=_("Nobody"))
    since = _Day(label=_("From"))


class _Roles(forms.RadioSelect):
    """Roles to choose from; one that cannot be granted on any day is greyed, with the reason."""

    against: Mapping[Role, str] = {}

    def create_option(self, name: str, value: Any, label: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        reason = self.against.get(value, "")
        option = super().create_option(
            name, value, f"{label} – {reason}" if reason else label, *args, **kwargs
        )
        if reason:
            option["attrs"]["disabled"] = True
        return option


class RoleForm(forms.Form):
    """A role from a day, perhaps up to another."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[(role.value, words[0]) for role, words in WORDS.items()],
        widget=_Roles,
    )
    since = _Day(label=_("From"))
    until = _Day(
        label=_("Ends on"), required=False, initial=None, help_text=_("The first day without the role.")
    )

    def __init__(self, *args: Any, against: Mapping[Role, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].widget.against = against


class EndForm(forms.Form):
    """The day on which something ends."""

    until = _Day(label=_("Ends on"), help_text=_("The first day without the role."))


class LeaveForm(forms.Form):
    """The day on which a member leaves, or left."""

    on = _Day(label=_("Leaves on"), help_text=_("The first day on which they no longer serve."))


class CompletionForm(forms.Form):
    """A course, completed on a day, which may expire."""

    course = forms.ModelChoiceField(Course.objects.order_by("title"), label=_("Course"))
    on = _Day(label=_("Completed on"))
    expires_on = _Day(label=_("Expires on"), required=False, initial=None)


class UnitForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new unit."""

    parent = forms.ModelChoiceField(
        Unit.objects.order_by("name"), label=_("Belongs to"), required=False, empty_label=_("No other unit")
    )

    class Meta:
        model = Unit
        fields = ("code", "name", "parent")


class CourseForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new course."""

    class Meta:
        model = Course
        fields = ("code", "title", "required_for_camera")


class CameraForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new camera."""

    class Meta:
        model = Camera
        fields = ("serial", "model", "firmware")


class FirmwareForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be corrected of a camera: the serial number stays."""

    class Meta:
        model = Camera
        fields = ("model", "firmware")


class DockForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new dock."""

    class Meta:
        model = Dock
        fields = ("serial", "name", "place")


class DockPlaceForm(forms.ModelForm):  # type: ignore[type-arg]
    """What may be corrected of a dock: the serial number stays."""

    class Meta:
        model = Dock
        fields = ("name", "place")


class StatusForm(forms.Form):
    """The states to which a camera may go from where it is."""

    to = forms.ChoiceField(label=_("State"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, camera: Camera, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        states = [state for state in Camera.Status if state in Camera.MOVES[Camera.Status(camera.status)]]
        self.fields["to"].choices = [(state.value, state.label) for state in states]  # type: ignore[attr-defined]


class WearerForm(forms.Form):
    """The member to whom a camera is handed."""

    member = _Person(label=_("Member"))


class SpareForm(forms.Form):
    """The camera that is handed to a member: those in service that nobody wears."""

    camera = forms.ModelChoiceField(Camera.objects.none(), label=_("Camera"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["camera"].queryset = doors.spare_cameras()  # type: ignore[attr-defined]


class RosterFileForm(forms.Form):
    """A roster as CSV or XLSX."""

    file = forms.FileField(
        label=_("Roster"),
        help_text=_("CSV or XLSX, one member per row, with a header."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )

    def clean_file(self) -> bytes:
        """The file's bytes; larger ones are refused before they are read."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(_("The file is larger than 5 MiB."))
        data: bytes = file.read()
        return data


class ColumnsForm(forms.Form):
    """Which column of the file says what; one that nothing is said by stays as it is."""

    since = _Day(label=_("Counts from"), help_text=_("New postings and roles hold from this day."))

    def __init__(self, header: list[str], allowed: dict[str, Column], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [
            (str(at), title or _("Column {number}").format(number=at + 1)) for at, title in enumerate(header)
        ]
        for key, column in allowed.items():
            self.fields[key] = forms.TypedChoiceField(
                label=str(column.label),
                choices=[("", _("Not in this file")), *places],
                coerce=int,
                empty_value=None,
                required=column.required,
            )
        self.order_fields([*allowed, "since"])

    def columns(self) -> dict[str, int]:
        """The mapping that was chosen, as the act takes it."""
        return {key: at for key, at in self.cleaned_data.items() if key in acts.COLUMNS and at is not None}


class JobsForm(forms.Form):
    """What the list of jobs is narrowed to, and the job after or before which it goes on."""

    state = forms.ChoiceField(
        label=_("State"), required=False, choices=[("", _("Any")), *jobs.STATES.items()]
    )
    kind = forms.CharField(label=_("Kind"), required=False, max_length=128)
    after = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = sorted(((name, str(words)) for name, words in jobs.WORDS.items()), key=lambda kind: kind[1])
        self.fields["kind"].widget = forms.Select(choices=[("", _("Any")), *kinds])


class TellingForm(forms.Form):
    """How a member wants to be told of notices."""

    how = forms.ChoiceField(
        label=_("Tell me of new notices"), choices=Telling.How.choices, widget=forms.RadioSelect
    )
    hour = forms.TypedChoiceField(
        label=_("Hour of the daily mail"),
        help_text=_("It counts only where one mail a day is chosen."),
        choices=[(hour, f"{hour:02}:00") for hour in range(24)],
        coerce=int,
    )
