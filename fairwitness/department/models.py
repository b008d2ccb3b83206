"""The department's records: who serves where under whom, in what role, trained in what, with which camera."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.models import Record
from fairwitness.kernel.roles import WORDS, Role

ROLE_CHOICES = [(role.value, words[0]) for role, words in WORDS.items()]


class Unit(Record):
    """A unit of the department; `parent` is the unit it belongs to."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=120)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="subunits")

    def __str__(self) -> str:
        return self.name


class Member(Record):
    """A sworn member or one of the professional staff. `user` is the sign-in, if they have one."""

    class Rank(models.TextChoices):
        """The four groups of sworn members that the camera programme counts (duty B04), and everyone else."""

        COMMAND_STAFF = "command_staff", _("Command Staff")
        SUPERVISOR = "supervisor", _("Supervisor")
        PATROL_OFFICER = "patrol_officer", _("Patrol Officer")
        DETECTIVE = "detective", _("Detective")
        PROFESSIONAL = "professional", _("Professional staff")

    badge = models.CharField(max_length=20, unique=True)
    given_name = models.CharField(max_length=80)
    family_name = models.CharField(max_length=80)
    title = models.CharField(max_length=40, blank=True)
    rank = models.CharField(max_length=20, choices=Rank.choices)
    email = models.EmailField(blank=True)
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="member"
    )

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["family_name", "given_name"], name="member_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Title and name as the department says them, such as “Sgt. Maria Ruiz”."""
        return " ".join(filter(None, (self.title, self.given_name, self.family_name)))

    @property
    def sworn(self) -> bool:
        """Whether they are among those whom the camera programme counts."""
        return self.rank != self.Rank.PROFESSIONAL


class _Dated(Record):
    """Something that holds from one day up to, but not including, another; open while `until` is empty."""

    since = models.DateField()
    until = models.DateField(null=True)

    class Meta(Record.Meta):
        abstract = True


def _days() -> Func:
    return Func(F("since"), F("until"), function="daterange", output_field=DateRangeField())


