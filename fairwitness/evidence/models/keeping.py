"""What decides how long recordings are kept: categories, dates, what would bring a date nearer, holds, disposal."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Member
from fairwitness.evidence.models.recordings import Recording
from fairwitness.incidents.models import Incident
from fairwitness.kernel.models import Record
from fairwitness.policy.models import Version


class Categorisation(Record):
    """A recording carries a category, by its code in the policy. One that was withdrawn stays, marked."""

    class How(models.TextChoices):
        HAND = "hand", _("by a person")
        DELIVERED = "delivered", _("by its label as delivered")

    FROZEN: ClassVar = ("recording", "code", "how", "version", "since")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="categorisations")
    code = models.CharField(max_length=60)
    how = models.CharField(max_length=10, choices=How.choices)
    # The version of the policy that had this category when it was added.
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording", "code"], condition=Q(withdrawn_at=None), name="category_carried_once"
            )
        ]
        indexes = [models.Index(fields=["code"], condition=Q(withdrawn_at=None), name="category_carried")]

    def __str__(self) -> str:
        return f"{self.code} of {self.recording_id}"


class Settlement(Record):
    """A person settled from when a recording counts, because its clock is in doubt, or it is old footage.

    Without `ended` it counts from its receipt, and one person is enough. An earlier end takes a second person.
    """

    FROZEN: ClassVar = ("recording", "ended", "because", "proposed_by", "proposed_at")

    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="settlements")
    ended = models.DateTimeField(null=True)
    because = models.CharField(max_length=1000)
    proposed_by = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording"], condition=Q(withdrawn_at=None), name="one_settlement_counts"
            ),
            models.CheckConstraint(
                condition=Q(ended=None) | Q(confirmed_by=None) | ~Q(confirmed_by=F("proposed_by")),
                name="settled_by_two",
            ),
        ]

    def __str__(self) -> str:
        return f"settlement of {self.recording_id}"


class Retention(Record):
    """How long one recording is kept: the date, the rule that gave it, and what would now bring it nearer.

    The date moves away at once, whatever the reason. It comes nearer only by a dry run that two people stood for.
    """

    class State(models.TextChoices):
        DATED = "dated", _("Kept until a day")
        FOR_EVER = "for_ever", _("Kept for ever")
        DOUBTFUL = "doubtful", _("Kept until somebody settles its clock")

    FROZEN: ClassVar = ("recording",)

    recording = models.OneToOneField(Recording, on_delete=models.PROTECT, related_name="retention")
    state = models.CharField(max_length=10, choices=State.choices)
    # From when it counts; empty while that is in doubt.
    starts = models.DateTimeField(null=True)
    # The last day for which it is kept, in the agency's zone; it may go from the day after. Empty unless it is DATED.
    due_on = models.DateField(null=True)
    # The last day on which it may be kept without a hold or a case; empty where there is no limit.
    at_most_on = models.DateField(null=True)
    # The category, its rule, and the version of the policy, that gave the date.
    category = models.CharField(max_length=60)
    rule = models.CharField(max_length=60)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    # The nearer day that the rules would give now, were it approved; empty where they give none.
    nearer_on = models.DateField(null=True)
    # While its clock is in doubt: the day that was promised by then, from which settling it brings it no nearer. The
    # last day of the calendar stands for ever. Category, rule and version are those that promised it.
    promised_on = models.DateField(null=True)
    decided_at = models.DateTimeField()

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["due_on", "id"], name="retention_due"),
            models.Index(fields=["at_most_on"], condition=~Q(at_most_on=None), name="retention_at_most"),
            models.Index(fields=["nearer_on"], condition=~Q(nearer_on=None), name="retention_nearer"),
            models.Index(fields=["state"], condition=~Q(state="dated"), name="retention_not_dated"),
        ]

    def __str__(self) -> str:
        return f"retention of {self.recording_id}"


class DryRun(Record):
    """What a change would make due, shown before anything bites; a second person approves, then it waits.

    The whole list is a blob; `months` has how many fall due in each month, before and after.
    """

    class Cause(models.TextChoices):
        VERSION = "version", _("A version of the policy")
        RECORDINGS = "recordings", _("Recordings whose rules changed")

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        APPROVED = "approved", _("Approved, waiting")
        APPLIED = "applied", _("Applied")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: ClassVar = {
        Status.PROPOSED: frozenset({Status.APPROVED, Status.WITHDRAWN}),
        Status.APPROVED: frozenset({Status.APPLIED, Status.WITHDRAWN}),
        Status.APPLIED: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }
    # Something may still come nearer by it: of the same cause there is one at a time.
    OPEN: ClassVar = (Status.PROPOSED, Status.APPROVED)
    FROZEN: ClassVar = (
        *(
            "number",
            "cause",
            "version",
            "digest",
            "list_sha256",
            "counts",
            "months",
            "proposer",
            "proposed_at",
        ),
    )

    number = models.CharField(max_length=20, unique=True)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    version = models.ForeignKey(Version, null=True, on_delete=models.PROTECT, related_name="dry_runs")
    # Of the version's text that was tried.
    digest = models.CharField(max_length=64, blank=True)
    list_sha256 = models.CharField(max_length=64)
    list_size = models.PositiveBigIntegerField()
    counts = models.JSONField()
    months = models.JSONField()
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposer = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    approver = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True)
    # The end of the cooling-off; empty until it is approved.
    applies_at = models.DateTimeField(null=True)
    applied_at = models.DateTimeField(null=True)
    # Of how many recordings of the list the days have moved: where the job goes on after it was broken off.
    moved = models.PositiveIntegerField(default=0)

    class Meta(Record.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(approver=None) | ~Q(approver=F("proposer")), name="dry_run_by_two"
            )
        ]

    def __str__(self) -> str:
        return self.number


class Hold(Record):
    """Somebody asked that recordings be kept whatever their date: who, why, and until when if there is an end."""

    class Kind(models.TextChoices):
        COURT = "court", _("Court")
        COMPLAINT = "complaint", _("Complaint")
        RECORDS_REQUEST = "records_request", _("Records request")
        INVESTIGATION = "investigation", _("Investigation")
        PRESERVATION = "preservation", _("A resident's preservation request")

    FROZEN: ClassVar = ("number", "kind", "reason", "reference", "incident", "placed_by", "placed_at")

    number = models.CharField(max_length=20, unique=True)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    reason = models.CharField(max_length=1000)
    # The number of the case, complaint or request.
    reference = models.CharField(max_length=80, blank=True)
    # With it, the hold covers every recording of the incident, also what comes later.
    incident = models.ForeignKey(Incident, null=True, on_delete=models.PROTECT, related_name="holds")
    placed_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    # The day from which it holds nothing any more; empty: until it is lifted.
    until = models.DateField(null=True)
    lifted_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["-placed_at"], name="hold_placed")]

    def __str__(self) -> str:
        return self.number


class Held(Record):
    """One recording under one hold; released when it was let out of it, or the hold was lifted."""

    FROZEN: ClassVar = ("hold", "recording", "since")

    hold = models.ForeignKey(Hold, on_delete=models.PROTECT, related_name="held")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="held")
    since = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    # Why it alone was let out; empty where the whole hold was lifted.
    released_because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["hold", "recording"], condition=Q(released_at=None), name="held_once_by_a_hold"
            )
        ]

    def __str__(self) -> str:
        return f"{self.recording_id} by {self.hold_id}"


class PreservationRequest(Record):
    """Somebody from outside asked that footage be kept. What they are answered never says whether there is any."""

    class Status(models.TextChoices):
        RECEIVED = "received", _("To be decided")
        CONFIRMED = "confirmed", _("Confirmed")
        LIFTED = "lifted", _("Lifted")

    MOVES: ClassVar = {
        Status.RECEIVED: frozenset({Status.CONFIRMED, Status.LIFTED}),
        Status.CONFIRMED: frozenset({Status.LIFTED}),
        Status.LIFTED: frozenset(),
    }
    FROZEN: ClassVar = (
        *("number", "incident_number", "place", "since", "until", "words", "name", "contact", "received_at"),
    )

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    # An incident's number, or a place and a span of at most the hours that the policy gives.
    incident_number = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=200, blank=True)
    since = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)
    words = models.CharField(max_length=2000, blank=True)
    # Both may be left out: nobody must say who they are (Massachusetts: facts a1).
    name = models.CharField(max_length=120, blank=True)
    contact = models.CharField(max_length=200, blank=True)
    # A keyed digest of where it came from, by which limits are counted; never the address itself.
    sender = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    # By when a records officer decides (business days of the policy).
    decide_by = models.DateField()
    # Empty until the matching was done, which limits may put off.
    matched_at = models.DateTimeField(null=True)
    hold = models.ForeignKey(Hold, null=True, on_delete=models.PROTECT, related_name="requests")
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        indexes = [
            models.Index(fields=["status", "decide_by"], name="preservation_to_decide"),
            models.Index(fields=["sender", "received_at"], name="preservation_sender"),
        ]

    def __str__(self) -> str:
        return self.number


class DisposalList(Record):
    """A list of recordings whose day has come, proposed by the night; two people approve it, exceptions struck out."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        GRACE = "grace", _("Approved, can be taken back")
        ERASING = "erasing", _("Erasing")
        DONE = "done", _("Done")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    MOVES: ClassVar = {
        Status.PROPOSED: frozenset({Status.GRACE, Status.WITHDRAWN}),
        Status.GRACE: frozenset({Status.ERASING, Status.WITHDRAWN}),
        Status.ERASING: frozenset({Status.DONE}),
        Status.DONE: frozenset(),
        Status.WITHDRAWN: frozenset(),
    }
    # Not over: what is live on it goes its way. On one that was taken back a job still has to say so of each.
    LIVE: ClassVar = (Status.PROPOSED, Status.GRACE, Status.ERASING)
    FROZEN: ClassVar = ("number", "proposed_at")

    number = models.CharField(max_length=20, unique=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    proposed_at = models.DateTimeField()
    # From when it is erased; empty until enough people approved it.
    erased_from = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Why the whole of it was taken back.
    because = models.CharField(max_length=1000, blank=True)

    class Meta(Record.Meta):
        indexes = [models.Index(fields=["-proposed_at"], name="disposal_list_latest")]

    def __str__(self) -> str:
        return self.number


class Approval(Record):
    """One person approved a disposal list as it was then: the digest is of the recordings left on it."""

    FROZEN: ClassVar = ("list", "member", "at", "digest")

    list = models.ForeignKey(DisposalList, on_delete=models.PROTECT, related_name="approvals")
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["list", "member"], condition=Q(withdrawn_at=None), name="one_approval_each"
            )
        ]

    def __str__(self) -> str:
        return f"{self.member_id} of {self.list_id}"


