"""The ways between the pages of accounts that are open to somebody."""

from django.urls import reverse
from django.utils.translation import gettext as _

from fairwitness.accounts import doors
from fairwitness.kernel.actors import Actor


def ways(actor: Actor) -> list[dict[str, str]]:
    """Each with the name of its page, its label and its address."""
    pages = (
        ("sessions", _("Who is signed in"), "end_sessions"),
        ("tokens", _("Tokens"), "list_tokens"),
        ("sign-in-log", _("Sign-in log"), "read_sign_in_log"),
        ("reviews", _("Reviews of roles"), "see_review"),
    )
    return [
        {"name": name, "label": label, "url": reverse(name)}
        for name, label, act in pages
        if doors.may(actor, act)
    ]