class Posting(_Dated):
    """Where a member serves and to whom they report: the chain of command is the postings of the day."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="postings")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="postings")
    reports_to = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="reports")

    class Meta(_Dated.Meta):
        constraints = [
            ExclusionConstraint(
                name="one_posting_at_a_time",
                expressions=[("member", RangeOperators.EQUAL), (_days(), RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(condition=~Q(reports_to=F("member")), name="nobody_reports_to_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.unit_id}"


class RoleHeld(_Dated):
    """A role of the product, held by a member from one day to another."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="roles_held")
    role = models.CharField(max_length=40, choices=ROLE_CHOICES)

    class Meta(_Dated.Meta):
        constraints = [
            ExclusionConstraint(
                name="role_held_once_at_a_time",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    ("role", RangeOperators.EQUAL),
                    (_days(), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.member_id}"

    @property
    def words(self) -> str:
        """The role as people see it."""
        return str(WORDS[Role(self.role)][0])


class Course(Record):
    """A course; the one that `required_for_camera` must be completed before a camera is assigned."""

    code = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    required_for_camera = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.title


class Completion(Record):
    """A member completed a course on a day; it may expire."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="completions")
    course = models.ForeignKey(Course, on_delete=models.PROTECT, related_name="completions")
    completed_on = models.DateField()
    expires_on = models.DateField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["member", "course", "completed_on"], name="one_completion_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.course_id} {self.completed_on}"


class Camera(Record):
    """A body-worn camera. Whether it is assigned is said by its assignments, not by its status."""

    class Status(models.TextChoices):
        IN_SERVICE = "in_service", _("In service")
        IN_REPAIR = "in_repair", _("In repair")
        LOST = "lost", _("Lost")
        RETIRED = "retired", _("Retired")

    MOVES: ClassVar = {
        Status.IN_SERVICE: frozenset({Status.IN_REPAIR, Status.LOST, Status.RETIRED}),
        Status.IN_REPAIR: frozenset({Status.IN_SERVICE, Status.LOST, Status.RETIRED}),
        Status.LOST: frozenset({Status.IN_SERVICE, Status.RETIRED}),
        Status.RETIRED: frozenset(),
    }
    FROZEN: ClassVar = ("serial",)

    serial = models.CharField(max_length=40, unique=True)
    model = models.CharField(max_length=80)
    firmware = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.IN_SERVICE)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                Upper("serial"),
                name="serial_once",
                violation_error_message=_("A camera with this serial number exists."),
            )
        ]

    def __str__(self) -> str:
        return self.serial


class Assignment(Record):
    """A camera worn by a member from one moment up to another; open while `until` is empty."""

    camera = models.ForeignKey(Camera, on_delete=models.PROTECT, related_name="assignments")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="assignments")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            ExclusionConstraint(
                name="one_wearer_at_a_time",
                expressions=[
                    ("camera", RangeOperators.EQUAL),
                    (
                        Func(F("since"), F("until"), function="tstzrange", output_field=DateTimeRangeField()),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.camera_id} {self.member_id}"


class Dock(Record):
    """A docking station: it takes recordings off the cameras that are put into it, and sends them in."""

    class Status(models.TextChoices):
        IN_SERVICE = "in_service", _("In service")
        RETIRED = "retired", _("Retired")

    MOVES: ClassVar = {Status.IN_SERVICE: frozenset({Status.RETIRED}), Status.RETIRED: frozenset()}
    FROZEN: ClassVar = ("serial",)

    serial = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    place = models.CharField(max_length=120, blank=True)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.IN_SERVICE)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                Upper("serial"),
                name="dock_serial_once",
                violation_error_message=_("A dock with this serial number exists."),
            )
        ]

    def __str__(self) -> str:
        return self.name


class DockHeard(models.Model):
    """What a dock last said of itself. Not a record: overwritten every minute; what was new is in the ledger."""

    dock = models.OneToOneField(Dock, primary_key=True, on_delete=models.PROTECT, related_name="heard")
    at = models.DateTimeField()
    agent = models.CharField(max_length=40)
    # How far the dock's own clock was ahead of ours, in seconds; behind when negative.
    clock_ahead = models.BigIntegerField()
    free_bytes = models.PositiveBigIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.dock_id} {self.at:%Y-%m-%d %H:%M}"


class CameraHeard(models.Model):
    """Where a camera was last seen in a dock, and what waited on it. Not a record, as DockHeard."""

    serial = models.CharField(max_length=40, primary_key=True)
    camera = models.OneToOneField(Camera, null=True, on_delete=models.PROTECT, related_name="heard")
    dock = models.ForeignKey(Dock, on_delete=models.PROTECT, related_name="cameras_heard")
    at = models.DateTimeField()
    connected = models.BooleanField()
    waiting = models.PositiveIntegerField()
    waiting_bytes = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.serial} {self.at:%Y-%m-%d %H:%M}"


class Alarm(Record):
    """Something is wrong with the system itself, and those who keep it were told; over when `ended_at` is set."""

    FROZEN: ClassVar = ("code", "key", "sentence", "link", "raised_at")

    code = models.CharField(max_length=60)
    # Which of several things of the kind: a store, a queue; never a person.
    key = models.CharField(max_length=80, blank=True)
    sentence = models.CharField(max_length=500)
    link = models.CharField(max_length=300, blank=True)
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["code", "key"], condition=Q(ended_at=None), name="one_open_alarm_of_a_kind"
            )
        ]
        indexes = [models.Index(fields=["-raised_at"], name="alarm_raised")]

    def __str__(self) -> str:
        return self.sentence


class Telling(Record):
    """How a member is told of notices, and whether their address takes mail. Alarms are mailed at once to all."""

    class How(models.TextChoices):
        AT_ONCE = "at_once", _("By e-mail, at once")
        DAILY = "daily", _("By e-mail, once a day")
        PRODUCT = "product", _("Only here")

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="telling")
    how = models.CharField(max_length=10, choices=How.choices, default=How.AT_ONCE)
    # The hour of the day at which a daily mail goes, where the agency is.
    hour = models.PositiveSmallIntegerField(default=7)
    # What came before the choice is not mailed by it.
    chosen_at = models.DateTimeField(null=True)
    refused_address = models.EmailField(blank=True)
    refused_code = models.CharField(max_length=3, blank=True)
    refused_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [models.CheckConstraint(condition=Q(hour__lt=24), name="hour_of_the_day")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.how}"

    @property
    def refuses(self) -> bool:
        """Whether the member's present address refuses mail."""
        return bool(self.refused_address) and self.refused_address == self.member.email
