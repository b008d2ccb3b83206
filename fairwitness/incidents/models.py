"""The records of this room: incidents, dispatch events in versions, units' times, shifts, reports, saved mappings."""

from typing import Any, ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.kernel.models import Record

# What may stand around a number and is not of it.
OUTER = " \t\n\r\f\v\xa0"


def number_key(field: Any) -> Upper:
    """For queries: a number as numbers are compared everywhere, without outer spaces, however its letters are written."""
    return Upper(Func(field, Value(OUTER), function="BTRIM"))


class Incident(Record):
    """Something that happened, by the number that dispatch gave it. `critical` is set by the policy's own act."""

    number = models.CharField(_("number"), max_length=40)
    kind = models.CharField(_("kind"), max_length=120, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    opened = models.DateTimeField(_("opened"))
    closed = models.DateTimeField(_("closed"), null=True, blank=True)
    critical = models.BooleanField(default=False)

    FROZEN: ClassVar = ("number",)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                Upper("number"),
                name="incident_number_once",
                violation_error_message=_("An incident with this number exists."),
            ),
            models.CheckConstraint(
                condition=Q(closed=None) | Q(closed__gte=F("opened")),
                name="incident_closes_after_it_opens",
                violation_error_message=_("An incident closes after it opens."),
            ),
        ]
        indexes = [
            models.Index(F("opened").desc(), F("id").desc(), name="incident_opened"),
            models.Index("kind", F("opened").desc(), name="incident_kind"),
        ]

    def __str__(self) -> str:
        return self.number


class Event(Record):
    """One version of a dispatch event. What replaced it is said by `replaced_by`; nothing of it is overwritten."""

    FROZEN: ClassVar = (
        *(
            "incident",
            "number",
            "version",
            "kind",
            "place",
            "began",
            "ended",
            "cancelled",
            "noted_at",
            "cause",
        ),
    )

    class Cause(models.TextChoices):
        """Why there is this version."""

        FIRST = "first", _("First version")
        MOVED = "moved", _("Moved")
        CANCELLED = "cancelled", _("Cancelled")
        CHANGED = "changed", _("More became known")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="events")
    number = models.CharField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=120, blank=True)
    place = models.CharField(max_length=200, blank=True)
    began = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    cancelled = models.BooleanField(default=False)
    cause = models.CharField(max_length=12, choices=Cause.choices, default=Cause.FIRST)
    noted_at = models.DateTimeField()
    replaced_by = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaces")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["number", "version"], name="one_event_a_version"),
            models.UniqueConstraint(
                fields=["number"], condition=Q(replaced_by=None), name="one_current_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} v{self.version}"


class Response(Record):
    """One unit on one version of an event; a unit sent twice has two. What is not known is empty."""

    FROZEN: ClassVar = ("event", "call_sign", "dispatched", "en_route", "arrived", "cleared")

    class How(models.TextChoices):
        """How it is known who the unit was."""

        BADGE = "badge", _("named by the export")
        SHIFT = "shift", _("by the shifts of that time")
        UNKNOWN = "", _("not known")

    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="responses")
    call_sign = models.CharField(max_length=40)
    member = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="responses")
    how = models.CharField(max_length=6, choices=How.choices, default=How.UNKNOWN, blank=True)
    dispatched = models.DateTimeField(null=True)
    en_route = models.DateTimeField(null=True)
    arrived = models.DateTimeField(null=True)
    cleared = models.DateTimeField(null=True)
    # The first of these times, or when the event began: by it a shift names the member.
    at = models.DateTimeField()

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["call_sign", "at"], name="response_call_sign"),
            models.Index(fields=["member", "at"], name="response_member"),
        ]

    def __str__(self) -> str:
        return f"{self.call_sign} {self.at:%Y-%m-%d %H:%M}"


