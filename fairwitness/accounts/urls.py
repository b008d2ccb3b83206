"""The addresses of accounts; they carry ids alone."""

from django.urls import path
from django.utils.translation import gettext_lazy as _

from fairwitness.accounts import doors
from fairwitness.accounts.pages import confirm, log, reviews, sessions, tokens
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.ways import Group, Way

urlpatterns = [
    path("account/confirm/", confirm.confirm, name="account-confirm"),
    path("account/confirm/passkey/", confirm.passkey, name="account-passkey"),
    path("account/confirm/state/", confirm.state, name="account-state"),
    path("account/confirm/lock/", confirm.lock, name="account-lock"),
    path("account/sessions/", sessions.mine, name="my-sessions"),
    path("account/sessions/others/end/", sessions.end_others, name="my-sessions-end"),
    path("account/sessions/<uuid:pk>/end/", sessions.end_one, name="session-end"),
    path("account/log/", sessions.my_log, name="my-sign-in-log"),
    path("sessions/", sessions.everybodys, name="sessions"),
    path("people/<uuid:pk>/sign-in/", sessions.give, name="sign-in-give"),
    path("people/<uuid:pk>/sign-in/stop/", sessions.stop, name="sign-in-stop"),
    path("people/<uuid:pk>/sign-in/reset/", sessions.reset, name="sign-in-reset"),
    path("people/<uuid:pk>/sign-in/release/", sessions.release, name="sign-in-release"),
    path("people/<uuid:pk>/sign-in/half/", sessions.half, name="second-half"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/begin/", reviews.begin, name="review-begin"),
    path("reviews/<uuid:pk>/", reviews.review, name="review"),
    path("reviews/<uuid:pk>.csv", reviews.review_csv, name="review-csv"),
    path("reviews/<uuid:pk>/finish/", reviews.finish, name="review-finish"),
    path("reviews/<uuid:pk>/roles/<uuid:held>/", reviews.decide, name="review-decide"),
    path("sign-in-log/", log.log, name="sign-in-log"),
    path("sign-in-log.csv", log.log_csv, name="sign-in-log-csv"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/issue/", tokens.token_issue, name="token-issue"),
    path("tokens/<uuid:pk>/end/", tokens.token_end, name="token-end"),
]


def _keeps(actor: Actor) -> bool:
    return doors.may(actor, "end_sessions")


def _reads(actor: Actor) -> bool:
    return doors.may(actor, "read_sign_in_log") and not _keeps(actor)


def _reviews(actor: Actor) -> bool:
    return doors.may(actor, "see_review") and not (_keeps(actor) or _reads(actor))


def _tokens(actor: Actor) -> bool:
    return doors.may(actor, "list_tokens") and not _keeps(actor)


# Who keeps sign-ins finds the others from there; those who see but one of them are led to it.
WAYS = (
    Way("sessions", _("Sign-ins"), Group.ADMINISTRATION, _keeps, ("/tokens/", "/sign-in-log/", "/reviews/")),
    Way("sign-in-log", _("Sign-ins"), Group.ADMINISTRATION, _reads, ("/reviews/",)),
    Way("reviews", _("Reviews of roles"), Group.ADMINISTRATION, _reviews),
    Way("tokens", _("Tokens"), Group.ADMINISTRATION, _tokens),
)
