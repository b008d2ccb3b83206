"""The records of accounts."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Camera, Dock, Member, Unit
from fairwitness.kernel.models import Record


class Token(Record):
    """What a device or program shows instead of signing in; the secret itself is kept nowhere, only its digest.

    It belongs to a dock, to a camera, or to a program; a program's ends with the account of its `keeper`.
    """

    class Scope(models.TextChoices):
        """What a token lets its bearer do; each address of the programs' interface asks for one."""

        UPLOAD = "upload", _("Upload recordings")
        REPORT = "report", _("Report on docks and cameras")
        READ = "read", _("Read what recordings of one unit there are")
        METRICS = "metrics", _("Read the figures of the system (/metrics)")

    FROZEN: ClassVar = (
        *("name", "scopes", "dock", "camera", "unit", "keeper", "issued_at", "expires_at", "hash"),
    )

    name = models.CharField(max_length=80)
    scopes = ArrayField(models.CharField(max_length=12, choices=Scope.choices))
    dock = models.ForeignKey(Dock, null=True, on_delete=models.PROTECT, related_name="tokens")
    camera = models.ForeignKey(Camera, null=True, on_delete=models.PROTECT, related_name="tokens")
    # How far `read` reaches: the recordings of this unit, and no further.
    unit = models.ForeignKey(Unit, null=True, on_delete=models.PROTECT, related_name="tokens")
    keeper = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="tokens_kept")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # SHA-256 in hex of a secret with 256 random bits: nothing to guess, so nothing slow is needed.
    hash = models.CharField(max_length=64, unique=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(dock=None) | Q(camera=None), name="token_of_dock_or_camera"),
            models.CheckConstraint(
                condition=Q(scopes__contains=["read"]) ^ Q(unit=None), name="token_reads_one_unit"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TokenUse(models.Model):
    """When a token was last shown. Not a record: what was done with it is."""

    token = models.OneToOneField(Token, primary_key=True, on_delete=models.PROTECT, related_name="use")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.token_id)
