"""Acts of signing in and out: what the sign-in library does, in the ledger and in the sign-in log."""

import datetime as dt
import uuid

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors, events
from fairwitness.accounts.acts.log import NOBODY, Outcome, log
from fairwitness.accounts.doors.seen import NOWHERE, Source, coarse
from fairwitness.accounts.models import Account, Session
from fairwitness.department import doors as department
from fairwitness.department import events as department_events
from fairwitness.department.models import Member
from fairwitness.kernel import actors, clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import NotFound
from fairwitness.kernel.roles import Role

_ITSELF = actors.system("sign_in")


def note_sign_in(
    *, member_id: uuid.UUID, by: Actor, method: str = "password", source: Source = NOWHERE, key: str = ""
) -> Session:
    """Note that a member signed in; answers the session that begins."""
    now = clock.now()
    session = Session(member_id=member_id, began=now, seen=now, confirmed=now, method=method, key=key)
    session.device, session.place = source.device, coarse(source.address)
    with change(department_events.SIGNED_IN, by=by) as entry:
        session.save(force_insert=True)
        entry.mention("department.member", member_id)
        entry.about(member_id=member_id)
        source = Source(source.address, source.device, session.pk)
        log("sign_in", by=by, member_id=member_id, source=source, detail=method, entry_id=entry.id)
    return session


