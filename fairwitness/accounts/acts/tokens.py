"""Acts on tokens: issuing one, ending it, and noting that it was used or refused."""

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Greatest
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors, events
from fairwitness.accounts.doors.tokens import PREFIX, digest
from fairwitness.accounts.models import Token, TokenUse
from fairwitness.department import doors as department
from fairwitness.department.models import Camera, Dock
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.models import Entry, EntrySubject
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Invalid, NotFound, WrongState
from fairwitness.kernel.roles import Role

# A device that goes on showing a refused token is written down so often, not for every try.
REFUSED_ONCE_IN = dt.timedelta(hours=1)
# Last use is kept to the minute: devices show their tokens many times in one.
USED_ONCE_IN = dt.timedelta(minutes=1)
# When this process last kept the use of each token; within the minute nothing more is asked.
_kept: dict[uuid.UUID, dt.datetime] = {}


def issue_token(
    *,
    name: str,
    scopes: Iterable[str],
    dock_id: uuid.UUID | None = None,
    camera_id: uuid.UUID | None = None,
    unit_id: uuid.UUID | None = None,
    expires_at: dt.datetime | None = None,
    by: Actor,
) -> tuple[Token, str]:
    """Issue a token for a dock, a camera, or a program (neither); answers it with its secret, which is kept nowhere.

    Good for settings.FAIRWITNESS_TOKEN_DAYS unless `expires_at` says otherwise, and for no longer than
    FAIRWITNESS_TOKEN_MOST_DAYS. `read` reaches the recordings of `unit_id`, and needs it.
    Raises Invalid for a name, scope, time or reach that cannot be, WrongState for a camera or dock out of service.
    """
    wanted, now = sorted(set(scopes)), clock.now()
    expires_at = expires_at or now + dt.timedelta(days=settings.FAIRWITNESS_TOKEN_DAYS)
    _check(name, wanted, unit_id, now, expires_at)
    secret = PREFIX + secrets.token_urlsafe(32)
    with change(events.TOKEN_ISSUED, by=by) as entry:
        doors.check_may_issue(by, wanted)
        if dock_id and camera_id:
            raise Invalid(_("A token belongs to a dock or to a camera, not to both."))
        token = Token(name=name, scopes=wanted, issued_at=now, expires_at=expires_at, hash=digest(secret))
        token.dock = _dock(dock_id) if dock_id else None
        token.camera = _camera(camera_id) if camera_id else None
        token.unit = department.find_unit(unit_id) if unit_id else None
        token.keeper_id = None if dock_id or camera_id else by.member_id
        token.save(force_insert=True)
        _tell_overseers(token, by)
        entry.about(
            *filter(None, (token, token.dock, token.camera, token.unit)),
            token_id=token.pk,
            scopes=wanted,
            dock_id=dock_id,
            camera_id=camera_id,
            unit_id=unit_id,
            expires_at=expires_at,
        )
    return token, secret


def _check(
    name: str, scopes: list[str], unit_id: uuid.UUID | None, now: dt.datetime, expires_at: dt.datetime
) -> None:
    if not name.strip() or len(name) > 80 or not name.isprintable():
        raise Invalid(_("Give the token a name of at most 80 characters, such as “Dock, front desk”."))
    if not scopes or not set(scopes) <= set(Token.Scope.values):
        raise Invalid(_("Say what the token is for: upload, report or read."))
    if (Token.Scope.READ in scopes) != (unit_id is not None):
        raise Invalid(
            _("A token that reads names the one unit whose recordings it reaches; others name none.")
        )
    most = settings.FAIRWITNESS_TOKEN_MOST_DAYS
    if not now < expires_at <= now + dt.timedelta(days=most):
        raise Invalid(_("A token expires at some time in the next {days} days.").format(days=most))


def _dock(pk: uuid.UUID) -> Dock:
    found = Dock.objects.select_for_update().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such dock."))
    if found.status == Dock.Status.RETIRED:
        raise WrongState(_("This dock is retired."))
    return found


def _camera(pk: uuid.UUID) -> Camera:
    found = department.lock_camera(pk)
    if found.status in (Camera.Status.LOST, Camera.Status.RETIRED):
        raise WrongState(_("This camera is reported lost, or retired."))
    return found


def _tell_overseers(token: Token, by: Actor) -> None:
    """The chief and internal auditors are told of every token that reads or sends recordings."""
    told = {m.pk for role in (Role.CHIEF, Role.INTERNAL_AUDITOR) for m in department.members_holding(role)}
    if token.unit:
        sentence = _("A program can now read what recordings of {unit} there are: {name}.")
        sentence = sentence.format(unit=token.unit.name, name=token.name)
        notify(told - {by.member_id}, sentence, reverse("tokens"))
    if Token.Scope.UPLOAD in token.scopes:
        sentence = _("A device or program can now send recordings: {name}.").format(name=token.name)
        notify(told - {by.member_id}, sentence, reverse("tokens"))


def end_token(*, token_id: uuid.UUID, by: Actor) -> Token:
    """End a token: from now on it is refused. Raises WrongState when it was ended before."""
    with change(events.TOKEN_ENDED, by=by) as entry:
        doors.check_may(by, "end_token")
        token = doors.lock_token(token_id)
        if token.ended_at is not None:
            raise WrongState(_("This token was ended already."))
        token.ended_at = clock.now()
        token.save(update_fields=["ended_at"])
        entry.about(token, token_id=token.pk)
    return token


def note_token_use(actor: Actor) -> None:
    """Keep when the token behind `actor` was last shown, to the minute. No record: what was done with it is."""
    now, token_id = clock.now(), actor.token_id
    if token_id is None or (token_id in _kept and abs(now - _kept[token_id]) < USED_ONCE_IN):
        return
    _kept[token_id] = now
    stale = TokenUse.objects.filter(token=token_id, at__lt=now - USED_ONCE_IN)
    if not stale.update(at=Greatest(F("at"), now)):
        TokenUse.objects.bulk_create([TokenUse(token_id=token_id, at=now)], ignore_conflicts=True)


def note_refused_token(*, token_id: uuid.UUID, reason: str, by: Actor) -> None:
    """Note that a token was shown and refused, once an hour for each; the BWC Unit is told."""
    if _noted_lately(token_id):
        return
    with change(events.TOKEN_REFUSED, by=by) as entry:
        token = doors.lock_token(token_id)
        told = {member.pk for member in department.members_holding(Role.BWC_UNIT)}
        sentence = _("A token that is not good any more was shown and refused: {name}.")
        notify(told, sentence.format(name=token.name), reverse("tokens"))
        entry.about(*filter(None, (token, token.dock, token.camera)), token_id=token.pk, reason=reason)


def _noted_lately(token_id: uuid.UUID) -> bool:
    about = EntrySubject.objects.filter(kind="accounts.token", subject=token_id).values("entry_id")
    since = clock.now() - REFUSED_ONCE_IN
    return Entry.objects.filter(id__in=about, event=events.TOKEN_REFUSED.name, at__gt=since).exists()
