"""The records of uploads: what cameras were seen to hold."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Camera, Dock, Member
from fairwitness.evidence.models import Recording
from fairwitness.kernel.models import Record


class Sighting(Record):
    """A file that a dock saw on a camera, until a recording of these bytes is sealed: so that none is forgotten."""

    class Status(models.TextChoices):
        HELD = "held", _("On the camera")
        GONE = "gone", _("No longer on the camera, never received")
        REFUSED = "refused", _("Received, and refused")
        SEALED = "sealed", _("Sealed")

    MOVES: ClassVar = {
        Status.HELD: frozenset({Status.GONE, Status.REFUSED, Status.SEALED}),
        Status.GONE: frozenset({Status.HELD, Status.REFUSED, Status.SEALED}),
        Status.REFUSED: frozenset({Status.HELD, Status.GONE, Status.SEALED}),
        Status.SEALED: frozenset(),
    }
    FROZEN: ClassVar = ("serial", "name", "first_seen")

    serial = models.CharField(max_length=40)
    camera = models.ForeignKey(Camera, null=True, on_delete=models.PROTECT, related_name="sightings")
    # Who wore the camera when the file was written, or else when it was first seen.
    wearer = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="sightings")
    dock = models.ForeignKey(Dock, on_delete=models.PROTECT, related_name="sightings")
    name = models.CharField(max_length=255)
    size = models.PositiveBigIntegerField()
    # As the camera's own file system says; its clock may be wrong.
    modified = models.DateTimeField()
    # Empty until the dock has read the file.
    sha256 = models.CharField(max_length=64, blank=True)
    first_seen = models.DateTimeField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.HELD)
    recording = models.ForeignKey(Recording, null=True, on_delete=models.PROTECT, related_name="sightings")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["serial", "name"], condition=~Q(status="sealed"), name="one_open_sighting_of_a_file"
            )
        ]
        indexes = [
            models.Index(fields=["status", "id"], name="sighting_status"),
            models.Index(fields=["wearer", "status"], name="sighting_wearer"),
            models.Index(fields=["serial", "name"], name="sighting_file"),
            models.Index(fields=["sha256"], name="sighting_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.serial} {self.name}"
