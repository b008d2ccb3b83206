"""Recordings, what was found in them, what was made of them, who looked."""

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import MD5, Upper
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Camera, Member, Unit
from fairwitness.incidents.models import Incident, number_key
from fairwitness.kernel.models import Record


class Ingest(Record):
    """One delivery of files: who brought it, how many came, and the mapping that read its metadata."""

    source = models.CharField(max_length=200)
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    sealed = models.PositiveIntegerField(default=0)
    duplicate = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    by = models.CharField(max_length=80)

    def __str__(self) -> str:
        return f"{self.source} {self.begun:%Y-%m-%d %H:%M}"


class Recording(Record):
    """A recording as it was sealed. The columns in FROZEN never change again, whoever asks."""

    class Status(models.TextChoices):
        SEALED = "sealed", _("Sealed")
        REFUSED = "refused", _("Refused")
        ERASED = "erased", _("Erased under a rule")

    class Readable(models.TextChoices):
        """What reading the bytes in the child process came to. Unreadable evidence is still evidence."""

        WAITING = "waiting", _("Being read")
        YES = "yes", _("Readable")
        NO = "no", _("Unreadable")
        UNTRIED = "untried", _("Not read: a wall is missing")

    class Owner(models.TextChoices):
        """How it is known who wore the camera."""

        ASSIGNMENT = "assignment", _("by assignment of the camera at the recorded time")
        NAMED = "named", _("named on import")
        SETTLED = "settled", _("settled by the BWC Unit")
        UNKNOWN = "unknown", _("not known")

    class Clock(models.TextChoices):
        """How good the source of the recorded time is, best first."""

        DELIVERED = "delivered", _("stated by the delivering system")
        DEVICE = "device", _("written by the device")
        FILE = "file", _("the file's own date")
        IMPLAUSIBLE = "implausible", _("stated, but cannot be right")
        NONE = "none", _("none")

    # By these nobody knows when a recording was made.
    UNBELIEVED: ClassVar = (Clock.IMPLAUSIBLE, Clock.NONE)
    # A sealed recording ends in one way alone: its bytes are erased under a rule, and the row stays.
    MOVES: ClassVar = {
        Status.SEALED: frozenset({Status.ERASED}),
        Status.REFUSED: frozenset(),
        Status.ERASED: frozenset(),
    }
    FROZEN: ClassVar = (
        "number",
        "sha256",
        "size",
        "source_name",
        "delivered",
        "sealed_at",
        "ingest",
        "by_hand",
    )

    number = models.CharField(max_length=20)
    status = models.CharField(max_length=12, choices=Status.choices)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    source_name = models.CharField(max_length=1024)
    delivered = models.JSONField(default=dict)
    sealed_at = models.DateTimeField()
    ingest = models.ForeignKey(Ingest, null=True, on_delete=models.PROTECT, related_name="recordings")
    # Sent in by a person, and not by a dock or brought in as a delivery.
    by_hand = models.BooleanField(default=False)
    refusal = models.CharField(max_length=300, blank=True)

    # When, who, what: the facts of the import, with the source's own text beside them.
    started = models.DateTimeField()
    started_text = models.CharField(max_length=80, blank=True)
    clock = models.CharField(max_length=12, choices=Clock.choices, default=Clock.NONE)
    ended = models.DateTimeField(null=True)
    # The indexes below begin with these three keys: one of each key alone would only slow sealing.
    owner = models.ForeignKey(
        Member, null=True, on_delete=models.PROTECT, related_name="recordings", db_index=False
    )
    owner_how = models.CharField(max_length=12, choices=Owner.choices, default=Owner.UNKNOWN)
    unit = models.ForeignKey(
        Unit, null=True, on_delete=models.PROTECT, related_name="recordings", db_index=False
    )
    camera = models.ForeignKey(
        Camera, null=True, on_delete=models.PROTECT, related_name="recordings", db_index=False
    )
    incident = models.CharField(max_length=80, blank=True)
    label = models.CharField(max_length=120, blank=True)
    title = models.CharField(max_length=300, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    search = models.TextField(blank=True)

    readable = models.CharField(max_length=8, choices=Readable.choices, default=Readable.WAITING)
    unreadable_because = models.CharField(max_length=300, blank=True)
    duration_ms = models.PositiveBigIntegerField(null=True)

    class Meta(Record.Meta):
        constraints = [
            # Serves the look for bytes that were sealed before, too.
            models.UniqueConstraint(fields=["sha256"], condition=Q(status="sealed"), name="sealed_once"),
            models.UniqueConstraint(fields=["number"], name="number_once"),
            # Digests, because a name may be longer than an entry of an index.
            models.UniqueConstraint(
                *("sha256", MD5("source_name"), MD5("refusal")),
                condition=Q(status="refused"),
                name="refused_once",
            ),
        ]
        indexes = [
            # Keyset paging reads (filter, started, id) backwards; one index for each filter that can stand alone.
            models.Index(F("started").desc(), F("id").desc(), name="rec_started"),
            models.Index("owner", F("started").desc(), F("id").desc(), name="rec_owner"),
            models.Index("unit", F("started").desc(), F("id").desc(), name="rec_unit"),
            models.Index("camera", F("started").desc(), F("id").desc(), name="rec_camera"),
            models.Index("incident", F("started").desc(), F("id").desc(), name="rec_incident"),
            # As doors compare numbers: a source pads them and writes their letters as it likes.
            models.Index(number_key("incident"), name="rec_incident_key"),
            models.Index("label", F("started").desc(), F("id").desc(), name="rec_label"),
            models.Index("owner_how", F("started").desc(), F("id").desc(), name="rec_owner_how"),
            # Filters that each find very many and together few: without these, 0.5 s in a million recordings.
            models.Index("owner", "label", F("started").desc(), F("id").desc(), name="rec_owner_label"),
            models.Index("unit", "label", F("started").desc(), F("id").desc(), name="rec_unit_label"),
            # Nearly all are sealed and readable, and those are found in rec_started; here are the others.
            models.Index(
                *("status", F("started").desc(), F("id").desc()),
                condition=~Q(status="sealed"),
                name="rec_not_sealed",
            ),
            models.Index(
                *("readable", F("started").desc(), F("id").desc()),
                condition=~Q(readable="yes"),
                name="rec_not_readable",
            ),
            # The queue of recordings whose wearer is not known, counted on every page of the list.
            models.Index(
                "started", "id", condition=Q(owner_how="unknown", status="sealed"), name="rec_whose"
            ),
            GinIndex(OpClass(Upper("search"), name="gin_trgm_ops"), name="rec_search"),
        ]

    def __str__(self) -> str:
        return self.number


class Probe(Record):
    """What the child process found in a recording, as it said it, bounded and checked for shape."""

    recording = models.OneToOneField(Recording, on_delete=models.PROTECT, related_name="probe")
    found = models.JSONField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"probe of {self.recording_id}"


class Derivative(Record):
    """Something made of a recording, with its own digest and the way it was made. Can be made again, never repaired."""

    class Kind(models.TextChoices):
        FILMSTRIP = "filmstrip", _("Filmstrip")
        STILL = "still", _("Still")
        WAVEFORM = "waveform", _("Waveform")
        VIEWING_COPY = "viewing_copy", _("Viewing copy")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="derivatives")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    media_type = models.CharField(max_length=60)
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["recording", "kind"], name="one_derivative_of_a_kind")]
        indexes = [models.Index(fields=["sha256"], name="made_by_digest")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.recording_id}"


