"""The records of moving: each time that everything was taken out."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

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
