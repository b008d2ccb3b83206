"""The records of sharing: packages and what was left out of them, guests, what is shared with them, what they took."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.cases.models import Case, File
from fairwitness.department.models import Member
from fairwitness.evidence.models import Clip, Recording
from fairwitness.kernel.models import Record


class Side(models.TextChoices):
    """For whom something is made. What a statute protects reaches the defence on a court's order alone."""

    PROSECUTION = "prosecution", _("Prosecution")
    DEFENCE = "defence", _("Defence")
    COURT = "court", _("Court")


class Package(Record):
    """A package for court, as it was asked for: of which case, for whom. A job writes it; its file goes after a while."""

    class Status(models.TextChoices):
        ASKED = "asked", _("Being made")
        MADE = "made", _("Made")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: ClassVar = {
        Status.ASKED: frozenset({Status.MADE, Status.WITHDRAWN}),
        Status.MADE: frozenset({Status.WITHDRAWN}),
        Status.WITHDRAWN: frozenset(),
    }
    FROZEN: ClassVar = (
        "number",
        "case",
        "side",
        "recipient",
        "with_notes",
        "beside",
        "notes_withheld",
        "case_notes",
        "asked_at",
        "asked_by",
    )

    number = models.CharField(max_length=20)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="packages")
    side = models.CharField(max_length=12, choices=Side.choices)
    # Who receives it, in words: an office, a lawyer, a court.
    recipient = models.CharField(max_length=200)
    with_notes = models.BooleanField(default=False)
    # How many recordings the case's incidents had that the case did not hold.
    beside = models.PositiveIntegerField(default=0)
    # How many notes at moments of what is in it were not asked for; how many notes on the case itself no package holds.
    notes_withheld = models.PositiveIntegerField(default=0)
    case_notes = models.PositiveIntegerField(default=0)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ASKED)
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(null=True)
    # Of its tag manifest, from which every byte in it follows.
    sha256 = models.CharField(max_length=64, blank=True)
    # Of the one file that it is.
    size = models.PositiveBigIntegerField(default=0)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.CharField(max_length=500, blank=True)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["number"], name="package_number_once")]
        indexes = [
            models.Index(F("asked_at").desc(), F("id").desc(), name="package_asked"),
            models.Index("case", F("asked_at").desc(), name="package_of_case"),
        ]

    def __str__(self) -> str:
        return self.number


class PackageItem(Record):
    """One thing that the case held when a package was asked for: in it, or left out and why. Never changed after."""

    class Because(models.TextChoices):
        """Why it is left out; empty: it is in the package."""

        NOT_OPEN = "not_open", _("It was not open to who asked for the package.")
        ERASED = "erased", _("Its bytes were erased under a rule.")
        STATUTE = (
            "statute",
            _("A statute lets it reach the defence only on a court's order, and none is recorded."),
        )
        CLIPS = "clips", _("Its clips are in the package instead.")
        NOT_RELEVANT = "not_relevant", _("Not relevant, as who asked for the package says.")
        PRIVILEGED = "privileged", _("Privileged, as who asked for the package says.")
        OTHER = "other", _("Left out by who asked for the package.")
        DAMAGED = "damaged", _("The stored bytes are damaged: they are not those that were sealed.")
        LOST = "lost", _("No store gives its bytes: they are lost, or cannot be read.")

    # What somebody may choose.
    CHOSEN: ClassVar = (Because.CLIPS, Because.NOT_RELEVANT, Because.PRIVILEGED, Because.OTHER)
    FROZEN: ClassVar = ("package", "place", "recording", "clip", "file", "because", "words", "source")

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="items")
    place = models.PositiveIntegerField()
    recording = models.ForeignKey(
        Recording, null=True, on_delete=models.PROTECT, related_name="package_items"
    )
    clip = models.ForeignKey(Clip, null=True, on_delete=models.PROTECT, related_name="package_items")
    file = models.ForeignKey(File, null=True, on_delete=models.PROTECT, related_name="package_items")
    because = models.CharField(max_length=12, choices=Because.choices, blank=True)
    words = models.CharField(max_length=500, blank=True)
    # The statute or rule, in its own words.
    source = models.CharField(max_length=200, blank=True)
    # Found while it was written, and so not frozen: that its bytes were not to be had, and why where it is no damage.
    damaged = models.BooleanField(default=False)
    missing = models.CharField(max_length=12, choices=Because.choices, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["package", "place"], name="package_item_place"),
            models.CheckConstraint(
                condition=Q(recording__isnull=False, file=None)
                | Q(recording=None, file__isnull=False, clip=None),
                name="package_item_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place} of {self.package_id}"


class Guest(Record):
    """Somebody outside the agency with a sign-in of their own, for what is shared with them and nothing else."""

    FROZEN: ClassVar = ("email", "side", "invited_at", "invited_by")

    name = models.CharField(max_length=120)
    organisation = models.CharField(max_length=200, blank=True)
    # They sign in by it; lower case.
    email = models.EmailField(max_length=254)
    side = models.CharField(max_length=12, choices=Side.choices)
    # As the framework hashes passwords of members; empty until they accept an invitation.
    password = models.CharField(max_length=200, blank=True)
    invited_at = models.DateTimeField()
    invited_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    # When they chose the password that they have.
    accepted_at = models.DateTimeField(null=True)
    # Everything that they have open by a sign-in before this moment is closed.
    signed_out_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["email"], name="guest_email_once")]

    def __str__(self) -> str:
        return f"guest {self.id}"


