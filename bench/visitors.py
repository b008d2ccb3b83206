"""Members who are signed in: browsers of the test client, without the ceremony of the sign-in page."""

from django.contrib.auth.models import User
from django.test import Client

# Hears that somebody signs in, and begins their session; the site hears it because its adapter is there too.
import fairwitness.site.signin  # noqa: F401


def browser(badge: str) -> Client:
    """A browser in which the member with this badge is signed in."""
    client = Client()
    client.force_login(User.objects.get(member__badge=badge))
    return client


def cookie(client: Client) -> str:
    """What a browser sends with every request while its member is signed in."""
    return f"sessionid={client.cookies['sessionid'].value}"
