"""The sign-in log: what happened to sign-ins and sessions, with what must not stand in the ledger."""

import datetime as dt
import uuid

from fairwitness.accounts import events
from fairwitness.accounts.doors.seen import NOWHERE, Source
from fairwitness.accounts.models import SignInLog
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change

Outcome = SignInLog.Outcome
# The subject where there is no member: a name that is nobody's may hold a mistyped password; a program has none.
NOBODY = uuid.UUID(int=0)
# A program that goes on showing what is refused leaves a line so often from one address, not for every try.
TOKEN_ONCE_IN = dt.timedelta(minutes=1)
# Leafing through the log is one reading.
READ_ONCE_IN = dt.timedelta(hours=1)


def log(
    event: str,
    outcome: str = Outcome.DONE,
    *,
    by: Actor,
    member_id: uuid.UUID | None = None,
    source: Source = NOWHERE,
    detail: str = "",
    seconds: int | None = None,
    entry_id: uuid.UUID | None = None,
) -> None:
    """Add one line (CJIS AU-3): what, when, where from, with what outcome, by and about whom; codes and ids alone."""
    SignInLog(
        at=clock.now(),
        event=event,
        outcome=outcome,
        detail=detail[:80],
        actor=by.key,
        member=member_id,
        address=source.address,
        device=source.device,
        session=source.session_id,
        seconds=seconds,
        entry=entry_id,
    ).save()


def note_log_exported(*, lines: int, by: Actor) -> None:
    """Note that lines of the log were taken out, by whom and how many (CJIS AU-2: access to the audit log)."""
    with change(events.LOG_EXPORTED, by=by) as entry:
        entry.mention("department.member", by.member_id or NOBODY)
        entry.about(member_id=by.member_id, lines=lines)


def note_log_read(*, by: Actor, source: Source) -> None:
    """Note that somebody reads the log: one line an hour for each session (CJIS AU-2: access to the audit log)."""
    lately = SignInLog.objects.filter(
        event="log_read", member=by.member_id, session=source.session_id, at__gt=clock.now() - READ_ONCE_IN
    )
    if not lately.exists():
        log("log_read", by=by, member_id=by.member_id, source=source)


def note_refused(*, what: str, by: Actor, source: Source = NOWHERE) -> None:
    """Note that somebody tried what their roles do not allow; `what` is the code of the act or page (CJIS AU-2)."""
    log("attempt", Outcome.REFUSED, by=by, member_id=by.member_id, source=source, detail=what)


def note_token_shown(*, reason: str, by: Actor, source: Source = NOWHERE) -> None:
    """Note that a token was shown and refused, and why: one line a minute for each token and address (CJIS AU-2).

    `by` is the device or program of the token, or the public where no such token is known.
    """
    since = clock.now() - TOKEN_ONCE_IN
    lately = SignInLog.objects.filter(event="token", actor=by.key, address=source.address, at__gt=since)
    if not lately.exists():
        log("token", Outcome.REFUSED, by=by, source=source, detail=reason)


def note_lock_touched(*, code: str, by: Actor, source: Source = NOWHERE) -> None:
    """Note that one of the locks on history refused a statement; `code` is the database's own (FW001 to FW005)."""
    log("history_lock", Outcome.REFUSED, by=by, member_id=by.member_id, source=source, detail=code)
