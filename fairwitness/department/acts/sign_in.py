"""Acts on sign-ins: giving one, and noting in the ledger what happens with it."""

import secrets
import uuid

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from fairwitness.department import doors, events
from fairwitness.department.acts.writing import check_serves, check_text
from fairwitness.department.models import Member
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.change import change
from fairwitness.kernel.events import Event
from fairwitness.kernel.refusals import Invalid, WrongState

# The subject of a failed sign-in under a name that is nobody's: the name itself may hold a mistyped password.
NOBODY = uuid.UUID(int=0)


def check_give_sign_in(member: Member, by: Actor) -> None:
    """Raise a refusal unless `by` may give `member` a sign-in."""
    doors.check_may(by, "give_sign_in")
    check_serves(member)
    if member.user_id is not None:
        raise WrongState(_("{name} has a sign-in.").format(name=member.name))


def check_username(username: str) -> None:
    """Raise Invalid unless `username` can be one and is nobody's, whatever the case of its letters."""
    check_text(username)
    try:
        User._meta.get_field("username").clean(username, None)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), username=error.messages) from error
    if User.objects.filter(username__iexact=username).exists():
        raise Invalid(_("This user name is taken."))


def give_sign_in(*, member_id: uuid.UUID, username: str, by: Actor) -> str:
    """Give a member a sign-in; answers the random first password, which is kept only as a hash."""
    username = username.strip()
    with change(events.SIGN_IN_GIVEN, by=by) as entry:
        member = doors.lock_member(member_id)
        check_give_sign_in(member, by)
        check_username(username)
        password = secrets.token_urlsafe(12)
        member.user = User.objects.create_user(username, password=password)
        member.save()
        entry.about(member, member_id=member.pk)
    return password


def note_sign_in(*, member_id: uuid.UUID, by: Actor) -> None:
    """Note that a member signed in."""
    _note(events.SIGNED_IN, member_id, by)


def note_sign_out(*, member_id: uuid.UUID, by: Actor) -> None:
    """Note that a member signed out."""
    _note(events.SIGNED_OUT, member_id, by)


def note_second_factor(*, member_id: uuid.UUID, what: str, by: Actor) -> None:
    """Note that a second factor was changed; `what` is a code such as `totp_added` or `totp_removed`."""
    _note(events.SECOND_FACTOR_CHANGED, member_id, by, factor_change=what)


def note_failed_sign_in(*, username: str, by: Actor) -> None:
    """Note a failed sign-in, about the member whose user name it was; what was typed is never kept."""
    member = Member.objects.filter(user__username__iexact=username).first() if "\0" not in username else None
    with change(events.SIGN_IN_FAILED, by=by) as entry:
        if member:
            entry.about(member, member_id=member.pk)
        else:
            entry.mention("department.member", NOBODY)


def _note(event: Event, member_id: uuid.UUID, by: Actor, **facts: str) -> None:
    with change(event, by=by) as entry:
        entry.mention("department.member", member_id)
        entry.about(member_id=member_id, **facts)