class Disposal(Record):
    """One recording on one list, from proposed to erased; with the rule that let it go and the checks that were made."""

    class Status(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        STRUCK = "struck", _("Struck out")
        GRACE = "grace", _("In grace")
        TAKEN_BACK = "taken_back", _("Taken back")
        ERASING = "erasing", _("Erasing")
        ERASED = "erased", _("Erased")
        RELEASED = "released", _("Let go; other records keep the bytes")

    MOVES: ClassVar = {
        Status.PROPOSED: frozenset({Status.STRUCK, Status.GRACE, Status.TAKEN_BACK}),
        Status.GRACE: frozenset({Status.TAKEN_BACK, Status.ERASING}),
        Status.ERASING: frozenset({Status.ERASED, Status.RELEASED, Status.TAKEN_BACK}),
        Status.STRUCK: frozenset(),
        Status.TAKEN_BACK: frozenset(),
        Status.ERASED: frozenset(),
        Status.RELEASED: frozenset(),
    }
    LIVE: ClassVar = (Status.PROPOSED, Status.GRACE, Status.ERASING)
    # Those that end with a certificate.
    CERTIFIED: ClassVar = (Status.ERASED, Status.RELEASED)
    FROZEN: ClassVar = ("list", "recording", "due_on", "rule", "category", "version")

    list = models.ForeignKey(DisposalList, on_delete=models.PROTECT, related_name="disposals")
    recording = models.ForeignKey(Recording, on_delete=models.PROTECT, related_name="disposals")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PROPOSED)
    due_on = models.DateField()
    category = models.CharField(max_length=60)
    rule = models.CharField(max_length=60)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    because = models.CharField(max_length=1000, blank=True)
    # From when stores were told to let the bytes go: up to then a hold still keeps them, from then on none is taken.
    let_go_at = models.DateTimeField(null=True)
    # What was asked under the lock at that moment, and what was answered.
    checks = models.JSONField(null=True)
    # What was asked before the bytes went, and what was found in each store after.
    certificate = models.JSONField(null=True)
    # Of the canonical JSON of the certificate.
    certificate_sha256 = models.CharField(max_length=64, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["recording"],
                condition=Q(status__in=("proposed", "grace", "erasing", "erased", "released")),
                name="one_disposal_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"disposal of {self.recording_id}"
