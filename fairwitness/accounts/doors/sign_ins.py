"""The doors to sign-ins: how an account stands, which sessions there are, what somebody owes before going on."""

import datetime as dt
import hashlib
import hmac
import uuid

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from fairwitness.accounts.doors.reach import check_may
from fairwitness.accounts.models import Account, Session, SignInLog, Token
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.refusals import Forbidden, NotFound
from fairwitness.kernel.roles import Role

# CJIS IA-11: who is signed in shows at least so often that it is they.
CONFIRM_EVERY = dt.timedelta(hours=12)
# CJIS AC-7: so many failures in such a time lock the account until an administrator releases it.
MOST_FAILURES = 5
FAILURES_WITHIN = dt.timedelta(minutes=15)
# One address may fail so often in that time, whoever's names it tries.
MOST_FROM_ONE_ADDRESS = 50
# CJIS AC-2: a password that was given is good for so long, an account that nobody uses for so long.
GIVEN_GOOD_FOR = dt.timedelta(hours=72)
UNUSED_FOR = dt.timedelta(days=90)
# What proves that it is they, beside the password. Recovery codes only stand in for one of these.
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def account_of(member_id: uuid.UUID) -> Account:
    """How the sign-in of a member stands; an unsaved one, with nothing against it, where nothing was ever noted."""
    return Account.objects.filter(member=member_id).first() or Account(member_id=member_id)


def is_locked(user: User) -> bool:
    """Whether nobody can sign in as `user` now: who left, what is locked, a given password not used in time."""
    member = Member.objects.filter(user=user).first()
    if member is None:
        return False
    if member.left_on and member.left_on <= department.today():
        return True
    account = account_of(member.pk)
    return account.locked_at is not None or _given_too_long_ago(account, user)


def _given_too_long_ago(account: Account, user: User) -> bool:
    if not strict() or account.chosen_at is not None:
        return False
    return clock.now() - (account.given_at or user.date_joined) > GIVEN_GOOD_FOR


def strict() -> bool:
    """Whether a second factor and a password of one's own are required: everywhere but in the demo."""
    return bool(settings.FAIRWITNESS_SECOND_FACTOR == "required")


def owes(user: User, member_id: uuid.UUID) -> str:
    """What `user` must set up before anything else: `password`, `factor`, or nothing."""
    if not strict():
        return ""
    if bool(user.has_usable_password()) and account_of(member_id).chosen_at is None:
        return "password"
    return "" if has_factor(user) else "factor"


def has_factor(user: User) -> bool:
    """Whether `user` has an authenticator app or a passkey."""
    return bool(Authenticator.objects.filter(user=user, type__in=FACTORS).exists())


def lock_after() -> dt.timedelta:
    """After how long without doing anything the screen is locked (CJIS AC-11: at most 30 minutes)."""
    return dt.timedelta(seconds=settings.FAIRWITNESS_LOCK_AFTER)


def why_locked(session: Session) -> str:
    """Why the screen of `session` is locked now: `idle`, `day` (12 hours), or nothing."""
    now = clock.now()
    if now - session.seen > lock_after():
        return "idle"
    return "day" if now - session.confirmed > CONFIRM_EVERY else ""


def left_ms(session: Session) -> int:
    """In how many milliseconds the screen of `session` will be locked, if nothing is done; 0 when it is."""
    now = clock.now()
    left = min(session.seen + lock_after() - now, session.confirmed + CONFIRM_EVERY - now)
    return max(0, int(left.total_seconds() * 1000))


def has_passkey(user_id: int | None) -> bool:
    """Whether the user could show a passkey."""
    return bool(Authenticator.objects.filter(user=user_id, type=Authenticator.Type.WEBAUTHN).exists())


def open_session(pk: str | uuid.UUID | None) -> Session | None:
    """The session with this key, while it was not ended."""
    return Session.objects.filter(pk=pk, ended=None).first() if pk else None


def sessions_of(actor: Actor, member_id: uuid.UUID) -> QuerySet[Session]:
    """The open sessions of a member, for themselves and for who may end them. Raises Forbidden."""
    if actor.member_id != member_id:
        check_may(actor, "end_sessions")
    return Session.objects.filter(member=member_id, ended=None).order_by("-seen")


def every_session(actor: Actor) -> QuerySet[Session]:
    """Every open session, latest first. Raises Forbidden."""
    check_may(actor, "end_sessions")
    return Session.objects.filter(ended=None).select_related("member").order_by("-seen")


