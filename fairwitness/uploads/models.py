"""The records of uploads: bytes on their way in, what became of them, and what cameras were seen to hold."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
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

    class Explanation(models.TextChoices):
        """Why nobody waits for a file any more that was never sealed."""

        NO_RECORDING = "no_recording", _("It is no recording")
        ELSEWHERE = "elsewhere", _("It was received by another way")
        DAMAGED = "damaged", _("The camera or its card is damaged")
        LOST = "lost", _("It is lost, and that was reported")

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
    # Empty while somebody waits for it; anything new about the file empties it again.
    explained = models.CharField(max_length=12, choices=Explanation.choices, blank=True)

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


class Upload(Record):
    """One file that is sent piece by piece. What was announced never changes; no client can make bytes go.

    Its staged bytes are found by its key alone (`acts.staged`), and stay until they are sealed or disposed of by rule.
    """

    class Status(models.TextChoices):
        ANNOUNCED = "announced", _("Coming in")
        RECEIVED = "received", _("Complete, being sealed")
        SEALED = "sealed", _("Sealed")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        ABANDONED = "abandoned", _("Abandoned")
        DISPOSED = "disposed", _("Disposed of by rule")

    class Reason(models.TextChoices):
        """Why the bytes could not be sealed."""

        EMPTY = "empty", _("The file is empty: there is nothing to seal.")
        SIZE = "size", _("What is kept is not as long as what was declared.")
        DIGEST = "digest", _("The file does not have the SHA-256 that was declared for it.")
        CHANGED = "changed", _("What is kept is no longer what came in: the disk may be damaged.")

    MOVES: ClassVar = {
        Status.ANNOUNCED: frozenset({Status.RECEIVED, Status.WITHDRAWN, Status.ABANDONED}),
        Status.RECEIVED: frozenset({Status.SEALED, Status.REFUSED}),
        Status.SEALED: frozenset(),
        Status.REFUSED: frozenset({Status.DISPOSED}),
        Status.WITHDRAWN: frozenset({Status.DISPOSED}),
        Status.ABANDONED: frozenset({Status.DISPOSED}),
        Status.DISPOSED: frozenset(),
    }
    FROZEN: ClassVar = (
        *("number", "size", "sha256", "source_name", "said", "begun"),
        *("by", "by_hand", "token", "dock", "camera", "holder"),
    )

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.ANNOUNCED)
    # Since when it is in this state: retention of what was not sealed is counted from here.
    status_since = models.DateTimeField()
    size = models.PositiveBigIntegerField()
    # What the sender declares, lower-case hex; empty where nothing was declared.
    sha256 = models.CharField(max_length=64, blank=True)
    source_name = models.CharField(max_length=1024)
    said = models.JSONField(default=dict)
    begun = models.DateTimeField()

    by = models.CharField(max_length=80)
    by_hand = models.BooleanField()
    token = models.UUIDField(null=True)
    dock = models.ForeignKey(Dock, null=True, on_delete=models.PROTECT, related_name="uploads")
    camera = models.ForeignKey(Camera, null=True, on_delete=models.PROTECT, related_name="uploads")
    # Who wore the camera when it is said to have recorded, or wears it now: they see what becomes of it.
    holder = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="uploads")

    # How much had come when it stopped coming, and its SHA-256 as it came, where that was known at once.
    came = models.PositiveBigIntegerField(default=0)
    came_sha256 = models.CharField(max_length=64, blank=True)
    recording = models.ForeignKey(Recording, null=True, on_delete=models.PROTECT, related_name="uploads")
    was_here = models.BooleanField(default=False)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(F("status"), F("id").desc(), name="upload_status"),
            models.Index(F("holder"), F("id").desc(), name="upload_holder"),
            models.Index(F("by"), F("id").desc(), name="upload_by"),
            models.Index("by", condition=Q(status="announced"), name="upload_open_of"),
        ]

    def __str__(self) -> str:
        return self.number


class Progress(models.Model):
    """How far an upload has come: bytes that are on disk. Not a record: folded into the upload when it stops coming."""

    upload = models.OneToOneField(Upload, primary_key=True, on_delete=models.PROTECT, related_name="progress")
    offset = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.offset} bytes of {self.upload_id}"
