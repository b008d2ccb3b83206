"""Sign-in: how the sign-in library is told the rules of the house, and how the house hears of what happened there.

The one place that receives another library's signals; each receiver calls acts and does nothing else.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from fairwitness.department import acts, doors
from fairwitness.department.models import Member
from fairwitness.evidence.acts.view import end_viewings_of
from fairwitness.kernel.actors import PUBLIC


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator of accounts; nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def _member(user: Any) -> Member | None:
    return Member.objects.filter(user_id=user.pk).first() if user else None


@receiver(user_logged_in)
def signed_in(sender: type[User], user: User, **kwargs: Any) -> None:
    if member := _member(user):
        acts.note_sign_in(member_id=member.pk, by=doors.actor_of(user))


@receiver(user_logged_out)
def signed_out(sender: type[User], user: User | None, **kwargs: Any) -> None:
    """Whatever is open to them is closed with the sign-in."""
    if member := _member(user):
        actor = doors.actor_of(user)
        end_viewings_of(member.pk, "signed out", by=actor)
        acts.note_sign_out(member_id=member.pk, by=actor)


@receiver(user_login_failed)
def sign_in_failed(sender: str, credentials: dict[str, Any], **kwargs: Any) -> None:
    acts.note_failed_sign_in(username=str(credentials.get("username", ""))[:150], by=PUBLIC)


@receiver(authenticator_added)
def second_factor_added(sender: type, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _second_factor(user, f"{authenticator.type}_added")


@receiver(authenticator_removed)
def second_factor_removed(sender: type, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    _second_factor(user, f"{authenticator.type}_removed")


def _second_factor(user: User, what: str) -> None:
    if member := _member(user):
        acts.note_second_factor(member_id=member.pk, what=what, by=doors.actor_of(user))