class Invitation(Record):
    """A link by which a guest chooses a password: good once, until a moment. Kept as its digest alone."""

    FROZEN: ClassVar = ("guest", "secret_sha256", "good_until", "made_at", "made_by")

    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="invitations")
    secret_sha256 = models.CharField(max_length=64)
    good_until = models.DateTimeField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["secret_sha256"], name="invitation_once")]

    def __str__(self) -> str:
        return f"invitation of {self.guest_id}"


class Share(Record):
    """That a guest may see a package, or also download it, until a day or until it is taken back."""

    class How(models.TextChoices):
        VIEW = "view", _("View")
        DOWNLOAD = "download", _("View and download")

    FROZEN: ClassVar = ("package", "guest", "how", "until", "since", "by")

    package = models.ForeignKey(Package, on_delete=models.PROTECT, related_name="shares")
    guest = models.ForeignKey(Guest, on_delete=models.PROTECT, related_name="shares")
    how = models.CharField(max_length=8, choices=How.choices)
    # The first day on which it is closed again.
    until = models.DateField()
    since = models.DateTimeField()
    by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    # When all of its bytes had left, and the entry that says so.
    received_at = models.DateTimeField(null=True)
    received_entry = models.UUIDField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["package", "guest"], condition=Q(ended_at=None), name="shared_once_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.package_id} with {self.guest_id}"


class Opening(Record):
    """That a guest looked at one item of a package, or downloaded the package: when, how long, how many bytes."""

    class Kind(models.TextChoices):
        VIEW = "view", _("Viewed")
        DOWNLOAD = "download", _("Downloaded")

    FROZEN: ClassVar = ("share", "kind", "item", "begun")

    share = models.ForeignKey(Share, on_delete=models.PROTECT, related_name="openings")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    item = models.ForeignKey(PackageItem, null=True, on_delete=models.PROTECT, related_name="+")
    begun = models.DateTimeField()
    ended = models.DateTimeField(null=True)
    bytes_sent = models.PositiveBigIntegerField(default=0)

    class Meta(Record.Meta):
        indexes = [models.Index("begun", condition=Q(ended=None), name="opening_open")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.share_id}"


class Progress(models.Model):
    """How far the writing of a package has come. Not a record: it goes with the end of the writing."""

    package = models.UUIDField(primary_key=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()
    # Why it waits, in words; empty while it goes on.
    waits = models.CharField(max_length=500, blank=True)

    def __str__(self) -> str:
        return str(self.package)


class Running(models.Model):
    """Running totals of an open look or download. Not a record: folded into the entry that ends it."""

    opening = models.UUIDField(primary_key=True)
    bytes_sent = models.PositiveBigIntegerField(default=0)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.opening)


class Taken(models.Model):
    """Which parts of a package's file have left to a guest, as pairs. Not a record: the entry of receipt is."""

    share = models.UUIDField(primary_key=True)
    parts = models.JSONField(default=list)

    def __str__(self) -> str:
        return str(self.share)
