"""The policy book's records: documents, their versions, what must be cleared before one comes into force, figures."""

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.kernel.models import Record
from fairwitness.policy.models.content import Content

# Every figure that may measure a rule: its words, and its unit. Whoever computes one reports it by its code.
MEASURES = {
    "camera_coverage": (_("Sworn members who wear a camera that is in service"), "share"),
    "trained": (_("Sworn members who completed the training"), "share"),
    "wearer_known": (_("Recordings of which it is known who wore the camera"), "share"),
    "copies_confirmed": (_("Recordings of which every copy asked for is confirmed"), "share"),
    "copies_read": (_("Stored files read again within the last seven days"), "share"),
    "log_published": (_("Entries of the ledger that stand in the public log"), "share"),
    "viewings_with_purpose": (_("Openings of recordings with a recorded purpose"), "share"),
    "recordings_readable": (_("Recordings that can be played"), "share"),
    "past_maximum": (
        _(
            "Recordings kept longer than the policy allows, without a hold or a case, and on no list that lets them go"
        ),
        "count",
    ),
    "disposals_certified": (_("Erased recordings with a certificate of disposal"), "share"),
    "preservation_in_time": (_("Preservation requests decided in time"), "share"),
    "misuse_reviewed": (_("Weeks in which the misuse watch was looked at"), "share"),
    "categorised": (_("Recordings that carry a category"), "share"),
    "with_incident": (_("Recordings that belong to an incident"), "share"),
}


class Document(Record):
    """A numbered policy, procedure or statement; what it says is in its versions (duty C13)."""

    FROZEN: ClassVar = ("number",)

    number = models.CharField(max_length=40, unique=True)

    def __str__(self) -> str:
        return self.number


class Version(Record):
    """One version of a document. What it says may change while it is a draft, and never after."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved")
        IN_FORCE = "in_force", _("In force")
        SUPERSEDED = "superseded", _("Superseded")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: ClassVar = {
        Status.DRAFT: frozenset({Status.PROPOSED, Status.WITHDRAWN}),
        Status.PROPOSED: frozenset({Status.DRAFT, Status.APPROVED, Status.WITHDRAWN}),
        Status.APPROVED: frozenset({Status.IN_FORCE, Status.WITHDRAWN}),
        Status.IN_FORCE: frozenset({Status.SUPERSEDED}),
        Status.SUPERSEDED: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }
    FROZEN: ClassVar = ("document", "n", "author")
    # Of a document one version at a time is on its way.
    OPEN: ClassVar = (Status.DRAFT, Status.PROPOSED, Status.APPROVED)

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    n = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    content = models.JSONField()
    # SHA-256 of the canonical JSON of the content: what was proposed is what was approved.
    digest = models.CharField(max_length=64)
    # Why it differs from the version before it, in the author's words.
    because = models.CharField(max_length=2000, blank=True)
    # Empty where the installation's profile brought it.
    author = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="drafted_versions")
    begun_at = models.DateTimeField()
    proposer = models.ForeignKey(
        Member, null=True, on_delete=models.PROTECT, related_name="proposed_versions"
    )
    proposed_at = models.DateTimeField(null=True)
    approver = models.ForeignKey(
        Member, null=True, on_delete=models.PROTECT, related_name="approved_versions"
    )
    approved_at = models.DateTimeField(null=True)
    # From when it is to be in force; then when it came into force. Empty in what the profile brought first: that
    # has been in force for as long as this system looks back.
    in_force_at = models.DateTimeField(null=True)
    superseded_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["document", "n"], name="version_numbered_once"),
            models.UniqueConstraint(
                fields=["document"], condition=Q(status="in_force"), name="one_version_in_force"
            ),
            models.UniqueConstraint(
                fields=["document"],
                condition=Q(status__in=("draft", "proposed", "approved")),
                name="one_version_on_its_way",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | Q(author=None) | ~Q(approver=F("author")),
                name="approver_is_not_author",
            ),
            models.CheckConstraint(
                condition=Q(approver=None) | Q(proposer=None) | ~Q(approver=F("proposer")),
                name="approver_is_not_proposer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.document} v{self.n}"

    def says(self) -> Content:
        """What it says, in its shape."""
        return Content.model_validate(self.content)


class Clearance(Record):
    """Something that had to be done before a version may come into force, and was; given by the room that did it."""

    class What(models.TextChoices):
        RETENTION = "retention", _("What it would make due was shown, and approved by a second person")

    FROZEN: ClassVar = ("version", "what", "digest", "given_at", "given_by")

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="clearances")
    what = models.CharField(max_length=12, choices=What.choices)
    # Of the version's content when it was given: a draft that changed since is not cleared.
    digest = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="clearances")

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(fields=["version", "what", "digest"], name="cleared_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.version_id}"


class Figure(Record):
    """What a rule came to, measured by a room from its own records, for a period, as of a moment. Never changed."""

    FROZEN: ClassVar = ("measure", "numerator", "denominator", "since", "until", "as_of", "room")

    measure = models.CharField(max_length=40)
    numerator = models.BigIntegerField()
    # Empty where the figure is a count.
    denominator = models.BigIntegerField(null=True)
    # The days that it is about, the last not included; empty where it says how things stand.
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    as_of = models.DateTimeField()
    room = models.CharField(max_length=20)

    class Meta(Record.Meta):
        indexes = [models.Index("measure", F("as_of").desc(), name="figure_latest")]

    def __str__(self) -> str:
        return f"{self.measure} {self.as_of:%Y-%m-%d}"

    @property
    def words(self) -> Any:
        """What is measured."""
        return MEASURES[self.measure][0]

    @property
    def unit(self) -> str:
        """`share` or `count`."""
        return MEASURES[self.measure][1]
