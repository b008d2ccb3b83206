"""Acts on the sign-in of another: opening, releasing, resetting, stopping it; closing that of who left."""

import secrets
import uuid
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors, events
from fairwitness.accounts.acts.log import log
from fairwitness.accounts.acts.sign_in import close_sessions, lock_account
from fairwitness.accounts.doors.seen import NOWHERE, Source
from fairwitness.accounts.models import Account, Session, Token
from fairwitness.department import acts as department_acts
from fairwitness.department import doors as department
from fairwitness.department.models import Member
from fairwitness.kernel import clock
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.notices import notify
from fairwitness.kernel.refusals import Forbidden, WrongState
from fairwitness.kernel.roles import Role


@dataclass(frozen=True)
class NewPassword:
    """What an administrator is shown once: the whole password, or its first half where `told` has the second."""

    shown: str
    told: Member | None


def open_sign_in(*, member_id: uuid.UUID, username: str, by: Actor, source: Source = NOWHERE) -> NewPassword:
    """Give a member a sign-in with a first password good for 72 hours, which nobody is shown whole.

    Half of it is shown to the administrator, half to who stands above the person, as after a reset. Raises what
    department's `give_sign_in` raises.
    """
    with change(events.SIGN_IN_OPENED, by=by) as entry:
        department_acts.give_sign_in(member_id=member_id, username=username, by=by)
        member = department.lock_member(member_id)
        account, made = _halve(member, by)
        entry.about(member, account, member_id=member_id, told_id=account.told_id)
        log("opened", by=by, member_id=member_id, source=source, entry_id=entry.id)
    return made