class Attachment(Record):
    """A file that came with recordings, sealed like them: the vendor's own audit trail, shown as its word."""

    recording = models.ForeignKey(Recording, null=True, on_delete=models.PROTECT, related_name="attachments")
    ingest = models.ForeignKey(Ingest, null=True, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=1024)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    sealed_at = models.DateTimeField()
    FROZEN: ClassVar = ("name", "sha256", "size", "sealed_at")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["sha256", "recording"], nulls_distinct=False, name="attached_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Note(Record):
    """What somebody wrote about a moment of a recording. Withdrawn notes stay, marked as withdrawn."""

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="notes")
    author = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="notes")
    at_ms = models.PositiveBigIntegerField()
    text = models.CharField(max_length=2000)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    FROZEN: ClassVar = ("recording", "author", "at_ms", "text", "made_at")

    def __str__(self) -> str:
        return f"note at {self.at_ms} ms"


class Viewing(Record):
    """One purpose, one viewing: begun with a code, ended with what was played and sent."""

    class Purpose(models.TextChoices):
        REPORT = "report", _("Writing a report")
        INVESTIGATION = "investigation", _("Investigation")
        COURT = "court", _("Preparing for court")
        SUPERVISION = "supervision", _("Supervision and training")
        AUDIT = "audit", _("Audit")
        TECHNICAL = "technical", _("Checking that the recording is sound")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="viewings")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="viewings")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    # SHA-256 of the session key: the link is bound to the sign-in without keeping what would open it.
    session = models.CharField(max_length=64)
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    played_ms = models.PositiveBigIntegerField(default=0)
    bytes_sent = models.PositiveBigIntegerField(default=0)
    FROZEN: ClassVar = ("recording", "member", "purpose", "session", "begun")

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["ended", "begun"], name="viewing_open"),
            models.Index(fields=["member", "-begun"], name="viewing_member"),
        ]

    def __str__(self) -> str:
        return f"viewing of {self.recording_id}"


class IncidentLink(Record):
    """That a recording belongs to an incident, and how that is known. One that was withdrawn stays, marked."""

    class How(models.TextChoices):
        NUMBER = "number", _("by the number that came with it")
        SUGGESTED = "suggested", _("suggested by officer and time, and accepted")
        HAND = "hand", _("by hand")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="incident_links")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="recording_links")
    how = models.CharField(max_length=10, choices=How.choices)
    since = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    FROZEN: ClassVar = ("recording", "incident", "how", "since")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "incident"], condition=Q(withdrawn_at=None), name="linked_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} {self.incident_id}"


class Meter(models.Model):
    """Running totals of an open viewing. Not a record: folded into `viewing_ended`, which is the history."""

    viewing = models.UUIDField(primary_key=True)
    bytes_sent = models.PositiveBigIntegerField(default=0)
    played_ms = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.viewing)
