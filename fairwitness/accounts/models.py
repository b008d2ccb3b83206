"""The records of accounts."""

import datetime as dt
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from fairwitness.department.models import Camera, Dock, Member, RoleHeld, Unit
from fairwitness.kernel.ids import new_id
from fairwitness.kernel.models import Journal, Record


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


class Account(Record):
    """How the sign-in of a member stands, beside the password that the sign-in library keeps. Absent: all is well.

    A password that was given by somebody else is theirs only once `chosen_at` says that they chose their own.
    """

    class Lock(models.TextChoices):
        """Why nobody can sign in with it."""

        FAILURES = "failures", _("Five failed sign-ins in fifteen minutes")
        UNUSED = "unused", _("Not used for ninety days")
        STOPPED = "stopped", _("Stopped because it may be in other hands")

    member = models.OneToOneField(Member, on_delete=models.PROTECT, related_name="account")
    given_at = models.DateTimeField(null=True)
    # Who was told the second half of a new password.
    told = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="+")
    chosen_at = models.DateTimeField(null=True)
    locked_at = models.DateTimeField(null=True)
    locked_for = models.CharField(max_length=12, choices=Lock.choices, blank=True)

    def __str__(self) -> str:
        return str(self.member_id)


class Session(models.Model):
    """One sign-in, from its beginning to its end. Not a record: both ends are entries; between them it only ticks."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="sessions")
    began = models.DateTimeField()
    # When they last did something, and when they last showed that it is they.
    seen = models.DateTimeField()
    confirmed = models.DateTimeField()
    method = models.CharField(max_length=40)
    # The browser's session, so that ending this one takes that away in the same moment.
    key = models.CharField(max_length=40)
    # In words and coarsely: enough to know one's own from somebody else's.
    device = models.CharField(max_length=80)
    place = models.CharField(max_length=45)
    ended = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=12, blank=True)

    class Meta:
        indexes = [models.Index(fields=["member", "ended", "-seen"], name="session_of_member")]

    def __str__(self) -> str:
        return str(self.id)


class SignInLog(Journal):
    """One line of the sign-in log, with what CJIS AU-3 asks for; the full source address stands here and nowhere else.

    What may be seen in public stays out of the ledger: an address is personal, and failures are many.
    """

    class Outcome(models.TextChoices):
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")
        REFUSED = "refused", _("Refused")

    at = models.DateTimeField()
    event = models.CharField(max_length=40)
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    # The code of the reason, of the act or of the page; never what was typed.
    detail = models.CharField(max_length=80, blank=True)
    actor = models.CharField(max_length=80)
    member = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=80, blank=True)
    session = models.UUIDField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    entry = models.UUIDField(null=True)

    WORDS: ClassVar = {
        "sign_in": _("Sign-in"),
        "sign_out": _("Sign-out"),
        "session_ended": _("Sign-in ended"),
        "confirm": _("Confirmed who it is"),
        "password": _("Password changed"),
        "second_factor": _("Second factor changed"),
        "locked": _("Account locked"),
        "released": _("Account released"),
        "opened": _("Sign-in given"),
        "reset": _("Sign-in reset"),
        "stopped": _("Sign-in stopped"),
        "closed": _("Sign-in of who left closed"),
        "attempt": _("Tried what is not allowed"),
        "history_lock": _("A lock on history refused"),
        "token": _("Token shown"),
        "log_read": _("Sign-in log read"),
    }
    TONES: ClassVar = {"done": "done", "failed": "attention", "refused": "stopped"}

    class Meta(Journal.Meta):
        indexes = [
            models.Index(fields=["-at", "-id"], name="sign_in_log_at"),
            models.Index(fields=["member", "event", "-at"], name="sign_in_log_member"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.outcome}"

    @property
    def what(self) -> str:
        """The event as people read it."""
        return str(self.WORDS.get(self.event, self.event))

    @property
    def stamp(self) -> str:
        """When, in UTC to the hundredth of a second (CJIS AU-8)."""
        at = self.at.astimezone(dt.UTC)
        return f"{at:%Y-%m-%d %H:%M:%S}.{at.microsecond // 10_000:02}"

    @property
    def tone(self) -> str:
        """How the outcome stands out."""
        return str(self.TONES[self.outcome])

    @property
    def lasted(self) -> dt.timedelta | None:
        """How long the session had lasted, where one ended."""
        return None if self.seconds is None else dt.timedelta(seconds=self.seconds)


class Review(Record):
    """The yearly review of roles (CJIS AC-2, AC-6(7)): every role held is kept or ended by somebody who looked."""

    begun_at = models.DateTimeField()
    due_on = models.DateField()
    finished_at = models.DateTimeField(null=True)

    class Meta(Record.Meta):
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(finished_at=None), name="one_review_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return str(self.due_on)


class Decision(Record):
    """One role held, looked at in a review: kept or ended."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="decisions")
    held = models.ForeignKey(RoleHeld, on_delete=models.PROTECT, related_name="decisions")
    kept = models.BooleanField()
    # The end that an ended role had before: kept after all, it is granted anew up to then.
    until_before = models.DateField(null=True)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(Member, null=True, on_delete=models.PROTECT, related_name="decisions")

    class Meta(Record.Meta):
        constraints = [models.UniqueConstraint(fields=["review", "held"], name="decided_once_in_a_review")]

    def __str__(self) -> str:
        return f"{self.held_id} {self.kept}"