def release(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Release an account that is locked for failures or disuse (CJIS AC-7).

    Raises WrongState when it is not locked, or was stopped: then only a reset helps. Nobody releases their own.
    """
    with change(events.ACCOUNT_RELEASED, by=by) as entry:
        doors.check_may(by, "release")
        _not_oneself(member_id, by)
        member = department.lock_member(member_id)
        account = doors.account_of(member_id)
        if account.locked_at is None:
            raise WrongState(_("The account is not locked."))
        if account.locked_for == Account.Lock.STOPPED:
            raise WrongState(_("This sign-in was stopped: reset it, so that nothing of the old one counts."))
        account.locked_at, account.locked_for = None, ""
        account.save()
        notify([member_id], _("Your account was released. You can sign in again."), "")
        entry.about(member, account, member_id=member_id)
        log("released", by=by, member_id=member_id, source=source, entry_id=entry.id)


def check_reset(member: Member, by: Actor) -> None:
    """Raise a refusal unless `by` may reset the sign-in of `member`."""
    department.check_may(by, "reset_sign_in")
    _not_oneself(member.pk, by)
    if member.user is None or (member.left_on and member.left_on <= department.today()):
        raise WrongState(_("{name} has no sign-in that could be reset.").format(name=member.name))


def reset_sign_in(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> NewPassword:
    """Take password, second factor, sessions and programs' tokens away, and give a password good for 72 hours.

    Half of it is shown to the administrator, half to who stands above the person: neither can sign in as them alone.
    The person then chooses a password of their own and sets up a second factor. The overseers are told.
    """
    with change(events.SIGN_IN_RESET, by=by) as entry:
        member = department.lock_member(member_id)
        check_reset(member, by)
        account, made = _halve(member, by)
        ended = _end_everything(member, by, source)
        link = reverse("member", args=[member_id])
        sentence = _("The sign-in of {name} was reset: password and second factor are set anew.")
        notify(_overseers(member_id, by), sentence.format(name=member.name), link)
        entry.about(member, account, member_id=member_id, told_id=account.told_id, sessions=ended[0])
        log("reset", by=by, member_id=member_id, source=source, entry_id=entry.id)
    return made


def see_second_half(*, member_id: uuid.UUID, by: Actor) -> tuple[Member, str]:
    """The second half of the new password of a member, for whoever was told; each look is noted. Raises NotFound."""
    with change(events.SIGN_IN_WORD_SEEN, by=by) as entry:
        member, half = doors.awaited_half(by, member_id)
        entry.about(member, member_id=member_id)
    return member, half


def stop_sign_in(*, member_id: uuid.UUID, by: Actor, source: Source = NOWHERE) -> None:
    """Stop a sign-in that may be in other hands, now: sessions, programs' tokens, password and second factor end.

    Nobody signs in with it until an administrator resets it. Person, administrators and overseers are told.
    """
    with change(events.SIGN_IN_STOPPED, by=by) as entry:
        member = department.lock_member(member_id)
        doors.check_may_stop(by, member)
        if member.user is None:
            raise WrongState(_("{name} has no sign-in.").format(name=member.name))
        account = doors.account_of(member_id)
        account.locked_at, account.locked_for = clock.now(), Account.Lock.STOPPED
        account.save()
        _replace_password(member, None)
        sessions, tokens = _end_everything(member, by, source)
        administrators = {m.pk for m in department.members_holding(Role.ACCOUNT_ADMINISTRATOR)}
        sentence = _("The sign-in of {name} was stopped: it may be in other hands.")
        told = _overseers(member_id, by) | administrators - {by.member_id}
        notify(told, sentence.format(name=member.name), reverse("member", args=[member_id]))
        entry.about(member, account, member_id=member_id, sessions=sessions, tokens=tokens)
        log("stopped", by=by, member_id=member_id, source=source, entry_id=entry.id)


def close_left(*, member_id: uuid.UUID, by: Actor) -> None:
    """Close what is left of the sign-in of a member who left: sessions and programs' tokens end (CJIS AC-2)."""
    with change(events.ACCOUNT_CLOSED, by=by) as entry:
        member = department.lock_member(member_id)
        if member.left_on is None or member.left_on > department.today():
            raise WrongState(_("{name} serves.").format(name=member.name))
        sessions, tokens = _end_everything(member, by, NOWHERE)
        entry.about(member, member_id=member_id, sessions=sessions, tokens=tokens)
        log("closed", by=by, member_id=member_id, entry_id=entry.id)


def disable_unused(*, by: Actor) -> int:
    """Lock every account that nobody used for ninety days (CJIS AC-2); answers how many."""
    unused = doors.unused_accounts()
    for member in unused:
        lock_account(member_id=member.pk, reason=Account.Lock.UNUSED, by=by)
    return len(unused)


def _halve(member: Member, by: Actor) -> tuple[Account, NewPassword]:
    """A new password, of which `by` is shown one half and whoever is told the other; all of it where nobody can be."""
    account = doors.account_of(member.pk)
    account.given_at, account.chosen_at = clock.now(), None
    account.told = doors.second_hand(member, by)
    account.locked_at, account.locked_for = None, ""
    account.save()
    first, second = secrets.token_urlsafe(8), doors.second_half(account)
    _replace_password(member, first + second)
    if account.told:
        sentence = _("{name} gets a new password: half of it is for you to hand over in person.")
        half = reverse("second-half", args=[member.pk])
        notify([account.told.pk], sentence.format(name=member.name), half)
    return account, NewPassword(first if account.told else first + second, account.told)


def _not_oneself(member_id: uuid.UUID, by: Actor) -> None:
    if by.member_id == member_id:
        raise Forbidden(_("Nobody does this for themselves: ask another administrator of accounts."))


def _replace_password(member: Member, password: str | None) -> None:
    """Another password or none, and no second factor: whoever had the old ones has nothing."""
    user = member.user
    assert user is not None
    user.set_password(password)
    user.save(update_fields=["password"])
    Authenticator.objects.filter(user=user).delete()


def _end_everything(member: Member, by: Actor, source: Source) -> tuple[int, int]:
    sessions = close_sessions(Session.objects.filter(member=member, ended=None), by, source)
    kept = Token.objects.filter(keeper=member, ended_at=None)
    return sessions, kept.update(ended_at=clock.now())


def _overseers(member_id: uuid.UUID, by: Actor) -> set[uuid.UUID]:
    """The person, the chief, internal auditors: whom no reset or stop may escape."""
    held = (Role.CHIEF, Role.INTERNAL_AUDITOR)
    told = {each.pk for role in held for each in department.members_holding(role)}
    return (told | {member_id}) - ({by.member_id} if by.member_id else set())
