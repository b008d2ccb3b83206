"""The records of storage: stores, what each of them holds for certain, and what was found damaged."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.kernel.models import Record


class Store(Record):
    """A place for blobs that the settings named once. Its place is said in words that hold no secret."""

    class Kind(models.TextChoices):
        FILE = "file", _("Folder")
        S3 = "s3", _("S3 bucket")

    FROZEN: ClassVar = ("name", "begun_at")

    name = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.CharField(max_length=300)
    begun_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Damage(Record):
    """An incident: bytes of one copy, or many of a store, were found other than they were put. Over when repaired."""

    class What(models.TextChoices):
        CHANGED = "changed", _("Changed")
        MISSING = "missing", _("Missing")
        UNREADABLE = "unreadable", _("Unreadable")
        LOST = "lost", _("Store lost")

    class How(models.TextChoices):
        COPIED = "copied", _("from a good copy")
        FOUND = "found", _("found whole again")
        REBUILT = "rebuilt", _("made anew")
        ERASED = "erased", _("erased under a rule")

    FROZEN: ClassVar = ("store", "sha256", "copies", "what", "found_at")

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="damages")
    # Empty where a store lost many copies at once.
    sha256 = models.CharField(max_length=64, blank=True)
    copies = models.PositiveIntegerField(default=1)
    what = models.CharField(max_length=12, choices=What.choices)
    found_at = models.DateTimeField()
    repaired_at = models.DateTimeField(null=True)
    repaired_from = models.ForeignKey(Store, null=True, on_delete=models.PROTECT, related_name="+")
    repaired_how = models.CharField(max_length=8, choices=How.choices, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(F("found_at").desc(), F("id").desc(), name="damage_found")]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "sha256"], condition=Q(repaired_at=None), name="one_open_damage_of_a_copy"
            )
        ]

    def __str__(self) -> str:
        return f"{self.what} in {self.store_id}"


class Copy(Record):
    """One store holds these bytes: confirmed when they were put there, and whenever they were read again since."""

    class Kind(models.TextChoices):
        EVIDENCE = "evidence", _("Evidence")
        MADE = "made", _("Made of it")

    class Status(models.TextChoices):
        GOOD = "good", _("Good")
        DAMAGED = "damaged", _("Damaged")
        MISSING = "missing", _("Missing")
        OUTGROWN = "outgrown", _("Made anew")
        ERASING = "erasing", _("Being erased under a rule")
        ERASED = "erased", _("Erased under a rule")

    # Copies that are to be there no more: never read again, mended, or missed.
    LET_GO: ClassVar = (Status.OUTGROWN, Status.ERASING, Status.ERASED)

    FROZEN: ClassVar = ("store", "sha256", "size")

    store = models.ForeignKey(Store, on_delete=models.PROTECT, related_name="copies", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.GOOD)
    confirmed_at = models.DateTimeField()
    # When the bytes were last read whole and found to be what they are called.
    checked_at = models.DateTimeField()

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["sha256", "store"], name="one_copy_in_a_store")]
        indexes = [
            models.Index(fields=["store", "checked_at", "id"], name="copy_oldest"),
            models.Index(fields=["checked_at", "id"], name="copy_oldest_anywhere"),
            models.Index(fields=["store", "status"], condition=~Q(status="good"), name="copy_not_good"),
        ]

    def __str__(self) -> str:
        return f"{self.sha256[:12]} in {self.store_id}"
