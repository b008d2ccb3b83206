"""Who may open what beyond their role: grants to named people, and the weekly look at unusual access."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.evidence.models.recordings import Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel.models import Record


class Grant(Record):
    """A named member may open a recording, or those of an incident, for a stated reason, until a day or its end."""

    class Kind(models.TextChoices):
        NAMED = "named", _("Named person")
        WORK = "work", _("Linked to the work")
        AUDIT = "audit", _("Named for an audit")
        LOCKOUT = "lockout", _("Exception from the lockout")

    FROZEN: ClassVar = (
        "kind",
        "member",
        "recording",
        "incident",
        "because",
        "granted_by",
        "granted_at",
        "until",
    )

    kind = models.CharField(max_length=8, choices=Kind.choices)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="grants")
    recording = models.ForeignKey(Recording, null=True, on_delete=models.PROTECT, related_name="grants")
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="grants")
    because = models.CharField(max_length=1000)
    granted_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    granted_at = models.DateTimeField()
    until = models.DateField(null=True)
    ended_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(recording=None) ^ Q(incident=None), name="grant_of_one_thing")
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.member_id}"


class CourtOrder(Record):
    """A court ordered that a recording be shared with the defence: which court, its number, its day, its digest.

    Footage that a statute protects (M.G.L. c. 41 § 97D) is shared with the defence only while one is recorded.
    """

    FROZEN: ClassVar = ("recording", "court", "docket", "ordered_on", "sha256", "recorded_by", "recorded_at")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="court_orders")
    court = models.CharField(max_length=200)
    docket = models.CharField(max_length=100)
    ordered_on = models.DateField()
    # Of the order's document, which is kept with the case; 64 lower-case hex digits.
    sha256 = models.CharField(max_length=64)
    recorded_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "sha256"], condition=Q(withdrawn_at=None), name="order_recorded_once"
            )
        ]

    def __str__(self) -> str:
        return f"order over {self.recording_id}"


class Watch(Record):
    """Something unusual in a week's access to footage, shown to those who look; its outcome is recorded."""

    class Sign(models.TextChoices):
        AFTER_LOCKOUT = "after_lockout", _("Own incident, right after its lockout ended")
        MANY = "many", _("Many openings without a case or a link")
        SELDOM = "seldom", _("A class of access that this person seldom opens")
        UNFINISHED = "unfinished", _("Purposes that were never finished")

    class Outcome(models.TextChoices):
        OPEN = "open", _("To be looked at")
        EXPLAINED = "explained", _("Explained")
        REMINDED = "reminded", _("Reminded of the rule")
        REFERRED = "referred", _("Passed on for an inquiry")

    FROZEN: ClassVar = ("week", "member", "sign", "found")

    # The Monday on which the week began.
    week = models.DateField()
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="watched")
    sign = models.CharField(max_length=16, choices=Sign.choices)
    # What was counted: figures and keys of viewings, never words.
    found = models.JSONField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices, default=Outcome.OPEN)
    words = models.CharField(max_length=1000, blank=True)
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["week", "member", "sign"], name="watched_once_a_week")]

    def __str__(self) -> str:
        return f"{self.sign} {self.week}"