def failures(member_id: uuid.UUID) -> int:
    """How many sign-ins of a member failed in the last FAILURES_WITHIN, since the last that was right."""
    lines = SignInLog.objects.filter(member=member_id, at__gt=clock.now() - FAILURES_WITHIN)
    right = lines.filter(Q(event="sign_in", outcome="done") | Q(event="released")).order_by("-at").first()
    failed = lines.filter(event__in=("sign_in", "confirm", "password"), outcome="failed")
    return (failed.filter(at__gt=right.at) if right else failed).count()


def fails_too_often(address: str | None) -> bool:
    """Whether MOST_FROM_ONE_ADDRESS sign-ins failed from `address` in the last FAILURES_WITHIN."""
    lately = SignInLog.objects.filter(event="sign_in", outcome="failed", at__gt=clock.now() - FAILURES_WITHIN)
    return address is not None and lately.filter(address=address).count() >= MOST_FROM_ONE_ADDRESS


def check_may_stop(actor: Actor, member: Member) -> None:
    """Raise Forbidden unless `actor` may stop the sign-in of `member`: administrators, chiefs, who stands above."""
    if not may_stop(actor, member.pk):
        raise Forbidden(_("Your roles do not allow this."), act="stop_sign_in")


def may_stop(actor: Actor, member_id: uuid.UUID) -> bool:
    """Whether `actor` may stop the sign-in of a member; in a chain of command, of those below."""
    within = department.reached(actor, "stop_sign_in")
    return within is None or member_id in within - {actor.member_id}


def second_hand(member: Member, by: Actor) -> Member | None:
    """Who is told the second half of a new password: the nearest above `member`, else an internal auditor.

    Never the one who resets, and never the person; None where there is nobody.
    """
    others = {by.member_id, member.pk}
    above = department.chain_above(member.pk)
    auditors = department.members_holding(Role.INTERNAL_AUDITOR).order_by("family_name", "pk")
    return next((each for each in (*above, *auditors) if each.pk not in others and each.user_id), None)


def second_half(account: Account) -> str:
    """The second half of a new password: kept nowhere, computed from what is kept, for as long as it is waited for."""
    given = clock.rfc3339(account.given_at) if account.given_at else ""
    said = f"{account.member_id} {given}".encode()
    key = settings.SECRET_KEY.encode()
    return hmac.new(key, said, hashlib.sha256).hexdigest()[:10]


def awaited_half(actor: Actor, member_id: uuid.UUID) -> tuple[Member, str]:
    """The member whose new password waits, and its second half, for whoever was told. Raises NotFound otherwise."""
    account = Account.objects.filter(member=member_id, chosen_at=None).select_related("member").first()
    if account is None or account.given_at is None or account.told_id != actor.member_id:
        raise NotFound(_("There is nothing here, or it is not open to you."))
    return account.member, second_half(account)


def unused_accounts() -> list[Member]:
    """The members whose sign-in is open although nobody used it for UNUSED_FOR."""
    long_ago = clock.now() - UNUSED_FOR
    used = Session.objects.filter(member=OuterRef("pk"), seen__gt=long_ago)
    locked = Account.objects.filter(member=OuterRef("pk"), locked_at__isnull=False)
    lately = Account.objects.filter(member=OuterRef("pk"), given_at__gt=long_ago)
    serving = Member.objects.filter(user__isnull=False, user__is_active=True, user__date_joined__lt=long_ago)
    return list(serving.exclude(Exists(used)).exclude(Exists(locked)).exclude(Exists(lately)))


def left_but_open() -> list[Member]:
    """The members who left by today and still have an open session or keep a token that counts."""
    left = Member.objects.filter(left_on__lte=department.today())
    session = Session.objects.filter(member=OuterRef("pk"), ended=None)
    token = Token.objects.filter(keeper=OuterRef("pk"), ended_at=None)
    return list(left.filter(Exists(session) | Exists(token)))


def my_log(actor: Actor) -> list[SignInLog]:
    """The latest hundred lines about oneself, newest first."""
    return list(SignInLog.objects.filter(member=actor.person).order_by("-at", "-id")[:100])


def locked_accounts(actor: Actor) -> QuerySet[Account]:
    """The accounts that are locked, the latest first. Raises Forbidden."""
    check_may(actor, "end_sessions")
    serving = Member.objects.filter(department.serving_on(department.today()))
    locked = Account.objects.filter(locked_at__isnull=False, member__in=serving)
    return locked.select_related("member").order_by("-locked_at")
