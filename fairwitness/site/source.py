"""Where a request comes from, for the sign-in log (CJIS AU-3)."""

from django.conf import settings
from django.http import HttpRequest

from fairwitness.accounts import doors as accounts
from fairwitness.accounts.doors import Source

# Where the browser's session keeps which of our sessions it is.
SESSION = "fairwitness.session"


def source_of(request: HttpRequest | None) -> Source:
    """Where a request comes from, for the sign-in log."""
    if request is None:
        return accounts.NOWHERE
    session = accounts.open_session(request.session.get(SESSION)) if hasattr(request, "session") else None
    device = accounts.device_words(request.META.get("HTTP_USER_AGENT", ""))
    return Source(address_of(request), device, session.pk if session else None)


def address_of(request: HttpRequest) -> str | None:
    """The address that asks: behind FAIRWITNESS_PROXIES proxies of our own the one that they wrote down."""
    proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    said = (
        forwarded[-proxies] if proxies and len(forwarded) >= proxies else request.META.get("REMOTE_ADDR", "")
    )
    return said.strip() if accounts.coarse(said.strip()) != "–" else None