class Shift(Record):
    """When a member served under which call sign. One that was changed stays, withdrawn, beside what took its place."""

    FROZEN: ClassVar = ("member", "call_sign", "begins", "ends")

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="shifts")
    call_sign = models.CharField(max_length=40)
    begins = models.DateTimeField()
    ends = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends__gt=F("begins")), name="shift_ends_after_it_begins"),
            ExclusionConstraint(
                name="one_shift_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    (
                        Func(F("begins"), F("ends"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(withdrawn_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["call_sign", "begins"], name="shift_call_sign"),
            models.Index(fields=["begins"], name="shift_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.call_sign} {self.begins:%Y-%m-%d %H:%M}"


class Report(Record):
    """A report about an incident as the register knows it: its number and digest, not its text."""

    FROZEN: ClassVar = ("incident", "kind", "number", "author", "filed_at", "sha256")

    class Kind(models.TextChoices):
        INCIDENT = "incident", _("Incident")
        FORCE = "force", _("Use of force")
        COMPLAINT = "complaint", _("Complaint")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="reports")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    number = models.CharField(_("number"), max_length=40)
    author = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="filed_reports")
    filed_at = models.DateTimeField(_("filed at"))
    sha256 = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                *("kind", Upper("number")),
                condition=Q(withdrawn_at=None),
                name="report_number_once",
            )
        ]

    def __str__(self) -> str:
        return self.number


class Involvement(Record):
    """A member is involved in a critical incident, or proposed as such, and sees nothing before their statement.

    Proposed ones are locked as the involved are, until they are struck off.
    """

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed: was on scene")
        INVOLVED = "involved", _("Involved")
        STRUCK = "struck", _("Struck off")
        STATED = "stated", _("Statement filed")

    MOVES: ClassVar = {
        Status.PROPOSED: frozenset({Status.INVOLVED, Status.STRUCK, Status.STATED}),
        Status.INVOLVED: frozenset({Status.STRUCK, Status.STATED}),
        Status.STRUCK: frozenset({Status.INVOLVED}),
        Status.STATED: frozenset(),
    }
    # Whoever is one of these is locked out.
    LOCKED: ClassVar = (Status.PROPOSED, Status.INVOLVED)
    FROZEN: ClassVar = ("incident", "member", "since")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="involvements")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="involvements")
    status = models.CharField(max_length=10, choices=Status.choices)
    since = models.DateTimeField()
    # The statement: when it was filed and the digest of its text; who recorded that is never its author.
    stated_at = models.DateTimeField(null=True)
    statement_sha256 = models.CharField(max_length=64, blank=True)
    recorded_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["incident", "member"], name="involved_once"),
            models.CheckConstraint(
                condition=Q(recorded_by=None) | ~Q(recorded_by=F("member")),
                name="statement_recorded_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.incident_id}"


class Mapping(Record):
    """How files with one header are read: which column says what, the order of day and month, the layout."""

    class Purpose(models.TextChoices):
        DISPATCH = "dispatch", _("Dispatch export")
        SHIFTS = "shifts", _("Shift roster")

    class Layout(models.TextChoices):
        """How units stand in a dispatch export."""

        PER_UNIT = "per_unit", _("One row for each unit of an event")
        PER_EVENT = "per_event", _("One row for each event, with all of its units")

    class Style(models.TextChoices):
        """In which order a day is written in figures; a year that stands first is read as such anyway."""

        MONTH_FIRST = "month_first", _("Month first: 1/31/2026")
        DAY_FIRST = "day_first", _("Day first: 31/1/2026")

    FROZEN: ClassVar = ("purpose", "header")

    name = models.CharField(_("name"), max_length=80)
    purpose = models.CharField(max_length=8, choices=Purpose.choices)
    header = models.CharField(max_length=80)
    # The titles of the header, so that a mapping can be read by people.
    titles = models.JSONField(default=list)
    columns = models.JSONField(default=dict)
    style = models.CharField(max_length=12, choices=Style.choices)
    layout = models.CharField(max_length=10, choices=Layout.choices, blank=True)
    cancelled_words = models.CharField(max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                *("purpose", Upper("name")),
                condition=Q(withdrawn_at=None),
                name="mapping_name_once",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Import(Record):
    """One import: the file by its digest, how it was read, and what became of each row that was not left as it is."""

    FROZEN: ClassVar = ("purpose", "mapping", "sha256", "counts", "rows", "at")

    purpose = models.CharField(max_length=8, choices=Mapping.Purpose.choices)
    mapping = models.ForeignKey(Mapping, on_delete=models.PROTECT, related_name="imports")
    sha256 = models.CharField(max_length=64)
    counts = models.JSONField(default=dict)
    rows = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["-at"], name="import_at")]

    def __str__(self) -> str:
        return f"{self.purpose} {self.at:%Y-%m-%d %H:%M}"
