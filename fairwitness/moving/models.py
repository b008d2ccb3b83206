"""The records of moving: each time that everything was taken out, and what came from another system."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from fairwitness.cases.models import Case
from fairwitness.evidence.models import Ingest
from fairwitness.kernel.models import Record


class Export(Record):
    """Everything that was taken out of this system at one time, and whether a system made of it was the same."""

    class Status(models.TextChoices):
        BEGUN = "begun", _("Being written, or broken off")
        WRITTEN = "written", _("Written")

    MOVES: ClassVar = {Status.BEGUN: frozenset({Status.WRITTEN}), Status.WRITTEN: frozenset()}
    FROZEN: ClassVar = ("number", "begun_at")

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.BEGUN)
    begun_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True)
    # SHA-256 of its tag manifest, from which every byte in it follows.
    digest = models.CharField(max_length=64, blank=True)
    rows = models.PositiveBigIntegerField(default=0)
    blobs = models.PositiveBigIntegerField(default=0)
    octets = models.PositiveBigIntegerField(default=0)
    # How many blobs no store gave.
    missing = models.PositiveBigIntegerField(default=0)
    drilled_at = models.DateTimeField(null=True)
    drill_faults = models.PositiveIntegerField(null=True)

    class Meta(Record.Meta):
        indexes: ClassVar = [models.Index(fields=["-begun_at"], name="export_begun")]

    def __str__(self) -> str:
        return self.number


class Outcome(models.TextChoices):
    """What became of one thing of another system's export."""

    ARRIVED = "arrived", _("Arrived")
    HERE = "here", _("Was here")
    NOT = "not", _("Did not arrive")
    UNCLAIMED = "unclaimed", _("Said, not claimed")


class Arrival(Record):
    """What another system's export brought: how much of it came in, and the report that names the rest."""

    class Status(models.TextChoices):
        BEGUN = "begun", _("Coming in, or broken off")
        ENDED = "ended", _("Ended")

    MOVES: ClassVar = {Status.BEGUN: frozenset({Status.ENDED}), Status.ENDED: frozenset()}
    FROZEN: ClassVar = ("number", "place", "mapping", "begun_at", "ingest")

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.BEGUN)
    # The folder, as whoever runs the system named it: by it a run that was broken off is found again.
    place = models.CharField(max_length=1024)
    # How its tables were read: the name of a file in `columns/`.
    mapping = models.CharField(max_length=60)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # Its recordings and audit trails are of this delivery.
    ingest = models.ForeignKey(Ingest, on_delete=models.PROTECT, related_name="+")
    # How many of each kind had which outcome: {"recording": {"arrived": 3}}.
    counts = models.JSONField(default=dict)
    # The report, one JSON object a line.
    report_sha256 = models.CharField(max_length=64, blank=True)
    report_size = models.PositiveBigIntegerField(default=0)

    class Meta(Record.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["place", "mapping"], condition=models.Q(status="begun"), name="one_arrival_at_a_time"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["-begun_at"], name="arrival_begun")]

    def __str__(self) -> str:
        return self.number


class ArrivedCase(Record):
    """Which case of ours is which of another system, so that none comes twice."""

    FROZEN: ClassVar = ("mapping", "external_id", "case", "arrival")

    mapping = models.CharField(max_length=60)
    external_id = models.CharField(max_length=200)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="+")
    arrival = models.ForeignKey(Arrival, on_delete=models.PROTECT, related_name="cases")
    # When it was left as the source has it, closed or open; from then on it is ours alone to open and close.
    settled_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mapping", "external_id"], name="case_arrives_once")
        ]

    def __str__(self) -> str:
        return f"{self.external_id} of {self.mapping}"
