"""The records of cases: who works on one, what it holds, whom it is about, what is noted, due and before a court."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.evidence.models import Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel.models import Record


class Case(Record):
    """A case by its number. While it is open its recordings are kept, and open to those who work on it."""

    class Kind(models.TextChoices):
        """What a case is about, in the widest words: what follows from it is decided elsewhere."""

        CRIME = "crime", _("Crime")
        COLLISION = "collision", _("Collision")
        DEATH = "death", _("Death")
        MISSING = "missing", _("Missing person")
        COMPLAINT = "complaint", _("Complaint")
        OTHER = "other", _("Other")
        # Of what came from another system, which said nothing of it.
        UNSAID = "unsaid", _("Not said")

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    MOVES: ClassVar = {Status.OPEN: frozenset({Status.CLOSED}), Status.CLOSED: frozenset({Status.OPEN})}
    FROZEN: ClassVar = ("number", "opened_at", "opened_by")

    number = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    # The number under which a prosecutor, a court or an earlier system knows it.
    reference = models.CharField(max_length=80, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.OPEN)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["number"], name="case_number_once"),
            models.CheckConstraint(
                condition=Q(status="open", closed_at=None) | Q(status="closed", closed_at__isnull=False),
                name="case_closed_with_its_time",
            ),
        ]
        indexes = [models.Index(F("opened_at").desc(), F("id").desc(), name="case_opened")]

    def __str__(self) -> str:
        return self.number


class Closing(Record):
    """That a case was closed, and opened again: when, by whom and why."""

    FROZEN: ClassVar = ("case", "closed_at", "closed_by", "because")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="closings")
    closed_at = models.DateTimeField()
    closed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=1000, blank=True)
    reopened_at = models.DateTimeField(null=True)
    reopened_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    reopened_because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(reopened_at=None), name="case_closed_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} closed {self.closed_at}"


class CaseMember(Record):
    """That somebody works on a case, from when until when. The last who leads it stays."""

    class Role(models.TextChoices):
        LEAD = "lead", _("Leads it")
        MEMBER = "member", _("Works on it")

    FROZEN: ClassVar = ("case", "member", "role", "since")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="members")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="cases")
    role = models.CharField(max_length=8, choices=Role.choices)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "member"], condition=Q(until=None), name="once_in_a_case_at_a_time"
            )
        ]
        indexes = [models.Index("member", "case", condition=Q(until=None), name="case_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.case_id}"


class CaseIncident(Record):
    """That a case is about an incident. One that was withdrawn stays, marked."""

    FROZEN: ClassVar = ("case", "incident", "since", "linked_by")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="incidents")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="cases")
    since = models.DateTimeField()
    linked_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["case", "incident"], condition=Q(withdrawn_at=None), name="incident_once_in_a_case"
            )
        ]

    def __str__(self) -> str:
        return f"{self.incident_id} in {self.case_id}"


class File(Record):
    """A photograph, report, document or anything else, sealed as recordings are: none of its columns ever changes."""

    class Kind(models.TextChoices):
        PHOTOGRAPH = "photograph", _("Photograph")
        REPORT = "report", _("Report")
        DOCUMENT = "document", _("Document")
        OTHER = "other", _("Other file")

    FROZEN: ClassVar = (
        *("number", "sha256", "size", "media_type", "kind", "name", "made_at", "sealed_at", "sealed_by"),
    )

    number = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    # What the name of the file suggests. Nobody looked inside, and it is only ever given out as plain bytes.
    media_type = models.CharField(max_length=120)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=255)
    # When it was made, where who sealed it said so.
    made_at = models.DateTimeField(null=True)
    sealed_at = models.DateTimeField()
    sealed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["number"], name="file_number_once")]
        indexes = [models.Index(fields=["sha256"], name="file_by_digest")]

    def __str__(self) -> str:
        return self.number


class Item(Record):
    """A recording or a file in a case, and why. One that was taken out stays, marked."""

    FROZEN: ClassVar = ("case", "recording", "file", "because", "added_at", "added_by")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="items")
    recording = models.ForeignKey(
        Recording, null=True, on_delete=models.PROTECT, related_name="case_items", db_index=False
    )
    file = models.ForeignKey(File, null=True, on_delete=models.PROTECT, related_name="items")
    because = models.CharField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(recording=None, file__isnull=False) | Q(recording__isnull=False, file=None),
                name="item_is_recording_or_file",
            ),
            models.UniqueConstraint(
                fields=["recording", "case"], condition=Q(withdrawn_at=None), name="recording_once_in_a_case"
            ),
            models.UniqueConstraint(
                fields=["file", "case"], condition=Q(withdrawn_at=None), name="file_once_in_a_case"
            ),
        ]
        indexes = [models.Index("case", "added_at", "id", condition=Q(withdrawn_at=None), name="item_page")]

    def __str__(self) -> str:
        return f"{self.recording_id or self.file_id} in {self.case_id}"


class Person(Record):
    """Somebody whom a case is about, by the part that they have in it. Never found in pictures: only written by hand."""

    class Role(models.TextChoices):
        VICTIM = "victim", _("Victim")
        WITNESS = "witness", _("Witness")
        SUSPECT = "suspect", _("Suspect")
        OFFICER = "officer", _("Officer")
        OTHER = "other", _("Somebody else")
        # Of what came from another system, which said nothing of it.
        UNSAID = "unsaid", _("Part not said")

    FROZEN: ClassVar = ("case", "name", "role", "about", "added_at", "added_by")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="persons")
    name = models.CharField(max_length=200)
    role = models.CharField(max_length=8, choices=Role.choices)
    about = models.CharField(max_length=500, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.role} in {self.case_id}"


class CaseNote(Record):
    """What somebody wrote about a case. Withdrawn ones stay, marked."""

    FROZEN: ClassVar = ("case", "author", "text", "made_at")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="case_notes")
    text = models.CharField(max_length=4000)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"note of {self.case_id}"


class Task(Record):
    """What somebody who works on a case is to do, until when."""

    FROZEN: ClassVar = ("case", "text", "member", "due", "made_at", "made_by")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    text = models.CharField(max_length=500)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="case_tasks")
    due = models.DateField(null=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(
                "member", "due", condition=Q(done_at=None, withdrawn_at=None), name="task_to_be_done"
            )
        ]

    def __str__(self) -> str:
        return f"task of {self.case_id}"


class CourtDate(Record):
    """When a case is before a court, for what, and what came of it."""

    FROZEN: ClassVar = ("case", "at", "court", "what", "made_at", "made_by")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="court_dates")
    at = models.DateTimeField()
    court = models.CharField(max_length=200)
    what = models.CharField(max_length=300, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=1000, blank=True)
    outcome_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        indexes = [models.Index("at", condition=Q(withdrawn_at=None, outcome_at=None), name="court_to_come")]

    def __str__(self) -> str:
        return f"{self.court} {self.at:%Y-%m-%d %H:%M}"