def note_sign_out(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Note that a member signed out, and how long they had been signed in."""
    with change(department_events.SIGNED_OUT, by=by) as entry:
        entry.mention("department.member", member_id)
        entry.about(member_id=member_id)
        session = doors.open_session(source.session_id)
        lasted = None
        if session:
            lasted = int((clock.now() - session.began).total_seconds())
            Session.objects.filter(pk=session.pk).update(ended=clock.now(), ended_how="signed_out")
        log("sign_out", by=by, member_id=member_id, source=source, seconds=lasted, entry_id=entry.id)


def note_failed_sign_in(
    *, username: str, by: Actor, source: Source = NOWHERE, detail: str = "password"
) -> None:
    """Note a failed sign-in, about the member whose user name it was; what was typed is never kept.

    The fifth in fifteen minutes locks the account until an administrator releases it (CJIS AC-7).
    """
    member = Member.objects.filter(user__username__iexact=username).first() if "\0" not in username else None
    with change(department_events.SIGN_IN_FAILED, by=by) as entry:
        if member:
            entry.about(member, member_id=member.pk)
        else:
            entry.mention("department.member", NOBODY)
        log(
            "sign_in",
            Outcome.FAILED,
            by=by,
            member_id=member.pk if member else None,
            source=source,
            detail=detail,
            entry_id=entry.id,
        )
    if member:
        lock_if_failing(member.pk)


def note_refused_sign_in(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Note that a sign-in was right and still refused: the account is locked, or its password was given too long ago."""
    log("sign_in", Outcome.REFUSED, by=by, member_id=member_id, source=source, detail="locked")


def note_confirmed(*, session: Session, by: Actor, method: str, source: Source = NOWHERE) -> None:
    """Note that who is signed in showed again that it is they; the screen is unlocked with it."""
    with change(events.CONFIRMED, by=by) as entry:
        now = clock.now()
        Session.objects.filter(pk=session.pk, ended=None).update(seen=now, confirmed=now)
        entry.mention("department.member", session.member_id)
        entry.about(member_id=session.member_id, method=method)
        log("confirm", by=by, member_id=session.member_id, source=source, detail=method, entry_id=entry.id)


def note_failed_confirmation(*, session: Session, by: Actor, source: Source = NOWHERE) -> None:
    """Note that who is signed in did not show that it is they; it counts as a failed sign-in."""
    log("confirm", Outcome.FAILED, by=by, member_id=session.member_id, source=source, detail="password")
    lock_if_failing(session.member_id)


def note_seen(session: Session) -> None:
    """Keep that the person of `session` did something just now."""
    Session.objects.filter(pk=session.pk, ended=None).update(seen=clock.now())


def note_key(session: Session, key: str) -> None:
    """Keep the key that the browser's session goes by now."""
    Session.objects.filter(pk=session.pk).update(key=key)


def lock_screen(session: Session) -> None:
    """Lock the screen of `session` in every tab, as though nothing had been done for long."""
    long_ago = clock.now() - doors.lock_after() - dt.timedelta(seconds=1)
    Session.objects.filter(pk=session.pk, ended=None).update(seen=long_ago)


def note_second_factor(*, member_id: uuid.UUID, what: str, by: Actor, source: Source = NOWHERE) -> None:
    """Note that a second factor was changed; `what` is a code such as `totp_added` or `webauthn_removed`."""
    with change(department_events.SECOND_FACTOR_CHANGED, by=by) as entry:
        entry.mention("department.member", member_id)
        entry.about(member_id=member_id, factor_change=what)
        log("second_factor", by=by, member_id=member_id, source=source, detail=what, entry_id=entry.id)


def note_password_chosen(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Note that a member chose a password of their own; every other session of theirs ends with the old one."""
    with change(events.PASSWORD_CHOSEN, by=by) as entry:
        member = department.lock_member(member_id)
        account = doors.account_of(member_id)
        account.chosen_at = clock.now()
        account.save()
        others = Session.objects.filter(member=member_id, ended=None).exclude(pk=source.session_id or NOBODY)
        close_sessions(others, by, source, "password")
        entry.about(member, account, member_id=member_id)
        log("password", by=by, member_id=member_id, source=source, entry_id=entry.id)


def note_password_refused(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Note that an attempt to change a password failed (CJIS AU-2); it counts as a failed sign-in."""
    log("password", Outcome.FAILED, by=by, member_id=member_id, source=source)
    lock_if_failing(member_id)


def lock_if_failing(member_id: uuid.UUID) -> None:
    """Lock the account when too many of its sign-ins failed; administrators and the person are told."""
    if doors.failures(member_id) < doors.MOST_FAILURES or doors.account_of(member_id).locked_at:
        return
    lock_account(member_id=member_id, reason=Account.Lock.FAILURES, by=_ITSELF)


def lock_account(*, member_id: uuid.UUID, reason: str, by: Actor) -> None:
    """Lock an account for `reason` until an administrator releases it; one that is locked stays as it is."""
    with change(events.ACCOUNT_LOCKED, by=by) as entry:
        member = department.lock_member(member_id)
        account = doors.account_of(member_id)
        if account.locked_at is None:
            account.locked_at, account.locked_for = clock.now(), reason
            account.save()
            administrators = {m.pk for m in department.members_holding(Role.ACCOUNT_ADMINISTRATOR)}
            sentence = _("The account of {name} was locked: {reason}.").format(
                name=member.name, reason=str(Account.Lock(reason).label).lower()
            )
            notify(administrators | {member.pk}, sentence, reverse("member", args=[member.pk]))
        entry.about(member, member_id=member_id, reason=reason)
        log("locked", by=by, member_id=member_id, detail=reason, entry_id=entry.id)


def end_session(*, session_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """End one session at once: one's own, or anybody's by an administrator. Raises NotFound."""
    session = Session.objects.filter(pk=session_id, ended=None).first()
    if session is None or (by.member_id != session.member_id and not doors.may(by, "end_sessions")):
        raise NotFound(_("There is no such sign-in, or it has ended."))
    _end(Session.objects.filter(pk=session_id, ended=None), session.member_id, by, source)


def end_sessions(
    *, member_id: uuid.UUID, but: uuid.UUID | None = None, by: Actor, source: Source = NOWHERE
) -> int:
    """End every session of a member at once but `but`; answers how many. Raises Forbidden for somebody else's."""
    if by.member_id != member_id:
        doors.check_may(by, "end_sessions")
    return _end(
        Session.objects.filter(member=member_id, ended=None).exclude(pk=but or NOBODY), member_id, by, source
    )


def _end(sessions: QuerySet[Session], member_id: uuid.UUID, by: Actor, source: Source) -> int:
    with change(events.SESSION_ENDED, by=by) as entry:
        ended = close_sessions(sessions, by, source)
        entry.mention("department.member", member_id)
        entry.about(member_id=member_id, sessions=ended)
    return ended


def close_sessions(sessions: QuerySet[Session], by: Actor, source: Source, how: str = "ended") -> int:
    """End these sessions under the open change, each with a line of how long it had lasted; answers how many."""
    ending = list(sessions)
    now = clock.now()
    sessions.update(ended=now, ended_how=how)
    SessionStore.get_model_class().objects.filter(pk__in=[session.key for session in ending]).delete()
    for session in ending:
        lasted = int((now - session.began).total_seconds())
        log("session_ended", by=by, member_id=session.member_id, source=source, detail=how, seconds=lasted)
    return len(ending)


def sweep_sessions(*, by: Actor) -> None:
    """Mark the sessions whose time is over as ended: nobody signed out of them, they ran out."""
    over = clock.now() - dt.timedelta(seconds=settings.SESSION_COOKIE_AGE)
    close_sessions(Session.objects.filter(began__lt=over, ended=None), by, NOWHERE, "expired")
    SessionStore.clear_expired()
