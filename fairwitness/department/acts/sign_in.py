"""The act of giving a sign-in; what happens with it afterwards is the matter of accounts."""

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
from fairwitness.kernel.refusals import Invalid, WrongState


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
