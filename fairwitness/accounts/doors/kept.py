"""What was sent is kept while somebody shows again that it is they: sealed, in the page itself, for them alone."""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.http import HttpRequest

SALT = "fairwitness.kept"
LONGEST_SECONDS = 24 * 3600
# More than this is not carried through a page; what people type is far less.
LARGEST = 1024 * 1024
# Where the browser's session keeps it for whoever must leave for the agency's own sign-in and come back.
LAID_ASIDE = "fairwitness.kept"


@dataclass(frozen=True)
class Kept:
    """A form that was sent: where to, its fields, and whether files came with it, which no page can carry."""

    path: str
    fields: list[tuple[str, str]]
    files: bool


def keep(request: HttpRequest) -> str:
    """The form that `request` sent, sealed for the member who sent it; empty where there is nothing to keep.

    To be called only once the form's CSRF token was found right: what is kept goes on with a good one. It stands in
    the page for whoever looks at its source, so that no password is kept.
    """
    if request.method != "POST" or not request.POST:
        return ""
    pairs = [[name, value] for name, values in request.POST.lists() for value in values]
    pairs = [pair for pair in pairs if pair[0] != "csrfmiddlewaretoken" and "password" not in pair[0].lower()]
    whole = {
        "path": request.get_full_path(),
        "fields": pairs,
        "files": bool(request.FILES),
        "for": _who(request),
    }
    sealed = signing.dumps(whole, salt=SALT, compress=True)
    return sealed if len(sealed) <= LARGEST else ""


def kept(request: HttpRequest, sealed: str) -> Kept | None:
    """What was kept for who asks now, or None: changed, too old, somebody else's."""
    try:
        whole: dict[str, Any] = signing.loads(sealed, salt=SALT, max_age=LONGEST_SECONDS)
    except signing.BadSignature:
        return None
    if whole["for"] != _who(request):
        return None
    return Kept(whole["path"], [(name, value) for name, value in whole["fields"]], whole["files"])


def lay_aside(request: HttpRequest, sealed: str) -> None:
    """Keep it also where nobody carries it: they leave our pages to show that it is they, and come back.

    In the place of what was laid aside before: what somebody left behind must not be sent later.
    """
    request.session.pop(LAID_ASIDE, None)
    if sealed:
        request.session[LAID_ASIDE] = sealed


def take_up(request: HttpRequest) -> Kept | None:
    """What was laid aside for who is back now, once; nothing is left of it."""
    return kept(request, request.session.pop(LAID_ASIDE, ""))


def _who(request: HttpRequest) -> str:
    return str(request.user.pk)
