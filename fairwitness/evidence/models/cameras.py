"""What is made of several cameras: clips that prove whence they come, and what is known of each camera's clock."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.evidence.models.recordings import Recording
from fairwitness.kernel.models import Record


class Clip(Record):
    """A named interval of a recording as bytes of its own, with a proof that leads back to the sealed original.

    `begins_ms` and `ends_ms` are what was asked; what was really cut stands in the proof, and may be more where the
    sealed pictures were copied as they are.
    """

    class Status(models.TextChoices):
        WAITING = "waiting", _("Being made")
        MADE = "made", _("Made")
        FAILED = "failed", _("Could not be made")

    class Way(models.TextChoices):
        COPIED = "copied", _("Copied as sealed, from the key frame before")
        ENCODED = "encoded", _("Encoded anew, from the very frame")

    MOVES: ClassVar = {
        Status.WAITING: frozenset({Status.MADE, Status.FAILED}),
        Status.MADE: frozenset(),
        Status.FAILED: frozenset(),
    }
    FROZEN: ClassVar = ("recording", "name", "begins_ms", "ends_ms", "wanted", "asked_by", "asked_at")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="clips")
    name = models.CharField(max_length=200)
    begins_ms = models.PositiveBigIntegerField()
    ends_ms = models.PositiveBigIntegerField()
    # How it was wanted; where the sealed pictures cannot be copied it is encoded anew, and the proof says so.
    wanted = models.CharField(max_length=8, choices=Way.choices)
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.WAITING)
    # Why it could not be made, in words.
    because = models.CharField(max_length=300, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    media_type = models.CharField(max_length=60, blank=True)
    # docs/reference/clip.md; its digest, of the canonical JSON, stands in the entry.
    proof = models.JSONField(null=True)
    proof_sha256 = models.CharField(max_length=64, blank=True)
    made_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(ends_ms__gt=F("begins_ms")), name="clip_ends_after_it_begins")
        ]
        indexes = [models.Index(fields=["sha256"], condition=~Q(sha256=""), name="clip_by_digest")]

    def __str__(self) -> str:
        return f"clip of {self.recording_id}"


class Offset(Record):
    """By how much a camera's clock differs, as a person found it. It is shown, and never written into the evidence.

    True time is what the recording's clock says plus `offset_ms`. By dispatch, `at_ms` of the recording was at
    `true_at`. By a mark, the same moment is seen at `at_ms` here and at `other_ms` in `other`; `offset_ms` is then
    against the clock of that recording, to which its own offset is added.
    """

    class How(models.TextChoices):
        DISPATCH = "dispatch", _("against the times of dispatch")
        MARK = "mark", _("by a moment that both cameras show")

    FROZEN: ClassVar = (
        *("recording", "how", "offset_ms", "at_ms", "true_at", "other", "other_ms"),
        *("because", "found_by", "found_at"),
    )

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="offsets")
    how = models.CharField(max_length=8, choices=How.choices)
    offset_ms = models.BigIntegerField()
    at_ms = models.PositiveBigIntegerField()
    true_at = models.DateTimeField(null=True)
    other = models.ForeignKey(Recording, null=True, on_delete=models.PROTECT, related_name="marked_by")
    other_ms = models.PositiveBigIntegerField(null=True)
    because = models.CharField(max_length=1000)
    found_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    found_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording"], condition=Q(withdrawn_at=None), name="one_offset_counts"
            ),
            models.CheckConstraint(
                condition=Q(how="dispatch", true_at__isnull=False, other=None)
                | Q(how="mark", true_at=None, other__isnull=False, other_ms__isnull=False),
                name="offset_against_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"offset of {self.recording_id}"
