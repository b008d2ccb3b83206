"""Sign-in: how the sign-in library is told the rules of the house, and how the house hears of what happened there.

The one place that receives another library's signals; each receiver calls acts and does nothing else.
"""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import ChangePasswordForm as LibrarysChangePasswordForm
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.stagekit import clear_login
from allauth.account.signals import authentication_step_completed, password_changed
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.core.exceptions import ValidationError
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import acts
from fairwitness.accounts import doors as accounts
from fairwitness.accounts.doors.kept import LAID_ASIDE, lay_aside
from fairwitness.department import doors
from fairwitness.department.models import Member
from fairwitness.evidence.acts.view import end_viewings_of
from fairwitness.kernel.actors import PUBLIC
from fairwitness.kernel.again import is_confirmed
from fairwitness.site.source import SESSION, address_of, source_of

NOT_SO = _(
    "The username and password are not correct, or the account is locked. After five failures in fifteen minutes "
    "it stays locked until an administrator of accounts releases it."
)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are given by an administrator of accounts; nobody signs up; what is locked opens to no password."""

    error_messages = {**DefaultAccountAdapter.error_messages, "username_password_mismatch": NOT_SO}

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """The user, unless locked: told after the password was tried, so that both take as long."""
        if accounts.fails_too_often(address_of(request)):
            raise self.validation_error("too_many_login_attempts")
        user = super().authenticate(request, **credentials)
        return None if user is not None and _refused(request, user) else user

    def reauthenticate(self, user: Any, password: str) -> bool:
        """Whether the password is theirs; where too many were tried, none is."""
        try:
            return bool(super().reauthenticate(user, password))
        except ValidationError:
            return False

    def is_reauthentication_required(self, *, app: str) -> bool:
        """By the same rule as for our own acts of weight."""
        return not is_confirmed(context.request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """One way for all: the page that asks who it is, by password or passkey."""
        way = {"id": "confirm", "description": _("Confirm that it is you"), "url": reverse("account-confirm")}
        return [way]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """The same for passkeys and the agency's own sign-in, which ask for no password."""
        if user.is_active and _refused(request, user):
            messages.error(request, NOT_SO)
            return redirect("account_login")
        answer: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return answer

    def logout(self, request: HttpRequest) -> None:
        """The library signs out whoever comes back from the agency's own sign-in too: what they sent stays theirs."""
        comes_back = request.path.startswith("/account/oidc/")
        sealed = request.session.get(LAID_ASIDE, "") if comes_back else ""
        super().logout(request)
        lay_aside(request, sealed)

    def login(self, request: HttpRequest, user: Any) -> None:
        """Every way in ends here, also one that waited at the second factor while the account was locked."""
        often = accounts.fails_too_often(address_of(request))
        if often or not user.is_active or _refused(request, user):
            clear_login(request)
            messages.error(request, NOT_SO)
            raise ImmediateHttpResponse(redirect("account_login"))
        super().login(request, user)


def _refused(request: HttpRequest, user: Any) -> bool:
    locked = accounts.is_locked(user)
    if locked and (member := _member(user)):
        acts.note_refused_sign_in(member_id=member.pk, by=PUBLIC, source=source_of(request))
    return locked


class AgencySignIn(DefaultSocialAccountAdapter):
    """The agency's own sign-in (OpenID Connect): it says who somebody is, and lets in only whom we know.

    A member is known by the one claim that settings name, compared with the badge or the user name; never by e-mail.
    """

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        known = None if sociallogin.state.get("process") != "login" else _known(sociallogin)
        if known is None or known.user is None:
            acts.note_failed_sign_in(username="", by=PUBLIC, source=source_of(request), detail="oidc")
            messages.error(request, _("Nobody with an account here goes by what the agency's sign-in said."))
            raise ImmediateHttpResponse(redirect("account_login"))
        sociallogin.user = known.user


def _known(sociallogin: SocialLogin) -> Member | None:
    said = sociallogin.account.extra_data
    said = {**said.get("userinfo", {}), **said.get("id_token", {})} or said
    claim = said.get(settings.FAIRWITNESS_OIDC["claim"])
    if not isinstance(claim, str) or not claim or "\0" in claim:
        return None
    return Member.objects.filter(**{settings.FAIRWITNESS_OIDC["names"]: claim}).first()


class ChangePasswordForm(LibrarysChangePasswordForm):
    """The library's, which also tells of attempts that failed; where the account is locked no old password is right."""

    def clean_oldpassword(self) -> str:
        try:
            old = str(super().clean_oldpassword())
            if accounts.is_locked(self.user):
                raise ValidationError(NOT_SO)
            return old
        except ValidationError:
            if member := _member(self.user):
                acts.note_password_refused(member_id=member.pk, by=doors.actor_of(self.user))
            raise


def _member(user: Any) -> Member | None:
    return Member.objects.filter(user_id=user.pk).first() if user else None


@receiver(user_logged_in)
def signed_in(sender: type[User], request: HttpRequest, user: User, **kwargs: Any) -> None:
    if member := _member(user):
        used = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY, [])
        method = "+".join(str(each.get("type") or each["method"]) for each in used)[:40] or "password"
        session = acts.note_sign_in(
            member_id=member.pk,
            by=doors.actor_of(user),
            method=method,
            source=source_of(request),
            key=request.session.session_key or "",
        )
        request.session[SESSION] = str(session.pk)


@receiver(user_logged_out)
def signed_out(sender: type[User], request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    """Whatever is open to them is closed with the sign-in."""
    if member := _member(user):
        actor = doors.actor_of(user)
        end_viewings_of(member.pk, "signed out", by=actor)
        acts.note_sign_out(member_id=member.pk, by=actor, source=source_of(request))


@receiver(user_login_failed)
def sign_in_failed(
    sender: str, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
) -> None:
    name = str(credentials.get("username", ""))[:150]
    acts.note_failed_sign_in(username=name, by=PUBLIC, source=source_of(request))


@receiver(authentication_failed)
def code_failed(sender: type, request: HttpRequest, user: User, **kwargs: Any) -> None:
    acts.note_failed_sign_in(username=user.username, by=PUBLIC, source=source_of(request), detail="code")


@receiver(authentication_step_completed)
def confirmed(
    sender: type, request: HttpRequest, user: User, method: str, reauthenticated: bool = False, **kwargs: Any
) -> None:
    """They showed again that it is they."""
    session = accounts.open_session(request.session.get(SESSION))
    if reauthenticated and session:
        how = str(kwargs.get("type") or method)
        acts.note_confirmed(session=session, by=doors.actor_of(user), method=how, source=source_of(request))


@receiver(password_changed)
def password_chosen(sender: type, request: HttpRequest, user: User, **kwargs: Any) -> None:
    if member := _member(user):
        acts.note_password_chosen(member_id=member.pk, by=doors.actor_of(user), source=source_of(request))


@receiver(authenticator_added)
def second_factor_added(
    sender: type, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _second_factor(request, user, f"{authenticator.type}_added")


@receiver(authenticator_removed)
def second_factor_removed(
    sender: type, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any
) -> None:
    _second_factor(request, user, f"{authenticator.type}_removed")


def _second_factor(request: HttpRequest, user: User, what: str) -> None:
    if member := _member(user):
        acts.note_second_factor(
            member_id=member.pk, what=what, by=doors.actor_of(user), source=source_of(request)
        )
